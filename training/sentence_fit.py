"""Fits what trees and reader say of a sentence together, and when a question is answered, on searches held out.

    python -m training.sentence_fit DATA

DATA has reading/searches.jsonl.xz, of which those are used that training/joint_data.py keeps from the network. Printed:
the weights of qa/models/bundled/reader/fit.json and, each part judged by weights fitted on the other four, how often
the first sentence answers, how often one of the chosen ones does, and what a threshold of the confidence refuses.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from qa.ask.answer.choose import Scored, chosen, covered
from qa.ask.answer.score import load_model, read_alone, score, sentence_rows
from qa.models import load_reader
from qa.types import Article, Hit, Passage
from training.joint_data import asked, is_held, rows
from training.regression import Floats, regression

PARTS, LIMIT = 5, 4
STRETCH = 0.4
"""Weight of the stretch, that of the sentence being 1. On these searches anything from 0 to 0.5 does as well; on the
news quiz, whose questions ask for a few words, the first sentence is right for .64 without and .73 with it.
"""


@dataclass(frozen=True, slots=True)
class Search:
    """A judged search, as trees and network read it."""

    key: str
    is_answerable: bool
    scored: Scored
    """By the trees."""
    rows: Floats
    """Of each sentence the trees' log-odds, what the network says (`sentence_rows`), and 1."""
    grades: NDArray[np.int64]
    """2 for a sentence that answers, 1 for one that helps, else 0."""
    asked: str
    """The question as the network reads it."""


def searches(data: Path) -> Iterator[Search]:
    """The searches that the network has not seen."""
    model, reader = load_model(), load_reader()
    for row in rows(data / "reading/searches.jsonl.xz"):
        if not is_held(row["from"]):
            continue
        hits, right = _hits(row)
        question = row.get("standalone") or row["q"]
        scored = score(model, question, hits)
        readings = reader.read(
            asked(row["q"], row["history"]), [(hit.passage.article.title, hit.passage.text) for hit in hits]
        )
        read = sentence_rows(scored.sentences, hits, readings)
        found = np.column_stack([scored.scores, read, np.ones(len(read))])
        grades = [right.get((one.passage, one.span.start), 0) for one in scored.sentences]
        read_as = asked(row["q"], row["history"])
        yield Search(row["from"], row["answerable"] != "no", scored, found, np.array(grades), read_as)


def _hits(row: Mapping[str, Any]) -> tuple[list[Hit], dict[tuple[int, int], int]]:
    """The passages of a search, and the grade of each sentence that has one, by passage and offset."""
    hits, right = [], {}
    graded = zip(row["passages"], row["grades"], row["answers"], strict=True)
    for number, (passage, grade, answers) in enumerate(graded):
        text = ""
        for place, sentence in enumerate(passage["sentences"]):
            if place in answers:
                right[(number, len(text))] = grade
            text += sentence + " "
        day = dt.date.fromisoformat(passage["date"].replace("/", "-")[:10]) if passage.get("date") else None
        article = Article(f"{number}", passage["title"], text.strip(), date=day)
        hits.append(Hit(Passage(article, 0, len(article.text)), float(passage.get("score") or 1 / (1 + number))))
    return hits, right


def sentence_weights(found: Sequence[Search]) -> Floats:
    """Of `trees`, `told`, `stretch`, `behind` and the constant of SentenceFit."""
    x, y = np.concatenate([one.rows for one in found]), np.concatenate([one.grades == 2 for one in found])
    trees, told, stretch, behind, one = x.T
    weights = regression(np.column_stack([trees, told + STRETCH * stretch, behind, one]), y)
    return np.insert(weights, 2, STRETCH * weights[1])


def answered_rows(found: Sequence[Search], weights: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Of each search what AnsweredFit goes by, and the grades of its best and of its chosen sentences, shape (n, 2)."""
    x, grades = [], []
    for one in found:
        scored = replace(one.scored, scores=one.rows @ weights)
        said = chosen(scored, LIMIT)
        likely = min(max(covered(scored, said), 1e-4), 1 - 1e-4)
        x.append((logit(likely), read_alone(load_reader(), one.asked, scored, said), 1.0))
        grades.append((one.grades[said[0]], one.grades[said].max()))
    return np.array(x), np.array(grades)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    found = [one for one in searches(parser.parse_args().data) if len(one.grades)]
    part = np.array([blake2b(one.key.encode(), digest_size=1).digest()[0] % PARTS for one in found])
    answerable = np.array([one.is_answerable for one in found])
    confidence, grades = np.zeros(len(found)), np.zeros((len(found), 2), np.int64)
    for held in range(PARTS):
        fitted = [one for one, mine in zip(found, part, strict=True) if mine != held]
        others = [one for one, mine in zip(found, part, strict=True) if mine == held]
        weights = sentence_weights(fitted)
        x, fitted_grades = answered_rows(fitted, weights)
        right = (fitted_grades[:, 1] == 2) & answerable[part != held]
        mine, grades[part == held] = answered_rows(others, weights)
        confidence[part == held] = expit(mine @ regression(x, right, least=0))
    weights = sentence_weights(found)
    x, _ = answered_rows(found, weights)
    print("sentence", dict(zip(("trees", "told", "stretch", "behind", "constant"), weights.round(3), strict=True)))
    fit = regression(x, (grades[:, 1] == 2) & answerable, least=0)
    print("answered", dict(zip(("covered", "alone", "constant"), fit.round(3), strict=True)))
    first, any_ = (grades[answerable] == 2).mean(0)
    print(f"{answerable.sum()} answerable: the first sentence answers {first:.3f}, one of the chosen {any_:.3f}")
    for least in (0.3, 0.4, 0.45, 0.5, 0.55, 0.6):
        shown = confidence >= least
        right, wrong = ((grades[answerable, 1] == grade) & shown[answerable] for grade in (2, 0))
        print(
            f"refused below {least}: right {right.mean():.3f}, wrong {wrong.mean():.3f}, "
            f"refused {1 - shown[answerable].mean():.3f}; unanswerable refused {1 - shown[~answerable].mean():.3f}"
        )


if __name__ == "__main__":
    main()
