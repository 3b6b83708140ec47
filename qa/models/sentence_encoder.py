"""Any sentence-transformers model as the embedder: from a folder, the local cache, or the model hub."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import numpy as np

from qa.errors import MissingExtra, ModelError
from qa.models.base import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PROVIDER = "sentence-transformers"
MARKS = ("modules.json", "config.json")
"""A folder with one of these is a model."""
PATIENCE = 2.0
"""Seconds for the model hub to answer before it counts as unreachable; the libraries below would try for a minute."""


def load_sentence_encoder(model: str) -> SentenceEncoder:
    """The embedder in the folder `model`, or of that name on the model hub, from the local cache where it is cached.

    Code that comes with a model is never run. Raises MissingExtra without the package, and ModelError.
    """
    if find_spec("sentence_transformers") is None:
        raise MissingExtra(f"The embedder {PROVIDER}:{model}", PROVIDER)
    folder = Path(model).expanduser()
    if folder.exists() or _looks_like_path(model):
        _check_folder(folder)
        return SentenceEncoder(model, _load(str(folder), local=True))
    local = _is_cached(model)
    if not local:
        _check_hub(model)
    return SentenceEncoder(model, _load(model, local=local))


class SentenceEncoder:
    """A sentence-transformers model that tells questions from passages where it was trained to."""

    def __init__(self, model: str, encoder: SentenceTransformer) -> None:
        self.name = f"{PROVIDER}:{model}"
        # The library has no number for a model's weights; its prompts are part of every vector as well.
        self.revision = sha256(repr(sorted(encoder.prompts.items())).encode()).hexdigest()[:12]
        self._encoder = encoder
        self.dimension = int(encoder.get_embedding_dimension() or self.embed_query("dimension").shape[0])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimension), made with the model's prompt for documents."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        vectors = self._encoder.encode_document(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, np.float32)

    def embed_query(self, text: str) -> Vectors:
        """A vector of shape (dimension,), made with the model's prompt for queries."""
        vector = self._encoder.encode_query(text, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vector, np.float32)


def _looks_like_path(model: str) -> bool:
    """Whether it cannot be the name of a model, which is NAME or OWNER/NAME."""
    return model.startswith((".", "/", "~")) or "\\" in model or model.count("/") > 1


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ModelError(f"There is no model folder {folder}. Give the path of a model, or a name: NAME or OWNER/NAME.")
    if not any((folder / mark).is_file() for mark in MARKS):
        raise ModelError(
            f"{folder} is not a sentence-transformers model: it holds neither {' nor '.join(MARKS)}. "
            "Give the folder that the model was saved to."
        )


def _load(model: str, *, local: bool) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(model, local_files_only=local, trust_remote_code=False)
    except Exception as error:  # whatever a damaged or unknown model makes the libraries raise
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise ModelError(f"Cannot load the sentence-transformers model {model}: {reason}. Is it complete?") from error


# --- the model hub ---------------------------------------------------------------------------------------------------


def _repository(model: str) -> str:
    """The model's full name; sentence-transformers has a home for names without an owner."""
    return model if "/" in model else f"sentence-transformers/{model}"


def _is_cached(model: str) -> bool:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    cache = os.environ.get("SENTENCE_TRANSFORMERS_HOME")
    try:
        return any(isinstance(try_to_load_from_cache(_repository(model), mark, cache_dir=cache), str) for mark in MARKS)
    except HFValidationError:
        raise ModelError(f"'{model}' is no model's name and no folder. Write NAME, OWNER/NAME or a path.") from None


def _check_hub(model: str) -> None:
    """Raises ModelError within PATIENCE seconds if the model cannot be downloaded."""
    from huggingface_hub import constants
    from huggingface_hub.errors import RepositoryNotFoundError

    remedy = f"Download it once on a machine with network access and give its folder: --embed {PROVIDER}:PATH"
    if constants.is_offline_mode():
        raise ModelError(f"The model {model} is not on this machine, and HF_HUB_OFFLINE forbids downloads. {remedy}.")
    failure = _ask_hub(_repository(model))
    if isinstance(failure, RepositoryNotFoundError):
        raise ModelError(f"The model hub offers no model {model} to you. Check the name, or give a folder.")
    if failure is not None:
        raise ModelError(
            f"The model {model} is not on this machine, and {constants.ENDPOINT} cannot be reached. {remedy}."
        )


def _ask_hub(repository: str) -> BaseException | None:
    """None when the hub knows the model, otherwise why not.

    In a thread of its own, because no timeout of the client covers the look-up of the host's address.
    """
    from huggingface_hub import HfApi

    outcome: list[BaseException | None] = []

    def ask() -> None:
        try:
            HfApi().model_info(repository, timeout=PATIENCE)
            outcome.append(None)
        except Exception as error:
            outcome.append(error)

    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return outcome[0] if outcome else TimeoutError()
