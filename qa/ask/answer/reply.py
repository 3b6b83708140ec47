"""A language model's reply: read as it streams, cut off where it runs away, and recognised as a refusal."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing

from qa.ask.answer.claims import read_claims
from qa.ask.answer.draft import claims_so_far, read_draft
from qa.ask.answer.markers import BRACKETS, KEY_LIKE, PARENTHESES, Keys, spoken_part
from qa.errors import ContextTooLong, ModelError
from qa.language.text import normalise, sentence_spans, words
from qa.models.base import LanguageModel
from qa.prompts import refusal
from qa.types import Claim, Message, Passage

Prompt = tuple[Sequence[Message], Keys]

REPLY_LIMIT = 4_000
"""Characters after which a reply is cut off; four sentences need a fifth of it."""
THOUGHT_LIMIT = 60_000
"""Characters of reasoning before the answer, at most."""
LOOP = 60
"""A reply that has its last so many characters three times is going round in circles."""


class Reply:
    """A model's reply, read by iterating once: each step is the text so far for a reader, unchecked.

    Afterwards `refused` and `claims` are known. Leaving the iteration early ends the request. Raises ModelError when
    the model fails or writes no answer. If the prompt is too long for the model, the `shorter` ones are tried.
    """

    def __init__(
        self, model: LanguageModel, messages: Sequence[Message], keys: Keys, shorter: Iterable[Prompt] = ()
    ) -> None:
        self.raw = ""
        self.messages = messages
        """The messages sent: those of a shorter prompt where the first was too long."""
        self._model = model
        self._keys = keys
        self._shorter = shorter

    def __iter__(self) -> Iterator[str]:
        shorter = iter(self._shorter)
        while True:
            try:
                yield from self._read()
                return
            except ContextTooLong:
                if (prompt := next(shorter, None)) is None:
                    raise
                self.messages, self._keys = prompt

    def _read(self) -> Iterator[str]:
        self.raw, shown = "", ""
        with closing(_pieces(self._model, self.messages)) as pieces:
            for piece in pieces:
                self.raw += piece
                if (runaway := _runaway(self.raw)) is not None:
                    self.raw = runaway
                    break
                if (text := read_draft(self.raw, self._keys)) != shown:
                    yield (shown := text)
        text = read_draft(self.raw, self._keys, finished=True)
        if not text:
            raise ModelError(
                f"{self._model.name} on {self._model.where} wrote no answer. Ask again or try another model."
            )
        if text != shown:
            yield text

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages in the prompt, whole or in part."""
        return tuple(self._keys.values())

    @property
    def refused(self) -> bool:
        """True where the model says that the articles do not answer the question."""
        return refuses(self.raw)

    @property
    def so_far(self) -> tuple[tuple[Claim, ...], int]:
        """Its sentences while it is being written, and how many of them are finished; none of a refusal."""
        return ((), 0) if self.refused else claims_so_far(self.raw, self._keys)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The sentences of the reply with the passages they cite, ready for the check."""
        return read_claims(self.raw, self._keys)


def _pieces(model: LanguageModel, messages: Sequence[Message]) -> Generator[str]:
    """The model's stream as a generator, so that it can be closed."""
    yield from model.stream(messages)


def _runaway(raw: str) -> str | None:
    """What to keep of a reply that repeats itself or does not end; None for one that may go on."""
    spoken = spoken_part(raw)
    if not spoken:
        return "" if len(raw) > THOUGHT_LIMIT else None
    tail = spoken[-LOOP:]
    if len(tail) == LOOP and spoken.count(tail) >= 3:
        spoken = spoken[: spoken.index(tail) + LOOP]
    elif len(spoken) <= REPLY_LIMIT:
        return None
    spans = sentence_spans(spoken)
    return spoken[: spans[-2][1]] if len(spans) > 1 else spoken


# --- the agreed refusal -----------------------------------------------------------------------------------------------

_FIRST_WORDS = frozenset("unfortunately sorry answer based on the provided given passages".split())


def refuses(text: str) -> bool:
    """True where a reply is only the agreed refusal, with or without quotes, a key, or polite words."""
    bare = KEY_LIKE.sub("", PARENTHESES.sub("", BRACKETS.sub("", normalise(spoken_part(text)))))
    said = [words(bare[start:end]) for start, end in sentence_spans(bare)]
    return any(said) and all(_is_refusal(sentence) for sentence in said if sentence)


def _is_refusal(sentence: list[str]) -> bool:
    before, agreed, after = f" {' '.join(sentence)} ".partition(f" {' '.join(words(refusal()))} ")
    return (
        bool(agreed) and set(before.split()) <= _FIRST_WORDS and not {"but", "however", "although"} & set(after.split())
    )
