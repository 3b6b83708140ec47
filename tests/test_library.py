"""An article's journey: from files into the library, again, changed, copied, broken, and out."""

import datetime as dt
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from parts import ARTICLES, MESSY, assert_in_step, counts, story, texts

from qa.errors import UsageError
from qa.library import Library, Progress

Write = Callable[[str, str | bytes], Path]
WriteRows = Callable[[str, Sequence[Any]], Path]
Open = Callable[..., Library]


def test_a_folder_goes_in_and_a_second_time_changes_nothing(library: Open, news: Path) -> None:
    ours = library()
    report = ours.ingest([news])
    assert counts(report) == (3, 0, 0, 0, 0)
    assert report.added == ("harbour", "school", "storm")
    assert report.passages == 3
    assert report.seconds > 0 and {"read", "clean", "embed", "store", "index"} <= report.stages.keys()
    assert not report.failed_entirely
    generation, rows = ours.store.articles.generation(), ours.articles()
    again = ours.ingest([str(news), news / "harbour.md", f"{news}/*.txt"])
    assert counts(again) == (0, 0, 3, 0, 0)
    assert (ours.store.articles.generation(), ours.articles(), again.passages) == (generation, rows, 0)
    assert_in_step(ours.store)


def test_what_is_known_of_an_article_is_kept(library: Open, news: Path) -> None:
    ours = library()
    ours.ingest([news])
    article = ours.article("harbour")
    assert article is not None
    assert (article.title, article.outlet) == ("Harbour bridge opens", "Tern Valley Herald")
    assert (article.date, article.date_source) == (dt.date(2021, 5, 4), "field")
    assert article.path == str(news / "harbour.md")
    assert article.text.startswith(
        "The harbour bridge in Port Ellery opened on Tuesday after six years of work.\n\nMayor"
    )
    undated = ours.article("storm")
    assert undated is not None and (undated.date, undated.date_source, undated.outlet) == (None, "unknown", None)
    assert [row.id for row in ours.articles()] == ["school", "harbour", "storm"]  # newest first, undated last
    assert ours.article("missing") is None


def test_every_passage_is_exactly_its_part_of_the_article(library: Open, write: Write) -> None:
    ours = library(passage_words=20)
    ours.ingest(
        [write("messy.txt", MESSY + "\n\n" + " ".join(f"Sentence number\u00a0{n} of the day." for n in range(50)))]
    )
    [row] = ours.articles()
    article = ours.article(row.id)
    assert article is not None
    passages = list(ours.store.articles.all_passages(ours.store.articles.passage_ids()))
    assert len(passages) == row.passages > 10
    assert all(passage.text == article.text[passage.start : passage.end] for passage in passages)
    assert " ".join(" ".join(passage.text for passage in passages).split()) == " ".join(article.text.split())
    assert article.title == "Ministers agree on ferry timetable"


def test_a_changed_file_replaces_its_old_passages(library: Open, news: Path, write: Write) -> None:
    ours = library()
    ours.ingest([news])
    old = ours.store.articles.passage_ids()
    write("news/storm.txt", "Snow closes harbour\n\nSnow closed the harbour of Vik. The ferry stayed.\n")
    report = ours.ingest([news])
    assert report.updated == ("storm",) and counts(report) == (0, 1, 2, 0, 0)
    assert "mountain" not in " ".join(texts(ours).values())
    assert len(set(ours.store.articles.passage_ids()) & set(old)) == 2
    hits = ours.store.find("storm mountain road Karsk pass", ours.embedder.embed_query("Karsk pass"), 20)
    assert all("Karsk" not in hit.passage.text for hit in hits)
    assert_in_step(ours.store)


def test_a_changed_field_is_a_change(library: Open, news: Path, write: Write) -> None:
    ours = library()
    ours.ingest([news])
    write("news/harbour.md", ARTICLES["harbour.md"].replace("2021-05-04", "2021-05-05"))
    assert ours.ingest([news]).updated == ("harbour",)
    article = ours.article("harbour")
    assert article is not None and article.date == dt.date(2021, 5, 5)
    assert_in_step(ours.store)


