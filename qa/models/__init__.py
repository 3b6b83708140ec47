"""Models by name: "provider:model" -> embedder or language model. A provider is a row, loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

from qa.errors import UsageError
from qa.models.base import Embedder, Entailment, LanguageModel, Message, Vectors, Verifier

__all__ = [
    "EMBEDDERS",
    "LANGUAGE_MODELS",
    "VERIFIERS",
    "Embedder",
    "Entailment",
    "LanguageModel",
    "Message",
    "Vectors",
    "Verifier",
    "load_embedder",
    "load_language_model",
    "load_verifier",
]

# provider -> (module, function that takes the model's name)
EMBEDDERS: Mapping[str, tuple[str, str]] = {
    "bundled": ("qa.models.static", "load_bundled"),
    "sentence-transformers": ("qa.models.sentence_encoder", "load_sentence_encoder"),
}
LANGUAGE_MODELS: Mapping[str, tuple[str, str]] = {
    "openai": ("qa.models.openai_chat", "load_openai_chat"),
}
VERIFIERS: Mapping[str, tuple[str, str]] = {
    "sentence-transformers": ("qa.models.verifier", "load_nli_verifier"),
}

EXAMPLES: Mapping[str, str] = {
    "bundled": "bundled:news",
    "sentence-transformers": "sentence-transformers:all-MiniLM-L6-v2",
    "openai": "openai:gpt-5-mini",
}


# What each kind of model may be called where there is none.
_WITHOUT = {"model": ["extractive"], "verifier": ["none"]}


def load_embedder(name: str) -> Embedder:
    """The embedder called `provider:model`. Raises UsageError, ModelError or MissingExtra."""
    return cast(Embedder, _load(EMBEDDERS, "embedder", name))


def load_language_model(name: str, timeout: float = 60) -> LanguageModel | None:
    """The language model called `provider:model`; None for "extractive", which answers without one.

    `timeout` is in seconds without a word from it. Raises UsageError, ModelError or MissingExtra.
    """
    if name == "extractive":
        return None
    return cast(LanguageModel, _load(LANGUAGE_MODELS, "model", name, timeout=timeout))


def load_verifier(name: str) -> Verifier | None:
    """The verifier called `provider:model`; None for "none". Raises UsageError, ModelError or MissingExtra."""
    return None if name == "none" else cast(Verifier, _load(VERIFIERS, "verifier", name))


def _load(providers: Mapping[str, tuple[str, str]], kind: str, name: str, **options: Any) -> object:
    provider, _, model = name.partition(":")
    if provider not in providers:
        choices = ", ".join(sorted([*providers, *_WITHOUT.get(kind, [])]))
        raise UsageError(f"Unknown {kind} provider '{provider}'. Choose one of: {choices}.")
    if not model:
        raise UsageError(f"'{name}' names no model. Write it as provider:model, such as {EXAMPLES[provider]}.")
    module, function = providers[provider]
    load: Callable[..., object] = getattr(import_module(module), function)
    return load(model, **options)
