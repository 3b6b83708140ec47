"""The kept conversations of a library: their questions and answers."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from qa.errors import DatabaseGone, LibraryError, UsageError
from qa.store import tables
from qa.store.database import Database, has_tables, moment_text, writable
from qa.store.dialects import IsJson, Lowered, Member, Members, Parsed
from qa.store.windows.questions import Claim

_conversations, _turns, _thumbs = tables.conversations, tables.turns, tables.thumbs

LONGEST_TITLE = 200
"""Longest title in characters; a longer one is cut between words."""
_SHORTEST_START = 4  # characters of an id that are enough to name it


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A line of the list of conversations."""

    id: str
    title: str
    created: dt.datetime
    updated: dt.datetime
    """When its last turn was added, or its title changed. Both in UTC."""
    owner: str | None
    turns: int


@dataclass(frozen=True, slots=True)
class Thumb:
    """A reader's verdict on an answer, and the reason."""

    up: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A question of a conversation, and its answer as the document that was given to `add`."""

    conversation: str
    number: int
    """From 1."""
    question: str
    standalone: str
    document: Mapping[str, Any]
    created: dt.datetime
    thumb: Thumb | None = None
    """The reader's verdict; None if there is none."""


class Conversations:
    """The conversations of a library. Every method is one transaction.

    Where an `owner` is given, only theirs are seen and changed; None sees everybody's.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        if not has_tables(database, _conversations, _turns, _thumbs):
            database.require_writable()

    # --- writing ------------------------------------------------------------------------------------------------------

    def start(self, title: str, *, owner: str | None = None) -> ConversationRow:
        """A new conversation without turns."""
        now = _now()
        row = ConversationRow(uuid4().hex[:12], _titled(title), now, now, owner, 0)
        with self._db.writing() as db:
            db.execute(
                _conversations.insert().values(
                    id=row.id, title=row.title, created=moment_text(now), updated=moment_text(now), owner=owner
                )
            )
        return row

    def add(
        self,
        conversation_id: str,
        question: str,
        standalone: str,
        document: Mapping[str, Any],
        *,
        owner: str | None = None,
        replaces_last: bool = False,
        claim: Claim | None = None,
    ) -> StoredTurn:
        """The turn, put behind the last one of its conversation, or in its place; then that one's thumb goes too.

        A conversation that is called by its first question is called by the one that takes that one's place.

        With a `claim` on the question, the answer is kept only while that holds. Raises UsageError where the
        conversation has been deleted, LibraryError where the claim was lost.
        """
        with self._db.writing() as db:
            row = _require(db, conversation_id, owner)
            last = _last(db, conversation_id)
            number = max(last, 1) if replaces_last else last + 1
            if number == last == 1 and row.title == _titled(_asked_first(db, conversation_id)):
                _change(db, conversation_id, _now(), title=_titled(question))
            turn = _turn(conversation_id, number, question, standalone, document)
            for table in (_turns, _thumbs) if replaces_last else ():
                db.execute(table.delete().where(table.c.conversation == conversation_id, table.c.number == number))
            _insert(db, turn)
            if claim:
                claim.settle(db, conversation_id, number)
        return turn

    def rate(self, conversation_id: str, number: int, thumb: Thumb | None, *, owner: str | None = None) -> None:
        """Writes down what the reader thinks of a turn; None takes it back. Raises UsageError without such a turn."""
        with self._db.writing() as db:
            _require(db, conversation_id, owner)
            here = _turns.c.conversation == conversation_id, _turns.c.number == number
            if not db.execute(sa.select(_turns.c.id).where(*here)).first():
                raise UsageError(f"Conversation '{conversation_id}' has no answer number {number}. Load it anew.")
            db.execute(_thumbs.delete().where(_thumbs.c.conversation == conversation_id, _thumbs.c.number == number))
            if thumb:
                values = {"conversation": conversation_id, "number": number, "up": thumb.up, "reason": thumb.reason}
                db.execute(_thumbs.insert().values(values))

    def rename(self, conversation_id: str, title: str, *, owner: str | None = None) -> ConversationRow:
        """The conversation under its new title. Raises UsageError if there is none, or the title is empty."""
        if not title.strip():
            raise UsageError("The title is empty. Give the conversation a name, such as: Election in Belarus")
        with self._db.writing() as db:
            _require(db, conversation_id, owner)
            _change(db, conversation_id, _now(), title=_titled(title))
            return _require(db, conversation_id, owner)

    def delete(self, conversation_id: str, *, owner: str | None = None) -> None:
        """Deletes a conversation with its turns. Raises UsageError if there is none."""
        with self._db.writing() as db:
            _require(db, conversation_id, owner)
            for table in (_turns, _thumbs):
                db.execute(table.delete().where(table.c.conversation == conversation_id))
            db.execute(_conversations.delete().where(_conversations.c.id == conversation_id))

    # --- reading ------------------------------------------------------------------------------------------------------

    def get(self, conversation_id: str, *, owner: str | None = None) -> ConversationRow | None:
        """The conversation, or None."""
        with self._db.reading() as db:
            return _get(db, conversation_id, owner)

    def turns(self, conversation_id: str) -> list[StoredTurn]:
        """The turns of a conversation, oldest first; none if there is no such conversation."""
        thought = sa.and_(_thumbs.c.conversation == _turns.c.conversation, _thumbs.c.number == _turns.c.number)
        query = (
            sa.select(_turns, _thumbs.c.up, _thumbs.c.reason)
            .outerjoin(_thumbs, thought)
            .where(_turns.c.conversation == conversation_id)
            .order_by(_turns.c.number)
        )
        with self._db.reading() as db:
            rows = db.execute(query).mappings().all()
        return [_stored(row) for row in rows]

    def rows(self, search: str = "", *, owner: str | None = None, most: int | None = None) -> list[ConversationRow]:
        """Conversations, the last changed first; with `search`, those that hold all its words.

        They are looked for in titles, questions, answers, and titles and outlets of the sources.
        """
        words = search.lower().split()
        try:
            with self._db.reading() as db:
                return _found(db, words, owner, most)
        except DatabaseGone:
            raise
        except LibraryError:  # a server ends the whole query at a document that is no JSON any more
            with self._db.reading() as db:
                damaged = _damaged(db) if words else []
                if not damaged:
                    raise
                return _found(db, words, owner, most, damaged)

    def stamp(self, *, owner: str | None = None) -> str:
        """A text that is another one once a conversation has come, gone, grown or got another title."""
        query = sa.select(sa.func.count(), sa.func.max(_conversations.c.updated))
        if owner is not None:
            query = query.where(_conversations.c.owner == owner)
        with self._db.reading() as db:
            count, updated = db.execute(query).one()
        return f"{count} {updated}"

    def last(self, *, owner: str | None = None) -> ConversationRow:
        """The conversation that was changed last. Raises UsageError if there is none."""
        if not (rows := self.rows(owner=owner, most=1)):
            raise UsageError('No conversation is kept yet. Keep one with: qa ask "..." --keep')
        return rows[0]

    def last_visit(self, before: dt.datetime, *, owner: str | None = None) -> dt.datetime | None:
        """The moment of the owner's last question before this one; None where there was none."""
        query = sa.select(sa.func.max(_turns.c.created)).where(_turns.c.created < moment_text(before))
        if owner is not None:
            query = query.join(_conversations).where(_conversations.c.owner == owner)
        with self._db.reading() as db:
            told = db.execute(query).scalar()
        return _moment(told) if told else None

    def find(self, name: str, *, owner: str | None = None) -> ConversationRow:
        """The conversation with this id, start of an id, or title.

        Raises UsageError where none is meant, or more than one.
        """
        name = name.strip()
        if exact := self.get(name, owner=owner):
            return exact
        rows = self.rows(owner=owner)
        found = [row for row in rows if row.title.casefold() == name.casefold()]
        if not found and len(name) >= _SHORTEST_START:
            found = [row for row in rows if row.id.startswith(name.lower())]
        if len(found) > 1:
            raise UsageError(f"'{name}' names {len(found)} conversations. Give an id: qa conversations lists them.")
        if not found:
            raise UsageError(f"There is no conversation '{name}'. List them with: qa conversations")
        return found[0]


