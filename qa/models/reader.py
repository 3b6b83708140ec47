"""The network that ships: it reads a question and a passage, or a sentence and its evidence, together; no torch."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.errors import ModelError
from qa.language.text import sentence_spans
from qa.models.base import SupportFit

FOLDER = Path(__file__).parent / "bundled" / "reader"
QUESTION, TITLE, PASSAGE = 64, 24, 300
CLAIM, EVIDENCE = 96, 260
"""Tokens that are read of each; of a longer text the beginning, of a longer question the end."""
LONGEST_ANSWER = 24
"""Tokens."""
SPANS = 4
_NO_SENTENCES = np.array([[0, 1]], np.int64)
"""The first token and the one after it: what stands for a sentence where none is asked for."""
REMEMBERED = 256
"""Readings kept, so that what the ranking has read is not read again for the answer."""
LANGUAGES = frozenset({"en"})
"""Those that it reads."""


def unread_language(found: Iterable[tuple[str | None, float]]) -> str:
    """The language of most of what was found, two letters, where it is none that the reader reads; empty where it is.

    `found` has the language of each passage and its score: in a library of many languages the best ones tell.
    """
    shares: dict[str, float] = {}
    for language, score in found:
        shares[language or "en"] = shares.get(language or "en", 0.0) + score
    most = max(shares, key=shares.__getitem__, default="en")
    return "" if most in LANGUAGES or 2 * shares[most] <= sum(shares.values()) else most


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a passage: a few words that may be the answer, or a sentence."""

    start: int
    end: int
    """Offsets in the characters of the passage."""
    score: float
    """Log-odds that a sentence answers; of words, against there being no answer."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader says of one passage."""

    answers: float
    """Log-odds that the passage answers the question."""
    told: tuple[Stretch, ...]
    """Each sentence of the passage that was read to its end."""
    stretches: tuple[Stretch, ...]
    """The few words that answer: the best few stretches, best first, often the same place cut longer and shorter."""


@dataclass(frozen=True, slots=True)
class AnsweredFit:
    """Turns what was chosen, and what the reader says of it alone, into the log-odds that the question is answered."""

    covered: float
    """Weight of the log-odds that one of the chosen sentences answers."""
    alone: float
    """Weight of the best log-odds of a chosen sentence that is read by itself."""
    constant: float


@dataclass(frozen=True, slots=True)
class SentenceFit:
    """Turns what trees and reader say of a sentence into the log-odds that it answers; by training/sentence_fit.py."""

    first: int
    """Passages whose sentences are read."""
    trees: float
    """Weight of the trees' log-odds."""
    told: float
    """Weight of the reader's for the sentence."""
    stretch: float
    """Weight of what its best stretch lies behind the best of all, in log-odds."""
    behind: float
    """Weight of what the verdict on its passage lies behind the best, in log-odds."""
    constant: float


@dataclass(frozen=True, slots=True)
class Fit:
    """What a verdict counts beside what the trees say; in the order as much as that of the reader before it."""

    first: int
    """Passages that are read."""
    weight: float
    """Of the reader's log-odds, those of the ranker being 1."""
    slope: float
    shift: float
    """Sum of both -> log-odds that the passage answers."""
    answered: AnsweredFit
    sentence: SentenceFit
    support: SupportFit
    """How its reading of a sentence and the rules of the check come together."""


