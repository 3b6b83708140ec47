"""Which articles are versions of one story, and which of the versions leads."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Protocol, TypeVar

from qa.ingest.dedup.credits import credits, outlet_names
from qa.ingest.dedup.signatures import Signature, band_keys, numeral_similarity, similarity
from qa.language.text import stems
from qa.types import Article

ALIKE = 0.75
"""Similarity from which two texts are one story whatever their titles say."""
RELATED = 0.5
"""Similarity from which they are if their titles are alike too: live pages and stories that grew overnight."""
RELATED_THE_SAME_DAY = 0.35
CONTAINED = 0.85
"""Share of the shorter text that the longer one holds where the shorter is cut from it."""
SAME_TITLE = 0.3
"""Share of the words of both titles that both have."""
SHORT = 1200
"""Characters below which a template leaves little room for what differs: dividends, fixings, notices of a paywall."""
SAME_FIGURES = 0.95
"""Share of their numbers that two short texts of different days have in common if they are one."""
DAYS = 3
"""How far apart versions of a story are published: what comes back later is a template, or another day's news."""
DAYS_REPRINTED = 31
"""How far apart where text and title say that it is the same article again."""
CROWD = 64
"""Versions that share a key from which on not every pair is compared."""
NEIGHBOURS = 16
"""How far apart two of such a crowd are compared, in order of day and of signature."""


class Version(Protocol):
    """What the grouping needs to know of an article."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def signature(self) -> Signature:
        """Of its text."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def date(self) -> dt.date | None:
        """Day of publication."""

    @property
    def length(self) -> int:
        """Characters of its text."""

    @property
    def story(self) -> str | None:
        """What those of one story have in common that were compared already; None for what is new."""


V = TypeVar("V", bound=Version)


def is_same_story(a: Version, b: Version) -> bool:
    """Whether the two are versions of one story: copies, reprints, updates; not two fillings of one template."""
    alike, numbers = similarity(a.signature, b.signature), numeral_similarity(a.signature, b.signature)
    # Two fillings of a template share many of their words and few of their numbers.
    if alike < RELATED_THE_SAME_DAY or numbers < alike / 2:
        return False
    days = _days_apart(a, b)
    same_title = title_similarity(a.title, b.title) >= SAME_TITLE
    contained = _containment(a, b, alike) >= CONTAINED
    if min(a.length, b.length) < SHORT:
        same_figures = not days or (days <= DAYS and numbers >= SAME_FIGURES)
        return same_title and same_figures and (alike >= ALIKE or contained)
    if days > DAYS:
        return days <= DAYS_REPRINTED and alike >= ALIKE and same_title
    return alike >= ALIKE or (same_title and (not days or alike >= RELATED or contained))


def _days_apart(a: Version, b: Version) -> int:
    """Days between the two; where nobody knows, as many as a story may last."""
    return abs((a.date - b.date).days) if a.date and b.date else DAYS


def _containment(a: Version, b: Version, alike: float) -> float:
    """Share of the shorter text that the longer one holds, from their similarity and their lengths."""
    return alike * (a.length + b.length) / ((1 + alike) * max(1, min(a.length, b.length)))


def title_similarity(a: str, b: str) -> float:
    """Share of the content words of two titles that both have, 0 to 1."""
    one, other = _title_stems(a), _title_stems(b)
    return len(one & other) / len(one | other) if one or other else 1.0


@lru_cache(maxsize=10_000)
def _title_stems(title: str) -> frozenset[str]:
    return frozenset(stems(title))


def stories(versions: Sequence[V]) -> list[list[V]]:
    """The versions grouped by story, the groups and the versions of each in order of id; most have one version.

    What was compared already stays together, and is compared with what is new alone.
    """
    first: dict[str, str] = {}
    leads: dict[str, str] = {}
    for version in sorted(versions, key=lambda version: version.id):
        leads[version.id] = first.setdefault(version.story, version.id) if version.story else version.id

    def root(id: str) -> str:
        while leads[id] != id:
            id = leads[id] = leads[leads[id]]
        return id

    for a, b in _candidates(versions):
        one, other = sorted((root(a.id), root(b.id)))
        if one != other and is_same_story(a, b):
            leads[other] = one
    groups = defaultdict(list)
    for version in sorted(versions, key=lambda version: version.id):
        groups[root(version.id)].append(version)
    return list(groups.values())


def _candidates(versions: Sequence[V]) -> Iterator[tuple[V, V]]:
    """Pairs that share a band key and are near enough in time, each once.

    Of a key that more than CROWD versions share, each with the NEIGHBOURS next to it by day and by signature: fillings
    of one template fill it with thousands, and what is truly alike lies side by side.
    """
    buckets = defaultdict(list)
    for version in sorted(versions, key=lambda version: (version.date or dt.date.min, version.id)):
        for key in band_keys(version.signature):
            buckets[key].append(version)
    seen: set[tuple[str, str]] = set()
    crowds: dict[tuple[str, ...], list[V]] = {}  # copies share most of their keys: each crowd once
    for bucket in buckets.values():
        if len(bucket) > CROWD:
            crowds[tuple(version.id for version in bucket)] = bucket
        else:
            yield from _near(bucket, len(bucket), seen)
    for by_day in crowds.values():
        yield from _near(by_day, NEIGHBOURS, seen)
        yield from _near(sorted(by_day, key=lambda version: version.signature.tobytes()), NEIGHBOURS, seen)


def _near(bucket: Sequence[V], most: int, seen: set[tuple[str, str]]) -> Iterator[tuple[V, V]]:
    """Pairs of a bucket at most `most` places apart, the earlier first; none that was `seen` or compared already."""
    for at, one in enumerate(bucket):
        for other in islice(bucket, at + 1, at + 1 + most):
            if one.story and other.story:
                continue
            pair = (min(one.id, other.id), max(one.id, other.id))
            if pair not in seen and _days_apart(one, other) <= DAYS_REPRINTED:
                seen.add(pair)
                yield one, other


def leader(versions: Sequence[Article]) -> Article:
    """The version that leads its story: the outlet that the texts credit, else the earliest, the longest, the first id.

    Raises ValueError where there are no versions.
    """
    credited = {name for version in versions for name in credits(version.text)}
    return min(versions, key=lambda version: _rank(version, bool(credited & outlet_names(version.outlet or ""))))


def _rank(version: Article, is_original: bool) -> tuple[bool, bool, bool, dt.date, int, str]:
    date = version.first_published or version.date
    inexact = version.date_precision != "day"
    return not is_original, date is None, inexact, date or dt.date.max, -len(version.text), version.id
