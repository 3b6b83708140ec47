import json
import tempfile
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from qa.language.analyzer import read_tokens
from qa.language.text import stems
from qa.store.checksums import as_json, checksums_of
from qa.store.words import files, merging
from qa.store.words import index as words
from qa.store.words.index import FieldWeights, WordIndex
from qa.store.words.merging import LARGEST, due, merge_behind
from qa.store.words.typos import Typos
from qa.store.words.vocabulary import Vocabulary, Words
from qa.store.words.wording import Wording

WORDINGS = {
    3: Wording(
        "Bridge closed", "Harbour Gazette", ["The old bridge closed on Monday.", "Engineers saw cracks in the bridge."]
    ),
    4: Wording("Mayor opens the fair", "", ["The mayor opened the fair.", "It rained on the mayor."]),
    9: Wording("Untitled", "", ["Nobody came to the old mill."]),
}


@pytest.fixture
def index() -> WordIndex:
    return WordIndex.empty().updated(WORDINGS.items())


def test_scores_equal_those_of_bm25s_itself(index: WordIndex) -> None:
    weights = FieldWeights(title=1, source=1, k1=1.2, b=0.6)
    read = [read_tokens(*wording[:3], "en") for wording in WORDINGS.values()]
    other = bm25s.BM25(k1=1.2, b=0.6, method="lucene")
    other.index(
        [[*title, *source, *chain.from_iterable(sentences)] for title, source, sentences in read], show_progress=False
    )
    for question in ("old bridge", "the mayor of the mill", "cracks"):
        theirs = other.get_scores([stem for stem in stems(question) if stem in other.vocab_dict])
        assert index.scores(question, weights) == pytest.approx(theirs, rel=1e-5)


def test_a_field_counts_by_its_weight_and_the_weights_need_no_other_index() -> None:
    index = WordIndex.empty().updated(
        [
            (1, Wording("Mill", "", ["A fair."])),
            (2, Wording("", "Mill", ["A fair."])),
            (3, Wording("", "", ["A mill."])),
        ]
    )
    plain = FieldWeights(title=1, source=1, b=0)
    assert index.scores("mill", plain).tolist() == pytest.approx([index.idf("mill") / 1.9] * 3)
    titled, sourced, said = index.scores("mill", FieldWeights(title=3, source=0.5, b=0)).tolist()
    assert [titled, sourced, said] == pytest.approx([index.idf("mill") * tf / (tf + 0.9) for tf in (3, 0.5, 1)])


def test_what_nobody_wrote_scores_nothing(index: WordIndex) -> None:
    assert index.scores("zeppelin").tolist() == [0, 0, 0] and index.scores("").tolist() == [0, 0, 0]


def test_an_update_adds_and_takes_away_like_an_index_made_at_once(index: WordIndex) -> None:
    fair = Wording("Fair ends", "", ["The fair ended."])
    grown = index.updated([(12, fair)], gone=[4])
    made = WordIndex.empty().updated([(3, WORDINGS[3]), (9, WORDINGS[9]), (12, fair)])
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
        assert words_of(index, question) == words_of(other, question), question
    for (row, places), (other_row, other_places) in [(index.tokens_of(ids), other.tokens_of(ids))]:
        assert places.tolist() == other_places.tolist()
        assert spelled(index, row) == spelled(other, other_row)


def spelled(index: WordIndex, tokens: Iterable[int]) -> list[str]:
    """The tokens in letters; the marks as they are."""
    names = list(index._vocabulary)
    return [names[token] if token >= 0 else str(token) for token in tokens]


def words_of(index: WordIndex, question: str) -> list[tuple[str, list[str], tuple[float, ...], float]]:
    """What a question matches, in letters."""
    return [(t.word, spelled(index, t.tokens), t.weights, t.idf) for t in index.query(question).terms]


WORDS = ("bridge", "mayor", "Banks", "banks", "Zelenskyy", "Zelensky", "5m", "unheard", "mayr")
SENTENCES = st.lists(st.sampled_from([*WORDS[:-2], "and the"]), max_size=9).map(" ".join)
CHANGES = st.lists(
    st.tuples(st.lists(st.lists(SENTENCES, max_size=4), max_size=5), st.sets(st.integers(0, 30)), st.booleans())
)


