"""Fits the sentence scorer for languages that the network does not read: python -m training.other_languages DATA.

DATA is a folder with qa/other_languages.jsonl.xz. Passages are divided by their hash: a fourth is held out and only
reported on. Each language gets a library of passages that are learned from, with a question for some, searched as the
program searches; a question is also asked with its own passage taken out of what was found. `--work FOLDER` keeps what
was extracted. Needs lightgbm and scikit-learn, which the program itself does not.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import pickle
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from qa.ask.answer.choose import Scored, chosen, covered
from qa.ask.answer.other_language import (
    ASKED,
    FEATURES,
    SHAPES,
    SIGNS,
    WEIGHTS,
    Wording,
    asking_words,
    features,
    signs,
    stem_of,
    take_apart,
)
from qa.ask.answer.question_terms import TermWeights, question_terms
from qa.ask.answer.sentences import sentences_of_hits
from qa.ask.assistant import Assistant
from qa.language.analyzer import read_terms, read_tokens
from qa.language.text import normalise, sentence_spans
from qa.settings import load_settings
from qa.types import Hit
from training.trees import exported

SEED = 7
HELD_OUT = 4
"""One passage in so many is kept from the fitting."""
ASKED_OF = {"zh": 220, "ja": 220, "fr": 220, "tr": 180, "vi": 170, "ar": 170}
"""Questions of a language that sentences are learned from; of every other, FEW."""
FEW = 40
PASSAGES = 120
"""Passages of a language's library, at most."""
WORDED = 2500
"""Questions that the wording of a language is counted in, at most."""
FOUND, TOP = 16, 10
"""Passages that are searched for, and those that an answer may rest on."""
WRONG = 25
"""Wrong sentences of a question that are learned from, at most."""
LONG = {True: 12, False: 30}
"""Letters from which an answer is long, in a script without spaces or with them."""


@dataclass
class Example:
    """A question with what was found for it."""

    language: str
    kind: str
    """answerable, or what makes it none: `removed`, where its passage was taken out, or `near`, made by others."""
    rows: np.ndarray
    right: np.ndarray
    """True for each sentence that holds the answer, in the passage that the question was asked about."""
    scored: Scored
    hits: list[Hit]
    group: str
    """The hash of its passage."""


def is_held_out(passage: str) -> bool:
    """Whether the passage is only reported on."""
    return int(hash_of(passage), 16) % HELD_OUT == 0


def hash_of(passage: str) -> str:
    """The same in every run."""
    return hashlib.blake2b(passage.encode(), digest_size=6).hexdigest()


