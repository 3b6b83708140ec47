"""What a check of an export found, as a terminal shows it. Text from outside is printed as text, never as markup."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from qa.cli.terminal import SIGNS
from qa.show.export.words import moment_text
from qa.show.json_text import VERDICT_SIGNS, VERDICT_WORDS
from qa.show.verify import STATUS_WORDS, CitationCheck, SentenceCheck, TurnCheck, Verification, word_changes
from qa.types import Verdict


def print_verification(console: Console, found: Verification) -> None:
    """A table for each question, and the outcome in a sentence."""
    export = found.read.export
    if export.made:
        console.print(Text(f"{export.title} ({export.program}, {moment_text(export.made)})", style="dim"))
    for edit in found.read.edits:
        console.print(Text(f"✗ {edit[:1].upper()}{edit[1:]}.", style="red"))
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


def _sentence_row(one: SentenceCheck) -> tuple[Text, Text, Text]:
    now = _verdict(one.now.verdict)
    for reason in (*one.now.reasons, *([one.why] if one.why else [])):
        now.append(f"\n{reason}", style="yellow")
    return _sign(one.holds), _verdict(one.then.verdict).append(f"\n{one.then.text}", style="default"), now


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
    return _sign(one.holds), then, now


def _changes(then: str, now: str) -> Text:
    """The words now, with those that were there before; told by signs as well as by colour."""
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


def _sign(holds: bool) -> Text:
    return Text("✓", style="green") if holds else Text("✗", style="red")


def _verdict(verdict: Verdict) -> Text:
    return Text(f"{VERDICT_SIGNS[verdict]} {VERDICT_WORDS[verdict]}", style=SIGNS[verdict][1])
