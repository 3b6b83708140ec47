// The list of conversations, and the drawer that it is on a narrow screen.
(() => {
  const citewire = window.citewire;
  const { actions, byId, call, east, filled, onEscape, requests, say } = citewire;
  const words = citewire.words.history;
  const narrow = matchMedia("(max-width: 899.9px)");

  let server = null;

  citewire.history = (element, given) => {
    server = given;
    let waiting = 0;
    byId("history-search").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(list, 150);
    });
    const dialog = byId("history-dialog");
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      confirmed();
    });
    byId("drawer").addEventListener("click", (event) => {
      if (narrow.matches && event.target.closest("a, #new")) toggle(false);
    });
    narrow.addEventListener("change", () => toggle(false));
    toggle(false);
    citewire.sharing(given);
    list();
  };
  citewire.listConversations = list;

  const listing = requests();

  async function list() {
    const isLast = listing();
    const payload = { search: byId("history-search").value, east: east() };
    try {
      const html = await call(server.list_conversations, payload);
      if (!isLast()) return;
      if (isBusy()) return void (isStale = true); // a menu that is open stays so
      citewire.redrawn(byId("history-list"), html, "data-conversation");
    } catch (error) {
      if (!isLast()) return;
      byId("history-list").textContent = error.message;
    }
    mark();
  }

  let isStale = false;
  const isBusy = () => document.querySelector("#history-list details[open]") || byId("history-dialog").open;

  function mark() {
    const here = citewire.conversationId();
    for (const item of document.querySelectorAll("#history-list li")) {
      const link = item.querySelector("a");
      if (item.dataset.conversation === here) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  document.addEventListener("citewire:kept", list);
  document.addEventListener("citewire:changed-conversations", () => server && list());
  for (const name of ["toggle", "close"]) {
    document.addEventListener(name, () => isStale && !isBusy() && ((isStale = false), list()), true);
  }
  document.addEventListener("citewire:place", mark);

  // --- renaming, deleting, exporting -----------------------------------------------------------------------------------

  let meant = null; // { conversation, title, isDeletion }

  function ask(button, isDeletion) {
    const item = button.closest("li");
    item.querySelector("details").open = false;
    meant = { conversation: item.dataset.conversation, title: item.querySelector("a").textContent, isDeletion };
    byId("history-dialog-words").textContent = filled(isDeletion ? words.delete_question : words.rename_heading, meant);
    byId("history-dialog-field").hidden = isDeletion;
    byId("history-title").value = meant.title;
    byId("history-dialog-do").textContent = isDeletion ? words.delete : words.rename;
    byId("history-dialog-fault").textContent = "";
    byId("history-dialog").showModal();
    if (!isDeletion) byId("history-title").select();
  }

  async function confirmed() {
    const deed = meant;
    const { conversation, isDeletion } = deed;
    byId("history-dialog-do").disabled = true; // a double click does it once
    try {
      if (isDeletion) await call(server.delete, { conversation });
      else await call(server.rename, { conversation, title: byId("history-title").value });
    } catch (error) {
      if (meant === deed) byId("history-dialog-fault").textContent = error.message;
      return;
    } finally {
      byId("history-dialog-do").disabled = false;
    }
    if (meant === deed) byId("history-dialog").close(); // else it is about another conversation by now
    if (isDeletion) citewire.forget(conversation);
    say(isDeletion ? words.deleted : words.renamed);
    list();
  }

  actions["history-rename"] = (button) => ask(button, false);
  actions["history-delete"] = (button) => ask(button, true);
  actions["history-cancel"] = () => byId("history-dialog").close();
  actions["history-export"] = async (button) => {
    const item = button.closest("li");
    item.querySelector("details").open = false;
    try {
      const { name, text } = await call(server.export, {
        conversation: item.dataset.conversation,
        format: button.dataset.format,
      });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      say(filled(citewire.words.window.saved_as, { name }));
    } catch (error) {
      say(error.message);
    }
  };

  // --- the drawer --------------------------------------------------------------------------------------------------------

  function toggle(open = !document.body.classList.contains("drawer-open")) {
    document.body.classList.toggle("drawer-open", open);
    byId("drawer-toggle").setAttribute("aria-expanded", String(open));
    byId("drawer").inert = narrow.matches && !open; // not reached by Tab while nobody sees it
    if (open) byId("new").focus();
  }

  actions.drawer = () => toggle();
  onEscape.unshift(() => {
    if (!document.body.classList.contains("drawer-open")) return false;
    toggle(false);
    byId("drawer-toggle").focus();
    return true;
  });
})();
