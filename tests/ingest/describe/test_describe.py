"""What is known of an article besides its date, and that nothing is made up."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.ingest.describe import describe, find_outlet

LEAD = "The bridge opened on Monday after years. It is long."


def titled(text: str, title: Any = None, **fields: Any) -> tuple[str, bool]:
    about = describe({"title": title, **fields}, text)
    return about.title, about.title_is_made


# --- title -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"# Bridge opens\n\n{LEAD}", "Bridge opens"),
        (f"Bridge opens\n\n{LEAD}", "Bridge opens"),
        (f"Will the bridge open?\n\n{LEAD}", "Will the bridge open?"),
        (f"Bridge opens – Ode (78) pleased\n\n{LEAD}", "Bridge opens – Ode (78) pleased"),
        (f"January 19, 2017\n\nBridge opens\n\n{LEAD}", "Bridge opens"),
        (f"10:00 am\n\nPolitics\n\nBridge opens\n\n{LEAD}", "Bridge opens"),
        (f"The Herald\n\nBridge opens\n\n{LEAD}", "Bridge opens"),
        (f"By Ines Falk\n\nBridge opens\n\n{LEAD}", "Bridge opens"),
        (f"Written by Ines Falk\n\nSpecial correspondent\n\nBridge opens\n\n{LEAD}", "Bridge opens"),
        (f"Ines Falk and Jo Lund\n\nTHE HERALD\n\nBridge opens\n\n{LEAD}", "Bridge opens"),
        (f"The longest bridge of Ellery. (Photo: Ada Ode)\n\nBridge opens\n\n{LEAD}", "Bridge opens"),
        (f"Editor's note: this page was changed.\n\nBridge opens\n\n{LEAD}", "Bridge opens"),
    ],
)
def test_a_headline_is_found_at_the_top(text: str, title: str) -> None:
    assert titled(text, outlet="The Herald") == (title, False)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (LEAD, "The bridge opened on Monday after years."),
        (f"PORT ELLERY -\n\n{LEAD}", "The bridge opened on Monday after years."),
        (f"PORT ELLERY. KAZINFORM - {LEAD}", "The bridge opened on Monday after years."),
        (f"(Reuters) - {LEAD}", "The bridge opened on Monday after years."),
        (f"Translation. Region: Ellery –\n\n{LEAD}", "The bridge opened on Monday after years."),
        (f'The bridge of "Old Ellery."\n\n{LEAD}', 'The bridge of "Old Ellery."'),
        (f"Ines Falk\n\n{LEAD}", "The bridge opened on Monday after years."),
        (f"and so it went\n\n{LEAD}", "The bridge opened on Monday after years."),
        ("word " * 100, ("word " * 32).strip() + "…"),
        ("7", "7"),
        ("", ""),
    ],
)
def test_else_the_first_sentence_stands_in(text: str, title: str) -> None:
    assert titled(text.strip(), authors=["Ines Falk"]) == (title, True)


@pytest.mark.parametrize(
    ("given_title", "outlet", "title"),
    [
        (" Bridge\n\N{NO-BREAK SPACE}opens\x00 ", None, "Bridge opens"),
        (1984, None, "1984"),
        ("Bridge opens | The Herald", "The Herald", "Bridge opens"),
        ("Bridge opens - Herald", "The Herald", "Bridge opens"),
        ("Bridge opens – HERALD", "herald.example", "Bridge opens"),
        ("Bridge opens - Ode is pleased", "The Herald", "Bridge opens - Ode is pleased"),
        ("Bridge opens | The Herald", None, "Bridge opens | The Herald"),
        ("The Herald", "The Herald", "The Herald"),
    ],
)
def test_a_title_that_was_given_stays_without_the_name_of_its_outlet(given_title: Any, outlet: Any, title: str) -> None:
    assert titled("Another line\n\nText.", given_title, outlet=outlet) == (title, False)


def test_a_title_is_not_the_whole_text() -> None:
    assert len(titled("Text.", "word " * 1000)[0]) <= 301


@given(st.text())
def test_any_text_has_a_title_of_one_line(text: str) -> None:
    title, is_made = titled(text)
    assert is_made or title
    assert len(title) <= 161


# --- outlet and address ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unknown", ["unknown", "Unknown", " n/a ", "none", "-", ""])
def test_unknown_means_unknown(unknown: str) -> None:
    about = describe({"outlet": unknown, "language": unknown, "authors": [unknown], "date": unknown}, "Some text.")
    assert (about.outlet, about.language, about.authors, about.date) == (None, None, (), None)


def test_the_outlet_is_the_host_of_the_address_where_none_is_named() -> None:
    assert describe({"url": "https://www.herald.example/a?b#c"}, "Text.").outlet == "herald.example"
    assert find_outlet({"url": "https://www.herald.example/a", "outlet": "The Herald"}) == "The Herald"


@pytest.mark.parametrize(
    ("named", "outlet"),
    [
        ("https://www.post.example/2024/boats", "post.example"),
        ("http://post.example", "post.example"),
        ("Two boats for the line", "herald.example"),  # the title again
        ("{$plugin.tx_news.opengraph.site_name}", "herald.example"),
        ("{{ site.title }}", "herald.example"),
        ("The {Weekly}", "The {Weekly}"),
    ],
)
def test_what_is_no_name_of_an_outlet(named: str, outlet: str) -> None:
    fields = {"url": "https://www.herald.example/a", "outlet": named, "title": "Two boats for the line"}
    assert find_outlet(fields) == outlet


@pytest.mark.parametrize("url", ["javascript:alert(1)", "/news/1", "herald", "https://", "https://a b", "http://[::1"])
def test_an_address_is_one_that_a_browser_may_open(url: str) -> None:
    about = describe({"url": url}, "Text.")
    assert about.outlet is None
    assert about.url is None or about.url.startswith("http")


# --- authors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("Ines Falk and Jo Lund", ("Ines Falk", "Jo Lund")),
        (["Ines Falk", "Jo  Lund"], ("Ines Falk", "Jo Lund")),
        ("Ines Falk; Jo Lund, Ada Ode", ("Ines Falk", "Jo Lund", "Ada Ode")),
        ("['Ines Falk', \"Jo O'Lund\"]", ("Ines Falk", "Jo O'Lund")),
        ('["Ines Falk"]', ("Ines Falk",)),
        ("[]", ()),
        ("[Ines Falk]", ("Ines Falk",)),
        ([{"name": "Ines Falk", "@type": "Person"}], ("Ines Falk",)),
        ("By Ines Falk | The Herald", ("Ines Falk",)),
        ("Reporting by: Ines Falk & Jo Lund (Reuters)", ("Ines Falk", "Jo Lund")),
        ("Ines Falk, ines@herald.example, @inesfalk", ("Ines Falk",)),
        ("Ines Falk <ines@herald.example>", ("Ines Falk",)),
        ("Ines Falk, Ines Falk", ("Ines Falk",)),
        ("Byron Lund, Anders Ode", ("Byron Lund", "Anders Ode")),
        ("Jean-Luc Ode", ("Jean-Luc Ode",)),
        ("Ада Оде и Ян Лунд", ("Ада Оде", "Ян Лунд")),
        ("Staff", ()),
        ("Ines Falk, Contributing Writer", ("Ines Falk",)),
        ("Herald Staff Writers, Ines Falk, https://herald.example/ines", ("Ines Falk",)),
        (None, ()),
        (7, ()),
    ],
)
def test_authors(value: Any, names: tuple[str, ...]) -> None:
    assert describe({"authors": value}, "Text.").authors == names


# --- language --------------------------------------------------------------------------------------------------------

ENGLISH = "The bridge opened on Monday, and the people of the town have been waiting for it."
GERMAN = "Der Minister eröffnete am Montag die neue Brücke über den Fluss. Sie soll den Verkehr entlasten, sagte er."
RUSSIAN = "Министр открыл в понедельник новый мост через реку. По словам властей, строительство обошлось в миллионы."
DANISH = "Her må man have tålmodighed: for broen, som var lukket for biler, skal have nyt dæk, og for byen er det godt."
UKRAINIAN = "Міністр відкрив у понеділок новий міст через річку. За словами влади, будівництво коштувало мільйони."


@pytest.mark.parametrize(
    ("field", "language"),
    [("en", "en"), ("en-GB", "en"), ("pt_BR", "pt"), ("zh-Hans-CN", "zh"), ("English", "en"), ("Русский", "ru")],
)
def test_the_language_is_the_one_that_is_named(field: str, language: str) -> None:
    assert describe({"language": field}, GERMAN).language == language


@pytest.mark.parametrize(
    ("text", "language"),
    [(ENGLISH, "en"), (GERMAN, "de"), (DANISH, "da"), (RUSSIAN, "ru"), (UKRAINIAN, "uk"), (RUSSIAN * 30, "ru")],
)
def test_else_it_is_that_of_the_text(text: str, language: str) -> None:
    assert describe({}, text).language == language
    assert describe({"language": "gibberish!"}, text).language == language


@pytest.mark.parametrize(
    "text", ["", "Bridge opens", "1 234 567,89 " * 9, "USD 86.50 EUR 90.34 RUB 0.85 GBP 102.20 CHF 88.1"]
)
def test_of_too_little_text_nobody_knows(text: str) -> None:
    assert describe({}, text).language is None
