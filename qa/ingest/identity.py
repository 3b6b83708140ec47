"""Decides what each arriving article becomes: a new article, a new version of one, or a copy of one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from qa.store import KnownArticle, KnownSource, Role, Store


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of an article on its way in."""

    source: str
    wanted_id: str
    """The id it takes if no other article has it."""
    text_hash: str
    url_key: str | None
    outlet: str | None
    date: dt.date | None

    @property
    def keys(self) -> tuple[str, ...]:
        """What it may be known by already: who takes it in has these to itself."""
        return tuple(filter(None, (self.source, self.wanted_id, self.text_hash, self.url_key)))


@dataclass(frozen=True, slots=True)
class Identity:
    """What an arrival becomes: the article itself, a copy, or an older version of it."""

    article_id: str
    role: Role
    first_published: dt.date | None = None
    """For an article: the day of an earlier version of the same page."""


@dataclass(slots=True)
class Identities:
    """What arrivals become, and what that does to the articles that are there."""

    of: dict[str, Identity]
    """Source -> its identity. At most one source is the "article" of an id."""
    gone: list[str]
    """Ids of articles that became a version or a copy of another."""
    demoted: dict[str, Role]
    """Known sources of articles that are read from another source now."""
    firsts: dict[str, dt.date]
    """Article id -> day of first publication, for articles whose older version arrived."""
    again: list[str]
    """Sources to be read again: their articles are gone, and they become copies of another."""
    there: set[str]
    """Ids of articles that the library held before."""


def identify(
    arrivals: Sequence[Arrival],
    known: Mapping[str, KnownSource],
    store: Store,
    *,
    lost: Sequence[KnownArticle] = (),
    is_gone: Callable[[str], bool] = lambda source: False,
) -> Identities:
    """The identity of each arrival; of two that claim the same one, the later wins. `known` are sources seen before.

    A text that is there already is a copy, unless the arrival knows more (outlet, address, day): then it takes the
    article's place. If the two say different things, both stay, as versions of one story. Another text from the same
    address is a newer version of the page, or an older one if its date says so.

    `lost` are articles removed in this run, whose text or address may come back under another name. `is_gone` says
    whether a source no longer exists, so that its copy takes its place.
    """
    return _Identifier(arrivals, known, store, lost, is_gone).run()


