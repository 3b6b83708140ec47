"""Replies as models really write them: what a reader sees while they stream, and the claims in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import pytest

from qa.ask.answer.claims import read_claims
from qa.ask.answer.draft import claims_so_far, read_draft
from qa.ask.answer.refusing import refuses
from qa.ask.answer.reply import REPLY_LIMIT, THOUGHT_LIMIT, Reply
from qa.errors import ModelError
from qa.types import Article, Message, Passage


def passage(id: str, title: str) -> Passage:
    return Passage(Article(id, title, "Text."), 0, 5)


ONE, TWO, THREE = (
    passage("one", "Minsk hosts the summit"),
    passage("two", "A bridge opens in Riga"),
    passage("three", "Obituary"),
)
KEYS = {"b7k2": ONE, "c3d4": TWO, "f5g6": THREE}


def read(raw: str) -> list[tuple[str, str]]:
    """Each claim's text, and the ids of its articles in one word."""
    return [(claim.text, " ".join(span.article.id for span in claim.cites)) for claim in read_claims(raw, KEYS)]


FORMS = [
    # the marker as it was asked for
    ("He won [b7k2].", "He won [1].", [("He won.", "one")]),
    ("He won. [b7k2]", "He won. [1]", [("He won.", "one")]),
    ("He won.[b7k2]", "He won. [1]", [("He won.", "one")]),
    ("He won [b7k2]. She lost [c3d4].", "He won [1]. She lost [2].", [("He won.", "one"), ("She lost.", "two")]),
    ("He won. [b7k2] She lost. [c3d4]", "He won. [1] She lost. [2]", [("He won.", "one"), ("She lost.", "two")]),
    ("He won.[b7k2]She lost.[c3d4]", "He won. [1] She lost. [2]", [("He won.", "one"), ("She lost.", "two")]),
    ("He won [c3d4] and led [b7k2].", "He won [1] and led [2].", [("He won and led.", "two one")]),
    ("He won [b7k2]. He led [b7k2].", "He won [1]. He led [1].", [("He won.", "one"), ("He led.", "one")]),
    # several at once
    ("He won [b7k2, c3d4].", "He won [1][2].", [("He won.", "one two")]),
    ("He won [b7k2; c3d4 and f5g6].", "He won [1][2][3].", [("He won.", "one two three")]),
    ("He won [b7k2][c3d4].", "He won [1][2].", [("He won.", "one two")]),
    ("He won [b7k2], [c3d4] and [b7k2].", "He won [1][2].", [("He won.", "one two")]),
    # other brackets, other spellings
    ("He won (b7k2).", "He won [1].", [("He won.", "one")]),
    ("He won 【b7k2】.", "He won [1].", [("He won.", "one")]),
    ("He won 【b7k2†source】.", "He won [1].", [("He won.", "one")]),
    ("He won [[b7k2]].", "He won [1].", [("He won.", "one")]),
    ("He won \\[b7k2\\].", "He won [1].", [("He won.", "one")]),
    ("He won [B7K2].", "He won [1].", [("He won.", "one")]),
    ("He won [^b7k2].", "He won [1].", [("He won.", "one")]),
    ("He won [passage b7k2].", "He won [1].", [("He won.", "one")]),
    ("He won [key: `b7k2`].", "He won [1].", [("He won.", "one")]),
    ("He won (see passage b7k2 and [c3d4]).", "He won [1][2].", [("He won.", "one two")]),
    ("He won <passage b7k2>.", "He won [1].", [("He won.", "one")]),
    ("He won **[b7k2]**.", "He won [1].", [("He won.", "one")]),
    ("He won b7k2.", "He won [1].", [("He won.", "one")]),
    ("As passage b7k2 says, he won.", "As the article [1] says, he won.", [("As the article says, he won.", "one")]),
    ("In the source b7k2 he won.", "In the article [1] he won.", [("In the article he won.", "one")]),
    ("Passage b7k2 says he won.", "The article [1] says he won.", [("The article says he won.", "one")]),
    ('He said "yes [b7k2]" and left.', 'He said "yes [1]" and left.', [('He said "yes" and left.', "one")]),
    # the marker first
    ("[b7k2] He won.", "[1] He won.", [("He won.", "one")]),
    ("[b7k2] He won. [c3d4] She lost.", "[1] He won. [2] She lost.", [("He won.", "one"), ("She lost.", "two")]),
    ("[b7k2]: He won.\nc3d4: She led.", "[1]: He won.\n[2]: She led.", [("He won.", "one"), ("She led.", "two")]),
    # at the end of a paragraph, or below it
    ("He won. She lost. [b7k2]", "He won. She lost. [1]", [("He won.", "one"), ("She lost.", "one")]),
    ("He won. She lost [b7k2].", "He won. She lost [1].", [("He won.", ""), ("She lost.", "one")]),
    ("He won [c3d4]. She lost. [b7k2]", "He won [1]. She lost. [2]", [("He won.", "two"), ("She lost.", "one")]),
    ("He won.\n\n[b7k2]", "He won.\n\n[1]", [("He won.", "one")]),
    ("He won.\n[b7k2]\nShe lost.\n[c3d4]", "He won.\n[1]\nShe lost.\n[2]", [("He won.", "one"), ("She lost.", "two")]),
    # sources by name
    ("He won. Source: A bridge opens in Riga", "He won. [1]", [("He won.", "two")]),
    ("He won.\n\nSource: [b7k2]", "He won.\n\n[1]", [("He won.", "one")]),
    ("He won.\n**Sources:** b7k2, c3d4", "He won.\n[1][2]", [("He won.", "one two")]),
    ("He won. (Source: b7k2) She led [c3d4].", "He won. [1] She led [2].", [("He won.", "one"), ("She led.", "two")]),
    ("He won. Source: [b7k2] She lost.", "He won. [1] She lost.", [("He won.", "one"), ("She lost.", "")]),
    ("He won.\nSource: BelTA", "He won.", [("He won.", "")]),
    ("He won [A bridge opens in Riga].", "He won [1].", [("He won.", "two")]),
    ('He won ("A bridge opens in Riga", BelTA).', "He won [1].", [("He won.", "two")]),
    ("He won.\n\nSources:\n1. Minsk hosts the summit\n2. A bridge opens in Riga", "He won.\n\n1. [1]\n2. [2]",
     [("He won.", "one two")]),
    # what cites nothing
    ("He won [1].", "He won.", [("He won.", "")]),
    ("He won [7, 8]. She lost [2-3].", "He won. She lost.", [("He won.", ""), ("She lost.", "")]),
    ("He won 【7†source】.", "He won.", [("He won.", "")]),
    ("He won [a1e1].", "He won.", [("He won.", "")]),
    ("He won (b9z9).", "He won.", [("He won.", "")]),
    ("He won [b7k2, c9z9].", "He won [1].", [("He won.", "one")]),
    ("He won [key].", "He won.", [("He won.", "")]),
    ("He won [citation needed].", "He won.", [("He won.", "")]),
    # numbers that nobody gave out: in brackets, parentheses, raised
    ("He won (1). She lost (2).", "He won. She lost.", [("He won.", ""), ("She lost.", "")]),
    ("He won.(1) She lost.(1, 2)", "He won. She lost.", [("He won.", ""), ("She lost.", "")]),
    ("He won 【1】. She lost【2】.", "He won. She lost.", [("He won.", ""), ("She lost.", "")]),
    ("He won [^1]. She lost.[^2]", "He won. She lost.", [("He won.", ""), ("She lost.", "")]),
    ("He won.¹ She lost in Minsk².", "He won. She lost in Minsk.", [("He won.", ""), ("She lost in Minsk.", "")]),
    ("He won<sup>1</sup>. She <sup>[b7k2]</sup>.", "He won. She [1].", [("He won.", ""), ("She.", "one")]),
    # numbers that the reply itself explains
    ("He won [1]. She led [2].\n\nSources:\n[1] A bridge opens in Riga\n[2] Minsk hosts the summit, BelTA",
     "He won. She led.\n\n[1]\nMinsk hosts the summit, BelTA", [("He won.", "two"), ("She led.", "one")]),
    ("He won [^1].\n\n[^1]: b7k2", "He won.\n\n: [1]", [("He won.", "one")]),
    ("He won (1).\n\n**References**\n1. [c3d4] A bridge opens in Riga", "He won.\n\nReferences\n1. [1]",
     [("He won.", "two")]),
    # links, pictures and HTML
    ("He won [b7k2](http://x.example/a).", "He won [1].", [("He won.", "one")]),
    ("He [won](https://x.example/a?b=(c)) [b7k2].", "He won [1].", [("He won.", "one")]),
    ("He won ![pic](http://x.example/p.png?q=b7k2) [b7k2].", "He won [1].", [("He won.", "one")]),
    ("He won. See https://www.x.example/a [b7k2]", "He won. See x.example/a [1]",
     [("He won.", ""), ("See x.example/a", "one")]),
    ("He <b>won</b> <a href='http://x.example'>here</a><br> [b7k2].", "He won here [1].", [("He won here.", "one")]),
    ("He won [b7k2].<script>alert('x')</script><img src=x onerror=alert(1)>", "He won [1].", [("He won.", "one")]),
    # a table
    ("| Year | Who |\n|---|:--|\n| 2017 | He won [b7k2] |\n| 2018 | She |", "Year, Who:\n2017, He won [1]\n2018, She",
     [("Year, Who:", ""), ("2017, He won", "one"), ("2018, She", "")]),
    # what is no marker at all
    ("It is 10 km² and m² (2).", "It is 10 km² and m² (2).", [("It is 10 km² and m² (2).", "")]),
    ("Both (1) the mayor and (2) the council.", "Both (1) the mayor and (2) the council.",
     [("Both (1) the mayor and (2) the council.", "")]),
    ("He [the man] won in [2017] (2).", "He [the man] won in [2017] (2).", [("He [the man] won in [2017] (2).", "")]),
    ("The [G20] met (in Minsk) [...].", "The [G20] met (in Minsk) [...].", [("The [G20] met (in Minsk) [...].", "")]),
    ("It is 5 * 3 < 20 and M*A*S*H.", "It is 5 * 3 < 20 and M*A*S*H.", [("It is 5 * 3 < 20 and M*A*S*H.", "")]),
    ("Sold to Obituary (obituary).", "Sold to Obituary (obituary).", [("Sold to Obituary (obituary).", "")]),
    # Markdown and prefaces
    ("## Result\n**He** *won* [b7k2].", "Result\nHe won [1].", [("Result", ""), ("He won.", "one")]),
    ("**Answer:** He `won` __twice__ [b7k2].", "He won twice [1].", [("He won twice.", "one")]),
    ("> He won [b7k2].\n---\nShe lost.", "He won [1].\n\nShe lost.", [("He won.", "one"), ("She lost.", "")]),
    # thoughts
    ("<think>Is it [b7k2]?</think>He won [c3d4].", "He won [1].", [("He won.", "two")]),
    ("He lost? [b7k2]\n</think>\n\nHe won [c3d4].", "He won [1].", [("He won.", "two")]),
    # a list, and a repetition
    ("- He won [b7k2]\n- She lost [c3d4]", "- He won [1]\n- She lost [2]", [("He won", "one"), ("She lost", "two")]),
    ("1. He won. [b7k2]\n2. [c3d4] She is", "1. He won. [1]\n2. [2] She is", [("He won.", "one"), ("She is", "two")]),
    ("He won [b7k2]. He won [b7k2].", "He won [1]. He won [1].", [("He won.", "one")]),
    # cut off in the middle of a marker
    ("He won [b7k2]. She lost [c3", "He won [1]. She lost [c3", [("He won.", "one"), ("She lost [c3", "")]),
    ("He won [", "He won [", [("He won", "")]),
    # other scripts
    ("Он пришёл [b7k2]. Она тут [c3d4].", "Он пришёл [1]. Она тут [2].", [("Он пришёл.", "one"), ("Она тут.", "two")]),
    ("", "", []),
    ("<think>Nothing", "", []),
    ("...", "...", []),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "draft", "claims"), FORMS, ids=[raw.replace("\n", "/") for raw, _, _ in FORMS])
