"""Models by name: "provider:model" -> embedder, reader, reranker, verifier or language model, loaded on demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from qa.errors import UsageError
from qa.models.background import (
    BackgroundEmbedder,
    BackgroundModel,
    BackgroundReranker,
    query_vector,
    ready_reranker,
)
from qa.models.base import Embedder, Entailment, LanguageModel, ModelChoice, Reranker, Vectors, Verifier
from qa.models.reader import Reader, load_reader

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from qa.settings import Settings

__all__ = [
    "BUNDLED",
    "EMBEDDERS",
    "LANGUAGE_MODELS",
    "RERANKERS",
    "SERVED",
    "VERIFIERS",
    "BackgroundEmbedder",
    "BackgroundReranker",
    "Embedder",
    "Entailment",
    "LanguageModel",
    "ModelChoice",
    "Reader",
    "Reranker",
    "Vectors",
    "Verifier",
    "as_language_model",
    "background_model",
    "load_embedder",
    "load_language_model",
    "load_reader",
    "load_reader_for",
    "load_reranker",
    "load_verifier",
    "one_name",
    "query_vector",
    "ready_reranker",
]

# provider -> (module, function that takes the model's name and the settings)
EMBEDDERS: Mapping[str, tuple[str, str]] = {
    "bundled": ("qa.models.static", "load_bundled"),
    "llama-index": ("qa.models.from_llama_index", "load_llama_index_embedder"),
    "multilingual": ("qa.models.multilingual", "load_multilingual"),
    "ollama": ("qa.models.served_embedder", "load_ollama_embedder"),
    "onnx": ("qa.models.onnx_encoder", "load_onnx_encoder"),
    "openai": ("qa.models.served_embedder", "load_openai_embedder"),
    "sentence-transformers": ("qa.models.sentence_encoder", "load_sentence_encoder"),
}
RERANKERS: Mapping[str, tuple[str, str]] = {
    "sentence-transformers": ("qa.models.cross_encoder", "load_cross_encoder"),
}
LANGUAGE_MODELS: Mapping[str, tuple[str, str]] = {
    "anthropic": ("qa.models.anthropic_chat", "load_anthropic_chat"),
    "gguf": ("qa.models.gguf", "load_gguf_chat"),
    "llama-index": ("qa.models.from_llama_index", "load_llama_index_chat"),
    "local": ("qa.models.local_chat", "load_local_chat"),
    "ollama": ("qa.models.ollama", "load_ollama_chat"),
    "openai": ("qa.models.openai_chat", "load_openai_chat"),
    "server": ("qa.models.connected", "load_connected_chat"),
}
VERIFIERS: Mapping[str, tuple[str, str]] = {
    "bundled": ("qa.models.verifier", "load_bundled_verifier"),
    "sentence-transformers": ("qa.models.verifier", "load_cross_encoder_verifier"),
}

IN_FOLDERS = frozenset({"onnx", "sentence-transformers"})
"""Providers whose embedders may be named by their folder."""
IN_PROCESS = frozenset({"gguf", "local"})
"""Providers whose language models this process loads, which takes its time."""
SERVED = frozenset({"ollama", "openai"})
"""Providers whose embedders run in another process or on another machine."""

EXAMPLES: Mapping[str, Mapping[str, str]] = {
    "embedder": {
        "bundled": "bundled:news",
        "llama-index": "llama-index:llama_index.embeddings.mistralai:MistralAIEmbedding",
        "multilingual": "multilingual:e5-small",
        "onnx": "onnx:all-MiniLM-L6-v2/",
        "ollama": "ollama:nomic-embed-text",
        "openai": "openai:text-embedding-3-small",
        "sentence-transformers": "sentence-transformers:all-MiniLM-L6-v2",
    },
    "reranker": {
        "bundled": "bundled:news",
        "sentence-transformers": "sentence-transformers:cross-encoder/ms-marco-MiniLM-L6-v2",
    },
    "verifier": {
        "bundled": "bundled:news",
        "sentence-transformers": "sentence-transformers:cross-encoder/nli-deberta-v3-small",
    },
    "model": {
        "anthropic": "anthropic:claude-sonnet-4-5",
        "gguf": "gguf:Qwen/Qwen2.5-1.5B-Instruct-GGUF:qwen2.5-1.5b-instruct-q4_k_m.gguf",
        "llama-index": "llama-index:llama_index.llms.mistralai:MistralAI",
        "local": "local:Qwen/Qwen2.5-1.5B-Instruct",
        "ollama": "ollama:llama3.2",
        "openai": "openai:gpt-5-mini",
        "server": "server:llama3.2",
    },
}


BUNDLED = "bundled:news"
"""The network that ships, as reader and as verifier."""
AUTO = "auto"
"""The language model that is found on this machine."""
SOON = 1.0
"""Seconds in which what loads in the background may still fail at once: no such file, a package that is missing."""
WITHOUT_READER = ("bundled:trees", "none")
BUILT_IN = (BUNDLED, *WITHOUT_READER)
"""Rerankers that need no loading when a library is opened: trees and reader, trees alone, neither."""


def load_embedder(name: str, settings: Settings | None = None) -> Embedder:
    """The embedder `provider:model`. Servers and keys come from `settings`, or from the settings in force.

    Raises UsageError, ModelError or MissingExtra.
    """
    return cast(Embedder, _load(EMBEDDERS, "embedder", one_name(name), settings))


def one_name(embedder: str) -> str:
    """The name of an embedder; of one in a folder always the same, however the path is written."""
    provider, _, model = embedder.partition(":")
    folder = Path(model).expanduser()
    return f"{provider}:{folder.resolve()}" if provider in IN_FOLDERS and model and folder.is_dir() else embedder


def load_reranker(name: str, settings: Settings | None = None, *, background: bool = False) -> Reranker | None:
    """The reranker `provider:model`; None for those that are BUILT_IN.

    With `background` it loads in a thread and raises a failure when it is used. Raises UsageError, ModelError or
    MissingExtra.
    """
    if name in BUILT_IN:
        return None
    loader = _loader(RERANKERS, "reranker", name, settings, *BUILT_IN)
    load = cast(Callable[[], Reranker], loader)
    return BackgroundReranker(name, load) if background else load()


def load_reader_for(rerank: str) -> Reader | None:
    """The bundled reader; None where the setting `rerank` says to do without it. Raises ModelError.

    Another reranker orders the passages in its place; to quote and to refuse is still its work.
    """
    return None if rerank in WITHOUT_READER else load_reader()


def load_language_model(
    name: str, settings: Settings | None = None, *, timeout: float | None = None, background: bool = False
) -> LanguageModel | None:
    """The language model called `provider:model`; None for "extractive", which answers without one.

    "auto" is the first one that a server at the usual ports of this machine has.

    Servers and keys come from `settings`, or from the settings in force. `timeout`, in seconds without output, replaces
    the setting model_timeout. In the `background` one that this process loads raises a failure that is not
    seen soon when it is to write. Raises UsageError, ModelError or MissingExtra.
    """
    if name == "extractive":
        return None
    if name == AUTO:
        found = import_module("qa.models.found").load_found(_in_force(settings, timeout))
        return cast(LanguageModel | None, found)
    load = _loader(LANGUAGE_MODELS, "model", name, settings, AUTO, "extractive", timeout=timeout)
    if background and name.partition(":")[0] in IN_PROCESS:
        late = background_model(name, "this machine", _in_force(settings, timeout))
        late.check(SOON)
        return late
    return cast(LanguageModel, load())


def background_model(name: str, where: str, settings: Settings) -> BackgroundModel:
    """The language model, loading in a thread. What is wrong with it is raised as ModelError when it is to write."""
    is_light = not name.startswith("local:")  # which imports torch
    return BackgroundModel(
        name, where, lambda: load_language_model(name, settings), settings.model_timeout, is_light=is_light
    )


def as_language_model(model: LanguageModel | LLM | None) -> LanguageModel | None:
    """The model as it is; one of llama-index as one of ours."""
    if not hasattr(model, "stream_chat"):
        return model
    return cast(LanguageModel, import_module("qa.models.from_llama_index").LlamaIndexChat(model))


def load_verifier(name: str, settings: Settings | None = None) -> Verifier | None:
    """The verifier called `provider:model`; None for "none". Raises UsageError, ModelError or MissingExtra."""
    return None if name == "none" else cast(Verifier, _load(VERIFIERS, "verifier", name, settings, "none"))


def _load(
    providers: Mapping[str, tuple[str, str]],
    kind: str,
    name: str,
    settings: Settings | None,
    *others: str,
    timeout: float | None = None,
) -> object:
    return _loader(providers, kind, name, settings, *others, timeout=timeout)()


def _loader(
    providers: Mapping[str, tuple[str, str]],
    kind: str,
    name: str,
    settings: Settings | None,
    *others: str,
    timeout: float | None = None,
) -> Callable[[], object]:
    """A function that loads the model. Raises UsageError at once for a malformed name."""
    provider, _, model = name.partition(":")
    if provider not in providers:
        choices = ", ".join(sorted([*providers, *others]))
        raise UsageError(f"Unknown {kind} provider '{provider}'. Choose one of: {choices}.")
    if not model:
        raise UsageError(f"'{name}' names no model. Write it as provider:model, such as {EXAMPLES[kind][provider]}.")
    return partial(_loaded, *providers[provider], model, _in_force(settings, timeout))


def _in_force(settings: Settings | None, timeout: float | None) -> Settings:
    if settings is None:
        from qa.settings import load_settings

        settings = load_settings()
    return settings if timeout is None else settings.model_copy(update={"model_timeout": timeout})


def _loaded(module: str, function: str, model: str, settings: Settings) -> object:
    load: Callable[[str, Settings], object] = getattr(import_module(module), function)
    return load(model, settings)
