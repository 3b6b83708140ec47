"""A server's response: its status in words, its redirect, and a body of bounded size."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass

from qa.errors import ReadError

_REDIRECTS = (301, 302, 303, 307, 308)
_SAVE_IT = "save it in a browser and give the file"
_SENTENCES = {
    401: f"the page asks for a login (401); {_SAVE_IT}",
    402: f"the page has to be paid for (402); {_SAVE_IT}",
    403: f"the server does not give this page to programs (403); {_SAVE_IT}",
    404: "there is no such page (404); check the address",
    410: "the page was taken down for good (410); look for a copy in a web archive",
    429: "the server wants to be asked less often (429); try again later",
    451: "the page is withheld for legal reasons (451); look for another source",
}


@dataclass(frozen=True, slots=True)
class Response:
    """The status, headers and, of a page, the bytes that came."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    data: bytes = b""

    @property
    def is_page(self) -> bool:
        """True if this is the page."""
        return self.status in (200, 203)

    @property
    def location(self) -> str | None:
        """The target of a redirect, as the server wrote it; None without one."""
        return self.headers.get("location") if self.status in _REDIRECTS else None

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait before a retry, as the server asks; None if it does not say."""
        value = self.headers.get("retry-after", "")
        return float(value) if self.status in (429, 503) and value.isascii() and value.isdigit() else None

    @property
    def complaint(self) -> str:
        """The meaning of a failed status and what to do, for the user."""
        if self.status in _SENTENCES:
            return _SENTENCES[self.status]
        if self.status >= 500:
            return f"the server has a fault of its own ({self.status}); try again later"
        return f"the server answers {self.status} in place of a page; open it in a browser to see why"


async def read_body(chunks: AsyncIterable[bytes], encoding: str, largest: int, cut: bool = False) -> bytes:
    """The body, decompressed as it comes. Raises ReadError if it is longer than `largest` bytes, or cuts it there."""
    unpack = _Unpacker(encoding)
    body = bytearray()
    async for chunk in chunks:
        body += unpack(chunk, largest + 1 - len(body))
        if len(body) > largest:
            if cut:
                return bytes(body[:largest])
            raise ReadError(f"the page is larger than {largest / 1e6:g} MB; {_SAVE_IT} if it is an article")
        if unpack.ended:  # what may follow is padding, of any length
            return bytes(body)
    unpack.check_end()
    return bytes(body)


class _Unpacker:
    """Decompresses a gzip body, never into more bytes than allowed, so that a small bomb stays small."""

    def __init__(self, encoding: str) -> None:
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise ReadError(f"the page comes compressed as '{encoding[:20]}', which was not asked for; {_SAVE_IT}")
        self._gzip = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in encoding else None

    def __call__(self, chunk: bytes, most: int) -> bytes:
        try:
            return self._gzip.decompress(chunk, most) if self._gzip else chunk
        except zlib.error:
            raise ReadError(f"the page is not compressed as it says; {_SAVE_IT}") from None

    @property
    def ended(self) -> bool:
        return bool(self._gzip and self._gzip.eof)

    def check_end(self) -> None:
        if self._gzip and not self.ended:
            raise ReadError("the page breaks off before its end; try again later")
