// The page of a story, #/s/ID: read when its address is opened, and again when the library changes under it.
(() => {
  const citewire = window.citewire;
  const { actions, byId, call, filled, questionBox, words } = citewire;

  let server = null;
  let shown = null; // the id of the story that is shown

  citewire.stories = (element, given) => {
    server = given;
    citewire.onView("s", follow);
    window.addEventListener("hashchange", follow);
    document.addEventListener("citewire:changed-library", () => document.body.dataset.view === "s" && read(shown));
  };

  const named = () => /^#\/s\/([^?]+)$/.exec(location.hash)?.[1] ?? null;

  function follow() {
    const given = named();
    if (!given) return;
    let id = given;
    try {
      id = decodeURIComponent(given);
    } catch {
      // Somebody cut the address in the middle of a letter: it names nothing, and the page says so.
    }
    if (id === shown) return citewire.titled();
    shown = id;
    byId("story").replaceChildren();
    byId("story-status").textContent = words.story.reading;
    read(id, true);
  }

  // A story that is read anew keeps what the reader has focused in it.
  async function read(id, isOpened = false) {
    let html = "";
    let fault = "";
    try {
      html = await call(server.read_story, { story: id });
    } catch (error) {
      fault = error.message;
    }
    if (shown !== id) return;
    byId("story-status").textContent = fault;
    if (fault) shown = isOpened ? null : shown; // opened again, it is asked for again
    else citewire.redrawn(byId("story"), html, "data-row");
    if (!citewire.isArticle()) citewire.titled();
    if (!isOpened || citewire.isArticle()) return;
    byId("story").closest(".view").scrollTop = 0;
    byId("story-heading")?.focus({ preventScroll: true });
  }

  // A conversation about the story: a new one, as another may be about something else.
  function begin({ story, title, others }) {
    actions.new();
    citewire.route(); // at once: what is hidden takes no focus
    const titles = { [story]: title };
    const filters = { stories: [story], articles: JSON.parse(others) };
    document.dispatchEvent(new CustomEvent("citewire:filter", { detail: { filters, titles } }));
    questionBox().focus();
  }

  actions["story-ask"] = (button) => begin(button.dataset);
  actions["story-brief"] = (button) => {
    begin(button.dataset);
    citewire.ask(filled(words.story.brief_question, button.dataset));
  };
  actions["story-link"] = (button) => actions.copy(button, null, location.href);
})();
