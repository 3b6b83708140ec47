// Who is logged in, the way out, and a word when the session has ended while the page stood open.
(() => {
  const citewire = window.citewire;
  const { byId, filled } = citewire;
  const words = citewire.words.session;
  let known = null;
  citewire.isReader = new Promise((done) => (known = done)); // whether who is logged in may only ask

  citewire.session = async () => {
    let given;
    try {
      given = await (await fetch("session", { cache: "no-store" })).json();
    } catch {
      return known(false); // the connection says what is wrong
    }
    document.documentElement.dataset.role = given.role;
    known(given.role === "reader");
    const place = byId("session");
    place.replaceChildren();
    if (given.user) {
      const form = document.createElement("form");
      form.method = "post";
      form.action = "logout";
      form.innerHTML = '<span class="session-user" dir="auto"></span><button class="quiet"></button>';
      form.querySelector("span").textContent = given.user;
      form.querySelector("span").title = filled(given.role === "reader" ? words.logged_in_reader : words.logged_in, given);
      form.querySelector("button").textContent = words.log_out;
      place.append(form);
    }
    if (given.note) {
      const note = document.createElement("p");
      note.className = "session-note";
      note.setAttribute("role", "note");
      note.textContent = given.note;
      place.append(note);
    }
  };

  const fetched = window.fetch.bind(window);
  window.fetch = async (...request) => {
    const answer = await fetched(...request);
    if (answer.status === 401 && answer.headers.get("X-Citewire") === "log-in") ended();
    return answer;
  };

  function ended() {
    const place = byId("connection");
    if (!place || place.querySelector("a")) return;
    const link = document.createElement("a");
    link.textContent = words.log_in_again;
    link.href = `login?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`;
    place.replaceChildren(`${words.logged_out} `, link, ".");
    place.hidden = false;
  }
})();