@pytest.mark.slow
@pytest.mark.parametrize("most", [0, 12, LARGEST])
@hypothesis_settings(max_examples=40)
@given(changes=CHANGES)
def test_any_row_of_changes_leaves_what_an_index_made_at_once_is(
    changes: list[tuple[list[list[str]], set[int], bool]], most: int
) -> None:
    """Whether segments stay apart, or are merged in memory, as they are saved, or behind."""
    index, there, last = WordIndex.empty(), dict[int, Wording](), 0
    with tempfile.TemporaryDirectory() as name:
        for number, (passages, gone, is_saved) in enumerate(changes):
            made = [Wording(parts[0], "", parts[1:]) if parts else Wording("", "", []) for parts in passages]
            added = dict(enumerate(made, start=last + 1))
            there = {id_: parts for id_, parts in there.items() if id_ not in gone} | added
            index, last = index.updated(added.items(), sorted(gone)), last + len(passages)
            if is_saved:
                index = index.save(Path(name), number, most)
                read, generation = WordIndex.load(Path(name), known=index if number % 2 else None)
                assert generation == number and read.files == index.files
                index = read
        assert_same(index, WordIndex.empty().updated(there.items()))
        index.save(Path(name), 100, most)
        merge_behind(Path(name), FileLock(Path(name) / "writer.lock"))
        merged, _ = WordIndex.load(Path(name), whole=True)
        assert not due(merged.segments)
        assert {path.name for path in Path(name).glob("segment-*")} == set(merged.files)
        assert_same(merged, index)


def test_segments_become_few_and_each_passage_is_written_seldom(tmp_path: Path) -> None:
    index, written = WordIndex.empty(), 0
    for number in range(200):
        before = set(index.files)
        index = index.updated([(number, Wording(f"Ferry {number}", "", ["It sailed."]))]).save(tmp_path, number)
        sizes = [len(segment) for segment in index.segments]
        written += sum(len(each) for each in index.segments if each.file and each.file.name not in before)
        assert all(size > sum(sizes[place + 1 :]) for place, size in enumerate(sizes)), sizes
    assert written < 200 * (np.log2(200) + 1) and len(index) == 200


def test_a_segment_much_of_which_has_gone_is_written_again_without_it(tmp_path: Path) -> None:
    passages = [(number, Wording(f"Ferry {number}", "", ["It sailed."])) for number in range(20)]
    index = WordIndex.empty().updated(passages).save(tmp_path, 1)
    few, many = index.updated([], [3]).save(tmp_path, 2), index.updated([], [3, 4, 5]).save(tmp_path, 3)
    assert few.files == index.files and few.segments[0].gone.tolist() == [3]
    assert many.files != index.files and not len(many.segments[0].gone)
    assert_same(many, WordIndex.empty().updated(passages[:3] + passages[6:]))


def test_segments_that_two_writers_brought_out_of_order_are_asked_all_the_same() -> None:
    later, sooner = (7, Wording("Bridge", "", ["It closed."])), (5, Wording("Mill", "", ["It opened."]))
    index = WordIndex.empty().updated([(1, WORDINGS[3]), later]).updated([sooner])
    scores = index.scores("mill")
    assert index.score_of(5, scores) == scores.max() > 0 == index.score_of(7, scores) == index.score_of(6, scores)
    assert spelled(index, index.tokens_of([5])[0]) == "mill -2 -1 open".split()


def test_passages_sorted_in_portions_are_as_if_sorted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = WordIndex.empty().updated(WORDINGS.items())
    monkeypatch.setattr(words, "_AT_ONCE", 2)
    assert_same(WordIndex.empty().updated(WORDINGS.items()), at_once)


def test_a_word_said_a_thousand_times_counts_like_one_that_is_said_255_times() -> None:
    index = WordIndex.empty().updated(
        [(1, Wording("", "", ["bridge " * 1_000])), (2, Wording("", "", ["mill " * 255 + "fair " * 745]))]
    )
    bridge, mill = index.scores("bridge"), index.scores("mill")
    assert bridge.tolist() == mill.tolist()[::-1] and bridge[0] > 0


def test_a_saved_index_reads_the_same_and_grows_the_same(index: WordIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "words", 7)
    read, generation = WordIndex.load(tmp_path / "words")
    assert generation == 7 and [segment.file is not None for segment in read.segments] == [True]
    assert_same(read, index)
    change = ([(12, Wording("Fair ends", "", ["The fair ended."]))], [4])
    assert_same(read.updated(*change), index.updated(*change))


def test_an_index_of_format_4_is_the_first_segment(index: WordIndex, tmp_path: Path) -> None:
    folder, later = tmp_path / "words", [(12, Wording("Fair ends", "", ["The zeppelin came to the fair."]))]
    save_as_format_4(index, folder / "7")
    read, generation = WordIndex.load(folder)
    assert generation == 7
    assert_same(read, index)
    grown = read.updated(later, [4]).save(folder, 8)
    assert not (folder / "7").exists() and WordIndex.load(folder)[1] == 8
    assert_same(grown, index.updated(later, [4]))


