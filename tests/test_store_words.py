from pathlib import Path

import bm25s
import numpy as np
import pytest

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


def test_a_saved_index_reads_the_same(index: WordIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "words", 7)
    read, generation = WordIndex.load(tmp_path / "words")
    assert generation == 7 and isinstance(read.passage_ids, np.memmap)
    assert read.scores("old bridge") == pytest.approx(index.scores("old bridge"))
    assert read.coverage("old bridge", [3, 9]) == index.coverage("old bridge", [3, 9])


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
