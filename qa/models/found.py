"""Finds model servers on this machine, at the ports where the usual programs listen; asks for their models only."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qa.errors import ModelError
from qa.models.base import LanguageModel
from qa.models.choices import can_chat, writes_text
from qa.models.ollama import OllamaChat
from qa.models.ollama import list_models as list_ollama
from qa.models.openai_chat import OpenAIChat
from qa.models.openai_chat import list_models as list_openai
from qa.models.server import Server

if TYPE_CHECKING:
    from qa.settings import Settings

SECONDS = 1.0
"""Timeout for each server."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program that runs models, and where it usually listens."""

    name: str
    port: int
    is_ollama: bool = False
    """Whether it is spoken to in Ollama's protocol; others speak OpenAI's."""

    @property
    def server(self) -> Server:
        """Without a key: what listens there may be anybody."""
        address = f"http://127.0.0.1:{self.port}"
        if self.is_ollama:
            return Server(address, protocol="Ollama's protocol", address_name="OLLAMA_HOST", fetch="ollama pull")
        hint = ": it usually ends in /v1"
        protocol = "the OpenAI chat protocol"
        return Server(f"{address}/v1", protocol=protocol, address_name="OPENAI_BASE_URL", address_hint=hint)


USUAL = (
    Program("Ollama", 11434, is_ollama=True),
    Program("llama.cpp", 8080),
    Program("LM Studio", 1234),
    Program("vLLM", 8000),
    Program("text-generation-webui", 5000),
)


def found_here(programs: Sequence[Program] = USUAL) -> list[tuple[Program, list[str]]]:
    """The programs that answer, each with the models of it that write text. No text is sent to them."""
    with ThreadPoolExecutor(len(programs)) as pool:
        listed = pool.map(_models, programs)
        return [(program, names) for program, names in zip(programs, listed, strict=True) if names]


def _models(program: Program) -> list[str]:
    if program.is_ollama:
        return [str(model["name"]) for model in list_ollama(program.server, SECONDS) or [] if can_chat(model)]
    return [name for name in list_openai(program.server, SECONDS) or [] if writes_text(name)]


def load_found(settings: Settings, programs: Sequence[Program] = USUAL) -> LanguageModel:
    """The first model of the first program that answers. Raises ModelError where none does."""
    for program, (model, *_) in found_here(programs):
        server = replace(program.server, timeout=settings.model_timeout, whole=settings.answer_timeout)
        return OllamaChat(model, server) if program.is_ollama else OpenAIChat(model, server)
    asked = ", ".join(f"{program.name} ({program.port})" for program in programs)
    raise ModelError(f"No model server answers on this machine. Asked at the usual ports: {asked}. Start one of them.")