@pytest.mark.parametrize("name", ["rows.npy", "vocabulary.json", "checksums.json", "format"])
def test_damage_to_an_index_of_format_4_is_told(name: str, index: WordIndex, tmp_path: Path) -> None:
    save_as_format_4(index, tmp_path / "7")
    content = bytearray((tmp_path / "7" / name).read_bytes())
    content[-1] ^= 1
    (tmp_path / "7" / name).write_bytes(content)
    told: list[str] = []
    assert WordIndex.load(tmp_path, on_damage=told.append)[1] == -1
    assert told == ([] if name == "format" else [f"{name} has other bytes than were written"])


def save_as_format_4(index: WordIndex, folder: Path) -> None:
    """Writes an index of one segment as versions before the segments did."""
    [segment] = index.segments
    postings = segment.postings
    assert postings.terms.tolist() == list(range(len(segment.words)))
    own = {"passages": segment.passage_ids, "offsets": segment.offsets}
    own |= {"tokens": segment.tokens, "lengths": segment.lengths, "starts": postings.starts}
    folder.mkdir(parents=True)
    for name, values in (own | {name: getattr(postings, name) for name in ("rows", "counts", "headings")}).items():
        np.save(folder / f"{name}.npy", values)
    (folder / "vocabulary.json").write_text(json.dumps(list(index._vocabulary)), "utf-8")
    (folder / "format").write_text("4")
    noted = {path.name: checksums_of(path) for path in folder.iterdir()}
    (folder / "checksums.json").write_text(as_json(noted))


def test_who_reads_maps_what_is_new_and_keeps_what_it_has(index: WordIndex, tmp_path: Path) -> None:
    first = index.save(tmp_path, 7)
    reader, _ = WordIndex.load(tmp_path)
    second = first.updated([(12, Wording("Fair ends", "", ["The fair ended."]))], [4]).save(tmp_path, 8, most=0)
    assert len(second.segments) == 2 and second.files[0] == first.files[0]
    followed, generation = WordIndex.load(tmp_path, known=reader)
    assert generation == 8 and followed.segments[0].tokens is reader.segments[0].tokens
    assert_same(followed, second)
    assert reader.passage_ids.tolist() == [3, 4, 9], "the old one stays as it was"
    third = second.save(tmp_path, 9, most=1_000).updated([], [9]).save(tmp_path, 10)
    assert_same(reader, index)  # its file has gone, what it maps has not
    assert_same(WordIndex.load(tmp_path, known=followed)[0], third)


