"""Why an answer is as it is: the question as understood, every passage that was considered, the prompt, the time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import gradio as gr

from qa.errors import UsageError
from qa.show.document import read_answer
from qa.show.window_words import WORDS, counted
from qa.show.wording import date_text, day, filters_text
from qa.types import Considered, ModelCall, Trace
from qa.ui.context import AppState, Payload, served
from qa.ui.pages import render

_WORDS = WORDS["why"]

SCORES = ("words", "vectors", "coverage", "nearness", "ranker", "reader", "reranker")
"""The scores that have a heading and a meaning in words; any other has its own name."""
HIDDEN = ("fused",)


def why_panel(app: AppState, html: str) -> None:
    """The column beside the answer, `html`, in which a tab asks for the reasons behind the turn that is being read."""

    def why(payload: Payload, owner: str | None) -> str:
        conversation, number = str(payload["conversation"]), int(payload["number"])
        conversations = app.library.store.conversations
        if conversations.get(conversation, owner=owner) is None:
            raise UsageError("This conversation is not here any more. Begin a new one.")
        turn = next((turn for turn in conversations.turns(conversation) if turn.number == number), None)
        if turn is None:
            raise UsageError("This answer is not here any more. Load the page again.")
        answer = read_answer(turn.document)
        return why_html(answer.trace, answer.mode) if answer.trace else render("why_missing.html")

    gr.HTML(
        html,
        js_on_load="citewire.sources(element, server)",
        server_functions=[served(why)],
        apply_default_css=False,
    )


def why_html(trace: Trace, mode: str) -> str:
    """All that is known of how an answer by `mode` came about."""
    prompt = trace.prompt or ()
    return render(
        "why.html",
        trace=trace,
        mode=mode,
        prompt_words=sum(len(message.content.split()) for message in prompt),
        prompt_text="\n\n".join(f"{message.role}:\n{message.content}" for message in prompt),
        stages=list(_stages(trace)),
        counts=list(_counts(trace)),
        scores=_scores(trace.considered),
        date_text=date_text,
        day=day,
        filters_text=filters_text,
        share=_share,
        calls=[_call(call) for call in trace.calls],
        percent=_percent,
    )


@dataclass(frozen=True, slots=True)
class _Stage:
    """A stretch of the bar of times."""

    name: str
    time: str
    start: str
    """Percent of the whole."""
    width: str


@dataclass(frozen=True, slots=True)
class _Score:
    """A column of the table of passages."""

    name: str
    heading: str
    meaning: str


def _stages(trace: Trace) -> Iterator[_Stage]:
    total, start = sum(trace.stages_ms.values()), 0.0
    if total <= 0:
        return
    for stage, ms in trace.stages_ms.items():
        width = 100 * ms / total
        yield _Stage(_WORDS.get(f"stage_{stage}", stage), _ms(ms), f"{start:.2f}", f"{width:.2f}")
        start += width


def _call(call: ModelCall) -> str:
    """A call of the language model in words, such as "12.0 s, first word after 9.8 s, 812 tokens in, 48 out"."""
    first = _WORDS["no_word"] if call.first_ms is None else _WORDS["first_word"].format(time=_ms(call.first_ms))
    read = counted(_WORDS["tokens_in"], call.prompt_tokens) if call.prompt_tokens is not None else ""
    out = _WORDS["also_out" if read else "tokens_out"]
    written = counted(out, call.completion_tokens) if call.completion_tokens is not None else ""
    return ", ".join(filter(None, [_ms(call.ms), first, read, written]))


def _counts(trace: Trace) -> Iterator[str]:
    """How many passages each fate befell, such as "2 cited"."""
    fates = [row.fate for row in trace.considered]
    for fate in ("cited", "closest", "read"):
        if fate in fates:
            yield counted(_WORDS[f"of_fate_{fate}"], fates.count(fate))
    yield counted(_WORDS["of_fate_cut"], fates.count("cut") + trace.left_out)


def _scores(rows: Iterable[Considered]) -> list[_Score]:
    """The scores that any passage has, the known ones first."""
    there = {name: None for row in rows for name in (*row.ranks, *row.scores) if name not in HIDDEN}
    names = [*(name for name in SCORES if name in there), *(name for name in there if name not in SCORES)]
    return [_Score(name, *_told(name)) for name in names]


def _told(name: str) -> tuple[str, str]:
    """Heading and meaning of a score."""
    if name in SCORES:
        return _WORDS[f"score_{name}"], _WORDS[f"score_{name}_is"]
    return name.capitalize(), _WORDS["score_other_is"].format(name=name)


def _ms(ms: float) -> str:
    return f"{ms / 1000:,.1f} s" if ms >= 1000 else f"{ms:.0f} ms" if ms >= 1 else "under 1 ms"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _percent(share: float) -> str:
    return f"{100 * min(max(share, 0.0), 1.0):.1f}"
