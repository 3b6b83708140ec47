import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.ask.answer.answer_type import expect
from qa.ask.answer.answerer import Answered
from qa.ask.answer.extractive import ExtractiveAnswerer
from qa.ask.answer.score import WEIGHTS, confidence_of, load_model, score
from qa.errors import ModelError
from qa.language.text import sentence_spans, stems
from qa.models import load_reader
from qa.types import Article, Hit, Passage, Question, Turn

BRIDGE = """The harbour bridge in Larvik reopened on 3 May after two years of repairs.

The works cost 41 million euros, which is 6 million more than planned. Mayor Ingrid Solberg cut the ribbon before some
900 guests. "We have our bridge back," she said.

The reopening was delayed because divers found cracks in the eastern pier in October. The city council will publish a
report in June."""

FERRY = """Oslo's ferry operator Nordsund will end its night service in September.

Director Per Haugen said that passenger numbers fell by 38 percent last winter. He added that 52 workers will move to
day shifts."""

MEETING = """Ministers of the river states met in Basel on Thursday.

The meeting was attended by:

- Anna Keller, Minister of Transport of Switzerland.

- Jean Morel, Minister of Ecology of France.

- Karl Brandt, State Secretary of Germany.

They agreed to dredge the upper Rhine."""

PRIZE = """Marta Lindqvist won the Aurora Prize for her novel The Salt Road. She was born in Tartu in 1971. The jury
praised the book's humour."""


def hits(*texts: str) -> list[Hit]:
    articles = [Article(f"a{n}", "", text, date=dt.date(2024, 5, 4)) for n, text in enumerate(texts)]
    return [Hit(Passage(a, 0, len(a.text), n), 1 - n / 10) for n, a in enumerate(articles)]


def quote(question: Question, found: list[Hit], **options: float) -> Answered:
    return ExtractiveAnswerer(**options).quote(question, found)


def ask(question: str, *texts: str, **options: float) -> tuple[str, ...]:
    return tuple(claim.text for claim in quote(Question(question, question), hits(*texts), **options).claims)


@pytest.mark.parametrize(
    ("question", "texts", "expected"),
    [
        (
            "When did the harbour bridge in Larvik reopen?",
            (BRIDGE, FERRY),
            "The harbour bridge in Larvik reopened on 3 May",
        ),
        ("How much did the works on the bridge cost?", (BRIDGE, FERRY), "The works cost 41 million euros"),
        ("Who cut the ribbon?", (BRIDGE, FERRY), "Mayor Ingrid Solberg cut the ribbon"),
        ("Why was the reopening of the bridge delayed?", (BRIDGE, FERRY), "The reopening was delayed because divers"),
        ("By what percentage did passenger numbers fall?", (BRIDGE, FERRY), "Director Per Haugen said"),
        ("When will Nordsund end its night service?", (FERRY, BRIDGE), "Oslo's ferry operator Nordsund will end"),
        (
            "Where did the ministers of the river states meet?",
            (MEETING, BRIDGE),
            "Ministers of the river states met in Basel",
        ),
    ],
)
def test_the_sentence_that_answers_comes_first_and_alone(question, texts, expected):
    answer = ask(question, *texts)
    assert answer[0].startswith(expected)
    assert len(answer) == 1


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ("What is the capital of Mongolia?", (BRIDGE, FERRY, MEETING)),
        ("Who won the 1998 football world cup in Paris?", (PRIZE, BRIDGE, FERRY)),
        ("How many islands does the Maldives government plan to raise?", (FERRY, MEETING)),
        ("Which airline did Nordsund buy in Portugal?", (FERRY, BRIDGE)),
    ],
)
def test_what_the_articles_do_not_say_is_refused_with_what_is_closest(question, texts):
    quotes = quote(Question(question, question), hits(*texts))
    assert quotes.claims == ()
    assert quotes.confidence < 0.5
    assert len(quotes.closest) <= 3
    assert all({*stems(span.text)} & {*stems(question)} for span in quotes.closest)
    assert quotes.closest or "Nordsund" not in question
    assert len({span.article.id for span in quotes.closest}) == len(quotes.closest)


