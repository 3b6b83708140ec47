"""Questions, what is found for them and the sentences that answer: what training/quote.py learns from."""

from __future__ import annotations

import json
import lzma
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import bm25s

from qa.ask.answer.sentences import PassageSentence, dissect, sentences_of_hits
from qa.language.text import STOPWORDS, normalise, sentence_spans, stems, words
from qa.types import Article, Hit, Passage, Span


@dataclass(frozen=True)
class Example:
    """A question, what a search found for it, and which of the sentences found answer it."""

    source: str
    question: str
    hits: tuple[Hit, ...]
    lines: tuple[PassageSentence, ...]
    right: tuple[bool, ...]
    kind: str = "answerable"
    group: str = ""
    """What all examples on one passage share."""

    @property
    def answerable(self) -> bool:
        """Whether any sentence answers."""
        return any(self.right)


@dataclass(frozen=True)
class Row:
    """A question on one passage, as published."""

    question: str
    passage: Passage
    answers: tuple[str, ...]
    answerable: bool


def read(path: Path) -> Iterator[dict]:
    """The objects of a file of JSON lines, compressed or not."""
    opened = lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8")
    with opened as file:
        yield from map(json.loads, file)


def read_rows(path: Path, titled: bool = True) -> list[Row]:
    """Questions of a set that gives each a passage; the same passage is the same article."""
    passages: dict[str, Passage] = {}
    rows = []
    for item in read(path):
        text = normalise(item["passage"])
        if text not in passages:
            article = Article(f"{path.name}-{len(passages)}", item["title"] if titled else "", text)
            passages[text] = Passage(article, 0, len(text), len(passages))
        rows.append(
            Row(normalise(item["question"]).strip(), passages[text], tuple(item["answers"]), item["answerable"])
        )
    return rows


def contains_answer(text: str, answers: Sequence[str]) -> bool:
    """Whether one of `answers` stands in `text`, word for word, case and punctuation aside."""
    padded = _padded(text)
    return any(_padded(answer) in padded for answer in answers if words(answer))


@lru_cache(maxsize=50_000)
def _padded(text: str) -> str:
    return f" {' '.join(words(text))} "


class Search:
    """BM25 over passages, in the stead of the program's own search."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = list(passages)
        self.index = bm25s.BM25(k1=0.9, b=0.4)
        self.index.index([stems(f"{p.article.title} {p.text}") or ["-"] for p in passages], show_progress=False)

    def find(self, question: str, top: int) -> list[Hit]:
        """The best `top` passages, scored 0 to 1 like the program's."""
        tokens = stems(question)
        if not tokens:
            return []
        numbers, scores = self.index.retrieve([tokens], k=min(top, len(self.passages)), show_progress=False)
        best = float(scores[0][0]) or 1.0
        return [Hit(self.passages[n], float(s) / best) for n, s in zip(numbers[0], scores[0], strict=True) if s > 0]


def _example(source: str, row: Row, hits: Sequence[Hit], kind: str = "answerable", question: str = "") -> Example:
    lines = tuple(sentences_of_hits(hits))
    right = tuple(
        kind == "answerable"
        and line.span.article.id == row.passage.article.id
        and contains_answer(line.span.text, row.answers)
        for line in lines
    )
    return Example(source, question or row.question, tuple(hits), lines, right, kind, row.passage.text[:200])


def passage_examples(source: str, rows: Sequence[Row], count: int, seed: int) -> Iterator[Example]:
    """About `count` answerable questions, and as many that their hits do not answer, of five kinds."""
    chance = random.Random(seed)
    search = Search(list({row.passage.id: row.passage for row in rows}.values()))
    strange = [w for row in rows for w in _content(row.question)]
    for row in chance.sample(list(rows), min(count, len(rows))):
        others = [h for h in search.find(row.question, 24) if h.passage.id != row.passage.id]
        others = [h for h in others if not contains_answer(h.passage.text, row.answers)]
        some = others[: chance.choice([0, 0, 2, 4, 7])]
        hits = _with(row.passage, some, chance)
        example = _example(source, row, hits)
        if not example.answerable:
            continue
        yield example
        match chance.choice(
            ["elsewhere", "removed", "removed", "moved", "moved", "moved", "strange", "strange", "opposite"]
        ):
            case "elsewhere" if others:
                yield _example(source, row, others[: chance.choice([1, 3, 5, 8])], "elsewhere")
            case "removed":
                if rest := _without(row):
                    yield _example(source, row, _with(rest, some, chance), "removed")
            case "moved":
                yield from _reworded(source, row, hits, _content(row.passage.text), "moved", chance)
            case "strange":
                yield from _reworded(source, row, hits, strange, "strange", chance)
            case "opposite":
                if (question := opposite(row.question)) != row.question:
                    yield _example(source, row, hits, "opposite", question)


