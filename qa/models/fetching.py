"""Downloads one file of a repository of the model hub, once for all processes, and compares its checksum."""

from __future__ import annotations

import errno
import shutil
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING

from qa.errors import ModelError, first_line
from qa.models.background import PROGRESS
from qa.models.hub import ModelLocation, ask_hub

if TYPE_CHECKING:
    from huggingface_hub.utils.tqdm import tqdm

MB = 1_000_000


def fetched(repository: str, file: str, option: str) -> Path:
    """The file of OWNER/NAME or OWNER/NAME@REVISION, from the local cache, or else downloaded into it.

    A download shows a bar on stderr, goes on where one broke off, and is made once when several processes ask for the
    same. `option` is the command-line option up to a path. Raises ModelError.
    """
    from huggingface_hub import HfApi, get_hf_file_metadata, hf_hub_download, hf_hub_url, try_to_load_from_cache
    from huggingface_hub.errors import EntryNotFoundError, HFValidationError

    name, _, revision = repository.partition("@")
    place = ModelLocation(name, revision or None, local=False)
    try:
        cached = try_to_load_from_cache(name, file, revision=place.revision)
    except HFValidationError:
        raise ModelError(f"'{name}' is no repository of the model hub. Write OWNER/NAME:FILE or a path.") from None
    if isinstance(cached, str):
        return Path(cached)
    url = hf_hub_url(name, file, revision=place.revision)
    try:
        told = ask_hub(place, f"{repository}:{file}", option, lambda: get_hf_file_metadata(url))
    except EntryNotFoundError:
        names = ask_hub(place, repository, option, lambda: HfApi().list_repo_files(name, revision=place.revision))
        alike = sorted(each for each in names if each.endswith(Path(file).suffix)) or sorted(names)
        shown = ", ".join(alike[:8]) + (", ..." if len(alike) > 8 else "")
        raise ModelError(f"The repository {name} has no file '{file}'. Choose one of: {shown}.") from None
    size = told.size or 0
    if _room() < size:
        raise _full(size, file)
    try:
        path = Path(hf_hub_download(name, file, revision=place.revision, tqdm_class=_bar()))
    except Exception as error:  # of the disk, of the connection, of the server
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise _full(size, file) from error
        raise ModelError(
            f"The download of {file} broke off ({first_line(error)}). Ask again: it goes on from there."
        ) from error
    _check_sum(path, told.etag or "")
    return path


def _bar() -> type[tqdm]:
    """The bar of the hub's own library, which also tells a reader who waits how far it is."""
    from huggingface_hub.utils.tqdm import tqdm

    tell = PROGRESS.get()

    class Bar(tqdm):
        def update(self, n: float | None = 1) -> bool | None:
            shown: bool | None = super().update(n)
            tell(f"{self.n / MB:,.0f} of {(self.total or 0) / MB:,.0f} MB fetched")
            return shown

    return Bar


def _room() -> int:
    """Bytes that the disk of the hub's cache has left."""
    cache = _cache()
    return shutil.disk_usage(next(folder for folder in (cache, *cache.parents) if folder.exists())).free


def _cache() -> Path:
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def _full(size: int, file: str) -> ModelError:
    return ModelError(
        f"The disk is too full for {file}: it has {size / MB:,.0f} MB, and {_cache()} has {_room() / MB:,.0f} MB left. "
        "Make room, or set HF_HOME to a folder on another disk."
    )


def _check_sum(path: Path, digest: str) -> None:
    """Removes a file that is not what the hub has. Raises ModelError."""
    if len(digest) != 64:  # the hub names large files by their digest, and only these
        return
    with path.open("rb") as opened:
        if file_digest(opened, "sha256").hexdigest() == digest:
            return
    path.resolve().unlink()
    path.unlink(missing_ok=True)
    raise ModelError(f"The download of {path.name} arrived damaged: its checksum is another one. Ask again.")
