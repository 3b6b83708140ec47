"""Finds a model's files: in a folder, in the local cache, or on the model hub, with a short timeout."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from threading import Thread
from typing import TypeVar

from qa.errors import ModelError

T = TypeVar("T")

PATIENCE = 2.0
"""Seconds before the model hub counts as unreachable; its own library would try for a minute."""


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of model and how its files are laid out on disk."""

    kind: str
    """Such as "sentence-transformers model"."""
    marks: Sequence[str]
    """A folder that contains one of these files is such a model."""
    option: str
    """The command-line option up to the folder's path."""
    home: str = ""
    """The owner of models named without one."""
    cache_variable: str = ""
    """The environment variable that names a separate cache, if there is one."""

    @property
    def cache(self) -> str | None:
        """The folder of that cache."""
        return os.environ.get(self.cache_variable) if self.cache_variable else None


@dataclass(frozen=True, slots=True)
class ModelLocation:
    """The place a model is loaded from."""

    name: str
    """A folder, or OWNER/NAME."""
    revision: str | None = None
    """Commit, tag or branch on the hub; None for the newest, or the cached one."""
    local: bool = True
    """True if it is on this machine, so that no request is sent."""
    family: Family | None = None

    def file(self, name: str) -> Path | None:
        """One of its files, if that is on this machine."""
        if (folder := Path(self.name)).is_dir():
            return folder / name if (folder / name).is_file() else None
        from huggingface_hub import try_to_load_from_cache

        cache = self.family.cache if self.family else None
        found = try_to_load_from_cache(self.name, name, cache_dir=cache, revision=self.revision)
        return Path(found) if isinstance(found, str) else None

    def digest(self) -> str:
        """Identifies the weights on this machine: whoever replaces them by others is noticed."""
        marks = self.family.marks if self.family else ()
        folder = Path(self.name) if Path(self.name).is_dir() else next(filter(None, map(self.file, marks))).parent
        whole = sha256()
        for path in sorted(folder.rglob("*")):
            if path.suffix in _WEIGHTS and path.is_file():
                whole.update(f"{path.relative_to(folder)} {_digest_of(path)}\n".encode())
        return whole.hexdigest()[:12]


_WEIGHTS = (".safetensors", ".bin", ".onnx")


def _digest_of(file: Path) -> str:
    """Of its bytes; the cache of the hub names a large file by it already."""
    real = file.resolve()
    if real.parent.name == "blobs" and len(real.name) == 64:
        return real.name
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


def find_model(model: str, family: Family) -> ModelLocation:
    """Where the model is that is called by a folder, by NAME, OWNER/NAME or by NAME@REVISION.

    Raises ModelError, within PATIENCE seconds, where it is nowhere to be had.
    """
    folder = Path(model).expanduser()
    if folder.exists() or _looks_like_path(model):
        _check_folder(folder, family)
        return ModelLocation(str(folder), family=family)
    name, _, revision = model.partition("@")
    name = name if "/" in name or not family.home else f"{family.home}/{name}"
    place = ModelLocation(name, revision or None, family=family)
    if not _is_cached(place, family, model):
        _check_hub(place, model, family.option)
        return ModelLocation(name, revision or None, local=False, family=family)
    return place


@contextmanager
def loading(kind: str, model: str) -> Iterator[None]:
    """Silences the libraries' progress bars and turns every error of a damaged or unknown model into a ModelError."""
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    except Exception as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise ModelError(f"Cannot load the {kind} {model}: {reason}. Is it complete?") from error


def _looks_like_path(model: str) -> bool:
    """True if it cannot be a model's name, which is NAME or OWNER/NAME."""
    return model.startswith((".", "/", "~")) or "\\" in model or model.partition("@")[0].count("/") > 1


def _check_folder(folder: Path, family: Family) -> None:
    if not folder.is_dir():
        raise ModelError(f"There is no model folder {folder}. Give the path of a model, or a name: NAME or OWNER/NAME.")
    if not any((folder / mark).is_file() for mark in family.marks):
        lacking = f"neither {' nor '.join(family.marks)}" if len(family.marks) > 1 else f"no {family.marks[0]}"
        raise ModelError(
            f"{folder} is not a {family.kind}: it holds {lacking}. Give the folder that the model was saved to."
        )


def _is_cached(place: ModelLocation, family: Family, model: str) -> bool:
    from huggingface_hub.errors import HFValidationError

    try:
        return any(place.file(mark) for mark in family.marks)
    except HFValidationError:
        raise ModelError(f"'{model}' is no model's name and no folder. Write NAME, OWNER/NAME or a path.") from None


def _check_hub(place: ModelLocation, model: str, option: str) -> None:
    """Raises ModelError within PATIENCE seconds if the model cannot be downloaded."""
    from huggingface_hub import HfApi

    ask_hub(place, model, option, lambda: HfApi().model_info(place.name, revision=place.revision, timeout=PATIENCE))


def ask_hub(place: ModelLocation, model: str, option: str, ask: Callable[[], T]) -> T:
    """What the hub says to a question of less than PATIENCE seconds.

    Raises ModelError where it offers no such model or cannot be asked, and EntryNotFoundError. `option` is the
    command-line option up to the path of a model.
    """
    from huggingface_hub import constants
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    constants.HF_HUB_DISABLE_TELEMETRY = True  # it would tell the hub what else is installed, and what runs Citewire
    remedy = f"Download it once on a machine with network access and give its folder: {option}PATH"
    if constants.is_offline_mode():
        raise ModelError(f"The model {model} is not on this machine, and HF_HUB_OFFLINE forbids downloads. {remedy}.")
    answers: list[T] = []
    failures: list[Exception] = []

    def run() -> None:
        try:
            answers.append(ask())
        except Exception as error:
            failures.append(error)

    # In a thread of its own, because no timeout of the client covers the look-up of the host's address.
    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if answers:
        return answers[0]
    match failures:
        case [EntryNotFoundError() as missing]:
            raise missing
        case [RevisionNotFoundError()]:
            raise ModelError(f"The model {place.name} has no revision '{place.revision}'. Check it, or leave it out.")
        case [GatedRepoError()]:
            raise ModelError(
                f"The model {place.name} is given only to who accepts its terms at {constants.ENDPOINT}/{place.name}. "
                "Accept them, and set HF_TOKEN to a token of yours."
            )
        case [RepositoryNotFoundError()]:
            raise ModelError(f"The model hub offers no model {model} to you. Check the name, or give a folder.")
    raise ModelError(f"The model {model} is not on this machine, and {constants.ENDPOINT} cannot be reached. {remedy}.")
