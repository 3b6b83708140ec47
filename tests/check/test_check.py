"""The citation check as a specification: what a sentence may say about a passage, and what the reader is told."""

import datetime as dt
import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.check import Checker, check
from qa.check.claims import NO_STATEMENT
from qa.check.evidence import PREMISE_WORDS
from qa.errors import ModelError
from qa.language.text import sentence_spans, words
from qa.models import Entailment
from qa.models.base import SupportFit
from qa.prompts import refusal
from qa.types import Article, Citation, Claim, Hit, Passage, Sentence, Span

SUMMIT = Article(
    "summit",
    "Lakeside summit passes the gavel",
    "Norland handed the chairmanship of the Lake Council over to Estmark at a meeting in Port Arden on Thursday. "
    '"We will do all we can to keep the lakes open," said Ivor Brandt, head of the council\'s secretariat. '
    "Trade between the members rose by 12 per cent to 5 million dollars in 2016, he added.\n\n"
    "Estmark did not say whether it would change the budget. President Mira Solvay may visit Port Arden in "
    "February, officials said. The council has eight members.\n\n"
    "Fishermen blocked the harbour before the meeting. Their leader, Tomas Reyl, accused the council of ignoring them.",
    "The Arden Courier",
    dt.date(2017, 1, 20),
)
WEATHER = Article(
    "weather",
    "A mild week",
    "The weather was fine in Port Arden all week. Nobody complained about the 30 degrees.",
    "The Daily Buoy",
    dt.date(2017, 1, 21),
)


def passage(article: Article, number: int = 0) -> Passage:
    return Passage(article, 0, len(article.text), number)


HITS = [Hit(passage(SUMMIT, 1), 1.0), Hit(passage(WEATHER, 2), 0.5)]


def checked(text: str, *cites: Span, hits: list[Hit] | None = None) -> tuple[Sentence, tuple[Citation, ...]]:
    [sentence], citations = check([Claim(text, cites)], HITS if hits is None else hits)
    return sentence, citations


TABLE = [
    # the article's own words
    ("The council has eight members.", "verbatim", ""),
    ("The council has eight members", "verbatim", ""),
    ("  The council\nhas eight members. ", "verbatim", ""),
    (
        "“We will do all we can to keep the lakes open,” said Ivor Brandt, head of the council’s secretariat.",
        "verbatim",
        "",
    ),
    ("The council has eight members. Fishermen blocked the harbour before the meeting.", "verbatim", ""),
    (
        "President Mira Solvay may visit Port Arden in February, officials said. ... The council has eight members.",
        "verbatim",
        "",
    ),
    # fair rewording
    ("Norland handed the chairmanship over to Estmark at a meeting in Port Arden.", "supported", ""),
    ("Norland handed the chairmanship over to Estmark on 19 January 2017.", "supported", ""),
    ("Trade between the members rose by 12% to $5m in 2016.", "supported", ""),
    ("Estmark didn't say whether it would change the budget.", "supported", ""),
    ('Brandt said: "We will do all we can to keep the lakes open."', "supported", ""),
    ("Solvay may visit Port Arden in February, officials told reporters.", "supported", ""),
    ("The council has 8 members.", "supported", ""),
    # numbers, dates, names
    ("The council has nine members.", "unsupported", "the number nine is not in the cited passage"),
    (
        "Trade between the members rose by 13% to $5m in 2016.",
        "unsupported",
        "the percentage 13% is not in the cited passage",
    ),
    ("Trade between the members rose by 12% to $6m in 2016.", "unsupported", "the sum $6m is not in the cited passage"),
    ("Trade between the members rose by 12% in 2015.", "unsupported", "the date 2015 is not in the cited passage"),
    ("Norland handed the chairmanship over on 18 January 2017.", "unsupported", "the date 18 January 2017 is not in"),
    (
        "President Vera Holm may visit Port Arden in February.",
        "unsupported",
        "the name Vera Holm is not in the cited article",
    ),
    ("The NATO council has eight members.", "unsupported", "the name NATO is not in the cited article"),
    # who did what to whom
    (
        "Estmark handed the chairmanship over to Norland at a meeting.",
        "unverified",
        'the source says "Norland" where this says "Estmark"',
    ),
    ("Tomas Reyl may visit Port Arden in February, officials said.", "unverified", "where this says"),
    # quotations and who said them
    ('Brandt said "we will do nothing to keep the lakes open".', "unsupported", "is not verbatim"),
    (
        '"We will do all we can to keep the lakes open," said Mira Solvay.',
        "unsupported",
        "attributed to Mira Solvay, who does not",
    ),
    # negation, direction, certainty
    ("Estmark said whether it would change the budget.", "unsupported", 'negation differs: "not"'),
    ("The council does not have eight members.", "unsupported", 'negation differs: "not"'),
    ("Trade between the members fell by 12 per cent in 2016.", "unsupported", "direction differs: fell / rose"),
    ("Fishermen blocked the harbour after the meeting.", "unsupported", "direction differs: after / before"),
    ("President Mira Solvay will visit Port Arden in February.", "unverified", 'the source is less certain: "may"'),
    ("Perhaps the council has eight members.", "unverified", 'the source does not say "perhaps"'),
    (
        "Fishermen blocked the harbour on 20 January 2017.",
        "unverified",
        "20 January 2017 is when the article was published",
    ),
    # in other words
    ("The members bought and sold more in 2016.", "unverified", "not in the words of the cited passage: bought, sold"),
    ("The moon is made of cheese.", "unsupported", "the cited passage says nothing of this"),
]


