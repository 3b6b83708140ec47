"""What a person sets of an article stands over its file: at once, in every search, and after whatever comes later."""

import datetime as dt
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from databases import EVERYWHERE
from parts import ARTICLES, assert_in_step, counts, story

from qa.doctor import examine, repair, salvage
from qa.errors import UsageError
from qa.library import Library
from qa.show.document import whole_article_json
from qa.types import Article, Correction, Filters

Write = Callable[[str, str | bytes], Path]
Open = Callable[..., Library]
SET = {
    "title": "Port Ellery has its bridge",
    "date": "2021-05-07",
    "outlet": "Ellery Post",
    "authors": "Ada Holm; Bo Li",
}


@pytest.fixture
def ours(library: Open, news: Path) -> Library:
    ours = library()
    ours.ingest([news])
    return ours


def known(library: Library, id_: str = "harbour") -> dict[str, Any]:
    article = library.require(id_)
    return {name: getattr(article, name) for name in ("title", "date", "date_source", "outlet", "authors")}


def is_as_set(article: Article) -> bool:
    said = (article.title, article.date, article.date_source, article.outlet, article.authors)
    return said == (SET["title"], dt.date(2021, 5, 7), "set", SET["outlet"], ("Ada Holm", "Bo Li"))


def found(library: Library, words: str, **filters: Any) -> set[str]:
    hits = library.store.find(words, library.embedder.embed_query(words), 5, Filters(**filters))
    return {hit.passage.article.id for hit in hits}


def test_what_is_set_is_known_at_once_and_given_back_when_unset(ours: Library) -> None:
    before = known(ours)
    ours.correct(["harbour"], SET)
    assert is_as_set(ours.require("harbour"))
    said = [(one.field, one.value, one.said) for one in ours.corrections("harbour")]
    assert said == [
        ("title", SET["title"], "Harbour bridge opens"),
        ("date", "2021-05-07", "2021-05-04"),
        ("outlet", SET["outlet"], "Tern Valley Herald"),
        ("authors", SET["authors"], ""),
    ]
    assert ours.corrections("school") == () and known(ours, "school")["date_source"] == "field"
    ours.correct(["harbour"], unset=["title", "date"])
    assert [one.field for one in ours.corrections("harbour")] == ["outlet", "authors"]
    assert known(ours)["title"] == before["title"] and known(ours)["date"] == before["date"]
    ours.correct(["harbour"], unset=["outlet", "authors"])
    assert known(ours) == before and ours.corrections("harbour") == ()
    assert_in_step(ours.store)


def test_it_is_shown_with_the_article(ours: Library) -> None:
    ours.correct(["harbour"], {"date": "7 May 2021"})
    shown = whole_article_json(ours.require("harbour"), (), ours.corrections("harbour"))
    assert (shown["date"], shown["date_source"]) == ("2021-05-07", "set")
    assert shown["corrections"] == [{"field": "date", "value": "2021-05-07", "said": "2021-05-04"}]


def test_a_search_finds_and_filters_by_what_is_set(ours: Library) -> None:
    assert found(ours, "bridge", outlets=("Ellery Post",)) == set()
    texts = {row.id: ours.require(row.id).text for row in ours.articles()}
    ours.correct(["harbour"], SET)
    assert {row.id: ours.require(row.id).text for row in ours.articles()} == texts
    assert found(ours, "bridge", outlets=("Ellery Post",)) == {"harbour"}
    assert found(ours, "bridge", outlets=("Tern Valley Herald",)) == set()
    assert found(ours, "bridge", date_from=dt.date(2021, 5, 7), date_to=dt.date(2021, 5, 7)) == {"harbour"}
    assert found(ours, "bridge", date_to=dt.date(2021, 5, 6)) == set()
    assert ours.outlets() == ("Ellery Post", "The Morning Lark")
    [best] = [hit for hit in ours.store.find("Ellery Post has its", None, 5) if hit.bm25 > 0]
    assert best.passage.article.id == "harbour"
    assert_in_step(ours.store)