def test_a_list_is_quoted_whole_from_the_line_that_opens_it():
    question = "Who attended the meeting of the ministers?"
    claims = quote(Question(question, question), hits(MEETING, BRIDGE), refuse_below=0).claims
    assert [claim.text.split("\n\n") for claim in claims] == [
        [
            "The meeting was attended by:",
            "- Anna Keller, Minister of Transport of Switzerland.",
            "- Jean Morel, Minister of Ecology of France.",
            "- Karl Brandt, State Secretary of Germany.",
        ]
    ]


def test_lines_without_bullets_are_a_list_and_one_short_line_is_a_heading():
    text = (
        "Mumps came back in spring. These counties reported cases of mumps to the board of health:\n\n"
        + "\n\n".join(("Adair", "Boone", "Cass", "Dallas", "The board meets again in June."))
    )
    question = "Which counties reported cases of mumps?"
    claims = quote(Question(question, question), hits(text, BRIDGE), refuse_below=0).claims
    assert claims[0].text.split("\n\n")[-4:] == ["Adair", "Boone", "Cass", "Dallas"]
    headed = "Two counties, Adair and Boone, reported cases of mumps.\n\nWhat comes next\n\nThe board meets in June."
    claims = quote(Question(question, question), hits(headed, BRIDGE), refuse_below=0).claims
    assert "What comes next" not in claims[0].text


def test_an_account_takes_more_sentences_than_a_fact_and_begins_with_the_lead():
    fact, account = "How much did the works on the bridge cost?", "Sum up the reopening of the harbour bridge in Larvik"
    assert len(quote(Question(fact, fact), hits(BRIDGE, FERRY), refuse_below=0).claims) == 1
    claims = quote(Question(account, account), hits(BRIDGE, FERRY), refuse_below=0).claims
    assert len(claims) > 1
    assert claims[0].text.startswith("The harbour bridge in Larvik reopened")


def test_a_sentence_that_opens_with_a_pronoun_brings_the_one_before():
    answer = ask("Where was the winner of the Aurora Prize born?", PRIZE, FERRY, refuse_below=0)
    assert answer == (
        "Marta Lindqvist won the Aurora Prize for her novel The Salt Road.",
        "She was born in Tartu in 1971.",
    )


def test_copies_of_one_sentence_are_quoted_once():
    answer = ask("How much did the works on the bridge cost?", BRIDGE, BRIDGE.replace("41 million", "about 41 million"))
    assert len(answer) == 1


def test_a_question_about_two_articles_is_answered_from_both():
    question = "What do both the bridge in Larvik and the ferry operator Nordsund plan?"
    claims = quote(Question(question, question), hits(BRIDGE, FERRY), refuse_below=0).claims
    assert {claim.cites[0].article.id for claim in claims} == {"a0", "a1"}


def test_what_was_said_in_a_conversation_counts_less_and_refuses_sooner():
    asked, others = "Who won the Aurora Prize?", hits(PRIZE, FERRY)
    question, said = Question(asked, asked), "Marta Lindqvist won the Aurora Prize for her novel The Salt Road. [1]"
    again = ExtractiveAnswerer(refuse_below=0, reader=load_reader()).quote(question, others, [Turn(asked, asked, said)])
    new = ExtractiveAnswerer(refuse_below=0, reader=load_reader()).quote(question, others)
    assert new.claims[0].text in said
    assert (again.confidence or 0) < (new.confidence or 0)


def test_no_more_sentences_than_asked_for():
    answer = ask(
        "What was said about the bridge, the works, the ribbon and the report?", BRIDGE, refuse_below=0, sentences=1
    )
    assert len(answer) == 1


def test_the_threshold_decides_between_answer_and_refusal():
    question = Question("When did the bridge reopen?", "When did the bridge reopen?")
    confidence = quote(question, hits(BRIDGE)).confidence
    assert quote(question, hits(BRIDGE), refuse_below=confidence).claims
    assert not quote(question, hits(BRIDGE), refuse_below=min(1, confidence + 1e-6)).claims


def test_a_name_or_number_found_nowhere_lowers_the_confidence():
    true, false = "When did the bridge in Larvik reopen?", "When did the bridge in Tromso reopen?"
    assert quote(Question(false, false), hits(BRIDGE)).confidence < quote(Question(true, true), hits(BRIDGE)).confidence