def test_a_reply_is_read(raw: str, draft: str, claims: list[tuple[str, str]]) -> None:
    assert read_draft(raw, KEYS, finished=True) == draft
    assert read(raw) == claims


NUMBERS = {"1": ONE, "2": TWO, "3": THREE}
NUMBERED = [
    ("He won [1].", "He won [1].", [("He won.", "one")]),
    ("He won. [2] She lost. [3]", "He won. [1] She lost. [2]", [("He won.", "two"), ("She lost.", "three")]),
    ("He won [1, 3].", "He won [1][2].", [("He won.", "one three")]),
    ("He won [1][2] and led [1].", "He won [1][2] and led [1].", [("He won and led.", "one two")]),
    ("He won 【2†source】.", "He won [1].", [("He won.", "two")]),
    ("He won [passage 2].", "He won [1].", [("He won.", "two")]),
    ("He won (passage 2).", "He won [1].", [("He won.", "two")]),
    ("He won (1). She lost (2).", "He won [1]. She lost [2].", [("He won.", "one"), ("She lost.", "two")]),
    ("He won.¹ She lost.³", "He won. [1] She lost. [2]", [("He won.", "one"), ("She lost.", "three")]),
    ("He won<sup>2</sup>.", "He won [1].", [("He won.", "two")]),
    ("As passage 2 says, he won.", "As the article [1] says, he won.", [("As the article says, he won.", "two")]),
    ("According to passage [3], he won.", "According to the article [1], he won.",
     [("According to the article, he won.", "three")]),
    ("He won.\n\nSources: 1, 2", "He won.\n\n[1][2]", [("He won.", "one two")]),
    ("He won.\nSource: BelTA, 2 March 2017", "He won.", [("He won.", "")]),
    ("He won [9].", "He won.", [("He won.", "")]),
    ("<passage 7>\nHe won.\n</passage 7>", "He won.", [("He won.", "")]),
    # numbers that cite nothing
    ("He won 2 of 3 races in 1 day.", "He won 2 of 3 races in 1 day.", [("He won 2 of 3 races in 1 day.", "")]),
    ("It cost 1.5 million [2].", "It cost 1.5 million [1].", [("It cost 1.5 million.", "two")]),
    ("1. He won [2]\n2. She lost [1]", "1. He won [1]\n2. She lost [2]", [("He won", "two"), ("She lost", "one")]),
    ("Both (1) the mayor and (2) the council.", "Both (1) the mayor and (2) the council.",
     [("Both (1) the mayor and (2) the council.", "")]),
    ("He won [on 2 March].", "He won [on 2 March].", [("He won [on 2 March].", "")]),
    ("Article 1 [3] is old.", "Article 1 [1] is old.", [("Article 1 is old.", "three")]),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "draft", "claims"), NUMBERED, ids=[raw.replace("\n", "/") for raw, _, _ in NUMBERED])
