"""The fitted models keep reading the same values of the same texts; where one changes, they must be fitted again."""

from __future__ import annotations

import json
import math
import runpy
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).parents[2] / "training" / "golden.py"
FITTED_BY = {
    "ranker": "python -m training.ranker",
    "sentence": "python -m training.quote",
    "refusal": "python -m training.quote",
    "language": "python -m training.ranker and python -m training.quote",
}
REMEDY = "The bundled models were fitted on the old values. Refit with {}, then write the golden file: {}"
SHOWN = 20

Values = dict[tuple[str, str, str], Any]


def flat(document: dict[str, dict[str, dict[str, Any]]]) -> Values:
    return {
        (reader, text, name): value
        for reader, texts in document.items()
        for text, values in texts.items()
        for name, value in values.items()
    }


def same(old: Any, new: Any) -> bool:
    """Equal, floats but for the noise of another machine's arithmetic."""
    if isinstance(old, list | str) or isinstance(new, list | str):
        return bool(old == new)
    return math.isclose(old, new, rel_tol=1e-3, abs_tol=1e-5)


def changes(old: Values, new: Values) -> list[tuple[str, str]]:
    """The reader, and a line that names the value, its text, and what it was and is; a feature left out is 0."""
    return [
        (reader, f"{reader}: {name} of {text!r} was {was!r}, is {now!r}")
        for reader, text, name in sorted(old.keys() | new.keys())
        if not same(
            was := old.get((reader, text, name), 0.0),
            now := new.get((reader, text, name), 0.0),
        )
    ]


def report(found: list[tuple[str, str]]) -> str:
    commands = " and ".join(sorted({FITTED_BY[reader] for reader, _ in found}))
    more = [f"... and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    lines = [line for _, line in found[:SHOWN]]
    return "\n".join([*lines, *more, REMEDY.format(commands, "python -m training.golden")])


def test_what_the_fitted_models_read_has_not_changed() -> None:
    module = runpy.run_path(str(GOLDEN))
    found = changes(flat(json.loads(module["VALUES"].read_text("utf-8"))), flat(module["golden"]()))
    assert not found, report(found)


def test_the_golden_texts_are_thirty_sentences_and_thirty_passages() -> None:
    texts = json.loads((Path(__file__).parents[1] / "golden" / "texts.json").read_text("utf-8"))
    assert len(set(texts["sentences"])) == 30
    assert len({text for story in texts["stories"] for *_, text in story["passages"]}) == 30


def test_a_change_names_the_value_the_text_and_the_command_to_refit() -> None:
    old: Values = {("ranker", "Q? | T", "cover"): 0.5, ("ranker", "Q? | T", "close"): 0.25}
    new: Values = {("ranker", "Q? | T", "cover"): 0.5000001, ("ranker", "Q? | T", "names"): 1.0}
    assert report(changes(old, new)).splitlines() == [
        "ranker: close of 'Q? | T' was 0.25, is 0.0",
        "ranker: names of 'Q? | T' was 0.0, is 1.0",
        "The bundled models were fitted on the old values. Refit with python -m training.ranker, then write the "
        "golden file: python -m training.golden",
    ]
