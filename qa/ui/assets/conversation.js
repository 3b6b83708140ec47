// The conversation: asking, stopping, asking again, what was said before, and where the page was when it was left.
(() => {
  const citewire = window.citewire;
  const { actions, byId, call, counted, onEscape, questionBox, requests, say } = citewire;
  const words = citewire.words.asking;

  let panel = null; // what Gradio gives for the last turn: ask, lookOn, props, server
  let place = null; // the conversation's id; null until there is something to keep
  let running = null; // the id of the question under way
  let settled = ""; // the last turn as this script drew it
  const opening = requests();
  let isOpening = false; // whether another conversation is on its way: what is asked now would go into the one before
  const left = new Set(); // ids of questions that the reader went away from: no late word of theirs counts
  const lastTurn = () => document.querySelector("#last .turn");

  citewire.conversation = (given) => {
    panel = given;
    // Gradio's own watch may call before it has drawn, or not at all for what a script sets.
    new MutationObserver(update).observe(byId("last"), { childList: true, subtree: true });
    welcome();
    comeBack();
    byId("opening")?.remove(); // all panels are drawn at once
  };
  citewire.conversationId = () => place;
  citewire.welcome = welcome;

  // What the library holds is known at once. Its stories take a moment the first time, questions with a sure answer a
  // while: each comes when it is there.
  const LATER = { "start-questions": "welcome_questions", "start-stories": "welcome_stories" };
  const greeting = requests();

  async function welcome() {
    const isLast = greeting();
    const later = Object.entries(LATER).map(([id, name]) => [id, call(panel.server[name]).catch(() => "")]);
    const html = await call(panel.server.welcome).catch(() => "");
    if (!isLast()) return;
    const before = later.map(([id]) => byId(id)?.innerHTML); // stays until there is something newer
    byId("welcome").innerHTML = html;
    later.forEach(async ([id, part], at) => {
      if (before[at] !== undefined) fill(id, before[at]);
      const given = await part;
      if (isLast()) fill(id, given);
    });
  }

  function fill(id, html) {
    if (byId(id)) byId(id).innerHTML = html;
  }

  // --- asking ----------------------------------------------------------------------------------------------------------

  // True where the question is on its way. A page has one under way at most, so that a double click asks once.
  citewire.ask = (question, replacesTurn = false) => {
    if (!question.trim() || running || isOpening || !panel) return false;
    running = crypto.randomUUID?.() ?? String(Math.random()).slice(2) + Date.now();
    document.body.dataset.asking = "running";
    fault("");
    const replaces = replacesTurn && lastTurn()?.dataset.state === "done"; // what was stopped was not kept
    const turn = Number(lastTurn()?.dataset.turn ?? 0) + (replacesTurn ? 0 : 1);
    const asked = { run: running, question, conversation: place, replaces, turn };
    remember({ run: running, question });
    panel.props.value = begun(asked);
    panel.ask({ ...asked, filters: citewire.narrowing?.current() ?? {} });
    citewire.narrowing?.asked?.();
    if (location.hash.startsWith("#/") && document.body.dataset.view !== "ask") location.hash = here();
    return true;
  };

  // What stands there until the server has said its first word.
  function begun({ run, question, turn }) {
    const section = document.createElement("section");
    section.className = "turn";
    Object.assign(section.dataset, { turn, run, state: "running" });
    const heading = section.appendChild(document.createElement("h2"));
    heading.className = "question";
    heading.dir = "auto";
    heading.textContent = question;
    const status = section.appendChild(document.createElement("p"));
    status.className = "status";
    status.textContent = words.searching;
    return section.outerHTML;
  }

  // A question may be stopped before the server has taken it: then again in a moment. One that was left may never get
  // there, and is stopped for some seconds only.
  async function stop() {
    const run = running;
    for (let tries = 0; run && (running === run || (left.has(run) && tries < 40)); tries++) {
      try {
        if (await call(panel.server.stop, { run })) return;
      } catch (error) {
        return fault(error.message);
      }
      await new Promise((done) => setTimeout(done, 150));
    }
  }

  // The second click of a double click on Ask lands on Stop, which stands in its place by then.
  actions.stop = (button, event) => event.detail < 2 && stop();
  actions.example = (button) => citewire.ask(button.textContent);
  actions.retry = () => {
    const turn = lastTurn();
    if (turn) citewire.ask(turn.querySelector(".question").textContent, true);
  };

  // --- after every change of the last turn -------------------------------------------------------------------------------

  let announced = "";

  function update() {
    const last = lastTurn();
    if (left.has(last?.dataset.run)) return draw(kept?.outerHTML ?? settled);
    keepFinished(last);
    const state = last ? last.dataset.state : "empty";
    document.body.dataset.asking = state;
    if (!citewire.tip().hidden && !document.querySelector("[aria-describedby=tip]")) citewire.hideTip();
    citewire.followSources(last);
    const key = last ? `${last.dataset.turn} ${state} ${last.dataset.conversation}` : "";
    if (key === announced) return;
    if (!citewire.isArticle()) citewire.titled();
    const isOpened = announced === null;
    announced = key;
    if (isOpened) last?.scrollIntoView({ block: "start" });
    if (state !== "running" && last) finished(last, state);
    moveFocusWithButton(state);
    if (state === "running") {
      say(words.looking);
      last.scrollIntoView({ block: "start" });
    }
  }

  function finished(last, state) {
    const isNew = Boolean(running);
    running = null;
    if (isNew) remember(null);
    if (last.dataset.conversation && last.dataset.conversation !== place) enter(last.dataset.conversation);
    const parts = [...last.querySelectorAll(".sentence, .flag, .refusal > p, .failure, .stopped, .notice")];
    const count = last.querySelectorAll(".turn-sources .cited").length;
    if (isNew) say([...parts.map((part) => part.textContent), counted(words.sources_told, count)].join(" "));
    if (state !== "done" || !last.dataset.conversation) return;
    if (isNew) document.dispatchEvent(new CustomEvent("citewire:kept", { detail: { conversation: place } }));
    goOn(last);
  }

  // Two questions to go on with, once the answer stands there: they must not keep it waiting.
  async function goOn(turn) {
    const { conversation, number } = turn.dataset;
    const html = await call(panel.server.follow_ups, { conversation, number }).catch(() => "");
    const next = lastTurn()?.dataset.number === number && place === conversation && lastTurn().querySelector(".next");
    if (next && html) {
      next.innerHTML = html;
      next.prepend(Object.assign(document.createElement("h3"), { textContent: words.go_on }));
    }
  }

  // The server draws the last turn only. What stood there before the next question is kept here, so that the hundredth
  // question is asked as fast as the first.
  let kept = null;

  function keepFinished(last) {
    if (last && kept && kept.dataset.turn !== last.dataset.turn) {
      kept.querySelector(".next")?.replaceChildren();
      if (Number(kept.dataset.turn) < Number(last.dataset.turn)) byId("finished").append(kept);
    }
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

  // The tab is called by its article, its first question, or its view.
  citewire.titled = (article = "") => {
    const { view = "ask" } = document.body.dataset;
    const question = document.querySelector("#finished .question, #last .question")?.textContent;
    const name = article || (view === "ask" ? question : document.querySelector(`.view[data-name="${view}"] h2`)?.textContent);
    document.title = name ? `${name} \u00b7 Citewire` : "Citewire";
  };
  document.addEventListener("citewire:view", () => citewire.isArticle() || citewire.titled());

  // --- which conversation ------------------------------------------------------------------------------------------------

  // From another view to the question box of the conversation: at once, as what is hidden takes no focus.
  citewire.toQuestion = () => {
    location.hash = here();
    citewire.route();
    questionBox().focus();
  };

  const here = () => (place ? `#/c/${place}` : "#/");
  const asked = () => /^#\/c\/([\w-]+)$/.exec(location.hash)?.[1] ?? null;

  function enter(conversation) {
    place = conversation;
    if (document.body.dataset.view === "ask" && !citewire.isArticle()) history.replaceState(null, "", here());
    document.dispatchEvent(new CustomEvent("citewire:place", { detail: { conversation } }));
  }

  // False where the reader has gone on to another one meanwhile.
  async function open(conversation, before = null) {
    const isLast = opening();
    isOpening = true;
    let given;
    try {
      given = await call(panel.server.open_conversation, { conversation, before });
    } catch (error) {
      if (!isLast()) return false;
      isOpening = false;
      if (!error.isUnreachable) { // else the page is loaded again once the server is back
        clear();
        history.replaceState(null, "", "#/");
      }
      fault(error.message);
      return true;
    }
    if (!isLast()) return false;
    isOpening = false;
    fault("");
    kept = null;
    byId("finished").innerHTML = given.past;
    announced = null;
    enter(conversation);
    citewire.narrowing?.set?.(given.filters ?? {});
    draw(given.last);
    return true;
  }

  function draw(html) {
    settled = html;
    panel.props.value = html;
  }

  function leave() {
    const run = running ?? lastTurn()?.dataset.run;
    if (run) left.add(run);
    running = null;
    remember(null);
  }

  function clear() {
    opening(); // the one on its way is no longer wanted
    isOpening = false;
    leave();
    kept = null;
    announced = null;
    byId("finished").replaceChildren();
    place = null;
    draw("");
    fault("");
    welcome();
    document.dispatchEvent(new CustomEvent("citewire:place", { detail: { conversation: null } }));
  }

  actions.new = () => {
    stop();
    clear();
    citewire.narrowing?.set?.({});
    if (location.hash !== "#/") location.hash = "#/";
    questionBox().focus();
  };
  citewire.forget = (conversation) => conversation === place && actions.new();

  window.addEventListener("hashchange", () => {
    if (citewire.isArticle()) return;
    const wanted = asked();
    if (wanted && (wanted !== place || isOpening)) {
      stop();
      leave();
      open(wanted);
    } else if (!wanted && document.body.dataset.view === "ask" && place) history.replaceState(null, "", here());
  });

  // --- after a reload: the conversation, and the question that was under way ----------------------------------------------

  const NOTE = "citewire.asking";

  function remember(question) {
    try {
      if (question) sessionStorage.setItem(NOTE, JSON.stringify(question));
      else sessionStorage.removeItem(NOTE);
    } catch {
      // A browser that keeps nothing loses a question on a reload, and nothing else.
    }
  }

  async function comeBack() {
    let note = null;
    try {
      note = JSON.parse(sessionStorage.getItem(NOTE));
    } catch {
      note = null;
    }
    const conversation = asked();
    const isLast = opening();
    isOpening = Boolean(note);
    const known = note && (await call(panel.server.under_way, { run: note.run }).catch(() => null));
    if (!isLast()) return;
    isOpening = false;
    if (known) {
      if (known.conversation && !(await open(known.conversation, known.number))) return;
      running = note.run;
      document.body.dataset.asking = "running";
      panel.lookOn({ run: note.run });
      return;
    }
    if (conversation && !(await open(conversation))) return;
    if (!note) return;
    if (lastTurnOf(byId("last")) === note.question) return remember(null);
    // The note stays until something is asked: a page may be loaded twice before it has come so far.
    if (!questionBox().value) questionBox().value = note.question;
    questionBox().dispatchEvent(new Event("input"));
    fault(words.server_stopped);
  }

  const lastTurnOf = (element) => element.querySelector(".question")?.textContent;

  function fault(told) {
    const place = byId("conversation-fault");
    place.textContent = told;
    place.hidden = !told;
  }

  // --- thumbs --------------------------------------------------------------------------------------------------------------

  actions.thumb = (button) => {
    const up = button.getAttribute("aria-pressed") === "true" ? null : Boolean(button.dataset.up);
    rate(button.closest(".turn"), up, null);
  };
  actions.reason = (button) => {
    const isChosen = button.getAttribute("aria-pressed") === "true";
    rate(button.closest(".turn"), false, isChosen ? null : button.textContent);
  };

  async function rate(turn, up, reason) {
    const { conversation, number } = turn.dataset;
    try {
      await call(panel.server.rate, { conversation, number, up, reason });
    } catch (error) {
      return fault(error.message);
    }
    const same = `.turn[data-conversation="${conversation}"][data-number="${number}"]:has(.reasons)`;
    const shown = [...document.querySelectorAll(same)]; // the next question may have drawn it anew since
    if (kept?.matches(same)) shown.push(kept);
    for (const one of shown) markThumbs(one, up, reason);
    say(up === null ? words.taken_back : words.noted);
  }

  function markThumbs(turn, up, reason) {
    for (const thumb of turn.querySelectorAll(".thumb")) {
      thumb.setAttribute("aria-pressed", String(up !== null && Boolean(thumb.dataset.up) === up));
    }
    for (const one of turn.querySelectorAll(".reason")) one.setAttribute("aria-pressed", String(one.textContent === reason));
    turn.querySelector(".reasons").hidden = up !== false;
  }

  onEscape.push(() => {
    if (document.activeElement !== questionBox()) return false;
    questionBox().blur();
    return true;
  });
})();
