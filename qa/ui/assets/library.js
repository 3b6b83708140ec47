// The Library view: the table, files on their way in, what became of them, and the doctor.
(() => {
  const citewire = window.citewire;
  const { actions, byId, call, filled, onView, requests } = citewire;
  const { library: words, library_adding: adding, library_doctor: checking } = citewire.words;

  let server = null;
  const shown = { sort: "date", descending: true, offset: 0 };
  const chosen = new Map(); // id -> title

  citewire.library = (element, given) => {
    server = given;
    citewire.libraryRemoving({ server, chosen, changed });
    citewire.libraryFollowing({ server, look, fault });
    citewire.libraryCollections({ chosen, draw });
    onView("library", () => {
      draw();
      look();
    });
    let waiting = 0;
    byId("library-search").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => draw(0), 150);
    });
    byId("library-outlet").addEventListener("change", () => draw(0));
    byId("library-find").addEventListener("submit", (event) => event.preventDefault());
    byId("library-address").addEventListener("submit", addAddress);
    for (const id of ["library-file-input", "library-folder-input"]) {
      byId(id).addEventListener("change", (event) => {
        send([...event.target.files].map((file) => ({ file, name: file.webkitRelativePath || file.name })));
        event.target.value = "";
      });
    }
    byId("library-table").addEventListener("change", choose);
    dropping();
    look();
  };

  // --- the table -----------------------------------------------------------------------------------------------------------

  const listing = requests();

  async function draw(offset = shown.offset) {
    shown.offset = offset;
    const isLast = listing();
    const collection = citewire.collectionNamed(byId("library-collection").value);
    const payload = { ...shown, search: byId("library-search").value, outlet: byId("library-outlet").value, collection };
    let given;
    try {
      given = await call(server.list_articles, payload);
    } catch (error) {
      if (isLast()) byId("library-table").textContent = error.message;
      return;
    }
    if (!isLast()) return; // something else was asked for meanwhile
    citewire.redrawn(byId("library-table"), given.table, "data-article");
    byId("library-outlet").innerHTML = given.outlets;
    byId("library").innerHTML = given.count;
    byId("library-find").hidden = !given.table;
    for (const box of document.querySelectorAll(".library-one")) {
      box.checked = chosen.has(box.closest("tr").dataset.article);
    }
    tellChosen();
  }

  const drawLater = () => draw();

  document.addEventListener("citewire:changed-library", () => {
    if (!server) return;
    citewire.welcome?.();
    if (document.body.dataset.view !== "library") return; // it is drawn when it is shown
    if (byId("library-dialog").open) byId("library-dialog").addEventListener("close", drawLater, { once: true });
    else draw();
  });

  actions["library-sort"] = async (button) => {
    const { sort } = button.dataset;
    shown.descending = shown.sort === sort ? !shown.descending : sort === "date" || sort === "passages";
    shown.sort = sort;
    await draw(0);
    const isLost = document.activeElement === document.body; // else the reader has gone on
    if (isLost) document.querySelector(`[data-sort="${sort}"]`)?.focus();
  };
  actions["library-page"] = (button) => draw(Number(button.dataset.offset));

  function choose(event) {
    const boxes = [...document.querySelectorAll(".library-one")];
    if (event.target.id === "library-all") for (const box of boxes) box.checked = event.target.checked;
    for (const box of boxes) {
      const row = box.closest("tr");
      if (box.checked) chosen.set(row.dataset.article, row.querySelector("th button").textContent);
      else chosen.delete(row.dataset.article);
    }
    tellChosen();
  }

  function tellChosen() {
    const boxes = [...document.querySelectorAll(".library-one")];
    const all = byId("library-all");
    if (all) all.checked = boxes.length > 0 && boxes.every((box) => box.checked);
    byId("library-chosen").hidden = chosen.size === 0;
    const hidden = chosen.size - boxes.filter((box) => box.checked).length;
    byId("library-chosen-count").textContent = filled(hidden ? words.selected_hidden : words.selected, { count: chosen.size, hidden });
    document.querySelector('[data-action="library-remove"]').hidden = hidden === chosen.size;
  }

  actions["library-only"] = () => {
    const articles = [...chosen].map(([id, title]) => ({ id, title }));
    document.dispatchEvent(new CustomEvent("citewire:only", { detail: { articles } }));
    citewire.toQuestion();
  };

  // --- files on their way in ------------------------------------------------------------------------------------------------

  actions["library-files"] = () => byId("library-file-input").click();
  actions["library-folder"] = () => byId("library-folder-input").click();

  // Files that are dropped onto the Library or the start page, where there is a place for them.
  function dropping() {
    const place = () => [byId("drop"), document.querySelector("#welcome .drop")].find((drop) => drop?.offsetParent);
    let inside = 0;
    const isFiles = (event) => place() && [...event.dataTransfer.types].includes("Files");
    document.addEventListener("dragenter", (event) => {
      if (!isFiles(event)) return;
      event.preventDefault();
      inside++;
      place().classList.add("over");
    });
    document.addEventListener("dragleave", () => {
      inside = Math.max(0, inside - 1);
      if (!inside) place()?.classList.remove("over");
    });
    document.addEventListener("dragover", (event) => isFiles(event) && event.preventDefault());
    document.addEventListener("drop", async (event) => {
      if (!isFiles(event)) return;
      event.preventDefault();
      inside = 0;
      place().classList.remove("over");
      // Entries must be taken at once: they are gone after the event.
      const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
      const files = [...event.dataTransfer.files].map((file) => ({ file, name: file.name }));
      send(entries.length ? (await Promise.all(entries.map(walk))).flat() : files);
    });
  }

  // Every file below an entry, with its way there.
  async function walk(entry, before = "") {
    const name = before + entry.name;
    if (entry.isFile) return [{ file: await new Promise((done, fail) => entry.file(done, fail)), name }];
    const reader = entry.createReader();
    const found = [];
    for (;;) {
      const some = await new Promise((done, fail) => reader.readEntries(done, fail)); // a hundred at a time
      if (!some.length) return found;
      found.push(...(await Promise.all(some.map((one) => walk(one, `${name}/`)))).flat());
    }
  }

  const isHidden = (name) => name.split("/").some((part) => part.startsWith("."));
  let sending = null; // { stopped }

  async function send(files) {
    if (await citewire.isReader) return;
    fault("");
    if (sending) return fault(adding.still_sending);
    const wanted = files.filter(({ name }) => !isHidden(name));
    if (!wanted.length) return fault(adding.no_file);
    if (document.body.dataset.view !== "library") location.hash = "#/library"; // where it shows how far they are
    sending = { stopped: false };
    const paths = [];
    const refused = [];
    try {
      for (const [number, { file, name }] of wanted.entries()) {
        if (sending.stopped) break;
        tellSending(number, wanted.length, name);
        const answer = await upload(file, name);
        if (answer.path) paths.push(answer.path);
        else refused.push(answer.error);
      }
      const [first, ...others] = refused;
      if (first) fault(others.length ? filled(adding.and_more_refused, { first, count: others.length }) : first);
      if (paths.length && !sending.stopped) await call(server.add_files, { paths });
    } catch (error) {
      fault(error.message);
    } finally {
      sending = null;
      byId("library-sending").replaceChildren();
      look();
    }
  }

  async function upload(file, name) {
    try {
      const answer = await fetch(`library/upload?name=${encodeURIComponent(name)}`, {
        method: "POST",
        body: file,
        headers: { "X-Citewire": "1" },
      });
      return await answer.json();
    } catch {
      return { error: filled(adding.not_sent, { name }) };
    }
  }

  function tellSending(number, count, name) {
    const place = byId("library-sending");
    if (!place.firstChild) {
      place.innerHTML =
        '<p class="job-line"><span class="job-title" dir="auto"></span><progress></progress>' +
        '<button type="button" class="quiet" data-action="library-stop-sending"></button></p>';
      place.querySelector("button").textContent = adding.cancel;
    }
    place.querySelector(".job-title").textContent = filled(adding.sending, { name, number: number + 1, count });
    Object.assign(place.querySelector("progress"), { max: count, value: number });
  }
  actions["library-stop-sending"] = () => sending && (sending.stopped = true);

  async function addAddress(event) {
    event.preventDefault();
    fault("");
    const address = byId("library-url").value;
    const button = byId("library-address").querySelector("button");
    button.disabled = true; // a double click does it once
    try {
      await call(server.add_address, { address, follow: byId("library-url-follow").checked });
      if (byId("library-url").value === address) { // else the next one is being typed
        byId("library-url").value = "";
        byId("library-url-follow").checked = false;
      }
      look();
    } catch (error) {
      fault(error.message);
    }
    button.disabled = false;
  }

  function fault(words) {
    byId("library-fault").textContent = words;
    byId("library-fault").hidden = !words;
  }

  // --- what is under way ----------------------------------------------------------------------------------------------------

  let timer = 0;
  const told = new Set(); // jobs whose end was told

  async function look() {
    clearTimeout(timer);
    let jobs = [];
    try {
      jobs = await call(server.under_way);
    } catch {
      timer = setTimeout(look, 3_000);
      return;
    }
    const place = byId("library-jobs");
    const known = new Set(jobs.map((job) => job.id));
    for (const item of [...place.children]) if (!known.has(item.dataset.job)) item.remove();
    for (const job of jobs) drawJob(place, job);
    const isOver = (job) => ["done", "cancelled", "failed"].includes(job.state);
    for (const job of jobs) {
      if (!isOver(job) || told.has(job.id)) continue;
      told.add(job.id);
      changed();
    }
    if (jobs.some((job) => !isOver(job))) timer = setTimeout(look, 400);
  }

  const STATES = { waiting: adding.waiting, running: "", done: adding.done, cancelled: adding.cancelled };

  function drawJob(place, job) {
    let item = place.querySelector(`[data-job="${job.id}"]`);
    if (!item) {
      item = document.createElement("div"); // no landmark: two loads of a file each would have the same name
      item.setAttribute("role", "group");
      item.className = "job";
      item.dataset.job = job.id;
      item.setAttribute("aria-label", job.title);
      item.innerHTML =
        '<p class="job-line"><span class="job-title" dir="auto"></span><progress></progress>' +
        '<span class="job-note" role="status" dir="auto"></span>' +
        '<button type="button" class="quiet" data-action="library-cancel-job"></button>' +
        '<button type="button" class="quiet" data-action="library-dismiss"></button></p><div class="job-result"></div>';
      item.querySelector('[data-action="library-cancel-job"]').textContent = adding.cancel;
      item.querySelector('[data-action="library-dismiss"]').textContent = adding.dismiss;
      place.prepend(item);
    }
    if (item.dataset.state === "over") return;
    const isUnderWay = job.state === "waiting" || job.state === "running";
    item.querySelector(".job-title").textContent = job.title;
    const bar = item.querySelector("progress");
    bar.hidden = !isUnderWay;
    bar.setAttribute("aria-label", job.title);
    if (job.total) Object.assign(bar, { max: job.total, value: job.done });
    else bar.removeAttribute("value");
    item.querySelector(".job-note").textContent = job.error ?? (isUnderWay ? job.note || STATES[job.state] : STATES[job.state]);
    item.dataset.failed = job.state === "failed";
    item.querySelector('[data-action="library-cancel-job"]').hidden = !isUnderWay;
    item.querySelector('[data-action="library-dismiss"]').hidden = isUnderWay;
    if (!isUnderWay) {
      item.dataset.state = "over";
      item.querySelector(".job-result").innerHTML = job.result ?? "";
    }
  }

  const jobOf = (button) => button.closest("[data-job]").dataset.job;
  actions["library-cancel-job"] = (button) => call(server.cancel_job, { job: jobOf(button) }).catch((error) => fault(error.message));
  actions["library-dismiss"] = async (button) => {
    await call(server.dismiss, { job: jobOf(button) }).catch(() => null);
    button.closest("[data-job]").remove();
  };

  async function changed() {
    await draw();
    citewire.welcome?.();
    document.dispatchEvent(new CustomEvent("citewire:library"));
  }

  // --- the doctor -----------------------------------------------------------------------------------------------------------

  actions["library-doctor"] = async () => {
    byId("library-findings").textContent = checking.checking;
    try {
      byId("library-findings").innerHTML = await call(server.doctor);
    } catch (error) {
      byId("library-findings").textContent = error.message;
    }
  };
  actions["library-repair"] = async () => {
    try {
      await call(server.start_repair);
      byId("library-findings").replaceChildren();
      look();
    } catch (error) {
      byId("library-findings").textContent = error.message;
    }
  };
})();
