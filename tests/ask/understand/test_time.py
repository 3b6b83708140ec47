"""Time words of questions: the days they mean, whether articles of other days are left out, and what asks of now."""

import datetime as dt
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.ask.understand import understand
from qa.ask.understand.tense import asks_of_now
from qa.ask.understand.time_words import find_time_words
from qa.ask.understand.window import ANNOUNCED, FORESEEN, REPORTED
from qa.language.text import normalise, words
from qa.types import Filters, TimeWindow

ASKED = dt.date(2023, 5, 17)  # a Wednesday


def day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def days(text: str, asked: dt.date | None = ASKED) -> list[str]:
    """The stretches that a question names, each as "first..last"."""
    found = find_time_words(text, asked)
    return [f"{w.stretch.first or ''}..{w.stretch.last or ''}" if w.stretch else "?" for w in found]


# --- the days that words mean ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # counted from the day of asking
        ("What happened today?", "2023-05-17..2023-05-17"),
        ("What happened yesterday?", "2023-05-16..2023-05-16"),
        ("Who resigned the day before yesterday?", "2023-05-15..2023-05-15"),
        ("Who plays tonight?", "2023-05-17..2023-05-17"),
        ("Who speaks tomorrow?", "2023-05-18..2023-05-18"),
        ("Who resigned this week?", "2023-05-11..2023-05-21"),
        ("Who resigned last week?", "2023-05-08..2023-05-14"),
        ("Who resigned in the past week?", "2023-05-10..2023-05-17"),
        ("Who speaks next week?", "2023-05-22..2023-05-28"),
        ("Who resigned this month?", "2023-05-01..2023-05-31"),
        ("Who resigned last month?", "2023-04-01..2023-04-30"),
        ("Who resigned last year?", "2022-01-01..2022-12-31"),
        ("Who resigned earlier this year?", "2023-01-01..2023-05-17"),
        ("What will open later this year?", "2023-05-17..2023-12-31"),
        ("Who won last Tuesday?", "2023-05-16..2023-05-16"),
        ("Who won on Tuesday?", "2023-05-16..2023-05-16"),
        ("Who won on Wednesday?", "2023-05-17..2023-05-17"),
        ("Who won last Wednesday?", "2023-05-10..2023-05-10"),
        ("Who testified Thursday before the committee?", "2023-05-11..2023-05-11"),
        ("Who will speak on Friday?", "2023-05-19..2023-05-19"),
        ("Who speaks next Monday?", "2023-05-22..2023-05-22"),
        ("Who won at the weekend?", "2023-05-13..2023-05-14"),
        ("Who won last weekend?", "2023-05-13..2023-05-14"),
        ("Who plays this weekend?", "2023-05-13..2023-05-14"),
        ("Who resigned last March?", "2023-03-01..2023-03-31"),
        ("Who resigned last September?", "2022-09-01..2022-09-30"),
        ("Who resigned last May?", "2022-05-01..2022-05-31"),
        ("What will open next March?", "2024-03-01..2024-03-31"),
        ("Who resigned in the last 10 days?", "2023-05-07..2023-05-17"),
        ("Who resigned in the past two weeks?", "2023-05-03..2023-05-17"),
        ("Who resigned over the last few months?", "2023-02-16..2023-05-17"),
        ("What happened in recent days?", "2023-05-07..2023-05-17"),
        ("What happened three days ago?", "2023-05-14..2023-05-14"),
        ("What happened two weeks ago?", "2023-04-30..2023-05-06"),
        ("What happened two years ago?", "2021-01-01..2021-12-31"),
        ("Which firm recently closed?", "2023-04-17..2023-05-17"),
        ("What opened this spring?", "2023-03-01..2023-05-31"),
        ("What opened last summer?", "2022-06-01..2022-08-31"),
        ("What was built in the winter?", "2022-12-01..2023-02-28"),
        ("How much did it earn last quarter?", "2023-01-01..2023-03-31"),
        ("How much did it earn in the first quarter?", "2023-01-01..2023-03-31"),
        # the calendar
        ("Who resigned in March?", "2023-03-01..2023-03-31"),
        ("Who resigned in November?", "2022-11-01..2022-11-30"),
        ("Who will resign in June?", "2023-06-01..2023-06-30"),
        ("Who resigned in March 2021?", "2021-03-01..2021-03-31"),
        ("who resigned in may?", "2023-05-01..2023-05-31"),
        ("Who resigned on 12 October 2022?", "2022-10-12..2022-10-12"),
        ("Who resigned on 12 October?", "2022-10-12..2022-10-12"),
        ("Who resigned on October 12th, 2022?", "2022-10-12..2022-10-12"),
        ("Who resigned on Oct. 12?", "2022-10-12..2022-10-12"),
        ("Who will speak on October 12?", "2023-10-12..2023-10-12"),
        ("Who resigned on 2022-10-12?", "2022-10-12..2022-10-12"),
        ("Who resigned in 2022-10?", "2022-10-01..2022-10-31"),
        ("Who resigned on 12.10.2022?", "2022-10-12..2022-10-12"),
        ("Who resigned in 2022?", "2022-01-01..2022-12-31"),
        ("Who scored in the 2022 World Cup?", "2022-01-01..2022-12-31"),
        ("Who resigned in early 2022?", "2022-01-01..2022-05-01"),
        ("Who resigned in mid-2022?", "2022-05-02..2022-09-01"),
        ("Who resigned in late March?", "2023-03-22..2023-03-31"),
        ("Who resigned at the end of 2022?", "2022-09-02..2022-12-31"),
        ("Who resigned in the summer of 2021?", "2021-06-01..2021-08-31"),
        ("Who resigned in winter 2021?", "2021-12-01..2022-02-28"),
        ("How much did it earn in Q3 2022?", "2022-07-01..2022-09-30"),
        ("How much did it earn in the first half of 2022?", "2022-01-01..2022-06-30"),
        ("What was built in the 1990s?", "1990-01-01..1999-12-31"),
        ("Who will speak this Friday?", "2023-05-19..2023-05-19"),
        ("Who will play this weekend?", "2023-05-20..2023-05-21"),
        ("Who spoke this Friday?", "2023-05-12..2023-05-12"),
        ("Who resigned in the last 72 hours?", "2023-05-14..2023-05-17"),
        ("Who resigned 48 hours ago?", "2023-05-15..2023-05-15"),
        ("Who resigned in the last fortnight?", "2023-05-03..2023-05-17"),
        # open ends and ranges
        ("What happened after 2022?", "2023-01-01.."),
        ("What has changed since March?", "2023-03-01.."),
        ("What has changed since 12 October 2022?", "2022-10-12.."),
        ("What happened after 3 May?", "2023-05-03.."),
        ("What happened from March onwards?", "2023-03-01.."),
        ("What had happened before 3 May?", "..2023-05-02"),
        ("What had happened until 3 May?", "..2023-05-03"),
        ("What was finished by 3 May?", "..2023-05-03"),
        ("What happened between 3 May and 9 May?", "2023-05-03..2023-05-09"),
        ("What happened between March and May 2022?", "2022-03-01..2022-05-31"),
        ("How did prices move between 2019 and 2021?", "2019-01-01..2021-12-31"),
        ("What happened from 3 to 9 May 2023?", "2023-05-03..2023-05-09"),
        ("What happened from November until February?", "2022-11-01..2023-02-28"),
        ("What was built in 2019-2021?", "2019-01-01..2021-12-31"),
        # Russian
        ("Что случилось вчера?", "2023-05-16..2023-05-16"),
        ("Кто ушел в марте 2023 года?", "2023-03-01..2023-03-31"),
        ("Кто ушел в марте?", "2023-03-01..2023-03-31"),
        ("Что случилось на прошлой неделе?", "2023-05-08..2023-05-14"),
        ("Кто победил в 2022 году?", "2022-01-01..2022-12-31"),
        ("Что произошло 12 октября 2022 года?", "2022-10-12..2022-10-12"),
        ("Что случилось в прошлом месяце?", "2023-04-01..2023-04-30"),
    ],
)
def test_time_words_mean_days(text: str, expected: str) -> None:
    assert days(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "What did the president say after the summit?",
        "Who led the country during the pandemic?",
        "How many fled since the invasion?",
        "What may the council decide?",
        "What does https://news.example/2023/04/07/harbour say?",
        "Who led the march on the capital?",
        "What did Theresa May say?",
        "What does the USA Today article say about Boeing?",
        "How many of the 2000 soldiers came home?",
        "Who won 1984 votes?",
        "Which shops open on Black Friday?",
        "What was decided in the first half?",
        "Who scored in the last minutes of the match?",
        "What did she do in the last week of her term?",
        "Is this a second summit?",
        "What does the fall of the town mean?",
        "How much is 2,022 dollars in euros?",
    ],
)
def test_words_that_only_look_like_time_mean_none(text: str) -> None:
    assert days(text) == []