def _with(passage: Passage, others: Sequence[Hit], chance: random.Random) -> list[Hit]:
    """The passage among the others, more often first than not, scores falling."""
    place = min(len(others), chance.choice([0, 0, 0, 0, 1, 1, 2, 3]))
    passages = [hit.passage for hit in others]
    ordered = [*passages[:place], passage, *passages[place:]]
    scores = [1.0]
    for _ in ordered[1:]:
        scores.append(scores[-1] * chance.uniform(0.7, 1.0))
    return [Hit(p, score) for p, score in zip(ordered, scores, strict=True)]


def _without(row: Row) -> Passage | None:
    """The passage with every sentence cut that holds the answer."""
    text = row.passage.text
    kept = [text[a:b] for a, b in sentence_spans(text) if not contains_answer(text[a:b], row.answers)]
    if not kept:
        return None
    article = replace(row.passage.article, id=f"{row.passage.article.id}-cut", text=" ".join(kept))
    return Passage(article, 0, len(article.text), row.passage.id)


def _content(text: str) -> list[str]:
    return [w for w in re.findall(r"[^\W_]+", text) if w.lower() not in STOPWORDS and len(w) > 2]


def _reworded(
    source: str, row: Row, hits: Sequence[Hit], pool: Sequence[str], kind: str, chance: random.Random
) -> Iterator[Example]:
    """The question with one or two of its words, that its passage holds, replaced by others of the same make."""
    held = set(words(row.passage.text))
    mine = [w for w in _content(row.question) if w.lower() in held]
    question = row.question
    for old in chance.sample(mine, min(len(mine), chance.choice([1, 1, 2]))):
        tries = (chance.choice(pool) for _ in range(60))
        fits = (w for w in tries if _make(w) == _make(old) and w.lower() not in question.lower())
        if not (new := next(fits, None)):
            return
        question = re.sub(rf"\b{re.escape(old)}\b", new, question, count=1)
    if question != row.question:
        yield _example(source, row, hits, kind, question)


def _make(word: str) -> tuple[bool, bool, str]:
    ending = re.search(r"(?:ing|ed|ly|s|tion)$", word)
    return word[0].isupper(), word.isdigit(), ending[0] if ending else ""


_OPPOSITES = """
    first:last best:worst largest:smallest biggest:smallest highest:lowest most:least more:fewer before:after
    north:south east:west northern:southern eastern:western increase:decrease increased:decreased rise:fall
    rose:fell won:lost win:lose winner:loser start:end started:ended begin:end began:ended old:new older:younger
    long:short good:bad easy:difficult positive:negative like:dislike likes:dislikes liked:disliked love:hate
    loves:hates male:female men:women man:woman father:mother son:daughter husband:wife king:queen buy:sell
    bought:sold oldest:youngest longest:shortest early:late earlier:later inside:outside allowed:forbidden
    accept:reject accepted:rejected approve:reject approved:rejected include:exclude included:excluded
    support:oppose supported:opposed arrive:leave arrived:left open:close opened:closed strong:weak
    stronger:weaker hot:cold high:low large:small big:small fast:slow always:never able:unable same:different
""".split()
_OPPOSITE = {a: b for pair in _OPPOSITES for a, b in (pair.split(":"), pair.split(":")[::-1])}


def opposite(question: str) -> str:
    """The question with its first word that has an opposite turned round, or a verb of it denied."""
    for word in question.split():
        if word.lower() in _OPPOSITE:
            return question.replace(word, _OPPOSITE[word.lower()], 1)
    return re.sub(r"\b(did|does|do|is|was|were|are|can|has)\b( the)? (\w+)", r"\1\2 \3 not", question, count=1)


