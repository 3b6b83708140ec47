// Removing articles from the library: those that are ticked and in sight, by their titles; for a moment it can be undone.
(() => {
  const citewire = window.citewire;
  const { actions, byId, call, counted, filled, say } = citewire;
  const told = citewire.words.library_removing;

  let library = null; // { server, chosen, changed } of the table
  let meant = null; // what is done once it is agreed to
  let undo = null; // the key that puts back what was removed last
  let timer = 0;

  citewire.libraryRemoving = (given) => {
    library = given;
    byId("library-dialog").querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      agreed();
    });
  };

  // Asks before something is done that cannot be taken for granted.
  citewire.libraryAsk = ({ words, button, action, titles = [], note = "" }) => {
    meant = action;
    byId("library-dialog-words").textContent = words;
    byId("library-dialog-titles").replaceChildren(...titles.map(item));
    byId("library-dialog-titles").hidden = !titles.length;
    byId("library-dialog-titles").tabIndex = titles.length > 5 ? 0 : -1; // it scrolls then
    byId("library-dialog-note").textContent = note;
    byId("library-dialog-do").textContent = button;
    byId("library-dialog-fault").textContent = "";
    byId("library-dialog").showModal();
  };

  function item(title) {
    const line = document.createElement("li");
    line.dir = "auto";
    line.textContent = title;
    return line;
  }

  async function agreed() {
    const deed = meant;
    byId("library-dialog-do").disabled = true; // a double click does it once
    try {
      const focused = await deed();
      if (deed === meant) { // else the dialog asks about something else by now
        byId("library-dialog").close();
        focused?.focus?.(); // else the focus is where it was before
      }
    } catch (error) {
      if (deed === meant) byId("library-dialog-fault").textContent = error.message;
    }
    byId("library-dialog-do").disabled = false;
  }

  actions["library-cancel"] = () => byId("library-dialog").close();

  const articlesText = (number) => counted(citewire.words.counts.articles, number);

  actions["library-remove"] = () => {
    const rows = [...document.querySelectorAll(".library-one:checked")].map((box) => box.closest("tr"));
    if (!rows.length) return;
    const ids = rows.map((row) => row.dataset.article);
    const hidden = library.chosen.size - ids.length;
    citewire.libraryAsk({
      words: ids.length === 1 ? told.one : filled(told.several, { articles: articlesText(ids.length) }),
      titles: rows.map((row) => row.querySelector("th button").textContent),
      note: hidden ? counted(told.hidden_stays, hidden) : "",
      button: citewire.words.library.remove,
      action: () => remove(ids),
    });
  };

  async function remove(ids) {
    const given = await call(library.server.remove_articles, { articles: ids });
    for (const id of ids) library.chosen.delete(id);
    offer(given, filled(told.removed, { articles: articlesText(ids.length) }));
    await library.changed();
    return document.querySelector('[data-action="library-undo"]');
  }

  // --- for a moment it can be undone ---------------------------------------------------------------------------------

  function offer(given, words) {
    undo = given.undo;
    tell(words, true);
    timer = setTimeout(close, given.seconds * 1_000);
  }

  function tell(words, canUndo = false) {
    clearTimeout(timer);
    byId("library-undo-words").textContent = words;
    document.querySelector('[data-action="library-undo"]').hidden = !canUndo;
    byId("library-undo").hidden = false;
  }

  // Not under the hand of somebody who is about to press it.
  function close() {
    const place = byId("library-undo");
    const isAtHand = place.contains(document.activeElement) || place.matches(":hover");
    if (isAtHand && undo) return void (timer = setTimeout(finish, 5_000));
    finish();
  }

  function finish() {
    undo = null;
    byId("library-undo").hidden = true;
  }

  actions["library-undo"] = async () => {
    if (!undo) return;
    const key = undo;
    undo = null;
    tell(told.putting_back);
    try {
      const number = await call(library.server.put_back, { undo: key });
      await library.changed();
      if (undo) return; // something else was removed meanwhile, and can be put back
      tell(filled(told.put_back, { articles: articlesText(number) }));
      say(byId("library-undo-words").textContent);
    } catch (error) {
      if (undo) return;
      tell(error.message);
    }
    timer = setTimeout(finish, 10_000);
  };
})();
