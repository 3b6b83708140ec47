// What the search is narrowed to: chips under the question box, the dialog that sets them, and the time words typed.
(() => {
  const citewire = window.citewire;
  const { actions, byId, call, counted, filled, questionBox, requests, say } = citewire;
  const text = citewire.words.filter;
  const words = citewire.words.collections;
  const NOTHING = { from: null, to: null, outlets: [], articles: [], stories: [], collection: null, any_time: false, as_of: null };
  const SHOWN = 3; // chosen articles that have a chip of their own; of more, one chip tells their number

  let server = null;
  let set = { ...NOTHING };
  let time = null; // what the words that are typed say of when: { words, days, effect, from, to }
  const titles = new Map(); // id of a chosen article -> its title

  function start(element, given) {
    server = given;
    listenToDialog();
    settle();
  }

  // Its place is part of another panel, which may be drawn later.
  function settle() {
    if (!byId("narrowing") || !questionBox()) {
      new MutationObserver((changes, observer) => {
        if (!byId("narrowing") || !questionBox()) return;
        observer.disconnect();
        settle();
      }).observe(document.body, { childList: true, subtree: true });
      return;
    }
    byId("narrowing").append(byId("narrow-bar"));
    listenToTyping();
    draw();
    count(true);
  }

  const current = () => ({ ...set });

  function change(filters, { quiet = false } = {}) {
    set = { ...set, ...filters };
    draw();
    count(quiet);
  }

  // The filters of a conversation that is opened, or of a new one.
  function replaceAll(filters = {}) {
    set = { ...NOTHING, ...filters };
    draw();
    count(true);
    readTime();
  }

  function asked() {
    time = null;
    set.any_time = false;
    draw();
  }

  citewire.narrowing = Object.assign(start, { current, set: replaceAll, asked });

  // --- chips -----------------------------------------------------------------------------------------------------------

  const day = (text) => {
    const date = new Date(`${text}T12:00:00`);
    return `${date.getDate()} ${date.toLocaleString("en", { month: "short" })} ${date.getFullYear()}`;
  };

  function days({ from, to }) {
    if (from && from === to) return day(from);
    const said = { from: from && day(from), to: to && day(to) };
    return filled(from && to ? text.days : from ? text.days_from : text.days_to, said);
  }

  // What is set, as { kind, words, tip, gone }: gone is what is left without it.
  function chips() {
    const found = [];
    if (set.collection) {
      found.push({ kind: "collection", words: filled(words.chip, set.collection), gone: { collection: null } });
    }
    for (const outlet of set.outlets) {
      found.push({ kind: "outlet", words: outlet, gone: { outlets: set.outlets.filter((one) => one !== outlet) } });
    }
    for (const kind of ["articles", "stories"]) {
      const ids = set[kind];
      if (ids.length > SHOWN) {
        found.push({ kind, words: counted(text[`chosen_${kind}`], ids.length), gone: { [kind]: [] } });
        continue;
      }
      for (const id of ids) {
        const title = titles.get(id);
        const words = kind === "stories" ? filled(text.story, { title: title ?? "…" }) : title ?? text.chosen_article;
        found.push({ kind, words, gone: { [kind]: ids.filter((other) => other !== id) } });
      }
    }
    if (set.from || set.to) found.push({ kind: "days", words: days(set), gone: { from: null, to: null } });
    if (set.as_of) found.push({ kind: "as-of", words: filled(text.as_of_chip, { day: day(set.as_of) }), gone: { as_of: null } });
    return found;
  }

  function draw() {
    const list = byId("narrow-chips");
    if (!list) return;
    const place = [...list.querySelectorAll("button")].indexOf(document.activeElement);
    const found = chips();
    list.replaceChildren(...found.map(chip));
    if (set.any_time) list.append(chip({ kind: "any-time", words: text.any_time_chip, gone: { any_time: false } }));
    else if (time && !set.from && !set.to) list.append(timeChip());
    list.hidden = !list.children.length;
    byId("narrow-clear").hidden = byId("narrow-brief").hidden = !found.length;
    byId("narrow-open").textContent = found.length ? text.change : text.filter;
    byId("narrow-open").setAttribute("aria-label", found.length ? text.change_label : text.filter);
    if (place < 0) return;
    const left = list.querySelectorAll("button");
    (left[Math.min(place, left.length - 1)] ?? byId("narrow-open")).focus();
  }

  function chip({ kind, words, gone }) {
    const item = document.createElement("li");
    item.className = "narrow-chip";
    item.dataset.kind = kind;
    const shown = item.appendChild(document.createElement("span"));
    shown.dir = "auto";
    shown.textContent = words;
    item.append(removing(words, () => change(gone)));
    return item;
  }

  function removing(chip, action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "narrow-x";
    button.textContent = "×";
    button.setAttribute("aria-label", filled(text.remove, { chip }));
    button.addEventListener("click", () => {
      action();
      say(filled(text.removed, { chip }));
    });
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Delete" && event.key !== "Backspace") return;
      event.preventDefault();
      button.click();
    });
    return button;
  }

  function timeChip() {
    const item = document.createElement("li");
    item.className = "narrow-chip";
    item.dataset.kind = "time";
    const button = item.appendChild(document.createElement("button"));
    button.type = "button";
    button.className = "narrow-time";
    button.dir = "auto";
    button.textContent = `${time.words}: ${time.days}`;
    button.dataset.tip = time.effect;
    button.dataset.tipLabel = text.time_tip;
    button.setAttribute("aria-label", filled(text.time_label, time));
    button.addEventListener("click", () => open({ from: time.from, to: time.to }));
    item.append(removing(text.question_days, () => change({ any_time: true })));
    return item;
  }

  actions["narrow-clear"] = () => {
    change({ ...NOTHING, any_time: set.any_time });
    byId("narrow-open").focus();
    say(text.cleared);
  };

  actions["narrow-brief"] = () => citewire.ask(text.brief_question);

  // How many articles are left.
  const counting = requests();

  async function count(quiet = false) {
    const line = byId("narrow-count");
    if (!server || !line) return;
    const isLast = counting();
    if (!set.from && !set.to && !set.outlets.length && !set.articles.length && !set.stories.length && !set.collection) {
      line.textContent = "";
      return;
    }
    const given = await call(server.narrowing_count, set).catch((error) => ({ words: error.message, titles: {} }));
    if (!isLast()) return;
    line.textContent = given.words;
    for (const [id, title] of Object.entries(given.titles)) titles.set(id, title);
    draw();
    if (!quiet) say(filled(text.told, { left: given.words }));
  }

  // --- time words ------------------------------------------------------------------------------------------------------

  let waiting = 0;
  const reading = requests();

  function listenToTyping() {
    questionBox().addEventListener("input", () => {
      clearTimeout(waiting);
      if (set.any_time && !questionBox().value.trim()) change({ any_time: false }, { quiet: true });
      waiting = setTimeout(readTime, 250);
    });
    if (questionBox().value) readTime();
  }

  async function readTime() {
    if (!server) return;
    const text = questionBox().value;
    const isLast = reading();
    const found = text.trim() ? await call(server.read_time, { text, as_of: set.as_of }).catch(() => null) : null;
    if (!isLast() || questionBox().value !== text) return;
    if (JSON.stringify(found) === JSON.stringify(time)) return;
    time = found?.days ? found : null;
    draw();
  }

  // After the answer: the days that were understood can be changed, or the question asked again without them.
  actions["time-change"] = (button) => open({ from: button.dataset.from || null, to: button.dataset.to || null });
  actions["time-any"] = (button) => {
    const turn = button.closest(".turn");
    set.any_time = true;
    const isLast = turn === document.querySelector("#last .turn");
    if (!citewire.ask(turn.querySelector(".question").textContent, isLast)) set.any_time = false;
  };

  // --- the dialog ------------------------------------------------------------------------------------------------------

  let draft = null; // what the dialog would set
  let isOfTime = false; // whether it was opened to change the days that the question's words say

  async function open(days = null) {
    draft = { ...set, ...(days ?? {}) };
    isOfTime = Boolean(days);
    byId("narrow-fault").textContent = "";
    byId("narrow-search").value = byId("narrow-outlet-search").value = "";
    byId("narrow-found").replaceChildren();
    byId("narrow-dialog").showModal();
    fill();
    if (days) byId("narrow-from").focus();
    would();
    try {
      byId("narrow-outlets").innerHTML = await call(server.narrowing_outlets);
    } catch (error) {
      byId("narrow-fault").textContent = error.message;
    }
    fillOutlets(); // and nothing else: a day may be half typed by now
    byId("narrow-outlet-search").dispatchEvent(new Event("input")); // so may the name of an outlet
  }

  function fill() {
    byId("narrow-from").value = draft.from ?? "";
    byId("narrow-to").value = draft.to ?? "";
    byId("narrow-as-of").value = draft.as_of ?? "";
    fillCollections();
    fillOutlets();
    fillChosen();
  }

  function fillCollections() {
    const count = citewire.collectionChoices(byId("narrow-collection"), words.any, draft.collection?.id);
    byId("narrow-collection-field").hidden = !count;
  }

  document.addEventListener("citewire:collections", () => {
    if (byId("narrow-dialog")?.open) fillCollections();
    if (set.collection) count(true);
  });

  function fillOutlets() {
    const boxes = [...byId("narrow-outlets").querySelectorAll("input")];
    for (const box of boxes) box.checked = draft.outlets.includes(box.value);
    byId("narrow-outlets-field").hidden = boxes.length === 0;
  }

  function fillChosen() {
    const all = [
      ...draft.articles.map((id) => ["articles", id]),
      ...draft.stories.map((id) => ["stories", id]),
    ];
    const items = all.slice(0, 50).map(([kind, id]) => {
      const item = document.createElement("li");
      const shown = item.appendChild(document.createElement("span"));
      const title = titles.get(id) ?? text.chosen_article;
      shown.dir = "auto";
      shown.textContent = kind === "stories" ? filled(text.story, { title }) : title;
      item.append(
        removing(shown.textContent, () => {
          draft[kind] = draft[kind].filter((other) => other !== id);
          fillChosen();
          would();
          byId("narrow-search").focus();
        }),
      );
      return item;
    });
    if (all.length > items.length) {
      const item = document.createElement("li");
      item.textContent = filled(text.and_more, { count: (all.length - items.length).toLocaleString("en") });
      items.push(item);
    }
    byId("narrow-chosen").replaceChildren(...items);
    byId("narrow-chosen").hidden = !items.length;
  }

  // How many articles there would be: said while it is chosen, with what is wrong with it.
  const wondering = requests();

  async function would() {
    const isLast = wondering();
    let words = "";
    let fault = "";
    try {
      words = (await call(server.narrowing_count, draft)).words;
    } catch (error) {
      fault = error.message;
    }
    if (!isLast()) return;
    byId("narrow-would").textContent = words;
    byId("narrow-fault").textContent = fault;
    byId("narrow-do").disabled = Boolean(fault);
  }

  function listenToDialog() {
    const dialog = byId("narrow-dialog");
    for (const [id, name] of [["narrow-from", "from"], ["narrow-to", "to"], ["narrow-as-of", "as_of"]]) {
      byId(id).addEventListener("change", () => {
        draft[name] = byId(id).value || null;
        would();
      });
    }
    byId("narrow-collection").addEventListener("change", (event) => {
      draft.collection = citewire.collectionNamed(event.target.value);
      would();
    });
    byId("narrow-outlets").addEventListener("change", (event) => {
      const { value, checked } = event.target;
      draft.outlets = checked ? [...draft.outlets, value] : draft.outlets.filter((one) => one !== value);
      would();
    });
    byId("narrow-outlet-search").addEventListener("input", (event) => {
      const wanted = event.target.value.trim().toLowerCase();
      for (const label of byId("narrow-outlets").children) {
        label.hidden = !label.querySelector("input").value.toLowerCase().includes(wanted);
      }
    });
    let due = 0;
    byId("narrow-search").addEventListener("input", () => {
      clearTimeout(due);
      due = setTimeout(find, 200);
    });
    for (const id of ["narrow-search", "narrow-outlet-search"]) {
      byId(id).addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    }
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      const daysChanged = draft.from !== set.from || draft.to !== set.to;
      // Days that the reader sets take the place of those that the question's words say.
      change({ ...draft, any_time: set.any_time || (isOfTime && daysChanged) });
      dialog.close();
      readTime();
    });
    dialog.addEventListener("close", () => byId("narrow-open").focus());
  }

  async function find() {
    const search = byId("narrow-search").value;
    const html = await call(server.narrowing_find, { search }).catch(() => "");
    if (byId("narrow-search").value === search) byId("narrow-found").innerHTML = html;
  }

  actions["narrow-open"] = () => open();
  actions["narrow-save"] = () => citewire.collectFilter(draft);
  actions["narrow-cancel"] = () => byId("narrow-dialog").close();
  actions["narrow-choose"] = (button) => {
    const { kind, id, title } = button.dataset;
    titles.set(id, title);
    if (!draft[kind].includes(id)) draft[kind] = [...draft[kind], id];
    fillChosen();
    would();
  };

  const iso = (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;

  actions["narrow-quick"] = (button) => {
    const today = draft.as_of ? new Date(`${draft.as_of}T12:00:00`) : new Date();
    const [year, month, date] = [today.getFullYear(), today.getMonth(), today.getDate()];
    const monday = date - ((today.getDay() + 6) % 7);
    const choices = {
      week: [new Date(year, month, monday - 7), new Date(year, month, monday - 1)],
      month: [new Date(year, month - 1, 1), new Date(year, month, 0)],
      year: [new Date(year, 0, 1), today],
    };
    const chosen = choices[button.dataset.days];
    [draft.from, draft.to] = chosen ? chosen.map(iso) : [null, null];
    byId("narrow-from").value = draft.from ?? "";
    byId("narrow-to").value = draft.to ?? "";
    would();
  };

  // Something that is clicked on the start page.
  document.addEventListener("citewire:filter", (event) => {
    for (const [id, title] of Object.entries(event.detail.titles)) titles.set(id, title);
    change(event.detail.filters);
  });

  // "Ask only these", said in the library.
  document.addEventListener("citewire:only", (event) => {
    const { articles } = event.detail;
    for (const { id, title } of articles) titles.set(id, title);
    change({ articles: articles.map(({ id }) => id), stories: [] });
  });
})();