@pytest.mark.parametrize(("claim", "verdict", "reason"), TABLE, ids=[row[0][:60] for row in TABLE])
def test_verdicts(claim: str, verdict: str, reason: str) -> None:
    sentence, citations = checked(claim, passage(SUMMIT))
    assert sentence.verdict == verdict, sentence.reasons
    assert reason in "; ".join(sentence.reasons)
    assert bool(sentence.reasons) == (verdict in ("unverified", "unsupported"))
    assert all(c.quote == c.article.text[c.start : c.end] for c in citations)


@pytest.mark.parametrize(
    "claim",
    [
        "it would change the budget.",
        "We will do all we can to keep the lakes open.",
        "The council has eight members. ... Trade between the members rose by 12 per cent to 5 million dollars.",
        "Norland ... did not say whether it would change the budget.",
    ],
)
def test_a_stretch_that_cuts_into_a_sentence_or_changes_the_order_is_not_verbatim(claim: str) -> None:
    assert checked(claim, passage(SUMMIT))[0].verdict != "verbatim"


ASKED = Article(
    "asked",
    "Talks",
    'The talks ended. "We won," said Brandt. "The enemy is destroyed." The deal is dead? Nobody knew.',
)


@pytest.mark.parametrize(
    ("claim", "is_verbatim"),
    [
        ("The enemy is destroyed.", False),
        ('"The enemy is destroyed."', True),
        ("«The enemy is destroyed.»", True),
        ("The deal is dead.", False),
        ("The deal is dead?", True),
        ("The talks ended", True),
    ],
)
def test_what_somebody_says_or_asks_is_not_verbatim_as_a_statement(claim: str, is_verbatim: bool) -> None:
    assert (checked(claim, passage(ASKED))[0].verdict == "verbatim") == is_verbatim


def test_an_ellipsis_may_not_leave_out_a_negation() -> None:
    article = Article("a", "", "It was late. Nobody slept. It was not safe. All was well.")
    assert checked("It was late ... All was well.", passage(article))[0].verdict != "verbatim"


def test_the_evidence_is_whole_sentences_and_the_smallest_that_say_it() -> None:
    _, [citation] = checked("Trade rose by 12% to 5 million dollars.", passage(SUMMIT))
    assert citation.quote == "Trade between the members rose by 12 per cent to 5 million dollars in 2016, he added."


def test_a_verbatim_citation_is_exactly_the_quoted_stretch() -> None:
    _, [citation] = checked("The council has eight members", passage(SUMMIT))
    assert citation.quote == "The council has eight members."


def test_a_pronoun_may_be_resolved_by_the_sentence_before() -> None:
    article = Article("a", "", "Ivor Brandt came home on Sunday. He opened a bakery in the old harbour.")
    sentence, [citation] = checked("Ivor Brandt opened a bakery in the old harbour.", passage(article))
    assert sentence.verdict == "supported"
    assert citation.quote == article.text