def test_other_passages_are_another_way_to_hold_the_same_file(library: Open, news: Path) -> None:
    library().ingest([news])
    ours = library(passage_words=20)
    assert len(ours.ingest([news]).updated) == 3
    assert ours.store.rows()[1].passages == 2
    assert_in_step(ours.store)


# --- copies ----------------------------------------------------------------------------------------------------------


def test_exact_copies_are_not_added(library: Open, news: Path, write: Write) -> None:
    ours = library()
    write("news/wire.txt", ARTICLES["storm.txt"].replace(" ", "\N{NO-BREAK SPACE}"))
    report = ours.ingest([news])
    assert counts(report) == (3, 0, 0, 1, 0)
    assert report.duplicates == ("storm",)
    assert counts(ours.ingest([news])) == (0, 0, 3, 1, 0)
    assert ours.count() == 3


def test_an_article_that_is_edited_into_a_copy_goes(library: Open, news: Path, write: Write) -> None:
    ours = library()
    ours.ingest([news])
    write("news/storm.txt", ARTICLES["harbour.md"].split("---\n")[2])
    report = ours.ingest([news])
    assert counts(report) == (0, 0, 2, 1, 0) and report.duplicates == ("harbour",)
    assert texts(ours).keys() == {"harbour", "school"}
    assert_in_step(ours.store)
    assert counts(ours.ingest([news])) == (0, 0, 2, 1, 0)
    write("news/storm.txt", ARTICLES["storm.txt"])
    assert ours.ingest([news]).added == ("storm",)


def test_a_copy_stays_when_its_original_changes(library: Open, write: Write, tmp_path: Path) -> None:
    ours = library()
    one, two = "The ferry to Vik sails at noon.", "The ferry to Nes sails at ten."
    for name in ("a", "b"):
        write(f"news/{name}.txt", one)
    assert ours.ingest([tmp_path / "news"]).duplicates == ("a",)
    write("news/a.txt", two)
    report = ours.ingest([tmp_path / "news"])
    assert (report.added, report.updated, report.duplicates) == (("b",), ("a",), ())
    assert texts(ours) == {"a": two, "b": one}


@pytest.mark.parametrize("seed", range(3))
def test_texts_that_change_places_are_all_kept(seed: int, library: Open, write_rows: WriteRows) -> None:
    """Files numbered anew: whatever becomes a copy of whatever, the library holds what the files hold."""
    ours, luck = library(), random.Random(seed)
    pool = [story(n) for n in range(45)]
    for _ in range(3):
        rows = [{"id": f"n{n}", "text": luck.choice(pool)} for n in range(40)]
        files = [write_rows("first.jsonl", rows[:20]), write_rows("second.jsonl", rows[20:])]
        report = ours.ingest(files)
        told = report.added + report.updated + report.unchanged
        assert len(set(told)) == len(told)
        assert len(told) + len(report.duplicates) == 40
        assert sorted(texts(ours).values()) == sorted({row["text"] for row in rows})
        assert set(told) == texts(ours).keys()
    for _ in range(2):
        assert counts(ours.ingest(files))[:2] == (0, 0)
    assert_in_step(ours.store)


def test_rows_that_move_down_by_one_are_all_updated(library: Open, write_rows: WriteRows) -> None:
    ours = library()
    stories = [story(n) for n in range(50)]
    ours.ingest([write_rows("top.jsonl", [{"id": n, "text": story} for n, story in enumerate(stories)])])
    moved = ["A new story about the lighthouse.", *stories]
    report = ours.ingest([write_rows("top.jsonl", [{"id": n, "text": story} for n, story in enumerate(moved)])])
    assert texts(ours) == {str(n): story for n, story in enumerate(moved)}
    assert counts(report) == (1, 50, 0, 0, 0)
    assert_in_step(ours.store)


# --- ids -------------------------------------------------------------------------------------------------------------


def test_two_files_that_number_their_articles_alike(library: Open, write_rows: WriteRows) -> None:
    ours = library()
    east = write_rows("east.jsonl", [{"id": n, "text": f"Eastern story number {n}."} for n in (1, 2, 3)])
    west = write_rows("west.jsonl", [{"id": n, "text": f"Western story number {n}."} for n in (1, 2, 3)])
    first, second = ours.ingest([east]), ours.ingest([west])
    assert first.added == ("1", "2", "3")
    assert [id_.split("-")[0] for id_ in second.added] == ["1", "2", "3"] and len(second.added) == 3
    assert counts(ours.ingest([west, east])) == (0, 0, 6, 0, 0)
    assert len(texts(ours)) == 6