@pytest.mark.parametrize("question", ["what?", "And when was that", "???", "who"])
def test_a_question_without_a_telling_word_is_refused(question):
    quotes = quote(Question(question, question), hits(BRIDGE, FERRY))
    assert quotes.claims == ()
    assert quotes.confidence == 0
    assert not quotes.closest


def test_nothing_found_is_refused_with_nothing():
    quotes = quote(Question("Who?", "Who opened the bridge?"), [])
    assert (quotes.claims, quotes.closest, quotes.confidence) == ((), (), 0)


def test_other_scripts_are_quoted_too():
    text = "Мост в Ларвике открылся третьего мая. Мэр перерезала ленту. Ремонт стоил сорок миллионов."
    answer = ask("Когда открылся мост в Ларвике?", text, refuse_below=0)
    assert answer[0] == "Мост в Ларвике открылся третьего мая."


WORDS = st.sampled_from(
    "bridge Larvik reopened because 41 million euros he said . . . \n\n - Who? «Мост» 東京 \t :".split(" ")
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(WORDS, min_size=1, max_size=40).map(" ".join), min_size=1, max_size=4),
    st.lists(WORDS, max_size=8),
)
def test_every_claim_is_the_text_of_the_first_span_it_cites_and_the_others_are_of_other_articles(texts, question):
    asked = " ".join(question)
    quotes = quote(Question(asked, asked), hits(*texts), refuse_below=0)
    for claim in quotes.claims:
        span, *copies = claim.cites
        assert len({span.article.id, *(copy.article.id for copy in copies)}) == 1 + len(copies)
        assert claim.text == span.text == span.article.text[span.start : span.end]
        starts, ends = zip(*sentence_spans(span.article.text), strict=True)
        assert span.start in starts and span.end in ends
        assert claim.text.strip() == claim.text
    assert 0 <= quotes.confidence <= 1


@pytest.mark.parametrize(
    ("question", "kind", "several"),
    [
        ("Who chairs the council?", "person", False),
        ("Which ministers attended the meeting?", "person", True),
        ("In what year was the council founded?", "date", False),
        ("When?", "date", False),
        ("Where did they meet?", "place", False),
        ("Which countries are members?", "place", True),
        ("How many issues are on the agenda?", "count", False),
        ("How much did it cost?", "money", False),
        ("How long did the meeting last?", "duration", False),
        ("Why was it delayed?", "reason", False),
        ("What is the reason for the delay?", "reason", False),
        ("What did Putin say about risks?", "statement", False),
        ("What percentage of voters agreed?", "percent", False),
        ("Did the bridge open?", "yes", False),
        ("How did they cross the river?", "manner", False),
    ],
)
def test_what_kind_of_answer_a_question_expects(question, kind, several):
    expectation = expect(question)
    assert (expectation.kind, expectation.several) == (kind, several)


def shuffled(data: dict, names: str, trees: str) -> dict:
    """The same weights with their features in another order."""
    turned = list(reversed(data[names]))
    places = [[turned.index(data[names][place]) for place in nodes] for nodes in data[trees]["feature"]]
    return {**data, names: turned, trees: {**data[trees], "feature": places}}


def test_the_weights_read_features_by_name_and_not_by_place(tmp_path):
    data = json.loads(WEIGHTS.read_text("utf-8"))
    other = shuffled(shuffled(data, "features", "sentence"), "signs", "answer")
    (tmp_path / "other.json").write_text(json.dumps(other), "utf-8")
    model, same = load_model(), load_model(tmp_path / "other.json")
    scored = score(model, "When did the harbour bridge in Larvik reopen?", hits(BRIDGE, FERRY))
    assert (
        score(same, "When did the harbour bridge in Larvik reopen?", hits(BRIDGE, FERRY)).scores == scored.scores
    ).all()
    assert confidence_of(same, scored, 0.5, None, None) == confidence_of(model, scored, 0.5, None, None)


def test_weights_that_need_a_feature_nobody_computes_say_which(tmp_path):
    data = json.loads(WEIGHTS.read_text("utf-8"))
    (tmp_path / "old.json").write_text(json.dumps({**data, "signs": [*data["signs"][:-1], "luck"]}), "utf-8")
    with pytest.raises(ModelError, match=r"^old\.json was fitted on features that are not computed: luck\."):
        load_model(tmp_path / "old.json")