@pytest.mark.parametrize("seen", [False, True], ids=["alone", "with a word index in memory"])
def test_another_process_sees_it(seen: bool, ours: Library, library: Open) -> None:
    other = library()
    if seen:
        assert found(other, "bridge") >= {"harbour"}
    ours.correct(["harbour"], SET)
    assert is_as_set(other.require("harbour"))
    assert found(other, "bridge", outlets=("Ellery Post",)) == {"harbour"}


def test_a_month_a_year_and_nothing_can_be_set(ours: Library) -> None:
    for value, date, precision in (("2021-03", (2021, 3, 1), "month"), ("2020", (2020, 1, 1), "year")):
        ours.correct(["harbour"], {"date": value})
        article = ours.require("harbour")
        assert (article.date, article.date_precision, article.date_source) == (dt.date(*date), precision, "set")
        assert ours.corrections("harbour")[0].value == value
        days = {"date_from": dt.date(2021, 3, 20), "date_to": dt.date(2021, 12, 31)}
        assert found(ours, "bridge", **days) == ({"harbour"} if precision == "month" else set())
    ours.correct(["harbour"], {"date": "", "outlet": " ", "authors": ";"})
    assert known(ours) == {**known(ours), "date": None, "date_source": "set", "outlet": None, "authors": ()}
    assert Correction("outlet", "", "Tern Valley Herald") in ours.corrections("harbour")


@pytest.mark.parametrize(
    ("given", "unset", "message"),
    [
        ({"when": "2021"}, (), "'when' of an article cannot be set. Choose one of: title, date, outlet, authors."),
        ({}, ("text",), "'text' of an article cannot be set"),
        ({"date": "next week"}, (), "'next week' is not a day. Write it as 2024-05-03"),
        ({"date": "3/4/2024"}, (), "'3/4/2024' is not a day"),
        ({"title": " "}, (), "The title of an article cannot be empty"),
        ({"outlet": "x" * 1_001}, (), "The outlet has 1,001 characters"),
        ({"date": "2021"}, ("date",), "The date cannot be set and given back at once"),
    ],
)
def test_what_cannot_be_set_changes_nothing(
    given: dict[str, str], unset: tuple[str, ...], message: str, ours: Library
) -> None:
    before = known(ours)
    with pytest.raises(UsageError, match=message):
        ours.correct(["harbour"], {"authors": "Ada Holm", **given}, unset)
    with pytest.raises(UsageError, match="There is no article 'nobody'"):
        ours.correct(["harbour", "nobody"], {"authors": "Ada Holm"})
    assert known(ours) == before


# --- what comes later ------------------------------------------------------------------------------------------------


def test_it_stays_when_the_same_file_and_when_a_changed_file_comes(ours: Library, news: Path, write: Write) -> None:
    ours.correct(["harbour"], SET)
    assert counts(ours.ingest([news])) == (0, 0, 3, 0, 0)
    assert is_as_set(ours.require("harbour"))
    write("news/harbour.md", ARTICLES["harbour.md"].replace("2021-05-04", "2021-05-05") + "\nBoats sounded horns.\n")
    assert ours.ingest([news]).updated == ("harbour",)
    assert is_as_set(ours.require("harbour")) and "horns" in ours.require("harbour").text
    assert [one.said for one in ours.corrections("harbour") if one.field == "date"] == ["2021-05-05"]
    assert found(ours, "horns", outlets=("Ellery Post",)) == {"harbour"}
    ours.correct(["harbour"], unset=["date"])
    assert known(ours)["date"] == dt.date(2021, 5, 5)
    assert_in_step(ours.store)


def test_it_stays_when_articles_are_built_anew(ours: Library, library: Open, news: Path) -> None:
    ours.correct(["harbour"], SET)
    anew = library(passage_words=20)
    assert len(anew.ingest([news]).updated) == 3
    assert is_as_set(anew.require("harbour"))
    assert anew.corrections("harbour")[0].said == "Harbour bridge opens"


