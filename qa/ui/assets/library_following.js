// Folders, pages and feeds that are read again and again: followed, listed with what came of the last time, ended.
(() => {
  const citewire = window.citewire;
  const { actions, byId, call, counted, east, filled, onView, say } = citewire;
  const words = citewire.words.library_following;

  let library = null; // { server, look, fault } of the view

  citewire.libraryFollowing = (given) => {
    library = given;
    byId("library-folder")?.addEventListener("submit", (event) => {
      event.preventDefault();
      follow(byId("library-path").value);
    });
    onView("library", list);
  };

  // Agreed is to the folder that was asked about, whatever the field says by then.
  async function follow(folder, agreed = false) {
    const { server, look, fault } = library;
    const button = byId("library-folder").querySelector("button");
    fault("");
    button.disabled = true; // a double click does it once
    try {
      const given = await call(server.follow_folder, { folder, agreed });
      if (!given.gone) {
        if (byId("library-path").value === folder) byId("library-path").value = "";
        list();
        return look();
      }
      const files = counted(words.gone_files, given.gone);
      const asked = filled(words.gone, { files, folder: given.folder });
      citewire.libraryAsk({ words: asked, button: citewire.words.library_adding.follow, action: () => follow(folder, true) });
    } catch (error) {
      fault(error.message);
    } finally {
      button.disabled = false;
    }
  }

  async function list() {
    if (!library || document.body.dataset.view !== "library") return;
    const place = byId("library-followed");
    try {
      citewire.redrawn(place, await call(library.server.list_followed, { east: east() }), "data-followed");
    } catch (error) {
      place.textContent = error.message;
    }
  }

  document.addEventListener("citewire:changed-followed", list);

  actions["library-unfollow"] = async (button) => {
    try {
      await call(library.server.unfollow, { followed: button.closest("[data-followed]").dataset.followed });
      await list();
      say(words.ended);
    } catch (error) {
      library.fault(error.message);
    }
  };
})();
