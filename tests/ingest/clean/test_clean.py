"""What is taken out of a text, and that nothing else is."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parts import MESSY

from qa.ingest.clean import Cleaned, clean
from qa.ingest.clean.lines import RULES
from qa.types import Dropped, Note


def test_a_messy_page_becomes_paragraphs_notes_and_dropped_lines() -> None:
    assert clean(MESSY) == Cleaned(
        text="Ministers agree on ferry timetable\n\n"
        "The two ministers met in Vik on 12 March.\n\n"
        '"We shall sail every day," the minister\'s office said.',
        notes=(Note("editor", "Editor's note: the timetable was put right on Friday."),),
        dropped=(
            Dropped("07:14", "menu or ticker"),
            Dropped("GBP 1.17", "menu or ticker"),
            Dropped("JPY 0.0063", "menu or ticker"),
            Dropped("NOK 86,50", "menu or ticker"),
            Dropped("• 2", "ornament"),
            Dropped("Popular", "navigation"),
            Dropped("—", "ornament"),
            Dropped("Read more", "navigation"),
            Dropped("Post sponsored by Fjord Lines", "advertisement"),
            Dropped("Share this article with your friends", "share line"),
        ),
    )


def test_everything_is_kept_where_that_is_asked_for() -> None:
    cleaned = clean(MESSY, keep_everything=True)
    assert cleaned.text.split("\n\n")[:2] == ["07:14", "GBP 1.17"]
    assert cleaned.text.endswith(
        "—\n\nRead more\n\nPost sponsored by Fjord Lines\n\nShare this article with your friends"
    )
    assert not cleaned.notes and not cleaned.dropped


# A line of each row of the table, and of its variants.
BOILERPLATE = {
    "ornament": ["* * *", "•", "___", "♦", "| 14", "=-=-="],
    "page number": ["Page 3 of 12"],
    "reading time": ["5 min read", "Reading time: 4 minutes"],
    "page code": ["[pullquote]", 'poster="https://pictures.example/1.png"'],
    "syndication mark": ["MIL OSI Island News"],
    "navigation": [
        "Most read", "RELATED STORIES:", "Read more…", "Story continues below", "Home > World > Islands",
        "Next image 3 of 9", "Slideshow (4 images)", "Click here to get the Skerry app", "More from Ada Berg:",
        "Download the Harbour app for free.",
    ],
    "advertisement": [
        "ADVERTISEMENT", "Advertisement Advertisement", "Sponsored content", "This post sponsored by Fjord Lines"[5:],
        "Video Ad Feedback Ferry runs aground 01:12 - Source: Harbour TV",
    ],
    "disclosure": ["If you buy through our links, we may earn a commission."],
    "share line": ["Share", "Tweet", "Share on Facebook", "Share Tweet Email Print", "Link copied!"],
    "comments": ["Comments (12)", "View all comments", "Join the conversation"],
    "newsletter": [
        "Sign up", "NEWSLETTER", "Sign up for our newsletter about the sea.",
        "What is up? Sign up for the Tide newsletter",
        "Get the day's news delivered to your inbox.", "Tide tables sent to your phone every morning",
        "Would you like to receive the Sunday newsletter ?",
    ],
    "subscription": [
        "Subscribe now", "For subscribers:", "These articles are for Skerry Post subscribers. You can join here.",
        "Support local journalism: it costs little.", "Already a subscriber? Log in.", "To continue reading, log in.",
        "Subscribe to skerrypost.com today.",
    ],
    "consent": [
        "We use cookies to improve your experience.", "Accept all cookies", "Privacy policy",
        "By signing up you agree to our terms.", "We will use the details you have shared to write to you.",
        "If you wish to object to the use of your data in this way, tick here.",
    ],
    "copyright": ["© 2023 Skerry Post", "(c) 2024 Harbour Media. All rights reserved.", "Copyright by the town of Vik"],
    "link to another article": [
        "More:Ferry strike ends after nine days", "READ MORE: Who owns the lighthouse now?",
        "Related: Mayor of Vik to step down", "Storm is coming:What to know about the harbour tonight",
        "Out of season:Six inns are open in March. Here's where to find them.",
        "AP sailing: https://example.com/sailing", "Islands vote on the bridge for the third time Read more",
    ],
    "credit line": [
        "Contributing: Ada Berg and Ole Vik", "Contributing:Ada Berg and Ole Vik in Vik",
        "Ada Berg contributed to this report.", "Staff and wire reports",
        "AP Sports Writer Ada Berg in Vik contributed.", "Associated Press", "Special to USA TODAY",
    ],
    "contact line": [
        "Follow Ada Berg on Twitter @adaberg", "Contact Ada Berg at aberg@example.com.", "Follow us on Instagram",
        "Ada Berg covers the police for the Skerry Post. Reach her at aberg@example.com or follow her on X @adaberg.",
        "Got a tip? Send to Ole Vik at ovik@example.com", "@adaberg", "Ole Vik is at https://twitter.com/olevik",
    ],
    "photo credit": [
        "Getty Images"[:5] + " Images/AFP", "Ada Berg/Getty Images", "(AP Photo/Ada Berg)", "Photo by Ada Berg",
        "Image source, Harbour Museum", "(Photo by Ole Vik)", "Enlarge this image toggle caption Ole Vik",
    ],
    "caption": ["Image caption, The old bridge", "Image copyright AFP Image caption The pier at night"],
    "player": [
        "Listen to this article", "Watch:", "Your browser does not support the audio element.",
        "Media playback is unsupported on your device", "Watch the latest video at harbour.example",
        "Hit play on the player above to hear the podcast.",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "line"), [(reason, line) for reason, lines in BOILERPLATE.items() for line in lines]
)
def test_a_line_that_is_not_the_article_goes(reason: str, line: str) -> None:
    cleaned = clean(f"Before it.\n\n{line}\n\nAfter it.")
    assert cleaned.text == "Before it.\n\nAfter it."
    assert [dropped.reason for dropped in cleaned.dropped] == [reason]


def test_every_reason_of_the_table_has_its_examples() -> None:
    assert BOILERPLATE.keys() == {reason for reason, _ in RULES}


@pytest.mark.parametrize(
    "line",
    [
        # numbers, dates, times, prices, names
        "951", "$450,000", "May 2021", "Oct 7", "12", "UN 2030", "USA", "8.", "2:1", "7:05 p.m.", "14:30",
        "EUR 90.34",
        "Vermont", "Twitter", "Asia", "Business", "1. The ferry", "Third-down efficiency:0-for-3",
        "Score: Vik 3, Moss 1",
        "- a point of the list", "Kickoff:8 p.m. on the harbour field in Vik",
        "When:Friday evening at the old town hall",
        "The claim: Nobody has seen the bridge open since March", "Photo: Ada and Ole",
        "Website: https://vik.example",
        # sentences that only sound like it
        "Popular music came back.", "Shared grief", "Related: the mayor resigned in June.",
        "More: it will be closed.",
        "Subscribe to the plan, she said.", "Subscribers rose to 200,000.", "Share prices fell by 3%.",
        "Share of women in parliament", "She shared the newsletter with 40 islanders.",
        "More than 2,000 people sign up for the newsletter each week.", "The most popular ferry sails at noon.",
        "He asked readers to subscribe to her newsletter.", '"Sign up for the newsletter," the mayor told the crowd.',
        "Cookies are sold at the harbour.", "This cookie recipe took second place.", "The advertisement cost $5,000.",
        "The commission may receive the report in May.", "Copyright law was changed in 2014.",
        "All rights of the islanders are reserved to the council.", "Listen to the sea, she wrote.",
        "Human error contributed to this accident.", "She contributed $500.", "Watch the tide before you sail.",
        "Police ask anyone who saw the boat to write to tips@vik.example.",
        "Contact Detective Ada Berg at aberg@vik.example with any news of the crime.",
        "Contact the Humane Society at info@skerry.org.", "Read the full report before the vote.",
        "Home prices rose by 4% in Vik.", "Updated boosters will reach the islands in May.",
        "An earlier version of the bill failed in March.", "The report has been updated twice since 1990.",
        "Corrections officers went on strike.", "Editors noted the change.",
        "The treaty with Reuters ended in the U.S. AP",
        "She told the agency (AFP)", "The Editor: a life in letters", "Page 3 is missing.",
        "Trending down: the price of fish",
        "He sings in the choir of Getty", "The paper appeared on Monday in the journal.",
    ],
)  # fmt: skip
def test_a_line_that_may_be_an_answer_stays(line: str) -> None:
    cleaned = clean(f"Before it.\n\n{line}\n\nAfter it.")
    assert cleaned == Cleaned(f"Before it.\n\n{line}\n\nAfter it.")


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("correction", "CORRECTION: The ferry sails at noon, not at one."),
        ("correction", "Corrections & Clarifications: The mayor's name is Berg."),
        ("correction", "Correction, 2 March 2023: The bridge is 300 metres long."),
        ("correction", "An earlier version of this article misspelled the mayor's name."),
        ("correction", "This story has been updated to correct the length of the bridge."),
        ("correction", "Editor's note: a previous version of this story gave a wrong year."),
        ("update", "This story has been updated with additional reporting."),
        ("update", "Updated at 3:15 p.m. ET"),
        ("update", "This is a developing story. Check back for more."),
        ("editor", "EDITOR'S NOTE: This article is a translation."),
        ("editor", "(Editor's note: names were changed.)"),
        ("editor", "This article originally appeared on Skerry Post: Ferry runs aground"),
        ("editor", "A version of this story first appeared in the Tide newsletter."),
        ("editor", "The opinions expressed in this column are the author's own."),
    ],
)
def test_what_an_editor_says_is_kept_apart(kind: str, line: str) -> None:
    cleaned = clean(f"Before it.\n\n{line}\n\nAfter it.")
    assert cleaned.text == "Before it.\n\nAfter it."
    assert [(note.kind, note.text) for note in cleaned.notes] == [(kind, line)]
    assert not cleaned.dropped


def test_a_note_that_is_all_there_is_stays_the_text() -> None:
    note = "Editor's note: the ferry did not sail, so that there is no report."
    assert clean(f"{note}\n\nRead more") == Cleaned(note, dropped=(Dropped("Read more", "navigation"),))


def test_a_long_paragraph_is_the_article_whatever_it_opens_with() -> None:
    story = "Editor's note: " + "the ferry sailed again. " * 60
    assert clean(f"{story}\n\nIt sank.").text == f"{story.strip()}\n\nIt sank."


@pytest.mark.parametrize(
    ("caption", "credit"),
    [
        ("The pier fell in May.", "Ada Berg/Pool/AFP via Getty Images"),
        ("The pier at night", "(Image credit: Ada Berg/Alamy)"),
        ("Boats leave the harbour of Vik", "Ada Berg/Reuters"),
        ("FILE PHOTO: The pier is seen on 2 June 2019.", "REUTERS/Ada Berg/File Photo"),
        ("The mayor waves.", "(AP Photo/Ole Vik)"),
        ("The mayor waves", "| Getty"),
    ],
)
def test_a_caption_loses_its_credit_and_stays(caption: str, credit: str) -> None:
    assert clean(f"{caption} {credit}") == Cleaned(caption, dropped=(Dropped(credit, "photo credit"),))


def test_a_menu_is_several_of_its_words_in_a_row() -> None:
    cleaned = clean("Home\nNews\nSport\nThe ferry sank.\nHelp\nSport\nThe end.")
    assert cleaned.text == "The ferry sank.\n\nHelp\n\nSport\n\nThe end."
    assert cleaned.dropped == tuple(Dropped(line, "menu or ticker") for line in ["Home", "News", "Sport"])
    continents = "Africa\n\nAsia\n\nEurope"
    assert clean(continents) == Cleaned(continents)


def test_a_line_that_goes_twice_is_listed_once() -> None:
    assert clean("Advertisement\nIt sank.\nAdvertisement").dropped == (Dropped("Advertisement", "advertisement"),)


def test_lines_broken_at_a_column_are_one_paragraph() -> None:
    wire = (
        "The council of the coastal towns has agreed to share\n"
        "the costs of the new lighthouse, which will be built on\n"
        "the outer skerry before the winter storms begin, said\nits secretary."
    )
    assert clean(wire).text == wire.replace("\n", " ")


def test_sentences_on_lines_of_their_own_stay_apart() -> None:
    lines = (
        "The council of the coastal towns has met on Friday.\nIt will share the costs of the new lighthouse there.\n"
        "It will be built on the outer skerry before winter."
    )
    assert clean(lines).text == lines.replace("\n", "\n\n")


def test_a_list_keeps_its_lines() -> None:
    bullets = "\n".join(f"- point {n} of the long list of points that was agreed" for n in range(4))
    assert clean(bullets).text == bullets.replace("\n", "\n\n")


def test_pages_begin_where_their_text_does() -> None:
    cleaned = clean("One.\n\nTwo.\f\nThree.\fPage 3 of 5\f\fFive.")
    assert cleaned.text == "One.\n\nTwo.\n\nThree.\n\nFive."
    assert [cleaned.text[start:].split("\n")[0] for start in cleaned.pages] == [
        "One.",
        "Three.",
        "Five.",
        "Five.",
        "Five.",
    ]
    assert clean("One.\n\nTwo.").pages == ()
    assert clean("\f").pages == (0, 0)


def test_nothing_is_left_of_nothing() -> None:
    assert clean(" \n\u00a0\n\u200b\n---\n").text == ""


LINES = [line for lines in BOILERPLATE.values() for line in lines]
PIECES = st.sampled_from(
    [*LINES, "Home", "News", "USD 1.20", "07:14", "Editor's note: x", "Correction:", "It sank.", " AP", "\f"]
)


@given(
    st.text(st.sampled_from("ab .\n\t\u00a0•-1:\"'USD\x85\u2028\u0301\u200b/()APGetty")) | st.text()
    | st.lists(PIECES | st.sampled_from(["\n", " ", "/"]), max_size=12).map("".join)
)  # fmt: skip
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text).text
    assert clean(once) == Cleaned(once)


@given(st.lists(PIECES | st.text(), max_size=8).map("\n\n".join))
def test_what_goes_is_told(text: str) -> None:
    cleaned = clean(text)
    told = "".join([cleaned.text, *(note.text for note in cleaned.notes), *(line.text for line in cleaned.dropped)])
    everything = clean(text, keep_everything=True).text
    assert set("".join(everything.split())) == set("".join(told.split()))


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=5), min_size=1))
def test_no_word_is_lost(lines: list[str]) -> None:
    text = "\n\n".join(f"Word {line} word." for line in lines)
    assert clean(text).text.split() == clean(" ".join(text.split())).text.split()


@pytest.mark.parametrize(
    "kind",
    [
        "-", "\n", "\n ", " ", "• ", "*1", "1", "a", ".\n", "\n\n\n ", "\u200b", "[(", "A:", "A ", "more: A",
        "@a ", "home | ",
        "AP/", "A/AP ", "earn commission ", "follow him @", "share ", "newsletter sign up ", "! ", "(Photo: ",
    ],
    ids=repr,
)  # fmt: skip
def test_a_hostile_text_takes_time_by_its_length(kind: str) -> None:
    line = (kind * 500)[:490]
    began = time.process_time()
    clean(kind * (30_000 // len(kind)) + "a")
    clean(f"{line}\n" * 50)
    assert time.process_time() - began < 2
