// The Settings view, and the line under the question box that says who writes the answers.
(() => {
  const citewire = window.citewire;
  const { actions, byId, call, filled, onView, requests, say } = citewire;
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

  // One after the other: a model may load for longer than what is chosen after it, and what was chosen last stays.
  let underWay = Promise.resolve();
  const inTurn = (work) => (underWay = underWay.then(work));

  const show = () =>
    inTurn(async () => {
      try {
        draw(await call(server.settings_now));
      } catch (error) {
        fault(error.message);
      }
    });

  function draw(given) {
    showMode(given);
    if (byId("settings-answers").matches(":active")) return; // the slider is not taken out of somebody's hand
    const active = document.activeElement;
    const again = active?.id ? `#${active.id}` : active?.name && `[name="${active.name}"]:checked`;
    const within = byId("settings-answers").contains(active);
    byId("settings-answers").innerHTML = given.answers;
    if (within) (again && byId("settings-answers").querySelector(again) || byId("settings-answers").querySelector("input")).focus();
  }

  function showMode({ mode }) {
    const line = byId("mode");
    if (!line || line.dataset.given === mode) return;
    line.dataset.given = mode;
    line.innerHTML = mode;
    document.dispatchEvent(new CustomEvent("citewire:mode", { detail: { html: mode } }));
  }

  const finding = requests();

  async function find() {
    const isLast = finding();
    byId("settings-finding").hidden = false;
    await underWay; // what is being kept would not be checked yet
    const html = await call(server.find_models).catch((error) => isLast() && fault(error.message));
    if (!isLast()) return;
    if (html) byId("settings-models").innerHTML = html;
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
    finding(); // what is found now would check the model before
    byId("settings-finding").hidden = true;
    group.setAttribute("aria-busy", "true");
    said(filled(words.loading, { model: input.value }));
    const isKept = await keep({ llm: input.value });
    group.removeAttribute("aria-busy");
    if (!isKept) await find(); // what is in force is checked again
    else if (document.activeElement === document.body) input.focus();
  }

  const keeping = requests();

  function keep(payload) {
    const isLast = keeping();
    fault("");
    return inTurn(async () => {
      try {
        const given = await call(server.settings_set, payload);
        if (!isLast()) return true;
        draw(given);
        said(given.said);
        return true;
      } catch (error) {
        if (isLast()) said("");
        fault(error.message);
        return false;
      }
    });
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
