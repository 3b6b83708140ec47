"""Finds passages of small real libraries: parts of a question, time, outlets, a second search, rerankers."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from parts import HashingEmbedder

from qa.ask.retrieve.retrieve import Retrieval, retrieve
from qa.library import Library
from qa.models import BackgroundEmbedder
from qa.models.background import LOADING
from qa.settings import Settings, load_settings
from qa.types import Filters, Part, Question, TimeWindow

NEWS = {
    "herald": (
        "Tern Valley Herald",
        "2021-05-04",
        "Bridge opens",
        "Mayor Ines Falk opened the harbour bridge on Tuesday.",
    ),
    "lark": (
        "The Morning Lark",
        "2021-05-05",
        "Bridge costs more",
        "The harbour bridge cost 48 million crowns in the end.",
    ),
    "later": (
        "The Morning Lark",
        "2023-02-10",
        "Bridge closed",
        "Storms closed the harbour bridge for repairs this week.",
    ),
    "school": (
        "The Morning Lark",
        "2022-11-20",
        "Chess cup",
        "Pupils of the Lindgren School won the national chess cup.",
    ),
    "undated": (None, None, "Bridge painters", "Painters gave the harbour bridge a coat of green paint."),
}


VERBS = "debated approved rejected changed published delayed funded opened".split()


def write(folder: Path, articles: dict[str, tuple[str | None, str | None, str, str]]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, (outlet, date, title, text) in articles.items():
        fields = {"title": title, "outlet": outlet, "date": date}
        front = "".join(f"{key}: {value}\n" for key, value in fields.items() if value)
        (folder / f"{name}.md").write_text(f"---\n{front}---\n\n{text}\n", "utf-8")
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.over(load_settings(index=tmp_path / "library"), HashingEmbedder()) as library:
        library.ingest([write(tmp_path / "news", NEWS)])
        yield library


def names(found: Retrieval) -> list[str]:
    return [Path(hit.passage.article.path or "").stem for hit in found.hits]


def question(text: str, **options: object) -> Question:
    return Question(text, text, **options)  # type: ignore[arg-type]


def test_the_passage_that_answers_comes_first_with_a_probability(library: Library) -> None:
    found = retrieve(library, question("How much did the harbour bridge cost?"))
    assert names(found)[0] == "lark" and found.notice is None
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True) and 0 <= scores[-1] < scores[0] <= 1


def test_each_part_has_its_place_among_the_first(library: Library) -> None:
    parts = (Part("Who opened the harbour bridge?"), Part("Who won the chess cup?"))
    found = retrieve(library, question("Who opened the harbour bridge and who won the chess cup?", parts=parts))
    assert set(names(found)[:2]) == {"herald", "school"}
    assert len(names(found)) == len(set(names(found)))


def test_a_part_is_searched_within_the_outlet_that_it_names(library: Library) -> None:
    parts = (Part("harbour bridge", ("The Morning Lark",)), Part("harbour bridge", ("Tern Valley Herald",)))
    found = retrieve(library, question("harbour bridge", parts=parts))
    assert [hit.passage.article.outlet for hit in found.hits[:2]] == ["The Morning Lark", "Tern Valley Herald"]


def test_filters_of_the_reader_hold_for_every_part(library: Library) -> None:
    parts = (Part("harbour bridge", ("The Morning Lark",)), Part("chess cup"))
    only = Filters(outlets=("Tern Valley Herald",))
    assert names(retrieve(library, question("bridge and cup", parts=parts, filters=only))) == ["herald"]


def test_a_hard_window_leaves_out_and_a_soft_one_favours(library: Library) -> None:
    days = dt.date(2023, 2, 1), dt.date(2023, 2, 28)
    hard = retrieve(library, question("harbour bridge", window=TimeWindow(*days, hard=True)))
    assert names(hard) == ["later"]
    soft = retrieve(library, question("harbour bridge", window=TimeWindow(*days)))
    assert names(soft)[0] == "later" and set(names(soft)) >= {"herald", "lark", "undated"}


def test_a_window_never_overrides_the_filters_of_the_reader(library: Library) -> None:
    window = TimeWindow(dt.date(2023, 2, 1), dt.date(2023, 2, 28), hard=True)
    kept = Filters(date_from=dt.date(2021, 1, 1), date_to=dt.date(2021, 12, 31))
    assert set(names(retrieve(library, question("harbour bridge", window=window, filters=kept)))) == {"herald", "lark"}


def test_at_any_time_not_even_a_hard_window_leaves_out(library: Library) -> None:
    window = TimeWindow(dt.date(2023, 2, 1), dt.date(2023, 2, 28), hard=True)
    asked = question("harbour bridge", window=window, filters=Filters(any_time=True))
    assert {"herald", "lark", "undated"} <= set(names(retrieve(library, asked)))


BRIDGE = "What is said about the harbour bridge?"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2021-05-02", {"undated"}),
        ("2021-05-03", {"herald", "undated"}),  # a day's grace: nobody knows the time zone
        ("2021-05-05", {"herald", "lark", "undated"}),
        ("2023-02-09", {"herald", "lark", "undated", "later"}),
        ("2030-01-01", {"herald", "lark", "undated", "later"}),
    ],
)
def test_nothing_dated_after_the_as_of_day_is_found(library: Library, day: str, expected: set[str]) -> None:
    as_of = dt.date.fromisoformat(day)
    everything = retrieve(library, question(BRIDGE, as_of=as_of, parts=(Part("the toll"), Part("the bridge"))))
    for found in (retrieve(library, question(BRIDGE, as_of=as_of)), everything):
        assert set(names(found)) - {"school"} == expected
        searched = {hit.passage.article.id for each in found.passes for hit in (*each.first, *each.second)}
        assert searched - {"school"} == expected


def test_the_as_of_day_holds_for_chosen_articles_and_beside_other_filters(library: Library) -> None:
    chosen = Filters(articles=("lark", "later"))
    assert names(retrieve(library, question(BRIDGE, as_of=dt.date(2022, 1, 1), filters=chosen))) == ["lark"]
    lark = Filters(outlets=("The Morning Lark",))
    found = retrieve(library, question(BRIDGE, as_of=dt.date(2022, 1, 1), filters=lark))
    assert set(names(found)) == {"lark"}


def test_who_published_a_story_after_the_as_of_day_is_not_named(tmp_path: Path) -> None:
    text = " ".join(
        f"The council of Vik {verb} the harbour plan number {n} on its {verb} day." for n, verb in enumerate(VERBS * 3)
    )
    news = {
        "first": ("Tern Valley Herald", "2021-05-04", "Council meets", text),
        "second": ("The Morning Lark", "2021-05-08", "Council meets", text),
    }
    with Library.over(load_settings(index=tmp_path / "library"), HashingEmbedder()) as library:
        library.ingest([write(tmp_path / "news", news)])
        [row, other] = library.articles()
        assert row.story == other.story
        for day, also in ((dt.date(2021, 5, 5), ()), (dt.date(2022, 1, 1), ("The Morning Lark",))):
            hits = retrieve(library, question("What did the council of Vik say of the harbour plan?", as_of=day)).hits
            assert {hit.passage.article.id for hit in hits} == {"first"}
            assert hits[0].passage.article.also_in == also


def test_the_newest_counts_where_the_question_is_about_the_present(library: Library) -> None:
    assert names(retrieve(library, question("harbour bridge", is_present=True)))[0] == "later"


def test_nothing_matches_nothing(tmp_path: Path) -> None:
    with Library.over(load_settings(index=tmp_path / "empty"), HashingEmbedder()) as library:
        assert retrieve(library, question("harbour bridge")) == Retrieval(())


def test_words_and_vectors_alone_where_no_ranker_is_wanted(library: Library) -> None:
    settings = library.settings.model_copy(update={"rerank": "none"})
    plain = Library(settings, library.embedder, library.store)
    found = retrieve(plain, question("How much did the harbour bridge cost?"))
    assert found.hits[0].coverage == 0.0 and names(found)[0] == "lark"


def test_a_weak_result_is_searched_for_again_with_the_words_of_the_first_passages(tmp_path: Path) -> None:
    # Nobody who writes of the ferry's sinking says "catastrophe"; the first hit gives the words that the others use.
    articles = {
        "first": (
            None,
            None,
            "Catastrophe",
            "The catastrophe at Karsk began when the ferry Ilma struck a rock and sank.",
        ),
        "second": (
            None,
            None,
            "Inquiry",
            "The ferry Ilma sank after it struck a rock, an inquiry found; its pilot was tired.",
        ),
    } | {
        f"other{n}": (None, None, f"Market {n}", f"The market number {n} opened with music and cakes.")
        for n in range(9)
    }
    for threshold, again in ((0.0, False), (1.0, True)):
        settings: Settings = load_settings(
            index=tmp_path / f"library{threshold}", look_again_below=threshold, candidates=5, words_weight=1.0
        )
        with Library.over(settings, Blind()) as library:
            library.ingest([write(tmp_path / "news", articles)])
            assert ("second" in names(retrieve(library, question("Karsk catastrophe")))) is again


class Blind(HashingEmbedder):
    """An embedder for which everything but one article is alike."""

    def embed_passages(self, texts: list[str]) -> np.ndarray:  # type: ignore[override]
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        vectors[:, 0] = 1.0
        for vector, text in zip(vectors, texts, strict=True):
            if "Ilma" in text:
                vector[:2] = 0.0, 1.0
        return vectors

    def embed_query(self, text: str) -> np.ndarray:
        return self.embed_passages([""])[0]


class Shortest:
    """A reranker that likes short texts."""

    name = "shortest:all"

    def scores(self, question: str, texts: list[str]) -> np.ndarray:
        return -np.array([len(text) for text in texts], np.float32)


def test_a_reranker_has_the_last_word(library: Library) -> None:
    plain = retrieve(library, question("harbour bridge"))
    again = retrieve(library, question("harbour bridge"), Shortest())
    assert set(names(plain)) == set(names(again))
    lengths = [len(hit.passage.article.title) + len(hit.passage.text) for hit in again.hits]
    assert lengths == sorted(lengths)


def test_what_is_searched_for_besides_finds_what_the_question_alone_does_not(library: Library) -> None:
    typed, before = "and the mayor?", "and the mayor? (Who won the national chess cup?)"
    alone = retrieve(library, Question(typed, typed))
    both = retrieve(library, Question(typed, typed, besides=(before,)))
    assert "Chess cup" not in [hit.passage.article.title for hit in alone.hits[:2]]
    assert {hit.passage.article.title for hit in both.hits[:2]} == {"Bridge opens", "Chess cup"}
    assert [each.text for each in both.passes] == [typed, before]
    assert [hit.score for hit in both.hits] == sorted((hit.score for hit in both.hits), reverse=True)
    found = retrieve(library, Question(before, before)).hits
    besides = next(hit.score for hit in both.hits if hit.passage.article.title == "Chess cup")
    assert 0 < besides < next(hit.score for hit in found if hit.passage.article.title == "Chess cup")


def test_words_alone_do_while_an_embedder_loads(library: Library) -> None:
    import threading

    loaded = threading.Event()

    def load() -> HashingEmbedder:
        loaded.wait(20)
        return HashingEmbedder()

    slow = HashingEmbedder()
    waiting = BackgroundEmbedder(slow.name, slow.revision, slow.dimension, load)
    early = Library(library.settings, waiting, library.store)
    try:
        found = retrieve(early, question("How much did the harbour bridge cost?"))
        assert names(found)[0] == "lark" and found.notice == LOADING
    finally:
        loaded.set()
    waiting.wait()
    assert retrieve(early, question("harbour bridge")).notice is None
