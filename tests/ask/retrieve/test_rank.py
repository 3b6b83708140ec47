import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ranking import found, ids, index_of, passage

from qa.ask.retrieve.rank import FEATURES, features, interleaved, one_per_story, rank, spread
from qa.ask.retrieve.rank.model import WEIGHTS, load_ranker
from qa.ask.retrieve.rank.overlap import overlap_columns, overlap_of
from qa.ask.retrieve.rank.recency import ages, closeness, nearness_of
from qa.ask.retrieve.rank.similarity import similarity_of
from qa.ask.retrieve.read import reranked
from qa.errors import ModelError
from qa.models.static import load_bundled
from qa.store import Nearness
from qa.types import Article, Hit, Passage, Question, TimeWindow

DAY = dt.date(2024, 3, 10)


def days(*dates: dt.date | None) -> np.ndarray:
    return np.array([date.toordinal() if date else np.nan for date in dates], np.float64)


# --- words -----------------------------------------------------------------------------------------------------------

BRIDGES = [
    passage("The mayor came on Tuesday. The old bridge was wet. A fair opened.", 1, "a", "Fair in Ellery"),
    passage("The mayor opened the harbour bridge. It cost 48 million crowns.", 2, "b", "Harbour news"),
    passage("Nothing of the kind happened here.", 3, "c", "The mayor opens the harbour bridge", outlet="Tern Herald"),
]


def columns(question: str) -> dict[str, np.ndarray]:
    index = index_of(BRIDGES)
    asked = index.query(question)
    return overlap_columns(asked, overlap_of(asked, index, [1, 2, 3]))


def test_coverage_of_the_passage_of_its_best_sentence_and_with_the_title() -> None:
    of = columns("Did the mayor open the harbour bridge?")
    assert of["cover"][1] == pytest.approx(1, abs=0.01) and of["cover"][2] == 0
    assert of["cover_sentence"][1] == pytest.approx(1, abs=0.01) and of["cover_sentence"][0] < of["cover"][0]
    assert of["cover_title"][2] == pytest.approx(1, abs=0.01) and of["cover_all"][2] == of["cover_title"][2]
    assert of["missing_heaviest"][0] > of["missing_heaviest"][1] == 0


def test_words_in_the_order_of_the_question_and_near_each_other() -> None:
    of = columns("harbour bridge")
    assert of["bigrams"][1] > 0 == of["bigrams"][0]
    assert of["nearness"][1] > of["nearness"][0] == 0


def test_names_and_numbers_are_told_apart_and_minus_one_says_that_none_is_asked_for() -> None:
    assert columns("Who is the mayor?")["names"].tolist() == [-1, -1, -1]
    assert columns("What cost 48 million?")["numbers"][1] == 1


def test_an_outlet_that_is_named_is_found_apart_from_the_title() -> None:
    of = columns("What did the Tern Herald say?")
    assert of["cover_source"][2] > 0 == of["cover_source"][0] and of["cover_title"][2] == 0


def test_a_passage_that_has_gone_overlaps_nowhere() -> None:
    index = index_of(BRIDGES)
    overlap = overlap_of(index.query("mayor"), index, [2, 99])
    assert overlap.passages[0].any() and not overlap.passages[1].any()


# --- meaning ---------------------------------------------------------------------------------------------------------


def test_a_word_of_like_meaning_is_nearer_than_another() -> None:
    texts = ["The attorney spoke to the court.", "The striker scored a goal in the cup final."]
    meaning = similarity_of(load_bundled("news"), "lawyer", ["lawyer"], np.ones(1, np.float32), texts)
    assert meaning.nearest[0, 0] > meaning.nearest[1, 0]
    assert meaning.cosine[0] > meaning.cosine[1] and meaning.best_window[0] > meaning.best_window[1]


@given(st.lists(st.text("ab cd\n", max_size=400), min_size=1, max_size=6))
@settings(deadline=None, max_examples=50)
def test_any_texts_have_finite_meanings(texts: list[str]) -> None:
    meaning = similarity_of(load_bundled("news"), "a bridge", ["bridge"], np.ones(1, np.float32), texts)
    assert len(meaning.cosine) == len(meaning.window_cosine) == len(meaning.best_window) == len(texts)
    assert np.isfinite(meaning.nearest).all() and (np.abs(meaning.window_cosine) <= 1.0001).all()


