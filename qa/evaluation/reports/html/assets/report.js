// Narrows the list of questions. Without a script all of them are shown.
"use strict";
(() => {
  const form = document.querySelector(".controls");
  const questions = [...document.querySelectorAll(".question")];
  const texts = questions.map((question) => question.querySelector("summary").textContent.toLowerCase());
  const narrow = () => {
    const { text, status, type } = Object.fromEntries(new FormData(form));
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    questions.forEach((question, number) => {
      const fits =
        (!status || question.dataset.status.split(" ").includes(status)) &&
        (!type || question.dataset.type === type) &&
        words.every((word) => texts[number].includes(word));
      question.hidden = !fits;
      shown += fits;
    });
    form.querySelector("output").textContent = `${shown} of ${questions.length}`;
  };
  form.hidden = false;
  form.addEventListener("input", narrow);
  form.addEventListener("submit", (event) => event.preventDefault());
  narrow();
  // What is closed does not print.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details.slice:not([open])")];
    opened.forEach((part) => (part.open = true));
  });
  addEventListener("afterprint", () => opened.forEach((part) => (part.open = false)));
})();
