"""A library in a PostgreSQL server: the same answers, copies both ways, and what goes wrong in one sentence each."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from databases import PASSWORD, PostgreSQLServer
from parts import assert_in_step, texts

from qa.ask.assistant import Assistant
from qa.ask.conversation import Conversation
from qa.cli.library import copy
from qa.doctor import examine, repair
from qa.errors import DatabaseGone, LibraryBusy, LibraryError, MissingExtra, SettingsError, UsageError
from qa.library import Library
from qa.settings import Settings
from qa.store import Store, transfer
from qa.store.copying import copy_library
from qa.store.tables import SCHEMA_VERSION

pytestmark = pytest.mark.slow

Open = Callable[..., Library]


@pytest.fixture
def address(postgresql: PostgreSQLServer) -> str:
    return postgresql.address()


@pytest.fixture
def ours(library: Open, news: Path, address: str) -> Library:
    ours = library(database=address)
    ours.ingest([news])
    ours.correct(["storm"], {"date": "2021-02-03"})
    ours.store.conversations.start("What the bridge cost")
    return ours


def one_line(error: pytest.ExceptionInfo[BaseException]) -> str:
    said = str(error.value)
    assert "\n" not in said and PASSWORD not in said and "wrong-4712" not in said
    return said


# --- the same as SQLite -----------------------------------------------------------------------------------------------


def test_it_answers_as_a_file_does(settings: Callable[..., Settings], address: str, tmp_path: Path) -> None:
    seeds = Path(__file__).parents[2] / "seeds"
    answers = []
    for number, where in enumerate((None, address)):
        with Assistant.open(settings(index=tmp_path / f"library{number}", database=where)) as assistant:
            assistant.library.ingest([seeds])
            answer = assistant.ask("How many issues are on the agenda of the CIS summit?")
            told = [(each.article.id, each.start, each.end) for each in answer.citations]
            answers.append((answer.text, told, assistant.library.articles(), texts(assistant.library)))
            assert all(finding.is_fine for finding in examine(assistant.library))
    assert answers[0] == answers[1] and answers[0][1]


def test_machines_with_folders_of_their_own_follow_each_other(
    ours: Library, library: Open, address: str, tmp_path: Path, write: Callable[..., Path]
) -> None:
    other = library(database=address, index=tmp_path / "other")
    assert_in_step(other.store)
    assert_in_step(ours.store)
    other.ingest([write("more/ferry.txt", "The ferry to Vik sails at noon.\n")])
    assert_in_step(ours.store)
    ours.remove(["storm"])
    assert_in_step(other.store)
    assert not ours.store.take_notices() and not other.store.take_notices()


def test_libraries_in_schemas_of_their_own_stay_apart(
    ours: Library, library: Open, postgresql: PostgreSQLServer
) -> None:
    other = library(database=postgresql.address())  # in the same folder
    assert other.count() == 0 and ours.count() == 3
    assert_in_step(ours.store)


def test_answers_and_sources_of_conversations_are_searched(ours: Library) -> None:
    kept = ours.store.conversations
    told = {"answer": "It cost 48 \0 Million", "citations": [{"title": "Harbour", "outlet": "Хроника \\u0000"}]}
    kept.add(kept.start("Asked").id, "How much?", "How much?", told)
    found = {
        word: len(kept.rows(word)) for word in ("million", "harbour", "ХРОНИКА", "48 harbour", "citations", "nothing")
    }
    assert found == {"million": 1, "harbour": 1, "ХРОНИКА": 1, "48 harbour": 1, "citations": 0, "nothing": 0}


def test_a_damaged_conversation_is_not_found_and_the_others_are(ours: Library) -> None:
    kept = ours.store.conversations
    for title, told in (("whole", "It cost 48 million."), ("damaged", "Nobody says 48 million.")):
        kept.add(kept.start(title).id, "How much?", "How much?", {"answer": told, "citations": []})
    with ours.store._database.writing() as db:
        db.exec_driver_sql("UPDATE turns SET answer = left(answer, 30) WHERE answer LIKE '%%Nobody%%'")
    assert [row.title for row in kept.rows("million")] == ["whole"]
    assert {row.title for row in kept.rows("how")} == {"whole", "damaged"}


def test_doctor_mends_it(ours: Library) -> None:
    assert all(finding.is_fine for finding in examine(ours))  # before anybody has searched
    with ours.store._database.writing() as db:
        db.exec_driver_sql("DELETE FROM embeddings")
    assert not all(finding.is_fine for finding in examine(ours))
    repair(ours)
    assert all(finding.is_fine for finding in examine(ours))


# --- copies -----------------------------------------------------------------------------------------------------------


def test_a_copy_there_and_back_is_equal(
    ours: Library,
    library: Open,
    postgresql: PostgreSQLServer,
    address: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    there = postgresql.address()
    assert copy(address, str(tmp_path / "copy")) == 0  # to a file,
    assert copy(str(tmp_path / "copy"), there) == 0  # from a file to a server,
    assert copy_library(there, tmp_path / "back").articles == 3  # and back
    said = capsys.readouterr().out
    assert "Copied 3 articles in 3 passages, 1 conversations" in said and PASSWORD not in said
    for copied in (library(database=there), library(index=tmp_path / "back", database=None)):
        assert texts(copied) == texts(ours) and copied.articles() == ours.articles()
        assert copied.corrections("storm") == ours.corrections("storm")
        assert [row.title for row in copied.store.conversations.rows()] == ["What the bridge cost"]
        assert copied.store.articles.fact("id") != ours.store.articles.fact("id")
        copied.remove(["school"])
        assert_in_step(copied.store)
    assert ours.count() == 3


def test_a_copy_that_is_not_equal_is_not_kept(
    ours: Library, postgresql: PostgreSQLServer, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = postgresql.address()
    real = transfer._rows

    def changed(db: sa.Connection, table: sa.Table) -> Iterator[dict[str, Any]]:
        is_read_back = db.get_execution_options().get("writes")
        for row in real(db, table):
            yield {**row, "start": row["start"] + 1} if is_read_back and table.name == "passages" else dict(row)

    monkeypatch.setattr(transfer, "_rows", changed)
    with pytest.raises(LibraryError, match="The copy is not equal: 'passages' had 3 rows") as error:
        copy_library(address, there)
    one_line(error)
    assert Store.built_with(Path(), there) is None
    monkeypatch.undo()
    assert copy_library(address, there).articles == 3
    with pytest.raises(UsageError, match="TO holds a library already"):
        copy_library(address, there)


# --- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("mysql://me:planted-4711@host/news", "is no PostgreSQL address. Write it as postgresql://"),
        ("planted-4711", "is no PostgreSQL address"),
        ("postgresql://host:planted-4711/news", "is no PostgreSQL address"),
        ("postgresql://host", "is no PostgreSQL address"),
        ("postgresql://host/news?schema=Beat", "'Beat' cannot be the schema of a library"),
        ("postgresql://host/news?schema=pg_beat", "cannot be the schema"),
        ("postgresql://host/news?sslmod=planted-4711", "has an option in its address that PostgreSQL does not know"),
    ],
)
def test_what_is_no_address(written: str, said: str, library: Open) -> None:
    with pytest.raises(SettingsError, match=said) as error:
        library(database=written)
    assert "postgresql://user:password@host/name" in one_line(error) or "?schema=beat" in str(error.value)


def test_a_server_that_does_not_let_in(postgresql: PostgreSQLServer, library: Open) -> None:
    for address, said in (
        (postgresql.address(password="wrong-4712"), "refuses the user or the password"),
        (
            postgresql.address(name="nowhere"),
            "'nowhere' on 127.0.0.1:.* does not exist. Make it with: createdb",
        ),
        (postgresql.address().replace("citewire:", "stranger:"), "refuses the user or the password"),
    ):
        with pytest.raises(LibraryError, match=said) as error:
            library(database=address)
        one_line(error)


def test_a_server_that_is_down(library: Open) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        with pytest.raises(DatabaseGone, match="does not answer.*Start the server") as error:
            library(database=f"postgresql://me:{PASSWORD}@127.0.0.1:{taken.getsockname()[1]}/news")
    one_line(error)


def test_without_the_package_it_is_said_what_to_type(library: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match=r"pip install 'citewire\[postgresql\]'"):
        library(database="postgresql://host/news")


@pytest.mark.parametrize(
    ("number", "said"), [(str(SCHEMA_VERSION + 1), "newer version"), ("1", "another version"), ("5", None)]
)
def test_another_schema_is_brought_up_to_date_or_refused(
    number: str, said: str | None, ours: Library, library: Open, address: str
) -> None:
    with ours.store._database.writing() as db:
        db.exec_driver_sql("UPDATE library SET value = %s WHERE name = 'schema'", (number,))
        if number == "5":
            db.exec_driver_sql("ALTER TABLE pending DROP COLUMN keeper")
    if said is None:
        assert_in_step(library(database=address).store)
        return
    with pytest.raises(LibraryError, match=said) as error:
        library(database=address)
    one_line(error)


def test_one_that_can_only_be_read_is_read(
    ours: Library, library: Open, postgresql: PostgreSQLServer, news: Path, address: str
) -> None:
    postgresql.run("CREATE ROLE reader LOGIN PASSWORD 'planted-4711'")
    schema = address.partition("schema=")[2]
    postgresql.run(f"GRANT USAGE ON SCHEMA {schema} TO reader")
    postgresql.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO reader")
    ours.close()
    reader = library(database=address.replace("citewire:", "reader:"))
    assert reader.store.is_read_only and reader.count() == 3
    text = texts(reader)["harbour"]
    assert reader.store.find(text, reader.embedder.embed_query(text), 3)
    with pytest.raises(LibraryError, match="can only be read, by this user or as a replica") as error:
        reader.ingest([news])
    one_line(error)


def test_a_connection_that_was_ended_is_made_anew(ours: Library, postgresql: PostgreSQLServer) -> None:
    def end_all() -> None:
        postgresql.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'citewire'")

    end_all()
    assert ours.count() == 3
    times: list[bool] = []

    def work() -> int:
        with ours.store._database.reading() as db:
            if not times:
                times.append(True)
                end_all()
            return int(db.exec_driver_sql("SELECT count(*) FROM articles").scalar_one())

    assert ours.store.mended(work) == 3 and times == [True]


def test_a_server_that_goes_in_an_ingest_loses_nothing(
    ours: Library, postgresql: PostgreSQLServer, write: Callable[..., Path], tmp_path: Path
) -> None:
    for number in range(3):
        write(f"more/{number}.txt", f"Ferry {number} to Vik sails at {number} sharp, as it did in {1900 + number}.\n")
    more = tmp_path / "more"

    class Gone(type(ours.embedder)):  # type: ignore[misc]
        def embed_passages(self, texts):
            postgresql.stop()
            return super().embed_passages(texts)

    embedder, ours.embedder = ours.embedder, Gone()
    try:
        with pytest.raises(DatabaseGone, match="does not answer") as error:
            ours.ingest([more])
        one_line(error)
    finally:
        postgresql.start()
        ours.embedder = embedder
    assert ours.count() == 3
    assert len(ours.ingest([more]).added) == 3
    assert_in_step(ours.store)


def test_a_server_that_goes_in_an_answer_and_comes_back_keeps_it(
    ours: Library, postgresql: PostgreSQLServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant = Assistant(ours)
    conversation, pauses = Conversation(assistant), list[float]()

    def come_back(seconds: float) -> None:
        pauses.append(seconds)
        postgresql.start()

    assistant.on_answer = lambda answer: postgresql.stop()
    monkeypatch.setattr("qa.ask.conversation.time", SimpleNamespace(sleep=come_back))
    answer = conversation.ask("Who cut the ribbon of the harbour bridge?")
    assert len(pauses) == 1 and conversation.is_stored and answer.notice is None
    monkeypatch.undo()
    monkeypatch.setattr("qa.ask.conversation._PAUSES", ())
    answer = conversation.ask("What did the bridge cost?")  # and stays away
    postgresql.start()
    assert answer.text and not conversation.is_stored
    assert answer.notice and "This answer is not kept. The database 'postgres' on" in answer.notice
    assert len(ours.store.conversations.turns(str(conversation.id))) == 1
    assistant.on_answer = lambda answer: None
    conversation.ask("Who closed the road?")
    assert len(ours.store.conversations.turns(str(conversation.id))) == 2


def test_a_window_is_missed_when_it_goes_and_not_when_the_server_does(
    ours: Library, library: Open, address: str, postgresql: PostgreSQLServer, tmp_path: Path
) -> None:
    here, there = (each.store.windows for each in (ours, library(database=address, index=tmp_path / "other")))
    assert there.presence.is_held(here.id) and there.presence.hold("source")
    assert not here.presence.hold("source")
    postgresql.stop()
    with pytest.raises(DatabaseGone):
        there.presence.is_held(here.id)
    postgresql.start()
    here.presence.keep()
    assert there.presence.is_held(here.id)
    here.close()
    assert not there.presence.is_held(here.id)


def test_what_is_too_long_for_an_index_fails_alone(ours: Library, write: Callable[..., Path], tmp_path: Path) -> None:
    deep = "/".join(f"{number:x}" * 100 for number in range(16, 30))
    write("more/ferry.txt", "The ferry to Vik sails at noon.\n")
    write(f"more/{deep}/train.txt", "The train to Nes leaves at ten.\n")
    report = ours.ingest([tmp_path / "more"])
    assert report.added == ("ferry",)
    [failure] = report.failures
    assert failure.reason == "its path, address, id or outlet is longer than the database can keep (2,600 bytes)"
    assert_in_step(ours.store)


def test_who_does_not_wait_is_told(ours: Library, library: Open, address: str) -> None:
    other = library(database=address)
    waits: list[bool] = []
    with ours.store.writing():
        with pytest.raises(LibraryBusy, match="Another process is writing") as error:
            other.remove(["storm"], wait=False)
        one_line(error)
    other.remove(["storm"], lambda: waits.append(True))
    assert not waits


def test_no_page_names_the_password(ours: Library, address: str) -> None:
    from qa.ui.settings import started_html

    page = started_html(ours.settings, {}, of_the_machine=True)
    assert PASSWORD not in page and "set, not shown" in page
    assert PASSWORD not in repr(ours.settings) and PASSWORD not in ours.settings.model_dump_json()
