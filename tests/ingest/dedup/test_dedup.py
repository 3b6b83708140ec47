"""Copies: which articles are one story, which version leads it, and which passages of the others are worth a search."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.ingest.dedup import Signature, band_keys, copied, is_same_story, leader, signature, similarity, stories
from qa.ingest.dedup.credits import credits, outlet_names
from qa.ingest.dedup.signatures import NUMERALS, PERMUTATIONS
from qa.language.text import sentence_spans
from qa.types import Article, DatePrecision

DAY = dt.date(2024, 3, 5)


@dataclass(frozen=True)
class Sketch:
    id: str
    signature: Signature
    title: str
    date: dt.date | None
    length: int
    story: str | None = None


FERRY = (
    """VELMOUTH (Reuters) - A ferry carrying holidaymakers capsized off the harbour of Velmouth on Monday, killing 9
people and leaving 31 in hospital, the coast guard said.

The Grey Heron was on its way to the island of Sarn with 214 people on board when a wave struck it from the side shortly
after 7 a.m., according to survivors.

"We heard the cars slide and then the lights went out," said Marta Olvey, a teacher who was travelling with her class.
"Nobody told us where the life jackets were."

Fishing boats from two villages pulled most of the passengers from the water before the first helicopter arrived. The
captain, Ulf Brandal, was among those rescued and did not speak to reporters.

The line's owner, Sarn Crossings, said that the ship had passed an inspection in January. The transport ministry sent
three investigators to the port and suspended the licence of the line until they report.

It was the second accident on the route in 6 years. In 2018 the Blue Heron ran aground in fog without loss of life, and
a parliamentary committee called for radar on all of the island's ships, a demand that the line refused on grounds of
cost.

Prime Minister Ina Stovel cancelled a trip to Lisbon and is expected in Velmouth on Tuesday.""".replace("\n\n", "\f")
    .replace("\n", " ")
    .replace("\f", "\n\n")
)

MARKET = """Shares closed {direction} on {day} as the main index of the exchange {verb} {points} points, or {share}
per cent, to {level}. Turnover came to {turnover} million crowns, against {before} million the day before. Of the shares
traded, {up} rose and {down} fell, while {same} were unchanged. Sarn Crossings was the most active share with {active}
thousand changing hands at {price} crowns. Velmouth Brewery ended at {beer} crowns and Northern Salt at {salt} crowns.
The crown was quoted at {crown} to the dollar and at {euro} to the euro at the close. Dealers said that trade was quiet
and that most investors were waiting for figures on consumer prices, which the statistics office is due to publish at
the end of the week. The yield on the ten-year bond of the government stood at {bond} per cent at the end of trading,
and the central bank left the rate at which it lends to commercial banks as it was at its last meeting."""
FORECAST = """The weather office expects a high of {} degrees in Velmouth and a low of {} on the island of Sarn, with
gusts of up to {} kilometres an hour. Small boats should keep to the harbour, and drivers are asked to watch for fallen
branches on the coast road, above all between the lighthouse and the old ferry pier, where the sea has come over the
wall before. The ferries run as they are listed unless the harbour master closes the port, which he announces on the
radio. Farmers can read the outlook for the week on the pages of the office, which also explain how a forecast is made
and how often one has been right in past years. The office takes its readings at the airfield, at the lighthouse and on
the roof of the town hall, and thanks the volunteers who keep its gauges. Those who would like to keep one can write to
the office in Harbour Street, where a leaflet explains what is needed and how often a gauge is read. Schools may visit
the station on the airfield by appointment, and the director gives a talk about storms on the coast at the end of each
season. Whoever sees a tree across a road is asked to call the council and not the office, which has neither the saws
nor the people to clear it away. Warnings by message to a telephone are free of charge and can be ordered at any post
office of the district by those who live or work within sight of the sea.""".replace("\n", " ")

FIGURES = "points share level turnover before up down same active price beer salt crown euro bond".split()


def market(seed: int, **words: str) -> str:
    """A day's filling of the template, with figures of its own."""
    random_ = random.Random(seed)
    return MARKET.format(**{name: random_.randint(11, 9999) / 10 for name in FIGURES}, **words).replace("\n", " ")


