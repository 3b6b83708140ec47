"""The settings of a run that can be chosen, up to four side by side; the rest is as it is in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qa.ask.answer.extractive import EXTRACTIVE
from qa.errors import SettingsError, UsageError
from qa.evaluation.runs.sweep import with_changes
from qa.models import EXAMPLES
from qa.settings import Settings
from qa.show.window_words import WORDS
from qa.ui.context import Payload
from qa.ui.pages import render

_WORDS = WORDS["evals_fields"]
_NO_MODEL = "none"
"""What the page calls a language model that is none."""
LETTERS = "ABCD"
"""What the settings of a run are called; as many as can be compared at a glance."""


class SameSettings(UsageError):
    """Two of the settings are alike, as they are when one has just been added."""


@dataclass(frozen=True, slots=True)
class Field:
    """A setting that can be chosen."""

    name: str
    short: str
    """In the name of a run."""
    step: str = ""
    """Of a number; empty where it is the name of a model."""
    known: tuple[str, ...] = ()
    """Names that are always offered."""


FIELDS = (
    Field("embed", "embed", known=("bundled:news",)),
    Field("words_weight", "words", "0.05"),
    Field("passage_words", "passage", "10"),
    Field("rerank", "rerank", known=("bundled:news", "bundled:trees", "none")),
    Field("llm", "llm", known=(_NO_MODEL,)),
    Field("refuse_below", "refuse", "0.05"),
    Field("top", "top", "1"),
)


def present(settings: Settings) -> dict[str, Any]:
    """The values in force."""
    return {field.name: getattr(settings, field.name) for field in FIELDS}


def read_settings(payload: Payload, base: Settings) -> list[Settings]:
    """The settings that a page sends as `settings`, a list of values by name; what is left empty is as in `base`.

    Raises UsageError or SettingsError, which name the letter.
    """
    columns = payload.get("settings") or [{}]
    if not isinstance(columns, list) or not all(isinstance(column, Mapping) for column in columns):
        raise UsageError("The page sent settings that are none. Load it again.")
    if len(columns) > len(LETTERS):
        raise UsageError(f"{len(columns)} settings are too many to compare. Take {len(LETTERS)} at most.")
    read = []
    for letter, column in zip(LETTERS, columns, strict=False):
        given = {field.name: str(column.get(field.name) or "").strip() for field in FIELDS}
        if given["llm"] == _NO_MODEL:
            given["llm"] = EXTRACTIVE
        try:
            read.append(with_changes(base, {name: value for name, value in given.items() if value}))
        except SettingsError as error:
            raise SettingsError(f"Setting {letter}: {error}" if len(columns) > 1 else str(error)) from None
    for number, settings in enumerate(read):
        if settings in read[:number]:
            raise SameSettings(
                f"Setting {LETTERS[number]} is the same as {LETTERS[read.index(settings)]}. "
                "Change something in it, or take it away."
            )
    return read


def label_of(told: Mapping[str, Any]) -> str:
    """What is unusual about settings as a run keeps them, such as "words=0.5 top=5"; empty where nothing is."""
    usual = {name: field.default for name, field in Settings.model_fields.items()}
    changed = [field for field in FIELDS if field.name in told and told[field.name] != usual[field.name]]
    return " ".join(f"{field.short}={told[field.name]}" for field in changed)


def settings_table(columns: Sequence[Mapping[str, Any]], base: Settings) -> str:
    """A table of fields, a column for each of the settings; empty values are those in force."""
    columns = list(columns)[: len(LETTERS)] or [{}]
    return render(
        "evals/settings.html",
        letters=LETTERS[: len(columns)],
        rows=[_row(field, columns, base) for field in FIELDS],
        can_add=len(columns) < len(LETTERS),
    )


def _row(field: Field, columns: Sequence[Mapping[str, Any]], base: Settings) -> dict[str, Any]:
    """A field with its value in each column and, as its setting says it, the least and the greatest number."""
    now = str(getattr(base, field.name))
    limits = Settings.model_fields[field.name].metadata
    return {
        "field": field,
        "title": _WORDS[field.name],
        "hint": _WORDS.get(f"{field.name}_hint", ""),
        "values": [_shown(str(column.get(field.name) or "").strip() or now) for column in columns],
        "low": next((limit.ge for limit in limits if hasattr(limit, "ge")), 0),
        "high": next((limit.le for limit in limits if hasattr(limit, "le")), None),
        "known": [] if field.step else _known(field, _shown(now)),
    }


def _shown(value: str) -> str:
    return _NO_MODEL if value == EXTRACTIVE else value


def _known(field: Field, now: str) -> list[str]:
    """Names of models that the field offers."""
    kind = {"embed": "embedder", "rerank": "reranker", "llm": "model"}[field.name]
    others = [name for provider, name in EXAMPLES[kind].items() if provider == "sentence-transformers"]
    return list(dict.fromkeys([*field.known, now, *others]))
