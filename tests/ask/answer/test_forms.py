"""The forms of an answer: a dated list, a line for each side, a date that leads, one statement of two articles."""

import datetime as dt

import pytest

from qa.ask.answer.extractive import ExtractiveAnswerer, part_labels
from qa.ask.answer.timeline import Course, course_asked
from qa.check import check
from qa.show.document import document_json, document_of, read_answer
from qa.show.html import answer_html
from qa.show.marked import marked_text
from qa.types import Answer, Article, Claim, Hit, Part, Passage, Question, Sentence

STRIKE = {
    "2024-03-04": "Dockers at Larvik port walked out on Monday over pay. Talks with the port had failed.",
    "2024-03-12": "The Larvik port strike spread to Moss on 11 March. Some 300 dockers in Moss joined it.",
    "2024-03-21": "The Larvik port strike ended on Wednesday when dockers accepted a raise of 6 percent.",
}
KELP = "Kelp forests off the coast have grown by a third since sea urchins were removed, researchers said."


def dated(texts: dict[str, str], outlets: tuple[str, ...] = ("Havneavisen",)) -> list[Hit]:
    hits = []
    for number, (date, text) in enumerate(texts.items()):
        outlet = outlets[number % len(outlets)]
        article = Article(f"a{number}", "Port strike", text, outlet, date=dt.date.fromisoformat(date[:10]))
        hits.append(Hit(Passage(article, 0, len(text), number), 1 - number / 10))
    return hits


def ask(question: str, hits: list[Hit], **options: float) -> tuple[Claim, ...]:
    return ExtractiveAnswerer(**{"refuse_below": 0, **options}).quote(Question(question, question), hits).claims


@pytest.mark.parametrize(
    ("question", "course"),
    [
        ("Timeline of the Larvik port strike", Course("the Larvik port strike", False)),
        ("Give me a timeline of the strike.", Course("the strike", False)),
        ("Show the sequence of events in the siege", Course("the siege", False)),
        ("What happened after the strike spread to Moss?", Course("the strike spread to Moss", True)),
        ("What has happened since the summit?", Course("the summit", True)),
        ("When did the strike end?", None),
        ("What happened?", None),
    ],
)
def test_a_course_of_events_is_told_by_its_words(question, course):
    assert course_asked(question) == course


def test_a_timeline_is_a_dated_list_in_order():
    claims = ask("Timeline of the Larvik port strike", list(reversed(dated(STRIKE))))
    assert [claim.lead for claim in claims] == ["4 March 2024", "11 March 2024", "20 March 2024"]
    assert [claim.prefix for claim in claims] == ["- ", "\n- ", "\n- "]
    assert claims[2].text.startswith("The Larvik port strike ended on Wednesday")


def test_what_happened_after_leaves_out_what_came_before():
    claims = ask("What happened after dockers at Larvik port walked out over pay?", dated(STRIKE))
    assert [claim.lead for claim in claims] == ["11 March 2024", "20 March 2024"]


def test_a_single_event_is_no_timeline():
    (claim,) = ask("Timeline of the kelp forests", dated({"2024-03-04": KELP}))
    assert (claim.prefix, claim.lead, claim.text) == ("", "", KELP)


def test_a_question_of_when_is_led_by_the_date():
    claims = ask("When did the Larvik port strike end?", dated(STRIKE))
    assert claims[0].lead == "20 March 2024"
    assert [claims[0].text[start:end] for start, end in claims[0].bold] == ["Wednesday"]


def test_the_lead_stands_before_the_sentence_and_is_no_part_of_it():
    hits = dated(STRIKE)
    sentences, citations = check(ask("When did the Larvik port strike end?", hits), hits)
    assert sentences[0].verdict == "verbatim" and sentences[0].lead == "20 March 2024"
    assert marked_text(sentences).startswith("20 March 2024: The Larvik port strike ended on Wednesday")
    assert not citations[0].quote.startswith("20 Mar")


def test_each_side_of_a_comparison_gets_a_line():
    texts = {
        "2024-03-04": "The dockers' union said the offer of the port was an insult to its members.",
        "2024-03-05": "Mayor Ingrid Solberg said the offer of the port was generous and fair.",
    }
    parts = (
        Part("What did the union say about the offer of the port"),
        Part("What did Solberg say about the offer of the port"),
    )
    question = Question("Compare what both said", "Compare what both said", parts=parts)
    claims = ExtractiveAnswerer(refuse_below=0).quote(question, dated(texts)).claims
    assert [(claim.prefix, claim.lead) for claim in claims] == [("- ", ""), ("\n- ", "Solberg")]
    assert [claim.cites[0].article.id for claim in claims] == ["a0", "a1"]


