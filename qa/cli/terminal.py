"""Answers, articles and summaries as a terminal shows them. Text from outside is printed as text, never as markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from qa.ask.stories.story import Story
from qa.doctor import Finding
from qa.library import IngestReport
from qa.show.document import answer_of
from qa.show.document_form import AnswerDocument
from qa.show.export.words import moment_text
from qa.show.verify import STATUS_WORDS, CitationCheck, SentenceCheck, TurnCheck, Verification, word_changes
from qa.show.wording import (
    CLOSEST,
    NOTE_WORDS,
    VERDICT_SIGNS,
    VERDICT_WORDS,
    also_in_text,
    as_sentence,
    byline,
    confidence_words,
    counted_text,
    date_text,
    day,
    days_text,
    filters_text,
    made_text,
    note_text,
    page_of,
)
from qa.store import ArticleRow, CollectionRow, ConversationRow
from qa.types import Answer, Article, Citation, CollectionName, Correction, Dropped, Sentence, Verdict

SIGNS: dict[Verdict, tuple[str, str]] = {
    "verbatim": (VERDICT_SIGNS["verbatim"], "green"),
    "supported": (VERDICT_SIGNS["supported"], "green"),
    "unverified": (VERDICT_SIGNS["unverified"], "yellow"),
    "unsupported": (VERDICT_SIGNS["unsupported"], "red"),
}
"""A sign and a colour for each verdict; the sign alone is enough."""
_FAILURES_SHOWN = 20


def print_story(console: Console, story: Story) -> None:
    """A story: its timeline, who is named most, what the articles differ in and corrected, and the articles."""
    event = story.event
    days = days_text(min(event.days), max(event.days)) if event.days else "undated"
    console.print(Text(event.title, style="bold"))
    console.print(Text(f"{counted_text(len(event.rows), list(event.outlets))}, {days}", style="dim"))
    lists = {
        "Timeline": [f"{one.day}: {one.span.text} ({byline(one.span.article)})" for one in story.timeline],
        "What the articles differ in": [claim.text for claim in story.differences],
        "Corrections": [f"{byline(article)}: {note.text}" for article, note in story.corrections],
        "Named most": [f"{one.name} ({one.articles})" for one in story.named],
        "Articles": [f"{row.title} ({row.outlet or 'unknown outlet'}, {day(row)})  {row.id}" for row in event.rows],
    }
    for heading, lines in lists.items():
        if lines:
            console.print(Text(f"\n{heading}", style="bold cyan"))
            for line in lines:
                console.print(Padding(Text(line), (0, 0, 0, 2)))


class Advance(Protocol):
    """Advances a progress bar."""

    def __call__(self, done: int, total: int, title: str = ...) -> None:
        """Shows how much of the total is done and, if given, a new title."""


def print_answer(console: Console, answer: Answer, *, verbose: bool = False) -> None:
    """The answer, a line for how it was made, and every citation with its verdict and quotation."""
    if answer.notice:
        console.print(Text(answer.notice, style="yellow"))
    if answer.question.standalone != answer.question.text:
        console.print(Text(f"Searched for: {answer.question.standalone}", style="dim"))
    console.print(_answer_text(answer))
    if words := confidence_words(answer):
        console.print(Text(f"{words[1]}.", style="dim"))
    console.print(Text(made_text(answer.mode, answer.timings_ms.get("total", 0) / 1000), style="dim"))
    if answer.abstained and answer.citations and not answer.sentences:
        console.print(Text(f"\n{CLOSEST}"))
    for citation in answer.citations:
        _print_citation(console, citation, answer)
    if verbose:
        _print_hits(console, answer)


def _answer_text(answer: Answer) -> Text:
    if not answer.sentences:
        return Text(answer.text, style="bold")
    text = Text()
    for number, sentence in enumerate(answer.sentences):
        sign, colour = SIGNS[sentence.verdict]
        prefix = sentence.prefix if number else sentence.prefix.lstrip()
        mark = prefix.lstrip()
        text.append(prefix.removesuffix(mark))
        text.append(f"{sentence.heading}\n" if sentence.heading else "", style="bold underline")
        text.append(mark)
        text.append(f"{sentence.lead}: " if sentence.lead else "", style="bold")
        text.append(_sentence_text(sentence, colour))
        text.append("".join(f" [{n}]" for n in sentence.citations), style="cyan")
        text.append(f" {sign}", style=colour)
    return text


def _sentence_text(sentence: Sentence, colour: str) -> Text:
    """The sentence, with the words that are the answer underlined."""
    text = Text(sentence.text, style="bold" if sentence.verdict in ("verbatim", "supported") else colour)
    for start, end in sentence.bold:
        text.stylize("underline", start, end)
    return text


def _print_citation(console: Console, citation: Citation, answer: Answer) -> None:
    article = citation.article
    behind = [sentence for sentence in answer.sentences if citation.n in sentence.citations]
    head = Text(f"\n[{citation.n}] ", style="cyan")
    head.append(byline(article), style="default")
    for verdict in dict.fromkeys(sentence.verdict for sentence in behind):
        head.append("  ").append_text(_verdict_text(verdict))
    console.print(head)
    title = ", ".join(filter(None, [article.title, also_in_text(article)]))
    console.print(Padding(Text(title, style="dim"), (0, 0, 0, 4)))
    console.print(Padding(Text(f'"{citation.quote}"'), (0, 0, 0, 4)))
    console.print(Padding(Text(_place(citation), style="dim"), (0, 0, 0, 4)))
    for reason in dict.fromkeys(reason for sentence in behind for reason in sentence.reasons):
        console.print(Padding(Text(reason, style="yellow"), (0, 0, 0, 4)))


def _place(citation: Citation) -> str:
    where = citation.article.url or citation.article.path or citation.article.id
    page = page_of(citation.article, citation.start)
    return f"{where}, {f'page {page}, ' if page else ''}characters {citation.start}-{citation.end}"


def _print_hits(console: Console, answer: Answer) -> None:
    table = Table(
        "", "score", "words", "vectors", "coverage", "article", title="What was found", title_justify="left", box=None
    )
    for place, hit in enumerate(answer.hits[:10], start=1):
        scores = (f"{value:.3f}" for value in (hit.score, hit.words, hit.vectors, hit.coverage))
        table.add_row(str(place), *scores, Text(f"{hit.passage.article.id} {hit.passage.start}-{hit.passage.end}"))
    console.print()
    console.print(table)
    console.print(Text("  ".join(f"{stage} {ms:.1f} ms" for stage, ms in answer.timings_ms.items()), style="dim"))


def print_conversations(console: Console, rows: Sequence[ConversationRow], index: Path) -> None:
    """The kept conversations, each id on its own line for copying."""
    if not rows:
        console.print(Text(f'No conversation is kept in {index}. Keep one with: qa ask "..." --keep'))
        return
    for row in rows:
        count = f"{row.turns} question{'' if row.turns == 1 else 's'}"
        console.print(Text(row.id, style="bold"))
        console.print(Text(f"    {row.title}\n    {count}, {date_text(row.updated.date())}"))
    console.print(Text(f"{len(rows):,} conversation{'' if len(rows) == 1 else 's'} in {index}", style="dim"))


def print_conversation(console: Console, row: ConversationRow, turns: Sequence[AnswerDocument]) -> None:
    """A whole conversation under its title, as it was answered then."""
    console.print(Text(row.title, style="bold"))
    console.print(Text(f"{row.id}, begun {date_text(row.created.date())}", style="dim"))
    for turn in turns:
        console.print(Text(f"\n> {turn.question}", style="bold cyan"))
        print_answer(console, answer_of(turn))


def print_verification(console: Console, found: Verification) -> None:
    """A table for each question, and the outcome in a sentence."""
    export = found.read.export
    if export.made:
        console.print(Text(f"{export.title} ({export.program}, {moment_text(export.made)})", style="dim"))
    for edit in found.read.edits:
        console.print(Text(f"✗ {as_sentence(edit)}", style="red"))
    for number, turn in enumerate(found.turns, start=1):
        _print_turn(console, number, turn)
    sign, colour = ("✓", "green") if found.holds else ("✗", "red")
    console.print(Text(f"\n{sign} {found.summary()}", style=colour))


def _print_turn(console: Console, number: int, turn: TurnCheck) -> None:
    console.print()
    title = Text(f"{number}. {turn.turn.question}", style="bold")
    table = Table("", "then", "now", title=title, title_justify="left", show_lines=True, expand=False)
    for sentence in turn.sentences:
        if sentence.then.verdict != sentence.now.verdict:
            table.add_row(*_sentence_row(sentence))
    for citation in turn.citations:
        table.add_row(*_citation_row(citation))
    if table.row_count:
        console.print(table)
    else:
        console.print(title)
        console.print(Text("No citations.", style="dim"))
    if turn.verifier_change:
        console.print(Text(as_sentence(turn.verifier_change), style="dim"))


def _sentence_row(one: SentenceCheck) -> tuple[Text, Text, Text]:
    now = _verdict_text(one.now.verdict)
    for reason in (*one.now.reasons, *([one.why] if one.why else [])):
        now.append(f"\n{reason}", style="yellow")
    return _check_sign(one.holds), _verdict_text(one.then.verdict).append(f"\n{one.then.text}", style="default"), now


def _citation_row(one: CitationCheck) -> tuple[Text, Text, Text]:
    then = Text(f"[{one.then.n}] ", style="cyan").append(f'"{one.then.quote}"', style="default")
    then.append(f"\n{one.then.article_id}, {one.then.start}-{one.then.end}", style="dim")
    now = Text(STATUS_WORDS[one.status], style="green" if one.status in ("holds", "moved") else "red")
    if one.status == "moved":
        now.append(f": {one.start}-{one.end}")
    if one.quote and one.status in ("changed", "altered"):
        now.append("\n").append_text(_changes(one.then.quote, one.quote))
    for change in one.changes:
        now.append(f"\n{change}", style="red")
    for remark in one.remarks:
        now.append(f"\n{remark}", style="dim")
    return _check_sign(one.holds), then, now


def _changes(then: str, now: str) -> Text:
    """The words now, and the words they replaced, marked by signs as well as by colour."""
    said = Text()
    for before, after in word_changes(then, now):
        said.append(" " if said else "")
        if before == after:
            said.append(after)
        elif before and after:
            said.append(before, style="strike red").append(" → ").append(after, style="bold green")
        else:
            said.append(f"(-{before})", style="red") if before else said.append(f"(+{after})", style="green")
    return said


def _check_sign(holds: bool) -> Text:
    return Text("✓", style="green") if holds else Text("✗", style="red")


def _verdict_text(verdict: Verdict) -> Text:
    return Text(f"{VERDICT_SIGNS[verdict]} {VERDICT_WORDS[verdict]}", style=SIGNS[verdict][1])


def print_articles(
    console: Console, rows: Sequence[ArticleRow], index: Path, collection: CollectionName | None = None
) -> None:
    """The articles of the library or a collection, each id on its own line for copying, versions under their story."""
    if not rows and collection:
        add = f'qa collections add "{collection.name}" ID'
        console.print(Text(f"The collection “{collection.name}” holds no article. Put some in with: {add}"))
        return
    if not rows:
        console.print(Text(f"The library {index} is empty. Put articles in with: qa ingest FOLDER"))
        return
    versions: dict[str, list[ArticleRow]] = {}
    for row in rows:
        versions.setdefault(row.story, []).append(row)
    for row in rows:
        story = versions[row.story]
        leader = next((version for version in story if version.id == row.story), story[0])
        if row is leader:
            console.print(Text(row.id, style="bold"))
            console.print(Text(f"    {row.title}\n    {_about(row)}"))
            for version in story:
                if version is not leader:
                    console.print(Text(f"    also in {version.outlet or 'unknown outlet'}: {version.id}", style="dim"))
    stories = f" in {len(versions):,} stories" if len(versions) < len(rows) else ""
    where = f"“{collection.name}”" if collection else index
    articles = f"{len(rows):,} article{'' if len(rows) == 1 else 's'}"
    console.print(Text(f"{articles}{stories} in {where}", style="dim"))


def print_collections(console: Console, rows: Sequence[CollectionRow], index: Path) -> None:
    """The collections, each name on its own line, with what fills it."""
    if not rows:
        console.print(Text(f"There is no collection in {index}. Make one with: qa collections create NAME"))
        return
    for row in rows:
        console.print(Text(row.name, style="bold"))
        owner = f" of {row.owner}" if row.owner else ""
        shared = ", shared with everybody" if row.is_shared else ""
        console.print(Text(f"    {row.id}{owner}, {row.articles:,} article{'' if row.articles == 1 else 's'}{shared}"))
        if row.filter:
            console.print(Text(f"    filled by the filter: {filters_text(row.filter)}", style="dim"))
        for source in row.sources:
            console.print(Text(f"    filled by: {source}", style="dim"))


def _about(row: ArticleRow) -> str:
    passages = f"{row.passages} passage{'' if row.passages == 1 else 's'}"
    return f"{row.outlet or 'unknown outlet'}, {day(row)}, {passages}"


def print_article(
    console: Console, article: Article, dropped: Sequence[Dropped] = (), corrections: Sequence[Correction] = ()
) -> None:
    """A whole article under its title and byline, then its notes, what cleaning took out and what was set by hand."""
    console.print(Text(article.title, style="bold"))
    known = "" if article.date is None else f" (date known by: {article.date_source})"
    console.print(Text(byline(article) + known, style="dim"))
    about = [
        f"by {', '.join(article.authors)}" if article.authors else "",
        article.place or "",
        f"first published {date_text(article.first_published)}" if article.first_published else "",
        also_in_text(article),
        article.url or article.path or "",
    ]
    console.print(Text(" · ".join(filter(None, about)), style="dim"))
    console.print(Text("\n" + article.text + "\n"))
    for note in article.notes:
        console.print(Text(f"{NOTE_WORDS[note.kind]}: {note_text(note)}", style="yellow"))
    for line in dropped:
        console.print(Text(f"taken out ({line.reason}): {line.text}", style="dim"))
    for one in corrections:
        said = f"its file says: {one.said}" if one.said else "its file says nothing"
        console.print(Text(f"set by hand: {one.field} {one.value or 'unknown'} ({said})", style="dim"))


def print_findings(console: Console, findings: Sequence[Finding], *, mended: bool = False) -> None:
    """The findings of a check, a line each."""
    for finding in findings:
        sign, colour = ("✓", "green") if finding.is_fine else ("✗", "red")
        console.print(Text.assemble((f"{sign} {finding.name}: ", colour), finding.said))
    if all(finding.is_fine for finding in findings):
        console.print(Text("The library is whole.", style="dim"))
    elif not findings[0].is_fine:
        console.print(Text("Save the articles that can still be read with: qa doctor --salvage FOLDER", style="dim"))
    elif not mended:
        console.print(Text("Mend it with: qa doctor --repair", style="dim"))


def print_report(console: Console, report: IngestReport, total: int, index: Path, *, verbose: bool = False) -> None:
    """The counts of an ingest, and each failure with its reason."""
    counts = {
        "added": len(report.added),
        "updated": len(report.updated),
        "unchanged": len(report.unchanged),
        "duplicate": len(report.duplicates),
        **({"removed": len(report.removed)} if report.removed else {}),
        "failed": len(report.failures),
    }
    console.print(Text(", ".join(f"{count:,} {name}" for name, count in counts.items())))
    shown = report.failures if verbose else report.failures[:_FAILURES_SHOWN]
    for failure in shown:
        console.print(Text(f"  failed: {failure.name}: {failure.reason}", style="red"))
    if len(shown) < len(report.failures):
        console.print(Text(f"  and {len(report.failures) - len(shown):,} more; -v shows all", style="red"))
    if not (report.added or report.updated or report.removed or report.failures):
        console.print(Text("Nothing has changed."))
    console.print(Text(f"{counted_text(total, [])} in {index}, {report.seconds:.1f} s", style="dim"))
    if verbose:
        console.print(
            Text("  ".join(f"{stage} {seconds:.2f} s" for stage, seconds in report.stages.items()), style="dim")
        )


@contextmanager
def progress_bar(console: Console, title: str) -> Iterator[Advance]:
    """A progress bar on a terminal, nothing elsewhere; yields the function that advances it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)

        def advance(done: int, total: int, title: str = title) -> None:
            bar.update(task, completed=done, total=total, description=title)

        yield advance
