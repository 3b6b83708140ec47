"""What readers have set for themselves in the window, kept beside the library: one file, an entry for each reader."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from filelock import FileLock

from qa.errors import LibraryError, UsageError
from qa.settings import Settings

log = logging.getLogger(__name__)

LENGTHS: Mapping[str, int] = {"short": 2, "usual": 4, "long": 7}
"""Length of an answer -> its sentences at most."""
_VERSION = 1
_NOBODY = ""  # stands for the reader of a window without log-in


@dataclass(frozen=True, slots=True)
class Preferences:
    """What one reader has set; None is as Citewire was started."""

    llm: str | None = None
    """`provider:model`, or "extractive"."""
    where: str = "this machine"
    """Where that model runs, for the reader."""
    length: str | None = None
    """One of LENGTHS."""
    refuse_below: float | None = None

    def __bool__(self) -> bool:
        return (self.llm, self.length, self.refuse_below) != (None, None, None)

    def over(self, settings: Settings) -> Settings:
        """The settings with what was set in their place."""
        changed: dict[str, Any] = {}
        if self.length is not None:
            changed["answer_sentences"] = LENGTHS[self.length]
        if self.refuse_below is not None:
            changed["refuse_below"] = self.refuse_below
        return settings.model_copy(update=changed)


def read_preferences(document: object) -> Preferences:
    """The preferences of a JSON object. Raises UsageError for a value that cannot be."""
    fields = document if isinstance(document, Mapping) else {}
    llm, where, length, refuse = (fields.get(name) for name in ("llm", "where", "length", "refuse_below"))
    if llm is not None and not (isinstance(llm, str) and llm):
        raise UsageError(f"'{llm}' is no language model. Choose one of the list.")
    if length is not None and length not in LENGTHS:
        raise UsageError(f"'{length}' is no length of an answer. Choose one of: {', '.join(LENGTHS)}.")
    if refuse is not None:
        if isinstance(refuse, bool) or not isinstance(refuse, int | float) or not 0 <= refuse <= 1:
            raise UsageError(f"'{refuse}' is no confidence. Choose one from 0 to 1.")
        refuse = float(refuse)
    return Preferences(llm, where if isinstance(where, str) and where else "this machine", length, refuse)


class PreferenceFile:
    """preferences.json in the library's folder. Safe to use from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._path = folder.expanduser() / "preferences.json"
        self._threads = threading.Lock()

    def read(self, owner: str | None) -> Preferences:
        """What the reader has set; nothing where the file is not there or cannot be read."""
        try:
            return read_preferences(self._all()["readers"].get(owner or _NOBODY))
        except UsageError as error:
            log.warning("%s: %s", self._path, error)
            return Preferences()

    def write(self, owner: str | None, preferences: Preferences) -> None:
        """Keeps what the reader has set, as a whole or not at all. Raises LibraryError where that cannot be."""

        def change(document: dict[str, Any]) -> None:
            document["readers"].pop(owner or _NOBODY, None)
            if preferences:
                document["readers"][owner or _NOBODY] = asdict(preferences)

        try:
            self._change(change)
        except OSError as error:
            raise LibraryError(
                f"Your settings could not be kept in {self._path}: {error.strerror}. Free some space or change its "
                "permissions."
            ) from None

    def first_words(self) -> dict[str, float]:
        """Seconds until the first word of each model whose answer was waited for here."""
        found = self._all()["first_words"].items()
        return {name: float(seconds) for name, seconds in found if isinstance(seconds, int | float)}

    def note_first_word(self, model: str, seconds: float) -> None:
        """Keeps how long a model took here, where that is not known or is half as long again as what is."""
        known = self.first_words().get(model)
        if known is not None and seconds < 1.5 * known and known < 1.5 * seconds + 1:
            return
        with suppress(OSError):  # it is measured again with the next answer
            self._change(lambda document: document["first_words"].update({model: round(seconds, 2)}))

    def _change(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Writes the file anew with a change, as a whole or not at all. Raises OSError."""
        with self._threads, FileLock(self._path.with_suffix(".lock")):
            document = self._all()
            change(document)
            new = self._path.with_suffix(f".{uuid4().hex[:8]}.new")
            try:
                new.write_text(json.dumps({"version": _VERSION, **document}, indent=1), "utf-8")
                os.replace(new, self._path)
            finally:
                new.unlink(missing_ok=True)

    def _all(self) -> dict[str, Any]:
        """What the file holds, by `readers` and `first_words`."""
        document: Any = {}
        try:
            document = json.loads(self._path.read_text("utf-8"))
            document = document if document["version"] == _VERSION else {}
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, LookupError) as error:
            log.warning("%s cannot be read (%s); nothing is taken from it.", self._path, error)
            document = {}
        parts = {name: document.get(name) for name in ("readers", "first_words")}
        return {name: dict(part) if isinstance(part, Mapping) else {} for name, part in parts.items()}