def test_plain_numbers_are_read(raw: str, draft: str, claims: list[tuple[str, str]]) -> None:
    assert read_draft(raw, NUMBERS, finished=True) == draft
    found = [(claim.text, " ".join(span.article.id for span in claim.cites)) for claim in read_claims(raw, NUMBERS)]
    assert found == claims
    shown = ""
    for end in range(len(raw) + 1):
        step = read_draft(raw[:end], NUMBERS)
        assert step.startswith(shown)
        shown = step
    assert draft.startswith(shown)


STREAMED = [raw for raw, _, _ in FORMS if not raw.partition("</think>")[1] or raw.startswith("<think>")]


@pytest.mark.parametrize("raw", STREAMED, ids=[raw.replace("\n", "/") for raw in STREAMED])
def test_nothing_that_was_shown_is_taken_back(raw: str) -> None:
    shown = ""
    for end in range(len(raw) + 1):
        step = read_draft(raw[:end], KEYS)
        assert step.startswith(shown)
        assert "b7k" not in step.casefold() and "c3d" not in step
        shown = step
    assert read_draft(raw, KEYS, finished=True).startswith(shown)


def test_bullets_and_paragraphs_stand_before_their_sentences() -> None:
    raw = "Two things [b7k2]. Namely:\n\n\n- **He** won. [b7k2] Twice.\n  * She lost [c3d4]\n10. They drew."
    assert [(claim.prefix, claim.text) for claim in read_claims(raw, KEYS)] == [
        ("", "Two things."),
        (" ", "Namely:"),
        ("\n\n- ", "He won."),
        (" ", "Twice."),
        ("\n* ", "She lost"),
        ("\n10. ", "They drew."),
    ]


