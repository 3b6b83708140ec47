"""Collections: what is in one, whose it is, and that it stays right while articles come, change and go."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from parts import ARTICLES, open_library

from qa.errors import UsageError
from qa.library import Library
from qa.settings import load_settings
from qa.store import Collections
from qa.store.copying import copy_library
from qa.types import CollectionName, Filters

HOSTILE = "<b onclick=alert(1)>Ports</b>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "news").mkdir()
    for name, text in ARTICLES.items():
        (tmp_path / "news" / name).write_text(text, "utf-8")
    return tmp_path / "news"


@pytest.fixture
def library(folder: Path, tmp_path: Path) -> Iterator[Library]:
    with open_library(load_settings(index=tmp_path / "library")) as library:
        library.ingest([folder])
        yield library


def kept(library: Library) -> Collections:
    return library.store.collections


def held(library: Library, collection: CollectionName) -> set[str]:
    return {row.id for row in library.articles(Filters(collection=collection))}


def test_it_is_filled_by_hand_and_each_article_once(library: Library) -> None:
    made = kept(library).create("  The   ports ", articles=["harbour"])
    assert (made.name, made.articles, made.is_shared, made.filter, made.sources) == ("The ports", 1, False, None, ())
    assert kept(library).add(made.named, ["school", "harbour", "school"]) == 1
    assert held(library, made.named) == {"harbour", "school"}
    with pytest.raises(UsageError, match="There is no article 'nowhere'"):
        kept(library).add(made.named, ["storm", "nowhere"])
    assert held(library, made.named) == {"harbour", "school"}
    assert kept(library).take_out(made.named, ["school", "storm"]) == 1
    assert held(library, made.named) == {"harbour"} and library.count() == 3


def test_it_is_filled_by_a_filter_that_holds_for_what_comes_later(library: Library, folder: Path) -> None:
    filters = Filters(dt.date(2021, 1, 1), dt.date(2022, 12, 31), ("the morning lark",))
    made = kept(library).create("Larks", filter=filters, articles=["storm"])
    assert kept(library).find("larks").filter == filters
    assert held(library, made.named) == {"school", "storm"}
    (folder / "later.md").write_text(
        "---\noutlet: The Morning Lark\ndate: 2022-12-01\n---\n\nA second lark sang at noon."
    )
    library.ingest([folder])
    assert held(library, made.named) == {"school", "storm", "later"}
    with pytest.raises(UsageError, match="is in “Larks” by its filter or by a source"):
        kept(library).take_out(made.named, ["storm", "school"])
    assert held(library, made.named) == {"school", "storm", "later"}
    assert kept(library).fill(made.named, filter=None, sources=()).articles == 1


def test_it_is_filled_by_a_folder_and_by_what_a_followed_feed_has_led_to(library: Library, folder: Path) -> None:
    of_folder = kept(library).create("Folder", sources=[str(folder)])
    assert of_folder.articles == 3
    feed, [source] = "https://example.org/feed.xml", library.store.articles.sources_of(["school"]).values()
    library.store.followed.add(feed)
    of_feed = kept(library).create("Feed", sources=[feed])
    assert of_feed.articles == 0
    for _ in range(2):
        library.store.followed.note_run(feed, "1 added", brought=[source])
    assert held(library, of_feed.named) == {"school"}
    library.store.followed.end(feed)
    assert held(library, of_feed.named) == {"school"}
    library.store.followed.note_run("https://example.org/ended.xml", "1 added", brought=[source])
    with pytest.raises(UsageError, match="No article came from 'https://example.org/ended.xml'"):
        kept(library).create("Ended", sources=["https://example.org/ended.xml"])


def test_articles_that_go_come_back_to_it(library: Library, folder: Path) -> None:
    made = kept(library).create("Ports", articles=["harbour", "school"])
    copy = library.store.copy_of(["harbour"])
    library.remove(["harbour"])
    assert held(library, made.named) == {"school"} and kept(library).find("ports").articles == 1
    library.put_back(copy)
    assert held(library, made.named) == {"harbour", "school"}
    library.remove(["harbour"])
    text = ARTICLES["harbour.md"].replace("six years", "seven years")
    (folder / "harbour.md").write_text(text, "utf-8")
    library.ingest([folder])
    assert held(library, made.named) == {"harbour", "school"}
    (folder / "harbour.md").rename(folder / "bridge.md")
    library.ingest([folder], prune=True)
    assert {library.require(id_).title for id_ in held(library, made.named)} == {
        "Harbour bridge opens",
        "School wins chess cup",
    }


def test_another_article_that_takes_the_id_of_one_that_has_gone_does_not_belong_to_it(
    library: Library, folder: Path
) -> None:
    made = kept(library).create("Ports", articles=["harbour"])
    library.remove(["harbour"])
    (folder / "harbour.md").unlink()
    (folder / "other").mkdir()
    (folder / "other" / "harbour.md").write_text("Seals have been seen in the harbour, the coast guard said.", "utf-8")
    library.ingest([folder])
    assert library.require("harbour").text.startswith("Seals")
    assert held(library, made.named) == set()


def test_a_chosen_article_that_became_a_copy_of_another_is_that_other(library: Library, folder: Path) -> None:
    made = kept(library).create("Storms", articles=["storm"])
    (folder / "better.md").write_text(
        f"---\noutlet: Pass Post\ndate: 2020-02-03\n---\n\n{ARTICLES['storm.txt']}", "utf-8"
    )
    library.ingest([folder])
    assert library.count() == 3
    [id_] = held(library, made.named)
    assert library.require(id_).outlet == "Pass Post"


def test_a_search_finds_what_it_holds_when_it_is_asked(library: Library) -> None:
    made = kept(library).create("Ports")

    def found() -> set[str]:
        vector = library.embedder.embed_query("bridge road cup")
        hits = library.store.find("bridge road cup", vector, 10, Filters(collection=made.named))
        return {hit.passage.article.id for hit in hits}

    assert found() == set()
    kept(library).add(made.named, ["harbour"])
    assert found() == {"harbour"}
    kept(library).add(made.named, ["school"])
    assert found() == {"harbour", "school"}
    page = library.store.contents(search="chess", collection=made.named)
    assert [row.id for row in page.rows] == ["school"]
    assert library.store.articles.count(Filters(articles=("storm", "school"), collection=made.named)) == 1
    kept(library).delete(made.named)
    with pytest.raises(UsageError, match="The collection “Ports” is not there. Take it off the filter"):
        found()


def test_each_is_its_owners_and_a_stranger_hears_the_same_of_one_that_is_not_there(library: Library) -> None:
    mine = kept(library).create("Ports", owner="anna", articles=["harbour"])
    theirs = kept(library).create("Ports", owner="bo")
    kept(library).create("Command line")
    assert [row.owner for row in kept(library).all()] == [None, "anna", "bo"]
    assert [row.id for row in kept(library).all(owner="anna")] == [mine.id]
    assert kept(library).find("ports", owner="anna").id == mine.id
    with pytest.raises(UsageError, match="'Ports' names 2 collections. Give an id"):
        kept(library).find("Ports")
    for name in (theirs.id, "Command line", "nowhere"):
        with pytest.raises(UsageError) as error:
            kept(library).find(name, owner="anna")
        assert str(error.value) == f"There is no collection '{name}'. Choose one of: Ports."
    guessed = replace(theirs.named, name="X")
    for change in (
        lambda one: kept(library).add(one, ["school"], owner="anna"),
        lambda one: kept(library).rename(one, "Y", owner="anna"),
        lambda one: kept(library).delete(one, owner="anna"),
        lambda one: kept(library).allowed(Filters(collection=one), owner="anna"),
    ):
        said = set()
        for one in (guessed, CollectionName("nowhere", "X")):
            with pytest.raises(UsageError) as error:
                change(one)
            said.add(str(error.value))
        assert len(said) == 1
    kept(library).share(theirs.named, True, owner="bo")
    allowed = kept(library).allowed(Filters(collection=guessed), owner="anna")
    assert allowed.collection == theirs.named
    assert kept(library).find("ports", owner="anna").id == mine.id  # of two with one name, one's own
    with pytest.raises(UsageError, match="“Ports” belongs to another user"):
        kept(library).add(theirs.named, ["school"], owner="anna")
    stamp = kept(library).stamp(owner="anna")
    kept(library).share(theirs.named, False, owner="bo")
    assert kept(library).stamp(owner="anna") != stamp


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "The collection has no name"),
        (" \u200b\n", "The collection has no name"),
        ("x" * 300, "The name has 300 characters; 100 are the most"),
        ("PORTS ", "There is a collection “PORTS” already"),
    ],
)
def test_a_name_that_cannot_be_is_one_sentence(library: Library, name: str, said: str) -> None:
    kept(library).create("Ports")
    other = kept(library).create(HOSTILE)
    for attempt in (lambda: kept(library).create(name), lambda: kept(library).rename(other.named, name)):
        with pytest.raises(UsageError, match=said) as error:
            attempt()
        assert "\n" not in str(error.value)
    assert [row.name for row in kept(library).all()] == [HOSTILE, "Ports"]
    assert kept(library).rename(other.named, other.name.upper()).name == HOSTILE.upper()


def test_a_filter_that_takes_in_everything_or_another_collection_is_refused(library: Library) -> None:
    made = kept(library).create("Ports")
    with pytest.raises(UsageError, match="lets every article through"):
        kept(library).create("All", filter=Filters(any_time=True))
    with pytest.raises(UsageError, match="cannot be filled by another one"):
        kept(library).create("Ring", filter=Filters(collection=made.named))
    assert [row.name for row in kept(library).all()] == ["Ports"]


def test_a_copy_of_the_library_holds_them(library: Library, tmp_path: Path) -> None:
    made = kept(library).create("Ports", articles=["harbour"], filter=Filters(outlets=("The Morning Lark",)))
    copy_library(library.settings.index, tmp_path / "copy")
    with open_library(load_settings(index=tmp_path / "copy")) as copy:
        assert kept(copy).all() == kept(library).all()
        assert held(copy, made.named) == {"harbour", "school"}
