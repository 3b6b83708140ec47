// Light or dark, before anything is painted: as the reader chose in this browser, or else as the system is.
(() => {
  const KEY = "citewire.theme";
  const PAPER = { true: "#16171a", false: "#fbfaf6" }; // as in base.css, which comes later, and so is INK
  const INK = { true: "#ebe7df", false: "#1d1b18" };
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const named = new URLSearchParams(location.search).get("__theme"); // Gradio's own way to name one
  let unkept = null; // the choice, in a browser that keeps nothing

  function chosen() {
    if (named === "light" || named === "dark") return named;
    try {
      const kept = unkept ?? localStorage.getItem(KEY);
      return kept === "light" || kept === "dark" ? kept : "system";
    } catch {
      return unkept ?? "system";
    }
  }

  function apply() {
    const theme = chosen();
    const isDark = theme === "dark" || (theme === "system" && system.matches);
    if (root.classList.contains("dark") !== isDark) root.classList.toggle("dark", isDark);
    root.style.backgroundColor = PAPER[isDark];
    root.style.colorScheme = isDark ? "dark" : "light";
    const body = document.body;
    if (body && body.classList.contains("dark") !== isDark) body.classList.toggle("dark", isDark);
  }

  function choose(theme) {
    try {
      if (theme === "system") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, theme);
      unkept = null;
    } catch {
      unkept = theme;
    }
    apply();
  }

  // The page begins with colours of Gradio's that go by the system alone.
  const first = document.createElement("style");
  const rule = (isDark, root) => `${root} body { background: ${PAPER[isDark]}; color: ${INK[isDark]}; }`;
  first.textContent = rule(false, "html:not(.dark)") + rule(true, "html.dark");
  document.head.append(first);
  apply();
  system.addEventListener("change", apply);
  window.addEventListener("storage", (event) => event.key === KEY && apply());
  // Gradio sets the class of the body by the system when it begins; an observer is called before the next paint.
  new MutationObserver((changes, observer) => {
    if (!document.body) return;
    observer.disconnect();
    apply();
    new MutationObserver(apply).observe(document.body, { attributeFilter: ["class"] });
  }).observe(root, { childList: true });
  window.citewireTheme = { chosen, choose };
})();