def test_ids_are_readable_and_stay(library: Open, write: Write, write_rows: WriteRows) -> None:
    ours = library()
    sources = [
        write("News of 4 May.txt", "The ferry sails."),
        write("sub/News of 4 May.txt", "The train leaves."),
        write("own.md", "---\nid: my/own id\n---\nThe bus waits."),
        write("Новости.txt", "Автобус стоит."),
        write("!!!.txt", "Nothing moves."),
        write_rows("rows.jsonl", [{"title": "A bridge, at last!", "text": "It opened."}, {"text": "Untitled it was."}]),
    ]
    added = ours.ingest(sources).added
    assert [id_ for id_ in added if "-may-" not in id_] == [
        "news-of-4-may", "my/own id", "новости", "article", "a-bridge-at-last", "untitled-it-was",
    ]  # fmt: skip
    write_rows("rows.jsonl", [{"title": "A bridge, at last!", "text": "It opened late."}, {"text": "Untitled it was."}])
    assert ours.ingest(sources).updated == ("a-bridge-at-last",)
    assert set(texts(ours)) == set(added)


def test_one_file_with_the_same_id_twice_keeps_the_first_every_time(library: Open, write_rows: WriteRows) -> None:
    ours = library()
    path = write_rows(
        "a.jsonl",
        [{"id": "x", "text": "The first."}, {"id": "y", "text": "Another."}, {"id": "x", "text": "The last."}],
    )
    for expected in ((2, 0, 0, 0, 1), (0, 0, 2, 0, 1)):
        report = ours.ingest([path])
        assert counts(report) == expected
        assert report.failures[0].name == f"{path}, line 3"
    assert texts(ours) == {"x": "The first.", "y": "Another."}


# --- what goes wrong -------------------------------------------------------------------------------------------------


def test_what_cannot_be_read_is_told_and_the_rest_goes_in(library: Open, write: Write, tmp_path: Path) -> None:
    ours = library()
    (tmp_path / "empty").mkdir()
    sources = [
        tmp_path / "missing.md",
        tmp_path / "empty",
        write("photo.txt", b"\x89PNG\x00\x00"),
        write("rows.jsonl", '{"id": 1, "text": "One."}\n{broken\n{"id": 3, "text": "Three."}\n'),
        write("blank.txt", " \n\N{NO-BREAK SPACE}\n"),
        write("good.txt", "The ferry sails."),
    ]
    report = ours.ingest(sources)
    assert report.added == ("1", "3", "good")
    reasons = {Path(failure.name).name: failure.reason for failure in report.failures}
    assert reasons.keys() == {"missing.md", "empty", "photo.txt", "rows.jsonl, line 2", "blank.txt"}
    assert all("\n" not in reason for reason in reasons.values())
    assert not report.failed_entirely
    assert ours.ingest(sources[:3]).failed_entirely
    assert_in_step(ours.store)


def test_odd_content_goes_in_whole(library: Open, write_rows: WriteRows) -> None:
    ours = library()
    rows = [
        {
            "id": "a\ud800b\n",
            "title": "\ud83d\x00Title\ud800",
            "outlet": "\x07Her\N{RIGHT-TO-LEFT OVERRIDE}ald",
            "text": "One\x00 \ud800.",
        },
        {"id": "x" * 5000, "title": "t" * 5000, "text": "Two."},
        {"id": "<script>alert(1)</script>", "text": "<b>Three</b> & [1](x)."},
        {
            "id": {"a": 1},
            "authors": [{"name": "Ines"}, [1], None],
            "date": {"year": 1},
            "text": "Four \N{GRINNING FACE}.",
        },
    ]
    path = write_rows("a.jsonl", [])
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    report = ours.ingest([path])
    assert len(report.added) == 4 and not report.failures
    assert texts(ours)["ab"] == "One ."
    odd = ours.article("ab")
    assert odd is not None and (odd.title, odd.outlet) == ("Title", "Herald")
    assert texts(ours)["<script>alert(1)</script>"] == "<b>Three</b> & [1](x)."
    assert counts(ours.ingest([path])) == (0, 0, 4, 0, 0)
    assert_in_step(ours.store)


