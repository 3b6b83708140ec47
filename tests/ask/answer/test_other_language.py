"""Answers over articles in a language that the bundled network does not read, over small libraries."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from qa.ask.answer.other_language import FEATURES, SHAPES, asking_words, features, load_model, score, take_apart
from qa.ask.answer.sentences import sentences_of_hits
from qa.ask.assistant import Assistant
from qa.library import Library
from qa.models.reader import unread_language
from qa.settings import load_settings
from qa.types import Answer, Article, Hit, Passage

CHINESE = [
    "长江大桥于1957年10月15日建成通车。大桥全长1670米，由中铁大桥局承建。桥头堡高35米。",
    "北方港口城市海湾市的市长李明星期一宣布辞职。他说辞职是由于健康原因。新市长将在三月选出。",
    "今年小麦产量达到一亿三千万吨。农业部说，丰收得益于充足的雨水。",
    "红十字会向灾区运送了五百顶帐篷。洪水淹没了十二个村庄。",
]
FRENCH = [
    "Le pont de Larvik a rouvert le 3 mai 2021. Les travaux ont coûté 41 millions d'euros. Le maire a coupé le ruban.",
    "La ministre de la Culture, Jeanne Morel, a démissionné lundi. Elle sera remplacée par Paul Girard.",
    "La récolte de blé a baissé de 12 % cette année. La sécheresse en est la cause principale, dit le ministère.",
    "Une tempête a arraché le toit de l'hôtel de ville. Personne n'a été blessé.",
]
ARABIC = [
    "افتتح رئيس البلدية أحمد الخطيب الجسر الجديد يوم الاثنين. بلغت كلفة الجسر 41 مليون دولار.",
    "استقالت وزيرة الثقافة سلمى حداد بسبب المرض. وسيخلفها يوسف نصار.",
    "انخفض محصول القمح هذا العام بنسبة 12 في المئة. والسبب هو الجفاف.",
]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str], Answer]]:
    """Asks a library of one language."""
    assistants: dict[str, Assistant] = {}
    for language, texts in {"zh": CHINESE, "fr": FRENCH, "ar": ARABIC}.items():
        folder: Path = tmp_path_factory.mktemp(language)
        for number, text in enumerate(texts):
            (folder / f"{number}.md").write_text(f"---\nlanguage: {language}\n---\n{text}\n", "utf-8")
        settings = load_settings(index=tmp_path_factory.mktemp("library"))
        with Library.open(settings) as library:
            library.ingest([folder])
        assistants[language] = Assistant.open(settings)
    yield lambda language, question: assistants[language].ask(question)
    for assistant in assistants.values():
        assistant.close()


@pytest.mark.parametrize(
    ("language", "question", "said"),
    [
        ("zh", "长江大桥是哪一年建成通车的？", "1957年"),
        ("zh", "海湾市的市长是谁？", "李明"),
        ("zh", "洪水淹没了多少个村庄？", "十二个村庄"),
        ("fr", "Qui a démissionné lundi de la Culture ?", "Jeanne Morel"),
        ("fr", "Combien ont coûté les travaux du pont de Larvik ?", "41 millions"),
        ("ar", "من افتتح الجسر الجديد؟", "أحمد الخطيب"),
    ],
)
def test_the_sentence_that_answers_is_quoted(
    ask: Callable[[str, str], Answer], language: str, question: str, said: str
) -> None:
    answer = ask(language, question)
    assert not answer.abstained and said in answer.text
    assert answer.notice is None
    assert {sentence.verdict for sentence in answer.sentences} == {"verbatim"}


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("zh", "谁在月球上种了土豆？"),
        ("fr", "Qui a acheté le zeppelin de la reine Guillaumette ?"),
        ("ar", "من اشترى المنطاد الذهبي للملكة؟"),
    ],
)
def test_what_no_article_says_is_refused(ask: Callable[[str, str], Answer], language: str, question: str) -> None:
    answer = ask(language, question)
    assert answer.abstained and answer.confidence is not None and answer.confidence < 0.5
    # A pair of letters is no word to name.
    assert not (language == "zh" and "No article has" in (answer.notice or ""))


def hits(*texts: str, language: str = "zh") -> list[Hit]:
    articles = [Article(f"a{number}", "", text, language=language) for number, text in enumerate(texts)]
    return [Hit(Passage(article, 0, len(article.text), id=n), 0.5) for n, article in enumerate(articles)]


@pytest.mark.parametrize("question", ["谁？", "?", "who", "", "𠀀𠀁𠀂", "في", "长江大桥是哪一年建成通车的？"])
@pytest.mark.parametrize("texts", [(), ("",), ("x",), CHINESE, ARABIC])
def test_every_question_and_text_has_a_score(question: str, texts: tuple[str, ...]) -> None:
    found = score(load_model(), question, "zh", hits(*texts))
    assert found.scores.shape == (len(found.sentences),) and np.isfinite(found.scores).all()


def test_each_sentence_has_every_feature() -> None:
    found = hits(*CHINESE)
    sentences = sentences_of_hits(found)
    asked = take_apart("洪水淹没了多少个村庄？", "zh", load_model().wording("zh"))
    rows = features(asked, "zh", sentences, found)
    assert rows.shape == (len(sentences), len(FEATURES)) and np.isfinite(rows).all()
    best = int(np.argmax(rows[:, FEATURES.index("cover")]))
    assert "洪水" in sentences[best].span.text


@pytest.mark.parametrize(
    ("form", "text", "found"),
    [
        ("date", "大桥于1957年建成", ["1957"]),
        ("number", "洪水淹没了十二个村庄", ["十二"]),
        ("name", "Hier, le maire Paul Girard est parti", ["Paul Girard"]),
        ("name", "été, une île", []),
        ("name", "これはアンナ・ベルグです", ["アンナ・ベルグ"]),
        ("quoted", "小说《红楼梦》出版", ["《红楼梦》"]),
    ],
)
def test_what_may_be_an_answer_is_told_by_its_form(form: str, text: str, found: list[str]) -> None:
    assert [match[0] for match in SHAPES[form].finditer(text)] == found


def test_the_words_that_may_tell_what_is_asked_for() -> None:
    assert asking_words("Où est-il né ?") == {"ou", "est", "il", "ne"}
    assert asking_words("他是谁") == {"他", "是", "谁", "他是", "是谁"}


@pytest.mark.parametrize(
    ("found", "unread"),
    [
        ([("zh", 0.5), ("zh", 0.5), ("en", 0.5)], "zh"),
        ([("en", 0.5), ("fr", 0.5)], ""),
        ([(None, 0.5), ("en", 0.5)], ""),
        ([], ""),
        ([("ja", 0.1)], "ja"),
        ([("zh", 0.7), ("ja", 0.1), ("ar", 0.1)], "zh"),  # one article of each language
        ([("en", 0.7), ("ja", 0.1), ("ja", 0.1)], ""),
    ],
)
def test_the_network_reads_unless_most_is_in_another_language(
    found: list[tuple[str | None, float]], unread: str
) -> None:
    assert unread_language(found) == unread
