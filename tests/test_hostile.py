"""Whatever an article, its file or a question holds, the library goes on; `make fuzz` tries 20,000 cases."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from parts import open_library

from qa.ask.assistant import Assistant
from qa.doctor import examine, repair
from qa.errors import UsageError
from qa.ingest.clean import clean, line_hashes
from qa.ingest.dedup import copied, leader, signature
from qa.ingest.describe import describe
from qa.ingest.split import split
from qa.language.analyzer import read_terms, read_tokens
from qa.language.facts import find_facts
from qa.language.text import sentence_spans
from qa.library import Library
from qa.settings import load_settings
from qa.store.words import wording
from qa.types import Article

Open = Callable[..., Library]
Write = Callable[..., Path]

CASES = int(os.environ.get("FUZZ", "300"))
_AT_ONCE = 1_000  # hypothesis keeps all examples of a test in memory


def in_parts(cases: int, at_once: int) -> pytest.MarkDecorator:
    """Divides so many cases into tests of their own seed, so that they can run beside each other."""
    sizes = [min(at_once, cases - start) for start in range(0, cases, at_once)]
    return pytest.mark.parametrize(("part", "size"), list(enumerate(sizes)))


def fuzz(part: int, size: int, test: Callable[..., None], **strategies: st.SearchStrategy[Any]) -> None:
    """Runs the test on so many examples."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    told = settings(max_examples=size, suppress_health_check=checks, derandomize=False, database=None)
    told(seed(part)(given(**strategies)(test)))()


# What parsers of numbers, dates, names, quotations and lines look for, in any order and often.
PIECES = (
    *"9 0 1,5 1.5 1 000 $ € % - – ( ) [ ] \" ' “ ” « » . , ; : ! ? … / \\ # @ & * _ | < > + = ~ ^ {{ }} {% %}".split(),
    *"\n|\n\n|\t|\r\n|\f|\v|\0|\x1b|\xa0|\u200b|\u2028|\ufeff|\u0301|\ud800|\U0001f600|²|½|Ⅷ|١٢|一|ß|İ|ﬁ".split("|"),
    *"May June Monday today yesterday tomorrow last next since until before after in on week days ago now".split(),
    *"3 May 2024|2024-05-03|31/31/2024|00/00/0000|0000|9999|year 0|in 99999999 days|9999 years ago|10:70".split("|"),
    *"hundred thousand million bn billion k m dozen first third half a an one two twenty percent per cent".split(),
    *"Mr. U.S. J. Smith's O'Neil-Baker Kyiv said who he she it not no the and or of by from to Reuters AP BBC".split(),
    *"---\ntitle: a\n---|By John Smith|(Reuters) -|LONDON, March 3|Read more|Advertisement|http://a.b/c?d|a@b.c".split("|"),
    "9" * 400, "1" * 5000, "." * 300, "a" * 3000, "(" * 300, '"' * 301, "9." * 300, "- " * 200, "A. " * 200, "\n" * 300,
)  # fmt: skip
pieces = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=25)
hostile = st.tuples(pieces, st.sampled_from(["", " ", " "])).map(lambda drawn: drawn[1].join(drawn[0]))
fields = st.fixed_dictionaries(
    {"text": hostile},
    optional={name: hostile for name in ("id", "title", "outlet", "date", "url", "authors", "language")},
)


@in_parts(CASES, _AT_ONCE)
def test_every_stage_takes_every_text(part: int, size: int) -> None:
    def takes(text: str, title: str, language: str | None) -> None:
        cleaned = clean(text).text
        describe({"title": title, "outlet": title, "date": title, "authors": title}, cleaned or text)
        article, other = Article("a", title, cleaned), Article("b", title, cleaned.replace("9", "8"))
        for start, end in split(cleaned):
            passage = cleaned[start:end]
            read_tokens(title, title, [passage[a:b] for a, b in sentence_spans(passage)], language)
            find_facts(passage, None)
        read_terms(text, language)
        signature(text)
        spans = split(other.text)
        assert len(copied(spans, other, article)) == len(spans)
        assert leader([article, other]) in (article, other)

    languages = st.sampled_from([None, "en", "de", "ru", "ja", "ar"])
    fuzz(part, size, takes, text=hostile, title=hostile, language=languages)


@pytest.fixture(scope="module")
def shared() -> Iterator[Library]:
    with tempfile.TemporaryDirectory() as folder:
        library = open_library(load_settings(index=Path(folder) / "library", look_again_below=1.0, refuse_below=0.0))
        yield library
        library.close()


