"""The commands for stories: list them, show one, and a briefing on a topic, a story or what is new."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.options import (
    Chroma,
    Config,
    Database,
    DraftFirst,
    Embed,
    From,
    Index,
    Json,
    Llm,
    Outlets,
    To,
    Verbose,
    Verify,
    console,
    library_there,
    print_json,
    read_day,
    read_filters,
    read_settings,
)
from qa.errors import UsageError

if TYPE_CHECKING:
    from qa.ask.stories.event import Event

_MOST = 10


def stories(
    story: Annotated[str | None, typer.Argument(metavar="[ID]", help="Show the story of this article.")] = None,
    as_json: Json = False,
    index: Index = None,
    embed: Embed = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """List the stories that most articles of the last days tell, or show one with its timeline."""
    from qa.ask.stories.document import event_json, story_json
    from qa.ask.stories.reader import StoryReader
    from qa.cli.terminal import print_story
    from qa.library import Library

    with Library.open(library_there(read_settings(index, embed, None, database, chroma, config))) as library:
        reader = StoryReader(library)
        if story is None:
            events = reader.busiest(_MOST)
            if as_json:
                print_json([event_json(event) for event in events])
            else:
                _print_events(events)
            return 0
        library.require(story)
        told = reader.story(story)
        if as_json:
            print_json(story_json(told) if told else None)
        elif told:
            print_story(console(), told)
    return 0


def _print_events(events: Sequence[Event]) -> None:
    from rich.text import Text

    from qa.show.wording import counted_text, days_text

    if not events:
        console().print("No story of the last days is told by more than one article.", highlight=False)
    for event in events:
        days = days_text(min(event.days), max(event.days)) if event.days else "undated"
        said = f"  {counted_text(len(event.rows), list(event.outlets))}, {days}"
        console().print(
            Text(event.title, style="bold"), Text(said), Text(f"  qa stories {event.id}", style="dim"), sep="\n"
        )


def brief(
    topic: Annotated[str, typer.Argument(metavar="[TOPIC]", help="What about; else what is new.")] = "",
    story: Annotated[
        str | None, typer.Option("--story", metavar="ID", help="On the story of this article; see `qa stories`.")
    ] = None,
    since_visit: Annotated[
        bool, typer.Option("--since-last-visit", help="Only what is new since the day you last asked something.")
    ] = False,
    as_json: Json = False,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="As the archive stood on this day.")
    ] = None,
    outlet: Outlets = None,
    date_from: From = None,
    date_to: To = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep it as a conversation.")] = False,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    verify: Verify = None,
    draft: DraftFirst = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Brief on a topic, a story or what is new: five to twelve sentences, each with the passage behind it."""
    from qa.ask.assistant import Assistant
    from qa.ask.conversation import Conversation
    from qa.ask.stories.document import briefing_json
    from qa.cli.terminal import print_answer

    if topic.strip() and story is not None:
        raise UsageError("TOPIC and --story name two things to be briefed on. Give one of them.")
    filters = read_filters(outlet, date_from, date_to)
    day = read_day("--as-of", as_of)
    settings = library_there(read_settings(index, embed, llm, database, chroma, config, verify=verify, draft=draft))
    with Assistant.open(settings) as assistant:
        question = f"Briefing on {topic.strip()}" if topic.strip() else "Briefing"
        if story is not None:
            title = assistant.library.require(story).title
            told = assistant.stories.story(story)
            if told:
                filters = told.event.within(filters)
            question = f"Briefing on this story: {title}"
        if since_visit:
            question += " since my last visit"
        conversation = Conversation(assistant, kept=keep)
        answer = conversation.ask(question, filters=filters, as_of=day)
    if as_json:
        print_json(briefing_json(answer))
    else:
        print_answer(console(), answer, verbose=verbose)
    if conversation.is_stored:
        kept = f"Kept in conversation {conversation.id}. Write it to a file with: qa export {conversation.id}"
        console(stderr=True).print(kept, highlight=False)
    return 0
