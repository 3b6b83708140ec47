// Correcting the article that is open: only the fields that somebody has changed are sent.
(() => {
  const citewire = window.citewire;
  const { actions, byId, call, isTyping, say, words } = citewire;

  let server = null;
  let article = null; // the id of what is corrected

  citewire.correcting = (element, given) => {
    server = given;
    byId("correcting").querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      keep(event.target);
    });
    byId("reading").addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key !== "e" || !byId("reading-correct").offsetParent) return; // a reader has none
      event.preventDefault(); // it would be typed into the first field
      open(byId("reading-correct"));
    });
  };

  actions.correct = open;

  async function open(button) {
    article = button.dataset.article;
    byId("correcting-fault").textContent = "";
    byId("correcting-fields").replaceChildren();
    byId("correcting-keep").disabled = true;
    byId("correcting").showModal();
    try {
      byId("correcting-fields").innerHTML = await call(server.correcting_fields, { article });
      byId("correcting-keep").disabled = false;
      byId("correcting-title").focus();
    } catch (error) {
      byId("correcting-fault").textContent = error.message;
    }
  }

  async function keep(form) {
    const changed = [...form.querySelectorAll("input")].filter((input) => input.value !== input.defaultValue);
    if (!changed.length) return byId("correcting").close();
    byId("correcting-fault").textContent = "";
    byId("correcting-keep").disabled = true; // a double press does it once
    try {
      const given = Object.fromEntries(changed.map((input) => [input.name, input.value]));
      await call(server.correct, { article, given });
      byId("correcting").close();
      await citewire.readAgain();
      say(words.correcting.kept);
      document.dispatchEvent(new CustomEvent("citewire:changed-library"));
    } catch (error) {
      byId("correcting-fault").textContent = error.message;
    }
    byId("correcting-keep").disabled = false;
  }

  actions["correcting-back"] = ({ dataset }) => {
    const input = byId(`correcting-${dataset.field}`);
    input.value = dataset.said;
    input.focus();
  };
  actions["correcting-close"] = () => byId("correcting").close();
})();
