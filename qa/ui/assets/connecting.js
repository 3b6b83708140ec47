// The form in Settings that connects a model server: looked for, asked for its models, tried, kept.
(() => {
  const citewire = window.citewire;
  const { actions, byId, call, filled } = citewire;
  const words = citewire.words.connecting;

  let server = null;

  citewire.connecting = (given) => {
    server = given;
    byId("connecting").addEventListener("toggle", () => byId("connecting").open && show());
    byId("connect-form").addEventListener("submit", (event) => {
      event.preventDefault();
      list();
    });
    for (const name of ["address", "key"]) byId(`connect-${name}`).addEventListener("input", hideModels);
    byId("connect-model").addEventListener("change", () => (byId("connect-tried").innerHTML = ""));
  };

  const sent = () => ({ address: byId("connect-address").value, key: byId("connect-key").value, model: byId("connect-model").value });

  // What somebody typed or chose while the server was asked stays, and what was asked for another choice is not shown.
  const typed = () => JSON.stringify(sent());

  async function show() {
    const before = typed();
    try {
      const given = await call(server.connection_now);
      shown(given);
      if (typed() === before) fill(given);
    } catch (error) {
      fault(error.message);
    }
  }

  // The key that is kept never comes here: the page knows only that there is one.
  function shown({ address, has_key: hasKey, kept_in: keptIn }) {
    byId("connect-key").placeholder = hasKey ? words.key_kept : "";
    byId("connect-forget").hidden = !address;
    byId("connect-key-about").textContent = keptIn ? filled(words.key_kept_in, { file: keptIn }) : words.key_until_end;
  }

  function fill({ address }) {
    byId("connect-address").value = address;
    byId("connect-key").value = "";
  }

  function hideModels() {
    byId("connect-choosing").hidden = true;
    byId("connect-tried").innerHTML = "";
    said("");
    fault("");
  }

  // Does one thing at a time, and says what; null where it failed.
  async function doing(what, work) {
    fault("");
    said("");
    const line = byId("connect-doing");
    line.lastElementChild.textContent = what;
    line.hidden = false;
    byId("connecting").setAttribute("aria-busy", "true");
    try {
      return await work();
    } catch (error) {
      fault(error.message);
      return null;
    } finally {
      line.hidden = true;
      byId("connecting").removeAttribute("aria-busy");
    }
  }

  actions["connect-here"] = async () => {
    const html = await doing(words.looking, () => call(server.look_here));
    if (html !== null) byId("connect-found").innerHTML = html;
  };

  actions["connect-to"] = (button) => {
    fill(button.dataset);
    list();
  };

  async function list() {
    hideModels();
    const before = typed();
    const given = await doing(words.listing, () => call(server.list_models, sent()));
    if (!given || typed() !== before) return;
    byId("connect-address").value = given.address;
    byId("connect-model").replaceChildren(...given.models.map((name) => new Option(name, name)));
    byId("connect-sent").textContent = filled(words.sends, given);
    byId("connect-choosing").hidden = false;
    byId("connect-model").focus();
  }

  actions["connect-try"] = async () => {
    byId("connect-tried").innerHTML = "";
    const before = typed();
    const html = await doing(words.trying, () => call(server.try_model, sent()));
    if (html !== null && typed() === before) byId("connect-tried").innerHTML = html;
  };

  actions["connect-use"] = () => keep(words.keeping, () => call(server.use_model, sent()));
  actions["connect-forget"] = () => keep(words.forgetting, () => call(server.forget_server));

  async function keep(what, work) {
    const before = typed();
    const given = await doing(what, work);
    if (!given) return;
    shown(given);
    if (typed() === before) {
      hideModels();
      fill(given);
    }
    said(given.said);
    await citewire.modelsChanged();
  }

  function said(told) {
    byId("connect-said").textContent = told;
  }

  function fault(told) {
    byId("connect-fault").textContent = told;
    byId("connect-fault").hidden = !told;
  }
})();
