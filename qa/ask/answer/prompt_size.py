"""How much of the passages a language model is given to read: small ones little, as they read slowly and lose track."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa.models.base import LanguageModel

LETTERS = 6
"""Characters of a word and the space behind it, on average."""
SMALL_BILLIONS, LARGE_BILLIONS = 4, 60
_SIZE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)([bm])(?![a-z\d])", re.IGNORECASE)
_LARGE_HOSTS = ("api.openai.com", "api.anthropic.com")


@dataclass(frozen=True, slots=True)
class PromptSize:
    """The most that goes into a prompt."""

    passages: int | None
    """None for all that an answer may rest on."""
    words: int
    """Of all passages together."""

    @property
    def characters(self) -> int:
        """The same in characters."""
        return self.words * LETTERS


SMALL = PromptSize(3, 550)
"""About 800 tokens."""
USUAL = PromptSize(None, 1_700)
"""About 2,500 tokens, so that all fits a context of 4,096, a common default."""
LARGE = PromptSize(None, 4_000)


def prompt_size(model: LanguageModel, words: int | None = None) -> PromptSize:
    """What suits the model, by the size in its name and by where it runs; `words` takes the place of its number."""
    billions = _billions(model.name)
    size = USUAL
    if billions is not None and billions <= SMALL_BILLIONS:
        size = SMALL
    elif model.where in _LARGE_HOSTS or (billions or 0) >= LARGE_BILLIONS:
        size = LARGE
    return size if words is None else PromptSize(None, words)


def _billions(name: str) -> float | None:
    """Parameters by the name, such as 0.135 for "SmolLM2-135M-Instruct"; None where it does not say."""
    sizes = [float(number) / (1_000 if unit in "mM" else 1) for number, unit in _SIZE.findall(name)]
    return max(sizes, default=None)