@pytest.mark.parametrize(
    "text", ["Who resigned last week?", "Who resigned on Tuesday?", "Who won in March?", "Who came on 12 October?"]
)
def test_without_a_day_of_asking_relative_words_say_nothing(text: str) -> None:
    assert days(text, None) == ["?"]
    assert understand(text).window is None


def test_today_stands_in_for_the_day_of_asking_only_where_it_is_given() -> None:
    asked = understand("Who resigned last month?", today=ASKED).window
    assert asked and asked.words == "last month"
    assert asked == understand("Who resigned last month?", as_of=ASKED, today=dt.date(2030, 1, 1)).window


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Who resigned last March?", "last March"),
        ("Who resigned in March 2023?", "March 2023"),
        ("Who resigned on 12 October?", "12 October"),
        ("What has changed since March?", "since March"),
        ("How many voted after the 2020 election?", "2020"),
        ("What happened between 3 May and 9 May?", "between 3 May and 9 May"),
        ("What happened before the end of 2022?", "before the end of 2022"),
        ("Who won in early 2022?", "early 2022"),
    ],
)
def test_the_words_of_a_window_are_those_of_the_question(text: str, said: str) -> None:
    window = understand(text, as_of=ASKED).window
    assert window and window.words == said


# --- soft and hard ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Which articles from March mention the bridge?", "2023-03-01", "2023-03-31"),
        ("Show me news about Belarus since March", "2023-03-01", ""),
        ("Is there any news on the harbour from last week?", "2023-05-08", "2023-05-14"),
        ("What was reported last week about the harbour?", "2023-05-08", "2023-05-14"),
        ("What was in the news yesterday?", "2023-05-16", "2023-05-16"),
        ("What did the BBC report on 3 May?", "2023-05-03", "2023-05-03"),
        ("What did the newspapers write in April?", "2023-04-01", "2023-04-30"),
        ("What does the article published on 7 October 2022 say of the port?", "2022-10-07", "2022-10-07"),
        ("What does The Verge's article on phones, published on October 7, 2022, say?", "2022-10-07", "2022-10-07"),
        ("Summarise last week's news", "2023-05-08", "2023-05-14"),
        ("Which stories published before 3 May name the mayor?", "", "2023-05-02"),
        ("Any coverage of the flood between 3 May and 9 May?", "2023-05-03", "2023-05-09"),
        ("Какие новости за март 2023 года?", "2023-03-01", "2023-03-31"),
    ],
)
def test_words_that_speak_of_reporting_leave_other_days_out(text: str, first: str, last: str) -> None:
    window = understand(text, as_of=ASKED).window
    assert window and window.hard
    assert (window.date_from, window.date_to) == (day(first), day(last))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("What was decided at the meeting on 12 October?", "2022-10-12", "2022-10-12"),
        ("How many cases were reported last week?", "2023-05-08", "2023-05-14"),
        ("What do articles about the summit on 12 October say?", "2022-10-12", "2022-10-12"),
        ("Which study published in 2022 found that?", "2022-01-01", "2022-12-31"),
        ("Who reported the fire to the police on 3 May?", "2023-05-03", "2023-05-03"),
        ("Who made the headlines on 3 May?", "2023-05-03", "2023-05-03"),
        ("Which newspaper closed in March?", "2023-03-01", "2023-03-31"),
    ],
)
def test_words_that_date_an_event_only_favour_the_days_around_it(text: str, first: str, last: str) -> None:
    window = understand(text, as_of=ASKED).window
    assert window and not window.hard
    begin, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    assert window.date_from == begin - dt.timedelta(ANNOUNCED)
    assert window.date_to == end + dt.timedelta(REPORTED)


