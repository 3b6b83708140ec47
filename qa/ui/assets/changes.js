// What changes elsewhere: in another tab, by another reader, from the command line. It shows within five seconds.
(() => {
  const citewire = window.citewire;
  const { byId } = citewire;
  const EVERY = 4_000;
  const SOON = 500; // while the page is being drawn: what it was drawn with is as old as the server
  const IDLE = 30 * 60_000; // a page that nobody uses asks no more: asking would keep its reader logged in

  let seen = null; // the stamps that this page shows
  let timer = 0;
  let used = Date.now();
  const isIdle = () => Date.now() - used > IDLE;

  async function look() {
    clearTimeout(timer);
    // A page in a tab behind has been drawn, too: what changes until it is looked at must show then.
    if (!seen || (!document.hidden && !isIdle())) await compare();
    timer = setTimeout(look, seen ? EVERY : SOON);
  }

  for (const name of ["pointerdown", "keydown", "scroll"]) {
    document.addEventListener(
      name,
      () => {
        const wasIdle = isIdle();
        used = Date.now();
        if (wasIdle) look();
      },
      { capture: true, passive: true },
    );
  }

  async function compare() {
    const answer = await fetch("changes", { cache: "no-store", signal: AbortSignal.timeout(5_000) }).catch(() => null);
    const given = answer?.ok ? await answer.json().catch(() => null) : null;
    if (!given || !byId("library")) return; // the connection says what is wrong
    if (given.library !== seen?.library) byId("library").innerHTML = given.count;
    for (const [name, stamp] of Object.entries(given)) {
      // The list of collections is asked for by itself, maybe before somebody made the one that the first stamp counts.
      const isOther = seen ? name !== "count" && seen[name] !== stamp : name === "collections";
      if (isOther) document.dispatchEvent(new CustomEvent(`citewire:changed-${name}`));
    }
    seen = given;
  }

  document.addEventListener("visibilitychange", () => document.hidden || look());
  look();

  const drawn = new WeakMap(); // place -> { html, first } that was drawn there last

  // Draws a list anew without taking away what the reader has focused in it. `key` tells an item again. What stands
  // there already is not drawn again: a click on it that is under way would be lost.
  citewire.redrawn = (place, html, key) => {
    const last = drawn.get(place);
    if (last?.html === html && last.first === place.firstChild) return;
    const item = document.activeElement?.closest?.(`[${key}]`);
    const at = item && place.contains(item) && [...item.querySelectorAll("a, button, input, summary")].indexOf(document.activeElement);
    place.innerHTML = html;
    drawn.set(place, { html, first: place.firstChild });
    if (!item || at < 0) return;
    const again = place.querySelector(`[${key}="${CSS.escape(item.getAttribute(key))}"]`);
    again?.querySelectorAll("a, button, input, summary")[at]?.focus({ preventScroll: true });
  };
})();