def _rows(owner: str | None) -> sa.Select[Any]:
    turns = sa.select(sa.func.count()).where(_turns.c.conversation == _conversations.c.id).scalar_subquery()
    query = sa.select(_conversations, turns.label("turns"))
    return query if owner is None else query.where(_conversations.c.owner == owner)


def _found(
    db: Connection, words: Sequence[str], owner: str | None, most: int | None, damaged: Sequence[int] = ()
) -> list[ConversationRow]:
    query = _rows(owner).order_by(_conversations.c.updated.desc(), sa.text("conversations.rowid DESC")).limit(most)
    for word in words:
        asked = Lowered(_turns.c.question).contains(word, autoescape=True)
        within = sa.select(_turns.c.conversation).where(sa.or_(asked, _is_answered_with(word, damaged)))
        title = Lowered(_conversations.c.title).contains(word, autoescape=True)
        query = query.where(sa.or_(title, _conversations.c.id.in_(within)))
    return [_row(row) for row in db.execute(query).mappings()]


def _is_answered_with(word: str, damaged: Sequence[int]) -> sa.ColumnElement[bool]:
    """Whether a word stands in the answer of a turn that is not damaged, or in the title or outlet of a source."""
    document = _turns.c.answer
    source = Members(Parsed(document), sa.literal("citations")).table_valued("value")
    told = [Member(source.c.value, sa.literal(key)) for key in ("title", "outlet")]
    cited = sa.select(1).select_from(source).where(sa.or_(*(_holds(text, word) for text in told))).exists()
    found = sa.or_(_holds(Member(Parsed(document), sa.literal("answer")), word), cited)
    # A document is long: it is read as JSON only where the word stands anywhere in it.
    anywhere = _holds(document, json.dumps(word, ensure_ascii=False)[1:-1])
    is_whole = [IsJson(document), *([_turns.c.id.not_in(damaged)] if damaged else [])]
    return sa.case((sa.and_(anywhere, *is_whole), found), else_=sa.false())


