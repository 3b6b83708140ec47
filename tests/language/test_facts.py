"""Facts in a text: what is found, what it is worth, and which wordings say the same."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.language.dates import Date, TimeOfDay
from qa.language.facts import Fact, find_facts, find_quotations, same
from qa.language.names import find_names, initials, name_matches, name_words, named_in, text_words
from qa.language.numbers import Quantity

FRIDAY = dt.date(2017, 1, 20)


def only(text: str, published: dt.date | None = None, kinds: str = "number percent money date time") -> Fact:
    [fact] = [fact for fact in find_facts(text, published) if fact.kind in kinds.split()]
    return fact


def names(text: str, known: frozenset[str] = frozenset()) -> list[str]:
    return [text[start:end] for start, end in find_names(text, known)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("5 million people", "number", Quantity(5e6)),
        ("5m people", "number", Quantity(5e6)),
        ("5,000,000 people", "number", Quantity(5e6)),
        ("5 000 000 people", "number", Quantity(5e6)),
        ("a population of 5 mln", "number", Quantity(5e6)),
        ("five million people", "number", Quantity(5e6)),
        ("seventeen members", "number", Quantity(17)),
        ("twenty-five of them", "number", Quantity(25)),
        ("two hundred and fifty-six thousand", "number", Quantity(256_000)),
        ("a dozen eggs", "number", Quantity(12)),
        ("1,5 percent", "percent", Quantity(1.5, "%")),
        ("12%", "percent", Quantity(12, "%")),
        ("12 per cent", "percent", Quantity(12, "%")),
        ("twelve percent", "percent", Quantity(12, "%")),
        ("12 percentage points", "percent", Quantity(12, "points")),
        ("$1.13bn", "money", Quantity(1.13e9, "usd")),
        ("1.13 billion dollars", "money", Quantity(1.13e9, "usd")),
        ("US$1,130,000,000", "money", Quantity(1.13e9, "usd")),
        ("€20", "money", Quantity(20, "eur")),
        ("3 million roubles", "money", Quantity(3e6, "rub")),
        ("the 51st session", "number", Quantity(51, "th")),
        ("the fifty-first session", "number", Quantity(51, "th")),
        ("thousands of people", "number", Quantity(1000, "s")),
        ("the 1990s", "number", Quantity(1990, "s")),
        ("about 300 people", "number", Quantity(300, "", "about")),
        ("more than 300 people", "number", Quantity(300, "", "over")),
        ("nearly 300 people", "number", Quantity(300, "", "under")),
        ("-5 degrees", "number", Quantity(-5)),
        ("19 January 2017", "date", Date(2017, 1, 19)),
        ("January 19, 2017", "date", Date(2017, 1, 19)),
        ("the 19th of January 2017", "date", Date(2017, 1, 19)),
        ("Jan. 19, 2017", "date", Date(2017, 1, 19)),
        ("2017-01-19", "date", Date(2017, 1, 19)),
        ("19.01.2017", "date", Date(2017, 1, 19)),
        ("01/19/2017", "date", Date(2017, 1, 19)),
        ("4/7/2017", "date", Date(2017, either=(4, 7))),
        ("7/7/2017", "date", Date(2017, 7, 7)),
        ("Thursday, January 19", "date", Date(None, 1, 19, 3)),
        ("January 2017", "date", Date(2017, 1)),
        ("in May", "date", Date(None, 5)),
        ("in 2017", "date", Date(2017)),
        ("10:30 a.m.", "time", TimeOfDay(630, True)),
        ("3.30pm", "time", TimeOfDay(930, True)),
        ("at 15:00", "time", TimeOfDay(900, True)),
        ("at noon", "time", TimeOfDay(720, True)),
    ],
)
def test_a_fact_and_its_value(text: str, kind: str, value: object) -> None:
    fact = only(text)
    assert (fact.kind, fact.value) == (kind, value)
    assert text[fact.start : fact.end] == fact.text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yesterday", Date(2017, 1, 19)),
        ("tomorrow", Date(2017, 1, 21)),
        ("on Thursday", Date(weekday=3, near=FRIDAY)),
        ("on 19 January", Date(2017, 1, 19)),
        ("on 28 December", Date(2016, 12, 28)),
        ("last year", Date(2016)),
        ("last month", Date(2016, 12)),
    ],
)
def test_a_date_counts_from_the_day_of_publication(text: str, value: Date) -> None:
    assert only(text, FRIDAY).value == value


def test_without_a_day_of_publication_yesterday_stays_yesterday() -> None:
    assert only("yesterday").value == Date(relative="yesterday")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("in 2017-2019", [Date(2017), Date(2019)]),
        ("in 2021-25", [Date(2021), Date(2025)]),
        ("on 20-21 January", [Date(None, 1, 20), Date(None, 1, 21)]),
        ("on January 20-21, 2017", [Date(2017, 1, 20), Date(2017, 1, 21)]),
        ("5-10 million", [Quantity(5e6), Quantity(1e7)]),
        ("between 12 and 15%", [Quantity(12, "%"), Quantity(15, "%")]),
        ("$1-2bn", [Quantity(1e9, "usd"), Quantity(2e9, "usd")]),
        ("a 2-1 win", [Quantity(2), Quantity(1)]),
    ],
)
def test_a_range_is_its_two_ends(text: str, values: list[object]) -> None:
    found = [fact.value for fact in find_facts(text) if fact.kind in ("date", "number", "percent", "money")]
    assert found == values


@pytest.mark.parametrize(
    "text", ["one of them", "no one came", "this one", "First, the facts.", "You may go. They march on.", "COVID-19"]
)
def test_what_is_no_number_or_date(text: str) -> None:
    assert not [fact for fact in find_facts(text) if fact.kind not in ("name", "quotation")]


@pytest.mark.parametrize(
    ("claimed", "stated"),
    [
        ("5m", "5,000,000"),
        ("17", "seventeen"),
        ("$1.13bn", "1.13 billion dollars"),
        ("12%", "12 per cent"),
        ("51st", "fifty-first"),
        ("2,017", "2017"),
        ("about 300", "302"),
        ("more than 300", "312"),
        ("nearly 300", "296"),
        ("5 million", "nearly 5 million"),
        ("January 2017", "19 January 2017"),
        ("2017", "19 January 2017"),
        ("19 January", "19 January 2017"),
        ("19 January 2017", "19 January"),
        ("Thursday", "19 January 2017"),
        ("3:30", "15:30"),
    ],
)
def test_two_wordings_of_one_fact(claimed: str, stated: str) -> None:
    assert same(only(claimed), only(stated))


@pytest.mark.parametrize(
    ("claimed", "stated"),
    [
        ("5m", "5bn"),
        ("17", "70"),
        ("300", "302"),
        ("more than 300", "290"),
        ("more than 300", "500"),
        ("more than 300", "less than 300"),
        ("nearly 300", "302"),
        ("$5m", "£5m"),
        ("12%", "12"),
        ("12%", "12 percentage points"),
        ("51", "51st"),
        ("18 January 2017", "19 January 2017"),
        ("19 January 2017", "January 2017"),
        ("2016", "January 2017"),
        ("Wednesday", "19 January 2017"),
        ("yesterday", "today"),
        ("3.30am", "15:30"),
    ],
)
def test_what_does_not_say_the_same(claimed: str, stated: str) -> None:
    assert not same(only(claimed), only(stated))


def test_about_lets_every_number_be_rounded() -> None:
    assert same(only("300"), only("302"), about=True)
    assert not same(only("300"), only("402"), about=True)


def test_a_weekday_is_the_day_within_a_week_of_publication() -> None:
    thursday = only("Thursday", FRIDAY)
    assert same(only("19 January 2017"), thursday)
    assert same(only("26 January 2017"), thursday)
    assert not same(only("18 January 2017"), thursday)
    assert not same(only("2 February 2017"), thursday)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Kazakhstan handed it to Sergei Lebedev of the CIS.", ["Kazakhstan", "Sergei Lebedev", "CIS"]),
        ("We met Ursula von der Leyen and Bashar al-Assad.", ["Ursula von der Leyen", "Bashar al-Assad"]),
        ("U.S. President Donald J. Trump left.", ["U.S.", "Donald J. Trump"]),
        ("It is said that Mr. Peskov's office in St. Petersburg is shut.", ["Peskov", "St. Petersburg"]),
        ("Russian Foreign Minister Sergei Lavrov spoke.", ["Russian", "Sergei Lavrov"]),
        ("They fly F-16 jets over the G20 with 5G.", ["F-16", "G20", "5G"]),
        ("Вчера прибыл Владимир Путин.", ["Владимир Путин"]),
        ("However, officials said nothing. The police came.", []),
        ("On Tuesday in January they left.", []),
        ("Secretary of State Antony Blinken left.", ["Antony Blinken"]),
    ],
)
def test_names(text: str, found: list[str]) -> None:
    assert names(text) == found


def test_the_first_word_of_a_sentence_is_a_name_only_with_a_reason() -> None:
    assert names("Lebedev travelled.") == []
    assert names("Lebedev travelled.", frozenset({"lebedev"})) == ["Lebedev"]
    assert names("Lebedev travelled. I saw Lebedev.") == ["Lebedev", "Lebedev"]
    assert names("Putin announced it.") == ["Putin"]
    assert names("Inflation has grown. Officials said so.") == []


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Lebedev", "Sergei Lebedev"),
        ("S. Lebedev", "Sergei Lebedev"),
        ("Mr. Lebedev", "Lebedev's"),
        ("Kyrgyz", "Kyrgyzstan"),
        ("United States", "U.S."),
        ("U.N.", "UN"),
        ("CIS", "Commonwealth Independent States"),
        ("Republicans", "Republican"),
    ],
)
def test_ways_to_write_a_name(name: str, other: str) -> None:
    assert name_matches(name, other)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Lebedev", "Putin"),
        ("Vladimir Lebedev", "Sergei Lebedev"),
        ("Austria", "Australia"),
        ("", "Putin"),
        ("Lebedev Sergei", "Sergei Lebedev"),
    ],
)
def test_other_names(name: str, other: str) -> None:
    assert not name_matches(name, other)


def test_a_name_in_a_text() -> None:
    text = text_words("The United Nations and Sergei Nikolaevich Lebedev met us in Minsk.")
    assert named_in("Sergei Lebedev", text)
    assert named_in("UN", text)
    assert named_in("Minsk", text)
    assert not named_in("US", text)
    assert not named_in("Sergei Minsk", text)


def test_a_people_is_its_country() -> None:
    assert name_words("Kyrgyz") == name_words("Kyrgyzstan")


def test_initials_skip_the_small_words_of_a_name() -> None:
    assert "CIS" in initials("at the Commonwealth of Independent States today")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('He said "we will win" and "we must".', ["we will win", "we must"]),
        ("He said “we will win”.", ["we will win"]),
        ("He said 'I don't know' twice.", ["I don't know"]),
        ("It's the dogs' home.", []),
        ('"We will win. We must', ["We will win. We must"]),
        ('We must win," he said.', ["We must win,"]),
        ('""', []),
    ],
)
def test_quotations(text: str, found: list[str]) -> None:
    assert [fact.text for fact in find_quotations(text)] == found


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_facts_are_what_stands_at_their_offsets(text: str) -> None:
    facts = find_facts(text, FRIDAY)
    assert all(text[fact.start : fact.end] == fact.text for fact in facts)
    measured = [fact for fact in facts if fact.kind not in ("name", "quotation")]
    assert all(a.end <= b.start for a, b in zip(measured, measured[1:], strict=False))
    assert all(same(fact, fact) for fact in measured)
    assert len({hash(fact) for fact in facts}) <= len(facts)


@given(st.integers(0, 10**12))
def test_grouped_and_plain_digits_are_one_number(number: int) -> None:
    plain, grouped = only(f"{number} people"), only(f"{number:,} people")
    assert same(plain, grouped) and same(grouped, plain)


@pytest.mark.parametrize(
    "piece",
    [
        "A ",
        "1",
        "1 ",
        "1,",
        "1.",
        "111 ",
        "- ",
        "twenty ",
        "January ",
        "\n",
        "A-",
        '“"',
        "one hundred and ",
        "$",
        "Mr. ",
        "A al-",
        "'a ",
        "'a",
    ],
)
def test_a_long_monotonous_text_is_read_to_its_end(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    assert all(fact.end <= len(text) for fact in find_facts(text))


def test_very_long_texts() -> None:
    assert find_facts("A " * 50_000) == []
    assert len(find_facts("1" * 100_000)) == 1


@pytest.mark.parametrize(
    ("claimed", "stated", "is_same"),
    [
        ("4/7/2017", "4/7/2017", True),
        ("4/7/2017", "4 July 2017", True),
        ("4/7/2017", "7 April 2017", True),
        ("4/7/2017", "7/4/2017", False),
        ("4/7/2017", "4 July 2018", False),
        ("4/7/2017", "in 2017", False),
        ("4 July 2017", "4/7/2017", False),  # nobody can tell which number is the month
        ("in July 2017", "4/7/2017", False),
        ("in 2017", "4/7/2017", True),
    ],
)
def test_a_date_whose_month_nobody_can_tell(claimed: str, stated: str, is_same: bool) -> None:
    assert same(only(f"It opened {claimed}."), only(f"It opened {stated}.")) is is_same
