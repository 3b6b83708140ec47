// The sources of the turn that is being read: brought forward by chip, by number, or one after the other.
(() => {
  const citewire = window.citewire;
  const { actions, byId, keys, motion, onEscape, say, showTip } = citewire;
  const words = citewire.words.sources;
  const turns = () => [...document.querySelectorAll(".turn")];

  let shownTurn = null; // the number of the turn whose sources are shown
  let shownSources = null; // their HTML, so that an unchanged list is not drawn again
  let cameFrom = null; // the chip that led to the current card
  let keptBeside = null; // the newest turn while the reader looks at the sources of an older one

  citewire.sources = (element, server) => citewire.why(server);
  citewire.shownTurn = () => turns().find((one) => one.dataset.turn === shownTurn) ?? null;
  citewire.followSources = followSources;

  // The sources of the newest turn, unless the reader has gone back to an older one meanwhile.
  function followSources(newest) {
    if (keptBeside && keptBeside === nameOf(newest) && citewire.shownTurn()) return citewire.showWhy?.();
    keptBeside = null;
    showSources(newest);
  }

  const nameOf = (turn) => (turn ? `${turn.dataset.conversation} ${turn.dataset.turn} ${turn.dataset.run ?? ""}` : null);

  function showSources(turn) {
    document.body.classList.toggle("has-sources", Boolean(turn));
    const store = turn ? turn.querySelector(".turn-sources") : null;
    if (turn && !store && turn.dataset.state === "running") return; // they come in a moment: no flicker until then
    const html = store ? store.innerHTML : "";
    const number = turn ? turn.dataset.turn : null;
    if (shownTurn === number && shownSources === html) return citewire.showWhy?.();
    [shownTurn, shownSources] = [number, html];
    byId("sources-heading").textContent = store ? store.dataset.heading : words.none;
    byId("sources-of").textContent = turn && turns().length > 1 ? turn.querySelector(".question").textContent : "";
    byId("cards").replaceChildren(...(store ? store.cloneNode(true).childNodes : []));
    citewire.showWhy?.();
  }

  function showSource(turn, number, chip) {
    citewire.selectSide?.("sources");
    const newest = turns().at(-1);
    keptBeside = turn === newest ? null : nameOf(newest);
    showSources(turn);
    const card = document.querySelector(`#cards [data-card="${number}"]`);
    if (!card) return;
    cameFrom = chip;
    for (const other of document.querySelectorAll(".chip.is-current")) other.classList.remove("is-current");
    chip?.classList.add("is-current");
    for (const other of document.querySelectorAll("#cards [aria-current]")) other.removeAttribute("aria-current");
    card.setAttribute("aria-current", "true");
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest", behavior: motion() });
  }

  // The chip that led to the current card; the answer may have been drawn anew since.
  function origin() {
    if (cameFrom?.isConnected) return cameFrom;
    const card = document.querySelector("#cards [aria-current]");
    return card && citewire.shownTurn()?.querySelector(`.chip[data-cite="${card.dataset.card}"]`);
  }

  function back() {
    const chip = origin();
    if (!chip) return;
    chip.focus({ preventScroll: true });
    chip.scrollIntoView({ block: "center", behavior: motion() });
  }

  // --- one citation after the other, through all turns --------------------------------------------------------------------

  function walk(step) {
    const chips = [...document.querySelectorAll(".turn .chip[data-cite]")];
    if (!chips.length) return;
    const focused = document.activeElement.closest(".chip[data-cite]");
    const at = chips.indexOf(focused ?? (document.querySelector("#cards [aria-current]") ? origin() : null));
    const shown = citewire.shownTurn();
    const first = chips.findIndex((chip) => shown?.contains(chip));
    const next = at >= 0 ? at + step : step > 0 ? first : first >= 0 ? first - 1 : chips.length - 1;
    if (next < 0 || next >= chips.length) return say(step > 0 ? words.last : words.first);
    const chip = chips[next];
    chip.scrollIntoView({ block: "nearest", behavior: motion() });
    showSource(chip.closest(".turn"), chip.dataset.cite, chip);
  }

  keys.j = () => document.body.dataset.view === "ask" && walk(1);
  keys.k = () => document.body.dataset.view === "ask" && walk(-1);

  for (const key of "123456789") {
    keys[key] = () => {
      const turn = citewire.shownTurn();
      if (turn) showSource(turn, key, turn.querySelector(`[data-cite="${key}"]`));
    };
  }

  actions.cite = (button) => showSource(button.closest(".turn"), button.dataset.cite, button);
  actions.why = (button) => showTip(button);
  actions.back = (button) => {
    // A reader may press the number of a card that is not the current one.
    const number = button.closest("[data-card]")?.dataset.card;
    if (number && origin()?.dataset.cite !== number) {
      cameFrom = citewire.shownTurn()?.querySelector(`.chip[data-cite="${number}"]`) ?? null;
    }
    back();
  };

  onEscape.push(() => {
    const isInCards = document.activeElement.closest("#cards");
    if (isInCards) back();
    return Boolean(isInCards);
  });
})();