def test_a_claim_may_rest_on_two_passages() -> None:
    claim = "The council has eight members, and the weather was fine in Port Arden all week."
    sentence, citations = checked(claim, passage(SUMMIT), passage(WEATHER))
    assert sentence.verdict == "supported"
    assert {c.quote for c in citations} == {
        "The council has eight members.",
        "The weather was fine in Port Arden all week.",
    }
    assert sentence.citations == (1, 2)


def test_a_citation_that_adds_nothing_is_left_out() -> None:
    sentence, citations = checked("The council has eight members.", passage(SUMMIT), passage(WEATHER))
    assert [c.article.id for c in citations] == ["summit"]
    assert sentence.citations == (1,)


# --- moving a citation ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", ["The council has eight members.", "The council has 8 members."])
def test_a_wrong_citation_moves_to_the_passage_that_says_it(claim: str) -> None:
    sentence, [citation] = checked(claim, passage(WEATHER))
    assert sentence.verdict in ("verbatim", "supported")
    assert sentence.reasons == ("citation moved to the passage that says it",)
    assert (citation.article.id, citation.quote) == ("summit", "The council has eight members.")


def test_a_missing_citation_is_added() -> None:
    sentence, [citation] = checked("The council has eight members.")
    assert (sentence.verdict, sentence.reasons) == ("verbatim", ("citation added: this passage says it",))
    assert citation.article.id == "summit"


def test_a_missing_citation_that_nothing_bears_out_stays_missing() -> None:
    sentence, citations = checked("The moon is made of cheese.")
    assert (sentence.verdict, sentence.reasons, sentence.citations) == ("unsupported", ("no citation",), ())
    assert citations == ()


@pytest.mark.parametrize("claim", ["Norland took the chairmanship over from Estmark.", "The council has nine members."])
@pytest.mark.parametrize("entailed", [None, 0.2])
def test_without_a_citation_a_sentence_is_judged_as_if_it_cited_what_has_most_of_its_words(
    claim: str, entailed: float | None
) -> None:
    verifier = None if entailed is None else Read(entailed, 0.0)
    without, with_one = (check([Claim(claim, cites)], HITS, verifier) for cites in ((), (HITS[0].passage,)))
    assert without == with_one
    assert without[1][0].article.id == "summit"


def test_what_nothing_found_speaks_of_is_not_red_for_want_of_a_citation() -> None:
    [sentence], citations = check([Claim("The moon is made of cheese.")], HITS, Read(0.2, 0.0))
    assert (sentence.verdict, sentence.reasons, citations) == ("unverified", ("no citation",), ())


def test_nothing_is_moved_to_a_passage_that_only_comes_close() -> None:
    sentence, citations = checked("The council has nine members.", passage(WEATHER))
    assert sentence.verdict == "unsupported"
    assert all(c.article.id == "weather" for c in citations)


def test_an_empty_citation_is_none() -> None:
    assert checked("The moon is made of cheese.", Span(SUMMIT, 5, 5))[0].reasons == ("no citation",)


# --- what a model decides ---------------------------------------------------------------------------------------------


class Read:
    """A verifier that finds the same of every pair, and remembers the pairs."""

    name, revision = "read:pairs", "1"
    languages = frozenset({"en"})
    fit = SupportFit()

    def __init__(self, entailed: float, contradicted: float) -> None:
        self.found = Entailment(entailed, 1 - entailed - contradicted, contradicted)
        self.pairs: list[tuple[str, str]] = []

    def reads(self, hypothesis: str) -> bool:
        return len(hypothesis.split()) < 70

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Entailment]:
        self.pairs += pairs
        return [self.found for _ in pairs]


def read(text: str, entailed: float, contradicted: float = 0.0) -> tuple[Sentence, Read]:
    verifier = Read(entailed, contradicted)
    [sentence], _ = check([Claim(text, (passage(SUMMIT),))], HITS, verifier)
    return sentence, verifier


