"""Writes what the reader learns from as arrays of tokens: python -m training.reader_data DATA --work FOLDER
--model FOLDER --out FOLDER.

DATA holds realtimeqa/, news/ and qa/. FOLDER of --work has what training/ranker.py left: the library `news` and
examples.pkl, the passages that were found for each quiz question. The arrays hold no more than the GPU needs.
"""

from __future__ import annotations

import argparse
import io
import json
import lzma
import pickle
import random
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from qa.language.text import normalise
from training.quote import learning_examples
from training.quote_sets import (
    Example,
    Row,
    Search,
    _content,
    _make,
    _without,
    contains_answer,
    opposite,
    read,
    read_rows,
)
from training.ranker_data import news_questions
from training.reader_cloze import clozes

SEED = 7
LONGEST_QUESTION, LONGEST_TITLE, LONGEST_PASSAGE = 40, 24, 300
"""Tokens that are read of each."""
NEVER = 9
"""The fold of what no cross-fitting holds back."""


@dataclass
class Tables:
    """Texts, each once, and pairs of them."""

    tokenizer: Tokenizer
    texts: dict[str, int] = field(default_factory=dict)
    pairs: dict[str, list[tuple[int, int, int, int, int, float]]] = field(default_factory=dict)
    """By the name of the stage: question, title (-1: none), passage, answers (1, 0 or -1: not known), fold, weight."""
    spans: dict[str, list[list[tuple[int, int]]]] = field(default_factory=dict)
    """Of each pair: offsets of the answers in the characters of the passage."""
    predicted: list[tuple[str, str | int, int]] = field(default_factory=list)
    """Set, question and passage of each pair of the stage "predict"."""

    def number(self, text: str) -> int:
        """The number of a text."""
        return self.texts.setdefault(text, len(self.texts))

    def add(
        self,
        stage: str,
        question: str,
        passage: str,
        answers: Sequence[str] = (),
        *,
        title: str = "",
        fold: int = NEVER,
        weight: float = 1.0,
        known: bool = True,
    ) -> bool:
        """Adds a pair; an answer that does not stand in the passage adds nothing."""
        spans = [span for answer in answers for span in found(passage, answer)]
        if answers and not spans:
            return False
        answered = (1 if spans else 0) if known else -1
        title_number = self.number(title) if title else -1
        row = (self.number(question), title_number, self.number(passage), answered, fold, weight)
        self.pairs.setdefault(stage, []).append(row)
        self.spans.setdefault(stage, []).append(spans)
        return True


def found(passage: str, answer: str) -> list[tuple[int, int]]:
    """Where the answer stands in the passage, at most five places."""
    words = re.findall(r"\w+|[^\w\s]", answer)
    if not words:
        return []
    pattern = r"\s*".join(map(re.escape, words))
    try:
        return [m.span() for m in re.finditer(rf"(?<!\w){pattern}(?!\w)", passage, re.I)][:5]
    except re.error:
        return []


def fold_of(text: str) -> int:
    """0 or 1, by what all examples on one passage share; the same in every run."""
    return sum(map(ord, text[:200])) % 2


def add_rows(
    tables: Tables, source: str, rows: Sequence[Row], fold: int | None, others: int, weight: float, *, swaps: bool
) -> None:
    """Questions on their passages; the same on others that a search finds; and reworded so that nothing answers."""
    chance = random.Random(SEED)
    search = Search(list({row.passage.id: row.passage for row in rows}.values()))
    strange = [w for row in rows for w in _content(row.question)]
    for row in rows:
        text, title = row.passage.text, row.passage.article.title.replace("_", " ")
        mine = fold_of(text) if fold is None else fold
        shown = title if title and chance.random() < 0.6 else ""
        options = {"title": shown, "fold": mine, "weight": weight}
        if not row.answerable:
            tables.add("learn", row.question, text, **options)
            continue
        if not tables.add("learn", row.question, text, row.answers, **options):
            continue
        hits = [h.passage for h in search.find(row.question, 8) if h.passage.id != row.passage.id]
        hits = [p for p in hits if not contains_answer(p.text, row.answers)]
        for passage in hits[: chance.randint(1, others)]:
            tables.add("learn", row.question, passage.text, **options)
        if swaps:
            kind = chance.choice(["moved", "moved", "moved", "strange", "strange", "opposite", "removed"])
            if kind == "removed" and (rest := _without(row)) and rest.text.count(" ") > 15:
                tables.add("learn", row.question, rest.text, **options)
            elif kind == "opposite" and (turned := opposite(row.question)) != row.question:
                tables.add("learn", turned, text, **options)
            elif kind in ("moved", "strange"):
                if new := swapped(row, _content(text) if kind == "moved" else strange, chance):
                    tables.add("learn", new, text, **options)


def swapped(row: Row, pool: Sequence[str], chance: random.Random) -> str:
    """The question with a word that its passage holds exchanged for another of the same make; empty where none fits."""
    held = row.passage.text.lower()
    mine = [w for w in _content(row.question) if w.lower() in held]
    named = [w for w in mine if w[0].isupper() or w[0].isdigit()]
    if not mine:
        return ""
    old = chance.choice(named if named and chance.random() < 0.6 else mine)
    for _ in range(60):
        new = chance.choice(pool)
        if _make(new) == _make(old) and new.lower() not in row.question.lower():
            return re.sub(rf"\b{re.escape(old)}\b", new, row.question, count=1)
    return ""