def test_progress_comes_to_its_end(library: Open, news: Path, write_rows: WriteRows) -> None:
    ours = library()
    rows = write_rows("rows.jsonl", [{"id": n, "text": story(n)} for n in range(150)] + ["no article"])
    steps: list[Progress] = []
    ours.ingest([rows, news], steps.append)
    done = [step.done for step in steps]
    assert done == sorted(done) and len(set(done)) >= 5  # what was read and is not stored yet counts half
    assert (done[0], done[-1]) == (32, 154) and {step.total for step in steps} == {154}
    assert steps[0].name == f"{rows}, '63'"


def test_an_embedder_that_fails_leaves_what_was_stored(library: Open, write_rows: WriteRows) -> None:
    ours = library()
    path = write_rows("a.jsonl", [{"id": n, "text": story(n)} for n in range(40)])
    embed, left = ours.embedder.embed_passages, [1]

    class Failing:
        name, dimension, embed_query = ours.embedder.name, ours.embedder.dimension, ours.embedder.embed_query

        def embed_passages(self, texts: Sequence[str]) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise MemoryError
            return embed(texts)

    working, ours.embedder = ours.embedder, Failing()
    with pytest.raises(MemoryError):
        ours.ingest([path])
    ours.embedder = working
    stored = ours.count()
    assert 0 < stored < 40
    assert_in_step(ours.store)
    assert counts(ours.ingest([path])) == (40 - stored, 0, stored, 0, 0)
    assert_in_step(ours.store)


# --- out -------------------------------------------------------------------------------------------------------------


def test_remove_takes_an_article_out_of_everything(library: Open, news: Path) -> None:
    ours = library()
    ours.ingest([news])
    assert ours.remove(["storm"]) == ["storm"]
    assert texts(ours).keys() == {"harbour", "school"}
    assert_in_step(ours.store)
    assert ours.ingest([news]).added == ("storm",)


def test_remove_of_an_unknown_id_removes_nothing(library: Open, news: Path) -> None:
    ours = library()
    ours.ingest([news])
    with pytest.raises(UsageError, match="There is no article 'nobody'"):
        ours.remove(["storm", "nobody"])
    assert ours.count() == 3


def test_what_was_removed_can_be_put_back_as_it_was(library: Open, news: Path) -> None:
    ours = library()
    ours.ingest([news])
    before = {id_: ours.article(id_) for id_ in texts(ours)}
    removed = ours.store.copy_of(["storm", "harbour"])
    ours.remove(["storm", "harbour"])
    assert sorted(ours.put_back(removed)) == ["harbour", "storm"]
    assert {id_: ours.article(id_) for id_ in texts(ours)} == before
    assert_in_step(ours.store)
    assert counts(ours.ingest([news])) == (0, 0, 3, 0, 0)


def test_what_came_again_meanwhile_is_not_put_back_over_it(library: Open, news: Path) -> None:
    ours = library()
    ours.ingest([news])
    removed = ours.store.copy_of(["storm"])
    ours.remove(["storm"])
    ours.ingest([news])
    assert ours.put_back(removed) == []
    assert_in_step(ours.store)


def test_versions_of_a_story_are_found_again_after_one_was_put_back(library: Open, write_rows: Any) -> None:
    text = " ".join(story(n) for n in range(12))
    rows = [
        {"id": id_, "title": "Storm", "outlet": id_, "text": text + tail} for id_, tail in (("a", ""), ("b", " Yes."))
    ]
    ours = library()
    ours.ingest([write_rows("storm.jsonl", rows)])
    grouped = {row.id: row.story for row in ours.articles()}
    assert len(set(grouped.values())) == 1
    removed = ours.store.copy_of(["a"])
    ours.remove(["a"])
    assert ours.put_back(removed) == ["a"]
    assert {row.id: row.story for row in ours.articles()} == grouped
    assert_in_step(ours.store)