FOLLOWS, CONTRARY = "follows from the passage, says read:pairs", "contradicts the passage, says read:pairs"
REWORDED = "The members bought and sold more in 2016."
OTHER_WORDS = "not in the words of the cited passage: bought, sold"
NINE = "The council has nine members."
NOT_NINE = "the number nine is not in the cited passage"
NOT_EIGHT = 'the source says "eight" where this says "nine"'
FAIR = "The council has 8 members."


@pytest.mark.parametrize(
    ("text", "entailed", "contradicted", "verdict", "reasons"),
    [
        (REWORDED, 0.95, 0.01, "supported", (FOLLOWS,)),
        (REWORDED, 0.6, 0.3, "unverified", (OTHER_WORDS,)),
        (REWORDED, 0.01, 0.2, "unverified", (OTHER_WORDS,)),
        (REWORDED, 0.01, 0.95, "unsupported", (CONTRARY, OTHER_WORDS)),
        (NINE, 0.1, 0.1, "unsupported", (NOT_NINE, NOT_EIGHT)),
        (NINE, 0.9, 0.0, "unverified", (NOT_NINE, NOT_EIGHT, FOLLOWS)),
        (FAIR, 0.9, 0.0, "supported", ()),
        (FAIR, 0.3, 0.1, "unverified", ("the cited passage may not bear this out",)),
    ],
)
def test_rules_and_a_verifier_decide_together(
    text: str, entailed: float, contradicted: float, verdict: str, reasons: tuple[str, ...]
) -> None:
    sentence, _ = read(text, entailed, contradicted)
    assert (sentence.verdict, sentence.reasons, sentence.support) == (verdict, reasons, entailed)


def test_a_verifier_reads_the_title_and_the_sentences_with_what_stands_round_them() -> None:
    _, verifier = read(REWORDED, 0.95)
    [(evidence, claim)] = verifier.pairs
    assert claim == REWORDED
    assert evidence.startswith(f"{SUMMIT.title}. ")
    assert "Trade between the members rose by 12 per cent" in evidence
    before, after = "head of the council's secretariat", "Estmark did not say whether"
    assert before in evidence and after in evidence
    assert evidence.index(before) < evidence.index("Trade between") < evidence.index(after)


def test_a_long_passage_costs_a_verifier_no_more_than_a_short_one() -> None:
    filler = "The ferry left the pier with forty sheep on board and came back in the evening. " * 200
    article = Article("long", "A long week", f"{filler}{SUMMIT.text} {filler}")
    verifier = Read(0.95, 0.0)
    [sentence], _ = check([Claim(REWORDED, (passage(article),))], [Hit(passage(article), 1.0)], verifier)
    [(evidence, _)] = verifier.pairs
    assert sentence.verdict == "supported" and len(evidence.split()) <= PREMISE_WORDS + len(article.title.split())


def test_one_sentence_has_one_verdict_alone_or_beside_others() -> None:
    cites = (passage(SUMMIT),)
    claims = [Claim(text, cites) for text in (REWORDED, NINE, FAIR)]
    together = check(claims, HITS, Read(0.9, 0.0))[0]
    alone = [check([claim], HITS, Read(0.9, 0.0))[0][0] for claim in claims]
    assert [(s.verdict, s.reasons, s.support) for s in together] == [(s.verdict, s.reasons, s.support) for s in alone]


def test_sentences_that_come_one_by_one_are_read_once_and_keep_their_verdicts() -> None:
    claims = [Claim(text, (passage(SUMMIT),)) for text in (REWORDED, NINE, FAIR)]
    verifier = Read(0.9, 0.0)
    checker = Checker(HITS, verifier)
    assert checker.made_by == ""
    for count in range(1, len(claims) + 1):
        assert checker.check(claims[:count]) == check(claims[:count], HITS, Read(0.9, 0.0))
    assert len(verifier.pairs) == len(claims)
    assert checker.made_by == "read:pairs@1"


GERMAN = "Der Rat hat acht Mitglieder, und der Handel zwischen ihnen ist im Jahr 2016 gewachsen."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (GERMAN, "read:pairs does not read the language"),
        (f"{REWORDED[:-1]}, {'and the council met, ' * 20}and that was all.", "too long a sentence for read:pairs"),
    ],
)
def test_what_a_verifier_does_not_read_gets_no_tick(text: str, reason: str) -> None:
    sentence, verifier = read(text, 1.0)
    assert sentence.verdict == "unverified" and sentence.reasons[-1] == reason
    assert not verifier.pairs and sentence.support is None


