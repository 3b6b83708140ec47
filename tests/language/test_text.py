"""Normal characters, sentences, words."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.language.text import normalise, sentence_spans, stems, words

SENTENCES = [
    "Mr. Falk met Dr. J. A. Lund in the U.S. | The president left.",
    "The U.S. Senate passed the bill. | It was 5 a.m. Friday. | They left at 6 p.m. | Police came at 7 p.m. ET.",
    '"Really?" he asked. | "Stop!" Mrs. Olsen said. | "Go." | He left.',
    '"We won." | The crowd cheered.',
    "Prices rose 3.5 percent to $2.40. | Sales fell.",
    "They waited... and waited. | Then they went home…",
    "He sat. | Under the sun. | He read. | A friend came.",
    "No. 5 won. | He said no. | Police agreed.",
    "On Jan. 5 the firm, Acme Inc., moved. | Gen. Ode stayed.",
    "Acme Corp. said so. | It moved to St. Petersburg, e.g. by train.",
    "George W. Ode was Plan B. | The vote failed.",
    "World War I. | Germany lost.",
    "1. First item | 2. Second item",
    "(He left.) | She stayed.",
    "Heading without a stop | A sentence under it.",
    "В. В. Иванов приехал в 2017 г. в Бишкек. | Он выступил.",
    "Сумма составила 5 млн руб. за год. | Это много!",
    "Die Reederei fährt am 3. Mai und am 5. April. | Am 24. Dezember nicht. | Das war am 31. Okt. 2024.",
    "Rederiet starter den 3. mai. | Den 24. desember går ingen båt. | Loď vypluje 3. května. | Statek płynie 3. maja.",
    "Seit dem 19. Jahrhundert, z. B. in Velm, ca. 340 Meilen entfernt. | Sie war 44 v. Chr. noch da. | Der Bau kam.",
    "Nach Nr. 5, Art. 3 und § 15 Abs. 1 gilt es in der Hauptstr. 5. | Dr. h.c. Müller kam, es kostete 30 Mio. Euro.",
    "He wrote it in 2024. | May said so. | He is 33. | May agreed. | It closed at 5. | April figures are due.",
    "He finished 4-3. | August Lind was 27. | September sales rose.",
    "U.S. Rep. Ada Lund won Roe v. Wade. | The no. 1 seed lost.",
    "「はい。」 | 明日は雨。 | 寒い！",
]


@pytest.mark.parametrize("marked", SENTENCES)
def test_sentences(marked: str) -> None:
    sentences = marked.split(" | ")
    joint = "\n\n" if sentences[0][-1].isalpha() else " "  # a list or a heading
    text = joint.join(sentences)
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences


@given(st.text())
def test_sentences_cover_all_that_is_not_space_in_order(text: str) -> None:
    position = 0
    for start, end in sentence_spans(text):
        assert not text[position:start].strip()
        assert start < end
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


@pytest.mark.parametrize(
    ("odd", "plain"),
    [
        ("a\N{NO-BREAK SPACE}b", "a b"),
        ("\N{LEFT DOUBLE QUOTATION MARK}Yes\N{RIGHT DOUBLE QUOTATION MARK}", '"Yes"'),
        ("\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}Да\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}", '"Да"'),
        ("it\N{RIGHT SINGLE QUOTATION MARK}s, it\N{ACUTE ACCENT}s", "it's, it's"),
        ("co\N{SOFT HYPHEN}operate\N{ZERO WIDTH SPACE}", "cooperate"),
        ("\N{MINUS SIGN}5", "-5"),
        ("one\r\ntwo\rthree\x85four\x0cfive", "one\ntwo\nthree\nfour\n\nfive"),
        ("a\x00b\x07\ud800", "ab"),
        ("e\N{COMBINING ACUTE ACCENT}", "é"),
        ("e\N{ZERO WIDTH SPACE}\N{COMBINING ACUTE ACCENT}", "é"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}abc\N{TAG LATIN SMALL LETTER A}", "abc"),
    ],
)
def test_normalise(odd: str, plain: str) -> None:
    assert normalise(odd) == plain


@given(st.text(st.characters()))
def test_normalise_is_idempotent_and_can_be_encoded(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    once.encode("utf-8")


def test_words_and_stems() -> None:
    assert words("The mayor's 1,000 crowns, 3.5% and a re-run") == [
        "the",
        "mayor",
        "1000",
        "crowns",
        "3.5",
        "and",
        "a",
        "re",
        "run",
    ]
    assert stems("The mayors of the 1,000 islands were running") == ["mayor", "1000", "island", "run"]
    assert stems("Председатель СНГ") == ["председатель", "снг"]


ONE_KIND = [
    *".,!?…\"'()-–•*\n\t \u00a0aA1é。",
    "\n ",
    ". ",
    ".\n",
    "a ",
    "A. ",
    "Mr. ",
    '!"',
    "a.b ",
    "\u200b",
    "1. ",
    "* ",
    "\u0301",
]


@pytest.mark.parametrize("kind", ONE_KIND, ids=repr)
@pytest.mark.parametrize("tail", ["", "a", " b. C"])
def test_a_long_text_of_one_kind_takes_no_longer_than_its_length(kind: str, tail: str) -> None:
    text = kind * (40_000 // len(kind)) + tail
    began = time.process_time()
    sentence_spans(text)
    normalise(text)
    stems(text)
    assert time.process_time() - began < 2  # quadratic time would be a minute
