"""Pages beside the window, such as the log-in: plain HTML in the window's colours, without a script."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

_ASSETS = Path(__file__).parent / "assets"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Content security policy of such a page: it shows and sends, and nothing else."""
HEADERS = {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin", "Cache-Control": "no-store"}


def page_html(title: str, body: str, style: str = "") -> str:
    """A whole page. `body` is HTML, `style` what it needs beside the window's colours."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{colours()}\n{style}</style></head><body>{body}</body></html>"
    )


def colours() -> str:
    """The window's colours and type as CSS, dark where the system is: there is no script to choose."""
    base = (_ASSETS / "base.css").read_text(encoding="utf-8")
    light, dark = (_block(base, name) for name in (":root", ".dark"))
    return f":root {{{light}}}\n@media (prefers-color-scheme: dark) {{ :root {{{dark}}} }}"


def _block(css: str, selector: str) -> str:
    found = re.search(rf"^{re.escape(selector)} \{{(.*?)^\}}", css, re.MULTILINE | re.DOTALL)
    assert found, f"base.css has no block {selector}"
    return found[1]
