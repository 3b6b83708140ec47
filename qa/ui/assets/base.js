// What every panel uses: one namespace, clicks and keys by name, the views, the words behind a chip, copying.
// Everything shown was escaped by the server; what a script adds itself it adds as text. The files of this folder are
// joined in the order of the alphabet; none may use another while it is read, only later.
window.citewire = (() => {
  const byId = (id) => document.getElementById(id);
  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const motion = () => (calm() ? "auto" : "smooth");
  const east = () => -new Date().getTimezoneOffset(); // minutes that the reader's clock is ahead of UTC
  const questionBox = () => document.querySelector("#question");
  const isTyping = (element) => Boolean(element.closest?.("input, textarea, select, [contenteditable=true]"));

  // The texts of the window: qa/show/window_words.py has them all.
  const words = window.citewireWords;
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

  function counted(text, count, values = {}) {
    const [one, many = one] = text.split("|");
    return filled(count === 1 ? one : many, { count: count.toLocaleString("en"), ...values });
  }

  function say(told) {
    byId("announcer").textContent = told;
  }

  // What a server function gave, or an Error with the sentence that it gave instead; `isUnreachable` where it gave none.
  async function call(serverFunction, payload = {}) {
    const given = await serverFunction(payload).catch(() => undefined);
    if (given === undefined) { // nobody answered, or the server no longer knows this session
      window.citewire.doubtConnection();
      throw Object.assign(new Error(words.window.no_answer), { isUnreachable: true });
    }
    if (given && typeof given === "object" && given.error) throw new Error(given.error);
    return given;
  }

  // For what is asked for again and again: only the answer to the last request counts. Given `asking = requests()`,
  // `const isLast = asking()` stands before a request and `if (!isLast()) return` after it; `asking()` alone drops what
  // is on its way.
  function requests() {
    let last = 0;
    return () => {
      const mine = ++last;
      return () => mine === last;
    };
  }

  // --- clicks: <button data-action="name"> calls actions.name(button, event) --------------------------------------------

  const actions = {};

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    const action = button && !button.disabled && actions[button.dataset.action];
    if (action) action(button, event);
  });

  // --- keys: keys[key](event) while nobody types and no dialog is open; a true from onEscape ends the search -------------

  const keys = {};
  const onEscape = []; // functions, asked in this order: true from one says that it was meant

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") return escape();
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const action = keys[event.key];
    if (action) action(event);
  });

  function escape() {
    if (!tip().hidden) return hideTip();
    if (document.querySelector("dialog[open]")) return; // it closes itself and gives the focus back
    const opened = document.querySelector("details.pop-up[open]");
    if (opened) {
      opened.open = false;
      opened.querySelector("summary").focus();
      return;
    }
    onEscape.some((step) => step());
  }

  // A pop-up closes when the reader goes on elsewhere.
  document.addEventListener("click", (event) => {
    for (const opened of document.querySelectorAll("details.pop-up[open]")) {
      if (!opened.contains(event.target)) opened.open = false;
    }
  });

  // --- views: #/library shows the view of that name, anything else the conversation --------------------------------------

  const viewed = {}; // name -> functions to call whenever the view is shown

  function onView(name, action) {
    (viewed[name] ??= []).push(action);
    const before = document.body.dataset.view;
    route(); // the address may name a view that has only come to be now
    if (before === name) action();
  }

  // An article lies over the view that it was opened from.
  const isArticle = () => location.hash.startsWith("#/a/");

  function route() {
    if (isArticle() && document.body.dataset.view) return;
    const name = /^#\/(\w+)/.exec(location.hash)?.[1];
    const view = name && document.querySelector(`.view[data-name="${name}"]`) ? name : "ask";
    const changed = document.body.dataset.view !== view;
    document.body.dataset.view = view;
    for (const link of document.querySelectorAll("#views a")) {
      if (link.dataset.view === view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (!changed) return;
    for (const action of viewed[view] ?? []) action();
    document.dispatchEvent(new CustomEvent("citewire:view"));
  }
  window.addEventListener("hashchange", route);

  // --- the words behind a chip or a flag, on hover and on focus ----------------------------------------------------------

  const tip = () => byId("tip") ?? { hidden: true };

  function showTip(button) {
    const bubble = byId("tip");
    if (!bubble) return; // the page is being drawn again
    bubble.replaceChildren();
    for (const [name, text] of [["strong", button.dataset.tipLabel], ["span", button.dataset.tip]]) {
      const part = document.createElement(name);
      part.textContent = text ?? "";
      part.dir = "auto";
      bubble.append(part);
    }
    bubble.hidden = false;
    button.setAttribute("aria-describedby", "tip");
    const place = button.getBoundingClientRect();
    const left = Math.min(Math.max(8, place.left - 16), innerWidth - bubble.offsetWidth - 8);
    const below = place.bottom + 8; // not over the sentence that it is about
    const fits = below + bubble.offsetHeight < innerHeight - 8;
    bubble.style.left = `${left}px`;
    bubble.style.top = `${fits ? below : Math.max(8, place.top - bubble.offsetHeight - 8)}px`;
  }

  function hideTip() {
    const bubble = byId("tip");
    if (bubble) bubble.hidden = true;
    for (const one of document.querySelectorAll("[aria-describedby=tip]")) one.removeAttribute("aria-describedby");
  }

  const tipped = (event) => event.target.closest && event.target.closest("[data-tip]");
  for (const name of ["mouseover", "focusin"]) {
    document.addEventListener(name, (event) => {
      if (tipped(event)) showTip(tipped(event));
      else if (!tip().hidden && !event.target.closest("#tip")) hideTip();
    });
  }
  document.addEventListener("scroll", () => hideTip(), { capture: true, passive: true });

  // --- copying -----------------------------------------------------------------------------------------------------------

  // The words of `data-copy`, with `data-copy-html` beside them where what they are pasted into takes rich text.
  actions.copy = async (button, event, text = button.dataset.copy) => {
    const label = (button.dataset.label ??= button.textContent); // a second click may find "Copied" there
    button.textContent = words.window[(await copied(text, button.dataset.copyHtml)) ? "copied" : "not_copied"];
    say(button.textContent);
    setTimeout(() => (button.textContent = label), 1600);
  };

  async function copied(text, html) {
    try {
      const as = (type, data) => ({ [type]: new Blob([data], { type }) });
      if (!html) await navigator.clipboard.writeText(text);
      else await navigator.clipboard.write([new ClipboardItem({ ...as("text/plain", text), ...as("text/html", html) })]);
      return true;
    } catch {
      // A page that is not served from this machine or over TLS has no clipboard.
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }

  return { actions, byId, call, counted, east, filled, hideTip, isArticle, isTyping, keys, motion, onEscape, onView, questionBox, requests, route, say, showTip, tip, words };
})();
