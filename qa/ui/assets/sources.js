// The sources of the turn that is being read, and the article behind each of them.
(() => {
  const { actions, byId, keys, motion, onEscape, showTip } = window.citewire;
  const turns = () => [...document.querySelectorAll(".turn")];

  let shownTurn = null; // the number of the turn whose sources are shown
  let shownSources = null; // their HTML, so that an unchanged list is not drawn again
  let cameFrom = null; // the chip that led to the current card
  let readArticle = null; // asks the server for an article

  window.citewire.reading = (element, server) => {
    readArticle = server.read_article;
    const dialog = byId("reading");
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close(); // the backdrop
    });
  };

  window.citewire.showSources = showSources;

  function showSources(turn) {
    document.body.classList.toggle("has-sources", Boolean(turn));
    const store = turn ? turn.querySelector(".turn-sources") : null;
    if (turn && !store && turn.dataset.state === "running") return; // they come in a moment: no flicker until then
    const html = store ? store.innerHTML : "";
    const number = turn ? turn.dataset.turn : null;
    if (shownTurn === number && shownSources === html) return;
    [shownTurn, shownSources] = [number, html];
    byId("sources-heading").textContent = store ? store.dataset.heading : "No sources";
    byId("sources-of").textContent = turn && turns().length > 1 ? turn.querySelector(".question").textContent : "";
    byId("cards").replaceChildren(...(store ? store.cloneNode(true).childNodes : []));
  }

  function showSource(turn, number, chip) {
    showSources(turn);
    const card = document.querySelector(`#cards [data-card="${number}"]`);
    if (!card) return;
    cameFrom = chip;
    for (const other of document.querySelectorAll("#cards [aria-current]")) other.removeAttribute("aria-current");
    card.setAttribute("aria-current", "true");
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest", behavior: motion() });
  }

  function back() {
    if (!cameFrom || !cameFrom.isConnected) return;
    cameFrom.focus({ preventScroll: true });
    cameFrom.scrollIntoView({ block: "center", behavior: motion() });
  }

  async function openArticle(button) {
    const { article, start, end } = button.dataset;
    const place = byId("reading-article");
    place.innerHTML = await readArticle({ article, start, end });
    byId("reading-name").textContent = place.querySelector(".reading-title")?.textContent ?? "";
    byId("reading").showModal();
    place.focus({ preventScroll: true });
    const mark = place.querySelector("mark");
    if (mark) mark.scrollIntoView({ block: "center" });
    else byId("reading").scrollTop = 0;
  }

  actions.cite = (button) => showSource(button.closest(".turn"), button.dataset.cite, button);
  actions.why = (button) => showTip(button);
  actions.back = back;
  actions.open = openArticle;
  actions.close = () => byId("reading").close();

  for (const key of "123456789") {
    keys[key] = () => {
      const turn = turns().find((one) => one.dataset.turn === shownTurn);
      if (turn) showSource(turn, key, turn.querySelector(`[data-cite="${key}"]`));
    };
  }

  onEscape.push(() => {
    const isInCards = document.activeElement.closest("#cards");
    if (isInCards) back();
    return Boolean(isInCards);
  });
})();