def test_a_text_without_any_keys_is_read() -> None:
    assert read_draft("He won [b7k2].", {}, finished=True) == "He won."
    assert [claim.text for claim in read_claims("He won [b7k2]. Source: he.", {})] == ["He won."]


@pytest.mark.parametrize(
    "text",
    [
        "The articles do not say.",
        "the articles do not say",
        '"The articles do not say."',
        "**The articles do not say.**",
        "The articles do not say [b7k2].",
        "The articles do not say. b7k2",
        "The articles do not say who won the prize.",
        "Unfortunately, the articles do not say.",
        "The articles do not say. The articles do not say.",
        "<think>He won?</think>The articles do not say.",
        "The passages do not mention this.",
        "I don't know.",
        "The article does not say.",
        "It is not stated in the passages.",
        "The date of the meeting is not mentioned.",
        "I'm sorry, but the passages do not mention it.",
        "None of the passages answer the question [1].",
        "There is no information about this. I cannot answer.",
        "В статьях об этом не говорится.",
        "Я не знаю.",
        "У статтях про це не йдеться.",
        "Die Artikel sagen dazu nichts.",
        "Ich weiß es nicht.",
        "Les articles ne le disent pas.",
        "Los artículos no lo dicen.",
        "Gli articoli non lo dicono.",
        "Os artigos não dizem.",
        "De artikelen vermelden dat niet.",
        "Artykuły o tym nie mówią.",
        "Bilmiyorum.",
    ],
)
def test_a_refusal(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "<think>The articles do not say.",
        "He won [b7k2].",
        "The articles do not say. But he won.",
        "The articles do not say who won, but it was in Minsk [b7k2].",
        "He won, but the articles do not say when.",
        "The articles say.",
        "The council does not oversee the market.",
        "The text of the law was not changed.",
        "Nobody was hurt.",
        "He won. The passages do not mention when.",
        "Hello, here is the answer.",
        "Министр не приехал в Минск.",
        "Der Minister kam nicht.",
    ],
)
def test_no_refusal(text: str) -> None:
    assert not refuses(text)


