// The whole article over everything else, and the way from one cited place in it to the next. Each place has an address:
// #/a/ID?at=120-210 opens the article at these characters, after a reload too, and Back leads to where one came from.
(() => {
  const citewire = window.citewire;
  const { actions, byId, call, counted, filled, isTyping, motion, requests, say } = citewire;
  const told = citewire.words.article;

  let readArticle = null; // asks the server for an article
  let article = null; // its id
  let places = []; // [number, start, end] of what the answer cites in it, in the order of its text
  let at = -1; // which of them is looked at; -1 for none
  let isWhole = false;
  const reading = requests(); // an article that comes after it was closed, or after another one, is not shown

  citewire.reading = (element, server) => {
    readArticle = server.read_article;
    const dialog = byId("reading");
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close(); // the backdrop
    });
    dialog.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "n") go(1);
      if (event.key === "p") go(-1);
    });
    dialog.addEventListener("close", closed);
    byId("reading-selected").addEventListener("mousedown", (event) => event.preventDefault()); // it keeps the selection
    document.addEventListener("selectionchange", () => (byId("reading-selected").hidden = !selected()));
    window.addEventListener("hashchange", follow);
    follow();
  };

  const address = (id, start, end) => `#/a/${encodeURIComponent(id)}${end > start ? `?at=${start}-${end}` : ""}`;

  actions.open = (button) => {
    const { article: id, start, end } = button.dataset;
    history.pushState({ isOpened: true }, "", address(id, Number(start), Number(end)));
    follow();
  };

  // Shows what the address names; an address of anything else closes the article.
  async function follow() {
    const [, id, start = 0, end = 0] = /^#\/a\/([^?]+)(?:\?at=(\d{1,12})-(\d{1,12}))?$/.exec(location.hash) ?? [];
    if (!id) {
      reading();
      return byId("reading").close();
    }
    try {
      article = decodeURIComponent(id);
    } catch {
      article = id; // somebody cut the address in the middle of a letter
    }
    places = cited(article);
    at = places.findIndex((place) => place[1] === Number(start) && place[2] === Number(end));
    isWhole = false;
    const isAnswer = document.body.dataset.view === "ask" && document.querySelector(".turn");
    byId("reading-back").textContent = isAnswer ? told.back_to_answer : told.back;
    await show(Number(start), Number(end));
  }

  function closed() {
    reading();
    citewire.titled?.();
    if (!citewire.isArticle()) return;
    if (history.state?.isOpened) history.back();
    else location.hash = "#/"; // the page was loaded with this address: there is nothing to go back to
  }

  citewire.readAgain = () => byId("reading").open && show(...shown());
  actions["reading-link"] = (button) => actions.copy(button, null, location.href);
  actions.close = () => byId("reading").close();

  // --- asking about the article, or about words in it ----------------------------------------------------------------------

  const LONGEST = 300; // characters of words that a question quotes

  // The words of the text that are selected, as a question quotes them; empty where none are.
  function selected() {
    const selection = getSelection();
    const text = byId("reading-article").querySelector(".reading-text");
    if (!byId("reading").open || !selection?.rangeCount || !text?.contains(selection.anchorNode) || !text.contains(selection.focusNode)) return "";
    const words = selection.toString().replaceAll(/["\u201c\u201d]/g, "'").replaceAll(/\s+/g, " ").trim();
    return words.length <= LONGEST ? words : words.slice(0, LONGEST).replace(/\s\S*$/, "");
  }

  // Closes the article and goes on in the question box, in the conversation that is open.
  function goOn({ words = "", isOnlyThis = false }) {
    const titles = { [article]: byId("reading-name").textContent };
    const only = { articles: [article], stories: [] };
    const box = citewire.questionBox();
    history.replaceState(null, "", "#/");
    byId("reading").close();
    window.dispatchEvent(new HashChangeEvent("hashchange"));
    if (isOnlyThis) document.dispatchEvent(new CustomEvent("citewire:filter", { detail: { filters: only, titles } }));
    if (words) {
      box.value = [box.value.trim(), `\u201c${words}\u201d`].filter(Boolean).join(" ") + " ";
      box.dispatchEvent(new Event("input"));
    }
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  }

  actions["reading-ask"] = () => goOn({ isOnlyThis: true });
  actions["selected-ask"] = () => goOn({ words: selected(), isOnlyThis: true });
  actions["selected-quote"] = () => goOn({ words: selected() });
  actions["place-next"] = () => go(1);
  actions["place-before"] = () => go(-1);
  actions["article-whole"] = async () => {
    isWhole = true;
    say(told.loading_whole);
    await show(...shown());
  };

  // What the answer beside it cites of an article: its cards say so.
  function cited(id) {
    return [...document.querySelectorAll("#cards [data-card]")]
      .filter((card) => document.body.dataset.view === "ask" && opener(card)?.dataset.article === id)
      .map((card) => [Number(card.dataset.card), Number(opener(card).dataset.start), Number(opener(card).dataset.end)])
      .sort((one, other) => one[1] - other[1] || one[2] - other[2]);
  }

  const opener = (card) => card.querySelector('[data-action="open"]');

  let current = [0, 0];
  const shown = () => current;

  async function show(start, end) {
    current = [start, end];
    const isLast = reading();
    const place = byId("reading-article");
    const payload = { article, start, end, cited: places, whole: isWhole };
    const fault = ({ message }) => Object.assign(document.createElement("p"), { textContent: message }).outerHTML;
    const html = await call(readArticle, payload).catch(fault);
    if (!isLast()) return;
    place.innerHTML = html;
    const title = place.querySelector(".reading-title")?.textContent ?? "";
    byId("reading-name").textContent = title;
    byId("reading-story").href = `#/s/${encodeURIComponent(article)}`;
    byId("reading-acts").hidden = !title; // an article that has gone has nothing to ask
    for (const button of [byId("reading-collect"), byId("reading-correct")]) {
      button.dataset.article = article;
      button.hidden = !title; // it is no longer there
    }
    citewire.titled?.(title);
    if (!byId("reading").open) byId("reading").showModal();
    place.focus({ preventScroll: true });
    const mark = place.querySelector("mark[aria-current]");
    if (mark) mark.scrollIntoView({ block: "center" });
    else byId("reading").scrollTop = 0;
    tell();
  }

  function tell() {
    byId("reading-steps").hidden = places.length === 0 || (places.length === 1 && at === 0);
    byId("reading-place").textContent =
      at < 0
        ? counted(told.cited_here, places.length)
        : filled(told.place, { number: places[at][0], at: at + 1, count: places.length });
  }

  // To the next cited place, which a window of a long article may not hold yet.
  async function go(step) {
    const next = at < 0 ? (step > 0 ? 0 : places.length - 1) : at + step;
    if (next < 0 || next >= places.length) return;
    at = next;
    const [number, start, end] = places[at];
    history.replaceState(history.state, "", address(article, start, end));
    const begins = (mark) => mark.dataset.n?.split(" ").includes(String(number));
    const marks = [...byId("reading-article").querySelectorAll("mark[data-n]")];
    const first = marks.find(begins);
    if (!first) return show(start, end);
    current = [start, end];
    for (const mark of byId("reading-article").querySelectorAll("mark[aria-current]")) mark.removeAttribute("aria-current");
    // The pieces of one place follow each other, in one paragraph or several.
    let length = end - start;
    const walker = document.createTreeWalker(byId("reading-article"), NodeFilter.SHOW_ELEMENT);
    walker.currentNode = first;
    for (let mark = first; mark && length > 0; mark = walker.nextNode()) {
      if (mark.localName !== "mark") continue;
      if (mark !== first && mark.dataset.n && !overlaps(mark, start, end)) break;
      mark.setAttribute("aria-current", "true");
      length -= mark.textContent.length;
    }
    first.scrollIntoView({ block: "center", behavior: motion() });
    tell();
  }

  function overlaps(mark, start, end) {
    const numbers = mark.dataset.n.split(" ");
    return places.some(([n, left]) => numbers.includes(String(n)) && left >= start && left < end);
  }
})();
