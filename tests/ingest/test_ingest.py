"""What an ingest makes of copies, versions, rows that went, lines that recur; and what it does again, and what not."""

import datetime as dt
import itertools
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pages import PageServer, Reply
from parts import assert_in_step, counts, story, texts

from qa.library import Library
from qa.settings import Settings
from qa.store import Store
from qa.types import Filters

Write = Callable[[str, str | bytes], Path]
WriteRows = Callable[[str, Sequence[Any]], Path]
Open = Callable[..., Library]

WIRE = " ".join(story(n) for n in range(40))


def wire(**about: Any) -> dict[str, Any]:
    return {"title": "Ferry runs aground off Vik", "text": WIRE, **about}


def only(library: Library) -> Any:
    [row] = library.articles()
    return library.article(row.id)


# --- versions of one story -------------------------------------------------------------------------------------------


def test_the_same_wire_story_in_three_papers_is_one_story(library: Open, write_rows: WriteRows) -> None:
    ours = library(passage_words=60)
    rows = [
        wire(id="echo", outlet="Evening Echo", date="2024-03-03"),
        wire(id="wire", outlet="Northern Wire", date="2024-03-01"),
        wire(id="post", outlet="Fjord Post", date="2024-03-02", text=WIRE + " " + story(900)),
        {"id": "other", "outlet": "Fjord Post", "text": " ".join(story(n) for n in range(100, 140))},
    ]
    report = ours.ingest([write_rows("news.jsonl", rows)])
    assert counts(report) == (4, 0, 0, 0, 0)
    assert {row.id: row.story for row in ours.articles()} == {
        "wire": "wire", "post": "wire", "echo": "wire", "other": "other",
    }  # fmt: skip
    assert ours.store.stories.count() == (2, 2)
    assert ours.require("wire").also_in == ("Fjord Post", "Evening Echo")
    assert ours.require("echo").also_in == ("Northern Wire", "Fjord Post")
    assert ours.require("other").also_in == ()
    found = ours.store.find(story(3), ours.embedder.embed_query(story(3)), 50)
    assert [hit.passage.article.id for hit in found if story(3) in hit.passage.text] == ["wire"]
    # What only one version says is found there.
    found = ours.store.find(story(900), ours.embedder.embed_query(story(900)), 50)
    assert "post" in {hit.passage.article.id for hit in found if story(900) in hit.passage.text}
    # Within a filter the version that passes it is found.
    echo = Filters(outlets=("evening echo",))
    found = ours.store.find(story(3), ours.embedder.embed_query(story(3)), 50, echo)
    assert {hit.passage.article.id for hit in found} == {"echo"}
    assert_in_step(ours.store)