def test_a_verifier_that_names_no_languages_is_asked_in_all() -> None:
    verifier = Read(1.0, 0.0)
    article = Article(
        "rat", "Rat", "Dem Rat gehören acht Mitglieder an. Der Handel zwischen ihnen nahm im Jahr 2016 zu."
    )
    for languages, verdict in ((frozenset[str](), "supported"), (frozenset({"en"}), "unverified")):
        verifier.languages = languages
        [sentence], _ = check([Claim(GERMAN, (passage(article),))], [Hit(passage(article), 1.0)], verifier)
        assert sentence.verdict == verdict
    assert len(verifier.pairs) == 1


@pytest.mark.parametrize("text", ["The council has eight members.", "Hello!", "", "What did the council say?"])
def test_a_verifier_is_not_asked_what_is_word_for_word_or_claims_nothing(text: str) -> None:
    sentence, verifier = read(text, 0.0)
    assert sentence == checked(text, passage(SUMMIT))[0] and not verifier.pairs


def test_what_the_source_says_nothing_of_is_not_red_without_something_to_show() -> None:
    sentence, verifier = read("The moon is made of cheese.", 0.9)
    assert (sentence.verdict, sentence.reasons) == ("unverified", ("the cited passage says nothing of this",))
    assert not verifier.pairs


def test_where_the_verifier_fails_the_rules_go_on_alone_and_it_is_said() -> None:
    class Broken(Read):
        def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Entailment]:
            raise ModelError("The verifier cannot be loaded.")

    claims = [Claim(text, (passage(SUMMIT),)) for text in (REWORDED, NINE, FAIR)]
    checker = Checker(HITS, Broken(0.9, 0.0))
    assert checker.check(claims) == check(claims, HITS)
    assert (checker.failure, checker.made_by) == ("The verifier cannot be loaded.", "")


# --- what claims nothing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        refusal(),
        "The articles do not say who won.",
        "Unfortunately, the provided articles don't mention the budget.",
        "I could not find an answer.",
        "What did the council decide?",
        "Hello!",
        "Here is what the articles say:",
        "",
        "***",
    ],
)
def test_what_is_no_statement_needs_no_citation(text: str) -> None:
    sentence, citations = checked(text)
    assert (sentence.verdict, sentence.reasons, citations) == ("unverified", ("not a statement of fact",), ())


@pytest.mark.parametrize(
    "text",
    [
        "The articles do not say who won, but Mira Solvay resigned.",
        "Sure, Mira Solvay resigned.",
        "Hello, 40 people died.",
    ],
)
def test_politeness_hides_no_statement(text: str) -> None:
    assert checked(text)[0].reasons != (NO_STATEMENT,)


# --- numbers of citations ---------------------------------------------------------------------------------------------


def test_citations_are_numbered_in_the_order_of_first_use_and_reused() -> None:
    cite = (passage(WEATHER), passage(SUMMIT))
    texts = [
        "The weather was fine in Port Arden all week.",
        "The council has eight members.",
        "The weather was fine in Port Arden.",
    ]
    sentences, citations = check([Claim(text, cite) for text in texts], HITS)
    assert [s.citations for s in sentences] == [(1,), (2,), (1,)]
    assert [(c.n, c.article.id) for c in citations] == [(1, "weather"), (2, "summit")]


def test_evidence_inside_wider_evidence_shares_its_number() -> None:
    article = Article("a", "", "Ivor Brandt came home on Sunday. He opened a bakery in the old harbour.")
    claims = ["Ivor Brandt opened a bakery in the old harbour.", "He opened a bakery in the harbour."]
    sentences, citations = check([Claim(text, (passage(article),)) for text in claims], [])
    assert [s.citations for s in sentences] == [(1,), (1,)]
    assert [c.quote for c in citations] == [article.text]


def test_prefixes_and_texts_are_kept() -> None:
    [sentence], _ = check([Claim("The council has eight members.", (passage(SUMMIT),), "\n- ")], HITS)
    assert (sentence.prefix, sentence.text) == ("\n- ", "The council has eight members.")