# --- time ------------------------------------------------------------------------------------------------------------


def question(text: str = "bridge", **options: object) -> Question:
    return Question(text, text, **options)  # type: ignore[arg-type]


def test_ages_count_from_the_window_else_the_as_of_date() -> None:
    published = days(DAY - dt.timedelta(days=3), DAY, None)
    window = TimeWindow(DAY - dt.timedelta(days=10), DAY - dt.timedelta(days=2))
    assert ages(question(window=window, as_of=DAY), published)[:2].tolist() == [0, -2]  # type: ignore[index]
    assert ages(question(as_of=DAY + dt.timedelta(days=1)), published)[:2].tolist() == [4, 1]  # type: ignore[index]
    assert ages(question(is_present=True), published) is ages(question(), published) is None


def test_the_as_of_date_is_more_exact_than_a_window_round_it() -> None:
    week = TimeWindow(DAY - dt.timedelta(days=6), DAY + dt.timedelta(days=1), words="this week")
    published = days(DAY - dt.timedelta(days=3), DAY)
    assert ages(question(window=week, as_of=DAY), published).tolist() == [3, 0]  # type: ignore[union-attr]
    assert ages(question(window=week), published).tolist() == [0, 0]  # type: ignore[union-attr]


def test_an_open_window_has_no_age_on_its_open_side() -> None:
    since = TimeWindow(date_from=DAY)
    found_ages = ages(question(window=since), days(DAY - dt.timedelta(days=5), DAY + dt.timedelta(days=900)))
    assert found_ages is not None and found_ages.tolist() == [5, 0]


def test_an_undated_article_is_neither_favoured_nor_lost() -> None:
    near, far, undated = closeness(np.array([2.0, 200.0, np.nan]), 14)
    assert far < undated < near


def test_recency_counts_only_where_the_question_has_a_time() -> None:
    assert nearness_of(question(), 0.3, 14) is None
    near = nearness_of(question(as_of=DAY), 0.3, 14)
    assert near is not None
    today, old = near(days(DAY, DAY - dt.timedelta(days=400)))
    assert today == pytest.approx(0.3) and old < 0.01
    newest: Nearness | None = nearness_of(question(is_present=True), 0.3, 14)
    assert newest is not None and newest(days(None, None)).tolist() == [0, 0]
    assert newest(days(DAY, DAY - dt.timedelta(days=400), None)).tolist() == pytest.approx([0.3, 0, 0.06], abs=0.001)


# --- the whole -------------------------------------------------------------------------------------------------------


def ranked(text: str, passages: list[Passage], **options: object) -> list[Hit]:
    index = index_of(passages)
    hits = found(text, passages, index)
    asked = index.query(text)
    return rank(question(text, **options), hits, asked, index, load_bundled("news"), load_ranker())


def test_the_passage_that_says_it_comes_before_those_that_name_its_words_apart() -> None:
    hits = ranked("Who opened the harbour bridge?", BRIDGES)
    assert hits[0].passage.id == 2
    assert all(0 <= hit.score <= 1 for hit in hits) and hits[0].score > hits[-1].score
    assert hits[0].coverage > 0.9


def test_of_two_alike_the_one_of_the_day_asked_about_comes_first() -> None:
    text = "The council raised the toll of the bridge to nine crowns."
    news = [
        passage(text, 1, "a", "Toll raised", DAY - dt.timedelta(days=700)),
        passage(text, 2, "b", "Toll raised", DAY - dt.timedelta(days=2)),
        passage("The fair opened.", 3, "c", "Fair", DAY),
    ]
    assert ids(ranked("How high is the toll of the bridge?", news, as_of=DAY))[0] == 2
    assert ids(ranked("How high is the toll of the bridge?", news, as_of=DAY - dt.timedelta(days=699)))[0] == 1


