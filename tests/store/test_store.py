"""The three stores behind one: in step whatever happens, and honest about what cannot be opened."""

import datetime as dt
import os
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from databases import EVERYWHERE
from parts import EMBEDDER, assert_in_step

from qa.errors import EmbedderMismatch, LibraryBusy, LibraryError
from qa.models import Vectors
from qa.store import NewArticle, Origin, Store, passage_hash
from qa.store.vectors.index import _apart
from qa.store.words.files import merging
from qa.types import Article, Filters

TEXTS = {
    "bridge": "The harbour bridge opened on Tuesday. It cost 48 million crowns.",
    "chess": "Pupils won the chess cup on Sunday. They beat last year's winners.",
    "storm": "A storm closed the mountain road. Nobody was hurt.",
}


def entry(id_: str, text: str, **about: object) -> NewArticle:
    middle = text.index(". ") + 1
    article = Article(id=id_, title=id_.title(), text=text, **about)  # type: ignore[arg-type]
    offer = Origin(f"/news/{id_}", f"/news/{id_}", f"{text} {about}", "1")
    return NewArticle(article, offer, text, ((0, middle), (middle + 1, len(text))))


def add(store: Store, *entries: NewArticle) -> None:
    with store.writing():
        store.add(entries, vectors_of(*entries))


def vectors_of(*entries: NewArticle) -> dict[bytes, Vectors]:
    texts = [one.article.text[start:end] for one in entries for start, end in one.spans]
    return dict(zip(map(passage_hash, texts), EMBEDDER.embed_passages(texts), strict=True))


def found(
    store: Store, text: str, count: int = 10, filters: Filters = Filters()
) -> dict[str, tuple[float, float | None]]:
    candidates = store.find(text, EMBEDDER.embed_query(text), count, filters)
    return {one.passage.text: (one.bm25, one.cosine) for one in candidates}


@pytest.fixture
def open_store(tmp_path: Path, database: str | None) -> Callable[..., Store]:
    opened: list[Store] = []

    def make(
        folder: Path = tmp_path / "library",
        embedder: str = EMBEDDER.name,
        dimension: int = EMBEDDER.dimension,
        **options: str,
    ) -> Store:
        opened.append(Store(folder, embedder, dimension, database=database, **options))
        return opened[-1]

    yield make  # type: ignore[misc]
    for store in opened:
        store.close()


Open = Callable[..., Store]


def fill(store: Store) -> None:
    add(
        store,
        *(
            entry(id_, text, date=dt.date(2020, 1, n + 1), outlet="Хроника")
            for n, (id_, text) in enumerate(TEXTS.items())
        ),
    )
    store.follow()


def test_an_empty_library_finds_nothing(open_store: Open) -> None:
    assert found(open_store(), "bridge") == {}


def test_words_and_vectors_find_what_was_added(open_store: Open) -> None:
    store = open_store()
    fill(store)
    assert_in_step(store)
    best = max(found(store, "the harbour bridge opened").items(), key=lambda item: item[1])
    assert best[0] == "The harbour bridge opened on Tuesday."
    assert store.get("storm") == replace(
        entry("storm", TEXTS["storm"], date=dt.date(2020, 1, 3), outlet="Хроника").article, story="storm"
    )
    assert [row.id for row in store.rows()] == ["storm", "chess", "bridge"]
    assert [row.passages for row in store.rows()] == [2, 2, 2]


