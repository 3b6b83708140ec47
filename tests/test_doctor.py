"""What a doctor sees when stores are out of step, and that mending makes the library whole."""

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from chroma import ChromaServer
from parts import ARTICLES, HashingEmbedder, assert_in_step, open_library, story

from qa.doctor import examine, repair
from qa.errors import EmbedderMismatch, LibraryError
from qa.library import Library
from qa.settings import Settings

Write = Callable[[str, str | bytes], Path]
WriteRows = Callable[[str, Sequence[Any]], Path]
Open = Callable[..., Library]


def ill(library: Library) -> dict[str, str]:
    """Name -> what is said, of the findings that are not fine."""
    return {finding.name: finding.said for finding in examine(library) if not finding.is_fine}


@pytest.fixture
def filled(library: Open, write: Write) -> Library:
    ours = library()
    ours.ingest([write(f"news/{name}", content) for name, content in ARTICLES.items()])
    ours.store.follow()
    return ours


def change(library: Library, *statements: str) -> None:
    with library.store._database.writing() as db:
        for statement in statements:
            db.exec_driver_sql(statement)


def test_a_whole_library_is_fine(filled: Library) -> None:
    findings = examine(filled)
    assert all(finding.is_fine for finding in findings), findings
    assert [finding.name for finding in findings] == [
        "articles", "texts", "embedder", "embeddings", "vector index", "word index", "stories", "self-query",
    ]  # fmt: skip
    assert findings[0].said == "3 articles, 3 passages"
    assert findings[1].said == "3 of 3 compared with what was stored"


def put_into_the_text(library: Library, byte: str) -> None:
    """Changes the tenth letter of an article as a damaged disk would."""
    before, after = ("CAST(substr(text, 1, 9) AS BLOB)", "CAST(substr(text, 11) AS BLOB)")
    whole = f"CAST({before} || x'{byte}' || {after} AS TEXT)"
    change(library, f"UPDATE articles SET text = {whole} WHERE id = 'harbour'")


def test_a_letter_that_has_changed_in_a_text_is_found(filled: Library, write: Write) -> None:
    text = filled.require("harbour").text
    put_into_the_text(filled, "79")
    assert list(ill(filled)) == ["texts"]
    assert ill(filled)["texts"].startswith("1 text of 3 looked at is not what was stored: harbour. Remove ")
    filled.remove(["harbour"])
    filled.ingest([write("news/harbour.md", ARTICLES["harbour.md"])])
    assert ill(filled) == {} and filled.require("harbour").text == text


def test_a_byte_that_is_no_letter_is_found_too(filled: Library) -> None:
    put_into_the_text(filled, "ff")
    said = ill(filled)
    assert list(said) == ["texts", "articles"] and ": harbour. " in said["texts"]
    assert "qa doctor --salvage" in said["articles"] and len(said["articles"]) < 600