class _Identifier:
    def __init__(
        self,
        arrivals: Sequence[Arrival],
        known: Mapping[str, KnownSource],
        store: Store,
        lost: Sequence[KnownArticle],
        is_gone: Callable[[str], bool],
    ) -> None:
        self.arrivals, self.store, self.is_gone = arrivals, store, is_gone
        self.own = {source: one.article_id for source, one in known.items() if one.role == "article"}
        self.older = {source for source, one in known.items() if one.role == "older"}
        self.lost = {article.text_hash: article for article in lost}
        self.lost |= {article.url_key: article for article in lost if article.url_key}
        self.identities = Identities({}, [], {}, {}, [], set())
        self.held: dict[str, KnownArticle] = {}
        self.by_text: dict[str, list[str]] = {}
        self.by_url: dict[str, str] = {}
        wanted = [id_ for arrival in arrivals for id_ in _choices(arrival)]
        self.owners = store.articles.sources_of(wanted)

    def run(self) -> Identities:
        articles = self.store.articles.known(
            ids=list(self.own.values()),
            text_hashes=list({arrival.text_hash for arrival in self.arrivals}),
            url_keys=list({arrival.url_key for arrival in self.arrivals if arrival.url_key}),
        )
        self.identities.there = {article.id for article in articles}
        for article in articles:
            self._hold(article)
        for arrival in self.arrivals:
            self._identify(arrival)
        return self.identities

    def _identify(self, arrival: Arrival) -> None:
        own = self.held.get(self.own.get(arrival.source, ""))
        if own and own.source == arrival.source:
            self._let_go(own)  # what it said it says no longer
        else:
            own = None
        page = self.held.get(self.by_url.get(arrival.url_key or "", ""))
        twin = self._twin(arrival)
        if twin and page and twin is not page:
            self._displace(twin, page)  # no address stands twice
            twin = None
        if twin:
            if _says_no_more(arrival, twin) and not self.is_gone(twin.source):
                self._leave(arrival, own, Identity(twin.id, "copy"))
            else:
                self._take_over(arrival, own, twin, "copy")
        elif page and self._is_older(arrival, page):
            self._first_published(page, arrival.date)
            self._leave(arrival, own, Identity(page.id, "older"))
        elif page:
            self._take_over(arrival, own, page, "older")
        else:
            before = own or self.lost.get(arrival.text_hash) or self.lost.get(arrival.url_key or "")
            id_ = before.id if before and before.id not in self.held else self._new_id(arrival)
            self._settle_down(arrival, id_, before)

    def _is_older(self, arrival: Arrival, page: KnownArticle) -> bool:
        """Whether the page holds a newer version; if the arrival has no day, what it was before decides."""
        if arrival.date and page.date:
            return arrival.date < page.date
        return arrival.source in self.older

    def _first_published(self, page: KnownArticle, day: dt.date | None) -> None:
        """Notes when an older version of a page was published."""
        if day and (page.first_published or page.date or day) > day:
            if page.source in self.identities.of:
                self.identities.of[page.source] = replace(self.identities.of[page.source], first_published=day)
            else:
                self.identities.firsts[page.id] = day
            self.held[page.id] = replace(page, first_published=day)

    def _displace(self, twin: KnownArticle, page: KnownArticle) -> None:
        """The twin becomes a copy of the article at the page's address."""
        self._let_go(twin)
        if twin.source in self.identities.of:
            self.identities.of[twin.source] = Identity(page.id, "copy")
        else:
            self.identities.gone.append(twin.id)
            self.identities.again.append(twin.source)

    def _leave(self, arrival: Arrival, own: KnownArticle | None, identity: Identity) -> None:
        """The arrival is no article of its own; the article that it was goes."""
        if own:
            self.identities.gone.append(own.id)
        self.identities.of[arrival.source] = identity

    def _take_over(self, arrival: Arrival, own: KnownArticle | None, other: KnownArticle, role: Role) -> None:
        """The arrival comes in the place of another, whose source has the given role from now on."""
        if own:
            self.identities.gone.append(own.id)
        if other.source in self.identities.of:
            self.identities.of[other.source] = Identity(other.id, role)
        else:
            self.identities.demoted[other.source] = role
        self._let_go(other)
        self._settle_down(arrival, other.id, other)

    def _settle_down(self, arrival: Arrival, id_: str, before: KnownArticle | None) -> None:
        """The arrival is the article of this id; `before` is what was there."""
        same_page = before is not None and before.url_key == arrival.url_key is not None
        days = [before.first_published, before.date] if before and same_page else []
        first = min((day for day in [*days, arrival.date] if day), default=None)
        first = first if first != arrival.date else None
        self.identities.of[arrival.source] = Identity(id_, "article", first)
        self.identities.demoted.pop(arrival.source, None)
        self._hold(
            KnownArticle(
                id_, arrival.source, arrival.text_hash, arrival.url_key, arrival.outlet, arrival.date or first, first
            )
        )

    def _twin(self, arrival: Arrival) -> KnownArticle | None:
        twins = [self.held[id_] for id_ in self.by_text.get(arrival.text_hash, [])]
        return next((twin for twin in twins if _says_no_more(arrival, twin) or _says_no_more(twin, arrival)), None)

    def _hold(self, article: KnownArticle) -> None:
        self.held[article.id] = article
        self.by_text.setdefault(article.text_hash, []).append(article.id)
        if article.url_key:
            self.by_url[article.url_key] = article.id

    def _let_go(self, article: KnownArticle) -> None:
        del self.held[article.id]
        self.by_text[article.text_hash].remove(article.id)
        if self.by_url.get(article.url_key or "") == article.id:
            del self.by_url[article.url_key or ""]

    def _new_id(self, arrival: Arrival) -> str:
        """The id it wanted, made different from those of other sources."""
        return next(id_ for id_ in _choices(arrival) if self.owners.setdefault(id_, arrival.source) == arrival.source)


def _says_no_more(arrival: Arrival | KnownArticle, other: Arrival | KnownArticle) -> bool:
    """Whether all that the one says of itself, the other says as well."""
    pairs = (arrival.outlet, other.outlet), (arrival.url_key, other.url_key), (arrival.date, other.date)
    return all(mine is None or mine == theirs for mine, theirs in pairs)


def _choices(arrival: Arrival) -> tuple[str, ...]:
    digest = sha256(arrival.source.encode("utf-8", "surrogatepass")).hexdigest()
    return arrival.wanted_id, f"{arrival.wanted_id}-{digest[:6]}", f"{arrival.wanted_id}-{digest}"


def slug(text: str) -> str:
    """A readable id made of a text."""
    return re.sub(r"[^\w]+", "-", text.lower()).strip("-_")[:60].strip("-") or "article"
