"""Reads a JSON object from outside, field by field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qa.errors import ReadError

_MOST = 1 << 40  # no offset and no number that means anything is higher


class Fields:
    """The fields of a JSON object from outside; each way to read one raises ReadError where it is something else."""

    def __init__(self, document: object, name: str) -> None:
        if not isinstance(document, Mapping):
            raise ReadError(f"{name} is not a JSON object")
        self._document, self._name = document, name

    def get(self, key: str) -> Any:
        """Whatever stands there; None where nothing does."""
        return self._document.get(key)

    def _read(self, key: str, kind: type, words: str) -> Any:
        value = self.get(key)
        if not isinstance(value, kind):
            raise ReadError(f"'{key}' of {self._name} is not {words}")
        return value

    def text(self, key: str) -> str:
        """A string, as far as it can be written again: lone surrogates are replaced."""
        return _writable(str(self._read(key, str, "text")))

    def text_or_none(self, key: str) -> str | None:
        """A string, or None where there is none."""
        return None if self.get(key) is None else self.text(key)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings; empty where there is none."""
        values = self.items(key)
        if not all(isinstance(value, str) for value in values):
            raise ReadError(f"'{key}' of {self._name} is not a list of texts")
        return tuple(map(_writable, values))

    def items(self, key: str) -> Sequence[Any]:
        """A list; empty where there is none."""
        return () if self.get(key) is None else tuple(self._read(key, list, "a list"))

    def mapping(self, key: str) -> Mapping[str, Any]:
        """A JSON object; empty where there is none."""
        return {} if self.get(key) is None else dict(self._read(key, Mapping, "a JSON object"))

    def truth(self, key: str) -> bool:
        """True or false; false where it is not said."""
        return False if self.get(key) is None else bool(self._read(key, bool, "true or false"))

    def number(self, key: str) -> int:
        """A whole number from 0."""
        value = self.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MOST:
            raise ReadError(f"'{key}' of {self._name} is not a whole number from 0")
        return value

    def day(self, key: str) -> dt.date | None:
        """A day written as YYYY-MM-DD, or None where there is none."""
        if (value := self.text_or_none(key)) is None:
            return None
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise ReadError(f"'{key}' of {self._name} is not a day written as YYYY-MM-DD") from None

    def moment(self, key: str) -> dt.datetime | None:
        """A moment in ISO 8601, in UTC where it names no time zone; None where there is none."""
        if (value := self.text_or_none(key)) is None:
            return None
        try:
            moment = dt.datetime.fromisoformat(value)
            return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
        except (ValueError, OverflowError):
            raise ReadError(f"'{key}' of {self._name} is not a moment in ISO 8601") from None

    def choice(self, key: str, choices: Iterable[str], default: str | None = None) -> Any:
        """One of the choices; the default, where there is one, if nothing is said."""
        value = default if self.get(key) is None else self.get(key)
        if value not in tuple(choices):
            raise ReadError(f"'{key}' of {self._name} is not one of: {', '.join(choices)}")
        return value


def _writable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def day_text(date: dt.date | None) -> str | None:
    """The day as it is written: YYYY-MM-DD."""
    return date.isoformat() if date else None
