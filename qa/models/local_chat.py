"""A causal language model of transformers on this machine: from a folder, the local cache, or the model hub."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from importlib.util import find_spec
from queue import Empty
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

from qa.errors import ContextTooLong, MissingExtra, ModelError
from qa.models.apart import TICK
from qa.models.base import Counted
from qa.models.hub import Family, ModelLocation, find_model, loading
from qa.models.thinking import TAGS, without_thinking
from qa.types import Message

if TYPE_CHECKING:
    from qa.settings import Settings

PROVIDER = "local"
FAMILY = Family("transformers model", ("config.json",), f"--llm {PROVIDER}:")
REPLY_TOKENS = 768
LEAST_REPLY = 64
"""Tokens of the context kept for the reply."""


def load_local_chat(model: str, settings: Settings) -> LocalChat:
    """The language model in the folder `model`, or of that name on the hub, from the local cache where it is cached.

    NAME@REVISION pins a commit. Code that comes with a model is never run. Raises MissingExtra without the packages,
    and ModelError.
    """
    if find_spec("transformers") is None or find_spec("torch") is None:
        raise MissingExtra(f"The model {PROVIDER}:{model}", PROVIDER)
    return LocalChat(model, *_load(find_model(model, FAMILY)), timeout=settings.model_timeout)


class LocalChat:
    """A model and its tokenizer in memory. It writes one reply at a time; other callers wait."""

    def __init__(self, model: str, transformer: Any, tokenizer: Any, timeout: float) -> None:
        self.name = f"{PROVIDER}:{model}"
        self.where = "this machine"
        self._transformer = transformer
        self._tokenizer = tokenizer
        self._timeout = timeout
        self._writing = Lock()
        self._written = 0
        """Tokens of the last reply."""

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Pieces of the reply as they come, without a model's thinking. Closing the iterator stops the model.

        Raises ModelError, and ContextTooLong before the first piece.
        """
        said = False
        with self._writing:
            prompt = self._prompt(messages)
            opened = next((tag for tag in TAGS if prompt.rstrip().endswith(tag)), "")
            encoded = self._encoded(prompt)
            with closing(self._pieces(encoded)) as pieces:
                for piece in without_thinking(pieces, opened):
                    said = said or bool(piece)
                    yield piece
            yield Counted(int(encoded["input_ids"].shape[1]), self._written)
        if not said:
            raise ModelError(f"The model {self.name} replied without a word. Ask again, or choose another model.")

    def _prompt(self, messages: Sequence[Message]) -> str:
        """The messages in the model's chat template, or one below the other if it has none."""
        from jinja2 import TemplateError

        if not self._tokenizer.chat_template:
            return "\n\n".join([*(message.content for message in messages), "Answer:"])
        said = [{"role": message.role, "content": message.content} for message in messages]
        try:
            return self._laid_out(said)
        except TemplateError:  # it knows no system message, or wants user and assistant to alternate
            whole = "\n\n".join(message.content for message in messages)
            return self._laid_out([{"role": "user", "content": whole}])

    def _laid_out(self, said: list[dict[str, str]]) -> str:
        # Thinking is switched off where the template can: a reader waits, and a processor is slow.
        prompt: str = self._tokenizer.apply_chat_template(
            said, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        return prompt

    def _encoded(self, prompt: str) -> Mapping[str, Any]:
        """The prompt's tokens. Raises ContextTooLong."""
        templated = bool(self._tokenizer.chat_template)  # which writes the special tokens itself
        encoded = self._tokenizer(prompt, return_tensors="pt", add_special_tokens=not templated, verbose=False)
        if encoded["input_ids"].shape[1] + LEAST_REPLY > self._context:
            raise ContextTooLong(
                f"The question and its passages are too long for the model {self.name}, which reads "
                f"{self._context:,} tokens. Choose a model with a longer context, or lower the setting top."
            )
        moved: Mapping[str, Any] = encoded.to(self._transformer.device)
        return moved

    @property
    def _context(self) -> int:
        """The model's context in tokens, prompt and reply together."""
        config = self._transformer.config.get_text_config()
        return int(getattr(config, "max_position_embeddings", None) or 4096)

    def _pieces(self, inputs: Mapping[str, Any]) -> Generator[str, None, None]:
        """Text from the thread in which the model writes. The thread ends at most a word after this iterator."""
        from transformers import TextIteratorStreamer

        stop = Event()
        failures: list[BaseException] = []
        streamer = TextIteratorStreamer(
            self._tokenizer, skip_prompt=True, timeout=min(TICK, self._timeout), skip_special_tokens=True
        )

        def write() -> None:
            try:
                self._generate(inputs, streamer, stop)
            except BaseException as error:
                failures.append(error)
            finally:
                streamer.on_finalized_text("", stream_end=True)

        thread = Thread(target=write, daemon=True)
        thread.start()
        heard = time.monotonic()
        try:
            while True:
                try:
                    piece = next(streamer)
                except StopIteration:
                    break
                except Empty:
                    if time.monotonic() - heard >= self._timeout:
                        raise ModelError(
                            f"The model {self.name} said nothing for {self._timeout:g} seconds. "
                            "Try a smaller model, or raise the setting model_timeout."
                        ) from None
                    yield ""
                    continue
                yield piece
                heard = time.monotonic()
            thread.join()
        except GeneratorExit:
            stop.set()
            thread.join()
            raise
        except ModelError:
            stop.set()
            raise
        for error in failures:
            reason = str(error).strip().partition("\n")[0].rstrip(".")
            raise ModelError(f"The model {self.name} failed: {reason}.") from error

    def _generate(self, inputs: Mapping[str, Any], streamer: Any, stop: Event) -> None:
        import torch
        from transformers import StoppingCriteria, StoppingCriteriaList

        class Stopped(StoppingCriteria):
            def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **kwargs: Any) -> torch.Tensor:
                return torch.full((input_ids.shape[0],), stop.is_set(), dtype=torch.bool, device=input_ids.device)

        room = self._context - inputs["input_ids"].shape[1]
        pad = self._tokenizer.pad_token_id
        made = self._transformer.generate(
            **inputs,
            streamer=streamer,
            stopping_criteria=StoppingCriteriaList([Stopped()]),
            max_new_tokens=min(REPLY_TOKENS, room),
            pad_token_id=pad if pad is not None else self._tokenizer.eos_token_id,
            # Greedy decoding, whatever the model's own settings are.
            do_sample=False,
            temperature=None,
            top_p=None,
            top_k=None,
        )
        self._written = int(made.shape[1] - inputs["input_ids"].shape[1])


def _load(place: ModelLocation) -> tuple[Any, Any]:
    """Model and tokenizer, on the graphics card if there is one."""
    with loading(FAMILY.kind, place.name):
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
        source: dict[str, Any] = {
            "revision": place.revision,
            "local_files_only": place.local,
            "trust_remote_code": False,
        }
        tokenizer = AutoTokenizer.from_pretrained(place.name, **source)
        # Most weights are stored in half precision, which is slow on a processor.
        dtype = torch.float32 if device == "cpu" else "auto"
        transformer: Any = AutoModelForCausalLM.from_pretrained(place.name, dtype=dtype, **source)
        return transformer.to(device).eval(), tokenizer
