"""Replies as models really write them: what a reader sees while they stream, and the claims in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from qa.ask.answer.claims import read_claims
from qa.ask.answer.draft import claims_so_far, read_draft
from qa.ask.answer.refusing import refuses
from qa.ask.answer.reply import REPLY_LIMIT, THOUGHT_LIMIT, Reply
from qa.errors import ModelError
from qa.models.base import Counted
from qa.types import Article, Message, Passage


def passage(id: str, title: str) -> Passage:
    return Passage(Article(id, title, "Text."), 0, 5)


ONE, TWO, THREE = (
    passage("one", "Minsk hosts the summit"),
    passage("two", "A bridge opens in Riga"),
    passage("three", "Obituary"),
)
PASSAGES = [ONE, TWO, THREE]


def read(raw: str) -> list[tuple[str, str]]:
    """Each claim's text, and the ids of its articles in one word."""
    return [(claim.text, " ".join(span.article.id for span in claim.cites)) for claim in read_claims(raw, PASSAGES)]


FORMS = [
    # the marker as it was asked for
    ("He won [1].", "He won [1].", [("He won.", "one")]),
    ("He won. [1]", "He won. [1]", [("He won.", "one")]),
    ("He won.[1]", "He won. [1]", [("He won.", "one")]),
    ("He won [3]. She lost [2].", "He won [1]. She lost [2].", [("He won.", "three"), ("She lost.", "two")]),
    ("He won. [2] She lost. [3]", "He won. [1] She lost. [2]", [("He won.", "two"), ("She lost.", "three")]),
    ("He won.[1]She lost.[2]", "He won. [1] She lost. [2]", [("He won.", "one"), ("She lost.", "two")]),
    ("He won [2] and led [1].", "He won [1] and led [2].", [("He won and led.", "two one")]),
    ("He won [1]. He led [1].", "He won [1]. He led [1].", [("He won.", "one"), ("He led.", "one")]),
    # several at once
    ("He won [1, 3].", "He won [1][2].", [("He won.", "one three")]),
    ("He won [1; 2 and 3].", "He won [1][2][3].", [("He won.", "one two three")]),
    ("He won [1–2].", "He won [1][2].", [("He won.", "one two")]),
    ("He won [1][2] and led [1].", "He won [1][2] and led [1].", [("He won and led.", "one two")]),
    ("He won [1], [2] and [1].", "He won [1][2].", [("He won.", "one two")]),
    # other brackets, other spellings
    ("He won 【2】.", "He won [1].", [("He won.", "two")]),
    ("He won 【2†source】.", "He won [1].", [("He won.", "two")]),
    ("He won【1†L3-L5】【2†L1-L9】.", "He won [1][2].", [("He won.", "one two")]),
    ("He won [[1]].", "He won [1].", [("He won.", "one")]),
    ("He won \\[1\\].", "He won [1].", [("He won.", "one")]),
    ("He won [^1].", "He won [1].", [("He won.", "one")]),
    ("He won [passage 2].", "He won [1].", [("He won.", "two")]),
    ("He won [Passage 1, Passage 2].", "He won [1][2].", [("He won.", "one two")]),
    ("He won [Source: 1].", "He won [1].", [("He won.", "one")]),
    ("He won (passage 2).", "He won [1].", [("He won.", "two")]),
    ("He won (see passage 1 and [2]).", "He won [1][2].", [("He won.", "one two")]),
    ("He won <passage 2>.", "He won [1].", [("He won.", "two")]),
    ("He won **[1]**.", "He won [1].", [("He won.", "one")]),
    ("He won (1). She lost (2).", "He won [1]. She lost [2].", [("He won.", "one"), ("She lost.", "two")]),
    ("He won.(1) She lost.(1, 2)", "He won. [1] She lost. [1][2]", [("He won.", "one"), ("She lost.", "one two")]),
    ("He won.¹ She lost in Minsk³.", "He won. [1] She lost in Minsk [2].",
     [("He won.", "one"), ("She lost in Minsk.", "three")]),
    ("He won<sup>2</sup>. She led<sup>[1]</sup>.", "He won [1]. She led [2].",
     [("He won.", "two"), ("She led.", "one")]),
    ("As passage 2 says, he won.", "As the article [1] says, he won.", [("As the article says, he won.", "two")]),
    ("Passages 1 and 2 say he won.", "The articles [1][2] say he won.", [("The articles say he won.", "one two")]),
    ("According to passage [3], he won.", "According to the article [1], he won.",
     [("According to the article, he won.", "three")]),
    ('He said "yes [1]" and left.', 'He said "yes [1]" and left.', [('He said "yes" and left.', "one")]),
    # the marker first
    ("[1] He won.", "[1] He won.", [("He won.", "one")]),
    ("[1] He won. [2] She lost.", "[1] He won. [2] She lost.", [("He won.", "one"), ("She lost.", "two")]),
    ("[1]: He won.\nPassage 2: She led.", "[1]: He won.\n[2] She led.", [("He won.", "one"), ("She led.", "two")]),
    # at the end of a paragraph, or below it
    ("He won. She lost. [1]", "He won. She lost. [1]", [("He won.", "one"), ("She lost.", "one")]),
    ("He won. She lost [1].", "He won. She lost [1].", [("He won.", ""), ("She lost.", "one")]),
    ("He won [2]. She lost. [1]", "He won [1]. She lost. [2]", [("He won.", "two"), ("She lost.", "one")]),
    ("He won.\n\n[1]", "He won.\n\n[1]", [("He won.", "one")]),
    ("He won.\n[1]\nShe lost.\n[2]", "He won.\n[1]\nShe lost.\n[2]", [("He won.", "one"), ("She lost.", "two")]),
    # sources by number, by name, in a list
    ("He won.\n\nSource: [1]", "He won.\n\n[1]", [("He won.", "one")]),
    ("He won.\n**Sources:** 1, 2", "He won.\n[1][2]", [("He won.", "one two")]),
    ("He won. (Source: [1]) She led [2].", "He won. [1] She led [2].", [("He won.", "one"), ("She led.", "two")]),
    ("He won. Source: [1] She lost.", "He won. [1] She lost.", [("He won.", "one"), ("She lost.", "")]),
    ("He won. Source: A bridge opens in Riga", "He won.", [("He won.", "")]),
    ("He won.\nSource: BelTA, 2 March 2017", "He won.", [("He won.", "")]),
    ("He won [A bridge opens in Riga].", "He won [1].", [("He won.", "two")]),
    ('He won ("A bridge opens in Riga", BelTA).', "He won [1].", [("He won.", "two")]),
    ("A bridge opens in Riga\nHe won.", "[1]\nHe won.", [("He won.", "two")]),
    ("He won.\n\nSources:\n1. Minsk hosts the summit\n2. A bridge opens in Riga", "He won.", [("He won.", "")]),
    ("He won [1]. She led [2].\n\nSources:\n[1] A bridge opens in Riga\n[2] Minsk hosts the summit, BelTA",
     "He won [1]. She led [2].", [("He won.", "one"), ("She led.", "two")]),
    ("He won [1].\n\n## References\n\n- [A bridge](https://x.example)", "He won [1].", [("He won.", "one")]),
    # what cites nothing
    ("He won [7, 8]. She lost [9].", "He won. She lost.", [("He won.", ""), ("She lost.", "")]),
    ("He won [1, 9].", "He won [1].", [("He won.", "one")]),
    ("<passage 7>\nHe won.\n</passage 7>", "He won.", [("He won.", "")]),
    # links, pictures and HTML
    ("He won [1](http://x.example/a).", "He won [1].", [("He won.", "one")]),
    ("He [won](https://x.example/a?b=(c)) [1].", "He won [1].", [("He won.", "one")]),
    ("He won ![pic](http://x.example/p.png?q=1) [1].", "He won [1].", [("He won.", "one")]),
    ("He won. See https://www.x.example/a [1]", "He won. See x.example/a [1]",
     [("He won.", ""), ("See x.example/a", "one")]),
    ("He <b>won</b> <a href='http://x.example'>here</a><br> [1].", "He won here [1].", [("He won here.", "one")]),
    ("He won [1].<script>alert('x')</script><img src=x onerror=alert(1)>", "He won [1].", [("He won.", "one")]),
    # a table
    ("| Year | Who |\n|---|:--|\n| 2017 | He won [1] |\n| 2018 | She |", "Year, Who:\n2017, He won [1]\n2018, She",
     [("Year, Who:", ""), ("2017, He won", "one"), ("2018, She", "")]),
    # numbers and brackets that are no markers
    ("He won 2 of 3 races in 1 day.", "He won 2 of 3 races in 1 day.", [("He won 2 of 3 races in 1 day.", "")]),
    ("It cost 1.5 million [2].", "It cost 1.5 million [1].", [("It cost 1.5 million.", "two")]),
    ("1. He won [2]\n2. She lost [1]", "1. He won [1]\n2. She lost [2]", [("He won", "two"), ("She lost", "one")]),
    ("It is law (Article 5).", "It is law (Article 5).", [("It is law (Article 5).", "")]),
    ("Article 1 [3] is old.", "Article 1 [1] is old.", [("Article 1 is old.", "three")]),
    ("He won [on 2 March].", "He won [on 2 March].", [("He won [on 2 March].", "")]),
    ("It is 10 km² and m² (2).", "It is 10 km² and m² (2).", [("It is 10 km² and m² (2).", "")]),
    ("Both (1) the mayor and (2) the council.", "Both (1) the mayor and (2) the council.",
     [("Both (1) the mayor and (2) the council.", "")]),
    ("He [the man] won in [2017] (2).", "He [the man] won in [2017] (2).", [("He [the man] won in [2017] (2).", "")]),
    ("The [G20] met (in Minsk) [...].", "The [G20] met (in Minsk) [...].", [("The [G20] met (in Minsk) [...].", "")]),
    ("It is 5 * 3 < 20 and M*A*S*H.", "It is 5 * 3 < 20 and M*A*S*H.", [("It is 5 * 3 < 20 and M*A*S*H.", "")]),
    ("Sold to Obituary (obituary).", "Sold to Obituary (obituary).", [("Sold to Obituary (obituary).", "")]),
    ("Sources say that he won.", "Sources say that he won.", [("Sources say that he won.", "")]),
    # Markdown and prefaces
    ("## Result\n**He** *won* [1].", "Result\nHe won [1].", [("Result", ""), ("He won.", "one")]),
    ("**Answer:** He `won` __twice__ [1].", "He won twice [1].", [("He won twice.", "one")]),
    ("> He won [1].\n---\nShe lost.", "He won [1].\n\nShe lost.", [("He won.", "one"), ("She lost.", "")]),
    # thoughts
    ("<think>Is it [1]?</think>He won [2].", "He won [1].", [("He won.", "two")]),
    ("He lost? [1]\n</think>\n\nHe won [2].", "He won [1].", [("He won.", "two")]),
    # a list, and a repetition
    ("- He won [1]\n- She lost [2]", "- He won [1]\n- She lost [2]", [("He won", "one"), ("She lost", "two")]),
    ("1. He won. [1]\n2. [2] She is", "1. He won. [1]\n2. [2] She is", [("He won.", "one"), ("She is", "two")]),
    ("He won [1]. He won [1].", "He won [1]. He won [1].", [("He won.", "one")]),
    # cut off in the middle of a marker
    ("He won [1]. She lost [2", "He won [1]. She lost [2", [("He won.", "one"), ("She lost [2", "")]),
    ("He won [", "He won [", [("He won", "")]),
    # other scripts
    ("Он пришёл [1]. Она тут [2].", "Он пришёл [1]. Она тут [2].", [("Он пришёл.", "one"), ("Она тут.", "two")]),
    ("他赢了[1]。她输了【2】。", "他赢了 [1]。她输了 [2]。", [("他赢了。", "one"), ("她输了。", "two")]),
    ("", "", []),
    ("<think>Nothing", "", []),
    ("...", "...", []),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "draft", "claims"), FORMS, ids=[raw.replace("\n", "/") for raw, _, _ in FORMS])