@EVERYWHERE
def test_an_article_replaces_the_one_with_its_id_and_no_passage_id_comes_back(open_store: Open) -> None:
    store = open_store()
    fill(store)
    before = store.articles.passage_ids()
    add(store, entry("storm", "Snow closed the harbour. The mayor slept."))
    assert "A storm closed the mountain road." not in found(store, "storm mountain road")
    assert "Snow closed the harbour." in found(store, "snow harbour")
    assert max(before) < max(store.articles.passage_ids())
    assert_in_step(store)
    last = max(store.articles.passage_ids())
    with store.writing():
        store.forget(["storm", "never there"])
    assert_in_step(store)
    add(store, entry("snow", "Snow closed the harbour. The mayor slept."))
    assert min(set(store.articles.passage_ids()) - set(before)) > last


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (Filters(), {"bridge", "chess", "storm"}),
        (Filters(date_from=dt.date(2020, 1, 2)), {"chess", "storm"}),
        (Filters(date_to=dt.date(2020, 1, 2)), {"bridge", "chess"}),
        (Filters(dt.date(2020, 1, 2), dt.date(2020, 1, 2)), {"chess"}),
        (Filters(outlets=("хроника",)), {"bridge", "chess", "storm"}),
        (Filters(outlets=("ХРОНИКА", "Other"), date_to=dt.date(2020, 1, 1)), {"bridge"}),
        (Filters(outlets=("Other",)), set()),
        (Filters(articles=("chess", "gone")), {"chess"}),
        (Filters(stories=("storm",)), {"storm"}),
        (Filters(articles=("chess",), stories=("storm",)), {"chess", "storm"}),
        (Filters(articles=("chess", "bridge"), date_to=dt.date(2020, 1, 1)), {"bridge"}),
        (Filters(articles=("chess",), outlets=("Other",)), set()),
        (Filters(articles=("gone",)), set()),
        (Filters(any_time=True), {"bridge", "chess", "storm"}),
    ],
)
def test_filters_hold_for_words_and_for_vectors(filters: Filters, ids: set[str], open_store: Open) -> None:
    store = open_store()
    fill(store)
    add(store, entry("undated", "A bridge without date. Nobody knows."))
    text = " ".join(TEXTS.values())
    candidates = store.find(text, EMBEDDER.embed_query(text), 20, filters)
    assert {one.passage.article.id for one in candidates} - {"undated"} == ids
    assert any(one.passage.article.id == "undated" for one in candidates) == (not filters)
    assert all(one.cosine is not None and one.bm25 > 0 for one in candidates if one.passage.article.id in ids)


@EVERYWHERE
def test_a_story_that_is_chosen_takes_all_its_versions_along(open_store: Open) -> None:
    store = open_store()
    fill(store)
    with store.writing():
        store.stories.group({"storm": "bridge", "bridge": "bridge"}, {})
    assert store.articles.count(Filters(stories=("bridge",))) == 2
    assert store.articles.count(Filters(articles=("bridge",))) == 1


def test_vectors_of_chosen_articles_are_compared_as_the_index_does_and_anew_when_the_library_changes(
    open_store: Open,
) -> None:
    store = open_store()
    fill(store)
    everything = {text: cosine for text, (_, cosine) in found(store, "the harbour bridge").items()}
    chosen = found(store, "the harbour bridge", filters=Filters(articles=tuple(TEXTS)))
    assert {text: cosine for text, (_, cosine) in chosen.items()} == pytest.approx(everything, abs=1e-5)
    add(store, entry("chess", "The harbour bridge won. It was a draw."))
    assert "The harbour bridge won." in found(store, "the harbour bridge", filters=Filters(articles=("chess",)))


@EVERYWHERE
def test_forty_thousand_articles_can_be_chosen(open_store: Open) -> None:
    store = open_store()
    fill(store)
    many = tuple(f"a{n}" for n in range(40_000))
    filters = Filters(articles=(*many, "bridge"), stories=(*many, "chess"))
    assert {store.articles.count(filters), store.articles.count()} == {2, 3}
    assert "It cost 48 million crowns." in found(store, "what did it cost", filters=filters)


def test_what_the_question_quotes_comes_before_all_other_words(open_store: Open) -> None:
    store = open_store()
    add(store, entry("far", "A bridge, a bridge, a harbour, a harbour. And so on."), *map(entry, TEXTS, TEXTS.values()))
    plain, quoted = found(store, "which harbour bridge"), found(store, 'which "harbour bridge"')
    said, apart = TEXTS["bridge"].split(". ")[0] + ".", "A bridge, a bridge, a harbour, a harbour."
    assert plain[apart][0] > plain[said][0] and quoted[said][0] > quoted[apart][0] > 0
    lone = found(store, 'which harbour "bridge"')
    assert plain[apart][0] < lone[apart][0] < 1.5 * plain[apart][0]


def test_an_article_is_found_in_its_own_language(open_store: Open) -> None:
    store = open_store()
    text = "Президент Лукашенко открыл завод. Новый цех выпускает автобусы."
    add(
        store,
        entry("завод", text, language="ru", outlet="Белта", date=dt.date(2023, 5, 9)),
        entry("storm", TEXTS["storm"]),
    )
    for question in ("какие заводы открывал Лукашенко?", "Lukashenko", "статья Белты от 9 мая"):
        assert {text for text, (bm25, _) in found(store, question).items() if bm25} >= {text.split(". ")[0] + "."}
        assert found(store, question)["Nobody was hurt."][0] == 0


