"""Tells what each article that is offered becomes: one of its own, a new version of one, or a copy of one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from qa.store import Holder, Known, Role, Store


@dataclass(frozen=True, slots=True)
class Offered:
    """What is known of an article on its way in."""

    source: str
    wish: str
    """The id that it would like to have."""
    text_hash: str
    url_key: str | None
    outlet: str | None
    date: dt.date | None


@dataclass(frozen=True, slots=True)
class Place:
    """What an offer becomes."""

    article_id: str
    role: Role
    first_published: dt.date | None = None
    """Of an article: where an earlier version of the same page was published before."""


@dataclass(slots=True)
class Places:
    """What a number of offers become."""

    of: dict[str, Place]
    """Source -> its place. One source at most is the "article" of an id."""
    gone: list[str]
    """Ids of articles that are no longer offered as such: they became a version or a copy of another."""
    demoted: dict[str, Role]
    """Sources, offered before, of articles that are read from another source now."""
    firsts: dict[str, dt.date]
    """Article id -> day of first publication, of articles that an older version of has come."""
    again: list[str]
    """Sources of articles that are gone and have to be read again, to be copies of another."""
    there: set[str]
    """Ids of articles that the library held before."""


def find_places(
    offers: Sequence[Offered],
    known: Mapping[str, Known],
    store: Store,
    *,
    lost: Sequence[Holder] = (),
    is_gone: Callable[[str], bool] = lambda source: False,
) -> Places:
    """The places of the offers, of which `known` tells those that were offered before; in order, the later wins.

    A text that is there already is a copy, unless it says more of itself (outlet, address, day) than the one that is
    there, in whose place it comes then. Where they say different things, both are kept, as versions of one story.
    Another text from the same address is a newer version of the page, or an older one if its date says so.

    `lost` are articles that went in this run, whose text or address may turn up under another name; `is_gone` tells of
    a source that it is no longer there, so that its copy comes in its place.
    """
    return _Finder(offers, known, store, lost, is_gone).run()


class _Finder:
    def __init__(
        self,
        offers: Sequence[Offered],
        known: Mapping[str, Known],
        store: Store,
        lost: Sequence[Holder],
        is_gone: Callable[[str], bool],
    ) -> None:
        self.offers, self.store, self.is_gone = offers, store, is_gone
        self.own = {source: one.article_id for source, one in known.items() if one.role == "article"}
        self.older = {source for source, one in known.items() if one.role == "older"}
        self.lost = {holder.text_hash: holder for holder in lost}
        self.lost |= {holder.url_key: holder for holder in lost if holder.url_key}
        self.places = Places({}, [], {}, {}, [], set())
        self.held: dict[str, Holder] = {}
        self.by_text: dict[str, list[str]] = {}
        self.by_url: dict[str, str] = {}
        wishes = [id_ for offer in offers for id_ in _choices(offer)]
        self.owners = store.articles.sources_of(wishes)

    def run(self) -> Places:
        holders = self.store.articles.holders(
            ids=list(self.own.values()),
            text_hashes=list({offer.text_hash for offer in self.offers}),
            url_keys=list({offer.url_key for offer in self.offers if offer.url_key}),
        )
        self.places.there = {holder.id for holder in holders}
        for holder in holders:
            self._hold(holder)
        for offer in self.offers:
            self._place(offer)
        return self.places

    def _place(self, offer: Offered) -> None:
        own = self.held.get(self.own.get(offer.source, ""))
        if own and own.source == offer.source:
            self._let_go(own)  # what it said it says no longer
        else:
            own = None
        page = self.held.get(self.by_url.get(offer.url_key or "", ""))
        twin = self._twin(offer)
        if twin and page and twin is not page:
            self._displace(twin, page)  # no address stands twice
            twin = None
        if twin:
            if _says_no_more(offer, twin) and not self.is_gone(twin.source):
                self._leave(offer, own, Place(twin.id, "copy"))
            else:
                self._take_over(offer, own, twin, "copy")
        elif page and self._is_older(offer, page):
            self._first_published(page, offer.date)
            self._leave(offer, own, Place(page.id, "older"))
        elif page:
            self._take_over(offer, own, page, "older")
        else:
            before = own or self.lost.get(offer.text_hash) or self.lost.get(offer.url_key or "")
            id_ = before.id if before and before.id not in self.held else self._new_id(offer)
            self._settle_down(offer, id_, before)

    def _is_older(self, offer: Offered, page: Holder) -> bool:
        """Whether the page holds a newer version; where the offer tells no day, what it was before decides."""
        if offer.date and page.date:
            return offer.date < page.date
        return offer.source in self.older

    def _first_published(self, page: Holder, day: dt.date | None) -> None:
        """Notes when an older version of a page was published."""
        if day and (page.first_published or page.date or day) > day:
            if page.source in self.places.of:
                self.places.of[page.source] = replace(self.places.of[page.source], first_published=day)
            else:
                self.places.firsts[page.id] = day
            self.held[page.id] = replace(page, first_published=day)

    def _displace(self, twin: Holder, page: Holder) -> None:
        """The twin is a copy of what comes to stand at the page's address."""
        self._let_go(twin)
        if twin.source in self.places.of:
            self.places.of[twin.source] = Place(page.id, "copy")
        else:
            self.places.gone.append(twin.id)
            self.places.again.append(twin.source)

    def _leave(self, offer: Offered, own: Holder | None, place: Place) -> None:
        """The offer is no article of its own; the one that it was goes."""
        if own:
            self.places.gone.append(own.id)
        self.places.of[offer.source] = place

    def _take_over(self, offer: Offered, own: Holder | None, other: Holder, role: Role) -> None:
        """The offer comes in the place of another, whose source has the given role from now on."""
        if own:
            self.places.gone.append(own.id)
        if other.source in self.places.of:
            self.places.of[other.source] = Place(other.id, role)
        else:
            self.places.demoted[other.source] = role
        self._let_go(other)
        self._settle_down(offer, other.id, other)

    def _settle_down(self, offer: Offered, id_: str, before: Holder | None) -> None:
        """The offer is the article of this id; `before` is what was there."""
        same_page = before is not None and before.url_key == offer.url_key is not None
        days = [before.first_published, before.date] if before and same_page else []
        first = min((day for day in [*days, offer.date] if day), default=None)
        first = first if first != offer.date else None
        self.places.of[offer.source] = Place(id_, "article", first)
        self.places.demoted.pop(offer.source, None)
        self._hold(Holder(id_, offer.source, offer.text_hash, offer.url_key, offer.outlet, offer.date or first, first))

    def _twin(self, offer: Offered) -> Holder | None:
        twins = [self.held[id_] for id_ in self.by_text.get(offer.text_hash, [])]
        return next((twin for twin in twins if _says_no_more(offer, twin) or _says_no_more(twin, offer)), None)

    def _hold(self, holder: Holder) -> None:
        self.held[holder.id] = holder
        self.by_text.setdefault(holder.text_hash, []).append(holder.id)
        if holder.url_key:
            self.by_url[holder.url_key] = holder.id

    def _let_go(self, holder: Holder) -> None:
        del self.held[holder.id]
        self.by_text[holder.text_hash].remove(holder.id)
        if self.by_url.get(holder.url_key or "") == holder.id:
            del self.by_url[holder.url_key or ""]

    def _new_id(self, offer: Offered) -> str:
        """The id it wishes, made different from those of other sources."""
        return next(id_ for id_ in _choices(offer) if self.owners.setdefault(id_, offer.source) == offer.source)


def _says_no_more(offer: Offered | Holder, other: Offered | Holder) -> bool:
    """Whether all that the one says of itself, the other says as well."""
    pairs = (offer.outlet, other.outlet), (offer.url_key, other.url_key), (offer.date, other.date)
    return all(mine is None or mine == theirs for mine, theirs in pairs)


def _choices(offer: Offered) -> tuple[str, ...]:
    digest = sha256(offer.source.encode("utf-8", "surrogatepass")).hexdigest()
    return offer.wish, f"{offer.wish}-{digest[:6]}", f"{offer.wish}-{digest}"


def slug(text: str) -> str:
    """A readable id made of a text."""
    return re.sub(r"[^\w]+", "-", text.lower()).strip("-_")[:60].strip("-") or "article"
