"""An answer to be pasted elsewhere: as Markdown and as rich text, its citations as links to the words in the page."""

from __future__ import annotations

from qa.show.export.markdown import escaped, one_line, quoted
from qa.show.html import GOOD, blocks, original_address, paragraphs_of, render
from qa.show.marked import set_before
from qa.show.wording import days, verdict_words
from qa.types import Answer, Citation, Sentence


def answer_markdown(answer: Answer) -> str:
    """The answer, its citations as `[1](address)`, and the quotations under it."""
    cited = {citation.n: _address(citation) for citation in answer.citations}
    said = "".join(_sentence(sentence, cited) for sentence in answer.sentences).strip() or escaped(answer.text)
    sources = [_source(citation, cited[citation.n]) for citation in answer.citations]
    return "\n\n".join([said, *sources]) + "\n"


def answer_rich_html(answer: Answer) -> str:
    """The same as HTML for whatever takes rich text: paragraphs, lists and links, without a style of its own."""
    return render(
        "copied.html",
        sentences=blocks((one.prefix, one.heading, one) for one in answer.sentences),
        plain_texts=paragraphs_of(answer.text),
        citations=answer.citations,
        addresses={citation.n: _address(citation) for citation in answer.citations},
        days=days,
    )


def _address(citation: Citation) -> str | None:
    return original_address(citation.article, citation.start, citation.end)


def _sentence(sentence: Sentence, cited: dict[int, str | None]) -> str:
    heading = f"### {escaped(one_line(sentence.heading))}\n" if sentence.heading else ""
    lead = f"**{escaped(sentence.lead)}:** " if sentence.lead else ""
    marks = "".join(f" {_link(f'[{n}]', cited.get(n))}" for n in sentence.citations)
    doubt = "" if sentence.verdict in GOOD else f" *({verdict_words(sentence)})*"
    before = set_before(sentence.prefix, heading, lead)
    return f"{before}{escaped(one_line(sentence.text))}{marks}{doubt}"


def _source(citation: Citation, address: str | None) -> str:
    article = citation.article
    head = f"{_link(f'[{citation.n}] {article.title}', address)}, {escaped(article.outlet or 'unknown outlet')}"
    return f"{head}, {days(article)}\n\n{quoted(citation.quote)}"


def _link(words: str, address: str | None) -> str:
    shown = escaped(one_line(words))
    return f"[{shown}](<{address.replace('<', '%3C').replace('>', '%3E')}>)" if address else shown
