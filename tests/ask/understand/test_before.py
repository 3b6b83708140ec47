"""What a question takes along of the conversation: for the search, and for the reader."""

from qa.ask.understand import understand
from qa.prompts import refusal
from qa.types import Turn


def turn(question: str, answer: str = "") -> Turn:
    return Turn(question, question, answer)


def test_a_first_question_takes_nothing_along() -> None:
    question = understand("Who opened the fair?")
    assert question.besides == ()
    assert question.read_as == ""


def test_a_later_one_is_searched_for_with_the_turns_before_and_read_behind_the_last_one() -> None:
    history = [
        turn("Who opened the fair?", "Ann Hale opened it."),
        turn("Where is it held?", "In **Larvik**, at last. [1]"),
    ]
    alone = understand("what type?", history=history)
    assert alone.besides == (
        "what type? (Who opened the fair? Where is it held?)",
        "what type? (Where is it held? In Larvik, at last.)",
    )
    assert alone.read_as == ""  # no rule says that it leans on them
    assert (
        understand("And since when?", history=history).read_as
        == "Where is it held? In Larvik, at last. | And since when?"
    )


def test_a_refusal_and_the_end_of_a_long_answer_are_not_taken_along() -> None:
    refused = understand("And when?", history=[turn("Who opened the fair?", refusal())])
    assert refused.besides == ("And when? (Who opened the fair?)",)
    long = understand("And when was that?", history=[turn("Who opened it?", "word " * 30)])
    assert long.read_as.count("word") == 20
