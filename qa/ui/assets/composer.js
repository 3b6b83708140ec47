// The question box: it grows with its text, sends on Enter, keeps a draft over a reload, and edits the last question.
(() => {
  const citewire = window.citewire;
  const { actions, byId, keys, questionBox } = citewire;
  const DRAFT = "citewire.draft";

  let isEditing = false;

  citewire.composer = () => {
    const box = questionBox();
    byId("asking").addEventListener("submit", (event) => {
      event.preventDefault();
      send();
    });
    box.addEventListener("input", () => {
      grow();
      keepDraft(isEditing ? "" : box.value);
    });
    box.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "/" && !box.value) {
        event.preventDefault(); // the key that leads here
      } else if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        send();
      } else if (event.key === "ArrowUp" && !box.value) {
        event.preventDefault();
        edit();
      } else if (event.key === "Escape" && isEditing) {
        event.stopPropagation();
        leave();
      }
    });
    if (!box.value) box.value = draft();
    citewire.onView("ask", grow); // in another view it has no height that could be measured
    // Whoever comes to ask can type at once; not on a screen where the keys would cover the page.
    const isStart = ["", "#", "#/"].includes(location.hash) && document.activeElement === document.body;
    if (isStart && matchMedia("(hover: hover)").matches) box.focus({ preventScroll: true });
  };

  function send() {
    const box = questionBox();
    if (!citewire.ask(box.value.trim(), isEditing)) return;
    box.value = "";
    keepDraft("");
    editing(false);
    grow();
  }

  function edit() {
    const turn = document.querySelector("#last .turn");
    if (!turn || turn.dataset.state === "running") return;
    questionBox().value = turn.querySelector(".question").textContent;
    editing(true);
    grow();
    questionBox().focus();
  }

  function leave() {
    questionBox().value = "";
    editing(false);
    grow();
    questionBox().focus();
  }

  function editing(value) {
    isEditing = value;
    byId("editing").hidden = !value;
  }

  actions.edit = edit;
  actions["edit-cancel"] = leave;
  document.addEventListener("citewire:place", () => isEditing && leave());

  keys["/"] = (event) => {
    event.preventDefault();
    if (document.body.dataset.view !== "ask") location.hash = "#/";
    questionBox().focus();
  };

  function grow() {
    const box = questionBox();
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, 220)}px`;
  }

  function draft() {
    try {
      return sessionStorage.getItem(DRAFT) ?? "";
    } catch {
      return "";
    }
  }

  function keepDraft(text) {
    try {
      if (text) sessionStorage.setItem(DRAFT, text);
      else sessionStorage.removeItem(DRAFT);
    } catch {
      // A browser that keeps nothing loses a draft on a reload, and nothing else.
    }
  }
})();
