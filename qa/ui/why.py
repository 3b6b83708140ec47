"""Why an answer is as it is: the question as understood, every passage that was considered, the prompt, the time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

import gradio as gr

from qa.errors import UsageError
from qa.show.html import dotted
from qa.show.json_text import date_text, day, filters_text
from qa.show.saved import read_trace
from qa.types import Considered, Message, Search, TimeWindow, Trace
from qa.ui.context import AppState, Payload, served

NOT_KEPT = "How this answer came about was not kept: it is older than the keeping of it."

SCORES = {
    "words": ("Words", "by the words it shares with the question"),
    "vectors": ("Meaning", "by its vector, which is near where the meaning is"),
    "coverage": ("Covers", "share of the question's words that its best sentence holds"),
    "nearness": ("Time", "nearness to the time that the question is about"),
    "ranker": ("Ranker", "probability that it answers, by all of these together"),
    "reader": ("Reader", "probability that it answers, once the first few were read with the question"),
    "reranker": ("Reranker", "by the model that orders the first ones again"),
}
"""Heading and meaning of each score that is known; any other has its own name."""
HIDDEN = ("fused",)
FATES = {"cited": "Cited", "closest": "Shown as closest", "read": "Read", "cut": "Cut"}
STAGES = {
    "understand": "Understand the question",
    "search": "Search words and vectors",
    "rank": "Rank the passages",
    "read": "Compare what they say",
    "answer": "Write the answer",
    "check": "Check every sentence",
}


def why_panel(app: AppState, html: str) -> None:
    """The column beside the answer, `html`, in which a tab asks for the reasons behind the turn that is being read."""

    def why(payload: Payload, owner: str | None) -> str:
        conversation, number = str(payload["conversation"]), int(payload["number"])
        conversations = app.library.store.conversations
        if conversations.get(conversation, owner=owner) is None:
            raise UsageError("This conversation is not here any more. Begin a new one.")
        turn = next((turn for turn in conversations.turns(conversation) if turn.number == number), None)
        if turn is None:
            raise UsageError("This answer is not here any more. Load the page anew.")
        trace = turn.document.get("trace")
        return why_html(read_trace(trace), str(turn.document.get("mode", ""))) if trace else _missing()

    gr.HTML(
        html,
        js_on_load="citewire.sources(element, server)",
        server_functions=[served(why)],
        apply_default_css=False,
    )


def _missing() -> str:
    return f'<p class="why-none">{NOT_KEPT}</p>'


def why_html(trace: Trace, mode: str) -> str:
    """All that is known of how an answer by `mode` came about."""
    return (
        _section("The question", _understood(trace))
        + _section("The search", _searched(trace))
        + _section("The answer", _answered(trace, mode))
        + _section("Time", _times(trace))
        + _section("Passages", _passages(trace))
    )


def _section(heading: str, body: str) -> str:
    return f'<section class="why-part"><h3>{heading}</h3>{body}</section>' if body else ""


# --- in words --------------------------------------------------------------------------------------------------------


def _understood(trace: Trace) -> str:
    question = trace.question
    rows: list[tuple[str, str]] = [("Searched for", f'<q dir="auto">{escape(question.standalone)}</q>')]
    if question.standalone.strip() != question.text.strip():
        rows.append(("Typed", f'<q dir="auto">{escape(question.text)}</q>'))
    for number, part in enumerate(question.parts, start=1):
        besides = dotted([escape(", ".join(part.outlets)), _window(part.window) if part.window else ""])
        told = f' <span class="how">({besides})</span>' if besides else ""
        rows.append((f"Part {number}", f'<q dir="auto">{escape(part.text)}</q>{told}'))
    if question.window:
        rows.append(("Time", _window(question.window)))
    elif question.is_present:
        rows.append(("Time", "how things stand now: newer articles count a little more"))
    if question.as_of:
        rows.append(("As of", escape(date_text(question.as_of))))
    if question.outlets:
        rows.append(("Outlets", f"{escape(', '.join(question.outlets))}, favoured because it names them"))
    rows.append(("Narrowed to", escape(filters_text(question.filters)) or "nothing: every article was searched"))
    return _list(rows)


def _window(window: TimeWindow) -> str:
    first = f"from {date_text(window.date_from)}" if window.date_from else ""
    last = f"until {date_text(window.date_to)}" if window.date_to else ""
    named = f"\u201c{escape(window.words)}\u201d: " if window.words else ""
    weight = "articles of other days are left out" if window.hard else "articles of other days count less"
    return f'<span dir="auto">{named}{dotted([" ".join(filter(None, [first, last]))])}; {weight}</span>'


def _searched(trace: Trace) -> str:
    many = len(trace.searches) > 1
    lines = (f"<p>{_search(search, trace.look_again_below, many)}</p>" for search in trace.searches)
    return "".join(lines)


def _search(search: Search, below: float, is_named: bool) -> str:
    named = f'<q dir="auto">{escape(search.text)}</q>: ' if is_named else ""
    if search.best is None:
        return f"{named}no passage was found."
    found = f"{named}{_count(search.found, 'passage')} found; the best has a score of {_share(search.best)}"
    if search.added is None:
        return f"{found}, enough for one search ({_share(below)})."
    return (
        f"{found}, less than {_share(below)}: a second search, with the words of the best ones, "
        f"brought {_count(search.added, 'more passage', 'more passages')}."
    )


def _answered(trace: Trace, mode: str) -> str:
    parts = []
    if trace.confidence is not None:
        held = "enough" if trace.confidence >= trace.refuse_below else "too little"
        parts.append(
            f"<p>The passages answer the question with a confidence of <strong>{_share(trace.confidence)}</strong>, "
            f"{held}: below {_share(trace.refuse_below)} the answer is refused.</p>{_bar(trace.confidence, 'wide')}"
        )
    if trace.prompt is None:
        parts.append("<p>No language model was asked: the sentences are the articles' own.</p>")
    else:
        taken = "" if mode != "extractive" else "<p>What the model wrote was not used.</p>"
        parts.append(taken + _prompt(trace.prompt) + _folded("What the model wrote, unchecked", trace.raw or ""))
    return "".join(parts)


def _prompt(prompt: Sequence[Message]) -> str:
    count = sum(len(message.content.split()) for message in prompt)
    whole = "\n\n".join(f"{message.role}:\n{message.content}" for message in prompt)
    messages = "".join(
        f'<p class="role">{escape(message.role)}</p><pre tabindex="0" dir="auto">{escape(message.content)}</pre>'
        for message in prompt
    )
    return _fold(f"What the model was sent: {_count(len(prompt), 'message')}, {_count(count, 'word')}", messages, whole)


def _folded(words: str, text: str) -> str:
    shown = f'<pre tabindex="0" dir="auto">{escape(text)}</pre>' if text.strip() else "<p>Nothing.</p>"
    return _fold(words, shown, text)


def _fold(words: str, body: str, copy: str) -> str:
    button = f'<button type="button" class="quiet" data-action="copy" data-copy="{escape(copy)}">Copy</button>'
    return f'<details class="why-fold"><summary>{words}</summary>{button if copy.strip() else ""}{body}</details>'


# --- the time --------------------------------------------------------------------------------------------------------


def _times(trace: Trace) -> str:
    """A bar of all stages, and under it each with its time."""
    total = sum(trace.stages_ms.values())
    if total <= 0:
        return ""
    drawn, rows, at = "", [], 0.0
    for number, (stage, ms) in enumerate(trace.stages_ms.items()):
        width = 100 * ms / total
        drawn += f'<rect class="stage-{number % 6}" x="{at:.2f}" width="{width:.2f}" height="8"/>'
        at += width
        rows.append(
            f'<li><svg class="swatch" viewBox="0 0 8 8" aria-hidden="true"><rect class="stage-{number % 6}" width="8"'
            f' height="8"/></svg>{escape(STAGES.get(stage, stage))}<span class="ms">{_ms(ms)}</span></li>'
        )
    return (
        '<svg class="stages" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'{drawn}</svg><ul class="stage-list">{"".join(rows)}</ul>'
    )


def _ms(ms: float) -> str:
    return f"{ms / 1000:,.1f} s" if ms >= 1000 else f"{ms:.0f} ms" if ms >= 1 else "under 1 ms"


# --- the passages ----------------------------------------------------------------------------------------------------


def _passages(trace: Trace) -> str:
    if not trace.considered:
        return "<p>None was found.</p>"
    names = _columns(trace.considered)
    heads = "".join(f'<th scope="col" title="{escape(_meaning(name))}">{escape(_heading(name))}</th>' for name in names)
    rows = "".join(_row(row, names) for row in trace.considered)
    counts = [
        f"{sum(row.fate in fates for row in trace.considered)} {words}"
        for fates, words in ((("cited",), "cited"), (("closest",), "shown as closest"), (("read",), "read"))
        if any(row.fate in fates for row in trace.considered)
    ]
    cut = sum(row.fate == "cut" for row in trace.considered) + trace.left_out
    left = f"<p>{_count(trace.left_out, 'passage')} further down are not listed.</p>" if trace.left_out else ""
    meanings = "; ".join(f"<strong>{escape(_heading(name))}</strong> {escape(_meaning(name))}" for name in names)
    return (
        f"<p>{', '.join([*counts, f'{cut} cut'])}. The numbers are places, the bars are scores.</p>"
        '<div class="why-scroll" role="region" aria-label="Passages that were considered" tabindex="0">'
        '<table class="why-table"><thead><tr><th scope="col"><span class="unseen">Place</span>#</th>'
        f"{heads}</tr></thead>{rows}</table></div>{left}"
        f'<p class="why-key">{meanings}.</p>'
    )


def _columns(rows: Iterable[Considered]) -> list[str]:
    """The scores that any passage has, the known ones first."""
    there = {name: None for row in rows for name in (*row.ranks, *row.scores) if name not in HIDDEN}
    return [*(name for name in SCORES if name in there), *(name for name in there if name not in SCORES)]


def _heading(name: str) -> str:
    return SCORES[name][0] if name in SCORES else name.capitalize()


def _meaning(name: str) -> str:
    return SCORES[name][1] if name in SCORES else f"by {name}"


def _row(row: Considered, names: Sequence[str]) -> str:
    """Two rows of the table: which passage it is, and what each score says of it."""
    place = str(row.rank) if row.rank else "\u2013"
    cells = "".join(_cell(row, name) for name in names)
    where = dotted([escape(row.outlet or "Unknown outlet"), escape(day(row)), *_besides(row)])
    return (
        f'<tbody data-fate="{row.fate}"><tr><td class="place" rowspan="2">{place}</td>'
        f'<th scope="rowgroup" colspan="{len(names)}">'
        f'<button type="button" class="why-title" data-action="open" data-article="{escape(row.article_id)}"'
        f' data-start="{row.start}" data-end="{row.end}" dir="auto">{escape(row.title)}</button>'
        f'<span class="where" dir="auto">{where}</span>{_fate(row)}</th></tr>'
        f"<tr>{cells}</tr></tbody>"
    )


def _besides(row: Considered) -> Iterator[str]:
    if row.is_second:
        yield "second search"
    if row.part:
        yield f'for <q dir="auto">{escape(row.part)}</q>'


def _fate(row: Considered) -> str:
    numbers = "".join(f" [{n}]" for n in row.cites)
    reason = f": {escape(row.reason)}" if row.reason else ""
    return f'<span class="fate">{FATES[row.fate]}{numbers}{reason}</span>'


def _cell(row: Considered, name: str) -> str:
    rank, score = row.ranks.get(name), row.scores.get(name)
    if rank is None and score is None:
        return '<td><span class="none">\u2013<span class="unseen"> not found by it</span></span></td>'
    shown = str(rank) if rank is not None else f"{100 * (score or 0):.0f}%"
    return f'<td title="{_share(score)}">{shown}{_bar(score or 0)}</td>' if score is not None else f"<td>{shown}</td>"


def _bar(share: float, kind: str = "") -> str:
    """A bar as long as the share; what it says stands beside it in digits."""
    width = 100 * min(max(share, 0.0), 1.0)
    return (
        f'<svg class="bar {kind}" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="trough" width="100" height="4"/><rect class="fill" width="{width:.1f}" height="4"/></svg>'
    )


def _list(rows: Iterable[tuple[str, str]]) -> str:
    lines = "".join(f"<div><dt>{name}</dt><dd>{words}</dd></div>" for name, words in rows)
    return f'<dl class="why-list">{lines}</dl>'


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _count(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
