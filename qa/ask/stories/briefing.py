"""A briefing in the articles' own words: the stories that most articles tell, each with its newest state last."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from qa.ask.answer.answerer import Answered
from qa.ask.answer.choose import alike, points_back
from qa.ask.answer.extractive import EXTRACTIVE
from qa.ask.answer.running_text import running_sentences
from qa.ask.answer.sentences import PassageSentence, dissect
from qa.ask.smalltalk import NO_ARTICLES, NONE_PASSES
from qa.ask.stories.asked import BriefingAsked
from qa.ask.stories.event import grouped, subject_of
from qa.language.text import sentence_spans, stems
from qa.language.told_days import published_day
from qa.library import Library
from qa.runtime import ASKER
from qa.show.wording import counted_text, date_text, window_text
from qa.store import ArticleRow
from qa.types import Article, Claim, Filters, Hit, Passage, Question, Span, TimeWindow

MOST = 12
"""Sentences of a briefing, at most."""
FEWEST = 5
"""Sentences that it has at least, where the articles have as many."""
SECTIONS = 4
"""Stories that it tells; more where these give too few sentences."""
OF_ONE = {1: 8, 2: 6, 3: 4}
"""Stories -> sentences of each, at most; of more stories MOST / SECTIONS."""
LATELY = 14
"""Days before the newest article that a briefing without a topic and without days is about."""
_FEW = 5  # articles of these days, from which on older ones do not matter
READ = 150
"""Reports that are read for a briefing, the newest first; versions of one count once."""
ON_TOPIC = 0.6
"""Share of a topic's words, weighted by idf, that title and lead of an article about it hold."""
PROMPTED = 900
"""Characters round the sentences of an article that a language model reads."""


@dataclass(frozen=True, slots=True)
class Section:
    """A story in a briefing."""

    heading: str
    sentences: tuple[Span, ...]
    """In the order of their days, the newest last."""

    @property
    def hits(self) -> tuple[Hit, ...]:
        """What a language model reads: the text from the first sentence of each article on."""
        starts: dict[str, Span] = {}
        for span in sorted(self.sentences, key=lambda span: span.start):
            starts.setdefault(span.article.id, span)
        return tuple(Hit(_passage(span), 1.0) for span in reversed(starts.values()))

    def claims(self, *, is_first: bool) -> tuple[Claim, ...]:
        """Its sentences as entries of a list, each led by its day, under the heading."""
        return tuple(
            Claim(
                span.text,
                (span,),
                "- " if not number and is_first else "\n\n- " if not number else "\n- ",
                str(published_day(span.article.date) or ""),
                heading="" if number else self.heading,
            )
            for number, span in enumerate(self.sentences)
        )


def quoted(sections: Sequence[Section]) -> Answered:
    """The briefing in the articles' own words, unchecked."""
    claims = chain.from_iterable(section.claims(is_first=not n) for n, section in enumerate(sections))
    hits = tuple(hit for section in sections for hit in section.hits)
    return Answered(EXTRACTIVE, hits, tuple(claims))


def _passage(span: Span) -> Passage:
    text, start = span.article.text, span.start
    ends = [start + end for _, end in sentence_spans(text[start : start + PROMPTED])]
    within = [end for end in ends if end < start + PROMPTED] or [span.end]
    return Passage(span.article, start, max(span.end, within[-1]))


# --- which articles ---------------------------------------------------------------------------------------------------


def newest_rows(library: Library, filters: Filters) -> list[ArticleRow]:
    """The articles that pass the filters, newest first; where nobody says when, those of the last days if not few."""
    store = library.store.articles
    if not (filters.date_from or filters.is_choice):
        last = min(filter(None, (filters.date_to, filters.dated_until)), default=dt.date.max)
        days = [day for day in library.overview().days if day <= last]
        if days:
            rows = store.rows(replace(filters, date_from=max(days) - dt.timedelta(LATELY)))
            if len(rows) >= _FEW:
                return rows
    return store.rows(filters)


