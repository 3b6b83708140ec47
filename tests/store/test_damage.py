"""Whatever happens to the files of an index: the same answers, a notice, and a doctor who sees it before and after."""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from parts import ARTICLES, EMBEDDER, assert_in_step, open_library, story

from qa.ask.assistant import Assistant
from qa.doctor import Salvaged, examine, repair, salvage
from qa.errors import LibraryError, UsageError
from qa.library import Library
from qa.settings import Settings, load_settings
from qa.store import checksums
from qa.store.vectors.local import LocalVectors
from qa.store.words import files
from qa.store.words.files import read_list
from qa.store.words.index import WordIndex

QUESTIONS = ("harbour bridge", "chess cup of the school", "storm on the mountain road")
WORD_FILES = ("segments.json", "segment-")


def flip(path: Path) -> None:
    """Flips a bit in one of 200 bytes, and in one at least."""
    luck = random.Random(path.name.partition("-")[0])  # what follows is another in each library
    content = bytearray(path.read_bytes())
    for place in luck.sample(range(len(content)), max(1, len(content) // 200)):
        content[place] ^= 1 << luck.randrange(8)
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "flip": flip,
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "empty": lambda path: path.write_bytes(b"") and None,
    "delete": lambda path: path.unlink(),
    "zero": lambda path: path.write_bytes(bytes(path.stat().st_size)) and None,
    "not UTF-8": lambda path: path.write_bytes(b"\xff\xfe\x80" * 30) and None,
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a library that nobody has open."""
    folder = tmp_path_factory.mktemp("kept")
    for name, content in ARTICLES.items():
        (folder / name).write_text(content)
    with open_library(load_settings(index=folder / "library")) as library:
        library.ingest([folder / name for name in ARTICLES])
        library.store.follow()
    return folder / "library"


@pytest.fixture
def copied(kept: Path, settings: Callable[..., Settings]) -> Settings:
    """Settings of a copy of that library."""
    shutil.copytree(kept, settings().index)
    return settings()


def found(library: Library, with_vectors: bool = False) -> list[dict[int, tuple[float, float | None]]]:
    """What the library finds for each question, with the scores."""
    return [
        {hit.passage.id: (hit.bm25, hit.cosine) for hit in library.store.find(question, vector, 3)}
        for question in QUESTIONS
        for vector in [EMBEDDER.embed_query(question) if with_vectors else None]
    ]


def ill(settings: Settings) -> set[str]:
    """Names of what a doctor finds in want of mending."""
    with open_library(settings) as library:
        return {finding.name for finding in examine(library) if not finding.is_fine}


@pytest.fixture(scope="module")
def expected(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[int, tuple[float, float | None]]]:
    whole = tmp_path_factory.mktemp("whole") / "library"
    shutil.copytree(kept, whole)
    with open_library(load_settings(index=whole)) as library:
        return found(library)


def compared_whole_only(folder: Path, noted: dict[str, checksums.Checksums], *, whole: bool = True) -> str | None:
    """As if no sample ever met the damage."""
    return checksums.find_damage(folder, noted) if whole else None


def words_of(settings: Settings, name: str) -> Path:
    """The file of the word index whose name begins so."""
    [path] = (settings.index / "words").glob(f"{name}*")
    return path


def test_these_are_the_files_of_a_word_index(copied: Settings) -> None:
    assert {path.name for path in (copied.index / "words").iterdir()} == {
        *(words_of(copied, name).name for name in WORD_FILES),
        "merging.lock",
    }


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_word_index_is_made_again_with_a_notice(
    damage: str, copied: Settings, expected: list[dict[int, tuple[float, float | None]]]
) -> None:
    for name in WORD_FILES:
        DAMAGES[damage](words_of(copied, name))
        with open_library(copied) as library:
            _, said = library.store.saved_words()
            assert said is not None and name in said
            assert found(library) == expected, name
            [notice] = library.store.take_notices()
            assert notice.startswith(f"The word index was damaged ({name}")
            assert notice.endswith("); it has been made again from the articles.")
            assert library.store.saved_words()[1] is None, name
    with open_library(copied) as library:
        assert found(library) == expected and not library.store.take_notices()


def test_a_word_index_that_is_gone_is_made_again_with_a_notice(copied: Settings) -> None:
    shutil.rmtree(copied.index / "words")
    with open_library(copied) as library:
        assert_in_step(library.store)
        assert library.store.take_notices() == [
            "The word index was damaged (its files are missing); it has been made again from the articles."
        ]
        assert words_of(copied, "segments.json").is_file()


def test_a_doctor_sees_it_and_after_the_next_search_nothing(copied: Settings) -> None:
    flip(words_of(copied, "segment-"))
    assert ill(copied) == {"word index"}
    assert ill(copied) == set()


def test_the_reader_of_an_answer_is_told_once(copied: Settings) -> None:
    flip(words_of(copied, "segment-"))
    with Assistant(open_library(copied)) as assistant:
        first, second = assistant.ask("Who opened the harbour bridge?"), assistant.ask("Who opened the harbour bridge?")
    assert first.notice and "The word index was damaged (segment-" in first.notice
    assert (second.text, second.notice) == (first.text, None)


def test_a_search_tells_it_and_one_that_cannot_leaves_it_for_the_next_answer(copied: Settings) -> None:
    flip(words_of(copied, "segment-"))
    with Assistant(open_library(copied)) as assistant:
        question = assistant.understand("Who opened the harbour bridge?")
        hits = assistant.search(question)
        assistant.suggestions()
        first, second = assistant.retrieve(question, 3), assistant.retrieve(question, 3)
    assert first.notice and "The word index was damaged (segment-" in first.notice
    assert (second.hits, second.notice) == (first.hits, None)
    assert list(first.hits) == hits[:3]


def test_what_the_sample_misses_ends_in_mending_and_no_trace(copied: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    path = words_of(copied, "segment-")
    [file] = read_list(path.parent).files
    _, _, begin = file.layout["rows"]
    content = bytearray(path.read_bytes())
    content[begin : begin + 40] = b"\x7f" * 40
    path.write_bytes(content)
    compare = checksums.find_damage
    monkeypatch.setattr(
        files, "find_damage", lambda folder, noted, whole=True: whole and compare(folder, noted) or None
    )
    with open_library(copied) as library:
        with pytest.raises(IndexError):
            for word in library.store.words()._vocabulary:
                library.store.words().scores(word)
        assert not library.store.take_notices()
        library.store.mended(lambda: [library.store.words().scores(word) for word in library.store.words()._vocabulary])
        assert "segment-" in library.store.take_notices()[0]
        with pytest.raises(ZeroDivisionError):  # what has another cause is raised
            library.store.mended(lambda: 1 / 0)


def test_a_segment_that_was_only_sampled_is_compared_whole_before_it_is_merged(
    copied: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    flip(words_of(copied, "segment-"))
    compare = checksums.find_damage
    monkeypatch.setattr(
        files, "find_damage", lambda folder, noted, whole=True: whole and compare(folder, noted) or None
    )
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text(f"A ferry sank\n\n{story(number)} Nobody was hurt.\n")
    with open_library(copied) as library:
        library.ingest([tmp_path / "0.txt"])
        assert not library.store.take_notices() and len(library.store.words().segments) == 2
        library.ingest([tmp_path / "1.txt", tmp_path / "2.txt"])
        assert "segment-" in library.store.take_notices()[0] and len(library.store.words().segments) == 1
        assert_in_step(library.store)
        assert library.store.saved_words()[1] is None


def test_of_a_large_file_a_sample_is_compared_and_of_a_small_one_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checksums, "BLOCK", 10)
    (tmp_path / "large").write_bytes(bytes(range(95)))
    noted = {"large": checksums.checksums_of(tmp_path / "large")}
    assert noted["large"].size == 95 and len(noted["large"].blocks) == 10
    compared = [set(checksums._compared(10, False)) for _ in range(50)]
    assert all({0, 9} < blocks and len(blocks) == 4 for blocks in compared)
    assert set().union(*compared) == set(range(10))
    assert set(checksums._compared(4, False)) == set(range(4))
    assert checksums.find_damage(tmp_path, noted) is None
    for place in range(95):
        content = bytearray(range(95))
        content[place] ^= 4
        (tmp_path / "large").write_bytes(content)
        assert checksums.find_damage(tmp_path, noted) == "large has other bytes than were written"


def test_checksums_notice_damage_to_themselves(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    noted = {"a": checksums.checksums_of(tmp_path / "a")}
    text = checksums.as_json(noted)
    assert checksums.from_json(text) == noted
    for place in range(len(text)):
        altered = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
        assert checksums.from_json(altered) in (None, noted)
    assert checksums.from_json("[" * 100_000) is None


def test_an_index_of_another_format_is_made_again_without_a_word(
    copied: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "FORMAT", 6)
    with open_library(copied) as library:
        assert len(library.store.words()) == 3 and not library.store.take_notices()
    index, generation = WordIndex.load(copied.index / "words")
    assert (len(index), generation) == (0, -1) and isinstance(index.passage_ids, np.ndarray)


# --- the vector index ------------------------------------------------------------------------------------------------


def vector_files(settings: Settings) -> dict[str, Path]:
    return {path.name: path for path in (settings.index / "vectors").rglob("*") if path.is_file()}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_to_a_file_of_the_vectors_is_seen_before_chroma_opens_it(
    damage: str, kept: Path, tmp_path: Path
) -> None:
    names = [path.relative_to(kept) for path in (kept / "vectors").rglob("*") if path.is_file()]
    assert {"last", "chroma.sqlite3", "data_level0.bin"} <= {name.name for name in names}
    for number, name in enumerate(names):
        folder = tmp_path / str(number)
        shutil.copytree(kept, folder)
        vectors = LocalVectors(folder / "vectors", EMBEDDER.name, EMBEDDER.dimension)
        assert vectors.is_whole() and vectors.damage() is None
        if (content := (folder / name).read_bytes()) or damage in ("delete", "not UTF-8"):
            DAMAGES[damage](folder / name)
            vectors = LocalVectors(folder / "vectors", EMBEDDER.name, EMBEDDER.dimension)
            is_damaged = not (folder / name).exists() or (folder / name).read_bytes() != content
            assert (not vectors.is_whole(), vectors.damage() is not None) == (is_damaged, is_damaged), name


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("last", "flip"),
        ("last", "not UTF-8"),
        ("chroma.sqlite3", "empty"),
        ("chroma.sqlite3", "delete"),
        ("data_level0.bin", "flip"),
        ("header.bin", "cut"),
        ("length.bin", "flip"),  # of few passages it may hold nothing but zeros
    ],
)
def test_damaged_vectors_are_made_again_with_a_notice(name: str, damage: str, copied: Settings, kept: Path) -> None:
    DAMAGES[damage](vector_files(copied)[name])
    with open_library(copied) as library:
        assert_in_step(library.store)
        [notice] = library.store.take_notices()
        assert notice.startswith("The vector index was damaged (") and name in notice
        assert notice.endswith("); it has been made again from the articles.")
    with open_library(copied) as library:
        assert library.store.vector_damage() is None
        assert_in_step(library.store)
        assert not library.store.take_notices()


def test_a_doctor_sees_damaged_vectors_and_after_the_next_search_nothing(copied: Settings) -> None:
    flip(vector_files(copied)["data_level0.bin"])
    assert ill(copied) == {"vector index"}
    assert ill(copied) == set()


def test_vectors_that_are_gone_are_made_again_with_a_notice(copied: Settings) -> None:
    shutil.rmtree(copied.index / "vectors")
    with open_library(copied) as library:
        assert_in_step(library.store)
        assert library.store.take_notices() == [
            "The vector index was damaged (its files are missing); it has been made again from the articles."
        ]


def test_vectors_that_lost_some_passages_are_made_again(copied: Settings) -> None:
    with open_library(copied) as library, library.store._vectors.held():
        library.store._vectors.forget(library.store.articles.passage_ids()[:1])
    with open_library(copied) as library:
        assert_in_step(library.store)
        [notice] = library.store.take_notices()
        assert "it has 2 passages, another number than the library" in notice


def test_vectors_that_an_older_version_put_down_are_believed_and_noted(copied: Settings) -> None:
    last = copied.index / "vectors" / "last"
    last.write_text(last.read_text().split("\n")[0])
    with open_library(copied) as library:
        assert_in_step(library.store)
        assert not library.store.take_notices()
    assert "crc32" in last.read_text()


def test_the_sizes_are_noted_while_much_goes_in_and_the_checksums_at_the_end(tmp_path: Path) -> None:
    def noted() -> dict[str, checksums.Checksums]:
        name, line = (tmp_path / "vectors" / "last").read_text().split("\n")
        return checksums.from_json(line, name) or {}

    vectors = LocalVectors(tmp_path / "vectors", "hashing:stems", 8)
    vectors.start_again()
    assert not noted()["chroma.sqlite3"].blocks
    vectors.note()
    assert noted()["chroma.sqlite3"].blocks
    with vectors._collection(changes=True):
        pass
    vectors.close()
    assert noted()["chroma.sqlite3"].blocks


# --- the articles themselves -----------------------------------------------------------------------------------------


def change_bytes(start: int, end: int) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[start:end] = bytes(byte ^ 0x55 for byte in content[start:end])
        path.write_bytes(content)

    return change


HEADER = {f"bytes {start} to {end} of the header": change_bytes(start, end) for start, end in ((0, 16), (16, 24))}
LOST = {"empty": DAMAGES["empty"], "delete": DAMAGES["delete"]}
DATABASE = {**HEADER, **LOST, "zero": DAMAGES["zero"], "cut": lambda path: os.truncate(path, 300)}


@pytest.mark.parametrize("damage", DATABASE)
def test_articles_that_are_damaged_or_lost_are_said_in_one_sentence(damage: str, copied: Settings) -> None:
    database = copied.index / "articles.db"
    DATABASE[damage](database)
    before = database.read_bytes() if database.exists() else None
    for _ in range(2):
        with pytest.raises(LibraryError, match="qa doctor --salvage FOLDER") as error:
            open_library(copied)
        assert "\n" not in str(error.value)
    assert (database.read_bytes() if database.exists() else None) == before


def test_tables_that_are_gone_are_no_empty_library(copied: Settings) -> None:
    (copied.index / "articles.db").unlink()
    sqlite3.connect(copied.index / "articles.db").execute("CREATE TABLE other (a)").connection.close()
    with pytest.raises(LibraryError, match="has lost its articles: articles.db is empty"):
        open_library(copied)


def test_a_folder_without_indexes_becomes_a_new_library(settings: Callable[..., Settings]) -> None:
    (settings().index / "words").mkdir(parents=True)
    (settings().index / "articles.db").write_bytes(b"")
    with open_library(settings()) as library:
        assert library.count() == 0


@pytest.mark.parametrize("column", ["date", "authors", "notes", "text"])
def test_a_value_that_nobody_wrote_is_said_and_leaves_no_trace(column: str, copied: Settings) -> None:
    with sqlite3.connect(copied.index / "articles.db") as db:
        db.execute(f"UPDATE articles SET {column} = CAST(x'5bff7b' AS TEXT)")
    db.close()
    with open_library(copied) as library, pytest.raises(LibraryError, match="articles.db says"):
        library.article("harbour")


def test_a_damaged_page_is_seen_by_the_doctor_and_not_mended(copied: Settings) -> None:
    with sqlite3.connect(copied.index / "articles.db") as db:
        [(page,)] = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'embeddings'")
    db.close()
    change_bytes((page - 1) * 4096, (page - 1) * 4096 + 200)(copied.index / "articles.db")
    with open_library(copied) as library:
        [finding] = examine(library)
        assert finding.name == "articles" and not finding.is_fine
        with pytest.raises(LibraryError, match="cannot be mended.*qa doctor --salvage FOLDER"):
            repair(library)


def texts_of(library: Library) -> dict[str, str]:
    return {row.id: article.text for row in library.articles() if (article := library.article(row.id))}


@pytest.mark.parametrize("damage", [None, *HEADER])
def test_what_is_salvaged_is_taken_in_again_as_it_was(
    damage: str | None, copied: Settings, tmp_path: Path, kept: Path
) -> None:
    with open_library(copied) as library:
        texts, rows = texts_of(library), library.articles()
    if damage:
        HEADER[damage](copied.index / "articles.db")
    salvaged = salvage(copied.index, tmp_path / "saved")
    assert salvaged == Salvaged(3, None if damage else 3, [])
    with open_library(load_settings(index=tmp_path / "again")) as again:
        report = again.ingest([tmp_path / "saved"])
        assert len(report.added) == 3 and texts_of(again) == texts
        assert [(row.title, row.outlet, row.date) for row in again.articles()] == [
            (row.title, row.outlet, row.date) for row in rows
        ]
    with pytest.raises(UsageError, match="is there already"):
        salvage(copied.index, tmp_path / "saved")


def test_rows_that_cannot_be_read_are_stepped_over(settings: Callable[..., Settings], tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    for number in range(60):
        (tmp_path / "many" / f"{number}.txt").write_text(f"Ferry {number}\n\n" + f"{story(number)} " * 10)
    with open_library(settings()) as library:
        library.ingest([tmp_path / "many"])
        texts = set(texts_of(library).values())
    database = settings().index / "articles.db"
    content = database.read_bytes()
    pages = [n for n in range(len(content) // 4096) if story(30).encode() in content[n * 4096 : (n + 1) * 4096]]
    change_bytes(pages[0] * 4096, pages[0] * 4096 + 100)(database)
    salvaged = salvage(settings().index, tmp_path / "saved")
    assert 30 < salvaged.saved < salvaged.total == 60  # type: ignore[operator]
    with open_library(load_settings(index=tmp_path / "again")) as again:
        again.ingest([tmp_path / "saved"])
        assert again.count() == salvaged.saved and set(texts_of(again).values()) < texts


def test_an_article_that_is_damaged_in_part_is_saved_and_named(copied: Settings, tmp_path: Path) -> None:
    database = copied.index / "articles.db"
    database.write_bytes(database.read_bytes().replace(b"after six years of work", b"after \xff\x00x years of work"))
    salvaged = salvage(copied.index, tmp_path / "saved")
    assert salvaged.saved == 3 and list(salvaged.altered) == ["harbour"]


@pytest.mark.parametrize("damage", [*LOST, "zero"])
def test_where_nothing_can_be_read_nothing_is_saved(damage: str, copied: Settings, tmp_path: Path) -> None:
    DATABASE[damage](copied.index / "articles.db")
    assert salvage(copied.index, tmp_path / "saved") == Salvaged(0, None, [])
