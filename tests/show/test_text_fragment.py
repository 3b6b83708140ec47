"""Links to the quoted words, followed the way a browser does it."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.show.text_fragment import link_to, text_directive

TEXT = (
    'The council met on Monday. It was a long meeting. The "bridge" will close on 2 April, said Mr O\'Neil of the '
    "north-west office & co. The council met on Monday again.\n\n"
    "A second paragraph says that the bridge will open; nobody knows when."
)


def found(text: str, directive: str) -> tuple[int, int]:
    """Where a browser goes: the first place that fits, each term whole words within one paragraph."""
    terms = directive.split(",")
    prefix = unquote(terms.pop(0)[:-1]) if terms[0].endswith("-") else ""
    suffix = unquote(terms.pop()[1:]) if terms[-1].startswith("-") else ""
    start, *end = map(unquote, terms)
    assert all("\n\n" not in term for term in (prefix, suffix, start, *end))
    pattern = rf"(?<!\w){re.escape(prefix)}\s*" if prefix else r"(?<!\w)"
    pattern += rf"(?P<said>{re.escape(start)}(?!\w)" + (rf".*?(?<!\w){re.escape(end[0])}(?!\w)" if end else "") + ")"
    pattern += rf"\s*{re.escape(suffix)}(?!\w)" if suffix else ""
    match = re.search(pattern, text, re.IGNORECASE | re.DOTALL)
    assert match, directive
    return match.span("said")


@pytest.mark.parametrize(
    ("quote", "directive"),
    [
        ("It was a long meeting.", "It%20was%20a%20long%20meeting"),
        ("north-west office & co.", "north%2Dwest%20office%20%26%20co"),
        ("The council met on Monday again.", "The%20council%20met%20on%20Monday%20again"),
        # A page may write its quotation marks otherwise: the words around them are named.
        ("on 2 April, said Mr O'Neil of the north-west", "on%202%20April%2C%20said,of%20the%20north%2Dwest"),
        ("again.\n\nA second paragraph says that", "again,second%20paragraph%20says%20that"),
        ("on Monday again", "on%20Monday%20again"),
        (".", ""),
    ],
)  # fmt: skip
def test_the_words_are_named_as_a_page_writes_them(quote: str, directive: str) -> None:
    start = TEXT.index(quote)
    assert text_directive(TEXT, start, start + len(quote)) == directive


def test_words_before_are_named_where_the_same_words_stand_earlier() -> None:
    start = TEXT.rindex("The council met on Monday")
    directive = text_directive(TEXT, start, start + 25)
    assert directive == "co.-,The%20council%20met%20on%20Monday"
    assert found(TEXT, directive) == (start, start + 25)


def test_a_long_quotation_is_named_by_its_ends() -> None:
    start, end = TEXT.index("It was"), TEXT.index(" open;")
    directive = text_directive(TEXT, start, end)
    assert directive == "It%20was%20a%20long,that%20the%20bridge%20will"
    assert found(TEXT, directive) == (start, end)


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://news.example/a?b=1", "https://news.example/a?b=1#:~:text=council"),
        ("https://news.example/a#part", "https://news.example/a#part:~:text=council"),
        ("https://news.example/a#part:~:text=old", "https://news.example/a#part:~:text=council"),
        (None, None),
    ],
)
def test_a_link_keeps_the_address_and_its_own_fragment(address: str | None, link: str | None) -> None:
    assert link_to("The council met.", 4, 11, address) == link


WORDS = st.sampled_from("the council met bridge north-west O'Neil 1,000 Ürün 'said' — \"yes\" & co. co, Жук".split())
SPACES = st.sampled_from([" "] * 12 + ["\n\n", ". "])


@given(st.lists(st.tuples(WORDS, SPACES), min_size=1, max_size=40), st.data())
def test_every_link_leads_to_words_of_the_quotation_or_to_the_same_words(pieces, data: st.DataObject) -> None:
    text = "".join(word + space for word, space in pieces)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    directive = text_directive(text, start, end)
    assert re.fullmatch(r"[\w.~%]*(-,)?[\w.~%]*(,[\w.~%]+)?(,-[\w.~%]+)?", directive, re.ASCII)
    if directive:
        left, right = found(text, directive)
        whole = text[:start].split(" ")[-1] + text[start:end] + text[end:].split(" ")[0]
        assert text[left:right].split()[0].lower() in whole.lower()
