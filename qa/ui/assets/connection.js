// Whether the server is there. When it has gone, the page says so, and goes on by itself once it is back.
(() => {
  const { byId, words } = window.citewire;
  const SLOW = 15_000;
  const FAST = 1_000;

  let wasThere = true;
  let timer = setTimeout(look, SLOW);

  async function look() {
    clearTimeout(timer);
    const isThere = await fetch("api/health", { cache: "no-store", signal: AbortSignal.timeout(5_000) })
      .then(() => true)
      .catch(() => false);
    if (isThere && !wasThere) return location.reload(); // the conversation and the draft come along
    if (!isThere) lost();
    wasThere = isThere;
    timer = setTimeout(look, isThere ? SLOW : FAST);
  }

  function lost() {
    byId("connection").textContent = words.window.lost;
    byId("connection").hidden = false;
  }

  // Something asked of it failed: look at once.
  window.citewire.doubtConnection = () => {
    if (wasThere) look();
  };

  // A question under way is a reason to look more often.
  setInterval(() => {
    if (document.body.dataset.asking === "running") window.citewire.doubtConnection();
  }, 2_000);
})();
