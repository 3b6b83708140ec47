"""Counting finds an outlet's boilerplate, and takes no copy and no chance for it."""

import time

import numpy as np
import pytest

from qa.ingest.clean import clean, line_hashes, recurring_lines

PROMISE = "The Skerry Post: printed in Vik on paper that was made from driftwood"
FACT = "The lighthouse of Vik was built in the year of the great herring."


def story(n: int, *lines: str) -> str:
    """An article that shares nothing with the others but the given lines."""
    name = "".join(chr(97 + int(digit)) for digit in str(n))
    own = [
        f"In the town of {name} the ferry number {name} has {what} since the spring."
        for what in ("sailed", "leaked", "rested", "burned")
    ]
    return "\n\n".join([*own, *lines])


def count(texts: list[str]) -> dict[int, int]:
    return recurring_lines([line_hashes(text) for text in texts])


def test_a_line_of_many_articles_is_counted_and_dropped() -> None:
    found = count([story(n, PROMISE) for n in range(8)] + [story(n) for n in range(8, 40)])
    assert list(found.values()) == [8]
    cleaned = clean(story(99, PROMISE), found)
    assert cleaned.text == story(99)
    assert [(line.text, line.reason) for line in cleaned.dropped] == [(PROMISE, "in 8 articles of this outlet")]
    assert clean(story(99, PROMISE), found, keep_everything=True).text == story(99, PROMISE)


def test_case_spaces_years_and_times_do_not_count() -> None:
    lines = [f"LAST SEEN {n} hours  ago, at {n}:30 in 20{n}, by the keeper of the lighthouse" for n in range(10, 18)]
    found = count([story(n, line) for n, line in enumerate(lines)])
    assert list(found.values()) == [8]
    assert clean(story(99, lines[0].lower()), found).text == story(99)


def test_another_number_makes_another_line() -> None:
    lines = [f"Does the mayor do a good job? Approve: {n}.5 percent, disapprove: the others" for n in range(20)]
    assert count([story(n, line) for n, line in enumerate(lines)]) == {}


def test_a_line_of_few_articles_stays() -> None:
    assert count([story(n, PROMISE) for n in range(5)]) == {}
    assert count([story(n, PROMISE) for n in range(8)] + [story(n) for n in range(8, 8_000)]) == {}


def test_a_statement_has_to_recur_more_often() -> None:
    assert count([story(n, FACT) for n in range(15)]) == {}
    assert list(count([story(n, FACT) for n in range(30)]).values()) == [30]


def test_copies_of_a_story_are_no_boilerplate() -> None:
    assert count([story(1, PROMISE)] * 50) == {}
    versions = [story(1, PROMISE, f"This is what changed in version {chr(97 + n)} of the story.") for n in range(20)]
    assert count(versions) == {}


def test_an_article_is_never_mostly_boilerplate() -> None:
    found = count([story(n, PROMISE) for n in range(8)])
    assert clean(f"{PROMISE}\n\nShort.", found).text == f"{PROMISE}\n\nShort."


@pytest.mark.parametrize(
    "line",
    [
        "That's not all.",
        "South Carolina",
        "Here is what we know so far.",
        "x" * 60,
        f'"{PROMISE}," he said',
        "a b " * 500,
    ],
)
def test_what_recurs_for_good_reasons_has_no_hash(line: str) -> None:
    assert line_hashes(line).size == 0


def test_hashes_are_the_same_everywhere() -> None:
    """Each process has a seed of its own for Python's hashes."""
    assert line_hashes(f"{PROMISE}\n\n{PROMISE}").tolist() == [1701493770263951870]


def test_hashes_are_ascending_and_different() -> None:
    hashes = line_hashes("\n\n".join([story(1), story(2), story(1)]))
    assert hashes.dtype == np.uint64 and len(hashes) == 8
    assert (np.diff(hashes.astype(object)) > 0).all()


def test_nothing_is_counted_in_nothing() -> None:
    assert recurring_lines([]) == {} == recurring_lines([line_hashes(""), line_hashes("Short.")])


def test_an_outlet_of_100_000_articles_is_counted_at_once() -> None:
    random = np.random.default_rng(0)
    articles = [np.unique(lines) for lines in random.integers(0, 2**63, (100_000, 10), dtype=np.uint64)]
    common = np.uint64(8)
    articles = [np.insert(lines, 0, common) if n % 100 == 0 else lines for n, lines in enumerate(articles)]
    began = time.process_time()
    assert recurring_lines(articles) == {8: 1_000}
    assert time.process_time() - began < 10
