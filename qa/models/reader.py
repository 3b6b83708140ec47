"""The reader that ships: a small network that reads a question and a passage together, through ONNX; no torch."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.errors import ModelError

FOLDER = Path(__file__).parent / "bundled" / "reader"
QUESTION, TITLE, PASSAGE = 40, 24, 300
"""Tokens that are read of each, as in its training."""
LONGEST_ANSWER = 24
"""Tokens."""
SPANS = 4
REMEMBERED = 256
"""Readings kept, so that what the ranking has read is not read again for the answer."""


@dataclass(frozen=True, slots=True)
class Short:
    """A stretch of a passage that may be the answer."""

    start: int
    end: int
    """Offsets in the characters of the passage."""
    score: float
    """Log-odds against there being no answer; above 0 it is likelier than none."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What the reader says of one passage."""

    answers: float
    """Log-odds that the passage answers the question."""
    starts: NDArray[np.float32]
    """Of each token of the passage, how well an answer begins there, shape (tokens,)."""
    ends: NDArray[np.float32]
    """The same of where it ends."""
    null: float
    """What beginning and end of no answer come to."""
    offsets: Sequence[tuple[int, int]]
    """Where each token stands, in the characters of the passage."""

    @cached_property
    def spans(self) -> tuple[Short, ...]:
        """The best few stretches, best first, often the same place cut longer and shorter; found on demand."""
        return _spans(self.starts, self.ends, self.null, self.offsets)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reading) and (self.answers, self.spans) == (other.answers, other.spans)


@dataclass(frozen=True, slots=True)
class AnsweredFit:
    """Turns what trees and reader say into the log-odds that the articles answer at all."""

    trees: float
    """Weight of the trees' log-odds."""
    verdict: float
    """Weight of the best verdict on a passage."""
    constant: float


@dataclass(frozen=True, slots=True)
class SentenceFit:
    """What the log-odds of a sentence lose by how far it lies behind the reader's favourite."""

    stretch: float
    """Weight of what its best stretch lies behind the best of all, in log-odds."""
    furthest: float
    """The most that this can be, in log-odds."""
    verdict: float
    """Weight of what the verdict on its passage lies behind the best."""
    unread: float
    """What a sentence gets that was not read; below 0."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What a verdict counts beside what the trees say; fitted by training/reader_fit.py."""

    first: int
    """Passages that are read."""
    weight: float
    """Of the reader's log-odds, those of the ranker being 1."""
    slope: float
    shift: float
    """Sum of both -> log-odds that the passage answers."""
    answered: AnsweredFit
    sentence: SentenceFit


class Reader:
    """Reads passages; may be used by several threads."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Raises ModelError where its files are missing or broken."""
        try:
            # They take a third of a second to import: only whoever reads waits for that.
            import onnxruntime
            from tokenizers import Tokenizer

            options = onnxruntime.SessionOptions()
            options.log_severity_level = 4
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting costs nobody a core
            data = (folder / "model.onnx").read_bytes()
            self._session: Any = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._tokenizer.no_padding()
            self._tokenizer.no_truncation()
            fit = json.loads((folder / "fit.json").read_text("utf-8"))
            answered, sentence = AnsweredFit(**fit.pop("answered")), SentenceFit(**fit.pop("sentence"))
            self.fit = Fit(**fit, answered=answered, sentence=sentence)
        except Exception as error:  # both packages raise types of their own
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ModelError(
                f"The reader in {folder} cannot be loaded ({reason}). Install the package again, "
                "or set rerank to 'bundled:trees' to do without it."
            ) from error
        self._kept: OrderedDict[tuple[str, str, str], Reading] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """A reading of each passage, given as title and text, in their order."""
        keys = [(question, title, text) for title, text in passages]
        with self._lock:
            known = {key: self._kept[key] for key in keys if key in self._kept}
        new = list(dict.fromkeys(key for key in keys if key not in known))
        known.update(zip(new, self._readings(question, new), strict=True))
        with self._lock:
            for key in keys:
                self._kept[key] = known[key]
                self._kept.move_to_end(key)
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        return [known[key] for key in keys]

    def answered(self, told: float, readings: Sequence[Reading]) -> float:
        """Log-odds that passages answer, of those that trees have `told` and the readings of the first of them."""
        fit = self.fit.answered
        return fit.trees * told + fit.verdict * max(reading.answers for reading in readings) + fit.constant

    def _readings(self, question: str, keys: Sequence[tuple[str, str, str]]) -> list[Reading]:
        if not keys:
            return []
        asked = self._encode([question])[0].ids[:QUESTION]
        titles = [encoding.ids[:TITLE] for encoding in self._encode([title for _, title, _ in keys])]
        texts = self._encode([text for _, _, text in keys])
        cls, sep = self._tokenizer.token_to_id("[CLS]"), self._tokenizer.token_to_id("[SEP]")
        found = []
        for title, text in zip(titles, texts, strict=True):
            offsets = text.offsets[:PASSAGE]
            begin = len(asked) + 2 + len(title)
            # One passage at a time: in one byte a number, what is read beside it would change what is said of it.
            row = [cls, *asked, sep, *title, *text.ids[:PASSAGE], sep]
            answers, starts, ends = self._run(row, len(asked) + 2)
            stretch = slice(begin, begin + len(offsets))
            null = float(starts[0, 0] + ends[0, 0])
            found.append(Reading(float(answers[0]), starts[0, stretch], ends[0, stretch], null, offsets))
        return found

    def _encode(self, texts: Sequence[str]) -> list[Any]:
        return list(self._tokenizer.encode_batch(list(texts), add_special_tokens=False))

    def _run(self, row: Sequence[int], second: int) -> tuple[NDArray[np.float32], ...]:
        """Runs the network over tokens, of which the second part begins at `second`."""
        ids = np.array([row], np.int64)
        parts = np.zeros_like(ids)
        parts[:, second:] = 1
        return tuple(self._session.run(None, {"ids": ids, "parts": parts, "mask": np.ones_like(ids)}))


def _spans(
    starts: NDArray[np.float32], ends: NDArray[np.float32], null: float, offsets: Sequence[tuple[int, int]]
) -> tuple[Short, ...]:
    """The best stretches of a passage, as training/reader.py takes them."""
    if not len(starts):
        return ()
    both = starts[:, None] + ends[None, :]
    allowed = np.triu(np.tril(np.ones(both.shape, bool), LONGEST_ANSWER))
    both = np.where(allowed, both, -np.inf)
    best = np.argsort(-both, axis=None, kind="stable")[: min(SPANS, int(allowed.sum()))]
    places = [divmod(int(flat), len(starts)) for flat in best]
    return tuple(Short(offsets[a][0], offsets[b][1], float(both[a, b]) - null) for a, b in places)


_loading = threading.Lock()


def load_reader(folder: Path = FOLDER) -> Reader:
    """The reader that ships, loaded once. Raises ModelError."""
    with _loading:
        return _loaded(folder)


@cache
def _loaded(folder: Path) -> Reader:
    return Reader(folder)
