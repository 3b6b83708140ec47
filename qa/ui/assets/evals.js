// The evals: what is to be run, how far it is, what was run before, and what came of it. #/evals/NAME,NAME shows results.
(() => {
  const citewire = window.citewire;
  const { actions, byId, call, counted, east, filled, motion, onView, requests, say } = citewire;
  const words = citewire.words.evals;
  const FIRST_LOOK = 250; // milliseconds after which a run is looked at again, at first and at most
  const LAST_LOOK = 1500;

  let server = null;
  let settings = [{}]; // a column each, as it was last sent; what is missing is as in force
  let sets = ""; // the HTML of the list of sets, so that an unchanged one is not drawn again
  let thumbed = ""; // that of the questions from thumbs, in which a name may be half typed
  let stopping = null; // the run that Stop was pressed for
  let job = null; // the run under way, or the one that failed
  let looking = 0; // the timer of the next look at it
  let here = null; // the address that is shown, null while another view is
  let shown = null; // names of the runs whose results are shown, joined
  const planning = requests();
  const listing = requests();

  const form = () => byId("evals-form");
  const names = () => {
    const [, list] = /^#\/evals\/(.+)$/.exec(location.hash) ?? [];
    return list ? list.split(",").map(decodeURIComponent) : [];
  };
  const address = (runs) => `#/evals/${runs.map(encodeURIComponent).join(",")}`;

  citewire.evals = (element, given) => {
    server = given;
    form().addEventListener("submit", (event) => {
      event.preventDefault();
      begin(() => call(server.start, payload()));
    });
    form().addEventListener("change", (event) => {
      if (event.target.name === "set") form().querySelector(".evals-path").hidden = event.target.value !== "folder";
      plan();
    });
    let waiting = 0;
    form().addEventListener("input", () => {
      mark();
      clearTimeout(waiting);
      waiting = setTimeout(plan, 300);
    });
    byId("evals-runs").addEventListener("change", choose);
    byId("evals-dialog").querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      remove();
    });
    byId("evals-thumbs").addEventListener("submit", (event) => {
      event.preventDefault();
      fromThumbs(event.target);
    });
    byId("evals-list").addEventListener("input", narrow);
    byId("evals-list").addEventListener("submit", (event) => event.preventDefault());
    byId("evals-list").addEventListener("toggle", openQuestion, true);
    window.addEventListener("hashchange", () => {
      if (citewire.isArticle()) return;
      if (document.body.dataset.view !== "evals") here = null;
      else if (location.hash !== here) show(); // else it was shown when the view was opened
    });
    onView("evals", show);
    citewire.route(); // the address may name this view before there was one
  };

  // Shows what the address names.
  function show() {
    here = location.hash;
    const runs = names();
    byId("evals-overview").hidden = runs.length > 0;
    byId("evals-results").hidden = runs.length === 0;
    if (runs.length) results(runs);
    else overview();
  }

  function fault(told) {
    byId("evals-fault").textContent = told;
    if (told) byId("evals-fault").scrollIntoView({ block: "nearest" });
  }

  // --- what is to be run -----------------------------------------------------------------------------------------------

  async function overview() {
    try {
      if (await citewire.isReader) return await list();
      if (!form().querySelector("[name=set]")) await fill();
      else await refresh(); // a set may have been added since
      await list();
    } catch (error) {
      fault(error.message);
    }
  }

  async function list(isFirst = true) {
    const isLast = listing();
    const { runs, thumbs, running } = await call(server.overview, { east: east() });
    if (!isLast()) return;
    const ticked = chosen().map((box) => box.value); // a redrawn list keeps them
    byId("evals-runs").innerHTML = runs;
    for (const box of boxes()) box.checked = ticked.includes(box.value);
    if (thumbs !== thumbed) byId("evals-thumbs").innerHTML = thumbed = thumbs;
    choose();
    if (running && isFirst) look(running);
  }

  function payload() {
    const read = (name) => form().querySelector(`[name="${name}"]`)?.value ?? "";
    const columns = [];
    for (const input of form().querySelectorAll("[data-name]")) {
      (columns[input.dataset.column] ??= {})[input.dataset.name] = input.value;
    }
    settings = columns.length ? columns : settings;
    return { set: read("set"), folder: read("folder"), settings };
  }

  async function fill(values = { settings }) {
    const places = [byId("evals-set"), byId("evals-settings")];
    for (const place of places) place.inert = true; // both are drawn anew
    try {
      const parts = await call(server.form, values);
      places[0].innerHTML = sets = parts.set;
      places[1].innerHTML = parts.settings;
    } finally {
      for (const place of places) place.inert = false;
    }
    mark();
    await plan();
    if (!byId("evals-known-llm").dataset.full) models();
  }

  // The sets anew, as chosen; what is being typed into the settings stays.
  async function refresh() {
    const before = JSON.stringify(payload());
    const html = (await call(server.form, payload())).set;
    if (JSON.stringify(payload()) !== before) return refresh(); // something else is chosen by now
    if (html !== sets) byId("evals-set").innerHTML = sets = html;
    await plan();
  }

  // The models that answer now are found while the reader looks at the form.
  async function models() {
    const place = byId("evals-known-llm");
    place.dataset.full = "1";
    for (const name of await call(server.models).catch(() => [])) {
      if ([...place.options].some((option) => option.value === name)) continue;
      const option = document.createElement("option");
      option.value = name;
      byId("evals-known-llm").append(option);
    }
  }

  // What would be asked, in words. It neither moves nor disables Run: a click may come while it is on its way.
  async function plan() {
    const isLast = planning();
    const place = byId("evals-plan");
    try {
      const { html } = await call(server.plan, payload());
      if (!isLast()) return;
      place.innerHTML = html;
      place.dataset.tone = "";
    } catch (error) {
      if (!isLast()) return;
      place.textContent = error.message;
      place.dataset.tone = "fault";
    }
  }

  // What differs from the first setting is marked, and nothing else.
  function mark() {
    for (const row of form().querySelectorAll(".evals-settings tbody tr")) {
      const [first, ...others] = row.querySelectorAll("input");
      for (const input of others) input.classList.toggle("differs", input.value.trim() !== first.value.trim());
    }
  }

  actions["evals-add"] = async () => {
    const values = payload();
    values.settings = settings = [...values.settings, { ...values.settings.at(-1) }];
    await refill(values);
    form().querySelector(`[data-column="${settings.length - 1}"]`)?.focus();
  };
  actions["evals-drop"] = async (button) => {
    const values = payload();
    values.settings = settings = values.settings.filter((_, number) => number !== Number(button.dataset.column));
    await refill(values);
    form().querySelector("[data-action=evals-add]")?.focus();
  };

  async function refill(values) {
    try {
      await fill(values);
      fault("");
    } catch (error) {
      fault(error.message);
    }
  }

  // The arrows of a number go in the step of its field, while any number between is right.
  document.addEventListener("keydown", (event) => {
    const input = event.target.closest?.("#evals-form input[data-step]");
    const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!input || !way) return;
    event.preventDefault();
    const step = Number(input.dataset.step);
    const value = Math.round((Number(input.value) + way * step) / step) * step;
    const high = input.max === "" ? Infinity : Number(input.max);
    input.value = String(Number(Math.min(high, Math.max(Number(input.min), value)).toFixed(4)));
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // --- a run under way ---------------------------------------------------------------------------------------------------

  async function begin(start) {
    byId("evals-run").disabled = true; // a double click begins one run
    try {
      fault("");
      look(await start());
      byId("evals-running").scrollIntoView({ block: "nearest", behavior: motion() });
      say(words.begun);
    } catch (error) {
      fault(error.message);
    }
    byId("evals-run").disabled = false;
  }

  function look(progress, wait = FIRST_LOOK) {
    job = progress;
    draw(progress);
    clearTimeout(looking);
    if (["waiting", "running"].includes(progress.state)) {
      looking = setTimeout(() => again(Math.min(wait * 1.3, LAST_LOOK)), wait);
    }
  }

  async function again(wait) {
    const before = job;
    try {
      const progress = await call(server.progress, { job: job.id });
      if (job.id !== before.id) return; // another run has begun, and is looked at
      look(progress, wait);
      if (before.state !== progress.state) over(progress);
      if (before.asking !== progress.asking && !byId("evals-overview").hidden) await list(false);
    } catch (error) {
      if (job.id !== before.id) return;
      byId("evals-note").textContent = error.message;
      looking = setTimeout(() => again(LAST_LOOK), LAST_LOOK);
    }
  }

  function draw({ title, state, done, total, note, error }) {
    byId("evals-running").hidden = state === "done";
    byId("evals-running-heading").textContent = filled(words[`is_${state}`] ?? "", { name: title });
    const bar = byId("evals-progress");
    bar.hidden = !["waiting", "running"].includes(state);
    if (total) [bar.max, bar.value] = [total, done];
    else bar.removeAttribute("value");
    // An answer that was under way when Stop was pressed says nothing of that.
    const isStopping = stopping !== null && stopping === job?.id && !bar.hidden;
    if (isStopping) note = words.stopping;
    byId("evals-note").textContent = error ?? (state === "cancelled" ? words.goes_on : note);
    byId("evals-note").dataset.tone = error ? "fault" : "";
    byId("evals-cancel").hidden = bar.hidden;
    byId("evals-cancel").disabled = isStopping;
  }

  function over(progress) {
    if (["waiting", "running"].includes(progress.state)) return;
    const isSeen = document.body.dataset.view === "evals" && !names().length;
    if (progress.state === "done") {
      say(words.done);
      shown = null; // a run of that name may have been shown before
      if (isSeen) location.hash = address(progress.runs);
      return;
    }
    say(byId("evals-note").textContent);
    if (isSeen) overview();
  }

  actions["evals-cancel"] = async (button) => {
    button.disabled = true;
    stopping = job.id;
    byId("evals-note").textContent = words.stopping;
    await call(server.cancel, { job: job.id }).catch((error) => {
      stopping = null;
      fault(error.message);
    });
  };
  actions["evals-resume"] = (button) => begin(() => call(server.resume, { run: button.dataset.run }));

  // --- the runs that are kept --------------------------------------------------------------------------------------------

  const boxes = () => [...byId("evals-runs").querySelectorAll("input[type=checkbox]")];
  const chosen = () => boxes().filter((box) => box.checked);

  function choose() {
    const some = chosen();
    byId("evals-choice").hidden = boxes().length < 2;
    const sets = new Set(some.map((box) => box.dataset.set));
    let told = counted(words.chosen, some.length);
    if (some.length < 2) told = words.choose_two;
    else if (some.length > 4) told = words.four_at_most;
    else if (sets.size > 1) told = words.do_not_compare;
    byId("evals-chosen").textContent = told;
    byId("evals-compare").disabled = some.length < 2 || some.length > 4 || sets.size > 1;
  }

  actions["evals-open"] = (button) => (location.hash = address([button.dataset.run]));
  // The newest stand first in the list; what came after is held against what was before.
  actions["evals-compare"] = () => (location.hash = address(chosen().map((box) => box.value).reverse()));

  let meant = null; // { name } of the run that the dialog is about
  actions["evals-delete"] = (button) => {
    meant = { name: button.dataset.run };
    byId("evals-dialog-words").textContent = filled(words.delete_question, meant);
    byId("evals-dialog-fault").textContent = "";
    byId("evals-dialog").showModal();
  };
  actions["evals-keep"] = () => byId("evals-dialog").close();

  async function remove() {
    const deed = meant;
    const button = byId("evals-dialog").querySelector("[type=submit]");
    button.disabled = true; // a double click does it once
    try {
      await call(server.delete, { runs: [deed.name] });
    } catch (error) {
      if (meant === deed) byId("evals-dialog-fault").textContent = error.message;
      return;
    } finally {
      button.disabled = false;
    }
    if (meant === deed) byId("evals-dialog").close();
    shown = null;
    say(words.deleted);
    overview();
  }

  // --- results -----------------------------------------------------------------------------------------------------------

  async function results(runs) {
    byId("evals-title").textContent = 
      runs.length > 1 ? filled(words.against, { run: runs[0], others: runs.slice(1).join(", ") }) : runs[0];
    if (shown === runs.join()) return;
    shown = runs.join();
    const places = [byId("evals-parts"), byId("evals-numbers"), byId("evals-list")];
    for (const place of places) place.replaceChildren();
    const waiting = byId("evals-waiting");
    waiting.textContent = runs.length > 1 ? words.comparing : words.reading;
    try {
      const { numbers, questions } = await call(server.results, { runs });
      if (shown !== runs.join()) return;
      byId("evals-numbers").innerHTML = numbers;
      byId("evals-list").innerHTML = questions;
      waiting.textContent = "";
      parts();
      narrow();
      byId("evals-title").focus({ preventScroll: true });
    } catch (error) {
      if (shown !== runs.join()) return;
      shown = null;
      waiting.textContent = error.message;
    }
  }

  function parts() {
    for (const part of document.querySelectorAll("#evals-results .part")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet";
      button.dataset.action = "evals-jump";
      button.dataset.part = part.id;
      button.textContent = part.querySelector("h2").textContent;
      byId("evals-parts").append(button);
    }
  }

  actions["evals-jump"] = (button) => {
    const heading = byId(button.dataset.part).querySelector("h2");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    heading.scrollIntoView({ block: "start", behavior: motion() });
  };

  function narrow() {
    const controls = byId("evals-list").querySelector(".controls");
    if (!controls) return;
    const { text, type } = Object.fromEntries(new FormData(controls));
    const option = controls.elements.show.selectedOptions[0];
    const sought = text.toLowerCase().split(/\s+/).filter(Boolean);
    const questions = [...byId("evals-list").querySelectorAll(".question")];
    let count = 0;
    for (const question of questions) {
      const summary = question.querySelector("summary").textContent.toLowerCase();
      const fits = fitsShow(question, option) && (!type || question.dataset.type === type);
      question.hidden = !(fits && sought.every((word) => summary.includes(word)));
      count += !question.hidden;
    }
    controls.querySelector("output").textContent = filled(words.shown, { count, questions: questions.length });
  }

  function fitsShow(question, option) {
    const [kind, value] = option.value.split(" ");
    const right = (run) => question.dataset.right[run] === "1";
    if (kind === "status") return question.dataset.status.split(" ").includes(value);
    if (kind === "right") return right(Number(value));
    if (kind === "pair") return right(Number(option.dataset.right)) && !right(Number(option.dataset.wrong));
    return true;
  }

  async function openQuestion(event) {
    const question = event.target;
    if (!question.matches?.(".question[open]") || question.dataset.full) return;
    question.dataset.full = "1";
    const place = document.createElement("div");
    question.append(place);
    try {
      place.innerHTML = await call(server.question, { runs: names(), id: question.dataset.id });
    } catch (error) {
      delete question.dataset.full;
      place.textContent = error.message;
    }
  }

  actions["evals-save"] = async () => {
    try {
      const { name, text } = await call(server.report, { runs: names() });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "text/html" }));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      say(filled(citewire.words.window.saved_as, { name }));
    } catch (error) {
      byId("evals-waiting").textContent = error.message;
    }
  };

  // --- questions from thumbs ---------------------------------------------------------------------------------------------

  async function fromThumbs(thumbs) {
    const told = byId("evals-thumbs-words");
    try {
      told.textContent = await citewire.addThumbed(thumbs.querySelector("[name=set]").value);
      await refresh();
    } catch (error) {
      told.textContent = error.message;
    }
  }
})();