def reports_of(library: Library, rows: Sequence[ArticleRow]) -> list[Article]:
    """One article for each report among the rows, the newest READ: those with the most versions first."""
    versions = Counter(row.story for row in rows)
    told: dict[str, str] = {}
    for row in rows:
        if row.story not in told or row.id == row.story:
            told[row.story] = row.id
    ids = list(told.values())[:READ]
    articles = library.store.articles.many(ids)
    known = [articles[id_] for id_ in ids if id_ in articles]
    return sorted(known, key=lambda article: -versions[article.story])


def about_topic(library: Library, topic: str, hits: Sequence[Hit]) -> list[Article]:
    """The articles of the hits whose title and lead hold most of a topic's words."""
    idf = library.store.words().idf
    weights = {word: idf(word) for word in stems(topic)}
    total = sum(weights.values())
    articles = {hit.passage.article.id: hit.passage.article for hit in hits}
    if not total:
        return []
    held = {id_: sum(weights[word] for word in subject_of(one).words & weights.keys()) for id_, one in articles.items()}
    return [articles[id_] for id_, weight in held.items() if weight >= ON_TOPIC * total]


# --- which sentences --------------------------------------------------------------------------------------------------


def sections_of(library: Library, articles: Sequence[Article], counted: Sequence[ArticleRow]) -> list[Section]:
    """The articles as a briefing: each event a section, those that most of the `counted` rows tell first."""
    by_story: dict[str, list[ArticleRow]] = {}
    for row in counted:
        by_story.setdefault(row.story, []).append(row)
    groups = grouped(articles, library.store.words())
    stories_of = [dict.fromkeys(one.story for one in group) for group in groups]
    events = [
        (group, [row for story in stories for row in by_story.get(story, [])])
        for group, stories in zip(groups, stories_of, strict=True)
    ]
    events.sort(key=lambda event: (-len(event[1]), -_newest(event[0]).toordinal()))
    count = min(len(events), SECTIONS)
    most = OF_ONE.get(count, MOST // SECTIONS)
    sections: list[Section] = []
    left, told = MOST, list[PassageSentence]()
    for group, rows in events:
        if left <= 0 or (len(sections) >= SECTIONS and MOST - left >= FEWEST):
            break
        spans = _chosen(group, min(most, left), told)
        if spans:
            sections.append(Section(_heading(group[0].title, rows), tuple(spans)))
            left -= len(spans)
    return sections


def _newest(group: Sequence[Article]) -> dt.date:
    return max((article.date for article in group if article.date), default=dt.date.min)


def _heading(title: str, rows: Sequence[ArticleRow]) -> str:
    """The title with the number of articles and who published them."""
    outlets = list(dict.fromkeys(row.outlet for row in rows if row.outlet))
    return f"{' '.join(title.split())} ({counted_text(len(rows), outlets)})"


def _chosen(group: Sequence[Article], most: int, told: list[PassageSentence]) -> list[Span]:
    """Up to `most` sentences of an event that say something new, by day: of each article the first before a second."""
    newest_first = sorted(group, key=lambda one: (one.date or dt.date.min, one.id), reverse=True)
    order = list(dict.fromkeys([newest_first[0], group[0], *newest_first]))[: 2 * most]
    kept: list[Span] = []
    for span in chain.from_iterable(zip_longest(*(running_sentences(article)[:most] for article in order))):
        if len(kept) == most:
            break
        if span is None or (span.start and points_back(span.text)):
            continue
        sentence = dissect(span, 0)
        if not any(alike(sentence, other) for other in told):
            told.append(sentence)
            kept.append(span)
    return sorted(kept, key=lambda span: (span.article.date or dt.date.min, span.article.id, span.start))


# --- the whole --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plan:
    """What a briefing will tell."""

    sections: tuple[Section, ...] = ()
    nothing: str = ""
    """What is said in place of sections, where there are none."""
    notice: str | None = None
    """What its reader should know of the choice."""


def planned(library: Library, asked: BriefingAsked, question: Question, hits: Sequence[Hit]) -> Plan | None:
    """The briefing that was asked for; None where no article is about its topic. The `hits` are those of the topic."""
    visit = _last_visit(library) if asked.since_visit else None
    filters = _within_days(replace(question.filters, dated_until=question.as_of), question.window, visit)
    found = about_topic(library, asked.topic, hits) if asked.topic else []
    if asked.topic:
        articles = [article for article in found if _is_within(article, filters)]
        rows = _all_versions(library, filters, {article.story for article in articles})
        if not found:
            return None
    else:
        rows = newest_rows(library, filters)
        articles = reports_of(library, rows)
    if not articles:
        return Plan(nothing=_nothing(library, question, asked.topic, found, visit))
    sections = tuple(sections_of(library, articles, rows))
    return Plan(sections, "" if sections else NOTHING_SAID, _notice(asked, visit, len(rows)))


NOTHING_SAID = "The articles that pass hold no running text that could be quoted."


def _last_visit(library: Library) -> dt.date | None:
    """The day before today on which the reader last asked something."""
    midnight = dt.datetime.combine(dt.date.today(), dt.time()).astimezone(dt.UTC)
    last = library.store.conversations.last_visit(midnight, owner=ASKER.get())
    return last.astimezone().date() if last else None


def _within_days(filters: Filters, window: TimeWindow | None, visit: dt.date | None) -> Filters:
    """The filters, narrowed to the days that the words of the question name and to those since the last visit."""
    first, last = window.days if window else (None, None)
    starts = [day for day in (filters.date_from, first, visit) if day]
    ends = [day for day in (filters.date_to, last) if day]
    return replace(filters, date_from=max(starts, default=None), date_to=min(ends, default=None))


def _is_within(article: Article, filters: Filters) -> bool:
    """Whether an article that passes the other filters is of their days."""
    if filters.dated_until and article.date and article.date > filters.dated_until:
        return False
    if not (filters.date_from or filters.date_to):
        return True
    day = article.date
    return day is not None and (filters.date_from or day) <= day <= (filters.date_to or day)


def _all_versions(library: Library, filters: Filters, stories: set[str]) -> list[ArticleRow]:
    """All articles of the stories that pass the filters."""
    chosen = filters if filters.is_choice else replace(filters, stories=tuple(sorted(stories)))
    return [row for row in library.store.articles.rows(chosen) if row.story in stories] if stories else []


def _nothing(library: Library, question: Question, topic: str, found: Sequence[Article], visit: dt.date | None) -> str:
    """Why there is nothing to tell, in a sentence; `found` are the articles on the topic, of any day."""
    store = library.store.articles
    filters = replace(question.filters, dated_until=question.as_of)
    if not library.count():
        return NO_ARTICLES
    if filters.is_choice and not store.count(Filters(articles=filters.articles, stories=filters.stories)):
        return "The articles of this story are no longer in the library."
    about = f" on {topic}" if topic else ""
    inside = [one for one in found if _is_within(one, filters)] if topic else store.rows(filters)
    newest = max((one.date for one in inside if one.date), default=None)
    if visit:
        last = f": the newest article{about} is of {date_text(newest)}" if newest else ""
        return f"There is nothing new{about} since {date_text(visit)}, the day of your last visit{last}."
    if question.window and newest:
        days = window_text(question.window)
        return f"Nothing{about} from these days ({days}). The newest article{about} is of {date_text(newest)}."
    return NONE_PASSES


def _notice(asked: BriefingAsked, visit: dt.date | None, count: int) -> str | None:
    if visit:
        return f"Articles since {date_text(visit)}, the day of your last visit."
    if asked.since_visit:
        return "You have asked nothing before today, so these are the newest articles."
    return "This is one article only." if count == 1 else None
