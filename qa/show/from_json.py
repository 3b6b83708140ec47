"""JSON documents from outside: read into dataclasses, or refused with a sentence that says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from qa.errors import ReadError

T = TypeVar("T")

_THINGS = {
    "turns": "the answer",
    "sentences": "a sentence",
    "citations": "a citation",
    "passages": "a passage",
    "filters": "the filters",
    "rejected": "a rejected sentence",
    "replaced": "the answer that was replaced",
    "trace": "the trace",
    "question": "the question",
    "window": "a window of time",
    "parts": "a part of the question",
    "searches": "a search",
    "considered": "a passage that was found",
    "prompt": "a message",
    "calls": "a call of the model",
    "usage": "the usage of the model",
}
_KINDS = {
    "string": "text",
    "tuple": "a list",
    "bool": "true or false",
    "int": "a whole number from 0",
    "greater": "a whole number from 0",
    "less": "a whole number from 0",
    "float": "a number",
    "finite": "a number",
    "date": "a day written as YYYY-MM-DD",
    "datetime": "a moment in ISO 8601",
    "dict": "a JSON object",
}


def read(adapter: TypeAdapter[T], document: object, name: str) -> T:
    """The value of a JSON document from outside. Raises ReadError, which says in a sentence what is wrong with `name`.

    What is null counts as left out, and half of a surrogate pair, which cannot be written again, is replaced.
    """
    try:
        return adapter.validate_json(json.dumps(_plain(document)))
    except ValidationError as error:
        raise ReadError(_told(error, name)) from None
    except RecursionError:
        raise ReadError(f"{name} is nested too deeply") from None


def _plain(value: object) -> object:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case Mapping():
            return {_plain(name): _plain(each) for name, each in value.items() if each is not None}
        case list() | tuple():
            return [_plain(each) for each in value]
    return value


def _told(error: ValidationError, name: str) -> str:
    first = error.errors(include_url=False)[0]
    kind, place = first["type"], first["loc"]
    keys = [key for key in place if isinstance(key, str)]
    if kind == "value_error":
        return str(first["ctx"]["error"])
    if not keys or kind == "dataclass_type":
        return f"{_THINGS.get(keys[-1], keys[-1]) if keys else name} is not a JSON object"
    owner = _THINGS.get(keys[-2], f"'{keys[-2]}'") if len(keys) > 1 else name
    what = f"'{keys[-1]}' of {owner}"
    if kind == "missing":
        return f"{what} is missing"
    if kind == "literal_error":
        return f"{what} is not one of: {str(first['ctx']['expected']).replace(chr(39), '')}"
    is_item = isinstance(place[-1], int)
    return f"{what} {'holds what is' if is_item else 'is'} not {_KINDS.get(kind.partition('_')[0], 'as it should be')}"
