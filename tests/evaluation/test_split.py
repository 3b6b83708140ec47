"""Splitting a set: by time where there are dates, else by a hash, and what belongs together stays together."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from qa.errors import EvalError
from qa.evaluation.sets import EvalSet, Query, load_set
from qa.evaluation.sets.split import split_set
from qa.types import Turn

FIRST = dt.date(2024, 5, 1)


def make_set(*queries: Query) -> EvalSet:
    qrels = {query.id: {"a1": 1} for query in queries}
    return EvalSet("town", Path("town"), ("a1",), queries, qrels)


def query(id: str, day: int | None = None, text: str | None = None, asked_before: str | None = None) -> Query:
    history = (Turn(asked_before, asked_before, "Yes."),) if asked_before else ()
    date = FIRST + dt.timedelta(day) if day is not None else None
    return Query(id, text or f"What of {id}?", date, answerable=True, history=history)


def ids(part: EvalSet) -> list[str]:
    return [query.id for query in part.queries]


def test_earlier_questions_tune_and_later_ones_test() -> None:
    whole = make_set(*(query(f"n{9 - day}x", day) for day in range(10)))

    tuning, test = split_set(whole)

    assert (tuning.name, test.name) == ("town-tuning", "town-test")
    assert max(q.date for q in tuning.queries if q.date) < min(q.date for q in test.queries if q.date)
    assert (len(tuning.queries), len(test.queries)) == (5, 5)
    assert set(tuning.qrels) == set(ids(tuning)) and set(test.qrels) == set(ids(test))
    assert tuning.articles == test.articles == whole.articles and tuning.folder == whole.folder


@pytest.mark.parametrize(("share", "expected"), [(0.3, 3), (0.6, 7), (0.9, 7), (0.01, 1)])
def test_all_questions_of_a_day_stay_on_one_side(share: float, expected: int) -> None:
    days = [0, 1, 1, 2, 2, 2, 2, 3, 3, 3]

    tuning, test = split_set(make_set(*(query(f"n{i}x", day) for i, day in enumerate(days))), share)

    assert len(tuning.queries) == expected
    assert not {q.date for q in tuning.queries} & {q.date for q in test.queries}


def test_a_few_questions_without_a_date_tune() -> None:
    tuning, _ = split_set(make_set(*(query(f"n{i}x", i) for i in range(19)), query("lost")))

    assert "lost" in ids(tuning) and len(tuning.queries) == 10


def test_without_dates_a_hash_decides_and_others_change_nothing() -> None:
    few = make_set(*(query(f"question-{i:03}") for i in range(200)))
    more = make_set(*(query(f"question-{i:03}") for i in range(400)))

    tuning, test = split_set(few)

    assert sorted(ids(tuning) + ids(test)) == ids(few)
    assert 70 < len(tuning.queries) < 130
    assert [id for id in ids(split_set(more)[0]) if id in ids(few)] == ids(tuning)
    assert len(split_set(few, 0.2)[0].queries) < 65
    assert ids(split_set(few)[0]) == ids(tuning)


def test_too_few_dates_or_a_single_day_are_no_time_to_split_by() -> None:
    by_hash = set(ids(split_set(make_set(*(query(f"question-{i:03}") for i in range(40))))[0]))
    some = make_set(*(query(f"question-{i:03}", i if i < 30 else None) for i in range(40)))
    one_day = make_set(*(query(f"question-{i:03}", 0) for i in range(40)))

    assert set(ids(split_set(some)[0])) == by_hash == set(ids(split_set(one_day)[0]))


@pytest.mark.parametrize("dated", [False, True])
def test_conversations_and_twins_stay_together(dated: bool) -> None:
    def day(number: int) -> int | None:
        return number if dated else None

    queries = []
    for i in range(40):
        queries += [query(f"twin{i}a", day(i)), query(f"twin{i}b", day(i + 1)), query(f"c{i}-1", day(i))]
        queries += [query(f"c{i}-2", day(i)), query(f"start-{i:03}x", day(i), text=f"Who opened bridge {i}?")]
        queries += [query(f"{i:03}-later-x", day(i + 1), asked_before=f"Who opened bridge {i}?")]

    tuning = set(ids(split_set(make_set(*queries))[0]))

    for i in range(40):
        for pair in ({f"twin{i}a", f"twin{i}b"}, {f"c{i}-1", f"c{i}-2"}, {f"start-{i:03}x", f"{i:03}-later-x"}):
            assert len(pair & tuning) in (0, 2)
    assert 0 < len(tuning) < len(queries)


def test_ids_that_only_end_in_numbers_are_no_twins() -> None:
    tuning, test = split_set(make_set(*(query(f"number-{i:02}") for i in range(40))))

    assert tuning.queries and test.queries


@pytest.mark.parametrize("share", [0, 1, 1.5, -1, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(EvalError, match="between 0 and 1"):
        split_set(make_set(query("n1x", 0), query("n2x", 1)), share)


def test_a_set_that_leaves_a_part_empty_is_refused() -> None:
    with pytest.raises(EvalError, match=r"'town' has too few questions to be split \(2 in 1 groups"):
        split_set(make_set(query("q1a", 0), query("q1b", 1)))


def test_the_parts_of_the_bundled_set_hold_all_of_it() -> None:
    whole = load_set("seeds")

    parts = split_set(whole)

    assert sorted(id for part in parts for id in ids(part)) == sorted(ids(whole))
    assert all(len(part.queries) > 40 for part in parts)
