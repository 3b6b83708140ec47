"""Splits a question set into two parts: settings are tuned on one and tested on the other."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from qa.errors import EvalError
from qa.evaluation.sets import EvalSet, Query

DATED = 0.9
"""Split by time only if at least this share of the questions has a date."""

QueryGroup = Sequence[Query]
"""Questions that stay in one part."""


def split_set(eval_set: EvalSet, share: float = 0.5) -> tuple[EvalSet, EvalSet]:
    """The tuning part and the test part: two sets over the same corpus. Every call gives the same split.

    If at least 90% of the questions have a date, the earlier days form the tuning part, as close to `share` of the
    questions as whole days allow; undated questions join them. Otherwise, or if all questions are from one day, a hash
    of the id decides. A question then stays in its part when others are added, and `share` is only met on average.

    Questions that reveal each other's answers stay together: questions with the same words, questions of one
    conversation (by its first question), and twins, whose ids differ only after their last number ("q12a" and "q12b",
    "c3-1" and "c3-2"). The last date of a group counts. Raises EvalError if `share` is not between 0 and 1, or if a
    part would be empty.
    """
    if not 0 < share < 1:
        raise EvalError(f"The share of questions to tune on is {share}; give a number between 0 and 1, such as 0.5.")
    groups = _groups(eval_set.queries)
    tuning = _earlier(groups, share) or _hashed(groups, share)
    if not 0 < len(tuning) < len(eval_set.queries):
        raise EvalError(
            f"The set '{eval_set.name}' has too few questions to be split ({len(eval_set.queries)} in {len(groups)} "
            "groups that belong together): one part would be empty."
        )
    return _part(eval_set, "tuning", tuning), _part(eval_set, "test", {q.id for q in eval_set.queries} - tuning)


def _part(eval_set: EvalSet, name: str, ids: Collection[str]) -> EvalSet:
    return replace(
        eval_set,
        name=f"{eval_set.name}-{name}",
        queries=tuple(query for query in eval_set.queries if query.id in ids),
        qrels={query: judged for query, judged in eval_set.qrels.items() if query in ids},
    )


# --- what belongs together -------------------------------------------------------------------------------------------

_TWIN = re.compile(r"(?P<stem>.*\d)(?:[a-z]|[._-][a-z]?\d{1,2})")


def _groups(queries: Sequence[Query]) -> list[QueryGroup]:
    """The questions in groups, in the order of the set. Each question is in one group."""
    opening: dict[str, str] = {}
    groups: dict[str, list[Query]] = defaultdict(list)
    for query in queries:
        first = query.history[0].question if query.history else query.text
        # A conversation is known by the id stem of its first question in the set.
        groups[_stem(opening.setdefault(first, query.id))].append(query)
    return list(groups.values())


def _stem(id: str) -> str:
    twin = _TWIN.fullmatch(id)
    return twin["stem"] if twin else id


# --- two ways to split -----------------------------------------------------------------------------------------------


def _earlier(groups: Sequence[QueryGroup], share: float) -> set[str]:
    """Ids of the questions of the earlier days; empty when the set cannot be split by time."""
    total = sum(map(len, groups))
    by_day: dict[dt.date, list[Query]] = defaultdict(list)
    for group in groups:
        by_day[max((query.date for query in group if query.date), default=dt.date.min)].extend(group)
    days = sorted(by_day)
    dated = sum(query.date is not None for group in groups for query in group)
    if dated < DATED * total or len(set(days) - {dt.date.min}) < 2:
        return set()
    before = _running(by_day, days)
    # The last day is always in the test part, the first dated day always in the tuning part.
    cut = min((day for day in days[:-1] if day > dt.date.min), key=lambda day: abs(before[day] - share * total))
    return {query.id for day in days if day <= cut for query in by_day[day]}


def _running(by_day: Mapping[dt.date, QueryGroup], days: Sequence[dt.date]) -> dict[dt.date, int]:
    """Day -> number of questions up to and including it."""
    counts, total = {}, 0
    for day in days:
        total += len(by_day[day])
        counts[day] = total
    return counts


def _hashed(groups: Sequence[QueryGroup], share: float) -> set[str]:
    """Ids of the questions in groups whose hash is below `share`."""
    return {query.id for group in groups if _fraction(_stem(group[0].id)) < share for query in group}


def _fraction(key: str) -> float:
    """A fixed number from 0 to 1 for a key."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) / 2**64
