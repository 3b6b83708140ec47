from qa.ask.suggest import suggest
from qa.types import Article

FAIR = Article(
    "fair",
    "The harbour fair",
    "The harbour fair opened on 3 May 2021. Anna Berg, the mayor of Harbour City, cut the ribbon.\n\n"
    'Berg said the fair had "never been larger". It closes on Sunday.',
)
BRIDGE = Article(
    "bridge", "A bridge", "The old bridge closed on 12 June. Engineers of Northbridge Works saw cracks in it."
)


def test_questions_are_made_of_the_articles_own_names_and_days() -> None:
    assert suggest([FAIR]) == ["What did Anna Berg say?", "What happened on 3 May 2021?", "Who is Anna Berg?"]


def test_articles_take_turns_and_begin_with_different_kinds() -> None:
    assert suggest([FAIR, BRIDGE])[:2] == ["What did Anna Berg say?", "What happened on 12 June?"]


def test_no_question_comes_twice() -> None:
    questions = suggest([FAIR, FAIR, BRIDGE])
    assert len(questions) == len(set(questions))


def test_an_institution_is_not_asked_about_as_a_person() -> None:
    council = Article("c", "t", "The Trade Council, the body for tariffs, met. The Trade Council rose.")
    assert not any(question.startswith("Who is") for question in suggest([council]))


def test_an_article_without_people_or_days_is_asked_about_by_name() -> None:
    assert suggest([Article("a", "t", "Ships wait outside Rotterdam. Rotterdam is full.")]) == [
        "What is said about Rotterdam?"
    ]


def test_nothing_is_suggested_for_nothing() -> None:
    assert suggest([]) == [] and suggest([Article("a", "t", "so it goes, on and on.")]) == []