def test_a_part_rests_on_the_outlet_that_it_names():
    text = "The strike at Larvik port cost 4 million euros."
    hits = dated({"2024-03-04": text, "2024-03-05": text.replace("4 million", "9 million")}, ("Havneavisen", "Nordlys"))
    asked = "How much did the strike at Larvik port cost"
    parts = (Part(asked, ("Havneavisen",)), Part(asked, ("Nordlys",)))
    claims = ExtractiveAnswerer(refuse_below=0).quote(Question(asked, asked, parts=parts), hits).claims
    assert [(claim.lead, claim.cites[0].article.outlet) for claim in claims] == [
        ("Havneavisen", "Havneavisen"),
        ("Nordlys", "Nordlys"),
    ]


def test_a_part_that_is_not_answered_is_named():
    asked = "When did the Larvik port strike end"
    parts = (Part(asked), Part("Which airline did Nordsund buy in Portugal"))
    hits = dated(STRIKE)
    confidence = ExtractiveAnswerer().quote(Question(asked, asked), hits).confidence
    quotes = ExtractiveAnswerer(refuse_below=confidence).quote(Question("Both", "Both", parts=parts), hits)
    assert quotes.unanswered == ("Which airline did Nordsund buy in Portugal",)
    assert [claim.text[:27] for claim in quotes.claims] == ["The Larvik port strike ende"]


@pytest.mark.parametrize(
    ("texts", "sides"),
    [
        (("How did Kazakhstan vote", "How did Belarus vote"), ["Kazakhstan", "Belarus"]),
        (("the 2019 summit", "the 2021 summit"), ["2019", "2021"]),
        (("Who founded the company", "Where is the company based"), ["", ""]),
    ],
)
def test_the_side_of_a_part_is_what_only_it_names(texts, sides):
    assert part_labels([Part(text) for text in texts]) == sides


def test_one_statement_of_two_articles_is_said_once_with_both_citations():
    text = "Nordsund's director Per Haugen said that passenger numbers fell by 38 percent last winter."
    hits = dated({"2024-03-04": text, "2024-03-05": text.replace("last winter", "in the last winter")})
    claims = ask("By what percentage did passenger numbers fall?", hits)
    assert [[span.article.id for span in claim.cites] for claim in claims] == [["a0", "a1"]]
    sentences, citations = check(claims, hits)
    assert (sentences[0].verdict, sentences[0].citations) == ("verbatim", (1, 2))
    assert [citation.article.id for citation in citations] == ["a0", "a1"]


def test_statements_with_other_numbers_are_not_one():
    text = "Nordsund's director Per Haugen said that passenger numbers fell by 38 percent last winter."
    hits = dated({"2024-03-04": text, "2024-03-05": text.replace("38", "35")})
    claims = ask("By what percentage did passenger numbers fall?", hits)
    assert all(len(claim.cites) == 1 for claim in claims)


def test_who_said_it_is_named_where_the_sentence_has_a_pronoun():
    text = 'Mayor Ingrid Solberg opened the bridge on Friday. "The long wait for our bridge is over," she said.'
    claims = ask("Who said that the long wait for the bridge is over?", dated({"2024-03-04": text}))
    assert [claim.text for claim in claims] == [
        "Mayor Ingrid Solberg opened the bridge on Friday.",
        '"The long wait for our bridge is over," she said.',
    ]
    assert [claims[0].text[start:end] for start, end in claims[0].bold] == ["Ingrid Solberg"]


def test_an_answer_is_kept_with_what_leads_it_and_what_is_bold():
    hits = dated(STRIKE)
    sentences, citations = check(ask("When did the Larvik port strike end?", hits), hits)
    question = Question("When did it end?", "When did the Larvik port strike end?")
    answer = Answer(question, marked_text(sentences), "extractive", sentences=sentences, citations=citations)
    assert read_answer(document_json(document_of(answer, dt.datetime.now(dt.UTC)))).sentences == sentences


def test_the_window_draws_the_lead_and_the_bold_words():
    text = "The strike <b>ended</b> on Wednesday."
    sentence = Sentence(text, (), "verbatim", lead="20 Mar <2024>", bold=((27, 36),))
    html = answer_html(Answer(Question("", ""), text, "extractive", sentences=(sentence,)))
    assert '<strong class="lead">20 Mar &lt;2024&gt;:</strong> ' in html
    assert "The strike &lt;b&gt;ended&lt;/b&gt; on <strong>Wednesday</strong>." in html