def test_more_versions_than_are_looked_at_are_one_story_and_follow_who_leads_it(
    library: Open, write_rows: WriteRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.store.articles.stories.MANY", 5)
    monkeypatch.setattr("qa.ingest.stories._AT_ONCE", 10)
    monkeypatch.setattr("qa.ingest.dedup.versions.CROWD", 8)
    monkeypatch.setattr("qa.ingest.dedup.versions.NEIGHBOURS", 2)
    ours = library()
    rows = [
        wire(id=f"p{n}", outlet=f"Paper {n}", date="2024-03-02", text=f"{WIRE} {story(900 + n)}") for n in range(40)
    ]
    ours.ingest([write_rows("papers.jsonl", rows)])
    assert ours.store.stories.count() == (1, 39)
    ours.ingest([write_rows("wire.jsonl", [wire(id="wire", outlet="Northern Wire", date="2024-03-01")])])
    assert {row.story for row in ours.articles()} == {"wire"}
    assert ours.store.stories.count() == (1, 40)


@pytest.mark.slow
def test_the_work_for_alike_rows_grows_with_their_number_and_no_faster(
    library: Open, write_rows: WriteRows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.store.articles.stories.MANY", 20)
    monkeypatch.setattr("qa.ingest.stories._AT_ONCE", 20)
    monkeypatch.setattr("qa.ingest.dedup.versions.CROWD", 10)
    monkeypatch.setattr("qa.ingest.dedup.versions.NEIGHBOURS", 4)
    compared = 0

    def compare(a: Any, b: Any) -> bool:
        nonlocal compared
        compared += 1
        return False

    monkeypatch.setattr("qa.ingest.dedup.versions.is_same_story", compare)
    counts: list[int] = []
    for size in (50, 100, 200):
        ours, compared = library(index=tmp_path / str(size)), 0
        rows = [{"id": f"{size}-{n}", "title": "Row", "text": f"{WIRE} Row {n}."} for n in range(size)]
        ours.ingest([write_rows(f"{size}.jsonl", rows)])
        counts.append(compared)
        ours.close()
    assert counts[2] < 2.5 * counts[1] < 2.5 * 2.5 * counts[0]


@pytest.mark.parametrize("order", list(itertools.permutations(["wire", "echo", "post"])))
def test_the_order_of_versions_makes_no_difference(order: list[str], library: Open, write_rows: WriteRows) -> None:
    ours = library()
    days = {"wire": "2024-03-01", "echo": "2024-03-03", "post": "2024-03-02"}
    for id_ in order:
        ours.ingest([write_rows(f"{id_}.jsonl", [wire(id=id_, outlet=id_, date=days[id_])])])
    assert {row.story for row in ours.articles()} == {"wire"}
    assert {passage.article.id for passage in shown(ours)} == {"wire"}


def shown(library: Library) -> list[Any]:
    """The passages that a search without filters can find."""
    articles = library.store.articles
    return [passage for passage in articles.all_passages(articles.passage_ids()) if not passage.is_copy]


def test_when_the_leader_goes_another_leads(library: Open, write_rows: WriteRows) -> None:
    ours = library()
    rows = [wire(id="wire", outlet="Wire", date="2024-03-01"), wire(id="echo", outlet="Echo", date="2024-03-03")]
    ours.ingest([write_rows("news.jsonl", rows)])
    assert {passage.article.id for passage in shown(ours)} == {"wire"}
    ours.remove(["wire"])
    assert [(row.id, row.story) for row in ours.articles()] == [("echo", "echo")]
    assert {passage.article.id for passage in shown(ours)} == {"echo"}
    assert ours.require("echo").also_in == ()
    assert_in_step(ours.store)


def test_a_version_that_changes_into_another_story_stands_alone(library: Open, write_rows: WriteRows) -> None:
    ours = library()
    rows = [wire(id="wire", outlet="Wire", date="2024-03-01"), wire(id="echo", outlet="Echo", date="2024-03-03")]
    ours.ingest([write_rows("news.jsonl", rows)])
    rows[0] = wire(id="wire", outlet="Wire", date="2024-03-01", text=" ".join(story(n) for n in range(500, 540)))
    assert ours.ingest([write_rows("news.jsonl", rows)]).updated == ("wire",)
    assert {row.id: row.story for row in ours.articles()} == {"wire": "wire", "echo": "echo"}
    assert {passage.article.id for passage in shown(ours)} == {"wire", "echo"}


# --- one page, several times -----------------------------------------------------------------------------------------


def test_a_newer_version_of_a_page_takes_its_place(library: Open, write_rows: WriteRows) -> None:
    ours = library()
    url = "https://echo.example/ferry"
    old = {"id": "a", "url": url, "date": "2024-03-01", "text": f"{WIRE} Nine are missing."}
    new = {"id": "b", "url": f"{url}?utm_source=mail#top", "date": "2024-03-02", "text": f"{WIRE} Twelve were saved."}
    assert ours.ingest([write_rows("monday.jsonl", [old])]).added == ("a",)
    report = ours.ingest([write_rows("tuesday.jsonl", [new])])
    assert counts(report) == (0, 1, 0, 0, 0)
    article = only(ours)
    assert (article.id, article.date, article.first_published) == ("a", dt.date(2024, 3, 2), dt.date(2024, 3, 1))
    assert "Twelve" in article.text and "Nine" not in article.text
    again = ours.ingest([write_rows("monday.jsonl", [old]), write_rows("tuesday.jsonl", [new])])
    assert counts(again)[:2] == (0, 0) and only(ours) == article
    assert_in_step(ours.store)


def test_an_older_version_of_a_page_changes_only_when_it_was_first_published(
    library: Open, write_rows: WriteRows
) -> None:
    ours = library()
    url = "https://echo.example/ferry"
    rows = [
        {"id": "new", "url": url, "date": "2024-03-02", "text": f"{WIRE} Twelve were saved."},
        {"id": "old", "url": url, "date": "2024-03-01", "text": f"{WIRE} Nine are missing."},
    ]
    for _ in range(2):
        ours.ingest([write_rows("news.jsonl", rows)])
        article = only(ours)
        assert (article.id, article.date) == ("new", dt.date(2024, 3, 2)) and "Twelve" in article.text


def test_a_copy_that_says_more_of_itself_takes_the_place_of_the_other(library: Open, write_rows: WriteRows) -> None:
    ours = library()
    bare = write_rows("bare.jsonl", [{"id": "bare", "text": WIRE}])
    ours.ingest([bare])
    ours.ingest([write_rows("full.jsonl", [wire(id="full", outlet="Echo", date="2024-03-01")])])
    article = only(ours)
    assert (article.id, article.outlet, article.date) == ("bare", "Echo", dt.date(2024, 3, 1))
    assert ours.ingest([bare]).duplicates == ("bare",)
    assert only(ours) == article


# --- what has gone ---------------------------------------------------------------------------------------------------


def test_prune_takes_out_what_has_gone_and_nothing_else(library: Open, write: Write, write_rows: WriteRows) -> None:
    ours = library()
    rows = [{"id": f"r{n}", "text": story(n)} for n in range(3)]
    folder = write_rows("news/rows.jsonl", rows).parent
    for name in ("one", "two", "elsewhere/three"):
        write(f"news/{name}.txt", story(hash(name) % 1000 + 10))
    other = write("other/four.txt", story(5000))
    ours.ingest([folder, other])
    write_rows("news/rows.jsonl", rows[1:])
    (folder / "one.txt").unlink()
    other.unlink()
    kept = ours.ingest([folder])
    assert kept.removed == () and ours.count() == 7
    report = ours.ingest([folder], prune=True)
    assert sorted(report.removed) == ["one", "r0"]
    assert set(texts(ours)) == {"r1", "r2", "two", "three", "four"}
    assert counts(ours.ingest([folder], prune=True)) == (0, 0, 4, 0, 0)
    assert_in_step(ours.store)


def test_prune_keeps_what_cannot_be_read_now(library: Open, write: Write, write_rows: WriteRows) -> None:
    ours = library()
    rows = write_rows("news/rows.jsonl", [{"id": f"r{n}", "text": story(n)} for n in range(3)])
    ours.ingest([rows.parent])
    rows.write_text('{"id": "r0", "text": "A new text."}\n{broken\n')
    report = ours.ingest([rows.parent], prune=True)
    assert report.updated == ("r0",) and len(report.failures) == 1 and not report.removed
    assert set(texts(ours)) == {"r0", "r1", "r2"}


def test_prune_of_a_folder_that_holds_nothing_removes_nothing(library: Open, write: Write) -> None:
    """A drive that is not there looks like a folder that was emptied."""
    ours = library()
    file = write("news/one.txt", story(1))
    ours.ingest([file.parent])
    file.unlink()
    report = ours.ingest([file.parent], prune=True)
    assert report.failed_entirely and ours.count() == 1


def test_a_copy_stays_when_its_original_is_pruned(library: Open, write: Write) -> None:
    ours = library()
    first, second = write("news/a.txt", WIRE), write("news/b.txt", WIRE)
    assert ours.ingest([first.parent]).duplicates == ("a",)
    first.unlink()
    report = ours.ingest([first.parent], prune=True)
    assert (report.removed, report.updated) == ((), ("a",))
    assert only(ours).path == str(second)
    assert counts(ours.ingest([first.parent], prune=True)) == (0, 0, 1, 0, 0)


# --- lines that recur ------------------------------------------------------------------------------------------------

SLOGAN = "The Echo brings the coast to your door each morning, rain or shine"


def test_lines_that_recur_in_an_outlet_go_from_old_articles_as_well(library: Open, write_rows: WriteRows) -> None:
    ours = library()

    def row(number: int) -> dict[str, Any]:
        text = "\n\n".join([SLOGAN, *(story(20 * number + n) for n in range(12))])
        return {"id": f"n{number}", "outlet": "Echo", "title": story(number + 70_000), "text": text}

    ours.ingest([write_rows("first.jsonl", [row(0)])])
    assert SLOGAN in texts(ours)["n0"]
    later = ours.ingest([write_rows("second.jsonl", [row(n) for n in range(1, 60)])])
    assert len(later.added) == 59 and not later.updated
    assert all(SLOGAN not in text for text in texts(ours).values())
    assert [line.text for line in ours.dropped("n0")] == [SLOGAN]
    assert "articles of this outlet" in ours.dropped("n0")[0].reason
    again = ours.ingest(
        [write_rows("first.jsonl", [row(0)]), write_rows("second.jsonl", [row(n) for n in range(1, 60)])]
    )
    assert counts(again) == (0, 0, 60, 0, 0)
    assert_in_step(ours.store)


def test_without_cleaning_every_line_stays(library: Open, write: Write) -> None:
    text = "Ferry runs aground\n\nAdvertisement\n\nThe ferry ran aground off Vik on Monday."
    file = write("a.txt", text)
    ours = library()
    ours.ingest([file])
    assert "Advertisement" not in only(ours).text
    kept = library(clean=False)
    assert kept.ingest([file]).updated == ("a",)
    assert only(kept).text == text and kept.dropped("a") == ()


# --- what is done again ----------------------------------------------------------------------------------------------


class Counting:
    """An embedder that counts the texts it is given."""

    def __init__(self, library: Library) -> None:
        self._embedder, self.texts = library.embedder, list[str]()
        self.name, self.revision, self.dimension = "hashing:stems", "1", library.embedder.dimension
        self.embed_query = library.embedder.embed_query

    def embed_passages(self, texts: Sequence[str]) -> Any:
        self.texts += texts
        return self._embedder.embed_passages(texts)


def test_only_passages_that_changed_are_embedded_again(library: Open, write: Write) -> None:
    ours = library(passage_words=20)
    counting = ours.embedder = Counting(ours)
    paragraphs = [f"{story(2 * n)} {story(2 * n + 1)}" for n in range(20)]
    ours.ingest([write("a.txt", "\n\n".join(paragraphs))])
    first = len(counting.texts)
    assert first == len(set(counting.texts)) >= 10
    paragraphs[-1] = story(4000)
    ours.ingest([write("a.txt", "\n\n".join(paragraphs))])
    assert 1 <= len(counting.texts) - first < first / 2
    before = len(counting.texts)
    ours.remove(["a"])
    ours.ingest([write("a.txt", "\n\n".join(paragraphs))])
    assert len(counting.texts) == before
    assert_in_step(ours.store)


def test_a_file_with_the_same_bytes_is_not_read_again(library: Open, write: Write) -> None:
    ours = library()
    file = write("a.pdf", b"%PDF-1.4 broken")
    assert ours.ingest([file]).failed_entirely
    assert ours.ingest([file]).failed_entirely  # a failure is told every time
    rows = write("rows.csv", "id,text\n1,The ferry sails at noon.\n2,The train leaves at ten.\n")
    assert len(ours.ingest([rows]).added) == 2
    report = ours.ingest([rows])
    assert len(report.unchanged) == 2 and report.stages["read"] < 1
    assert ours.store.manifest.is_unchanged(str(rows), *_noted(ours, str(rows)))


def test_a_failure_early_in_a_long_file_loses_nothing_and_is_told_every_time(
    library: Open, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.ingest._WINDOW", 2)
    ours = library()
    rows = [f"{n},Lark,The ferry number {n} sails at noon from its own pier." for n in range(7)]
    ours.ingest([write("rows.csv", "\n".join(["id,outlet,text", *rows]))])
    monkeypatch.setattr(Store, "longest_key", 250)
    rows[0] = f"0,{'Lark ' * 80},The ferry number 0 sails no more."
    file = write("rows.csv", "\n".join(["id,outlet,text", *rows]))
    for _ in range(2):
        report = ours.ingest([file], prune=True)
        assert len(report.failures) == 1 and not report.removed and ours.count() == 7
    rows[0] = "0,Lark,The ferry number 0 sails no more."
    report = ours.ingest([write("rows.csv", "\n".join(["id,outlet,text", *rows]))], prune=True)
    assert len(report.updated) == 1 and not report.failures and ours.count() == 7


def _noted(library: Library, path: str) -> tuple[str, str]:
    with library.store._database.reading() as db:
        return tuple(db.exec_driver_sql("SELECT content_hash, versions FROM files WHERE path = ?", (path,)).one())  # type: ignore[return-value]


# --- from the network ------------------------------------------------------------------------------------------------


def page(title: str, *paragraphs: str, head: str = "") -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<html><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>{body}</article></body></html>"
    )


FERRY = page(
    "Ferry runs aground",
    "The ferry from Vik ran aground on Monday with forty people on board, the coast guard said.",
    "All of them were brought ashore by noon, and nobody was hurt.",
    head='<meta property="article:published_time" content="2024-03-04T08:00:00Z">'
    '<meta property="og:site_name" content="Fjord Post">',
)
LONG = " ".join(f"The council of Nes met for the {n}th time to talk about the road over the pass." for n in range(20))


def test_pages_and_feeds_are_read(library: Open) -> None:
    with PageServer({"/ferry": FERRY, "/gone": Reply(status=404)}) as site:
        items = f"""<item><title>Ferry runs aground</title><link>{site.url("/ferry")}</link></item>
            <item><title>Gone</title><link>{site.url("/gone")}</link></item>
            <item><title>Council meets</title><link>{site.url("/council")}</link>
            <description>{LONG}</description></item>"""
        feed = f"""<rss version="2.0"><channel><title>Coast News</title>{items}</channel></rss>"""
        with PageServer({"/feed": Reply(feed, kind="application/rss+xml")}) as other:
            ours = library(allow_private=True)
            report = ours.ingest([other.url("/feed")])
            assert len(report.added) == 2 and [f.name for f in report.failures] == [site.url("/gone")]
            again = ours.ingest([other.url("/feed"), site.url("/ferry#top")])
            assert counts(again) == (0, 0, 2, 0, 1)
    ferry, council = (ours.require(id_) for id_ in report.added)
    if "Council" in ferry.title:
        ferry, council = council, ferry
    assert (ferry.title, ferry.outlet, ferry.date, ferry.date_source) == (
        "Ferry runs aground", "Fjord Post", dt.date(2024, 3, 4), "meta",
    )  # fmt: skip
    assert "brought ashore by noon" in ferry.text
    assert (council.title, council.outlet) == ("Council meets", "Coast News")
    assert_in_step(ours.store)


def test_a_blog_that_links_to_another_site_does_not_date_its_pages(library: Open) -> None:
    with PageServer({"/ferry": FERRY}) as site:
        link = site.url("/ferry").replace("127.0.0.1", "localhost")
        item = f"<title>Worth a read</title><link>{link}</link><pubDate>Thu, 02 May 2024 09:00:00 GMT</pubDate>"
        feed = f"""<rss version="2.0"><channel><title>Link Blog</title><item>{item}</item></channel></rss>"""
        with PageServer({"/feed": Reply(feed, kind="application/rss+xml")}) as blog:
            ours = library(allow_private=True)
            ours.ingest([blog.url("/feed")])
    ferry = only(ours)
    assert (ferry.date, ferry.date_source, ferry.outlet) == (dt.date(2024, 3, 4), "meta", "Fjord Post")


def test_a_folder_that_is_locked_now_keeps_its_articles(
    library: Open, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = library()
    folder = write("in/a.txt", story(1)).parent
    write("in/sub/b.txt", story(2))
    assert len(ours.ingest([folder]).added) == 2
    scan, is_file = os.scandir, Path.is_file

    def refused(path: str | Path) -> None:
        if "/in/sub" in str(path):
            raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", lambda path=".": refused(path) or scan(path))
    monkeypatch.setattr(Path, "is_file", lambda self: refused(self) or is_file(self))  # root may enter every folder
    report = ours.ingest([folder], prune=True)
    assert (list(report.removed), [f.name for f in report.failures]) == ([], [str(folder / "sub")])
    assert len(ours.articles()) == 2


def test_a_private_address_is_refused_and_the_rest_goes_in(library: Open, write: Write) -> None:
    ours = library()
    with PageServer({"/ferry": FERRY}) as site:
        report = ours.ingest([site.url("/ferry"), write("a.txt", story(1))])
        assert not site.seen("/ferry")
    assert len(report.added) == 1
    assert "--allow-private" in report.failures[0].reason


# --- odd orders and odd names ----------------------------------------------------------------------------------------


def test_no_address_stands_twice(library: Open, write_rows: WriteRows) -> None:
    ours = library()
    url, other = "https://echo.example/ferry", " ".join(story(n) for n in range(200, 240))
    ours.ingest(
        [
            write_rows("1.jsonl", [{"id": "bare", "text": WIRE}]),
            write_rows("2.jsonl", [{"id": "page", "text": other, "url": url}]),
            write_rows("3.jsonl", [{"id": "again", "text": WIRE, "url": url}]),
        ]
    )
    article = only(ours)
    assert (article.url, article.text) == (url, WIRE)
    assert_in_step(ours.store)


def test_when_a_page_was_first_published_is_known_in_whatever_order_its_versions_come(
    library: Open, write_rows: WriteRows
) -> None:
    url = "https://echo.example/ferry"
    old = write_rows("old.jsonl", [{"id": "p", "url": url, "date": "2024-03-01", "text": f"{WIRE} Nine are missing."}])
    new = write_rows("new.jsonl", [{"id": "q", "url": url, "date": "2024-03-09", "text": f"{WIRE} Twelve were saved."}])
    ours = library()
    for file in (new, old, new):
        ours.ingest([file])
        article = only(ours)
        assert article.date == dt.date(2024, 3, 9) and "Twelve" in article.text
    assert article.first_published == dt.date(2024, 3, 1)


def test_a_file_that_moves_keeps_its_id_and_its_history(library: Open, write: Write, tmp_path: Path) -> None:
    ours = library()
    head = "---\ntitle: Ferry\nurl: https://echo.example/ferry\ndate: {}\n---\n"
    file = write("news/p.md", head.format("2024-03-01") + WIRE)
    ours.ingest([file])
    write("news/p.md", head.format("2024-03-05") + WIRE + " " + story(77))
    assert ours.ingest([file]).updated == ("p",)
    file.rename(tmp_path / "news/q.md")
    report = ours.ingest([tmp_path / "news"], prune=True)
    assert (report.added, report.updated, report.removed) == ((), ("p",), ())
    article = only(ours)
    assert (article.id, article.first_published) == ("p", dt.date(2024, 3, 1))
    assert article.path == str(tmp_path / "news/q.md")


def test_a_reader_that_is_open_sees_a_version_whose_leader_left_the_story(
    library: Open, write_rows: WriteRows, settings: Callable[..., Settings]
) -> None:
    ours = library()
    rows = [wire(id="A", outlet="Wire", date="2024-03-01"), wire(id="B", outlet="Echo", date="2024-03-03")]
    ours.ingest([write_rows("news.jsonl", rows)])
    store = ours.store
    assert {hit.passage.article.id for hit in store.find(story(3), ours.embedder.embed_query(story(3)), 50)} == {"A"}
    rows[0]["text"] = " ".join(story(n) for n in range(500, 540))
    ours.ingest([write_rows("news.jsonl", [rows[0], {"id": "n", "text": story(900)}, rows[1]])])
    found = store.find(story(3), ours.embedder.embed_query(story(3)), 50)
    assert "B" in {hit.passage.article.id for hit in found if story(3) in hit.passage.text}


def test_what_was_wanted_whole_is_not_cleaned_by_another_run(library: Open, write_rows: WriteRows) -> None:
    whole = library(clean=False)
    text = f"{SLOGAN}\n\n{story(1)}\n\n{story(2)}\n\n{story(3)}"
    whole.ingest([write_rows("whole.jsonl", [{"id": "whole", "outlet": "Echo", "text": text}])])
    rows = [
        {"id": f"n{n}", "outlet": "Echo", "text": "\n\n".join([SLOGAN, *(story(20 * n + k) for k in range(12))])}
        for n in range(2, 60)
    ]
    ours = library()
    ours.ingest([write_rows("more.jsonl", rows)])
    assert SLOGAN in texts(ours)["whole"] and SLOGAN not in texts(ours)["n2"]


def test_a_file_whose_name_is_no_text_is_not_pruned(library: Open, tmp_path: Path) -> None:
    ours = library()
    (tmp_path / "news").mkdir()
    for name in (b"caf\xe9.txt", b"line\nbreak.txt", b"esc\x1b[31m.txt"):
        Path(os.fsdecode(os.fsencode(tmp_path / "news") + b"/" + name)).write_text(story(len(name)))
    assert len(ours.ingest([tmp_path / "news"]).added) == 3
    for _ in range(2):
        report = ours.ingest([tmp_path / "news"], prune=True)
        assert len(report.unchanged) == 3 and not report.removed
    assert all(row.path and row.path.isprintable() for row in ours.articles())
    Path(os.fsdecode(os.fsencode(tmp_path / "news") + b"/caf\xe9.txt")).unlink()
    assert len(ours.ingest([tmp_path / "news"], prune=True).removed) == 1


def test_prune_with_a_pattern_takes_out_what_the_pattern_names(library: Open, write: Write, tmp_path: Path) -> None:
    ours = library()
    for n, name in enumerate(("news/a.txt", "news/sub/b.txt", "news/c.md", "news/d.txt")):
        write(name, story(n))
    ours.ingest([tmp_path / "news"])
    for name in ("news/a.txt", "news/sub/b.txt", "news/c.md"):
        (tmp_path / name).unlink()
    assert ours.ingest([f"{tmp_path}/news/*.txt"], prune=True).removed == ("a",)
    assert ours.ingest([f"{tmp_path}/news/../news/**/*.txt"], prune=True).removed == ("b",)
    assert set(texts(ours)) == {"c", "d"}


def test_an_emptied_file_keeps_its_articles(library: Open, write_rows: WriteRows) -> None:
    ours = library()
    rows = write_rows("news/rows.jsonl", [{"id": "a", "text": story(1)}])
    write_rows("news/more.jsonl", [{"id": "b", "text": story(2)}])
    ours.ingest([rows.parent])
    rows.write_text("")
    report = ours.ingest([rows.parent], prune=True)
    assert not report.removed and report.failures[0].reason == "holds no articles"
    assert ours.count() == 2