# --- news ------------------------------------------------------------------------------------------------------------


def news_examples(folder: Path, years: Sequence[str]) -> Iterator[Example]:
    """The news quiz of `years`: what BM25 finds for each question among the articles of those years."""
    articles = {
        item["id"]: Article(item["id"], normalise(item["title"]), normalise(item["text"]), item["outlet"])
        for item in read(folder / "realtimeqa" / "articles.jsonl.xz")
    }
    questions = [q for q in read(folder / "realtimeqa" / "questions.jsonl") if q["date"][:4] in years]
    mine = {id for q in questions for id in (*q["gold"], *q["gold_fresh"])}
    search = Search([p for id in sorted(mine) for p in _split(articles[id])])
    for item in questions:
        if not item["gold_fresh"]:
            continue
        question, fresh = normalise(item["question"]), set(item["gold_fresh"])
        found = search.find(question, 40)
        gold = [h for h in found if h.passage.article.id in fresh]
        lines = tuple(sentences_of_hits(found[:10]))
        near = [
            line.span.article.id in fresh
            and contains_answer(line.span.text, item["answers"])
            and _covers(question, line)
            for line in lines
        ]
        if any(near):
            yield Example("news", question, tuple(found[:10]), lines, tuple(near), group=question)
        rest = [
            h
            for h in found
            if h.passage.article.id not in item["gold"] and not contains_answer(h.passage.text, item["answers"])
        ]
        if gold and rest:
            lines = tuple(sentences_of_hits(rest[:10]))
            yield Example("news", question, tuple(rest[:10]), lines, (False,) * len(lines), "elsewhere", question)


def _covers(question: str, line: PassageSentence) -> bool:
    asked = set(stems(question))
    return len(asked.intersection(stems(line.span.text))) >= 0.25 * len(asked)


def gold_examples(folder: Path, years: Sequence[str]) -> Iterator[Example]:
    """The news quiz of `years`, each question with the ten best passages of its own gold articles."""
    articles = {item["id"]: item for item in read(folder / "realtimeqa" / "articles.jsonl.xz")}
    for item in read(folder / "realtimeqa" / "questions.jsonl"):
        if item["date"][:4] not in years or not item["gold_fresh"]:
            continue
        passages = [p for id in item["gold_fresh"] for p in _split(_article(articles[id]))]
        hits = Search(passages).find(normalise(item["question"]), 10)
        lines = tuple(sentences_of_hits(hits))
        yield Example(
            "news-gold",
            item["question"],
            tuple(hits),
            lines,
            tuple(contains_answer(x.span.text, item["answers"]) for x in lines),
        )


def _article(item: dict) -> Article:
    return Article(item["id"], normalise(item["title"]), normalise(item["text"]), item["outlet"])


def _split(article: Article, length: int = 200) -> Iterator[Passage]:
    """Passages of whole sentences, of about `length` words."""
    begun, count, end = None, 0, 0
    for start, stop in sentence_spans(article.text):
        size = article.text.count(" ", start, stop) + 1
        if begun is not None and count + size > length:
            yield Passage(article, begun, end)
            begun, count = None, 0
        begun, count, end = (start if begun is None else begun), count + size, stop
    if begun is not None:
        yield Passage(article, begun, end)


# --- sets for reporting ----------------------------------------------------------------------------------------------


def candidate_examples(path: Path) -> Iterator[Example]:
    """Questions with candidate sentences in the order of their text."""
    for number, item in enumerate(read(path)):
        texts = [normalise(text).strip() for text in item["candidates"]]
        article = Article(f"{path.name}-{number}", "", "\n\n".join(texts))
        hit = Hit(Passage(article, 0, len(article.text)), 1.0)
        lines, right, start = [], [], 0
        for place, text in enumerate(texts):
            if text:
                lines.append(dissect(Span(article, start, start + len(text)), 0))
                right.append(place in item["answers"])
            start += len(text) + 2
        yield Example(path.name, normalise(item["question"]), (hit,), tuple(lines), tuple(right))


def single_examples(path: Path) -> Iterator[Example]:
    """Every question of a set with its one passage, answerable or not."""
    for row in read_rows(path):
        yield _example(path.name, row, [Hit(row.passage, 1.0)], "answerable" if row.answerable else "unanswerable")
