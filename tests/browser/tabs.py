"""The tabs that tests share: a page is left for the next test where a new conversation makes it as it was when it came.

To open a tab costs seconds of the machine, most of them for Gradio's script. A tab that cannot be handed on as it is
shows a small page of the same server meanwhile, so that the process that draws it stays, with the script it has read.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Error, Page, ViewportSize

WIDE: ViewportSize = {"width": 1280, "height": 800}
AS_EVER = {"media": "null", "color_scheme": "light", "reduced_motion": "null"}

FORGET = "() => { try { localStorage.clear(); sessionStorage.clear(); } catch {} }"  # a page of an error keeps nothing
BEGIN_ANEW = """(fragment) => {
  for (const one of document.querySelectorAll("details[open]")) one.open = false;
  for (const id of ["question", "history-search"]) {
    const box = document.getElementById(id);
    box.value = "";
    box.dispatchEvent(new Event("input"));
  }
  document.getElementById("tab-sources").click();
  document.getElementById("new").click();
  document.getElementById("announcer").textContent = "";
  location.hash = fragment;
  localStorage.clear();
  sessionStorage.clear();
}"""
NOTHING_OPEN = "() => !document.querySelector('dialog[open]') && !location.hash.startsWith('#/a/')"
# All of the page and what its fields hold; but for the conversations of others, the names that Gradio gives to its
# parts, its own signs of progress, and what is written anew before anybody sees it: dialogs, the tip, a heading.
SEEN = """() => {
  const page = document.body.cloneNode(true);
  const others = "script, style, dialog, #tip, #announcer, #sources-heading, #history-list, [data-testid$=-tracker]";
  for (const one of page.querySelectorAll(others)) one.remove();
  const fields = [...document.querySelectorAll("input, select, textarea")]
    .filter((one) => !one.closest("dialog"))
    .map((one) => [one.value, one.checked]);
  const place = [document.activeElement.id, location.hash || "#/", document.title, scrollY];
  return JSON.stringify([page.innerHTML.replace(/ id="html-\\w+"/g, ""), fields, place]);
}"""


class Tabs:
    """The tabs of a browser context, for one test after the other."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self._idle: list[Page] = []
        self._left: dict[str, Page] = {}
        """Tabs that show an address as it is when it was just opened."""
        self._seen: dict[str, str] = {}
        """What an address looks like when it was just opened."""
        self._proved: set[str] = set()
        """Addresses of which that has been seen again."""

    def take(self) -> Page:
        """A tab that shows nothing of use."""
        if not self._idle and self._left:
            return self._left.pop(next(iter(self._left)))
        return self._idle.pop() if self._idle else self._context.new_page()

    def left_at(self, address: str) -> Page | None:
        """A tab that shows the address as if it had just been opened, if a test has left one."""
        if not (page := self._left.pop(address, None)):
            return None
        page.evaluate("() => window.citewire.listConversations()")  # they were deleted since
        return page

    def note(self, page: Page, address: str) -> None:
        """Remembers what the page looks like, once nothing in it changes any more."""
        if address in self._proved:
            return
        before = now = ""
        for _ in range(20):
            page.wait_for_timeout(300)
            before, now = now, page.evaluate(SEEN) if page.locator("#welcome > *").count() else ""
            if now and now == before:
                break
        self._seen[address] = now

    def leave(self, page: Page, address: str) -> None:
        """Takes a tab back that was opened there: for the next test as it is, or else with nothing in it."""
        if address in self._seen and self._begins_anew(page, address):
            self._left[address] = page
            self._proved.add(address)
        else:
            self._clear(page)

    def close_windows(self) -> None:
        """Leaves every server; those of a file of tests end with it."""
        for page in self._left.values():
            self._clear(page, is_served=False)
        self._left.clear()

    def _begins_anew(self, page: Page, address: str) -> bool:
        page.bring_to_front()
        page.set_viewport_size(WIDE)
        page.emulate_media(**AS_EVER)
        page.mouse.move(0, 0)
        try:
            if not page.evaluate(NOTHING_OPEN):
                page.keyboard.press("Escape")
                page.wait_for_function(NOTHING_OPEN, timeout=1_000)
            page.evaluate(BEGIN_ANEW, urlsplit(address).fragment or "/")
            is_new = f"seen => ({SEEN})() === seen"
            page.wait_for_function(is_new, arg=self._seen[address], polling=200, timeout=2_000)
        except Error:  # it is not, or it is no page of the window any more
            return False
        return True

    def _clear(self, page: Page, is_served: bool = True) -> None:
        """Has the page show nothing of use; one that cannot, as its server has ended, is closed."""
        server = urlsplit(page.url)
        small = f"{server.scheme}://{server.netloc}/api/health" if is_served and server.netloc else "about:blank"
        try:
            page.evaluate(FORGET)
            page.goto(small)
            page.mouse.move(0, 0)
        except Error:
            page.close()
        else:
            self._idle.append(page)