@pytest.mark.parametrize("step", ["write_segment", "write_list", "clear_away"])
def test_a_merge_behind_that_dies_leaves_the_index_as_it_was(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passages = [(number, Wording(f"Ferry {number}", "", ["It sailed."])) for number in range(9)]
    index = WordIndex.empty()
    for number in range(0, 9, 3):
        index = index.updated(passages[number : number + 3]).save(tmp_path, number, most=0)
    assert due(index.segments)
    (real, lock), died = (getattr(merging, step), FileLock(tmp_path / "writer.lock")), RuntimeError("killed")

    def die(*arguments: object) -> None:
        if step == "write_segment":
            real(*arguments)
        raise died

    monkeypatch.setattr(merging, step, die)
    with pytest.raises(RuntimeError):
        merge_behind(tmp_path, lock)
    monkeypatch.undo()
    read, generation = WordIndex.load(tmp_path, whole=True)
    assert generation == 6
    assert_same(read, index)
    merge_behind(tmp_path, lock)
    index = WordIndex.load(tmp_path)[0].save(tmp_path, 7)
    assert {path.name for path in tmp_path.glob("segment-*")} == set(index.files) and len(index.segments) == 1


def test_what_a_writer_changes_while_others_merge_behind_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passages = [(number, Wording(f"Ferry {number}", "", ["It sailed."])) for number in range(9)]
    index = WordIndex.empty().updated(passages[:3]).save(tmp_path, 1, most=0)
    index = index.updated(passages[3:6], [1]).save(tmp_path, 2, most=0)
    real = merging.write_segment

    def write_while_others_write(*arguments: Any) -> Any:
        monkeypatch.undo()
        index.updated(passages[6:], [4]).save(tmp_path, 3, most=0)
        return real(*arguments)

    monkeypatch.setattr(merging, "write_segment", write_while_others_write)
    merge_behind(tmp_path, FileLock(tmp_path / "writer.lock"))
    read, generation = WordIndex.load(tmp_path, whole=True)
    assert (generation, [len(segment) for segment in read.segments]) == (3, [4, 3])
    assert_same(read, WordIndex.empty().updated([p for p in passages if p[0] not in (1, 4)]))


def test_an_index_saved_by_another_version_is_passed_over(
    index: WordIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "FORMAT", 4)
    index.save(tmp_path / "words", 7)
    monkeypatch.undo()
    read, generation = WordIndex.load(tmp_path / "words")
    assert (len(read), generation) == (0, -1)
    index.save(tmp_path / "words", 7)
    assert WordIndex.load(tmp_path / "words")[1] == 7


# --- coverage --------------------------------------------------------------------------------------------------------


def weight(index: WordIndex, text: str) -> float:
    return sum(term.idf for term in index.query(text).terms)


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


# --- what a word matches ---------------------------------------------------------------------------------------------


def made(*sentences: str, language: str | None = "en") -> WordIndex:
    """An index of passages of one sentence each, with the ids 1, 2, ..."""
    return WordIndex.empty().updated(
        (id_, Wording("", "", [sentence], language)) for id_, sentence in enumerate(sentences, start=1)
    )


def found(index: WordIndex, question: str) -> list[int]:
    """Ids of the passages that have a score, best first."""
    scores = index.scores(question)
    return [int(index.passage_ids[i]) for i in np.argsort(-scores, kind="stable") if scores[i] > 0]


def test_a_russian_question_finds_a_russian_article_in_other_forms_of_its_words() -> None:
    index = made("Президент Лукашенко посетил завод.", "Завтра ожидается дождь.", language="ru")
    assert found(index, "Какие заводы посещали с Лукашенко?") == [1]
    assert found(index, "О дожде") == [2]


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ("Lukashenko", "Lukashenka"),
        ("Lukashenka", "lukashenko"),
        ("Zelensky", "Zelenskyy"),
        ("Zelenskyy", "Zelensky"),
        ("Zelenskiy", "zelensky"),
        ("Kiev", "Kyiv"),
        ("Mohamed", "Muhammad"),
        ("Erdoğan", "Erdogan"),
        ("Erdogan", "Erdoğan"),
        ("Lukashenko", "Лукашенко"),
        ("Zelensky", "Зеленского"),
        ("Zelensky", "Zelensy"),
        ("Netanyahu", "Netanyaho"),
    ],
)
def test_a_name_is_found_in_another_spelling(held: str, asked: str) -> None:
    index = made(f"On Monday {held} spoke.", "On Monday others spoke.", f"{held} spoke on Friday.")
    assert set(found(index, f"when did {asked} speak?")) >= {1, 3}
    assert found(index, f"When did {asked} rest?") == [1, 3]


def test_a_latin_name_finds_a_russian_article() -> None:
    index = made("Во вторник Лукашенко говорил с Зеленским.", "Во вторник шёл дождь.", language="ru")
    assert found(index, "What did Lukashenko say?") == [1]
    assert found(index, "What did Zelensky say?") == [1]


def test_a_word_that_is_held_is_never_corrected() -> None:
    index = made("Then Smith spoke.", "Then Smyth spoke.", "Then Smythe spoke.")
    assert found(index, "Smyth") == [2] and len(index.query("Smyth").terms[0].tokens) == 1
    assert found(index, "Smitth") == [1] and set(found(index, "Smythi")) == {2, 3}


def test_a_slip_counts_less_than_the_word_and_short_words_and_numbers_have_none() -> None:
    index = made("The parliament met.", "The cat met 1234 cats.")
    (right,), (wrong,) = index.query("parliament").terms, index.query("parlaiment").terms
    assert right.tokens == wrong.tokens and wrong.weights[0] < right.weights[0] == 1
    assert right.idf == wrong.idf
    (cut,), (number,) = index.query("cot").terms, index.query("1235").terms
    assert cut.tokens == number.tokens == () and cut.idf == max(cut.idf, right.idf)


def test_names_are_not_common_words_but_what_was_typed_small_finds_them() -> None:
    index = made("Yesterday Jordan Banks won.", "Yesterday the banks won.", "Banks won yesterday.")
    assert found(index, "the player Banks")[0] == 1
    assert found(index, "which banks")[0] in (2, 3) and set(found(index, "which banks")) == {1, 2, 3}
    (asked,) = index.query("the Banks").terms
    assert asked.kind == "name" and asked.weights[0] == 1 > asked.weights[1]


