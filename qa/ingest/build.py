"""Builds articles from records, outlet by outlet: what recurs among the articles of an outlet is counted here."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace

import numpy as np

from qa.ingest.clean import clean, recurring_lines
from qa.ingest.describe import find_outlet
from qa.ingest.read import Failure, Record
from qa.ingest.report import Tally
from qa.ingest.sources import container_of
from qa.ingest.steps import BuiltArticle, FoundArticle, Lines, not_an_article, text_hash, versions_of
from qa.ingest.workers import Workers
from qa.language.text import normalise
from qa.settings import Settings
from qa.store import Articles, NewArticle, Origin


class Builder:
    """Builds articles from records, an outlet at a time: the lines that recur in an outlet are not the article."""

    def __init__(self, articles: Articles, settings: Settings, tally: Tally, workers: Workers) -> None:
        self._articles, self._settings, self._tally, self._workers = articles, settings, tally, workers
        self._newly: dict[str | None, Mapping[int, int]] = {}
        self.versions = versions_of(settings)

    def origin_of(self, record: Record) -> Origin:
        """What the manifest remembers of a record."""
        container = container_of(record)
        source = f"{container}#{normalise(record.key)}" if record.key else container
        content = json.dumps([dict(record.fields), record.dates, record.updated, record.text], sort_keys=True)
        return Origin(source, container, text_hash(content), self.versions)

    def build(self, records: Sequence[tuple[Origin, Record]], replaced: set[str]) -> list[BuiltArticle]:
        """The records, built; `replaced` are the ids of articles that they replace."""
        found = list(self._found(records, replaced))
        built = []
        for one in self._workers.map("build", found, lambda one: one.name):
            if isinstance(one, Failure):
                self._tally.fail(one)
            else:
                built.append(one)
        return built

    def _found(self, records: Sequence[tuple[Origin, Record]], replaced: set[str]) -> Iterator[FoundArticle]:
        """The records with their lines, and those that recur in their outlets."""
        lines = self._workers.map("lines", [record for _, record in records], lambda record: record.name)
        outlets: dict[str | None, dict[int, Lines]] = defaultdict(dict)
        for number, own in enumerate(lines):
            record = records[number][1]
            try:
                if isinstance(own, Failure):
                    self._tally.fail(own)
                else:
                    outlets[find_outlet(record.fields)][number] = own
            except Exception as error:
                self._tally.fail(not_an_article(record.name, error))
        recurring: dict[int, tuple[Mapping[int, int], Lines]] = {}
        for outlet, inside in outlets.items():
            with self._tally.stage("clean"):
                in_outlet = self._recurring(outlet, list(inside.values()), replaced)
            recurring |= {number: (in_outlet, own) for number, own in inside.items()}
        for number in sorted(recurring):
            yield FoundArticle(*records[number], *recurring[number])

    def cleaned_again(self, replaced: Set[str], before: dict[str, str]) -> Iterator[NewArticle]:
        """Stored articles with lines that recur only since the last records came, built again without them.

        In `before` goes, by the id of each, the `text_hash` that it had.
        """
        for outlet, recurring in self._newly.items():
            newly = np.array(sorted(recurring), np.uint64)
            for id_, lines in self._articles.lines_of(outlet).items():
                if id_ not in replaced and np.isin(newly, np.frombuffer(lines, np.uint64)).any():
                    again: list[NewArticle] = []
                    try:
                        again += self._cleaned_again(id_, recurring, before)
                    except Exception as error:
                        reason = "lines that recur in its outlet cannot be taken out of it"
                        self._tally.fail(Failure(id_, f"{reason}: {error!r:.200}"))
                    yield from again
        self._newly = {}

    def _cleaned_again(
        self, article_id: str, recurring: Mapping[int, int], before: dict[str, str]
    ) -> Iterator[NewArticle]:
        for new in self._articles.stored([article_id]):
            if new.origin.versions != self.versions:
                continue  # it was wanted whole, or is cleaned anew when it comes again
            with self._tally.stage("clean"):
                cleaned = clean(new.article.text, recurring)
            # Where the pages of a document begin is known from the document alone, which is not at hand.
            if cleaned.text and cleaned.text != new.article.text and not new.article.pages:
                before[article_id] = new.text_hash
                article = replace(new.article, text=cleaned.text, notes=new.article.notes + cleaned.notes)
                dropped = new.dropped + cleaned.dropped
                new = replace(new, article=article, dropped=dropped, text_hash=text_hash(cleaned.text))
                yield replace(new, **self._workers.steps.parts(cleaned.text)._asdict())

    def _recurring(self, outlet: str | None, new: Sequence[Lines], replaced: set[str]) -> Mapping[int, int]:
        """The lines that recur in an outlet; notes those that did not before the new articles came."""
        if not self._settings.clean:
            return {}
        there = self._articles.lines_of(outlet).items()
        stored = [np.frombuffer(lines, np.uint64) for id_, lines in there if id_ not in replaced]
        recurring = recurring_lines([*stored, *new])
        if stored and (newly := recurring.keys() - recurring_lines(stored).keys()):
            self._newly[outlet] = {line: recurring[line] for line in newly}
        return recurring
