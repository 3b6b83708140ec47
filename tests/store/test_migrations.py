"""A library that an older Citewire made opens, is brought up to date, and answers as before; a newer one is refused."""

from __future__ import annotations

import lzma
import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from qa.ask.assistant import Assistant
from qa.ask.conversation import Conversation
from qa.doctor import examine, repair
from qa.errors import LibraryError
from qa.settings import Settings, load_settings
from qa.store import migrations
from qa.store.database import Database
from qa.store.tables import SCHEMA_VERSION, schema

QUESTION = "How many issues are on the agenda of the CIS summit?"
MADE = Path(__file__).parent / "library-2.db.xz"
"""articles.db as the first release made it: the seeds, and a kept conversation of one question."""


@pytest.fixture
def old(tmp_path: Path) -> Settings:
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "articles.db").write_bytes(lzma.decompress(MADE.read_bytes()))
    return load_settings(index=folder)


def number_of(settings: Settings) -> int:
    with sqlite3.connect(settings.index / "articles.db") as db:
        [(value,)] = db.execute("SELECT value FROM library WHERE name = 'schema'")
    db.close()
    return int(value)


def test_a_library_of_the_first_release_opens_is_migrated_and_answers_as_before(old: Settings) -> None:
    assert number_of(old) == 2
    with Assistant.open(old) as assistant:
        assert number_of(old) == SCHEMA_VERSION
        answer = assistant.ask(QUESTION)
        assert answer.text == "The summit has 17 issues on its agenda. [1]"
        [citation] = answer.citations
        assert (citation.article.id, citation.start, citation.end) == ("lukashenko-meets-lebedev", 1959, 1998)
        assert citation.article.updated is None
        [turn] = Conversation.resume(assistant, "Kept before").turns
        assert turn.question == QUESTION
        assistant.library.correct(["lukashenko-meets-lebedev"], {"date": "2017-01-20"})
        assert assistant.library.require("lukashenko-meets-lebedev").date_source == "set"
        repair(assistant.library)  # the fixture brings articles.db alone, without the indexes that follow it
        assert all(finding.is_fine for finding in examine(assistant.library))


def test_a_migrated_library_has_the_tables_of_a_new_one(old: Settings, tmp_path: Path) -> None:
    with Assistant.open(old):
        pass

    def columns(path: Path) -> dict[str, set[str]]:
        engine = sa.create_engine(f"sqlite:///{path}")
        found = {table: {column["name"] for column in sa.inspect(engine).get_columns(table)} for table in schema.tables}
        engine.dispose()
        return found

    with Assistant.open(load_settings(index=tmp_path / "new")):
        pass
    assert columns(old.index / "articles.db") == columns(tmp_path / "new" / "articles.db")


def test_a_migration_that_is_killed_leaves_the_library_as_it_was(
    old: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(operations: object) -> None:
        migrations._3_day_of_revision(operations)  # type: ignore[arg-type]
        migrations._4_corrections(operations)  # type: ignore[arg-type]
        migrations._6_keepers(operations)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    before = (old.index / "articles.db").read_bytes()
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(migrations, "MIGRATIONS", {3: killed})
        Assistant.open(old)
    assert number_of(old) == 2
    assert (old.index / "articles.db").read_bytes()[100:] == before[100:]  # the header notes the journal's mode
    with Assistant.open(old) as assistant:
        assert assistant.ask(QUESTION).citations


def test_two_that_open_it_at_once_migrate_it_once(old: Settings) -> None:
    failed: list[BaseException] = []

    def open_it() -> None:
        try:
            Assistant.open(old).close()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed and number_of(old) == SCHEMA_VERSION


def test_every_number_has_a_migration() -> None:
    assert sorted(migrations.MIGRATIONS) == list(range(migrations.OLDEST + 1, SCHEMA_VERSION + 1))


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (str(SCHEMA_VERSION + 1), "was made by a newer version of Citewire"),
        ("1", "was made by another version of Citewire"),
        ("two", "was made by another version of Citewire"),
    ],
)
def test_a_number_that_cannot_be_read_is_refused_in_one_sentence(old: Settings, number: str, said: str) -> None:
    database = Database(old.index / "articles.db")
    with database.writing() as db:
        db.exec_driver_sql("UPDATE library SET value = ? WHERE name = 'schema'", (number,))
    database.close()
    with pytest.raises(LibraryError, match=said) as error:
        Assistant.open(old)
    assert "\n" not in str(error.value)
    assert "--index" in str(error.value)
