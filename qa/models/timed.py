"""Times a language model and counts its tokens: what one question costs, over all calls that are made for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from qa.errors import ModelError
from qa.models.base import Counted, LanguageModel
from qa.types import Message, ModelCall, Usage


class TimedModel:
    """The model, with each call that was made of it."""

    def __init__(self, model: LanguageModel, is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Once it is not wanted any more, it is asked nothing, and what it is writing is given up."""
        self.name = model.name
        self.where = model.where
        self.calls: list[ModelCall] = []
        self._model = model
        self._is_wanted = is_wanted

    @property
    def ms(self) -> float:
        """Milliseconds in which it was waited for."""
        return sum(call.ms for call in self.calls)

    @property
    def usage(self) -> Usage | None:
        """What all its calls took; None where there was none."""
        if not self.calls:
            return None
        return Usage(
            len(self.calls),
            _sum([call.prompt_tokens for call in self.calls]),
            _sum([call.completion_tokens for call in self.calls]),
        )

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """The pieces of the model's reply. Closing the iterator ends the request.

        Raises what the model raises, and ModelError once it is not wanted.
        """
        self._check_wanted()
        pieces = self._model.stream(messages)
        ms, first, counted = 0.0, None, Counted(None, None)
        try:
            while True:
                began = time.perf_counter()
                try:
                    piece = next(pieces)
                except StopIteration:
                    return
                finally:
                    ms += (time.perf_counter() - began) * 1000
                if piece and first is None:
                    first = ms
                if isinstance(piece, Counted):
                    counted = piece
                self._check_wanted()
                yield piece
        finally:
            self.calls.append(ModelCall(ms, first, counted.prompt_tokens, counted.completion_tokens, self.name))
            if close := getattr(pieces, "close", None):
                close()

    def _check_wanted(self) -> None:
        if not self._is_wanted():
            raise ModelError(f"{self.name} was stopped.")


def _sum(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None
