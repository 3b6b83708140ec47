// "Add to evals": a question of the conversation with the passages that answer it goes into a set of one's own.
(() => {
  const citewire = window.citewire;
  const { actions, byId, call } = citewire;

  let server = null;
  let turn = null; // { conversation, number } of what is being added

  citewire.collecting = (element, given) => {
    server = given;
    const dialog = byId("collecting");
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      add(event.target);
    });
    dialog.addEventListener("change", (event) => {
      if (event.target.name === "unanswerable") follow();
    });
    byId("collecting-link").addEventListener("click", () => dialog.close());
  };

  citewire.addThumbed = (set) => call(server.add_thumbed, { set });

  actions.evals = async (button) => {
    const { conversation, number } = (button.closest("[data-conversation]") ?? button).dataset;
    const mine = (turn = { conversation, number });
    const dialog = byId("collecting");
    byId("collecting-fault").textContent = "";
    byId("collecting-fields").replaceChildren();
    dialog.querySelector("form").hidden = false;
    byId("collecting-done").hidden = true;
    byId("collecting-add").disabled = true;
    dialog.showModal();
    try {
      const html = await call(server.fields, mine);
      if (turn !== mine) return; // the dialog is about another question by now
      byId("collecting-fields").innerHTML = html;
      byId("collecting-add").disabled = false;
      follow();
      byId("collecting-question").focus();
    } catch (error) {
      if (turn === mine) byId("collecting-fault").textContent = error.message;
    }
  };

  // What the articles do not say has neither a passage nor an answer.
  function follow() {
    const dialog = byId("collecting");
    const isUnanswerable = dialog.querySelector("[name=unanswerable]").checked;
    dialog.querySelector(".collecting-passages").inert = isUnanswerable;
    byId("collecting-answers").disabled = isUnanswerable;
  }

  async function add(form) {
    const data = new FormData(form);
    const mine = turn;
    byId("collecting-add").disabled = true;
    try {
      const told = await call(server.add, {
        ...mine,
        question: data.get("question"),
        passages: data.getAll("passage").map(Number),
        unanswerable: data.has("unanswerable"),
        answers: data.get("answers") ?? "",
        as_of: data.get("as_of"),
        set: data.get("set"),
      });
      if (turn !== mine) return;
      byId("collecting-words").textContent = told;
      form.hidden = true;
      byId("collecting-done").hidden = false;
      byId("collecting-link").focus();
    } catch (error) {
      if (turn !== mine) return;
      byId("collecting-fault").textContent = error.message;
    }
    byId("collecting-add").disabled = false;
  }

  actions["collecting-close"] = () => byId("collecting").close();
})();