def _damaged(db: Connection) -> list[int]:
    """Ids of the turns whose document cannot be looked into."""
    rows = db.execute(sa.select(_turns.c.id, _turns.c.answer), execution_options={"yield_per": 100})
    return [row.id for row in rows if not _is_document(row.answer)]


def _is_document(text: str) -> bool:
    try:
        document = json.loads(text, parse_constant=_refused)
        json.dumps(document, ensure_ascii=False).encode()
        return isinstance(document, dict) and isinstance(document.get("citations", []), list)
    except (ValueError, RecursionError):
        return False


def _refused(constant: str) -> None:
    raise ValueError(constant)  # NaN and Infinity, which no server takes for JSON


def _holds(text: sa.ColumnElement[Any], word: str) -> sa.ColumnElement[bool]:
    return Lowered(sa.cast(text, sa.String)).contains(word, autoescape=True)


def _row(row: Mapping[Any, Any]) -> ConversationRow:
    created, updated = _moment(row["created"]), _moment(row["updated"])
    return ConversationRow(row["id"], row["title"], created, updated, row["owner"], row["turns"])


def _stored(row: Mapping[Any, Any]) -> StoredTurn:
    thumb = None if row["up"] is None else Thumb(bool(row["up"]), row["reason"])
    document, created = json.loads(row["answer"]), _moment(row["created"])
    return StoredTurn(row["conversation"], row["number"], row["question"], row["standalone"], document, created, thumb)


def _turn(conversation_id: str, number: int, question: str, standalone: str, document: Mapping[str, Any]) -> StoredTurn:
    answer = json.loads(writable(json.dumps(document, ensure_ascii=False)))
    return StoredTurn(conversation_id, number, question, standalone, answer, _now())


def _last(db: Connection, conversation_id: str) -> int:
    query = sa.select(sa.func.max(_turns.c.number)).where(_turns.c.conversation == conversation_id)
    return db.execute(query).scalar() or 0


def _asked_first(db: Connection, conversation_id: str) -> str:
    query = sa.select(_turns.c.question).where(_turns.c.conversation == conversation_id, _turns.c.number == 1)
    return db.execute(query).scalar() or ""


def _insert(db: Connection, turn: StoredTurn) -> None:
    db.execute(
        _turns.insert().values(
            conversation=turn.conversation,
            number=turn.number,
            question=writable(turn.question),
            standalone=writable(turn.standalone),
            answer=json.dumps(turn.document, ensure_ascii=False),
            created=moment_text(turn.created),
        )
    )
    _change(db, turn.conversation, turn.created)


def _get(db: Connection, conversation_id: str, owner: str | None) -> ConversationRow | None:
    row = db.execute(_rows(owner).where(_conversations.c.id == conversation_id)).mappings().first()
    return _row(row) if row else None


def _require(db: Connection, conversation_id: str, owner: str | None) -> ConversationRow:
    if (row := _get(db, conversation_id, owner)) is None:
        raise UsageError(f"There is no conversation '{conversation_id}'. List them with: qa conversations")
    return row


def _change(db: Connection, conversation_id: str, now: dt.datetime, **values: str) -> None:
    change = _conversations.update().where(_conversations.c.id == conversation_id)
    db.execute(change.values(updated=moment_text(now), **values))


def _titled(title: str) -> str:
    title = writable(" ".join(title.split()))
    if len(title) <= LONGEST_TITLE:
        return title
    cut = title[: LONGEST_TITLE - 1]
    return (cut.rpartition(" ")[0] or cut) + "…"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