def version(id: str, text: str, title: str = "Ferry capsizes off Velmouth", date: dt.date | None = DAY) -> Sketch:
    return Sketch(id, signature(text), title, date, len(text))


def article(id: str, text: str, outlet: str | None = None, date: dt.date | None = DAY) -> Article:
    return Article(id, "Ferry capsizes off Velmouth", text, outlet=outlet, date=date)


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Offsets of the paragraphs of a text, as passages."""
    spans, start = [], 0
    for paragraph in text.split("\n\n"):
        spans.append((start, start + len(paragraph)))
        start += len(paragraph) + 2
    return spans


# --- signatures -------------------------------------------------------------------------------------------------------


def test_a_signature_does_not_see_case_and_punctuation() -> None:
    assert np.array_equal(signature("Two ferries, one storm: 31 hurt."), signature("TWO FERRIES one storm 31 hurt"))


@pytest.mark.parametrize("text", ["", "Ferry", "Паром", "渡轮在港口附近沉没。", "\n \n", "1"])
def test_every_text_has_a_signature(text: str) -> None:
    found = signature(text)

    assert found.shape == (PERMUTATIONS + NUMERALS,)
    assert found.dtype == np.uint32
    assert similarity(found, signature(text)) == 1


def test_short_texts_that_differ_have_signatures_that_differ() -> None:
    assert similarity(signature("Ferry sinks"), signature("Ferry docks")) == 0
    assert similarity(signature(""), signature("Ferry")) == 0


@pytest.mark.parametrize("kept", [0.3, 0.5, 0.8])
def test_similarity_estimates_the_shingles_in_common(kept: float) -> None:
    words = [f"w{n}" for n in range(1000)]
    one = " ".join(words)
    other = " ".join(words[: int(1000 * kept)] + [f"x{n}" for n in range(1000 - int(1000 * kept))])

    def shingles(text: str) -> set[tuple[str, ...]]:
        parts = text.split()
        return {tuple(parts[at : at + 5]) for at in range(len(parts) - 4)}

    exact = len(shingles(one) & shingles(other)) / len(shingles(one) | shingles(other))

    assert similarity(signature(one), signature(other)) == pytest.approx(exact, abs=0.12)


def test_band_keys_fit_a_column_of_a_database_and_are_always_the_same() -> None:
    """Libraries hold them: another process and another release must come to the same."""
    keys = band_keys(signature("Nine people died when a ferry capsized."))

    assert all(-(2**63) <= key < 2**63 for key in keys)
    assert len(set(keys)) == len(keys) == 31
    assert keys[:2] == [6016160139931848566, 4851937270127769498] and sum(keys) == 11151053796629505791


def test_a_copy_with_half_of_the_text_cut_off_shares_a_band_key_and_another_text_does_not() -> None:
    keys = set(band_keys(signature(FERRY)))

    assert keys & set(band_keys(signature(FERRY[: len(FERRY) // 2])))
    assert not keys & set(band_keys(signature(market(1, direction="higher", day="Monday", verb="gained"))))


# --- stories ----------------------------------------------------------------------------------------------------------

UPDATE = FERRY.replace("killing 9", "killing 12").replace("31 in hospital", "28 in hospital")
LONGER = FERRY + "\n\nA relative of two of the missing, Tor Aven, said that families had been left to search for news."
OTHER = (
    """The parliament of Sarn voted on Monday to raise the age at which its citizens may draw a pension from 63 to 65,
