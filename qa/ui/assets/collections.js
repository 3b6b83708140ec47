// Collections: what the Library and the filter list of them, and the dialog that makes, fills and renames one.
(() => {
  const citewire = window.citewire;
  const { actions, byId, call, counted, filled, say } = citewire;
  const words = citewire.words.collections;
  const articlesText = (count) => counted(citewire.words.counts.articles, count);

  let server = null;
  let rows = []; // those that this reader may see
  let library = null; // { chosen, draw } of the table
  let meant = null; // what the open dialog does: { articles } or { filter } or { followed } or { renamed }

  citewire.collections = (given) => {
    server = given;
    byId("collect-dialog").querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      agreed();
    });
    byId("collect-choice").addEventListener("change", showFields);
    load();
  };

  citewire.libraryCollections = (given) => {
    library = given;
    byId("library-collection").addEventListener("change", () => {
      drawBar();
      library.draw(0);
    });
    drawChoices();
  };

  document.addEventListener("citewire:changed-collections", load);
  document.addEventListener("citewire:changed-library", load);

  async function load() {
    if (!server) return;
    rows = await call(server.list_collections).catch(() => rows);
    drawChoices();
    document.dispatchEvent(new CustomEvent("citewire:collections"));
  }

  const optionText = ({ name, articles, owner }) =>
    filled(owner ? words.of_other : words.option, { name, owner, count: articles.toLocaleString("en") });
  const option = (value, text) => Object.assign(document.createElement("option"), { value, textContent: text });

  // The choices of a list of collections, with what was chosen in it as long as that is there.
  citewire.collectionChoices = (select, first, chosen = select.value) => {
    select.replaceChildren(option("", first), ...rows.map((row) => option(row.id, optionText(row))));
    select.value = rows.some(({ id }) => id === chosen) ? chosen : "";
    return rows.length;
  };
  citewire.collectionNamed = (id) => {
    const row = rows.find((one) => one.id === id);
    return row ? { id: row.id, name: row.name } : null;
  };

  // --- the one that the Library shows ----------------------------------------------------------------------------------

  function drawChoices() {
    const select = byId("library-collection");
    if (!select) return;
    const before = select.value;
    select.hidden = !citewire.collectionChoices(select, words.all);
    drawBar();
    if (before !== select.value) library?.draw(0); // it has been deleted
  }

  const current = () => rows.find(({ id }) => id === byId("library-collection")?.value);

  function drawBar() {
    const row = current();
    byId("collection-bar").hidden = !row;
    byId("library-take-out").hidden = !row?.own;
    if (!row) return;
    const sharing = row.owner ? filled(words.shared_by, row) : row.shared ? words.is_shared : "";
    const said = [`${row.name}: ${articlesText(row.articles)}`, row.fills.join("; "), sharing];
    byId("collection-words").textContent = said.filter(Boolean).join(" · ");
    for (const button of byId("collection-bar").querySelectorAll("[data-own]")) button.hidden = !row.own;
    document.querySelector('[data-action="collection-share"]').textContent = row.shared ? words.unshare : words.share;
  }

  actions["collection-ask"] = () => {
    const { id, name } = current();
    document.dispatchEvent(new CustomEvent("citewire:filter", { detail: { filters: { collection: { id, name } }, titles: {} } }));
    citewire.toQuestion();
  };
  actions["collection-rename"] = () => open({ renamed: current() });
  actions["collection-share"] = async () => {
    const row = current();
    const shared = !row.shared;
    await change(() => call(server.share_collection, { collection: row, shared }), shared ? words.shared_now : words.unshared_now, row);
  };
  actions["collection-delete"] = () => {
    const row = current();
    citewire.libraryAsk({
      words: filled(words.delete_question, row),
      button: words.delete,
      action: async () => {
        await call(server.delete_collection, { collection: row });
        await load();
        say(filled(words.deleted, row));
        return byId("library-search");
      },
    });
  };
  actions["library-take-out"] = () => {
    const row = current();
    const articles = [...library.chosen.keys()];
    change(async () => {
      const count = await call(server.take_out, { collection: row, articles });
      for (const id of articles) library.chosen.delete(id); // others may have been ticked meanwhile
      return { articles: articlesText(count) };
    }, words.taken_out, row);
  };

  // Does something to the collection that is shown, and says what came of it.
  async function change(action, told, row) {
    byId("collection-fault").textContent = "";
    try {
      const given = await action();
      await load();
      await library.draw();
      say(filled(told, { ...row, ...(typeof given === "object" ? given : {}) }));
    } catch (error) {
      byId("collection-fault").textContent = error.message;
    }
  }

  // --- the dialog ------------------------------------------------------------------------------------------------------

  actions["library-collect"] = () => open({ articles: [...library.chosen.keys()] });
  actions["reading-collect"] = (button) => open({ articles: [button.dataset.article] });
  actions["collect-followed"] = (button) => open({ followed: button.closest("[data-followed]").dataset.followed });
  actions["collect-cancel"] = () => byId("collect-dialog").close();
  citewire.collectFilter = (filter) => open({ filter });

  async function open(deed) {
    meant = deed;
    const { articles, filter, renamed } = deed;
    if (articles) await load(); // another tab may have made one
    if (meant !== deed) return; // the dialog is opened for something else
    const own = rows.filter((row) => row.own);
    const choice = byId("collect-choice");
    choice.replaceChildren(...own.map((row) => option(row.id, optionText(row))), option("", words.new));
    byId("collect-choice-field").hidden = !articles || !own.length;
    byId("collect-heading").textContent = articles
      ? filled(words.add_heading, { articles: articlesText(articles.length) })
      : filter ? words.filter_heading : renamed ? filled(words.rename_heading, renamed) : words.source_heading;
    byId("collect-note").textContent = filter ? words.filter_note : "";
    byId("collect-note").hidden = !filter;
    byId("collect-name").value = renamed?.name ?? "";
    byId("collect-shared").checked = false;
    byId("collect-fault").textContent = "";
    byId("collect-dialog").showModal();
    showFields();
    (byId("collect-choice-field").hidden ? byId("collect-name") : choice).focus();
  }

  const isNew = () => !meant.renamed && (byId("collect-choice-field").hidden || !byId("collect-choice").value);

  function showFields() {
    byId("collect-name-field").hidden = !isNew() && !meant.renamed;
    byId("collect-shared-field").hidden = !isNew();
    byId("collect-do").textContent = meant.renamed ? words.do_rename : isNew() ? words.do_make : words.do_add;
  }

  async function agreed() {
    const deed = meant;
    byId("collect-do").disabled = true; // a double click does it once
    try {
      const told = await done();
      if (meant === deed) byId("collect-dialog").close();
      say(told);
    } catch (error) {
      if (meant === deed) byId("collect-fault").textContent = error.message;
    }
    byId("collect-do").disabled = false;
  }

  async function done() {
    const name = byId("collect-name").value;
    if (meant.renamed) {
      await call(server.rename_collection, { collection: meant.renamed, name });
      await load();
      return "";
    }
    if (isNew()) {
      const made = await call(server.make_collection, { ...meant, name, shared: byId("collect-shared").checked });
      await load();
      return filled(words.made, { name: made.name, articles: articlesText(made.articles) });
    }
    const collection = citewire.collectionNamed(byId("collect-choice").value);
    const count = await call(server.add_to_collection, { collection, articles: meant.articles });
    await load();
    return filled(words.added, { ...collection, articles: articlesText(count) });
  }
})();
