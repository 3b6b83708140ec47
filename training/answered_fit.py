"""Fits the confidence, and says what a threshold of it refuses, on questions of articles that the network has not seen.

    python -m training.answered_fit DATA --work FOLDER [--every 2]

DATA has reading/. The 900 articles of reading/articles go into a library in FOLDER, and the questions of those that
training/joint_data.py holds out are asked of all of them, without their follow-ups; `--every` takes every so many of
these articles. With the searches of training/sentence_fit.py they fit `answered` of qa/models/bundled/reader/fit.json.
Printed: the weights, the area under the curve of each set by weights fitted on the other, and the curve of refusals.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from qa.ask.assistant import Assistant
from qa.library import Library
from qa.models import load_reader
from qa.models.reader import Reader
from qa.settings import load_settings
from training.joint_data import is_held, rows
from training.regression import Floats, regression
from training.sentence_fit import answered_rows, searches, sentence_weights
from training.verifier_fit import area

FEWEST_CHARACTERS = 8
"""Of a sentence that can be told by its words."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was asked of the library."""

    row: Floats
    """What AnsweredFit goes by."""
    is_answerable: bool
    outcome: str
    """right, partly (a sentence that helps) or wrong."""


def library_of(articles: list[Mapping[str, Any]], work: Path) -> Library:
    """The articles as a library, made the first time."""
    settings = load_settings(index=work / "library", refuse_below=0.0)
    library = Library.open(settings)
    if not library.count():
        file = work / "articles.jsonl"
        lines = (
            {
                "id": row["id"],
                "title": row["title"],
                "outlet": row["outlet"],
                "date": (row["date"] or "").replace("/", "-")[:10] or None,
                "text": " ".join(row["sentences"]),
            }
            for row in articles
        )
        file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
        library.ingest([file])
    return library


def asked_of(assistant: Assistant, articles: list[Mapping[str, Any]]) -> Iterator[Asked]:
    """The questions of the articles with what came of them."""
    seen: list[tuple[float, float]] = []
    plain = Reader.answered

    def noted(self: Reader, covered: float, alone: float) -> float:
        seen.append((covered, alone))
        return plain(self, covered, alone)

    Reader.answered = noted  # type: ignore[method-assign]
    try:
        for row in articles:
            told = [_plain(sentence) for sentence in row["sentences"]]
            for one in row["questions"]:
                if one["type"] == "follow_up":
                    continue
                seen.clear()
                said = re.sub(r" ?\[\d+\]", "", _plain(assistant.ask(one["q"]).text))
                helps = [_holds(said, told, one.get(name) or ()) for name in ("answer", "also")]
                outcome = "right" if helps[0] else "partly" if helps[1] else "wrong"
                if seen:
                    yield Asked(np.array([*seen[-1], 1.0]), bool(one.get("answer")), outcome)
    finally:
        Reader.answered = plain  # type: ignore[method-assign]


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").split())


def _holds(said: str, sentences: list[str], numbers: Any) -> bool:
    return any(sentences[n][:70] in said for n in numbers if len(sentences[n]) > FEWEST_CHARACTERS)


def curve(found: list[Asked], confidence: NDArray[np.float64]) -> None:
    """Prints what each threshold answers and refuses."""
    answerable = np.array([one.is_answerable for one in found])
    outcomes = np.array([one.outcome for one in found])
    print(f"{answerable.sum()} answerable, {(~answerable).sum()} not")
    for least in (0.4, 0.45, 0.5, 0.55, 0.6, 0.65):
        shown = confidence >= least
        shares = (
            f"{name} {(shown & (outcomes == name))[answerable].mean():.3f}" for name in ("right", "partly", "wrong")
        )
        print(
            f"refused below {least}: {', '.join(shares)}, refused {1 - shown[answerable].mean():.3f}; "
            f"unanswerable refused {1 - shown[~answerable].mean():.3f}"
        )


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--every", type=int, default=2)
    options = parser.parse_args()
    articles = list(rows(options.data / "reading/articles.jsonl.xz"))
    options.work.mkdir(parents=True, exist_ok=True)
    with Assistant(library_of(articles, options.work)) as assistant:
        held = [row for row in articles if is_held(row["id"])][:: options.every]
        found = list(asked_of(assistant, held))
    judged = [one for one in searches(options.data) if len(one.grades)]
    x, grades = answered_rows(judged, sentence_weights(judged))
    right = (grades[:, 1] == 2) & np.array([one.is_answerable for one in judged])
    own = np.array([one.row for one in found])
    own_right = np.array([one.is_answerable and one.outcome == "right" for one in found])
    weights = regression(np.concatenate([x, own]), np.concatenate([right, own_right]), least=0)
    print("answered", dict(zip(("covered", "alone", "constant"), weights.round(3), strict=True)))
    of_searches, of_questions = area(x @ regression(own, own_right), right), area(own @ regression(x, right), own_right)
    print(
        f"area under the curve, each by the other's weights: searches {of_searches:.3f}, questions {of_questions:.3f}"
    )
    curve(found, expit(own @ weights))
    print(f"as it ships ({load_reader().fit.answered}):")
    fit = load_reader().fit.answered
    curve(found, expit(own @ np.array([fit.covered, fit.alone, fit.constant])))


if __name__ == "__main__":
    main()
