from qa.ask.answer.context import widened
from qa.types import Article, Hit, Passage

TEXT = " ".join(f"Sentence number {n} of the report is here." for n in range(20))
ARTICLE = Article("a", "Report", TEXT)
SIZE = len("Sentence number 0 of the report is here. ")


def hit(first: int, last: int, id_: int = 1, article: Article = ARTICLE) -> Hit:
    start = TEXT.index(f"Sentence number {first} ")
    end = TEXT.index(".", TEXT.index(f"Sentence number {last} ")) + 1
    return Hit(Passage(article, start, end, id_), 1.0)


def test_whole_sentences_are_read_on_either_side() -> None:
    (wide,) = widened([hit(10, 11)], margin=2 * SIZE + 10)
    assert wide.passage.text.startswith("Sentence number 8 ") and wide.passage.text.endswith(
        "number 13 of the report is here."
    )
    assert wide.passage.id == 1 and wide.score == 1.0


def test_nothing_is_read_twice_and_nothing_beyond_the_article() -> None:
    first, second = widened([hit(0, 1), hit(3, 5, 2)], margin=4 * SIZE)
    assert first.passage.start == 0 and first.passage.text.endswith("number 2 of the report is here.")
    assert second.passage.start <= first.passage.end + 1 or second.passage.text.startswith("Sentence number 2")
    (last,) = widened([hit(18, 19)], margin=SIZE)
    assert last.passage.end == len(TEXT)


def test_a_margin_too_small_for_a_sentence_changes_nothing() -> None:
    (same,) = widened([hit(10, 11)], margin=5)
    assert same == hit(10, 11)


def test_a_neighbour_of_another_article_is_no_limit() -> None:
    other = Article("b", "Other", TEXT)
    wide, _ = widened([hit(10, 11), hit(12, 13, 2, other)], margin=2 * SIZE)
    assert wide.passage.text.endswith("number 12 of the report is here.")
