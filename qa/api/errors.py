"""Every error as JSON: {"error": a sentence}, with the status that fits."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from qa.errors import Forbidden, LibraryError, ModelError, QAError, UsageError

log = logging.getLogger(__name__)

_OURS = "Something went wrong inside Citewire. The log of the server says what."
_NOT_JSON = 'The body is not JSON. Send something such as {"question": "Who won?"}.'
_STATUS: tuple[tuple[type[QAError], int], ...] = ((UsageError, 400), (ModelError, 502), (LibraryError, 503))


_FILE = re.compile(r"(?<![\w.:/~-])(/[^\s'\":;,()/]+)/(?:[^\s'\":;,()/]+/)*([^\s'\":;,()/]+)")


class Missing(UsageError):
    """Something that was named is not there."""


class Taken(UsageError):
    """Something is in use."""


class Busy(QAError):
    """Too much is under way."""


def told(error: Exception) -> tuple[int, str]:
    """The status and the sentence for an error; what nobody expected is written to the log."""
    match error:
        case RequestValidationError():
            return 422, _invalid(error)
        case HTTPException() if isinstance(error.__cause__, RecursionError):  # of JSON that is nested without end
            return 422, _NOT_JSON
        case HTTPException():
            return error.status_code, str(error.detail)
        case Forbidden():
            return 403, str(error)
        case Missing():
            return 404, str(error)
        case Taken():
            return 409, str(error)
        case Busy():
            return 503, str(error)
        case QAError():
            status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
            if status >= 500:
                log.warning("%s", error)  # with its paths
            return status, without_folders(str(error))
    log.error("A request failed.", exc_info=error)
    return 500, _OURS


def without_folders(words: str) -> str:
    """The words with the bare name of each file of this machine: those who ask from elsewhere need no folders."""
    return _FILE.sub(lambda found: found[2] if Path(found[1]).is_dir() else found[0], words)


def answered(error: Exception) -> JSONResponse:
    """The response for an error."""
    status, words = told(error)
    return JSONResponse({"error": words}, status, {"Retry-After": "5"} if status == 503 else None)


class Route(APIRoute):
    """A route that answers every error like this."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with the errors caught."""
        handle = super().get_route_handler()

        async def caught(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as error:
                return answered(error)

        return caught


def _invalid(error: RequestValidationError) -> str:
    first = error.errors()[0]
    place = [str(part) for part in first["loc"] if part not in ("body", "query", "path")]
    if first["type"] == "json_invalid":
        return _NOT_JSON
    if first["type"] == "missing" and not place:
        return 'The body is empty. Send something such as {"question": "Who won?"}.'
    name = ".".join(place)
    if first["type"] == "missing":
        return f"The field '{name}' is missing."
    if first["type"] == "extra_forbidden":
        return f"There is no field '{name}'. The fields are described at /api/docs."
    words = first["msg"]
    return f"The field '{name}' cannot be used: {words[0].lower()}{words[1:]}." if name else f"{words}."


def user_of(request: Request) -> str | None:
    """Who is logged in, as what stands before the routes has found; None where nobody needs to be."""
    user: str | None = getattr(request.state, "user", None)
    return user
