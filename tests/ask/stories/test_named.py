"""Who a story names most: the names themselves, each once, whatever stands before them."""

from __future__ import annotations

from qa.ask.stories.named import Named, named_most
from qa.types import Article

KERRY = (
    "The special envoy for Climate John Kerry met ministers in Port Ellery on Monday to talk about the ferries.",
    "Senior adviser John Kerry said that the talks had gone well, and that he would come back in the spring.",
    "The envoy John Kerry left Port Ellery on Friday evening, as the ministers went on with their talks there.",
)


def told(*texts: str, outlet: str = "herald.example") -> list[Article]:
    return [
        Article(id=str(n), title="Climate John Kerry Talks", text=text, outlet=outlet) for n, text in enumerate(texts)
    ]


def test_a_name_does_not_begin_with_a_headline_word_or_a_role() -> None:
    assert named_most(told(*KERRY), 3) == [Named("John Kerry", 3), Named("Port Ellery", 2)]


def test_a_longer_form_that_is_rare_counts_for_the_name_that_it_ends_with() -> None:
    texts = (
        *KERRY,
        "The talks were led by Envoy Emeritus Extraordinary John Kerry, who had asked for them.",
    )
    assert named_most(told(*texts), 1) == [Named("John Kerry", 4)]


def test_a_surname_counts_for_the_one_longer_name_that_ends_with_it() -> None:
    texts = (*KERRY[:2], "The ministers said in the evening that they had waited for Kerry all day long in vain.")
    assert named_most(told(*texts), 1) == [Named("John Kerry", 3)]
    of_two = (texts[0], texts[2], texts[2], "The ministers had dinner with Teresa Kerry in the evening of that day.")
    assert named_most(told(*of_two), 3) == [Named("Kerry", 2)]


def test_a_word_that_is_small_elsewhere_is_no_name() -> None:
    texts = (
        "They spoke of Death and of the river, and then of the death of a sailor at the old harbour.",
        "He wrote a poem to Death, though the death of the sailor had not yet been told to anybody.",
    )
    assert named_most(told(*texts), 3) == []


def test_the_outlet_is_left_out_and_a_country_has_its_name() -> None:
    texts = (
        "The Week heard that the French ministers had gone home by train, and that nobody had seen them.",
        "As The Week and others heard, a French delegation and a German one were at the talks as well.",
        "The Week and others say that the talks had gone on without them until the morning of the next day.",
    )
    assert named_most(told(*texts, outlet="theweek.co.uk"), 3) == [Named("France", 2)]
