"""Fits what the verifier's reading and the rules of the check come to together, and reports on what was held out.

    python -m training.verifier_fit DATA [--cache FILE] [--most 400] [--picture FILE]

DATA has claims/ and reading/. Of the sentences that training/joint_data.py holds out of the network's training, some
groups are for fitting the regression of qa/check/verdict.py and some for the report; of reading/claims half of the
articles each. Printed: the weights, and for every group the area under the curve, the balanced accuracy, the share
of true sentences passed and shown in red, and the share of false ones stopped, of the rules alone, of the network
alone and of both; and the expected calibration error.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa.check import Checker
from qa.check.discrepancies import Cited, find_discrepancies
from qa.check.evidence import content, find_verbatim, gather, premise
from qa.check.verdict import COPIED, EVEN, NEAR_COPY, PASSED, SUPPORTED_ORDER, judge, shared
from qa.evaluation.metrics import calibrated
from qa.language.text import normalise
from qa.models import load_reader
from qa.models.base import SupportFit
from qa.types import Article, Claim, Hit
from training.calibration import picture
from training.check_thresholds import passages
from training.joint_data import HELD_IN_PART, HELD_SOURCES, is_held, is_held_claim, rows
from training.regression import regression

FIT_SOURCES = ("factcheckgpt", "summedits_podcast", "lfqa_webgpt", "lfqa_alpaca")
"""Of the sources that the network has not seen, those that the regression is fitted on."""
RED, TICKED = 0.025, 0.1
"""Shares of the true sentences that may be shown in red, and of the false ones that may get a tick."""
SEED = 7


@dataclass(frozen=True, slots=True)
class Example:
    """A judged sentence with the article that is to bear it out."""

    group: str
    claim: str
    title: str
    text: str
    is_true: bool
    is_fitted: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """What rules and network say of an example."""

    group: str
    is_true: bool
    is_fitted: bool
    rules: str
    """The verdict of the rules alone."""
    reading: float
    share: float
    in_order: float
    hard: bool
    soft: bool


def examples(data: Path, most: int) -> Iterator[Example]:
    """The held-out sentences, at most `most` of a source, those of an article on one side."""
    chance = random.Random(SEED)
    for row in rows(data / "reading/claims.jsonl.xz"):
        if is_held(row["id"]):
            yield Example(
                "reading/claims", row["claim"], row["title"], " ".join(row["sentences"]), row["label"] == "supported",
                is_held(f"fit {row['id']}") or is_held(f"fit again {row['id']}"),
            )  # fmt: skip
    for row in rows(data / "reading/small_models.jsonl.xz"):
        for one in row["sentences"] if is_held(row["id"]) else ():
            if one["label"] != "no_claim":
                text = "\n\n".join(" ".join(passage["sentences"]) for passage in row["passages"])
                yield Example("small_models", one["text"], "", text, one["label"] == "supported", False)
    kept: dict[str, list[Example]] = {}
    for row in rows(data / "claims/train.jsonl.xz"):
        source = row["source"]
        if is_held_claim(row) and row["label"] != "partial":
            fitted = source.startswith(FIT_SOURCES)
            group = next(held for held in (*HELD_SOURCES, *HELD_IN_PART) if source.startswith(held))
            group += " (fitted)" if fitted else ""
            found = Example(group, row["claim"], "", row["evidence"], row["label"] == "supported", fitted)
            kept.setdefault(group, []).append(found)
    for group in kept.values():
        yield from chance.sample(group, min(most, len(group)))


def measure(example: Example) -> Measured | None:
    """What is said of an example; None of one that is verbatim or has no evidence, on which nothing is decided."""
    article = Article("a", example.title, example.text)
    found = passages(article)
    claim = Claim(example.claim, tuple(found))
    checker = Checker([Hit(passage, 1.0) for passage in found])
    text, cited = normalise(example.claim), [checker.source(span) for span in claim.cites]
    said = content(text)
    if any(find_verbatim(text, source) for source in cited) or not (windows := gather(said, cited, checker.weights)):
        return None
    evidence = Cited(windows, list(claim.cites), checker.known)
    differing = find_discrepancies(text, evidence)
    share = shared(said, evidence, checker.weights)
    (reading,) = load_reader().supports([(premise(windows, cited), text)])
    rules = judge(said, evidence, differing, checker.weights).verdict
    return Measured(
        example.group, example.is_true, example.is_fitted, rules, reading, share, differing.in_order,
        bool(differing.hard), bool(differing.soft),
    )  # fmt: skip


def features(found: list[Measured]) -> NDArray[np.float64]:
    """One row an example, in the order of SupportFit."""
    return np.array([[m.reading, m.share, m.in_order, m.hard, m.soft, 1.0] for m in found], np.float64)


def fit(found: list[Measured]) -> SupportFit:
    """A logistic regression in which every group counts the same, and true and false ones in it, with its thresholds.

    A sentence is supported from the probability that gives TICKED of the false ones a tick, and in red under the one
    that gives RED of the true ones in red.
    """
    x, y = features(found), np.array([m.is_true for m in found])
    keys = [(m.group, m.is_true) for m in found]
    weight = np.array([1 / keys.count(key) for key in keys])
    weight /= weight.sum()

    weights = [round(float(value), 3) for value in regression(x, y, weight=weight, penalty=1e-3)]
    likely = 1 / (1 + np.exp(-x @ np.array(weights)))

    in_ticks, in_red = TICKED * weight[~y].sum(), RED * weight[y].sum()
    sure = min(p for p in np.arange(0.3, 1, 0.01) if weight[~y & ticked(x, likely, p)].sum() <= in_ticks)
    below = (p for p in np.arange(0, 0.6, 0.01) if weight[y & reddened(x, likely, p)].sum() <= in_red)
    doubted = max(below, default=0.0)
    return SupportFit(*weights, sure=round(float(sure), 2), doubted=round(float(doubted), 2))


def ticked(x: NDArray[np.float64], likely: NDArray[np.float64], sure: float) -> NDArray[np.bool_]:
    """Of each row of `features`, whether `judge_read` calls it supported."""
    _, share, in_order, hard, soft, _ = x.T
    least = np.where((hard + soft == 0) & (in_order >= COPIED), min(EVEN, sure), sure)
    return np.asarray((likely >= least) & (hard == 0) & ~((soft > 0) & (share >= NEAR_COPY)), np.bool_)


def reddened(x: NDArray[np.float64], likely: NDArray[np.float64], doubted: float) -> NDArray[np.bool_]:
    """Of each row of `features`, whether `judge_read` shows it in red."""
    _, _, in_order, hard, _, _ = x.T
    return np.asarray((hard > 0) & ((in_order >= SUPPORTED_ORDER) | (likely < doubted)), np.bool_)


def area(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """The area under the curve: how often a true sentence scores above a false one."""
    above = scores[right][:, None] - scores[~right][None, :]
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


def report(found: list[Measured], weights: SupportFit) -> str:
    """Prints the tables; returns the picture of the calibration."""
    x = features(found)
    likely = 1 / (1 + np.exp(-x @ np.array(list(asdict(weights).values())[:6])))
    all_passed, all_red = ticked(x, likely, weights.sure), reddened(x, likely, weights.doubted)
    print(f"{'':26}{'':8}n   AUC: share network both | balanced: rules network both | passed stopped red (both)")
    for group in sorted({m.group for m in found}):
        rows_ = np.array([m.group == group for m in found])
        true = np.array([m.is_true for m in found])[rows_]
        if true.all() or not true.any():
            continue
        reading = np.array([m.reading for m in found])[rows_]
        share = np.array([m.share for m in found])[rows_]
        rules = np.array([m.rules in PASSED for m in found])[rows_]
        p, passed, red = likely[rows_], all_passed[rows_], all_red[rows_]

        def balanced(ok: NDArray[np.bool_], true: NDArray[np.bool_] = true) -> float:
            return float((ok[true].mean() + (~ok[~true]).mean()) / 2)

        fitted = any(m.is_fitted for m, mine in zip(found, rows_, strict=True) if mine)
        print(
            f"{group:26}{'fitted' if fitted else '':8}{len(true):4} {area(share, true):.3f} {area(reading, true):.3f} "
            f"{area(p, true):.3f} | {balanced(rules):.3f} {balanced(reading > 0):.3f} {balanced(passed):.3f} | "
            f"{passed[true].mean():.3f} {(~passed[~true]).mean():.3f} {red[true].mean():.3f}"
        )
    true = np.array([m.is_true for m in found])
    mine = np.array([m.group == "reading/claims" and not m.is_fitted for m in found])
    found_so = calibrated(zip(likely[mine].tolist(), true[mine].tolist(), strict=True))
    print(f"expected calibration error on reading/claims: {found_so.error or 0:.3f} of {mine.sum()}")
    return picture(found_so, "Support of sentences held out, against the share of them that is true")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, help="keep what is measured here, or read it from here")
    parser.add_argument("--most", type=int, default=300, help="sentences of a source")
    parser.add_argument("--picture", type=Path, help="an SVG of support against truth")
    options = parser.parse_args()
    if options.cache and options.cache.exists():
        found = [Measured(**row) for row in json.loads(options.cache.read_text())]
    else:
        found = [said for example in examples(options.data, options.most) if (said := measure(example))]
        if options.cache:
            options.cache.write_text(json.dumps([asdict(one) for one in found]))
    weights = fit([one for one in found if one.is_fitted])
    print(json.dumps(asdict(weights)))
    drawn = report([one for one in found if not one.is_fitted], weights)
    if options.picture:
        options.picture.write_text(drawn, "utf-8")


if __name__ == "__main__":
    main()
