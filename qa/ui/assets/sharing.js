// "Share" in the menu of a conversation: a link for whoever has it, made, copied and ended in one dialog.
(() => {
  const citewire = window.citewire;
  const { actions, byId, call, filled, say, words } = citewire;

  let server = null;
  let conversation = null;

  citewire.sharing = (given) => (server = given);

  actions["history-share"] = async (button) => {
    const item = button.closest("li");
    item.querySelector("details").open = false;
    conversation = item.dataset.conversation;
    byId("share-heading").textContent = filled(words.sharing.heading, { title: item.querySelector("a").textContent });
    draw(null); // not the link of the conversation that was shared before
    document.querySelector('[data-action="share-begin"]').hidden = true; // until it is known whether there is a link
    byId("share-fault").textContent = "";
    byId("share-dialog").showModal();
    await change(server.share_now);
  };
  actions["share-begin"] = async () => {
    if (await change(server.share)) byId("share-link").select();
  };
  actions["share-end"] = async () => {
    if (await change(server.unshare)) say(words.sharing.ended);
  };
  actions["share-copy"] = (button) => actions.copy(button, null, byId("share-link").value);
  actions["share-close"] = () => byId("share-dialog").close();

  async function change(serverFunction) {
    const mine = conversation;
    try {
      const { secret } = await call(serverFunction, { conversation });
      citewire.listConversations();
      if (mine !== conversation) return false;
      draw(secret);
      byId("share-fault").textContent = "";
      return true;
    } catch (error) {
      if (mine === conversation) byId("share-fault").textContent = error.message;
      return false;
    }
  }

  function draw(secret) {
    byId("share-link").value = secret ? new URL(`shared/${secret}`, location.href.split("#")[0]).href : "";
    byId("share-there").hidden = !secret;
    for (const [action, isShown] of [["begin", !secret], ["end", secret], ["copy", secret]]) {
      document.querySelector(`[data-action="share-${action}"]`).hidden = !isShown;
    }
  }
})();