def test_a_reply_is_read(raw: str, draft: str, claims: list[tuple[str, str]]) -> None:
    assert read_draft(raw, PASSAGES, finished=True) == draft
    assert read(raw) == claims


STREAMED = [raw for raw, _, _ in FORMS if not raw.partition("</think>")[1] or raw.startswith("<think>")]


@pytest.mark.parametrize("raw", STREAMED, ids=[raw.replace("\n", "/") for raw in STREAMED])
def test_nothing_that_was_shown_is_taken_back(raw: str) -> None:
    shown = ""
    for end in range(len(raw) + 1):
        step = read_draft(raw[:end], PASSAGES)
        assert step.startswith(shown)
        shown = step
    assert read_draft(raw, PASSAGES, finished=True).startswith(shown)


def test_bullets_and_paragraphs_stand_before_their_sentences() -> None:
    raw = "Two things [1]. Namely:\n\n\n- **He** won. [1] Twice.\n  * She lost [2]\n10. They drew."
    assert [(claim.prefix, claim.text) for claim in read_claims(raw, PASSAGES)] == [
        ("", "Two things."),
        (" ", "Namely:"),
        ("\n\n- ", "He won."),
        (" ", "Twice."),
        ("\n* ", "She lost"),
        ("\n10. ", "They drew."),
    ]


