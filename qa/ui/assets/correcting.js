// Correcting the article that is open: only the fields that somebody has changed are sent.
(() => {
  const citewire = window.citewire;
  const { actions, byId, call, isTyping, say, words } = citewire;

  let server = null;
  let deed = null; // { article } of what is corrected

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
    const mine = (deed = { article: button.dataset.article });
    byId("correcting-fault").textContent = "";
    byId("correcting-fields").replaceChildren();
    byId("correcting-keep").disabled = true;
    byId("correcting").showModal();
    try {
      const html = await call(server.correcting_fields, mine);
      if (deed !== mine) return; // the dialog is about another article by now
      byId("correcting-fields").innerHTML = html;
      byId("correcting-keep").disabled = false;
      byId("correcting-title").focus();
    } catch (error) {
      if (deed === mine) byId("correcting-fault").textContent = error.message;
    }
  }

  async function keep(form) {
    const changed = [...form.querySelectorAll("input")].filter((input) => input.value !== input.defaultValue);
    if (!changed.length) return byId("correcting").close();
    const mine = deed;
    byId("correcting-fault").textContent = "";
    byId("correcting-keep").disabled = true; // a double press does it once
    try {
      const given = Object.fromEntries(changed.map((input) => [input.name, input.value]));
      await call(server.correct, { ...mine, given });
      if (deed === mine) byId("correcting").close();
      await citewire.readAgain();
      say(words.correcting.kept);
      document.dispatchEvent(new CustomEvent("citewire:changed-library"));
    } catch (error) {
      if (deed === mine) byId("correcting-fault").textContent = error.message;
    }
    if (deed === mine) byId("correcting-keep").disabled = false;
  }

  actions["correcting-back"] = ({ dataset }) => {
    const input = byId(`correcting-${dataset.field}`);
    input.value = dataset.said;
    input.focus();
  };
  actions["correcting-close"] = () => byId("correcting").close();
})();
