// The list of keys: "?" opens it, wherever nobody types.
(() => {
  const { actions, byId, keys } = window.citewire;
  const open = () => byId("keys").open || byId("keys").showModal();

  keys["?"] = open;
  actions.keys = open;
  actions["keys-close"] = () => byId("keys").close();
  document.addEventListener("click", (event) => event.target.id === "keys" && event.target.close()); // the backdrop
})();