after a debate of eleven hours in which the opposition walked out twice. The change takes effect in 2031. """
    * 4
)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        pytest.param(
            FERRY, "Island tragedy: class of pupils among survivors", id="a verbatim copy under another title"
        ),
        pytest.param(
            FERRY[: int(len(FERRY) * 0.55)], "Ferry capsizes near Velmouth", id="a copy whose tail is cut off"
        ),
        pytest.param(LONGER, "Survivors ask questions after disaster", id="a copy with a paragraph more"),
        pytest.param(UPDATE, "Toll of ferry disaster rises to 12", id="an update with another toll"),
    ],
)
def test_versions_of_one_story(text: str, title: str) -> None:
    assert is_same_story(version("a", FERRY), version("b", text, title))
    assert is_same_story(version("b", text, title), version("a", FERRY))


def test_another_article_is_another_story() -> None:
    assert not is_same_story(version("a", FERRY), version("b", OTHER))


def test_two_days_of_a_template_are_two_stories_though_their_words_are_the_same() -> None:
    monday = market(1, direction="higher", day="Monday", verb="gained")
    tuesday = market(2, direction="lower", day="Tuesday", verb="lost")
    title = "Shares at the close in Sarnia"

    for days in (0, 1, 7):
        later = version("b", tuesday, title, DAY + dt.timedelta(days))
        assert not is_same_story(version("a", monday, title), later)


def test_a_long_template_with_few_figures_is_another_story_every_day() -> None:
    first = version("a", FORECAST.format(11, 4, 60), "Weather for Velmouth")
    second = version("b", FORECAST.format(17, 9, 35), "Weather for Velmouth", DAY + dt.timedelta(1))

    assert first.length > 1200
    assert similarity(first.signature, second.signature) > 0.75
    assert not is_same_story(first, second)
    assert is_same_story(first, version("b", FORECAST.format(11, 4, 60), "Weather for Velmouth"))


def test_two_short_notes_from_one_form_are_two_stories() -> None:
    note = "{} said it will pay a dividend of 12 cents a share on April 2 to holders of record on March 15, as before."
    salt = version("a", note.format("The company"), "Northern Salt sets dividend")
    brewery = version("b", note.format("The company"), "Velmouth Brewery to pay 12 cents")

    assert similarity(salt.signature, brewery.signature) == 1
    assert not is_same_story(salt, brewery)


def test_a_short_note_with_other_figures_on_another_day_is_another_story() -> None:
    note = "The central bank added {} million crowns to the market on Monday, dealers said, at a rate of 4.25 per cent."
    padding = " It has done so on most days since the beginning of the year to keep the rate near its target." * 3
    first = version("a", note.format(310) + padding, "Central bank adds crowns")
    later = version("b", note.format(450) + padding, "Central bank adds crowns", DAY + dt.timedelta(1))

    assert similarity(first.signature, later.signature) > 0.5
    assert not is_same_story(first, later)


def test_the_same_article_is_reprinted_within_a_month_and_comes_back_as_another_after_it() -> None:
    def again(days: int, title: str) -> bool:
        return is_same_story(version("a", FERRY), version("b", FERRY, title, DAY + dt.timedelta(days)))

    assert again(20, "Ferry capsizes off Velmouth: what we know")
    assert not again(20, "Five lessons in safety at sea")
    assert not again(200, "Ferry capsizes off Velmouth")


def test_copies_without_a_date_are_copies() -> None:
    assert is_same_story(version("a", FERRY, date=None), version("b", LONGER, date=DAY))


def test_cyrillic_copies_are_one_story() -> None:
    text = (
        "Паром с отдыхающими перевернулся в понедельник у входа в гавань Вельмута, сообщила береговая охрана. "
        "На борту находились 214 человек, девять из них погибли. Рыбаки из двух деревень подняли из воды почти всех "
        "пассажиров ещё до прилёта вертолёта. Министерство транспорта направило в порт трёх следователей и "
        "приостановило лицензию перевозчика. "
    )
    more = text + "Премьер-министр отменила поездку в Лиссабон и прибудет на место во вторник."

    assert is_same_story(version("a", text, "Паром перевернулся"), version("b", more, "Паром перевернулся у гавани"))


def test_stories_are_the_same_in_whatever_order_the_versions_come() -> None:
    versions = [
        version("a", FERRY),
        version("b", UPDATE, "Toll of ferry disaster rises to 12"),
        version("c", OTHER, "Pension age goes up"),
        version("d", LONGER, "Survivors ask questions after disaster"),
        version("e", ""),
    ]
    found = {str([[v.id for v in story] for story in stories(order)]) for order in permutations(versions)}

    assert found == {"[['a', 'b', 'd'], ['c'], ['e']]"}


def test_nothing_makes_no_stories() -> None:
    assert stories([]) == []


# --- who leads --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "outlet"),
    [
        ("LONDON (Reuters) - A ferry capsized.", "reuters.com"),
        ("SARN, March 4 (AFP) — A ferry capsized.", "Agence France-Presse"),
        ("ASTANA. KAZINFORM - A ferry capsized.", "inform.kz"),
        ("By The Associated Press\n\nA ferry capsized.", "apnews.com"),
        ("By Jane Roe, Associated Press\n\nA ferry capsized.", "AP"),
        ("A ferry capsized.\n\nThis article originally appeared on The Velmouth Echo: Ferry", "velmouthecho.co.uk"),
        ("A ferry capsized. This story was first published by Sarn Daily.", "Sarn Daily"),
        ("A ferry capsized.\n\nSource: TASS", "tass.com"),
    ],
)
def test_the_outlet_that_the_texts_credit_leads(text: str, outlet: str) -> None:
    original = article("z", "A ferry capsized.", outlet, DAY + dt.timedelta(1))
    copy = article("a", text, "herald.example")

    assert credits(text) & outlet_names(outlet)
    assert leader([copy, original]).id == "z"
    assert leader([original, copy]).id == "z"


def test_a_text_that_mentions_an_outlet_does_not_credit_it() -> None:
    assert not credits("The minister told Reuters (and the BBC) that nobody would resign, The Guardian wrote.")


def test_without_a_credit_the_earliest_leads_then_the_longest_then_the_first_id() -> None:
    late = article("a", FERRY, date=DAY + dt.timedelta(1))
    undated = article("0", LONGER, date=None)
    short = article("b", "A ferry capsized.")
    long = article("d", "A ferry capsized off Velmouth.")
    twin = article("c", "A ferry capsized off Velmouth.")

    for order in permutations([late, undated, short, long, twin]):
        assert leader(order).id == "c"
    assert leader([late, undated]).id == "a"


def test_an_updated_page_counts_from_its_first_publication() -> None:
    updated = Article("b", "Ferry", FERRY, date=DAY + dt.timedelta(2), first_published=DAY - dt.timedelta(1))

    assert leader([article("a", FERRY), updated]).id == "b"


# --- what a version adds ----------------------------------------------------------------------------------------------


def new_paragraphs(text: str, lead: str = FERRY, date: dt.date | None = DAY) -> list[int]:
    """Numbers of the paragraphs that are not copied."""
    flags = copied(paragraphs(text), article("b", text, date=date), article("a", lead))
    return [at for at, flag in enumerate(flags) if not flag]


def test_a_verbatim_copy_adds_nothing() -> None:
    assert new_paragraphs(FERRY) == []


def test_a_copy_cut_in_the_middle_of_a_sentence_adds_nothing() -> None:
    end = FERRY.index("until they report")

    assert new_paragraphs(FERRY[: end - 3]) == []


def test_only_the_added_paragraph_of_a_copy_is_searched() -> None:
    assert new_paragraphs(LONGER) == [len(paragraphs(LONGER)) - 1]


def test_only_the_paragraph_with_another_toll_is_searched() -> None:
    assert new_paragraphs(UPDATE) == [0]


@pytest.mark.parametrize(
    ("said", "says"),
    [
        pytest.param("killing 9", "killing twelve", id="a number"),
        pytest.param("on Monday", "on Sunday", id="a date"),
        pytest.param("Ulf Brandal", "Ulf Brandt", id="a name"),
        pytest.param("and did not speak", "and did speak", id="a negation less"),
        pytest.param("had passed an inspection", "had not passed an inspection", id="a negation more"),
        pytest.param("Nobody told us", "Somebody told us", id="a quotation"),
        pytest.param("shortly after 7 a.m.", "shortly after 9 a.m.", id="a time"),
        pytest.param("three investigators", "three prosecutors", id="a word"),
        pytest.param("The transport ministry", "The transport ministry resigned. It", id="a sentence"),
    ],
)
def test_what_says_something_else_is_searched(said: str, says: str) -> None:
    assert said in FERRY
    paragraph = next(at for at, (a, b) in enumerate(paragraphs(FERRY)) if said in FERRY[a:b])

    assert new_paragraphs(FERRY.replace(said, says)) == [paragraph]


@pytest.mark.parametrize(
    ("says", "said"),
    [
        ("Iran attacked Israel with rockets on Monday night.", "Israel attacked Iran with rockets on Monday night."),
        ("The line sold 30 of its ships to a rival.", "The line sold 12 of its 30 ships to a rival."),
        (
            "It sold 30 ships to a rival in the south, it said.",
            "It sold 12 of 30 ships to a rival in the south, it said.",
        ),
        (
            'He said "the ferry was safe and sound" to reporters.',
            "He said the ferry was safe and sound to all reporters.",
        ),
        ("The deal is worth €5 billion to the line.", "The deal is worth $5 billion to the line."),
        ("It was -5 degrees in the harbour that night.", "It was 5 degrees in the harbour that night."),
        ("The ministry suspended the licence of the line.", "The ministry never suspended the licence of the line."),
    ],
)
def test_the_same_words_can_say_something_else(says: str, said: str) -> None:
    assert new_paragraphs(says, said) == [0]
    assert new_paragraphs(said, said) == []


@pytest.mark.parametrize(
    ("says", "said"),
    [
        ("A ferry capsized off the harbour on Monday.", "SARN (AFP) - A ferry capsized off the harbour on Monday."),
        ("LONDON (AP) — A ferry capsized off the harbour.", "A ferry capsized off the harbour."),
        ("The captain didn't speak to reporters.", "The captain did not speak to reporters."),
        ("The line said that the ship passed.", "The line said the ship passed."),
        (
            "The line's owner, Tor Aven, said on Monday it was sorry.",
            "The owner, Tor Aven, said on Monday it was sorry.",
        ),
        (
            "It was the second accident on the route this year.",
            "It was the second such accident on the route this year.",
        ),
        ("By Jane Roe, Associated Press", "A ferry capsized."),
        ("This article originally appeared on Sarn Daily: Ferry disaster", "A ferry capsized."),
    ],
)
def test_what_says_the_same_is_not_searched_again(says: str, said: str) -> None:
    expected = [0] if "line's owner" in says else []

    assert new_paragraphs(says, said) == expected


def test_a_passage_that_holds_part_of_a_new_sentence_is_searched() -> None:
    text = "A ferry capsized. Divers found a second wreck below the first one."
    start, end = sentence_spans(text)[1]
    flags = copied(
        [(0, start), (start, start + 20), (start + 20, end)], article("b", text), article("a", "A ferry capsized.")
    )

    assert flags == [True, False, False]


@pytest.mark.parametrize(
    ("outlet", "day", "precision", "more", "is_copy"),
    [
        ("Orrin Times", 28, "day", "", False),
        ("Orrin Times", 27, "day", "", True),
        ("Sarn Daily", 28, "day", "", True),  # reprinted the day after
        (None, 28, "day", "", True),
        ("Orrin Times", None, "day", "", True),
        ("Orrin Times", 28, "month", "", True),
        ("Orrin Times", 28, "day", " The level was being watched." * 50, True),  # an article that is put up again
    ],
)
def test_a_report_that_says_the_same_on_another_day_is_no_copy(
    outlet: str | None, day: int | None, precision: DatePrecision, more: str, is_copy: bool
) -> None:
    text = "The water level of Lake Orrin stood at 31 centimetres, the water board said." + more
    lead = Article("a", "Lake level", text, outlet="Orrin Times", date=dt.date(2026, 11, 27))
    date = dt.date(2026, 11, day) if day else None
    version = Article("b", "Lake level", text, outlet=outlet, date=date, date_precision=precision)
    assert copied([(0, len(text))], version, lead) == [is_copy]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300), st.text(max_size=200))
def test_a_text_is_a_copy_of_itself_and_whatever_comes_can_be_compared(one: str, other: str) -> None:
    spans = [(0, len(one))]

    assert copied(spans, article("b", one), article("a", one)) == [True]
    assert len(copied(spans, article("b", one), article("a", other))) == 1
    assert similarity(signature(one), signature(one)) == 1