def test_of_very_many_texts_some_are_looked_at(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.doctor._MOST_TEXTS", 2)
    findings = {finding.name: finding.said for finding in examine(filled)}
    assert findings["texts"] == "2 of 3 compared with what was stored"


def test_an_empty_library_is_fine(library: Open) -> None:
    ours = library()
    assert ill(ours) == {}
    repair(ours)
    assert ill(ours) == {}


def test_vectors_that_are_missing_or_orphaned_are_found_and_mended(filled: Library) -> None:
    store = filled.store
    first, second, _ = store.articles.passage_ids()
    [one] = store.articles.embedded([first])
    with store._vectors.held():
        store._vectors.forget([second])
        store._vectors.add([type(one)(999, None, None, None, one.vector)])
    assert ill(filled).keys() == {"vector index", "self-query"}
    assert ill(filled)["vector index"] == "3 passages: 1 missing, 1 of articles that have gone"
    repair(filled)
    assert ill(filled) == {}
    assert_in_step(store)


@pytest.mark.parametrize("part", ["words", "vectors"])
def test_an_index_that_is_gone_is_found_and_mended(part: str, filled: Library) -> None:
    filled.store.close()
    shutil.rmtree(filled.settings.index / part)
    with open_library(filled.settings) as again:
        assert {"words": "word index", "vectors": "vector index"}[part] in ill(again)
        repair(again)
        assert ill(again) == {}
        assert_in_step(again.store)


def test_a_passage_without_a_vector_is_found_and_mended(filled: Library) -> None:
    change(filled, "DELETE FROM embeddings WHERE rowid = 2")
    assert ill(filled)["embeddings"] == "1 passage without a vector"
    steps: list[tuple[int, int]] = []
    repair(filled, lambda done, total: steps.append((done, total)))
    assert steps == [(0, 1), (1, 1)] and ill(filled) == {}
    assert_in_step(filled.store)


def test_articles_that_were_not_compared_are_found_and_mended(filled: Library) -> None:
    change(filled, "UPDATE articles SET settled = 0")
    assert ill(filled).keys() == {"stories"}
    repair(filled)
    assert ill(filled) == {}


def test_vectors_of_passages_that_have_gone_are_counted_and_swept(filled: Library) -> None:
    filled.remove(["storm"])
    [finding] = [finding for finding in examine(filled) if finding.name == "embeddings"]
    assert finding.is_fine and "1 kept of passages that have gone" in finding.said
    repair(filled)
    [finding] = [finding for finding in examine(filled) if finding.name == "embeddings"]
    assert finding.said == "every passage has one"


def test_another_embedder_is_said_and_the_library_changed_over(
    filled: Library, settings: Callable[..., Settings]
) -> None:
    class Other(HashingEmbedder):
        def __init__(self) -> None:
            super().__init__(64)
            self.name, self.revision = "hashing:small", "9"

    filled.store.close()
    with pytest.raises(EmbedderMismatch, match="qa doctor --repair --embed hashing:small"):
        Library.over(settings(), Other())
    with Library.over(settings(), Other(), whatever_embedder=True) as other:
        assert {"embedder", "embeddings", "self-query"} <= ill(other).keys()
        repair(other)
        assert ill(other) == {}
        assert other.store.articles.facts()["embedder"] == "hashing:small"
    with Library.over(settings(), Other()) as other:
        hits = other.store.find("chess cup", other.embedder.embed_query("chess cup"), 3)
        assert "school" in {hit.passage.article.id for hit in hits}
    with pytest.raises(EmbedderMismatch):
        open_library(settings())


def test_a_damaged_database_is_said_and_not_touched(filled: Library) -> None:
    filled.store.close()
    with sqlite3.connect(filled.settings.index / "articles.db") as db:  # which minds no foreign key
        db.execute("INSERT INTO bands (key, article_id) VALUES (1, 'nobody')")
    db.close()
    [finding] = examine(filled)
    assert not finding.is_fine and "bands" in finding.said
    with pytest.raises(LibraryError, match="cannot be mended"):
        repair(filled)


def test_a_kill_in_the_middle_of_mending_is_mended_by_the_next(
    filled: Library, settings: Callable[..., Settings]
) -> None:
    """The embedder is changed over only when every passage has its new vector."""

    class Failing(HashingEmbedder):
        def __init__(self) -> None:
            super().__init__(32)
            self.name = "hashing:tiny"

        def embed_passages(self, texts: Sequence[str]) -> Any:
            raise MemoryError

    filled.store.close()
    with Library.over(settings(), Failing(), whatever_embedder=True) as other, pytest.raises(MemoryError):
        repair(other)
    with open_library(settings()) as again:
        assert ill(again) == {}
        assert_in_step(again.store)


def test_copies_are_not_mistaken_for_passages_that_are_lost(library: Open, write_rows: WriteRows) -> None:
    ours = library()
    text = " ".join(story(n) for n in range(40))
    rows = [{"id": outlet, "outlet": outlet, "title": "Ferry", "text": text} for outlet in ("Echo", "Post", "Wire")]
    ours.ingest([write_rows("news.jsonl", rows)])
    ours.store.follow()
    assert ill(ours) == {}
    [stories] = [finding.said for finding in examine(ours) if finding.name == "stories"]
    assert stories == "1 story, 2 articles that are a version of another"


@pytest.mark.slow
def test_a_library_moves_to_a_chroma_server_and_back(library: Open, write: Write, tmp_path: Path) -> None:
    files = [write(f"news/{name}", content) for name, content in ARTICLES.items()]
    with ChromaServer(tmp_path / "server") as server:
        served = library(chroma=server.url)
        served.ingest(files)
        assert_in_step(served.store)
        assert ill(served) == {} and not (served.settings.index / "vectors").exists()
        embedded = library()
        assert "vector index" in ill(embedded)
        assert_in_step(embedded.store)
        embedded.remove(["storm"])
        assert "vector index" in ill(served)
        assert_in_step(served.store)
        repair(served)
        assert ill(served) == {} and served.count() == 2
        # What only the server has followed, the folder that was left behind has not.
        added = served.ingest([write("news/ferry.txt", story(1))]).added
        served.store.follow()
        assert not served.store.articles.pending(1)
        hits = embedded.store.find("", embedded.embedder.embed_passages([story(1)])[0], 3)
        assert added[0] in {hit.passage.article.id for hit in hits}
    with pytest.raises(LibraryError, match="does not answer"):
        served.store.find("chess cup", served.embedder.embed_query("chess cup"), 3)