def test_nothing_to_check() -> None:
    assert check([], []) == ((), ())
    assert check([], HITS) == ((), ())


# --- properties -------------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    "the a council Norland said rose fell 12 300 5% $4m not may Tuesday 2017 Mira Solvay quick märz Москва".split()
)
SENTENCES = st.lists(WORDS, min_size=3, max_size=12).map(lambda w: " ".join(w).capitalize() + ".")
TEXTS = st.lists(SENTENCES, min_size=1, max_size=8).map(" ".join)


@given(TEXTS, st.lists(SENTENCES, max_size=4), st.data())
@settings(max_examples=100, deadline=None)
def test_every_citation_is_numbered_once_and_quotes_its_article(
    text: str, claims: list[str], data: st.DataObject
) -> None:
    article = Article("a", "Title", text, date=dt.date(2017, 1, 20))
    cut = data.draw(st.integers(0, len(text)))
    cites = (Span(article, 0, cut), Span(article, cut, len(text)))
    sentences, citations = check([Claim(claim, cites) for claim in claims], [Hit(passage(article), 1.0)])
    assert [c.n for c in citations] == list(range(1, len(citations) + 1))
    assert all(c.quote == article.text[c.start : c.end] and c.quote for c in citations)
    assert len({(c.start, c.end) for c in citations}) == len(citations)
    assert {n for s in sentences for n in s.citations} == {c.n for c in citations}
    assert all(s.citations for s in sentences if s.verdict in ("verbatim", "supported"))
    assert all(s.reasons for s in sentences if s.verdict in ("unverified", "unsupported"))


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_every_sentence_of_a_passage_is_verbatim(text: str) -> None:
    article = Article("a", "", text)
    claims = [Claim(text[a:b], (passage(article),)) for a, b in sentence_spans(text)]
    sentences, citations = check(claims, [])
    assert {s.verdict for s in sentences} == {"verbatim"}
    assert all(words(s.text) == words(citations[s.citations[0] - 1].quote) for s in sentences)


@given(TEXTS.filter(lambda text: re.search(r"\d", text) is not None), st.data())
@settings(max_examples=100, deadline=None)
def test_a_changed_digit_is_neither_verbatim_nor_supported(text: str, data: st.DataObject) -> None:
    article = Article("a", "", text)
    spans = [(a, b) for a, b in sentence_spans(text) if re.search(r"\d", text[a:b])]
    a, b = data.draw(st.sampled_from(spans))
    at = data.draw(st.sampled_from([m.start() for m in re.finditer(r"\d", text[a:b])]))
    claim = (
        text[a : a + at] + "7" + text[a + at + 1 : b]
        if text[a + at] != "7"
        else text[a : a + at] + "8" + text[a + at + 1 : b]
    )
    assert checked(claim, passage(article), hits=[])[0].verdict in ("unverified", "unsupported")


# --- strange input ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["a ", "A. ", "1 ", '" ', "not ", "... ", "é", "he said ", "\n\n", "12 per cent of "])
def test_long_monotonous_input_is_checked_to_its_end(piece: str) -> None:
    text = piece * (8_000 // len(piece))
    article = Article("a", "", text)
    for claim in (text, text[: len(text) // 2] + " Solvay", "The council has eight members."):
        [sentence], _ = check([Claim(claim, (passage(article),))], [Hit(passage(article), 1.0)])
        assert sentence.text == claim


def test_other_scripts() -> None:
    article = Article("a", "", "Президент прибыл в Минск во вторник. Встреча прошла спокойно. 会议在明斯克举行。")
    assert checked("Встреча прошла спокойно.", passage(article))[0].verdict == "verbatim"
    assert checked("会议在明斯克举行。", passage(article))[0].verdict == "verbatim"
    assert checked("Президент прибыл в Москву во вторник.", passage(article))[0].verdict in (
        "unverified",
        "unsupported",
    )


def test_quotation_marks_and_composed_letters_do_not_matter() -> None:
    article = Article("a", "", 'The café said "no comment" - again.')
    assert (
        checked("The cafe\N{COMBINING ACUTE ACCENT} said “no comment” — again.", passage(article))[0].verdict
        == "verbatim"
    )
