// The start page: a column, an outlet or a story is clicked, and the next question is asked of its articles only.
(() => {
  const { actions, questionBox } = window.citewire;

  function filter(filters, titles = {}) {
    document.dispatchEvent(new CustomEvent("citewire:filter", { detail: { filters, titles } }));
    questionBox().focus();
  }

  actions["start-days"] = ({ dataset }) => filter({ from: dataset.from, to: dataset.to });
  actions["start-outlet"] = ({ dataset }) => filter({ outlets: [dataset.outlet] });
  actions["start-story"] = ({ dataset }) =>
    filter({ articles: [], stories: [dataset.story] }, { [dataset.story]: dataset.title });
})();
