from pathlib import Path

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.store import words
from qa.store.words import K1, B, WordIndex
from qa.text import stems

PARTS = {
    3: ["Bridge closed Harbour Gazette", "The old bridge closed on Monday.", "Engineers saw cracks in the bridge."],
    4: ["Mayor opens the fair", "The mayor opened the fair.", "It rained on the mayor."],
    9: ["Untitled", "Nobody came to the old mill."],
}


@pytest.fixture
def index() -> WordIndex:
    return WordIndex.empty().updated(PARTS.items())


def test_scores_equal_those_of_bm25s_itself(index: WordIndex) -> None:
    texts = [[stem for part in parts for stem in stems(part)] for parts in PARTS.values()]
    other = bm25s.BM25(k1=K1, b=B, method="lucene")
    other.index(texts, show_progress=False)
    for question in ("old bridge", "the mayor of the mill", "cracks"):
        theirs = other.get_scores([stem for stem in stems(question) if stem in other.vocab_dict])
        assert index.scores(question) == pytest.approx(theirs, rel=1e-5)


def test_what_nobody_wrote_scores_nothing(index: WordIndex) -> None:
    assert index.scores("zeppelin").tolist() == [0, 0, 0] and index.scores("").tolist() == [0, 0, 0]


def test_an_update_adds_and_takes_away_like_an_index_made_at_once(index: WordIndex) -> None:
    grown = index.updated([(12, ["Fair ends", "The fair ended."])], gone=[4])
    made = WordIndex.empty().updated([(3, PARTS[3]), (9, PARTS[9]), (12, ["Fair ends", "The fair ended."])])
    assert grown.passage_ids.tolist() == made.passage_ids.tolist() == [3, 9, 12]
    assert grown.scores("old bridge fair") == pytest.approx(made.scores("old bridge fair"))
    assert index.passage_ids.tolist() == [3, 4, 9], "the old one stays as it was"


def assert_same(index: WordIndex, other: WordIndex) -> None:
    ids = other.passage_ids.tolist()
    assert index.passage_ids.tolist() == ids
    for question in (*WORDS, " ".join(WORDS), "and the of"):
        assert index.scores(question).tolist() == other.scores(question).tolist(), question
        assert index.coverage(question, ids) == other.coverage(question, ids), question
        assert index.idf(question) == other.idf(question), question


WORDS = ("bridg", "mayor", "fair", "crack", "mill", "unheard")
SENTENCES = st.lists(st.sampled_from([*WORDS[:-1], "and the"]), max_size=9).map(" ".join)
CHANGES = st.lists(st.tuples(st.lists(st.lists(SENTENCES, max_size=4), max_size=5), st.sets(st.integers(0, 30))))


@given(changes=CHANGES)
def test_any_row_of_changes_leaves_what_an_index_made_at_once_is(
    changes: list[tuple[list[list[str]], set[int]]],
) -> None:
    index, there, last = WordIndex.empty(), dict[int, list[str]](), 0
    for passages, gone in changes:
        added = dict(enumerate(passages, start=last + 1))
        there = {id_: parts for id_, parts in there.items() if id_ not in gone} | added
        index, last = index.updated(added.items(), sorted(gone)), last + len(passages)
    assert_same(index, WordIndex.empty().updated(there.items()))


def test_passages_sorted_in_portions_are_as_if_sorted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = WordIndex.empty().updated(PARTS.items())
    monkeypatch.setattr(words, "_AT_ONCE", 2)
    assert_same(WordIndex.empty().updated(PARTS.items()), at_once)


def test_a_word_said_a_thousand_times_counts_like_one_that_is_said_255_times() -> None:
    index = WordIndex.empty().updated([(1, ["bridge " * 1_000]), (2, ["mill " * 255 + "fair " * 745])])
    bridge, mill = index.scores("bridge"), index.scores("mill")
    assert bridge.tolist() == mill.tolist()[::-1] and bridge[0] > 0


def test_a_saved_index_reads_the_same_and_grows_the_same(index: WordIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "words", 7)
    read, generation = WordIndex.load(tmp_path / "words")
    assert generation == 7 and isinstance(read.passage_ids, np.memmap)
    assert_same(read, index)
    change = ([(12, ["Fair ends", "The fair ended."])], [4])
    assert_same(read.updated(*change), index.updated(*change))


def test_an_index_saved_by_another_version_is_passed_over(index: WordIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "words", 7)
    (tmp_path / "words" / "7" / "format").write_text("1")
    read, generation = WordIndex.load(tmp_path / "words")
    assert (len(read), generation) == (0, -1)
    index.save(tmp_path / "words", 7)
    assert WordIndex.load(tmp_path / "words")[1] == 7


# --- coverage --------------------------------------------------------------------------------------------------------


def weight(index: WordIndex, text: str) -> float:
    return sum(index.idf(stem) for stem in stems(text))


def test_coverage_is_the_weighted_share_of_the_best_sentence(index: WordIndex) -> None:
    whole = weight(index, "engineers cracks mill")
    assert index.coverage("engineers cracks mill", [3, 9]) == pytest.approx(
        {3: weight(index, "engineers cracks") / whole, 9: weight(index, "mill") / whole}
    )


def test_words_of_two_sentences_do_not_add_up(index: WordIndex) -> None:
    whole = weight(index, "monday cracks")
    assert index.coverage("Monday cracks", [3])[3] == pytest.approx(
        max(weight(index, "monday"), weight(index, "cracks")) / whole
    )


def test_a_word_that_only_the_heading_holds_counts_half_and_alone_nothing(index: WordIndex) -> None:
    whole = weight(index, "gazette cracks")
    expected = (weight(index, "cracks") + 0.5 * weight(index, "gazette")) / whole
    assert index.coverage("Gazette cracks", [3])[3] == pytest.approx(expected)
    assert index.coverage("Gazette", [3])[3] == 0.0


def test_a_word_that_no_passage_holds_weighs_most(index: WordIndex) -> None:
    assert index.coverage("bridge zeppelin", [3])[3] < 0.5


def test_nothing_asked_or_found_covers_nothing(index: WordIndex) -> None:
    assert index.coverage("what was it?", [3, 4]) == {3: 0.0, 4: 0.0}
    assert index.coverage("bridge", []) == {}