def read_rows(data: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows by language, in a fixed random order."""
    rows = defaultdict(list)
    with lzma.open(data / "qa" / "other_languages.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            rows[row["language"]].append(row)
    for language in rows:
        random.Random(SEED).shuffle(rows[language])
    return dict(rows)


# --- the wording of questions ----------------------------------------------------------------------------------------


def wording_of(language: str, rows: Sequence[dict[str, Any]]) -> Wording:
    """What the words of the questions ask for, and which of them answers repeat."""
    asked, kept = Counter[str](), Counter[str]()
    questions: list[set[str]] = []
    forms: list[list[bool]] = []
    for row in rows[:WORDED]:
        passage, answer = row["passage"], row["answers"][0] if row["answers"] else ""
        at = passage.find(answer)
        if not row["answerable"] or not answer or at < 0:
            continue
        sentence = next(passage[a:b] for a, b in sentence_spans(passage) if b > at)
        (said,) = read_tokens("", "", [sentence], language)[2]
        for term in {stem_of(term): term for term in read_terms(row["question"], language)}.values():
            asked[stem_of(term)] += 1
            kept[stem_of(term)] += term.plain in said or term.form in said
        questions.append(asking_words(row["question"]))
        is_unspaced = language in ("zh", "ja", "th")
        # A name at the start of an answer is told by what stands before it.
        shown = passage[max(0, at - 2) : at + len(answer)]
        forms.append([bool(one.search(shown)) for one in SHAPES.values()] + [len(answer) >= LONG[is_unspaced]])
    usually = kept.total() / max(1, asked.total())
    repeated = {t: round((kept[t] + 10 * usually) / (n + 10), 2) for t, n in asked.items() if n >= 12}
    repeated = {term: share for term, share in repeated.items() if abs(share - usually) >= 0.08}
    base, asks = _asks(questions, np.array(forms))
    return Wording(repeated, round(usually, 2), base, asks)


def _asks(questions: Sequence[set[str]], forms: np.ndarray) -> tuple[list[float], dict[str, list[float]]]:
    counts = Counter(word for words in questions for word in words)
    words = sorted(word for word, count in counts.items() if count >= 12)
    place = {word: n for n, word in enumerate(words)}
    cells = [(n, place[word]) for n, said in enumerate(questions) for word in said if word in place]
    x = csr_matrix((np.ones(len(cells)), tuple(np.array(cells).T)), shape=(len(questions), len(words)))
    base, weights = [], np.zeros((len(words), len(ASKED)))
    for column in range(len(ASKED)):
        if forms[:, column].sum() < 20:
            base.append(-3.0)
            continue
        model = LogisticRegression(C=0.3, max_iter=300).fit(x, forms[:, column])
        base.append(round(float(model.intercept_[0]), 2))
        weights[:, column] = model.coef_[0]
    kept = [n for n in np.argsort(-np.abs(weights).max(1)) if np.abs(weights[n]).max() >= 0.4][:400]
    return base, {words[n]: [round(float(value), 2) for value in weights[n]] for n in kept}


def all_wordings(rows: dict[str, list[dict[str, Any]]]) -> dict[str, Wording]:
    """The wording of each language, and under "" what is likely of any other."""
    learned = {
        language: wording_of(language, [row for row in mine if not is_held_out(row["passage"])])
        for language, mine in rows.items()
    }
    usually = round(float(np.mean([one.usually for one in learned.values()])), 2)
    base = [round(float(value), 2) for value in np.mean([one.base for one in learned.values()], 0)]
    return learned | {"": Wording({}, usually, base, {})}


# --- what is found ---------------------------------------------------------------------------------------------------


def examples_of(
    language: str, rows: Sequence[dict[str, Any]], wording: Wording, count: int, folder: Path
) -> Iterator[Example]:
    """Questions of one language with what a library of passages of that language has for them."""
    passages = list(dict.fromkeys(row["passage"] for row in rows))[:PASSAGES]
    known = set(passages)
    asked = [row for row in rows if row["passage"] in known and _is_clear(row)][:count]
    file = folder / f"{language}.jsonl"
    lines = [{"id": hash_of(text), "title": "", "text": text, "language": language} for text in passages]
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
    with Assistant.open(load_settings(index=folder / language, candidates=30)) as assistant:
        assistant.library.ingest([file])
        for row in asked:
            found = assistant.search(assistant.understand(row["question"]), FOUND)
            mine = [hit for hit in found if _is_of(row, hit)]
            others = [hit for hit in found if not _is_of(row, hit)][:TOP]
            if row["answerable"] and mine:
                yield _example(language, "answerable", row, found[:TOP], wording)
                if int(hash_of(row["question"]), 16) % 2:
                    yield _example(language, "removed", row, others, wording)
            elif not row["answerable"]:
                yield _example(language, "near", row, found[:TOP], wording)


def _is_clear(row: dict[str, Any]) -> bool:
    return 3 < len(row["question"]) < 300 and (not row["answerable"] or row["answers"][0] in row["passage"])


def _is_of(row: dict[str, Any], hit: Hit) -> bool:
    return hit.passage.article.id == hash_of(row["passage"]) or hit.passage.text in normalise(row["passage"])


def _example(language: str, kind: str, row: dict[str, Any], hits: list[Hit], wording: Wording) -> Example:
    sentences = sentences_of_hits(hits)
    answers = [normalise(answer) for answer in row["answers"]]
    rows = features(take_apart(row["question"], language, wording), language, sentences, hits)
    right = np.array(
        [
            kind == "answerable" and _is_of(row, hits[one.passage]) and any(a in one.span.text for a in answers)
            for one in sentences
        ],
        bool,
    )
    plain = question_terms(row["question"], TermWeights())
    return Example(
        language, kind, rows, right, Scored(plain, sentences, rows, np.zeros(len(rows))), hits, hash_of(row["passage"])
    )


def extract(data: Path, work: Path, *, held_out: bool) -> tuple[dict[str, Wording], list[Example]]:
    """The wordings and the examples, made once."""
    kept = work / ("held_out.pkl" if held_out else "learned.pkl")
    worded = work / "wordings.pkl"
    rows = read_rows(data) if not (kept.exists() and worded.exists()) else {}
    if not worded.exists():
        worded.write_bytes(pickle.dumps(all_wordings(rows)))
    wordings = pickle.loads(worded.read_bytes())
    if not kept.exists():
        found: list[Example] = []
        with tempfile.TemporaryDirectory() as folder:
            for language, mine in rows.items():
                side = [row for row in mine if is_held_out(row["passage"]) == held_out]
                count = ASKED_OF.get(language, FEW) // (3 if held_out else 1)
                found += examples_of(language, side, wordings[language], count, Path(folder))
                print(language, len(found), flush=True)
        kept.write_bytes(pickle.dumps(found))
    return wordings, pickle.loads(kept.read_bytes())


# --- the fit ---------------------------------------------------------------------------------------------------------

OPTIONS = {
    "objective": "binary",
    "boost_from_average": False,
    "learning_rate": 0.06,
    "num_leaves": 15,
    "min_data_in_leaf": 60,
    "lambda_l2": 5.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}
ROUNDS = 250
SIGN_ROUNDS = 120


def fit_sentences(examples: Sequence[Example]) -> list[lightgbm.Booster]:
    """Trees that tell the sentences that answer from others of the same question."""
    rng = np.random.default_rng(SEED)
    values, right, weights = [], [], []
    for one in examples:
        if not one.right.any() or one.right.all():
            continue
        wrong = np.flatnonzero(~one.right)
        # Those of the best passages are the hardest.
        few = np.union1d(wrong[:WRONG], rng.choice(wrong, min(len(wrong), 8), replace=False))
        picked = np.concatenate([np.flatnonzero(one.right), few])
        values.append(one.rows[picked])
        right.append(one.right[picked])
        weights.append(np.full(len(picked), 1 / np.log(2 + len(picked))))
    data = lightgbm.Dataset(np.concatenate(values), np.concatenate(right).astype(int), weight=np.concatenate(weights))
    return [lightgbm.train(OPTIONS, data, ROUNDS)]


def with_scores(examples: Sequence[Example], models: Sequence[lightgbm.Booster]) -> list[Scored]:
    """What was found, scored."""
    return [
        replace(one.scored, scores=sum(model.predict(one.rows, raw_score=True) for model in models))
        if len(one.rows)
        else one.scored
        for one in examples
    ]


def grades(examples: Sequence[Example], scored: Sequence[Scored]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """SIGNS of each example, whether its best sentence is right, and whether one of those chosen is."""
    values, first, any_ = [], [], []
    for one, found in zip(examples, scored, strict=True):
        picked = chosen(found, 4)
        values.append(signs(found, covered(found, picked), one.hits))
        first.append(one.right[picked[0]])
        any_.append(one.right[picked].any())
    return np.concatenate(values), np.array(first), np.array(any_)


def fit_answer(values: np.ndarray, right: np.ndarray, languages: np.ndarray) -> lightgbm.Booster:
    """Trees that give the log-odds that one of the chosen sentences answers."""
    options = OPTIONS | {"num_leaves": 8, "min_data_in_leaf": 80, "feature_fraction": 0.4}
    sizes = Counter(languages)
    weight = np.array([1 / np.sqrt(sizes[language]) for language in languages])
    return lightgbm.train(
        options, lightgbm.Dataset(values, right.astype(int), weight=weight / weight.mean()), SIGN_ROUNDS
    )


def report(examples: Sequence[Example], scored: Sequence[Scored], answer: lightgbm.Booster) -> None:
    """Prints a line a language."""
    values, first, any_ = grades(examples, scored)
    sure = answer.predict(values)
    languages, kinds = np.array([e.language for e in examples]), np.array([e.kind for e in examples])
    print("language   n  passage1 sentence1 chosen | answered right wrong | removed refused, near refused | AUC")
    for language in [*dict.fromkeys(languages), "all"]:
        mine = (languages == language) | (language == "all")
        good, shown = mine & (kinds == "answerable"), sure >= 0.5
        passage = np.mean([_first_passage(e) for e, here in zip(examples, good, strict=True) if here])
        right, wrong = (shown & any_)[good].mean(), (shown & ~any_)[good].mean()
        sides = [mine & (kinds == kind) for kind in ("removed", "near")]
        refused = [(~shown)[side].mean() if side.any() else np.nan for side in sides]
        auc = roc_auc_score(any_[mine], sure[mine])
        print(
            f"{language:8} {good.sum():4}  {passage:.2f}     {first[good].mean():.2f}     {any_[good].mean():.2f}   |"
            f"  {right + wrong:.2f} {right:.2f} {wrong:.2f} | {refused[0]:.2f} {refused[1]:.2f} | {auc:.3f}"
        )


def _first_passage(one: Example) -> bool:
    return any(one.right[n] for n, sentence in enumerate(one.scored.sentences) if sentence.passage == 0)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    wordings, learned = extract(options.data, options.work, held_out=False)
    _, held = extract(options.data, options.work, held_out=True)
    # The signs are learned from scores of sentences that the trees have not seen.
    fold = np.array([int(one.group, 16) % 3 for one in learned])
    scored: list[Scored] = [one.scored for one in learned]
    for out in range(3):
        models = fit_sentences([learned[n] for n in np.flatnonzero(fold != out)])
        inside = np.flatnonzero(fold == out)
        for n, one in zip(inside, with_scores([learned[n] for n in inside], models), strict=True):
            scored[n] = one
    values, _, any_ = grades(learned, scored)
    answer = fit_answer(values, any_, np.array([one.language for one in learned]))
    sentences = fit_sentences(learned)
    report(held, with_scores(held, sentences), answer)
    written = {
        "features": FEATURES,
        "signs": SIGNS,
        "wordings": {
            name: {"repeated": one.repeated, "usually": one.usually, "base": one.base, "asks": one.asks}
            for name, one in wordings.items()
        },
        "sentence": exported(sentences),
        "answer": exported([answer]),
    }
    options.out.write_text(json.dumps(written, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{options.out}: {options.out.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
