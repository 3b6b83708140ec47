"""A window that this process serves, and the hands of a reader: launch a Chromium, ask a question."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, Playwright, Route, expect

from qa.ui.app import application_of
from qa.ui.context import AppState
from qa.ui.guard import known_hosts
from qa.ui.passwords import Accounts, read_accounts
from qa.ui.server import WindowServer, listen

expect.set_options(timeout=60_000)  # for a machine with much else to do: a wait ends as soon as it can

AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CHROMIUM_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@dataclass
class Window:
    """A served window and the assistant behind it."""

    address: str
    assistant: Any
    app: AppState


def launch(playwright: Playwright) -> Browser:
    """The Chromium of this machine, or the one that Playwright has installed."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)


def serving(
    assistant: Any, auth: str | Accounts | None = None, note: str | None = None, root_path: str = ""
) -> Iterator[Window]:
    """The window on a free port, until the generator is closed."""
    with listen("127.0.0.1", 0) as listener:
        accounts = read_accounts([auth]) if isinstance(auth, str) else auth
        app = AppState(assistant, accounts=accounts)
        application = application_of(app, hosts=known_hosts("127.0.0.1"), note=note, root_path=root_path)
        server = WindowServer(application, app.close)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield Window(f"http://127.0.0.1:{listener.getsockname()[1]}", assistant, app)
        server.config.timeout_graceful_shutdown = 0  # each page that is open holds a stream
        server.should_exit = True
        thread.join(timeout=10)


def is_own(url: str, address: str) -> bool:
    return url.startswith(("data:", "blob:", "about:")) or urlsplit(url).netloc == urlsplit(address).netloc


def citing_first(text: str) -> Callable[[Sequence[dict[str, str]]], str]:
    """A model's reply in which `[1]` has become the key of the first passage in its prompt."""

    def write(messages: Sequence[dict[str, str]]) -> str:
        key = re.search(r"<passage (\w+)>", messages[-1]["content"])
        return text.replace("[1]", f"[{key[1]}]") if key else text

    return write


def ask(page: Page, question: str, state: str = "done") -> None:
    """Asks by keyboard, and waits until the newest turn is in the given state."""
    turns = page.locator(".turn").count()
    box = page.get_by_role("textbox", name="Your question")
    box.fill(question)
    box.press("Enter")
    expect(page.locator(f'.turn[data-turn="{turns + 1}"][data-state="{state}"]')).to_be_visible()


@dataclass
class HeldCalls:
    """Calls of a server function that a page has made, in their order; the server does not know of them yet."""

    page: Page
    function: str
    routes: list[Route] = field(default_factory=list)

    def take(self, route: Route) -> None:
        if f'"{self.function}"' in (route.request.post_data or ""):
            self.routes.append(route)
        else:
            route.fallback()

    def wait_for(self, count: int) -> None:
        """Waits until so many have been made."""
        while len(self.routes) < count:
            self.page.evaluate("() => new Promise(requestAnimationFrame)")

    def answer(self, number: int = 0) -> None:
        """Lets the server answer one of them, and waits until the page has had the time to take that in."""
        self.wait_for(number + 1)
        route = self.routes[number]
        with self.page.expect_response(lambda response: response.request == route.request) as response:
            route.continue_()
        response.value.finished()
        self.page.evaluate("() => new Promise(requestIdleCallback)")


@contextmanager
def held(page: Page, function: str) -> Iterator[HeldCalls]:
    """Holds back what the page asks of a server function, until the end of the block."""
    calls = HeldCalls(page, function)
    pattern = re.compile("component_server")
    page.route(pattern, calls.take)
    try:
        yield calls
    finally:
        page.unroute(pattern, calls.take)


SETTLED = """() => Promise.all(
  document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().iterations !== Infinity)
    .map((one) => one.finished.catch(() => null))
)"""
"""Waits until no colour or place is on its way to another."""


def look(page: Page, width: int, scheme: str) -> None:
    """Makes the page so wide, in light or dark."""
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    expect(page.locator("body.dark")).to_have_count(int(scheme == "dark"))
    page.evaluate(SETTLED)


WALKED = """() => {
  const at = document.activeElement;
  if (at === document.body) return "the page";
  const first = document.querySelector("[data-walked=first]");
  if (first === at) return "";
  at.dataset.walked = first ? "later" : "first";
  const { left, right, top, bottom } = at.getBoundingClientRect();
  const within = (low, high, size) => (Math.max(low, 0) + Math.min(high, size)) / 2;
  const there = document.elementFromPoint(within(left, right, innerWidth), within(top, bottom, innerHeight));
  const faults = [];
  if (!at.contains(there)) faults.push(`covered by ${there?.outerHTML.slice(0, 80)}`);
  if (getComputedStyle(at).outlineStyle === "none" && !at.closest("#box")) faults.push("without a sign of the focus");
  return faults.length ? `${at.outerHTML.slice(0, 120)}: ${faults.join(", ")}` : "fine";
}"""
NOT_WALKED = """() => [
  ...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']"),
]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length)
  .filter((one) => !one.disabled && one.tabIndex >= 0 && !one.closest("[inert]") && one.dataset.walked === undefined)
  .filter((one) => one.type !== "radio" || one.checked)  // the others by the arrows
  .map((one) => `${one.outerHTML.slice(0, 120)}: not reached`)"""


def walking_faults(page: Page) -> list[str]:
    """What goes wrong on a walk through the whole page by Tab: what it does not reach, or reaches and does not show.

    A list that comes in on the way makes it walk again: what is wrong with the page is wrong the next time too.
    """
    for _ in range(3):
        if not (faults := _walk(page)):
            break
    return faults


def _walk(page: Page) -> list[str]:
    page.evaluate("for (const one of document.querySelectorAll('[data-walked]')) delete one.dataset.walked")
    faults = []
    for _ in range(400):
        page.keyboard.press("Tab")
        if not (seen := page.evaluate(WALKED)):
            break
        if seen not in ("fine", "the page"):
            faults.append(seen)
    return faults + list(page.evaluate(NOT_WALKED))


AXE_RUN = """async ([rules, whole]) => {
  const options = {
    runOnly: { type: "tag", values: rules },
    resultTypes: ["violations"],
    preload: whole,
    rules: { "color-contrast": { enabled: whole } },
  };
  const { violations } = await axe.run(options);
  return violations
    .filter(({ impact }) => ["serious", "critical", "moderate"].includes(impact))
    .map(({ impact, id, help, nodes }) => `${impact} ${id}: ${help}: ${nodes[0].html.slice(0, 200)}`);
}"""
CONTRASTS = (Path(__file__).parent / "contrasts.js").read_text(encoding="utf-8")


def axe_faults(page: Page, whole: bool = False) -> list[str]:
    """What axe-core finds moderate or worse, with the first element of each, and texts that are too pale.

    axe-core takes most of its time to see what lies behind each text, and reads all style sheets for what they say of
    turning the device. It does both only for the `whole`; contrasts.js measures the texts in hundredths of that time.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [*page.evaluate(AXE_RUN, [AXE_RULES, whole]), *page.evaluate(CONTRASTS)]


def axe_faults_wide_and_narrow(page: Page) -> list[str]:
    """What axe-core finds in the page narrow and dark, then wide and light, as it stays."""
    look(page, 360, "dark")
    narrow = axe_faults(page)
    look(page, 1280, "light")
    return narrow + axe_faults(page)