def test_what_is_still_to_come_was_announced_before_the_question() -> None:
    window = understand("Who will speak on Friday?", as_of=ASKED).window
    assert window and window.date_from == ASKED - dt.timedelta(FORESEEN)


def test_the_year_of_a_name_dates_its_reports_loosely() -> None:
    window = understand("Who scored in the 2022 World Cup final?", as_of=ASKED).window
    assert window and not window.hard
    assert window.date_from and window.date_from <= dt.date(2021, 1, 1)
    assert window.date_to and window.date_to >= dt.date(2022, 12, 31)


@pytest.mark.parametrize(
    "text",
    [
        "Which volcano erupted for the first time since 1984?",
        "Where were prices the highest since 2008?",
        "Was it warmer than in 2019?",
        "How much did rents rise compared with 2019?",
        "Which firm, founded in 1998, closed its shops?",
        "Which cars made since 2005 are recalled?",
        "Which country plans to ban petrol cars by 2035?",
        "What did the president say after the summit?",
    ],
)
def test_time_that_dates_something_else_gives_no_window(text: str) -> None:
    assert understand(text, as_of=ASKED).window is None


def test_of_several_the_words_counted_from_the_day_of_asking_win() -> None:
    window = understand("Which maker this week recalled cars sold in 2019?", as_of=ASKED).window
    assert window and window.words == "this week"
    window = understand("Which city was hit for the first time since 2005 this week?", as_of=ASKED).window
    assert window and window.words == "this week"


