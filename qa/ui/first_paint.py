"""Makes a page of Gradio's our own: a script before all else in it, what shows until it is drawn, and its card."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.show.window_words import WORDS

_HEAD = b"<head>"
_APP = b"<gradio-app"
_CARDS = re.compile(rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*')
_ABOUT = WORDS["window"]["about"]
_OWN_CARD = (
    f'<meta name="description" content="{_ABOUT}"><meta property="og:title" content="Citewire">'
    f'<meta property="og:description" content="{_ABOUT}">'
).encode()


def theme_script() -> str:
    """The script that sets light or dark; Gradio would run it only after it has drawn the page."""
    return (Path(__file__).parent / "plain" / "theme.js").read_text("utf-8")


class FirstPaint:
    """An ASGI application whose HTML pages begin with a script, and show something before their own script has run."""

    def __init__(self, app: ASGIApp, script: str, opening: str) -> None:
        self._app = app
        self._element = b"<script>" + script.encode() + b"</script>"
        self._opening = opening.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as the application does, with the script and the first words in each page."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return await self._app(scope, receive, send)
        wanted = dict(scope["headers"]).get(b"accept", b"")
        if b"text/html" in wanted:  # a page must not be packed before the script is in it
            scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}
        held: list[Message] = []

        async def pass_on(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                held.append(message)
            elif not held:
                await send(message)
            else:
                held.append(message)
                if not message.get("more_body"):
                    for each in self._made_ours(held):
                        await send(each)

        await self._app(scope, receive, pass_on)

    def _made_ours(self, messages: list[Message]) -> list[Message]:
        start, *parts = messages
        body = b"".join(part.get("body", b"") for part in parts)
        head, end, rest = body.partition(b"</head>")
        body = _CARDS.sub(b"", head) + end + rest if end else body
        body = body.replace(_HEAD, _HEAD + self._element + _OWN_CARD, 1).replace(_APP, self._opening + _APP, 1)
        headers = MutableHeaders(raw=list(start["headers"]))
        headers["content-length"] = str(len(body))
        return [{**start, "headers": headers.raw}, {"type": "http.response.body", "body": body}]


def _is_page(start: Message) -> bool:
    headers = MutableHeaders(raw=list(start["headers"]))
    is_html = headers.get("content-type", "").startswith("text/html")
    return is_html and "content-encoding" not in headers
