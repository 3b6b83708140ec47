"""Tells what each article that is offered becomes: one of its own, a new version of one, or a copy of one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


def find_places(offers: Sequence[Offered], known: Mapping[str, Known], store: Store) -> Places:
    """The places of the offers, of which `known` tells those that were offered before; in order, the later wins.

    A text that is there already is a copy, unless it says more of itself (outlet, address, day) than the one that is
    there, in whose place it comes then. Where they say different things, both are kept, as versions of one story.
    Another text from the same address is a newer version of the page, or an older one if its date says so.
    """
    return _Finder(offers, known, store).run()


class _Finder:
    def __init__(self, offers: Sequence[Offered], known: Mapping[str, Known], store: Store) -> None:
        self.offers, self.store = offers, store
        self.own = {source: one.article_id for source, one in known.items() if one.role == "article"}
        self.places = Places({}, [], {})
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
        if twin := self._twin(offer):
            if _says_no_more(offer, twin):
                self._leave(offer, own, Place(twin.id, "copy"))
            else:
                self._take_over(offer, own, twin, "copy")
        elif page and offer.date and page.date and offer.date < page.date:
            self._leave(offer, own, Place(page.id, "older"))
        elif page:
            self._take_over(offer, own, page, "older")
        else:
            self._settle_down(offer, own.id if own else self._new_id(offer), own)

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
