"""The log as JSON lines: one object a line, with a time, a level and what happened; never what somebody typed."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
from typing import TextIO

from qa.runtime import ASKER
from qa.types import Answer

log = logging.getLogger(__name__)


class JsonLines(logging.Formatter):
    """A record as one line of JSON; the fields of `extra={"fields": ...}` stand beside its own."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        time = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        line = {"time": time, "level": record.levelname.lower(), "logger": record.name, "event": record.getMessage()}
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True, default=str)


def log_as_json(stream: TextIO | None = None) -> None:
    """From now on every logger of the process writes JSON lines to `stream`, or stderr; requests and answers too."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    logging.getLogger("qa.ui.watch").setLevel(logging.INFO)


def log_request(method: str, path: str, status: int, seconds: float, client: str, user: str | None) -> None:
    """A line for a request; of its address the path alone, since what follows it may hold a question."""
    fields = {"method": method, "path": path, "status": status, "ms": round(seconds * 1000), "client": client}
    log.info("request", extra={"fields": fields | {"user": user}})


def log_answer(answer: Answer, *, with_text: bool = False) -> None:
    """A line for an answer: who asked, what came of it and how long it took; the question only `with_text`."""
    fields = {
        "user": ASKER.get(),
        "mode": answer.mode,
        "refused": answer.abstained,
        "verdicts": [sentence.verdict for sentence in answer.sentences],
        "notice": bool(answer.notice),
        "ms": {stage: round(ms) for stage, ms in answer.timings_ms.items()},
    }
    log.info("answer", extra={"fields": fields | ({"question": answer.question.text} if with_text else {})})
