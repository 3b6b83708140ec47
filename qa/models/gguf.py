"""A GGUF file run in this process by llama.cpp, from a path or from a repository of the model hub."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError

from qa.errors import ContextTooLong, MissingExtra, ModelError
from qa.models.apart import read_apart
from qa.models.base import Counted
from qa.models.fetching import fetched
from qa.models.thinking import without_thinking
from qa.types import Message

if TYPE_CHECKING:
    from qa.settings import Settings

PROVIDER = "gguf"
REPLY_TOKENS = 768
CONTEXT = 8_192
"""Tokens of prompt and reply; the largest prompt has some 6,000. Of a model that reads fewer, as many as it reads."""
_MAGIC = b"GGUF"


def load_gguf_chat(model: str, settings: Settings) -> GGUFChat:
    """The language model in the file `PATH`, or in `OWNER/NAME:FILE` of the hub, from the local cache if it is there.

    OWNER/NAME@REVISION pins a commit. Raises MissingExtra without the package, and ModelError.
    """
    if find_spec("llama_cpp") is None:
        raise MissingExtra(f"The model {PROVIDER}:{model}", PROVIDER)
    return GGUFChat(f"{PROVIDER}:{model}", _opened(file_of(model)), settings.model_timeout)


def file_of(model: str) -> Path:
    """The file on this machine, downloaded where it was not yet. Raises ModelError."""
    path = Path(model).expanduser()
    repository, _, name = model.rpartition(":")
    if not path.exists() and repository.count("/") == 1 and name:
        path = fetched(repository, name, f"--llm {PROVIDER}:")
    if not path.is_file():
        raise ModelError(f"There is no GGUF file {path}. Give the path of one, or OWNER/NAME:FILE of the model hub.")
    with path.open("rb") as opened:
        if opened.read(len(_MAGIC)) != _MAGIC:
            raise ModelError(f"{path} is no GGUF file: it does not begin with the letters GGUF. Download it again.")
    return path


def _opened(path: Path) -> Any:
    """The model, read by llama.cpp. Raises ModelError with its reason."""
    import llama_cpp

    said = _log()
    said.clear()
    try:
        return llama_cpp.Llama(str(path), n_ctx=CONTEXT, verbose=False)
    except Exception as error:  # ValueError for most of them, but its bindings can raise anything
        lines = [*said, str(error)]
        why = next((line for mark in _WHY for line in lines if mark in line), lines[-1])
        reason = " ".join(why.rpartition(_WHY[-1])[2].split()).rstrip(".")
        raise ModelError(
            f"Cannot load the GGUF file {path}: {reason}. Is it complete, and is its kind known?"
        ) from error


_WHY = ("failed to read", "error loading model: ")
"""How the line begins with which llama.cpp says what is wrong with a file; the first that there is counts."""


@cache
def _log() -> deque[str]:
    """What llama.cpp has said of late. It says it to nobody else, as it would on the terminal."""
    import llama_cpp

    said: deque[str] = deque(maxlen=100)
    heard = llama_cpp.llama_log_callback(lambda level, text, data: said.append(text.decode("utf-8", "replace").strip()))
    llama_cpp.llama_log_set(heard, None)
    _HELD.append(heard)
    return said


_HELD: list[Any] = []
"""Functions that llama.cpp calls, which have to last as long as it does."""


class _Stop:
    """Whether a reader has left, for `read_apart`."""

    def __init__(self) -> None:
        self.has_begun = False
        self.is_left = Event()

    def alive(self) -> None:
        """Nothing is bounded by it."""

    def paused(self, seconds: float) -> None:
        """Nothing is bounded by it."""

    def leave(self) -> None:
        self.is_left.set()


class GGUFChat:
    """A model in memory. It writes one reply at a time; other readers wait, and can leave."""

    def __init__(self, name: str, llama: Any, timeout: float) -> None:
        import llama_cpp

        self.name = name
        self.where = "this machine"
        self._llama = llama
        self._timeout = timeout
        self._writing = Lock()
        self._stop = _Stop()
        # Asked between the steps of every computation, so that also the reading of a long prompt can be ended.
        self._is_left = llama_cpp.ggml_abort_callback(lambda data: self._stop.is_left.is_set())
        llama_cpp.llama_set_abort_callback(llama.ctx, self._is_left, None)

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Pieces of the reply as they come, without a model's thinking. Closing the iterator stops the model.

        Raises ModelError; ContextTooLong before the first piece.
        """
        said, heard, stop = False, monotonic(), _Stop()
        with closing(read_apart(self._pieces(messages, stop), stop)) as pieces:
            for piece in without_thinking(pieces):
                if piece:
                    said, heard = True, monotonic()
                elif not said and monotonic() - heard >= self._timeout:
                    raise ModelError(
                        f"The model {self.name} said nothing for {self._timeout:g} seconds. "
                        "Try a smaller model, or raise the setting model_timeout."
                    )
                yield piece
        if not said:
            raise ModelError(f"The model {self.name} replied without a word. Ask again, or choose another model.")

    def _pieces(self, messages: Sequence[Message], stop: _Stop) -> Generator[str, None, None]:
        with self._writing:
            if stop.is_left.is_set():
                return
            self._stop = stop
            try:
                prompt = written = 0
                is_cut = False
                for part in self._chunks(messages):
                    is_cut = part["choices"][0].get("finish_reason") == "length"
                    if piece := part["choices"][0]["delta"].get("content"):
                        prompt, written = prompt or self._llama.n_tokens, written + 1
                        yield piece
                yield Counted(prompt, written, is_cut=is_cut)
            except (ValueError, RuntimeError, TemplateError) as error:  # the template is the file's own
                reason = str(error).strip().partition("\n")[0].rstrip(".")
                if "exceed context window" in reason:
                    raise ContextTooLong(
                        f"The question and its passages are too long for the model {self.name}, which reads "
                        f"{self._llama.n_ctx():,} tokens. Choose another model, or lower the setting top."
                    ) from error
                raise ModelError(f"The model {self.name} failed: {reason}.") from error
            finally:
                if stop.is_left.is_set():
                    self._llama.reset()  # what it was reading is half read

    def _chunks(self, messages: Sequence[Message]) -> Iterator[Any]:
        said = [{"role": message.role, "content": message.content} for message in messages]
        whole = [{"role": "user", "content": "\n\n".join(message.content for message in messages)}]
        try:
            return self._completed(said)
        except ValueError:  # its template knows no system message
            return self._completed(whole)

    def _completed(self, said: list[dict[str, str]]) -> Iterator[Any]:
        chunks: Iterator[Any] = self._llama.create_chat_completion(
            said, stream=True, temperature=0, max_tokens=REPLY_TOKENS
        )
        return chunks
