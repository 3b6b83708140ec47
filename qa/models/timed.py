"""Times a language model: what one question costs, over all calls that are made for it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from qa.models.base import LanguageModel
from qa.types import Message


class TimedModel:
    """The model, with the milliseconds in which it was waited for."""

    def __init__(self, model: LanguageModel) -> None:
        self.name = model.name
        self.where = model.where
        self.ms = 0.0
        self.calls = 0
        self._model = model

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """The pieces of the model's reply. Closing the iterator ends the request. Raises what the model raises."""
        self.calls += 1
        pieces = self._model.stream(messages)
        try:
            while True:
                began = time.perf_counter()
                try:
                    piece = next(pieces)
                except StopIteration:
                    return
                finally:
                    self.ms += (time.perf_counter() - began) * 1000
                yield piece
        finally:
            if close := getattr(pieces, "close", None):
                close()
