"""What the news embedder learns from: articles and questions of the data folder, as arrays of token ids."""

from __future__ import annotations

import json
import lzma
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from split import held_for_ranker
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from qa.language.text import normalise

Row = dict[str, Any]
Ids = NDArray[np.int32]

UNKNOWN = "[UNK]"
MAX_WORDS = 1_200
"""Of an article; the tail of a live blog teaches little."""

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+|\n+")
_PLAIN_WORD = re.compile(r"[^\W_]+")
_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|\d+|[^\W\d_]+")


@cache
def read_rows(path: Path) -> list[Row]:
    """The JSON lines of a file that may be compressed with xz."""
    opened = lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8")
    with opened as lines:
        return [json.loads(line) for line in lines]


def training_articles(folder: Path) -> list[Row]:
    """All articles but those that realtimeqa dates 2024 or not at all: the report is on news younger than the model."""
    recent = [a for a in read_rows(folder / "realtimeqa/articles.jsonl.xz") if "2000" < a["date"][:4] < "2024"]
    older = [read_rows(folder / f"news/{name}.jsonl.xz") for name in ("allsides", "bbc", "reuters21578")]
    return _without_copies(chain(recent, *older))


def _without_copies(articles: Iterable[Row]) -> list[Row]:
    """The articles of at least 40 words, one for each beginning of 25 words, cut to MAX_WORDS."""
    kept: dict[str, Row] = {}
    for article in articles:
        paragraphs = [p.split() for p in normalise(article["text"]).split("\n")]
        total, lines = 0, []
        for words in paragraphs:
            lines.append(" ".join(words[: MAX_WORDS - total]))
            total = min(MAX_WORDS, total + len(words))
        text = "\n".join(line for line in lines if line)
        beginning = " ".join(text.lower().split(None, 25)[:25])
        if total >= 40:
            kept.setdefault(beginning, {"title": normalise(article["title"]).removesuffix("..."), "text": text})
    return list(kept.values())


def question_pairs(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Questions that people asked and passages that answer them, by source: none that the ranker learns from."""
    rows = {name: read_rows(folder / f"qa/{name}.jsonl.xz") for name in ("squadshifts_reddit", "nq_open_oracle")}
    rows["nq_open_oracle"] = [r for r in rows["nq_open_oracle"] if not held_for_ranker(r["question"])]
    return {
        name: [(normalise(r["question"]), normalise(r["passage"])) for r in found if r["answerable"]]
        for name, found in rows.items()
    }


def windows(text: str, size: int = 200) -> list[str]:
    """The text in pieces of `size` words."""
    words = text.split()
    return [" ".join(words[i : i + size]) for i in range(0, len(words), size)]


def contains_answer(passage: str, answers: Iterable[str]) -> bool:
    """Whether one of the answers stands in the passage, word for word, case and punctuation ignored."""
    plain = _plain(passage)
    return any((answer := _plain(a)).strip() and answer in plain for a in answers)


def _plain(text: str) -> str:
    return " " + " ".join(_PLAIN_WORD.findall(text.lower())) + " "


# --- tokens ----------------------------------------------------------------------------------------------------------


def train_tokenizer(articles: list[Row], words: int, pieces: int) -> Tokenizer:
    """A WordPiece tokenizer of the most frequent `words` whole words and some `pieces` that spell the others.

    Lower case; Latin letters lose their accents, Cyrillic ones do not; punctuation is no token, but "U.S." is one.
    """
    tokenizer = Tokenizer(models.WordPiece({UNKNOWN: 0}, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFD(),
            normalizers.Replace(Regex(r"(?<=[A-Za-z])[\u0300-\u036f]+"), ""),
            normalizers.NFC(),
            normalizers.Lowercase(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"(?:\p{L}\.){2,}|\d+|[\p{L}\p{M}]+"), "removed", invert=True)
    counts: Counter[str] = Counter()
    for article in articles[::2]:
        counts.update(_WORD.findall(tokenizer.normalizer.normalize_str(article["title"] + "\n" + article["text"])))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    rare = [word for word in ranked[words:] if counts[word] >= 3]
    spelling = Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    spelling.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.WordPieceTrainer(vocab_size=pieces, show_progress=False, special_tokens=[UNKNOWN])
    spelling.train_from_iterator((" ".join([word] * min(counts[word], 50)) for word in rare), trainer)
    letters = [*"abcdefghijklmnopqrstuvwxyz0123456789łøđßæœð", *"абвгдежзийклмнопрстуфхцчшщъыьэюяёіў"]
    spelled = [*letters, *(f"##{letter}" for letter in letters), *sorted(spelling.get_vocab())]
    vocabulary = dict.fromkeys([UNKNOWN, *ranked[:words], *spelled])
    tokenizer.model = models.WordPiece({token: id for id, token in enumerate(vocabulary)}, unk_token=UNKNOWN)
    return tokenizer


@dataclass(frozen=True)
class Texts:
    """Many texts, tokenised: text i is `ids[starts[i]:starts[i + 1]]`."""

    ids: Ids
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1


def tokenise(tokenizer: Tokenizer, texts: Iterable[str]) -> Texts:
    """The texts as token ids."""
    ids: list[Ids] = [np.zeros(0, np.int32)]
    lengths: list[int] = []
    remaining = iter(texts)
    while batch := list(islice(remaining, 20_000)):
        encoded = [e.ids for e in tokenizer.encode_batch_fast(batch, add_special_tokens=False)]
        lengths += map(len, encoded)
        ids.append(np.fromiter(chain.from_iterable(encoded), np.int32))
    return Texts(np.concatenate(ids), np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]))


@dataclass(frozen=True)
class Corpus:
    """All articles as token ids: titles, and sentences in reading order."""

    titles: Texts
    sentences: Texts
    articles: NDArray[np.int64]
    """Sentences of article i: `articles[i]` to `articles[i + 1]`."""


def tokenise_articles(tokenizer: Tokenizer, articles: list[Row]) -> Corpus:
    """Titles and sentences of the articles as token ids."""
    counts: list[int] = []

    def sentences() -> Iterator[str]:
        for article in articles:
            found = _SENTENCE_END.split(article["text"])
            counts.append(len(found))
            yield from found

    body = tokenise(tokenizer, sentences())
    titles = tokenise(tokenizer, (a["title"] for a in articles))
    return Corpus(titles, body, np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]))
