"""Any language model of llama-index: one of a class that is named, or one that a program has made."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from importlib import import_module
from typing import TYPE_CHECKING, Any

from qa.errors import ModelError
from qa.models.apart import read_apart
from qa.models.base import Counted
from qa.models.thinking import without_thinking
from qa.types import Message

if TYPE_CHECKING:
    from qa.settings import Settings

PROVIDER = "llama-index"


def load_llama_index_chat(model: str, settings: Settings) -> LlamaIndexChat:
    """The model that the class MODULE:CLASS makes without arguments: keys come from its own variables.

    Raises ModelError where there is no such class, or where it cannot be made.
    """
    made = made_of(model)
    if not hasattr(made, "stream_chat"):
        raise ModelError(f"{PROVIDER}:{model} is no language model of llama-index: it has no stream_chat.")
    return LlamaIndexChat(made, f"{PROVIDER}:{model}")


def made_of(model: str) -> Any:
    """What the class MODULE:CLASS makes without arguments. Raises ModelError."""
    module, _, name = model.partition(":")
    if not (module and name):
        raise ModelError(
            f"'{PROVIDER}:{model}' names no class. Write it as {PROVIDER}:MODULE:CLASS, such as "
            f"{PROVIDER}:llama_index.llms.mistralai:MistralAI."
        )
    try:
        return getattr(import_module(module), name)()
    except Exception as error:  # a package can raise anything while it is imported, or its class is made
        raise ModelError(
            f"The model {PROVIDER}:{model} cannot be made ({first_line(error)}). "
            "Install its package, and set what it needs in the environment."
        ) from error


class LlamaIndexChat:
    """A language model of llama-index. Where it runs, it alone knows."""

    def __init__(self, llm: Any, name: str = "") -> None:
        kind = type(llm)
        self.name = name or f"{PROVIDER}:{kind.__module__}:{kind.__name__}"
        self.where = f"the server of llama-index's {kind.__name__}"
        self._llm = llm

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Pieces of the reply as they come, without a model's thinking. Raises ModelError for whatever goes wrong."""
        said = False
        try:
            with closing(read_apart(self._pieces(messages))) as pieces:
                for piece in without_thinking(pieces):
                    said = said or bool(piece)
                    yield piece
        except Exception as error:  # each provider's package raises types of its own
            raise ModelError(f"The model {self.name} failed: {first_line(error)}.") from error
        if not said:
            raise ModelError(f"The model {self.name} replied without a word. Ask again, or choose another model.")

    def _pieces(self, messages: Sequence[Message]) -> Generator[str, None, None]:
        from llama_index.core.llms import ChatMessage

        whole, counted = "", Counted(None, None)
        for part in self._llm.stream_chat([ChatMessage(role=one.role, content=one.content) for one in messages]):
            piece = part.delta if part.delta is not None else str(part.message.content or "")[len(whole) :]
            whole += piece
            yield piece
            told = part.additional_kwargs
            counted = Counted(told.get("prompt_tokens"), told.get("completion_tokens")) if told else counted
        yield counted


def first_line(error: Exception) -> str:
    """What an error says, in one line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