@EVERYWHERE
def test_two_stores_on_one_folder_follow_each_other(open_store: Open) -> None:
    first, second = open_store(), open_store()
    for n in range(3):
        add(first, entry(f"a{n}", f"The {n} ferry sails. It is fast{n}."))
        assert_in_step(second)
        add(second, entry(f"b{n}", f"The {n} train leaves. It is slow{n}."))
        assert_in_step(first)
    assert first.articles.count() == 6


@pytest.mark.parametrize("damage", ["cut", "scribble"])
@pytest.mark.parametrize("part", ["words", "vectors"])
def test_an_index_of_which_all_files_are_damaged_is_made_again(part: str, damage: str, open_store: Open) -> None:
    store = open_store()
    fill(store)
    store.close()
    files = [path for path in (store.folder / part).rglob("*") if path.is_file()]
    assert files
    for path in files:
        if damage == "cut":
            os.truncate(path, path.stat().st_size // 2)
        elif path.name != "last":
            path.write_bytes(b"scribble " * 20)
    assert_in_step(open_store())


def test_who_dies_while_touching_the_vectors_leaves_a_library_that_is_whole(open_store: Open) -> None:
    store = open_store()
    fill(store)
    store.close()
    (store.folder / "vectors" / "last").write_text("busy")
    (store.folder / "vectors" / "chroma.sqlite3").write_bytes(b"torn")
    assert_in_step(open_store())


def test_words_left_by_a_kill_are_swept_away(open_store: Open) -> None:
    store = open_store()
    fill(store)
    words = store.folder / "words"
    (words / "new-left-over").mkdir()
    (words / "segment-left-over").write_bytes(b"half")
    (words / "12 monkeys").write_text("not ours")
    with merging(words):  # somebody may be writing it still
        add(store, entry("later", "A later one. It came."))
    assert (words / "segment-left-over").exists()
    add(store, entry("last", "The last one. It came."))
    assert {path.name for path in words.iterdir()} == {
        *store.words().files,
        "segments.json",
        "merging.lock",
        "12 monkeys",
    }
    assert_in_step(open_store())


def one_line(error: pytest.ExceptionInfo[LibraryError]) -> str:
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("name", ["writer.lock", "vectors.lock"])
def test_a_lock_that_is_a_folder(name: str, tmp_path: Path, open_store: Open) -> None:
    (tmp_path / "library" / name).mkdir(parents=True)
    with pytest.raises(LibraryError) as error:
        open_store(tmp_path / "library")
    assert f"{name} is a folder, where Citewire keeps a lock file. Move it out of the library." in one_line(error)


def test_a_folder_that_is_a_file(tmp_path: Path, open_store: Open) -> None:
    path = tmp_path / "file"
    path.write_text("")
    for folder in (path, path / "below"):
        with pytest.raises(LibraryError) as error:
            open_store(folder)
        assert "is not a folder. Name another with --index." in one_line(error)


def test_a_folder_that_is_not_writable(tmp_path: Path, open_store: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:  # nothing is forbidden to root but what the system itself keeps
        folder, match = Path("/proc/library"), "cannot be made"
    else:
        folder, match = tmp_path / "locked", "is not writable"
        folder.mkdir(mode=0o500)
    with pytest.raises(LibraryError, match=match) as error:
        open_store(folder)
    assert "--index" in one_line(error)


def test_a_library_of_another_embedder(open_store: Open) -> None:
    open_store().require_embedder()
    for embedder, dimension in (("other:one", 64), (EMBEDDER.name, 32)):
        with pytest.raises(EmbedderMismatch) as error:
            open_store(embedder=embedder, dimension=dimension).require_embedder()
        assert "--embed hashing:stems" in one_line(error)
    with pytest.raises(EmbedderMismatch, match="other weights"):
        open_store(revision="2").require_embedder()


@EVERYWHERE
def test_a_second_writer_waits_or_fails_at_once(open_store: Open) -> None:
    first, second = open_store(), open_store()
    with first.writing():
        with pytest.raises(LibraryBusy, match="Another process is writing"):
            with second.writing(wait=False):
                raise AssertionError("two at once")
    with second.writing(wait=False):
        pass


def test_a_library_of_another_version(open_store: Open) -> None:
    store = open_store()
    store.close()
    with sqlite3.connect(store.folder / "articles.db") as db:
        db.execute("UPDATE library SET value = '0' WHERE name = 'schema'")
    db.close()
    with pytest.raises(LibraryError, match="another version of Citewire") as error:
        open_store()
    assert "--index" in one_line(error)


@pytest.mark.parametrize("content", [b"no database at all " * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_database_is_said_in_one_line(content: bytes, open_store: Open) -> None:
    store = open_store()
    fill(store)
    store.close()
    for path in store.folder.glob("articles.db*"):
        path.unlink()
    (store.folder / "articles.db").write_bytes(content)
    with pytest.raises(LibraryError) as error:
        open_store()
    assert "articles.db says 'file is not a database'" in one_line(error)
    assert (store.folder / "articles.db").read_bytes() == content


def test_a_disk_that_is_full_loses_nothing(open_store: Open) -> None:
    store = open_store()
    fill(store)
    database = store._database
    with database.reading() as db:
        pages = db.exec_driver_sql("PRAGMA page_count").scalar_one()
    full = database.kind.connect

    def connect() -> sqlite3.Connection:
        connection = full()
        connection.execute(f"PRAGMA max_page_count={pages}")
        return connection

    database._engine.dispose()
    database._engine.pool._creator = connect  # type: ignore[attr-defined]
    with pytest.raises(LibraryError, match="full") as error:
        add(store, entry("big", "A big one. " + "It is long. " * 10_000))
    assert "Free some space" in one_line(error)
    database._engine.pool._creator = full  # type: ignore[attr-defined]
    database._engine.dispose()
    assert store.get("big") is None
    assert_in_step(store)


def test_a_folder_with_odd_signs_in_its_name(tmp_path: Path, open_store: Open) -> None:
    store = open_store(tmp_path / "a b?c=d%20#é")
    fill(store)
    assert_in_step(store)
    assert (tmp_path / "a b?c=d%20#é" / "articles.db").is_file()


def test_vectors_of_any_layout_go_in(open_store: Open) -> None:
    store = open_store()
    one = entry("bridge", TEXTS["bridge"])
    odd = {key: np.repeat(vector.astype(np.float64), 2)[::2] for key, vector in vectors_of(one).items()}
    with store.writing():
        store.add([one], odd)
    assert_in_step(store)


def test_words_read_before_a_change_say_nothing_of_what_came_or_went(open_store: Open) -> None:
    store = open_store()
    add(store, entry("bridge", TEXTS["bridge"]), entry("storm", TEXTS["storm"]))
    before, (old, *_) = store.words(), store.articles.passage_ids()
    with store.writing():
        store.forget(["bridge"])
    after = store.words()
    add(store, entry("chess", TEXTS["chess"]))
    new = store.articles.passage_ids()[-1]
    scores = before.scores("chess storm bridge")
    assert before.score_of(new, scores) == 0 < before.score_of(old, scores)
    assert before.coverage("the harbour bridge opened", [new, old]) == {new: 0, old: 1}
    assert after.coverage("the harbour bridge opened", [old, new]) == {old: 0, new: 0}


@pytest.mark.parametrize("place", [np.arange(1, 65), np.zeros(64)], ids=["somewhere", "zeros"])
def test_of_many_equal_vectors_the_further_copies_lie_beside_the_first(place: Vectors) -> None:
    others = np.eye(64, dtype=np.float32)[:5]
    equal = np.concatenate([others, np.tile(place, (300, 1))]).astype(np.float32)
    moved = _apart(equal)
    assert (moved[:13] == equal[:13]).all()
    assert len(np.unique(moved, axis=0)) == 5 + 1 + 292
    lengths = np.linalg.norm(moved[13:], axis=1)
    assert (moved[13:] @ moved[13] / lengths / lengths[0]).min() > 0.99999
    if place.any():
        assert (moved[13:] @ place / lengths / np.linalg.norm(place)).min() > 0.999998
    assert _apart(equal[:13]) is not moved and (_apart(equal[:13]) == equal[:13]).all()
