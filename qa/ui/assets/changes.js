// What changes elsewhere: in another tab, by another reader, from the command line. It shows within five seconds.
(() => {
  const citewire = window.citewire;
  const { byId } = citewire;
  const EVERY = 4_000;

  let seen = null; // the stamps that this page shows
  let timer = 0;

  async function look() {
    clearTimeout(timer);
    if (!document.hidden) await compare();
    timer = setTimeout(look, EVERY);
  }

  async function compare() {
    const answer = await fetch("changes", { cache: "no-store", signal: AbortSignal.timeout(5_000) }).catch(() => null);
    const given = answer?.ok ? await answer.json().catch(() => null) : null;
    if (!given || !byId("library")) return; // the connection says what is wrong
    if (given.library !== seen?.library) byId("library").innerHTML = given.count;
    for (const [name, stamp] of Object.entries(given)) {
      if (seen && name !== "count" && seen[name] !== stamp) document.dispatchEvent(new CustomEvent(`citewire:changed-${name}`));
    }
    seen = given;
  }

  document.addEventListener("visibilitychange", () => document.hidden || look());
  look();

  // Draws a list anew without taking away what the reader has focused in it. `key` tells an item again.
  citewire.redrawn = (place, html, key) => {
    const item = document.activeElement?.closest?.(`[${key}]`);
    const at = item && place.contains(item) && [...item.querySelectorAll("a, button, input, summary")].indexOf(document.activeElement);
    place.innerHTML = html;
    if (!item || at < 0) return;
    const again = place.querySelector(`[${key}="${CSS.escape(item.getAttribute(key))}"]`);
    again?.querySelectorAll("a, button, input, summary")[at]?.focus({ preventScroll: true });
  };
})();