def test_where_two_say_it_alike_the_newest_comes_first_if_now_is_asked_about() -> None:
    text = "The toll of the bridge is nine crowns."
    alike = [
        passage(text, 1, "a", "Toll", DAY - dt.timedelta(days=700)),
        passage(text, 2, "b", "Toll", DAY - dt.timedelta(days=2)),
        passage("The bridge opened.", 3, "c", "Opening", DAY),
    ]
    assert ids(ranked("How high is the toll of the bridge now?", alike, is_present=True))[0] == 2


def test_features_are_finite_whatever_is_asked() -> None:
    index = index_of(BRIDGES)
    for text in ("", "the", "zzzz qqqq", "bridge " * 300, "48", "Мост?"):
        hits = found(text, BRIDGES, index)
        rows = features(question(text), hits, index.query(text), index, load_bundled("news"))
        assert rows.shape == (3, len(FEATURES)) and np.isfinite(rows).all()


def test_the_ranker_reads_features_by_name_and_not_by_place(tmp_path: Path) -> None:
    data = json.loads(WEIGHTS.read_text("utf-8"))
    turned = list(reversed(data["features"]))
    places = [[turned.index(data["features"][place]) for place in nodes] for nodes in data["trees"]["feature"]]
    other = {**data, "features": turned, "trees": {**data["trees"], "feature": places}}
    (tmp_path / "other.json").write_text(json.dumps(other), "utf-8")
    rows = np.random.default_rng(7).normal(size=(9, len(FEATURES))).astype(np.float32)
    assert (load_ranker(tmp_path / "other.json").scores(rows) == load_ranker().scores(rows)).all()
    assert load_ranker().scores(rows[:0]).shape == (0,)


def test_a_ranker_that_needs_a_feature_nobody_computes_says_which(tmp_path: Path) -> None:
    data = json.loads(WEIGHTS.read_text("utf-8"))
    (tmp_path / "old.json").write_text(json.dumps({**data, "features": [*data["features"][:-1], "luck"]}), "utf-8")
    with pytest.raises(ModelError, match=r"^old\.json was fitted on features that are not computed: luck\."):
        load_ranker(tmp_path / "old.json")


class Lengths:
    """A reranker that likes long texts."""

    name = "lengths:all"

    def scores(self, question: str, texts: list[str]) -> np.ndarray:
        return np.array([len(text) for text in texts], np.float32)


def test_a_reranker_orders_the_first_and_leaves_the_others_behind_them() -> None:
    hits = [Hit(passage("x" * size, id_, str(id_)), 0.5) for id_, size in ((1, 3), (2, 9), (3, 99))]
    again = reranked(hits, question(), Lengths(), 2)
    assert ids(again) == [2, 1, 3]
    assert [hit.score for hit in again] == [1.0, 0.0, 0.0]
    assert reranked([], question(), Lengths(), 2) == []


# --- order -----------------------------------------------------------------------------------------------------------


def test_two_passages_of_one_article_among_the_first_ten() -> None:
    hits = [Hit(passage("x", n, "much"), 1 - n / 100) for n in range(20)]
    hits += [Hit(passage("x", 100 + n, f"other{n}"), 0.1) for n in range(12)]
    ordered = spread(hits, 2)
    assert [hit.passage.article.id for hit in ordered[:10]].count("much") == 2 and len(ordered) == len(hits)


def test_one_article_fills_the_page_where_nothing_else_matches() -> None:
    hits = [Hit(passage("x", n, "only"), 1 - n / 100) for n in range(12)]
    assert ids(spread(hits, 2)) == list(range(12))


def test_lists_by_turns_hold_each_hit_once() -> None:
    a, b, c, d = (Hit(passage("x", n, str(n)), 1.0) for n in range(4))
    assert ids(interleaved([[a, b, c], [b, d], []])) == [0, 1, 3, 2]
    assert interleaved([]) == []


def test_of_copies_the_version_that_leads_the_story_stays() -> None:
    lead = Article("lead", "T", "text", story="lead")
    other = Article("other", "T", "text", story="lead")
    copy = Hit(Passage(other, 0, 4, 1, is_copy=True), 0.9)
    assert ids(one_per_story([copy, Hit(Passage(lead, 0, 4, 2), 0.5)])) == [2]
    assert ids(one_per_story([copy])) == [1]