def test_numbers_are_found_however_they_are_written() -> None:
    index = made("It sold 1,000 cars.", "It sold five million cars.", "It sold 17 cars.")
    for question, id_ in {"one thousand": 1, "1000": 1, "5m": 2, "5 million": 2, "seventeen": 3}.items():
        assert found(index, question) == [id_], question
        assert index.query(question).terms[0].kind == "number"


def test_terms_that_a_word_matches_count_together_once() -> None:
    index = made("Here Zelensky and Zelenskyy met.", "Here others met.")
    twice = index.scores("Zelensky and Zelensky")
    assert twice.tolist() == index.scores("Zelensky").tolist() and twice[0] < index.idf("zelensky")


def test_slips_are_found_among_many_words() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    random = np.random.default_rng(1)
    words = {"".join(random.choice(list(letters), size)): 0 for size in random.integers(3, 14, 30_000)}
    parts = [Words.of(list(words)), Words.of([]), Words.of(["chairmanship", "zelensky"])]
    slips = Typos(Vocabulary(parts), lambda number: 1)
    assert slips.nearest("chairmnashp") == [("chairmanship", 2)]
    assert slips.nearest("xelensky") == [("zelensky", 1)]
    assert slips.nearest("chairmanshib")[0] == ("chairmanship", 1)


@given(
    st.text("abcd", min_size=4, max_size=9),
    st.lists(st.text("abcd", min_size=1, max_size=9), min_size=1, max_size=8, unique=True),
)
def test_the_nearest_words_are_within_the_slips_that_are_forgiven(word: str, known: list[str]) -> None:
    near = Typos(Vocabulary([Words.of(known)]), lambda number: 1).nearest(word)
    most = 2 if len(word) >= 8 else 1
    assert all(distance == edits(word, other) <= most for other, distance in near)
    if not near:
        assert all(edits(word, one) > (most if one[0] == word[0] else 1) for one in known)


def edits(one: str, other: str) -> int:
    """Optimal string alignment, written plainly."""
    rows = [[i + j if not i * j else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            changed = rows[i - 1][j - 1] + (one[i - 1] != other[j - 1])
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, changed)
            if i > 1 and j > 1 and one[i - 2 : i] == other[j - 2 : j][::-1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


# --- tokens, phrases, feedback ---------------------------------------------------------------------------------------


def test_the_tokens_of_passages_stand_in_order_with_marks_between_their_parts(index: WordIndex) -> None:
    tokens, places = index.tokens_of([9, 5, 3])
    assert places.tolist() == [0, 7, 7, len(tokens)]
    assert spelled(index, tokens[:7]) == "untitl -2 -1 nobodi came old mill".split()
    assert spelled(index, tokens[7:]) == (
        "bridg close -2 harbour gazette -1 old bridg close monday -1 engin saw crack bridg".split()
    )
    assert index.tokens_of([])[1].tolist() == [0]


def test_quoted_words_are_found_where_they_stand_together() -> None:
    index = made(
        "The old bridge closed.", "A bridge, old and closed.", "He spoke of the old Bridge of Sighs.", "Bridge: old."
    )

    def held(question: str) -> list[bool] | None:
        rows = index.phrase_rows(index.query(question))
        return None if rows is None else rows.tolist()

    assert held("which old bridge") is None
    assert held('which "old bridge" closed') == [True, False, True, False]
    assert held("which “old bridge” and “closed”") == [True, False, False, False]
    assert held('"bridge of sighs"') == [False, False, True, False]
    assert held('"old bridge of London"') == [False] * 4
    assert held('what is "the"') is None


def test_feedback_adds_what_the_first_passages_share() -> None:
    index = made(
        "The summit in Astana discussed grain.",
        "At the summit in Astana leaders spoke of grain.",
        "Prices of grain rose.",
        "In Astana it rained.",
        *["Other news of the day."] * 20,
    )
    asked = index.query("summit")
    wider = index.feedback(asked, [1, 2], terms=2, weight=0.5)
    assert [term.word for term in wider.terms] == ["summit", "astana", "grain"]
    assert sum(term.boost for term in wider.terms[1:]) == pytest.approx(0.5)
    scores = index.scores(wider)
    assert scores[2] > 0 < scores[3] and scores[:2].min() > scores[2:].max()
    assert index.feedback(asked, []) == asked == index.feedback(asked, [99])


def test_what_was_asked_of_another_index_is_read_again(index: WordIndex) -> None:
    asked = made("Nothing.", "The old mill.").query("old mill")
    assert index.scores(asked).tolist() == index.scores("old mill").tolist()