def test_it_stays_when_lines_are_found_to_recur(library: Open, write_rows: Callable[..., Path]) -> None:
    """Then an article is taken out of the store, cleaned again and put in again."""
    line = "The Echo brings the coast to your door each morning, rain or shine"

    def row(number: int) -> dict[str, str]:
        text = "\n\n".join([line, *(story(20 * number + n) for n in range(12))])
        return {"id": f"n{number}", "outlet": "Echo", "title": story(number + 70_000), "text": text}

    ours = library()
    ours.ingest([write_rows("first.jsonl", [row(0)])])
    ours.correct(["n0"], {**SET, "outlet": "Echo"})
    ours.ingest([write_rows("second.jsonl", [row(number) for number in range(1, 60)])])
    assert line not in ours.require("n0").text
    assert (known(ours, "n0")["title"], known(ours, "n0")["date_source"]) == (SET["title"], "set")
    ours.correct(["n0"], unset=list(SET))
    assert (known(ours, "n0")["title"], known(ours, "n0")["date"]) == (story(70_000), None)


@EVERYWHERE
def test_it_comes_back_with_an_article_that_had_gone(ours: Library, news: Path, write: Write) -> None:
    ours.correct(["harbour", "school"], SET)
    ours.remove(["harbour"])
    (news / "school.md").rename(news / "chess.md")
    ours.ingest([news], prune=True)
    assert is_as_set(ours.require("harbour"))
    assert is_as_set(ours.require("school"))


def test_another_article_that_takes_the_id_has_none_of_it(ours: Library, news: Path, write: Write) -> None:
    ours.correct(["harbour"], SET)
    (news / "harbour.md").unlink()
    ours.ingest([news], prune=True)
    assert ours.article("harbour") is None
    write("more/harbour.md", "---\ntitle: Harbour dredged\n---\n\nThe harbour of Vik was dredged in spring.\n")
    assert ours.ingest([news.parent / "more"]).added == ("harbour",)
    assert known(ours)["title"] == "Harbour dredged" and ours.corrections("harbour") == ()


def test_what_files_say_decides_what_is_a_copy(ours: Library, news: Path, write: Write) -> None:
    """A copy of the file is one, whatever was set: it does not come back under another name."""
    ours.correct(["harbour"], SET)
    write("news/wire.md", ARTICLES["harbour.md"])
    assert ours.ingest([news]).duplicates == ("harbour",)
    assert is_as_set(ours.require("harbour"))


@EVERYWHERE
def test_versions_of_a_story_are_compared_again(ours: Library, news: Path, write: Write) -> None:
    write("news/later.md", ARTICLES["harbour.md"].replace("Herald", "Mail").replace("2021-05-04", "2021-05-06"))
    ours.ingest([news])
    assert ours.require("later").story == "harbour"
    ours.correct(["harbour"], {"date": "2021-05-09"})
    assert {ours.require(id_).story for id_ in ("harbour", "later")} == {"later"}
    assert_in_step(ours.store)


def test_it_survives_the_doctor_and_salvage(ours: Library, library: Open, tmp_path: Path) -> None:
    ours.correct(["harbour"], SET)
    repair(ours)
    assert is_as_set(ours.require("harbour")) and all(one.is_fine for one in examine(ours))
    salvage(ours.settings.index, tmp_path / "saved")
    again = library(index=tmp_path / "again")
    again.ingest([tmp_path / "saved"])
    assert {**known(again), "date_source": "set"} == known(ours)


def test_a_kill_in_the_middle_leaves_all_as_it_was(
    ours: Library, library: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, ids = known(ours), ours.store.articles.passage_ids()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("qa.store.articles.corrections.count_up", killed)
        ours.correct(["harbour"], SET)
    again = library()
    assert known(again) == before and again.store.articles.passage_ids() == ids and not again.corrections("harbour")
    with sqlite3.connect(again.settings.index / "articles.db") as db:
        assert db.execute("SELECT count(*) FROM corrections").fetchone() == (0,)
    db.close()
    assert_in_step(again.store)
