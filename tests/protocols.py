"""How the model servers of the tests talk: the protocols of OpenAI, Ollama and Anthropic, in the shapes of each API."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any

Messages = Sequence[dict[str, str]]
Writer = Callable[[Messages], str]


@dataclass(frozen=True)
class Reply:
    """What the server does with one request."""

    text: str | Writer = ""
    """Streamed word by word."""
    thinking: str = ""
    """Streamed before it, the way each protocol sets it apart."""
    status: int = 200
    error: str = ""
    """What it says with a status that is no success."""
    code: str | None = None
    retry_after: str = "0"
    body: str | None = None
    """Sent as it is, as HTML, in place of everything else."""
    lines: Sequence[str] | None = None
    """Data of the events, sent as they are, in place of the text."""
    hold: Event | None = None
    """Waited for before the first word, or after so many `lines_before_hold`."""
    lines_before_hold: int = 0
    words: int | None = None
    """Words after which the connection is cut."""
    endless: bool = False
    """Says its text again and again until the client goes away."""
    fails: str = ""
    """A fault that is reported inside the stream, after the text."""

    def pieces(self, text: str) -> Iterator[str]:
        """The words to say, in order; stops short where the connection is to be cut."""
        said = 0
        while True:
            for word in re.findall(r"\s*\S+|\s+", text):
                if said == self.words:
                    return
                yield word
                said += 1
            if not self.endless:
                return

    @property
    def is_cut(self) -> bool:
        """Whether the reply has no end."""
        return self.words is not None


@dataclass(frozen=True)
class Protocol:
    """One way to ask for a reply and to give it."""

    frame: Callable[[str], str]
    """Data as it stands in the body."""
    kind: str
    """The type of a streamed body."""
    stream: Callable[[dict[str, Any], Reply, str], Iterator[str]]
    """Data of the events that make up a reply."""
    fault: Callable[[Reply], dict[str, Any]]
    """The body of an answer that is no success."""
    whole: Callable[[dict[str, Any], str], dict[str, Any]] | None = None
    """The body of a reply in one piece."""
    prompt: Callable[[dict[str, Any]], Messages] = field(default=lambda body: body.get("messages", []))


# --- OpenAI ----------------------------------------------------------------------------------------------------------


def _openai(body: dict[str, Any], reply: Reply, text: str) -> Iterator[str]:
    """As servers send them: role, words, finish, usage, [DONE]."""
    yield _delta(body, {"role": "assistant", "content": None})
    for word in reply.pieces(reply.thinking) if reply.thinking else ():
        yield _delta(body, {"reasoning_content": word})
    said = 0
    for word in reply.pieces(text):
        yield _delta(body, {"content": word})
        said += 1
    if reply.fails:
        yield json.dumps({"error": {"message": reply.fails, "code": reply.code}})
    if reply.is_cut:
        return
    yield _delta(body, {}, finish="stop")
    usage = {"prompt_tokens": 0, "completion_tokens": said, "total_tokens": said}
    yield json.dumps({**_completion(body, None, "chat.completion.chunk"), "usage": usage})
    yield "[DONE]"


def _delta(body: dict[str, Any], delta: dict[str, Any], finish: str | None = None) -> str:
    return json.dumps(_completion(body, {"delta": delta, "finish_reason": finish}, "chat.completion.chunk"))


def _completion(body: dict[str, Any], choice: dict[str, Any] | None, kind: str) -> dict[str, Any]:
    choices = [{"index": 0, **choice}] if choice else []
    return {"id": "reply", "object": kind, "created": 0, "model": body["model"], "choices": choices}


def _openai_whole(body: dict[str, Any], text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return _completion(body, {"message": message, "finish_reason": "stop"}, "chat.completion")


def _openai_fault(reply: Reply) -> dict[str, Any]:
    return {"error": {"message": reply.error, "type": "error", "param": None, "code": reply.code}}


# --- Ollama ----------------------------------------------------------------------------------------------------------


def _ollama(body: dict[str, Any], reply: Reply, text: str) -> Iterator[str]:
    def part(message: dict[str, str], **more: Any) -> str:
        return json.dumps({"model": body["model"], "message": {"role": "assistant", **message}, "done": False, **more})

    for word in reply.pieces(reply.thinking) if reply.thinking else ():
        yield part({"content": "", "thinking": word})
    for word in reply.pieces(text):
        yield part({"content": word})
    if reply.fails:
        yield json.dumps({"error": reply.fails})
    if not reply.is_cut:
        yield part({"content": ""}, done=True, done_reason="stop", eval_count=1)


# --- Anthropic -------------------------------------------------------------------------------------------------------


def _anthropic(body: dict[str, Any], reply: Reply, text: str) -> Iterator[str]:
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": "msg", "type": "message", "role": "assistant", "model": body["model"], "content": []}
    yield _event("message_start", message={**message, "stop_reason": None, "stop_sequence": None, "usage": usage})
    yield _event("ping")
    blocks = [("thinking", reply.thinking)] if reply.thinking else []
    for index, (kind, said) in enumerate([*blocks, ("text", text)]):
        block = {"type": kind, kind: ""} | ({"signature": ""} if kind == "thinking" else {})
        yield _event("content_block_start", index=index, content_block=block)
        for word in reply.pieces(said):
            yield _event("content_block_delta", index=index, delta={"type": f"{kind}_delta", kind: word})
        if kind == "text" and reply.fails:
            yield _event("error", error={"type": reply.code or "api_error", "message": reply.fails})
        if reply.is_cut:
            return
        yield _event("content_block_stop", index=index)
    yield _event("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage=usage)
    yield _event("message_stop")


def _event(kind: str, **values: Any) -> str:
    return json.dumps({"type": kind, **values})


def _anthropic_frame(data: str) -> str:
    kind = re.match(r'\{"type": "(\w+)"', data)
    return f"event: {kind[1] if kind else 'message_start'}\ndata: {data}\n\n"


def _anthropic_fault(reply: Reply) -> dict[str, Any]:
    return {"type": "error", "error": {"type": reply.code or "error", "message": reply.error}}


def _anthropic_prompt(body: dict[str, Any]) -> Messages:
    system = [{"role": "system", "content": body["system"]}] if "system" in body else []
    return [*system, *body.get("messages", [])]


PROTOCOLS: dict[str, Protocol] = {
    "/v1/chat/completions": Protocol(
        lambda data: f"data: {data}\n\n", "text/event-stream", _openai, _openai_fault, _openai_whole
    ),
    "/api/chat": Protocol(
        lambda data: f"{data}\n", "application/x-ndjson", _ollama, lambda reply: {"error": reply.error}
    ),
    "/v1/messages": Protocol(
        _anthropic_frame, "text/event-stream", _anthropic, _anthropic_fault, prompt=_anthropic_prompt
    ),
}
"""Path -> the protocol that is spoken there."""
