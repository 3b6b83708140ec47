// The Settings view, and the line under the question box that says who writes the answers.
(() => {
  const citewire = window.citewire;
  const { actions, byId, call, filled, onView, say } = citewire;
  const words = citewire.words.settings;
  const NAMES = { answer_sentences: "length", refuse_below: "refuse_below" }; // a setting -> the name it is sent by

  let server = null;

  citewire.settings = (element, given) => {
    server = given;
    const view = byId("settings-heading").closest("section");
    for (const one of view.querySelectorAll("[name=theme]")) {
      one.checked = one.value === window.citewireTheme.chosen();
    }
    view.addEventListener("change", (event) => changed(event.target));
    view.addEventListener("input", (event) => event.target.id === "settings-refuse" && saySlider(event.target));
    onView("settings", () => {
      show();
      find();
    });
    citewire.connecting(server);
    call(server.mode_now).then(showMode).catch(() => {}); // the page was drawn with what Citewire was started with
  };

  async function show() {
    try {
      draw(await call(server.settings_now));
    } catch (error) {
      fault(error.message);
    }
  }

  function draw(given) {
    const active = document.activeElement;
    const again = active?.id ? `#${active.id}` : active?.name && `[name="${active.name}"]:checked`;
    const within = byId("settings-answers").contains(active);
    byId("settings-answers").innerHTML = given.answers;
    if (within) (again && byId("settings-answers").querySelector(again) || byId("settings-answers").querySelector("input")).focus();
    showMode(given);
  }

  function showMode({ mode }) {
    const line = byId("mode");
    if (!line || line.dataset.given === mode) return;
    line.dataset.given = mode;
    line.innerHTML = mode;
    document.dispatchEvent(new CustomEvent("citewire:mode", { detail: { html: mode } }));
  }

  async function find() {
    byId("settings-finding").hidden = false;
    try {
      byId("settings-models").innerHTML = await call(server.find_models);
    } catch (error) {
      fault(error.message);
    }
    byId("settings-finding").hidden = true;
  }

  citewire.modelsChanged = () => Promise.all([show(), find()]);

  actions["settings-find"] = async () => {
    await find();
    const count = document.querySelectorAll("#settings-models input").length;
    say(filled(words.to_choose, { count }));
  };

  async function changed(input) {
    if (input.name === "theme") {
      window.citewireTheme.choose(input.value);
      return said(words.kept_in_browser);
    }
    if (input.name === "llm") return chooseModel(input);
    if (input.name === "length") return keep({ length: input.value });
    if (input.id === "settings-refuse") return keep({ refuse_below: Number(input.dataset.values.split(" ")[input.value]) });
  }

  async function chooseModel(input) {
    const group = byId("settings-model");
    group.setAttribute("aria-busy", "true");
    said(filled(words.loading, { model: input.value }));
    const isKept = await keep({ llm: input.value });
    group.removeAttribute("aria-busy");
    if (!isKept) await find(); // what is in force is checked again
    else if (document.activeElement === document.body) input.focus();
  }

  async function keep(payload) {
    fault("");
    try {
      const given = await call(server.settings_set, payload);
      draw(given);
      said(given.said);
      return true;
    } catch (error) {
      said("");
      fault(error.message);
      return false;
    }
  }

  actions["settings-back"] = (button) => keep({ [NAMES[button.dataset.name]]: null });

  function saySlider(slider) {
    const step = slider.getAttribute(`data-step-${slider.value}`);
    slider.setAttribute("aria-valuetext", step);
    byId("settings-refuse-said").textContent = step;
  }

  function said(told) {
    byId("settings-said").textContent = told;
  }

  function fault(told) {
    byId("settings-fault").textContent = told;
    byId("settings-fault").hidden = !told;
  }
})();