FIT_PARTS = {"answered": AnsweredFit, "sentence": SentenceFit, "support": SupportFit}


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
            options.enable_mem_pattern = False  # a pattern is kept for each length of a passage, and each is another
            self._last = onnxruntime.RunOptions()
            """For the last of several runs: what they needed goes back to the system, some 30 MB."""
            self._last.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
            network = folder / "model.onnx"
            with network.open("rb") as weights:
                self.revision = file_digest(weights, lambda: blake2b(digest_size=6)).hexdigest()
                """Identifies the weights."""
            # By its path: of bytes that are given to it, a session keeps a copy.
            self._session: Any = onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
            self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._tokenizer.no_padding()
            self._tokenizer.no_truncation()
            self._cls, self._sep = (self._tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]"))
            fit = json.loads((folder / "fit.json").read_text("utf-8"))
            parts = {name: part(**fit.pop(name)) for name, part in FIT_PARTS.items()}
            self.fit = Fit(**fit, **parts)
        except Exception as error:  # both packages raise types of their own
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ModelError(
                f"The reader in {folder} cannot be loaded ({reason}). Install the package again, "
                "or set rerank to 'bundled:trees' to do without it."
            ) from error
        self._kept: OrderedDict[tuple[str, str, str], Reading] = OrderedDict()
        self._lock = threading.Lock()
        self._running = threading.Lock()
        """One passage at a time: it takes all cores as it is, and each beside it 20 to 40 MB."""

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

    def answered(self, covered: float, alone: float) -> float:
        """Log-odds that a question is answered, from those that one of the chosen sentences answers it.

        `covered` are those of all that was read, `alone` those of the best one that is read by itself.
        """
        fit = self.fit.answered
        return fit.covered * covered + fit.alone * alone + fit.constant

    def reads_whole(self, sentence: str) -> bool:
        """Whether `supports` reads a sentence to its end."""
        return len(self._encode([sentence])[0].ids) <= CLAIM

    def supports(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Log-odds that the evidence bears the sentence out, for each (evidence, sentence), in their order.

        Not calibrated; above 0 it is likelier borne out than not. One pair is read at a time, so that a sentence gets
        one number, whatever is asked beside it.
        """
        evidence = self._encode([text for text, _ in pairs])
        claims = self._encode([sentence for _, sentence in pairs])
        found = []
        for number, (text, sentence) in enumerate(zip(evidence, claims, strict=True), 1):
            said = sentence.ids[:CLAIM]
            row = [self._cls, *said, self._sep, *text.ids[:EVIDENCE], self._sep]
            (supported,) = self._run(row, len(said) + 2, "supported", is_last=number == len(pairs))
            found.append(float(supported[0]))
        return found

    def _readings(self, question: str, keys: Sequence[tuple[str, str, str]]) -> list[Reading]:
        if not keys:
            return []
        asked = self._encode([question])[0].ids[-QUESTION:]
        titles = [encoding.ids[:TITLE] for encoding in self._encode([title for _, title, _ in keys])]
        texts = self._encode([text for _, _, text in keys])
        found = []
        for number, (title, text, (_, _, passage)) in enumerate(zip(titles, texts, keys, strict=True), 1):
            offsets = text.offsets[:PASSAGE]
            begin = len(asked) + 2 + len(title)
            # One passage at a time: in one byte a number, what is read beside it would change what is said of it.
            row = [self._cls, *asked, self._sep, *title, *text.ids[:PASSAGE], self._sep]
            spans, tokens = _sentences(passage, offsets)
            outputs = ("answers", "starts", "ends", "told")
            answers, starts, ends, told = self._run(
                row, len(asked) + 2, *outputs, sentences=tokens + begin, is_last=number == len(keys)
            )
            words, null = slice(begin, begin + len(offsets)), float(starts[0, 0] + ends[0, 0])
            scored = tuple(Stretch(*span, float(score)) for span, score in zip(spans, told, strict=False))
            found.append(
                Reading(float(answers[0]), scored, _stretches(starts[0, words], ends[0, words], null, offsets))
            )
        return found

    def _encode(self, texts: Sequence[str]) -> list[Any]:
        return list(self._tokenizer.encode_batch(list(texts), add_special_tokens=False))

    def _run(
        self,
        row: Sequence[int],
        second: int,
        *outputs: str,
        is_last: bool,
        sentences: NDArray[np.int64] = _NO_SENTENCES,
    ) -> tuple[NDArray[np.float32], ...]:
        """These outputs of the network for tokens of which the second part begins at `second`.

        `sentences` has the first token of each sentence and the one after its last, shape (sentences, 2).
        """
        ids = np.array([row], np.int64)
        parts = np.zeros_like(ids)
        parts[:, second:] = 1
        fed = {"ids": ids, "parts": parts, "mask": np.ones_like(ids), "sentences": np.insert(sentences, 0, 0, axis=1)}
        with self._running:
            return tuple(self._session.run(outputs, fed, self._last if is_last else None))


def _sentences(text: str, offsets: Sequence[tuple[int, int]]) -> tuple[list[tuple[int, int]], NDArray[np.int64]]:
    """The sentences of a passage whose tokens are all there, and their first token and the one after the last."""
    begins, ends = (np.array([offset[side] for offset in offsets], np.int64) for side in (0, 1))
    spans, tokens = [], []
    for start, end in sentence_spans(text):
        first, last = int(np.searchsorted(begins, start)), int(np.searchsorted(ends, end, "right"))
        if first < last and ends[last - 1] >= end - 1:
            spans.append((start, end))
            tokens.append((first, last))
    return spans, np.array(tokens, np.int64) if tokens else _NO_SENTENCES


def _stretches(
    starts: NDArray[np.float32], ends: NDArray[np.float32], null: float, offsets: Sequence[tuple[int, int]]
) -> tuple[Stretch, ...]:
    """The best stretches of a passage, as training/reader.py takes them."""
    if not len(starts):
        return ()
    # Of each token, where an answer of it and of the next ones would end: shape (tokens, LONGEST_ANSWER + 1).
    reach = np.arange(len(starts))[:, None] + np.arange(LONGEST_ANSWER + 1)
    both = starts[:, None] + np.append(ends, np.full(LONGEST_ANSWER, -np.inf, ends.dtype))[reach]
    best = np.argsort(-both, axis=None, kind="stable")[: min(SPANS, int(np.isfinite(both).sum()))]
    places = [divmod(int(flat), both.shape[1]) for flat in best]
    return tuple(Stretch(offsets[a][0], offsets[a + n][1], float(both[a, n]) - null) for a, n in places)


_loading = threading.Lock()


def load_reader(folder: Path = FOLDER) -> Reader:
    """The reader that ships, loaded once. Raises ModelError."""
    with _loading:
        return _loaded(folder)


@cache
def _loaded(folder: Path) -> Reader:
    return Reader(folder)
