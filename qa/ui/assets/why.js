// The two tabs beside an answer, and what the second one says of the turn that is being read.
(() => {
  const citewire = window.citewire;
  const { byId, call } = citewire;
  const SIDE = "citewire.side";
  const SIDES = ["sources", "why"];

  let server = null;
  let told = ""; // which turn is told of
  let selected = "sources";

  citewire.why = (given) => {
    server = given;
    const tabs = document.querySelector(".side-tabs");
    tabs.addEventListener("click", (event) => {
      const tab = event.target.closest("[role=tab]");
      if (tab) choose(tab.id.replace("tab-", ""));
    });
    tabs.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const to = event.key === "Home" ? 0 : event.key === "End" ? SIDES.length - 1 : null;
      if (!step && to === null) return;
      event.preventDefault();
      choose(SIDES[to ?? (SIDES.indexOf(selected) + step + SIDES.length) % SIDES.length]);
      byId(`tab-${selected}`).focus();
    });
    citewire.selectSide(remembered());
  };

  function choose(side) {
    citewire.selectSide(side);
    try {
      localStorage.setItem(SIDE, side);
    } catch {
      // A browser that keeps nothing begins with the sources.
    }
  }

  function remembered() {
    try {
      return localStorage.getItem(SIDE) === "why" ? "why" : "sources";
    } catch {
      return "sources";
    }
  }

  citewire.selectSide = (side) => {
    selected = side;
    for (const one of SIDES) {
      const tab = byId(`tab-${one}`);
      tab.setAttribute("aria-selected", String(one === side));
      tab.tabIndex = one === side ? 0 : -1;
      byId(`side-${one}`).hidden = one !== side;
    }
    citewire.showWhy();
  };

  citewire.showWhy = async () => {
    if (selected !== "why" || !server) return;
    const turn = citewire.shownTurn();
    const { conversation, number, run, state } = turn?.dataset ?? {};
    const key = `${conversation} ${number} ${run} ${state}`;
    if (key === told) return;
    told = key;
    const place = byId("side-why");
    if (state === "running") return say(place, citewire.words.why.later);
    if (!conversation) return say(place, turn ? citewire.words.why.not_kept : "");
    place.setAttribute("aria-busy", "true");
    let html = null;
    let fault = "";
    try {
      html = await call(server.why, { conversation, number });
    } catch (error) {
      fault = error.message;
    }
    if (told !== key) return; // another turn is read by now
    place.removeAttribute("aria-busy");
    if (fault) {
      told = ""; // to be asked again
      return say(place, fault);
    }
    place.innerHTML = html;
    place.scrollTop = 0;
  };

  function say(place, words) {
    place.removeAttribute("aria-busy");
    const line = document.createElement("p");
    line.className = "why-none";
    line.textContent = words;
    place.replaceChildren(line);
  }
})();
