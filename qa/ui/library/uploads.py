"""Files that a page sends: written beside the library, where they stay, so that the same file is known again."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from qa.errors import Forbidden, UsageError
from qa.ingest.read import is_readable_name, readable_names
from qa.ui.context import owner_of
from qa.ui.roles import check, role_of

ADD = "add articles"
"""What only an administrator may do."""
LARGEST = 200_000_000
"""Bytes of a file, at most."""
FOLDER = "uploads"
"""Below the library's folder; what is sent lies in it for as long as it is to be found again."""
_PARTS, _LONGEST = 12, 180  # folders that a name may have, and bytes of each
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]")


def upload_routes(index: Path) -> APIRouter:
    """The route that takes files in for the library at `index`."""
    routes = APIRouter()

    @routes.post("/library/upload", include_in_schema=False)
    async def upload(request: Request, name: str = "") -> JSONResponse:
        # A form of another site cannot send this header without being asked for permission first.
        if request.headers.get("x-citewire") is None:
            return JSONResponse({"error": "Only this window's own pages can send files."}, 403)
        try:
            check(role_of(request), ADD)
            path = place_of(index, name, owner_of(request))
            await _write(path, request.stream(), int(request.headers.get("content-length") or 0))
        except Forbidden as error:
            return JSONResponse({"error": str(error)}, 403)
        except UsageError as error:
            return JSONResponse({"error": str(error)}, 400)
        except OSError as error:
            return JSONResponse({"error": f"The file could not be written: {error.strerror or error}."}, 507)
        return JSONResponse({"path": str(path)})

    return routes


def place_of(index: Path, name: str, owner: str | None) -> Path:
    """Where a file of this name goes; folders that it names stay folders, and none leads out of the library's.

    Raises UsageError for a name that says nothing, and for a kind of file that is not read.
    """
    parts = [_part(part) for part in re.split(r"[/\\]+", name)]
    parts = [part for part in parts if part.strip(". ")][-_PARTS:]
    if not parts:
        raise UsageError("The file has no name. Give it one, such as article.txt.")
    if not is_readable_name(parts[-1]):
        raise UsageError(f"'{parts[-1]}' is of a kind that is not read. Choose one of: {readable_names()}.")
    return root_of(index, owner).joinpath(*parts)


def root_of(index: Path, owner: str | None) -> Path:
    """The folder of what this reader has sent."""
    return index.absolute() / FOLDER / (_part(owner) if owner else "all")


def _part(name: str) -> str:
    """A name that every file system takes, hidden from nobody."""
    name = _FORBIDDEN.sub("_", name).strip().lstrip(".")
    stem, suffix = os.path.splitext(name)
    if len(os.fsencode(name)) > _LONGEST:
        stem = os.fsencode(stem)[: _LONGEST - len(os.fsencode(suffix))].decode("utf-8", "ignore")
    return f"{stem}{suffix}"


async def _write(path: Path, chunks: AsyncIterator[bytes], announced: int) -> None:
    """Writes what comes, under its name only once it is whole."""
    too_large = UsageError(f"'{path.name}' is larger than {LARGEST // 1_000_000} MB. Take it in with: qa ingest FILE")
    if announced > LARGEST:
        raise too_large
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{uuid4().hex}.part")
    try:
        size = 0
        with part.open("wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > LARGEST:
                    raise too_large
                await run_in_threadpool(file.write, chunk)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