def squad_folds(rows: Sequence[Row]) -> dict[str, int]:
    """Which half of the articles each is in: by turns, largest first."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.passage.article.title] = counts.get(row.passage.article.title, 0) + 1
    return {title: n % 4 in (1, 2) for n, title in enumerate(sorted(counts, key=lambda t: (-counts[t], t)))}


def quiz_passages(work: Path) -> dict[int, tuple[str, str]]:
    """Title and text of each passage of the library of news."""
    connection = sqlite3.connect(f"file:{work / 'news' / 'articles.db'}?mode=ro", uri=True)
    rows = connection.execute(
        'select p.id, a.title, substr(a.text, p.start + 1, p."end" - p.start) from passages p join articles a'
        " on a.id = p.article_id"
    )
    return {number: (title, text) for number, title, text in rows}


def add_quiz(tables: Tables, data: Path, work: Path) -> None:
    """The news quiz of 2022 and 2023 with what the program finds for it; 2022 is one fold and 2023 the other."""
    asked = {a.id: a for a in news_questions(data, ("2022", "2023"))}
    texts = quiz_passages(work)
    examples = pickle.loads((work / "examples.pkl").read_bytes())
    done: dict[str, set[int]] = {}
    for example in examples:
        if not example.source.startswith("news"):
            continue
        question = asked[example.id]
        assert question.day is not None
        fold = 0 if question.day.year == 2022 else 1
        seen = done.setdefault(example.id, set())
        wrong = 0
        for place, (number, grade) in enumerate(zip(example.passages, example.grades, strict=True)):
            title, text = texts[number]
            new = number not in seen
            if place < 20 and new:
                tables.add("predict", question.text, text, title=title, fold=fold, known=False)
                tables.predicted.append(("quiz", example.id, number))
                seen.add(number)
            if grade == 2 and new:
                tables.add("learn", question.text, text, question.answers, title=title, fold=fold, weight=1.0)
                seen.add(number)
            elif grade in (0, 1) and wrong < 8 and new and not contains_answer(text, question.answers):
                tables.add("learn", question.text, text, title=title, fold=fold, weight=0.7)
                wrong += 1


def add_clozes(tables: Tables, data: Path, most: int, articles: int) -> None:
    """Made questions of the news up to 2023."""
    chance = random.Random(SEED)
    for path in ("realtimeqa/articles", "news/allsides", "news/bbc"):
        for number, item in enumerate(read(data / f"{path}.jsonl.xz")):
            if number >= articles:
                break
            if str(item.get("date") or "2000")[:4] > "2023":
                continue
            for cloze in clozes(normalise(item["title"]), normalise(item["text"][:8000]), chance, most):
                tables.add(
                    "cloze", cloze.question, cloze.passage, [cloze.answer] if cloze.answer else [], title=cloze.title
                )


def tokenised(tables: Tables, out: Path) -> None:
    """Writes the arrays: tokens of all texts, one after the other, and the pairs with spans in tokens."""
    tables.tokenizer.no_padding()
    tables.tokenizer.no_truncation()
    wanted: set[int] = {row[2] for stage, rows in tables.pairs.items() for row in rows if stage != "predict"}
    offsets: dict[int, np.ndarray] = {}
    ids: list[np.ndarray] = []
    texts = list(tables.texts)
    for begin in range(0, len(texts), 2000):
        batch = tables.tokenizer.encode_batch(texts[begin : begin + 2000], add_special_tokens=False)
        for number, encoding in enumerate(batch, begin):
            ids.append(np.array(encoding.ids[:LONGEST_PASSAGE], np.uint16))
            if number in wanted:
                offsets[number] = np.array(encoding.offsets[:LONGEST_PASSAGE], np.int32).reshape(-1, 2)
    arrays: dict[str, np.ndarray] = {
        "tokens": np.concatenate(ids),
        "starts": np.concatenate([[0], np.cumsum([len(i) for i in ids])]).astype(np.int32),
    }
    for stage, rows in tables.pairs.items():
        targets, kept = [], []
        for row, spans in zip(rows, tables.spans[stage], strict=True):
            told = [t for span in spans if (t := _in_tokens(offsets[row[2]], span))]
            if spans and not told:
                continue  # the answer stands behind the tokens that are read
            kept.append(row)
            targets.append(told)
        arrays[f"{stage}_pairs"] = np.array([row[:5] for row in kept], np.int32)
        arrays[f"{stage}_weights"] = np.array([row[5] for row in kept], np.float16)
        arrays[f"{stage}_targets"] = np.array(
            [(n, *t) for n, told in enumerate(targets) for t in told], np.int32
        ).reshape(-1, 3)
    packed = io.BytesIO()
    np.savez(packed, **arrays)
    (out / "pairs.npz.xz").write_bytes(lzma.compress(packed.getvalue()))


def started(model: Path, out: Path) -> None:
    """Writes start.npz: the weights of `model`, one byte a number and a scale a row where they are tables."""
    held = load_file(model / "model.safetensors")
    named = {
        "words.weight": "embeddings.word_embeddings.weight",
        "places.weight": "embeddings.position_embeddings.weight",
        "parts.weight": "embeddings.token_type_embeddings.weight",
    }
    for kind in ("weight", "bias"):
        named |= {f"norm.{kind}": f"embeddings.LayerNorm.{kind}", f"pool.{kind}": f"pooler.dense.{kind}"}
        for number in range(6):
            theirs = f"encoder.layer.{number}"
            for mine, name in {
                "out": "attention.output.dense",
                "norm1": "attention.output.LayerNorm",
                "up": "intermediate.dense",
                "down": "output.dense",
                "norm2": "output.LayerNorm",
            }.items():
                named[f"layers.{number}.{mine}.{kind}"] = f"{theirs}.{name}.{kind}"
            parts = [held[f"{theirs}.attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
            held[f"qkv {number} {kind}"] = np.concatenate(parts)
            named[f"layers.{number}.qkv.{kind}"] = f"qkv {number} {kind}"
    arrays = {}
    for mine, name in named.items():
        values = held[name].astype(np.float32)
        if values.ndim == 2 and mine != "parts.weight":
            scale = np.abs(values).max(1) / 127
            arrays[f"{mine}#q"] = np.round(values / np.maximum(scale, 1e-9)[:, None]).astype(np.int8)
            arrays[f"{mine}#s"] = scale
        else:
            arrays[mine] = values.astype(np.float16)
    np.savez_compressed(out / "start.npz", **arrays)


def _in_tokens(offsets: np.ndarray, span: tuple[int, int]) -> tuple[int, int] | None:
    inside = np.flatnonzero((offsets[:, 0] < span[1]) & (offsets[:, 1] > span[0]))
    return (int(inside[0]), int(inside[-1])) if len(inside) and offsets[inside[-1], 1] >= span[1] else None


def examples_of_quotes(data: Path) -> Iterator[tuple[int, str, list[tuple[str, str]], Example]]:
    """What training/quote.py learns from: number, question, titles and texts found, and the example."""
    for number, example in enumerate(learning_examples(data)):
        hits = [(h.passage.article.title.replace("_", " "), h.passage.text) for h in example.hits[:6]]
        yield number, example.question, hits, example


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--articles", type=int, default=18_000, help="of each collection, for made questions")
    parser.add_argument("--most", type=int, default=2, help="made questions of an article")
    options = parser.parse_args()
    data, qa = options.data, options.data / "qa"
    tables = Tables(Tokenizer.from_file(str(options.model / "tokenizer.json")))
    squad = read_rows(qa / "squad2_dev_half.jsonl.xz")
    folds = squad_folds(squad)
    for number, row in enumerate(squad):
        title = row.passage.article.title
        tables.add(
            "predict", row.question, row.passage.text, title=title.replace("_", " "), fold=folds[title], known=False
        )
        tables.predicted.append(("squad", number, 0))
    for half in (0, 1):
        mine = [row for row in squad if folds[row.passage.article.title] == half]
        add_rows(tables, "squad", mine, half, 2, 1.5, swaps=True)
    add_rows(tables, "amazon", read_rows(qa / "squadshifts_amazon.jsonl.xz", titled=False), None, 2, 1.0, swaps=True)
    add_rows(tables, "reddit", read_rows(qa / "squadshifts_reddit.jsonl.xz", titled=False), NEVER, 2, 1.0, swaps=True)
    add_rows(tables, "nq", read_rows(qa / "nq_open_oracle.jsonl.xz"), None, 3, 1.5, swaps=True)
    print({stage: len(rows) for stage, rows in tables.pairs.items()}, flush=True)
    add_quiz(tables, data, options.work)
    print({stage: len(rows) for stage, rows in tables.pairs.items()}, flush=True)
    years = {a.text: 0 if a.day and a.day.year == 2022 else 1 for a in news_questions(data, ("2022", "2023"))}
    for number, question, hits, example in examples_of_quotes(data):
        fold = years[question] if example.source == "news" else fold_of(example.group)
        for place, (title, text) in enumerate(hits):
            tables.add("predict", question, text, title=title, fold=fold, known=False)
            tables.predicted.append(("quote", number, place))
    print({stage: len(rows) for stage, rows in tables.pairs.items()}, flush=True)
    add_clozes(tables, data, options.most, options.articles)
    print({stage: len(rows) for stage, rows in tables.pairs.items()}, flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    tokenised(tables, options.out)
    truth = [int(squad[n].answerable) if kind == "squad" else -1 for kind, n, _ in tables.predicted]
    np.save(options.out / "truth.npy", np.array(truth, np.int8))
    started(options.model, options.out)
    (options.out / "predicted.json").write_text(json.dumps(tables.predicted))
    print((options.out / "pairs.npz.xz").stat().st_size / 1e6, "MB")


if __name__ == "__main__":
    main()
