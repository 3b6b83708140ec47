"""Pages beside the window, such as the log-in: plain HTML in the window's colours, without a script."""

from __future__ import annotations

import re
from pathlib import Path

from qa.show.templates import templates

_ASSETS = Path(__file__).parent / "assets"
_PLAIN = Path(__file__).parent / "plain"
TEMPLATES = Path(__file__).parent / "templates"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Content security policy of such a page: it shows and sends, and nothing else."""
HEADERS = {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin", "Cache-Control": "no-store"}


def render(template: str, **values: object) -> str:
    """The HTML that a template of the window draws, which has the window's `texts`; every value is escaped."""
    return templates(TEMPLATES).get_template(template).render(values)


def page_html(template: str, **values: object) -> str:
    """A whole page, from a template that extends page.html."""
    style = (_PLAIN / "page.css").read_text(encoding="utf-8")
    return render(template, style=f"{colours()}\n{style}", **values)


def minutes_east(told: object) -> int:
    """Minutes that a page says its clock is ahead of UTC, as the clocks of the world have them."""
    return max(-14 * 60, min(14 * 60, told)) if isinstance(told, int) else 0


def colours() -> str:
    """The window's colours and type as CSS, dark where the system is: there is no script to choose."""
    base = (_ASSETS / "base.css").read_text(encoding="utf-8")
    light, dark = (_block(base, name) for name in (":root", ".dark"))
    return f":root {{{light}}}\n@media (prefers-color-scheme: dark) {{ :root {{{dark}}} }}"


def _block(css: str, selector: str) -> str:
    found = re.search(rf"^{re.escape(selector)} \{{(.*?)^\}}", css, re.MULTILINE | re.DOTALL)
    assert found, f"base.css has no block {selector}"
    return found[1]
