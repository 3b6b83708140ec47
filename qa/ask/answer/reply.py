"""A language model's reply: read as it streams, cut off where it runs away, rid of what it only repeats."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import lru_cache

from qa.ask.answer.claims import read_claims
from qa.ask.answer.draft import claims_so_far, read_draft
from qa.ask.answer.markers import Passages, spoken_part
from qa.ask.answer.prompt import instructions
from qa.ask.answer.refusing import refuses
from qa.errors import ContextTooLong, ModelError
from qa.language.text import sentence_spans, words
from qa.models.base import Counted, LanguageModel
from qa.types import Claim, Message

Prompt = tuple[Sequence[Message], Passages]

REPLY_LIMIT = 4_000
"""Characters after which a reply is cut off; four sentences need a fifth of it."""
THOUGHT_LIMIT = 60_000
"""Characters of reasoning before the answer, at most."""
LOOP = 60
"""A reply that has its last so many characters three times is going round in circles."""


class Reply:
    """A model's reply, read by iterating once: each step is the text so far for a reader, unchecked.

    Afterwards `refused` and `claims` are known. Leaving the iteration early ends the request. Raises ModelError when
    the model fails or writes no answer. If the prompt is too long for the model, the `shorter` ones are tried. A reply
    of more than `most` sentences is ended there; a list counts as one.
    """

    def __init__(
        self,
        model: LanguageModel,
        messages: Sequence[Message],
        passages: Passages,
        shorter: Iterable[Prompt] = (),
        most: int | None = None,
    ) -> None:
        self.raw = ""
        self.cut = ""
        """Why it was cut off, as a sentence goes on with it; empty where it was not."""
        self.messages = messages
        """The messages sent: those of a shorter prompt where the first was too long."""
        self._model = model
        self.passages = passages
        """The passages in the prompt, whole or in part."""
        self._shorter = shorter
        self._most = most
        self._is_ended = False
        self._written: tuple[tuple[Claim, ...], int] = (), 0

    def __iter__(self) -> Iterator[str]:
        shorter = iter(self._shorter)
        while True:
            try:
                yield from self._read()
                return
            except ContextTooLong:
                if (prompt := next(shorter, None)) is None:
                    raise
                self.messages, self.passages = prompt

    def _read(self) -> Iterator[str]:
        self.raw, self.cut, shown = "", "", ""
        self._is_ended, self._written = False, ((), 0)
        with closing(_pieces(self._model, self.messages)) as pieces:
            for piece in pieces:
                if isinstance(piece, Counted) and piece.is_cut:
                    self._is_ended, self.cut = True, "had no more room"
                if not piece:  # who waits may leave
                    yield shown
                    continue
                self.raw += piece
                if (runaway := _runaway(self.raw)) is not None:
                    self.raw, self.cut = runaway
                    self._written = self._kept_so_far()
                    break
                self._written = self._kept_so_far()
                # Whether all sentences that were asked for are there, and another has begun.
                self._is_ended = self._most is not None and bool(_first(self._written[0], self._most)[1])
                if self._is_ended:
                    break
                if (text := read_draft(self.raw, self.passages)) != shown:
                    yield (shown := text)
        text = read_draft(self.raw, self.passages, finished=True)
        if not text or not (self.refused or self.claims):
            what = "only repeated its instructions" if read_claims(self.raw, self.passages) else "wrote no answer"
            what = f"{self.cut} before its first sentence ended" if self.cut else what
            raise ModelError(f"{self._model.name} on {self._model.where} {what}. Ask again or try another model.")
        if text != shown:
            yield text

    @property
    def refused(self) -> bool:
        """True where the model says that the articles do not answer the question."""
        return refuses(self.raw)

    @property
    def so_far(self) -> tuple[tuple[Claim, ...], int]:
        """Its sentences while it is being written, and how many of them are finished; none of a refusal."""
        return ((), 0) if self.refused else self._written

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The sentences of the reply with the passages they cite, ready for the check.

        None of them is half of one, or repeats the prompt, and there are no more than were asked for.
        """
        found = read_claims(self.raw, self.passages)
        claims = self._kept(found[:-1] if self._is_ended else found)  # the last one had only begun
        return claims if self._most is None else _first(claims, self._most)[0]

    def _kept_so_far(self) -> tuple[tuple[Claim, ...], int]:
        """The sentences of the reply so far, and how many of them are finished."""
        claims, finished = claims_so_far(self.raw, self.passages)
        return self._kept(claims), len(self._kept(claims[:finished]))

    def _kept(self, claims: Sequence[Claim]) -> tuple[Claim, ...]:
        told = _runs(instructions(self.messages))
        return tuple(claim for claim in claims if not _repeats(claim.text, told))


def _pieces(model: LanguageModel, messages: Sequence[Message]) -> Generator[str]:
    """The model's stream as a generator, so that it can be closed."""
    yield from model.stream(messages)


def _first(claims: Sequence[Claim], most: int) -> tuple[tuple[Claim, ...], tuple[Claim, ...]]:
    """The first `most` sentences, where a list counts as one, and the others."""
    count, is_list = 0, False
    for number, claim in enumerate(claims):
        is_item = bool(claim.prefix.strip())
        count += not (is_item and is_list)
        is_list = is_item
        if count > most:
            return tuple(claims[:number]), tuple(claims[number:])
    return tuple(claims), ()


def _runaway(raw: str) -> tuple[str, str] | None:
    """What to keep of a reply that repeats itself or does not end, whole sentences only, and which; None for others."""
    spoken = spoken_part(raw)
    if not spoken:
        return ("", "") if len(raw) > THOUGHT_LIMIT else None
    tail = spoken[-LOOP:]
    if len(tail) == LOOP and spoken.count(tail) >= 3:
        # Up to the second time: once round at least, and what was said twice is left out anyway.
        spoken, cut = spoken[: spoken.index(tail, spoken.index(tail) + 1) + LOOP], "repeated itself"
    elif len(spoken) <= REPLY_LIMIT:
        return None
    else:
        cut = "wrote without end"
    spans = sentence_spans(spoken)
    # Its last sentence may go on: what ends it has not come yet.
    return (spoken[: spans[-2][1]] if len(spans) > 1 else ""), cut


# --- what only repeats the prompt -------------------------------------------------------------------------------------

_RUN = 4
"""Words in a row that a sentence has from the prompt by more than chance."""
_PARROTED = 0.5
"""Share of the runs of a sentence from which it is taken for a repetition of the prompt."""
_HEAD = re.compile(
    r"\W*(?:title|outlet|date|question|instructions?|(?:the )?passage(?: \d+)?(?: is)?)\s*:", re.IGNORECASE
)
Runs = frozenset[tuple[str, ...]]


@lru_cache(maxsize=8)
def _runs(text: str) -> Runs:
    """Every run of up to so many words."""
    said = words(text)
    return frozenset(tuple(said[at : at + size]) for size in range(1, _RUN + 1) for at in range(len(said) - size + 1))


def _repeats(text: str, told: Runs) -> bool:
    """Whether a sentence is one of the prompt's own, or the head of a passage."""
    size = min(len(words(text)), _RUN)
    own = {run for run in _runs(text) if len(run) == size}
    return bool(_HEAD.match(text)) or bool(own) and len(own & told) >= _PARROTED * len(own)