# --- outlets ---------------------------------------------------------------------------------------------------------

OUTLETS = {
    "b7k2": Passage(Article("one", "Minsk hosts the summit", "Text.", "BelTA", dt.date(2017, 1, 19)), 0, 5),
    "c3d4": Passage(Article("two", "A bridge opens in Riga", "Text.", "The Baltic Post", dt.date(2017, 1, 20)), 0, 5),
    "f5g6": Passage(Article("three", "Another day", "Text.", "BelTA", dt.date(2017, 2, 3)), 0, 5),
}


@pytest.mark.parametrize(
    ("raw", "text", "cites"),
    [
        ("He won (The Baltic Post).", "He won.", "two"),
        ("He won [The Baltic Post, 20 January 2017].", "He won.", "two"),
        ("He won (BelTA).", "He won.", "one three"),
        ("He won (BelTA, 3 February 2017).", "He won.", "three"),
        ("He won (BelTA, 2017-01-19).", "He won.", "one"),
        ("He won. Source: BelTA, January 19, 2017", "He won.", "one"),
        ("He won (BelTA and The Baltic Post).", "He won (BelTA and The Baltic Post).", ""),
        ("He won (BelTA said so).", "He won (BelTA said so).", ""),
        ("He won (Reuters).", "He won (Reuters).", ""),
        ("He won in 2017 (January).", "He won in 2017 (January).", ""),
    ],
)
def test_an_outlet_stands_for_its_passages(raw: str, text: str, cites: str) -> None:
    (claim,) = read_claims(raw, OUTLETS)
    assert (claim.text, " ".join(span.article.id for span in claim.cites)) == (text, cites)


# --- a reply that goes wrong -----------------------------------------------------------------------------------------


class Recited:
    """A model that says its pieces, without end where they have none, and remembers how many it said."""

    name = "recited:pieces"
    where = "this machine"

    def __init__(self, pieces: Iterator[str]) -> None:
        self.pieces = pieces
        self.said = 0

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        for piece in self.pieces:
            self.said += 1
            yield piece


def numbers(sentence: str) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield sentence.format(number)


