// The start page: a column or an outlet is clicked, and the next question is asked of its articles only.
(() => {
  const { actions, questionBox } = window.citewire;

  function filter(filters) {
    document.dispatchEvent(new CustomEvent("citewire:filter", { detail: { filters, titles: {} } }));
    questionBox().focus();
  }

  actions["start-days"] = ({ dataset }) => filter({ from: dataset.from, to: dataset.to });
  actions["start-outlet"] = ({ dataset }) => filter({ outlets: [dataset.outlet] });
})();