def test_a_text_without_any_passages_is_read() -> None:
    assert read_draft("He won [1].", [], finished=True) == "He won."
    assert [claim.text for claim in read_claims("He won [1]. Source: he.", [])] == ["He won."]


@pytest.mark.parametrize(
    "text",
    [
        "The articles do not say.",
        "the articles do not say",
        '"The articles do not say."',
        "**The articles do not say.**",
        "The articles do not say [1].",
        "The articles do not say (see passages 1 and 2).",
        "The articles do not say who won the prize.",
        "Unfortunately, the articles do not say.",
        "The articles do not say. The articles do not say.",
        "<think>He won?</think>The articles do not say.",
        "The passages do not mention this.",
        "I don't know.",
        "The article does not say.",
        "It is not stated in the passages.",
        "The date of the meeting is not mentioned.",
        "The exact date isn't mentioned in the passages.",
        "The names weren't given in the articles.",
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
        "He won [1].",
        "The articles do not say. But he won.",
        "The articles do not say who won, but it was in Minsk [1].",
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
    pieces = ["<think>", "hm", "</think>", "He ", "won [", "1", "]. She", " lost."]
    reply = Reply(Recited(iter(pieces)), (), PASSAGES)
    assert list(reply) == ["He", "He won", "He won [1].", "He won [1]. She", "He won [1]. She lost."]


def test_an_endless_reply_is_cut_after_a_whole_sentence() -> None:
    model = Recited(numbers("This is sentence {} of many. "))
    reply = Reply(model, (), PASSAGES)
    final = list(reply)[-1]
    assert REPLY_LIMIT * 0.9 < len(final) <= REPLY_LIMIT
    assert final.endswith(" of many.")
    assert reply.claims[-1].text == f"This is sentence {model.said - 1} of many."


def test_a_reply_that_repeats_one_word_has_no_sentence() -> None:
    model = Recited(numbers("very "))
    with pytest.raises(ModelError, match="repeated itself before its first sentence ended"):
        list(Reply(model, (), PASSAGES))
    assert model.said < 50


def test_a_loop_leaves_whole_sentences_and_says_so() -> None:
    reply = Reply(
        Recited(iter(["He won the race in Minsk. ", *["And so on and on it went round "] * 20])), (), PASSAGES
    )
    list(reply)
    assert [claim.text for claim in reply.claims] == ["He won the race in Minsk."] and reply.cut == "repeated itself"


def test_a_reply_is_ended_after_as_many_sentences_as_were_asked_for() -> None:
    model = Recited(numbers("This is sentence {} of many. "))
    reply = Reply(model, (), PASSAGES, most=2)
    list(reply)
    assert [claim.text for claim in reply.claims] == [f"This is sentence {n} of many." for n in (1, 2)]
    assert model.said < 6 and not reply.cut


def test_a_reply_that_has_no_more_room_leaves_whole_sentences_and_says_so() -> None:
    pieces = ["He won the race in Minsk. ", "The council oversees 17 piers and the fish", Counted(9, 9, is_cut=True)]
    reply = Reply(Recited(iter(pieces)), (), PASSAGES)
    list(reply)
    assert [claim.text for claim in reply.claims] == ["He won the race in Minsk."] and reply.cut == "had no more room"


def test_a_list_counts_as_one_sentence() -> None:
    items = "".join(f"- Item number {n}\n" for n in range(6))
    reply = Reply(
        Recited(iter([f"These are the items:\n{items}", "\nSo he said. And she left. "])), (), PASSAGES, most=3
    )
    list(reply)
    assert len(reply.claims) == 1 + 6 + 1


SYSTEM = Message("system", "Answer what is asked in whole sentences. Keep names and numbers as the passage has them.")


def test_what_repeats_the_prompt_is_cut_out() -> None:
    pieces = [
        "Keep names and numbers as the passage has them. Title: A bridge opens in Riga\n",
        "He won [1]. She left.",
    ]
    reply = Reply(Recited(iter(pieces)), (SYSTEM,), PASSAGES)
    list(reply)
    assert [claim.text for claim in reply.claims] == ["He won.", "She left."]
    assert [claim.text for claim in reply.so_far[0]][0] == "He won."
    with pytest.raises(ModelError, match="only repeated its instructions"):
        list(Reply(Recited(iter([SYSTEM.content])), (SYSTEM,), PASSAGES))


def test_a_model_that_only_thinks_wrote_no_answer() -> None:
    model = Recited(numbers("<think>thought {} " + "and " * 100))
    with pytest.raises(ModelError, match="recited:pieces on this machine wrote no answer"):
        list(Reply(model, (), PASSAGES))
    assert model.said < THOUGHT_LIMIT


@pytest.mark.parametrize("pieces", [[], [""], [" \n"], ["<think>hm</think>"], ["[7]"]])
def test_an_empty_reply_is_an_error(pieces: list[str]) -> None:
    with pytest.raises(ModelError, match="wrote no answer"):
        list(Reply(Recited(iter(pieces)), (), PASSAGES))


def test_private_characters_of_a_model_are_no_citations() -> None:
    assert read("He won\ue000\ue001.") == [("He won.", "")]


@pytest.mark.parametrize(
    ("raw", "finished"),
    [
        ("", 0),
        ("He won [1", 0),
        ("He won [1]. She lost to", 1),
        ("He won. She lost. They came back", 0),  # a marker to come can be for all of them
        ("He won. She lost [1]. They came back", 2),
        ("He won. She lost. [1] They", 0),  # for both, or for the second alone: the next word tells
        ("He won. She lost. [1] They came back", 2),
        ("He won. She lost.\n\nThey came back", 2),
        ("- He won\n- She lost\n- They came back", 2),
    ],
)
def test_a_sentence_is_finished_when_no_marker_to_come_can_be_its_own(raw: str, finished: int) -> None:
    claims, count = claims_so_far(raw, PASSAGES)
    assert count == finished <= max(len(claims) - 1, 0)