@pytest.mark.slow
@in_parts(max(1, CASES // 10), _AT_ONCE // 10)
def test_every_article_and_question_leaves_the_library_whole(part: int, size: int, shared: Library) -> None:
    assistant, tried = Assistant(shared), count(1)

    def stays_whole(rows: list[dict[str, Any]], question: str, name: str, asks: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{name}.jsonl"
            path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
            shared.ingest([path])
        asked = {"question": question, "title": rows[0].get("title", ""), "text": rows[-1]["text"]}[asks]
        try:
            assistant.ask(asked)
        except UsageError:
            assert not any(character.isalnum() for character in asked), asked  # there is nothing to ask
        if next(tried) % 10 == 1:
            assert all(finding.is_fine for finding in examine(shared) if finding.name != "self-query")
        shared.remove([row.id for row in shared.articles()])

    fuzz(
        part,
        size,
        stays_whole,
        rows=st.lists(fields, min_size=1, max_size=8),
        question=hostile,
        name=st.sampled_from(["a", "ä 9" * 30, "1"]),
        asks=st.sampled_from(["question", "title", "text"]),
    )
    assert all(finding.is_fine for finding in examine(shared) if finding.name != "self-query")


# --- what was found --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", [309, 400, 5_000])
def test_a_number_too_large_for_arithmetic_is_a_word(digits: int, library: Open, write: Write) -> None:
    number = "9" * digits
    ours = library()
    ours.ingest([write("a.txt", f"The key of the vault is {number}.\n\nNobody in Velmouth knew it by heart.")])
    with Assistant(ours) as assistant:
        answer = assistant.ask("Who knew the key by heart in Velmouth?")
        assistant.ask(f"What is {number} million?")
    assert answer.citations
    repair(ours)
    assert all(finding.is_fine for finding in examine(ours))


def test_a_passage_that_cannot_be_analyzed_is_left_out_of_the_word_index_and_named(
    library: Open, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(title: str, source: str, sentences: list[str], language: str | None) -> Any:
        if any("unreadable" in sentence for sentence in sentences):
            raise OverflowError("a number")
        return read_tokens(title, source, sentences, language)

    monkeypatch.setattr(wording, "read_tokens", fails)
    ours = library()
    ours.ingest(
        [
            write("fine.txt", "The ferry of Velmouth sank on Monday in a storm."),
            write("odd.txt", "An unreadable line came from the harbour of Velmouth."),
        ]
    )
    assert ours.count() == 2
    with Assistant(ours) as assistant:
        assert {citation.article.id for citation in assistant.ask("When did the ferry sink?").citations} == {"fine"}
    findings = {finding.name: finding for finding in examine(ours)}
    assert all(finding.is_fine for finding in findings.values())
    assert "1 passage that cannot be analyzed" in findings["word index"].said
    assert findings["word index"].said.endswith("in: odd")
    ours.remove(["odd"])
    assert "cannot be analyzed" not in {finding.name: finding for finding in examine(ours)}["word index"].said


STAGES = {"line_hashes": line_hashes, "clean": clean, "describe": describe, "split": split, "signature": signature}


@pytest.mark.parametrize("stage", STAGES)
def test_an_article_that_a_stage_cannot_take_stops_no_other(
    stage: str, library: Open, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*given: Any, **more: Any) -> Any:
        if any("unreadable" in str(each) for each in given):
            raise OverflowError("a number")
        return STAGES[stage](*given, **more)

    monkeypatch.setattr(f"qa.ingest.steps.{stage}", fails)
    ours = library()
    files = [write("fine.txt", "The ferry sank on Monday."), write("odd.txt", "An unreadable line.")]
    report = ours.ingest(files)
    assert report.added == ("fine",)
    (failure,) = report.failures
    assert "odd.txt" in failure.name and "OverflowError" in failure.reason
    monkeypatch.undo()
    report = ours.ingest(files)
    assert (report.added, report.unchanged, report.failures) == (("odd",), ("fine",), ())


def test_a_stage_that_fails_on_a_new_version_keeps_the_old_one(
    library: Open, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = library()
    ours.ingest([write("a.txt", "The ferry sank on Monday.")])
    monkeypatch.setattr("qa.ingest.steps.split", lambda *given: 1 / 0)
    report = ours.ingest([write("a.txt", "The ferry sank on Tuesday.")])
    assert not report.updated and "ZeroDivisionError" in report.failures[0].reason
    assert ours.require("a").text == "The ferry sank on Monday."
    monkeypatch.undo()
    assert ours.ingest([write("a.txt", "The ferry sank on Tuesday.")]).updated == ("a",)


WIRE = "The ferry of Velmouth sank on Monday in a storm off the cape, and all of its 40 passengers were saved. "


def test_articles_that_cannot_be_compared_are_in_and_the_next_ingest_compares_them(
    library: Open, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = library()
    files = [write("a.txt", WIRE * 3), write("b.txt", WIRE * 3 + "The captain was Ulf Brandal.")]
    monkeypatch.setattr("qa.ingest.stories.copied", lambda *given: 1 / 0)
    report = ours.ingest(files)
    assert set(report.added) == {"a", "b"} and not report.failures
    [notice] = ours.store.take_notices()
    assert notice.startswith("Which new articles are versions of one story is not known yet: ZeroDivisionError")
    assert {finding.name for finding in examine(ours) if not finding.is_fine} == {"stories"}
    ours.remove(["b"])
    ours.store.take_notices()
    monkeypatch.undo()
    ours.ingest(files)
    assert all(finding.is_fine for finding in examine(ours)) and not ours.store.take_notices()
    assert len({ours.require(id_).story for id_ in ("a", "b")}) == 1


# So much of each must come through the whole of an ingest, and so must a second version of it; the timeout of the suite
# catches what would not end. `make fuzz` takes 1 MB.
SIZE = 1_000_000 if "FUZZ" in os.environ else 200_000
LONG = {
    "one digit": "1",
    "open brackets": "(",
    "empty lines": "\n",
    "initials": "a. ",
    "capitals": "A ",
    "lines": "word\n",
    "full stops": ". ",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", LONG)
def test_much_of_anything_goes_in(kind: str, library: Open, write: Write) -> None:
    body = (LONG[kind] * (SIZE // len(LONG[kind])))[:SIZE]
    text = f"Ferry sinks.\n\nThe ferry sank on Monday. {body}\n\nThe captain was Ulf Brandal."
    page = (
        f"<html><title>Ferry</title><body><article><p>{text.replace('Monday', 'Tuesday')}</p></article></body></html>"
    )
    ours = library()
    report = ours.ingest([write("a.txt", text), write("b.html", page)])
    assert not report.failures and ours.count() == 2
    assert all(finding.is_fine for finding in examine(ours) if finding.name != "self-query")