def test_a_window_never_touches_the_filters() -> None:
    filters = Filters(date_from=dt.date(2017, 1, 1), date_to=dt.date(2017, 12, 31), outlets=("BelTA",))
    question = understand("Which articles from March 2023 mention it?", filters=filters, as_of=ASKED)
    assert question.filters == filters
    assert question.window == TimeWindow(dt.date(2023, 3, 1), dt.date(2023, 3, 31), True, "March 2023")


# --- now or not -------------------------------------------------------------------------------------------------------

NOW = """\
Who is the president of Kazakhstan?
Who's the mayor of Riga?
Who currently leads the council?
Who leads the council?
Who owns the newspaper?
Which country hosts the summit?
Which company makes the vaccine?
How many members does the union have?
How many people have died in the flood?
How much does a ticket cost?
How old is the prime minister?
What is the price of oil?
What is the latest on the strike?
What is happening in the harbour?
What are the newest rules for tenants?
Where is the fleet now?
Where do the talks stand?
When does the museum open?
When will the bridge reopen?
Who will play in the final?
Is the border still open?
Are the trains running?
Does the ban apply to tourists?
Has the strike ended?
Have the sides reached a deal yet?
What has the government done so far?
Which party is ahead in the polls?
In which city is the court?
Who was named coach this week?
Which storm hit the coast this week?
Which firm recently closed its shops?
How many were arrested today?
What did the mayor say today?
Who is the current champion?
What is the most recent count?
How have prices changed since 2019?
What has he said to date?
Кто сейчас президент Казахстана?
Кто является председателем совета?"""
NOT_NOW = """\
Who was the president of Kazakhstan?
Who was the first president of Kazakhstan?
Who is the first woman to lead the bank?
Who founded the newspaper?
When was the council founded?
What happened in 2019?
Who won the cup in 2019?
Who is named in the report of March 2021?
How many people died in the flood?
What did the mayor say?
Where did the talks take place?
Who did the minister meet?
Why did the bank close?
When did the bridge open?
Which country hosted the summit?
Which storm hit the coast?
Who resigned yesterday?
Who won last year?
What was the price of oil in January 2022?
Who used to own the newspaper?
Who is the former owner?
Who led the council two years ago?
What does CIS stand for?
What does soft power mean?
What is the capital of Kazakhstan?
Where was the president born?
Had the strike ended?
Were the trains still running?
Kazakhstan council chairman
Tell me about the strike
Кто был президентом Казахстана?
Кто победил в 2019 году?"""


@pytest.mark.parametrize("text", NOW.splitlines())
def test_asks_how_things_stand_now(text: str) -> None:
    assert understand(text, as_of=ASKED).is_present


@pytest.mark.parametrize("text", NOT_NOW.splitlines())
def test_does_not_ask_how_things_stand_now(text: str) -> None:
    assert not understand(text, as_of=ASKED).is_present


def test_a_year_is_of_the_past_where_nobody_knows_the_day_of_asking() -> None:
    assert not asks_of_now("Who is champion of 2019?", find_time_words("Who is champion of 2019?"))
    assert asks_of_now("Who is the champion?")


# --- any text ---------------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    """since before between and the last next 2022 31 February March May on in until early end of 30 99 days ago week
    articles from published reported quarter Q4 9999 1500 2022-13-45 31.02.2022 зимой марте в 2022-10 - – , ?""".split()
)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=14).map(" ".join)),
    st.sampled_from([None, ASKED, dt.date.min, dt.date.max, dt.date(2024, 2, 29)]),
)
def test_no_text_breaks_it(text: str, asked: dt.date | None) -> None:
    found = find_time_words(text, asked)
    assert all(0 <= a.start < a.end <= len(text) for a in found)
    assert all(a.end <= b.start for a, b in zip(found, found[1:], strict=False))
    if words(normalise(text)):
        question = understand(text, as_of=asked)
        window = question.window
        assert window is None or not (window.date_from and window.date_to) or window.date_from <= window.date_to


def test_a_question_is_understood_within_two_milliseconds() -> None:
    texts = [*NOW.splitlines(), *NOT_NOW.splitlines()]
    for text in texts:
        understand(text, as_of=ASKED)
    began = time.process_time()
    for text in texts:
        understand(text, as_of=ASKED)
    assert (time.process_time() - began) / len(texts) < 0.002
