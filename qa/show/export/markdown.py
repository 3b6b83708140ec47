"""A conversation as Markdown, in which nothing that comes from articles, questions or models is markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote as percent_encoded

from qa.show.document_form import AnswerDocument, CitationDocument
from qa.show.export.record import Export, encoded
from qa.show.export.words import LEGEND, about, dated, in_question, making, place
from qa.show.marked import set_before
from qa.show.wording import VERDICT_SIGNS, VERDICT_WORDS, days, verdict_words, web_url
from qa.types import Sentence

RECORD = re.compile(r"\n*<!-- citewire-record\n(?P<record>[A-Za-z0-9+/=\s]*)\n-->\n?")
"""Where a Markdown export carries its record; what it shows has every `<` escaped, so nothing else looks like it."""

_SPECIAL = re.compile(r"[\\`*_\[\]|~$]")
_INDENTED = re.compile(r"\n[ \t]+")
_LINE_START = re.compile(r"^(?P<space>\s*)(?P<mark>#+|[-+=]+|\d+(?=[.)]))", re.MULTILINE)


def as_markdown(export: Export) -> str:
    """The file: what people read, and the record in a comment at its end."""
    made = f"*{escaped(making(export))}. Check it again with* `qa verify`*.*  \n{LEGEND}"
    parts = [f"# {escaped(one_line(export.title))}", made]
    for number, turn in enumerate(export.turns, start=1):
        parts += _turn(number, turn)
    shown = "\n\n".join(parts) + "\n"
    return f"{shown}\n<!-- citewire-record\n{encoded(export, shown)}\n-->\n"


def escaped(text: str) -> str:
    """The text so that Markdown shows it as it is, on one line of source per line."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _SPECIAL.sub(r"\\\g<0>", text)
    return _LINE_START.sub(_escaped_start, text)


def _escaped_start(match: re.Match[str]) -> str:
    mark = match["mark"]
    return match["space"] + (f"{mark}\\" if mark.isdigit() else f"\\{mark}")


_ESCAPED = re.compile(r"\\([\\`*_\[\]|~$#+=.)-])")


def unescaped(text: str) -> str:
    """What `escaped` was given, without the marks of quotations at the beginning of lines."""
    text = re.sub(r"^> ?", "", text, flags=re.MULTILINE)
    text = _ESCAPED.sub(r"\1", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _turn(number: int, turn: AnswerDocument) -> Iterator[str]:
    yield f"## {number}. {escaped(one_line(turn.question))}"
    yield "  \n".join(f"*{label}:* {escaped(one_line(said))}" for label, said in about(turn))
    if turn.notice:
        yield quoted(turn.notice)
    yield _answer(turn)
    if said := in_question(turn.sentences):
        yield "**What the check found**"
        yield "\n".join(_verdict(sentence) for sentence in said)
    if turn.citations:
        yield "**Sources**" if turn.sentences else "**The closest passages found**"
        for citation in turn.citations:
            yield from _source(citation, turn.citing(citation.n))


def _answer(turn: AnswerDocument) -> str:
    if not turn.sentences:
        return f"**{escaped(one_line(turn.answer))}**"
    pieces = []
    for number, sentence in enumerate(turn.sentences):
        prefix = _INDENTED.sub("\n  ", sentence.prefix if number else sentence.prefix.lstrip())
        marks = "".join(f" \\[{n}\\]" for n in sentence.citations)
        heading = f"### {escaped(one_line(sentence.heading))}\n" if sentence.heading else ""
        lead = f"**{escaped(one_line(sentence.lead))}:** " if sentence.lead else ""
        said = f"{escaped(one_line(sentence.text))}{marks} {VERDICT_SIGNS[sentence.verdict]}"
        pieces.append(set_before(prefix, heading, lead) + said)
    return "".join(pieces)


def _verdict(sentence: Sentence) -> str:
    marks = "".join(f" \\[{n}\\]" for n in sentence.citations)
    why = f": {escaped(one_line('; '.join(sentence.reasons)))}" if sentence.reasons else ""
    said = escaped(one_line(sentence.text))
    return f'- {VERDICT_SIGNS[sentence.verdict]} **{verdict_words(sentence)}**{why} - "{said}"{marks}'


def _source(citation: CitationDocument, sentences: Sequence[Sentence]) -> Iterator[str]:
    how = f" ({dated(citation)})" if dated(citation) else ""
    outlet = escaped(one_line(citation.outlet or "unknown outlet"))
    verdicts = dict.fromkeys(sentence.verdict for sentence in sentences)
    found = "".join(f" {VERDICT_SIGNS[verdict]} {VERDICT_WORDS[verdict]}" for verdict in verdicts)
    yield f"**\\[{citation.n}\\] {escaped(one_line(citation.title))}**, {outlet}, {days(citation, how)}{found}"
    yield quoted(citation.quote)
    lines = [f"{escaped(one_line(place(citation)))}"]
    if address := web_url(citation.url):
        lines.append(f"<{_address(address)}>")
        if link := web_url(citation.link):
            lines.append(f"[open the page at these words](<{_address(link)}>)")
    elif citation.path:
        lines.append(escaped(one_line(citation.path)))
    yield "  \n".join(lines)


def quoted(text: str) -> str:
    """The text as a quotation."""
    # Without the white space that lines begin with: four spaces would make code of them.
    return "\n".join(f"> {line.strip()}".rstrip() for line in escaped(text).splitlines())


def one_line(text: str) -> str:
    """The text without the ends of its lines."""
    return " ".join(text.split())


def _address(url: str) -> str:
    """The address so that nothing in it ends the link: what is encoded already stays as it is."""
    return percent_encoded(url, safe="%/:?#[]@!$&'()*+,;=~-._", errors="replace")
