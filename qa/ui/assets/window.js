// What the page does by itself: citations and their sources, the article view, keys, copying. Everything it shows was
// escaped by the server; what it adds itself it adds as text.
window.citewire = (() => {
  const byId = (id) => document.getElementById(id);
  const turns = () => [...document.querySelectorAll(".turn")];
  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const motion = () => (calm() ? "auto" : "smooth");

  let shownTurn = null; // the number of the turn whose sources are shown
  let shownSources = null; // their HTML, so that an unchanged list is not drawn again
  let cameFrom = null; // the chip that led to the current card
  let readArticle = null; // asks the server for an article

  // --- panels, called by Gradio when it has drawn them ---------------------------------------------------------------

  function welcome(element, trigger, example) {
    element.addEventListener("click", (event) => {
      const button = event.target.closest("[data-action=example]");
      if (button) trigger(example, { question: button.textContent });
    });
  }

  function conversation(element, trigger, watch, retry) {
    element.addEventListener("click", (event) => {
      if (event.target.closest("[data-action=retry]")) trigger(retry);
    });
    watch("value", update);
  }

  function sources(element, server) {
    readArticle = server.read_article;
    const dialog = byId("reading");
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close(); // the backdrop
    });
  }

  // --- after every change of the conversation ------------------------------------------------------------------------

  let announced = "";

  function update() {
    const last = document.querySelector("#last .turn");
    keepFinished(last);
    const state = last ? last.dataset.state : "empty";
    const key = last ? `${last.dataset.turn} ${state}` : "";
    document.body.dataset.asking = state;
    if (tip().hidden === false && !document.querySelector("[aria-describedby=tip]")) hideTip();
    showSources(last);
    if (key === announced) return;
    announced = key;
    moveFocusWithButton(state);
    if (state === "running") {
      say("Looking for an answer.");
      last.scrollIntoView({ block: "start" });
    } else if (last) {
      const parts = [...last.querySelectorAll(".sentence, .flag, .refusal > p, .failure, .stopped, .notice")];
      const count = last.querySelectorAll(".turn-sources .card").length;
      say([...parts.map((part) => part.textContent), `${count} source${count === 1 ? "" : "s"}.`].join(" "));
    }
  }

  // The server draws the last turn only. What stood there before the next question is kept here, so that the hundredth
  // question is asked as fast as the first.
  let kept = null;

  function keepFinished(last) {
    if (!last) byId("finished").replaceChildren();
    else if (kept && kept.dataset.turn !== last.dataset.turn) byId("finished").append(kept);
    kept = last && last.cloneNode(true);
  }

  // Ask and Stop stand in the same place: whoever pressed one by keyboard goes on from the other.
  function moveFocusWithButton(state) {
    const [from, to] = state === "running" ? ["send", "stop"] : ["stop", "send"];
    const active = document.activeElement;
    if (active === byId(from) || (active === document.body && lastPressed === from)) byId(to).focus();
  }

  let lastPressed = "";
  document.addEventListener("focusin", (event) => (lastPressed = event.target.id));

  function say(words) {
    byId("announcer").textContent = words;
  }

  // --- sources -------------------------------------------------------------------------------------------------------

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

  async function copy(button) {
    const words = button.textContent;
    button.textContent = (await copied(button.dataset.copy)) ? "Copied" : "Could not copy";
    say(button.textContent);
    setTimeout(() => (button.textContent = words), 1600);
  }

  async function copied(text) {
    try {
      await navigator.clipboard.writeText(text);
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

  // --- clicks and keys -----------------------------------------------------------------------------------------------

  const actions = {
    cite: (button) => showSource(button.closest(".turn"), button.dataset.cite, button),
    why: (button) => showTip(button),
    back,
    open: openArticle,
    close: () => byId("reading").close(),
    copy,
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    if (button && actions[button.dataset.action]) actions[button.dataset.action](button);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return escape();
    if (event.target.closest("input, textarea, select, [contenteditable=true]") || byId("reading").open) return;
    if (event.key === "/") {
      event.preventDefault();
      questionBox().focus();
    } else if (/^[1-9]$/.test(event.key)) {
      const turn = turns().find((one) => one.dataset.turn === shownTurn);
      if (turn) showSource(turn, event.key, turn.querySelector(`[data-cite="${event.key}"]`));
    }
  });

  function escape() {
    if (!tip().hidden) return hideTip();
    if (byId("reading").open) return; // the dialog closes itself and gives the focus back
    const opened = document.querySelector("details[open]");
    if (opened) {
      opened.open = false;
      opened.querySelector("summary").focus();
    } else if (document.activeElement === questionBox()) questionBox().blur();
    else if (document.activeElement.closest("#cards")) back();
  }

  const questionBox = () => document.querySelector("#question textarea");

  // --- the words behind a chip or a flag, on hover and on focus ------------------------------------------------------

  const tip = () => byId("tip");

  function showTip(button) {
    const bubble = tip();
    if (!bubble) return; // the page is being drawn again
    bubble.replaceChildren();
    for (const [name, text] of [["strong", button.dataset.tipLabel], ["span", button.dataset.tip]]) {
      const part = document.createElement(name);
      part.textContent = text;
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
    const bubble = tip();
    if (bubble) bubble.hidden = true;
    for (const one of document.querySelectorAll("[aria-describedby=tip]")) one.removeAttribute("aria-describedby");
  }

  const tipped = (event) => event.target.closest && event.target.closest("[data-tip]");
  for (const name of ["mouseover", "focusin"]) {
    document.addEventListener(name, (event) => {
      if (tipped(event)) showTip(tipped(event));
      else if (!tip()?.hidden && !event.target.closest("#tip")) hideTip();
    });
  }
  document.addEventListener("scroll", () => tip() && hideTip(), { capture: true, passive: true });

  // Gradio looks at the system's choice of light or dark once; people change it in the evening.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
    if (!new URLSearchParams(location.search).has("__theme")) document.body.classList.toggle("dark", event.matches);
  });

  return { welcome, conversation, sources };
})();
