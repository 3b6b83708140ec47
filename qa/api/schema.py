"""What goes in and out over HTTP, as pydantic models: the source of the OpenAPI document and of what is refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from qa.language.text import without_halves
from qa.show.document_form import PassageDocument
from qa.store.articles.articles import ArticleRow
from qa.types import CollectionName, DateSource, Filters, Turn

LONGEST_QUESTION = 100_000
"""Characters; the assistant reads as many words of it as its settings say."""


class Model(BaseModel):
    """Knows no other field than those it names."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Sent(Model):
    """What somebody sends; half a pair of surrogates in it is replaced."""

    @model_validator(mode="before")
    @classmethod
    def _without_halves(cls, value: object) -> object:
        return without_halves(value)


class Asked(Sent):
    """A question that was asked before, and what was answered."""

    question: str = Field(max_length=LONGEST_QUESTION)
    answer: str = Field(max_length=LONGEST_QUESTION)
    standalone_question: str | None = Field(None, max_length=LONGEST_QUESTION)

    def turn(self) -> Turn:
        """As the assistant takes it."""
        return Turn(self.question, self.standalone_question or self.question, self.answer)


class AskRequest(Sent):
    """A question."""

    question: str = Field(max_length=LONGEST_QUESTION, description="What you want to know.")
    as_of: dt.date | None = Field(None, description="The day the question is asked from.")
    outlets: list[str] | None = Field(None, max_length=1_000, description="Only articles of these outlets.")
    date_from: dt.date | None = Field(None, alias="from", description="Only articles from this day on.")
    date_to: dt.date | None = Field(None, alias="to", description="Only articles up to this day.")
    collection: str | None = Field(
        None, max_length=200, description="Only articles of this collection: its name or its id."
    )
    conversation: str | None = Field(
        None, max_length=200, description="Id of a kept conversation to go on with, under its filters and its day."
    )
    keep: bool = Field(False, description="Keep question and answer as a new conversation.")
    history: list[Asked] = Field([], max_length=50, description="What was asked before, where nothing is kept.")
    stream: bool = Field(False, description="Send drafts while the answer is written, as server-sent events.")

    def filters(self, collection: CollectionName | None) -> Filters | None:
        """What narrows the search, with the collection that was named; None where nothing was said of it."""
        if self.outlets is None and self.date_from is None and self.date_to is None and collection is None:
            return None
        return Filters(self.date_from, self.date_to, tuple(self.outlets or ()), collection=collection)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPassage(PassageDocument):
    """A passage that was found, with what is known of its article."""

    title: str
    outlet: str | None
    date: dt.date | None
    date_source: DateSource
    url: str | None


class SearchOut(Model):
    """What was found for a question, best first."""

    question: str
    standalone_question: str
    notice: str | None
    """A sentence for the reader, as in an answer: such as that a damaged index has been made again."""
    passages: list[FoundPassage]


class ArticlesOut(Model):
    """A page of the library."""

    total: int
    offset: int
    articles: list[ArticleRow]


class ArticleOut(BaseModel):
    """A whole article, as `qa articles --json ID` prints it: cleaned text, notes, and what cleaning took out."""

    id: str
    title: str
    text: str
    outlet: str | None
    date: dt.date | None
    date_source: DateSource
    url: str | None


class CollectionIn(Sent):
    """A new collection. Its filter takes in the articles that fit it at any time."""

    name: str = Field(max_length=1_000)
    articles: list[str] = Field([], max_length=50_000, description="Ids of articles to begin with.")
    outlets: list[str] = Field([], max_length=1_000, description="Fill it with articles of these outlets.")
    date_from: dt.date | None = Field(None, alias="from", description="Fill it with articles from this day on.")
    date_to: dt.date | None = Field(None, alias="to", description="Fill it with articles up to this day.")
    shared: bool = Field(False, description="Let every user read it.")

    @property
    def filter(self) -> Filters | None:
        """What fills it; None where only single articles do."""
        return Filters(self.date_from, self.date_to, tuple(self.outlets)) or None


class CollectionChange(Sent):
    """What is to change of a collection; what is left out stays."""

    name: str | None = Field(None, max_length=1_000)
    shared: bool | None = None
    add: list[str] = Field([], max_length=50_000, description="Ids of articles to put in.")
    remove: list[str] = Field([], max_length=50_000, description="Ids of articles to take out.")


class CollectionFilter(Model):
    """What fills a collection."""

    date_from: dt.date | None = Field(alias="from")
    date_to: dt.date | None = Field(alias="to")
    outlets: list[str]
    articles: list[str]
    stories: list[str]


class CollectionOut(Model):
    """A collection."""

    id: str
    name: str
    owner: str | None
    shared: bool
    articles: int
    """How many it holds now."""
    filter: CollectionFilter | None
    """The articles that fit it now belong to the collection."""
    sources: list[str]
    """Followed folders, pages and feeds that fill it; of a folder, its name."""


class CollectionsOut(Model):
    """What a user may read of them."""

    collections: list[CollectionOut]


class StoryRow(BaseModel):
    """A story in numbers."""

    id: str
    """Of the article that leads it: /api/stories/ID tells the story."""
    title: str
    articles: int
    outlets: dict[str, int]
    """Articles by outlet."""


class StoriesOut(Model):
    """Stories, the one that most articles tell first."""

    stories: list[StoryRow]


class StoryOut(StoryRow):
    """A story: every sentence with the place in its article where it stands."""

    timeline: list[dict[str, Any]]
    named: list[dict[str, Any]]
    differences: list[dict[str, Any]]
    corrections: list[dict[str, Any]]
    members: list[ArticleRow]


class HealthOut(Model):
    """That it is there."""

    status: Literal["ok", "unreadable"]
    articles: int | None
    version: str


class ErrorOut(Model):
    """What is wrong, in a sentence."""

    error: str


ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorOut, "description": "What was asked for cannot be done like this."},
    401: {"model": ErrorOut, "description": "A name and a password are needed (HTTP Basic)."},
    422: {"model": ErrorOut, "description": "A field is missing, unknown or of another kind."},
    503: {"model": ErrorOut, "description": "Too much is under way, or the library cannot be read."},
}
"""What may come in place of an answer, by its status."""
MISSING: dict[int | str, dict[str, Any]] = {404: {"model": ErrorOut, "description": "What was named is not there."}}