def test_a_reply_is_shown_as_it_grows() -> None:
    pieces = ["<think>", "hm", "</think>", "He ", "won [b", "7k2", "]. She", " lost."]
    reply = Reply(Recited(iter(pieces)), (), KEYS)
    assert list(reply) == ["He", "He won", "He won [1].", "He won [1]. She lost."]


def test_an_endless_reply_is_cut_after_a_whole_sentence() -> None:
    model = Recited(numbers("This is sentence {} of many. "))
    reply = Reply(model, (), KEYS)
    final = list(reply)[-1]
    assert REPLY_LIMIT * 0.9 < len(final) <= REPLY_LIMIT
    assert final.endswith(" of many.")
    assert reply.claims[-1].text == f"This is sentence {model.said - 1} of many."


def test_a_reply_that_repeats_one_word_has_no_sentence() -> None:
    model = Recited(numbers("very "))
    with pytest.raises(ModelError, match="repeated itself before its first sentence ended"):
        list(Reply(model, (), KEYS))
    assert model.said < 50


def test_a_loop_leaves_whole_sentences_and_says_so() -> None:
    reply = Reply(Recited(iter(["He won the race in Minsk. ", *["And so on and on it went round "] * 20])), (), KEYS)
    list(reply)
    assert [claim.text for claim in reply.claims] == ["He won the race in Minsk."] and reply.cut == "repeated itself"


def test_a_reply_is_ended_after_as_many_sentences_as_were_asked_for() -> None:
    model = Recited(numbers("This is sentence {} of many. "))
    reply = Reply(model, (), KEYS, most=2)
    list(reply)
    assert [claim.text for claim in reply.claims] == [f"This is sentence {n} of many." for n in (1, 2)]
    assert model.said < 6 and not reply.cut


def test_a_list_counts_as_one_sentence() -> None:
    items = "".join(f"- Item number {n}\n" for n in range(6))
    reply = Reply(Recited(iter([f"These are the items:\n{items}", "\nSo he said. And she left. "])), (), KEYS, most=3)
    list(reply)
    assert len(reply.claims) == 1 + 6 + 1


SYSTEM = Message("system", "Answer what is asked in whole sentences. Keep names and numbers as the passage has them.")


def test_what_repeats_the_prompt_is_cut_out() -> None:
    pieces = ["Keep names and numbers as the passage has them. Title: A bridge opens in Riga\n", "He won [b7k2]."]
    reply = Reply(Recited(iter(pieces)), (SYSTEM,), KEYS)
    list(reply)
    assert [claim.text for claim in reply.claims] == ["He won."]
    assert [claim.text for claim in reply.so_far[0]] == ["He won."]
    with pytest.raises(ModelError, match="only repeated its instructions"):
        list(Reply(Recited(iter([SYSTEM.content])), (SYSTEM,), KEYS))


def test_a_model_that_only_thinks_wrote_no_answer() -> None:
    model = Recited(numbers("<think>thought {} " + "and " * 100))
    with pytest.raises(ModelError, match="recited:pieces on this machine wrote no answer"):
        list(Reply(model, (), KEYS))
    assert model.said < THOUGHT_LIMIT


@pytest.mark.parametrize("pieces", [[], [""], [" \n"], ["<think>hm</think>"], ["[7]"]])
def test_an_empty_reply_is_an_error(pieces: list[str]) -> None:
    with pytest.raises(ModelError, match="wrote no answer"):
        list(Reply(Recited(iter(pieces)), (), KEYS))


def test_private_characters_of_a_model_are_no_citations() -> None:
    assert read("He won\ue000\ue001.") == [("He won.", "")]


@pytest.mark.parametrize(
    ("raw", "finished"),
    [
        ("", 0),
        ("He won [b7k2", 0),
        ("He won [b7k2]. She lost to", 1),
        ("He won. She lost. They came back", 0),  # a marker to come can be for all of them
        ("He won. She lost [b7k2]. They came back", 2),
        ("He won. She lost.\n\nThey came back", 2),
        ("- He won\n- She lost\n- They came back", 2),
    ],
)
def test_a_sentence_is_finished_when_no_marker_to_come_can_be_its_own(raw: str, finished: int) -> None:
    claims, count = claims_so_far(raw, KEYS)
    assert count == finished <= max(len(claims) - 1, 0)
