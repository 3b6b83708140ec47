"""Recognizes the text of pages that are pictures, with tesseract: where it and the extra `ocr` are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec

from qa.errors import ReadError

_COMMAND = "tesseract"
_DOTS = 300
"""Dots an inch that a page is drawn with; fewer on one so large that it would have more than _MOST_DOTS."""
_MOST_DOTS = 30_000_000
_MOST_SECONDS, _MOST_SECONDS_A_PAGE = 1_500, 120
_MOST_LANGUAGES = 4


def can_recognize() -> bool:
    """Whether there is what it takes."""
    return bool(shutil.which(_COMMAND) and find_spec("pypdfium2"))


def recognize(pdf: bytes, pages: Sequence[int]) -> Iterator[tuple[int, str]]:
    """The number of each of the pages, counted from 1, with the text on it.

    Raises ReadError where a page cannot be recognized, or all of them take longer than 25 minutes.
    """
    import pypdfium2

    until = time.monotonic() + _MOST_SECONDS
    try:
        document = pypdfium2.PdfDocument(pdf)
        for number in pages:
            if time.monotonic() > until:
                raise ReadError(f"recognizing its text takes more than {_MOST_SECONDS // 60} minutes; split it")
            page = document[number - 1]
            width, height = page.get_size()
            scale = min(_DOTS / 72, (_MOST_DOTS / max(1.0, width * height)) ** 0.5)
            drawn = page.render(scale=scale, grayscale=True).to_numpy()
            rows, columns = drawn.shape[:2]
            yield number, _read(b"P5 %d %d 255\n" % (columns, rows) + drawn.tobytes(), round(72 * scale))
    except pypdfium2.PdfiumError as error:
        raise ReadError(f"its pages cannot be drawn: {error}") from None


def _read(picture: bytes, dots: int) -> str:
    """The text on a picture."""
    command = [_COMMAND, "stdin", "stdout", "-l", "+".join(languages()), "--dpi", str(dots)]
    try:
        done = subprocess.run(
            command,
            input=picture,
            capture_output=True,
            timeout=_MOST_SECONDS_A_PAGE,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired:
        raise ReadError(f"recognizing a page takes more than {_MOST_SECONDS_A_PAGE} seconds") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"exit code {done.returncode}"]
        raise ReadError(f"recognizing its text failed: {said[-1][:200]}")
    return done.stdout.decode("utf-8", "replace").replace("\f", "").strip()


@cache
def languages() -> tuple[str, ...]:
    """What is installed for tesseract: whoever installs a language has pages in it."""
    listed = subprocess.run([_COMMAND, "--list-langs"], capture_output=True, text=True, timeout=_MOST_SECONDS_A_PAGE)
    names = [line.strip() for line in listed.stdout.splitlines()[1:]]
    return tuple(name for name in names if name not in ("osd", "equ"))[:_MOST_LANGUAGES] or ("eng",)
