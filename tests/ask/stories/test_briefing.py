"""Briefings: which words ask for one, what it tells in the articles' own words, and what a model may make of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from parts import open_library

from qa.ask.answer.policy import stands_in_section
from qa.ask.assistant import Assistant
from qa.ask.conversation import Conversation
from qa.ask.stories.asked import BriefingAsked, briefing_asked
from qa.errors import ModelError
from qa.library import Library
from qa.settings import load_settings
from qa.show.copying import answer_markdown
from qa.show.html import answer_html
from qa.types import Answer, Draft, Filters, Message


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("What’s new?", BriefingAsked()),
        ("Was gibt es Neues?", BriefingAsked()),
        ("brief me, please", BriefingAsked()),
        ("Briefing on this story: Who gave the briefing?", BriefingAsked()),
        ("Give me a short briefing about NASA's Artemis", BriefingAsked("NASA's Artemis")),
        ("What's new with the ferry?", BriefingAsked("the ferry")),
        ("What's new since my last visit?", BriefingAsked(since_visit=True)),
        ("What has happened since I was last here?", BriefingAsked(since_visit=True)),
        ("Briefing on Iran since last time", BriefingAsked("Iran", since_visit=True)),
        ("What's new in Delaware?", None),
        ("What happened?", None),
        ("Who gave the briefing on Monday?", None),
        ("", None),
    ],
)
def test_which_words_ask_for_a_briefing(text: str, asked: BriefingAsked | None) -> None:
    assert briefing_asked(text) == asked


def told(answer: Answer) -> list[tuple[str, str, str]]:
    return [(s.heading, s.lead, answer.citations[s.citations[0] - 1].article.id) for s in answer.sentences]


def test_each_story_has_a_heading_and_its_newest_state_stands_last(ferry: Library) -> None:
    answer = Assistant(ferry).ask("What's new?", filters=Filters(date_to=dt.date(2025, 3, 31)))
    assert told(answer) == [
        ("Ferry Aurora sinks off Vik (4 articles in 3 outlets)", "3 March 2025", "sinks"),
        ("", "3 March 2025", "sinks"),
        ("", "5 March 2025", "divers"),
        ("", "5 March 2025", "divers"),
        ("", "6 March 2025", "toll"),
        ("", "6 March 2025", "toll"),
        ("School wins chess cup (1 article in Lark)", "4 March 2025", "chess"),
    ]
    assert {s.verdict for s in answer.sentences} == {"verbatim"} and not answer.abstained
    assert answer.text.startswith("Ferry Aurora sinks off Vik (4 articles in 3 outlets)\n- 3 March 2025: The ferry")
    assert "\n\nSchool wins chess cup (1 article in Lark)\n- 4 March 2025: Pupils" in answer.text
    assert answer_html(answer).count('<h3 class="section" dir="auto">') == 2
    assert "\n\n### School wins chess cup (1 article in Lark)\n\n- **4 March 2025:** Pupils" in answer_markdown(answer)


def test_a_topic_is_briefed_on_and_another_is_asked_for_like_anything_else(ferry: Library) -> None:
    assistant = Assistant(ferry)
    answer = assistant.ask("Briefing on the ferry Aurora", filters=Filters(date_to=dt.date(2025, 3, 31)))
    assert {id_ for _, _, id_ in told(answer)} == {"sinks", "divers", "toll"}
    assert answer.question.text == "Briefing on the ferry Aurora"
    assert answer.question.standalone == "the ferry Aurora"
    nothing = assistant.ask("Briefing on Atlantis")
    assert nothing.abstained and "Atlantis" in (nothing.notice or "")


def test_days_are_no_part_of_a_topic_and_are_kept_to(ferry: Library) -> None:
    assistant, day = Assistant(ferry), dt.date(2025, 3, 5)
    for asked in ("Briefing on the ferry Aurora in March 2025", "Briefing on the ferry Aurora from 3 to 6 March 2025"):
        assert {id_ for _, _, id_ in told(assistant.ask(asked))} == {"sinks", "divers", "toll"}
    assert {id_ for _, _, id_ in told(assistant.ask("What happened on 5 March 2025?"))} == {"divers"}
    until = assistant.ask("Briefing on the ferry Aurora", as_of=day)
    assert {id_ for _, _, id_ in told(until)} == {"sinks", "divers"}
    assert "(0 articles" not in until.text
    nothing = assistant.ask("Briefing on the ferry Aurora in January 2025")
    assert nothing.text.startswith("Nothing on the ferry Aurora from these days (1 to 31 Jan 2025). The newest article")


def test_what_passes_is_told_and_what_is_missing_is_said_in_one_sentence(ferry: Library, tmp_path: Path) -> None:
    assistant = Assistant(ferry)
    one = assistant.ask("Briefing", filters=Filters(articles=("chess",)))
    assert one.notice == "This is one article only." and len(one.sentences) == 1
    gone = assistant.ask("Briefing on this story: Bridge", filters=Filters(stories=("bridge",)))
    assert (gone.text, gone.abstained) == ("The articles of this story are no longer in the library.", True)
    none = assistant.ask("What's new?", filters=Filters(date_to=dt.date(2020, 1, 1)))
    assert none.text == "No article passes the filters."
    with Assistant(open_library(load_settings(index=tmp_path / "empty"))) as empty:
        assert empty.ask("What's new?").text == "There are no articles yet. Add some with: qa ingest FOLDER"


def test_the_last_visit_is_the_day_before_today_on_which_the_reader_asked(ferry: Library) -> None:
    assistant, conversations = Assistant(ferry), ferry.store.conversations
    first = assistant.ask("What's new since my last visit?")
    assert (first.notice or "").startswith("You have asked nothing before today, so these are the newest articles.")
    kept = Conversation(assistant)
    kept.ask("Who won the chess cup?")
    assert kept.id and conversations.last_visit(dt.datetime.now(dt.UTC)) is not None
    with ferry.store._database.writing() as db:
        db.exec_driver_sql("UPDATE turns SET created = '2025-06-01T12:00:00.000000+00:00'")
    later = assistant.ask("What's new since my last visit?")
    assert later.notice == "Articles since 1 Jun 2025, the day of your last visit."
    assert {id_ for _, _, id_ in told(later)} == {"trial"}
    with ferry.store._database.writing() as db:
        db.exec_driver_sql("UPDATE turns SET created = '2025-07-01T12:00:00.000000+00:00'")
    nothing = assistant.ask("What's new since my last visit?")
    assert nothing.text == (
        "There is nothing new since 1 Jul 2025, the day of your last visit: the newest article is of 10 Jun 2025."
    )
    assert conversations.last_visit(dt.datetime.now(dt.UTC), owner="ada") is None
    conversations.delete(kept.id)


class Replies:
    """A model that gives its replies one after the other; an error is raised."""

    name, where = "echo:replies", "this machine"

    def __init__(self, *replies: str | ModelError) -> None:
        self.replies = list(replies)
        self.prompts: list[str] = []

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        self.prompts.append(messages[-1].content)
        reply = self.replies.pop(0)
        if isinstance(reply, ModelError):
            raise reply
        yield reply


FERRY = "The ferry Aurora sank off Vik on Sunday with 40 people on board. [3] At least 14 people died. [1]"
IN_MARCH = Filters(date_to=dt.date(2025, 3, 31))


def test_a_model_writes_each_story_as_far_as_the_check_bears_it_out(ferry: Library) -> None:
    model = Replies(FERRY, "The Lindgren School lost to Norway by 9 games. [1]")
    steps = list(Assistant(ferry, model).stream("What's new?", filters=IN_MARCH))
    assert any(isinstance(step, Draft) and step.first and step.first.sentences for step in steps)
    answer = steps[-1]
    assert isinstance(answer, Answer) and answer.mode == "echo:replies"
    assert [(s.heading.partition(" (")[0], s.verdict) for s in answer.sentences] == [
        ("Ferry Aurora sinks off Vik", "verbatim"),
        ("", "supported"),
        ("School wins chess cup", "verbatim"),
    ]
    assert answer.sentences[2].text == "Pupils of the Lindgren School won the national chess cup on Sunday."
    assert [s.text for s in answer.rejected] == ["The Lindgren School lost to Norway by 9 games."]
    assert answer.replaced and len(answer.replaced.sentences) == 7
    assert "Of 1 of 2 stories these are sentences from the articles instead." in (answer.notice or "")
    assert all("<passage" in prompt for prompt in model.prompts)


def test_without_the_model_the_articles_own_sentences_stand(ferry: Library) -> None:
    failing = Assistant(ferry, Replies(ModelError("The server is gone."))).ask("What's new?", filters=IN_MARCH)
    assert failing.mode == "extractive" and len(failing.sentences) == 7
    assert (failing.notice or "").startswith("The server is gone. These are sentences from the articles instead.")
    silent = Assistant(ferry, Replies("The bridge of Oslo fell in 1990. [1]", "The articles do not say.")).ask(
        "What's new?", filters=IN_MARCH
    )
    assert silent.mode == "extractive" and "bear out too little" in (silent.notice or "")


def test_a_section_stands_by_what_the_check_leaves_of_it() -> None:
    assert stands_in_section(2, 2, 4) and stands_in_section(1, 0, 1)
    assert not stands_in_section(1, 0, 4) and not stands_in_section(2, 3, 4) and not stands_in_section(0, 0, 1)
