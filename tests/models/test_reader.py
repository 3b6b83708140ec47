"""The reader that ships, on a handful of sentences: verdicts, offsets, threads, and files that are broken."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qa.ask.answer.score import FURTHEST, UNREAD, WORST, read_first, read_sentences
from qa.ask.answer.sentences import sentences_of_hits
from qa.ask.retrieve.read import reread
from qa.errors import ModelError
from qa.models import load_reader, load_reader_for
from qa.models.reader import FOLDER, Reader, Reading
from qa.types import Article, Hit, Passage, Question

TEXT = (
    "The bridge over the Narva was reopened on Tuesday after repairs that took eight months. Mayor Katri Raik cut the"
    " ribbon; the works cost 4.2 million euros. “It is done,” she said."
)


def reading(question: str, text: str = TEXT, title: str = "Bridge reopened") -> Reading:
    return load_reader().read(question, [(title, text)])[0]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who cut the ribbon?", "Katri Raik"),
        ("How much did the works cost?", "4.2 million euros"),
        ("How long did the repairs take?", "eight months"),
        ("When was the bridge reopened?", "Tuesday"),
    ],
)
def test_finds_the_sentence_that_answers(question: str, answer: str) -> None:
    found = reading(question)
    best = max(found.told, key=lambda one: one.score)
    assert found.answers > 0
    assert answer in TEXT[best.start : best.end]


@pytest.mark.parametrize("question", ["Who won the football match?", "What is the capital of Peru?"])
def test_says_that_there_is_no_answer(question: str) -> None:
    found = reading(question)
    assert found.answers < 0
    assert all(one.score < 0 for one in found.told)


def test_passages_keep_their_order_and_do_not_touch_each_other() -> None:
    texts = [("", TEXT), ("Weather", "It rained all day."), ("", TEXT * 3), ("", "")]
    together = load_reader().read("Who cut the ribbon by the river?", texts)
    for text, found in zip(texts, together, strict=True):
        alone = Reader().read("Who cut the ribbon by the river?", [text])[0]
        assert found == alone
    assert together[0].answers > together[1].answers
    assert together[3].told == together[3].stretches == ()


def test_the_same_again_and_from_several_threads() -> None:
    questions = ["Who cut the ribbon?", "How much did it cost?", "When was it reopened?"] * 4
    one, other = Reader(), Reader()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda question: one.read(question, [("", TEXT)])[0], questions))
    assert found == [other.read(question, [("", TEXT)])[0] for question in questions]


def test_nothing_to_read() -> None:
    assert load_reader().read("Who?", []) == []


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "fit.json"])
@pytest.mark.parametrize("broken", [True, False])
def test_a_missing_or_broken_file_is_told_in_one_sentence(tmp_path: Path, name: str, broken: bool) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "reader")
    if broken:
        (folder / name).write_bytes(b"{")
    else:
        (folder / name).unlink()
    with pytest.raises(ModelError, match=r"^The reader in .* cannot be loaded \(.*\)\. .*bundled:trees") as told:
        Reader(folder)
    assert "\n" not in str(told.value)


def test_only_the_default_reads() -> None:
    assert load_reader_for("bundled:news") is load_reader()
    assert load_reader_for("bundled:trees") is None
    assert load_reader_for("none") is None
    assert load_reader_for("sentence-transformers:some/model") is load_reader()  # it goes on quoting and refusing


def hit(number: int, text: str, score: float) -> Hit:
    return Hit(Passage(Article(f"a{number}", "", text), 0, len(text), number), score)


def test_a_passage_that_answers_comes_before_one_that_shares_its_words() -> None:
    hits = [
        hit(1, "The mayor cut the ribbon budget. Who cut the ribbon first was not asked.", 0.5),
        hit(2, TEXT, 0.45),
        hit(3, "It rained all day in Narva.", 0.3),
        hit(4, "A fourth passage that nobody reads.", 0.29),
    ]
    ordered = reread(hits, Question("Who cut the ribbon?", "Who cut the ribbon?"), load_reader())
    assert [each.passage.id for each in ordered][0] == 2
    assert ordered[-1].passage.id == 4
    scores = [each.score for each in ordered]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert reread([], Question("Who?", "Who?"), load_reader()) == []


def test_the_sentence_that_answers_gains_most() -> None:
    text = "The bridge is old. Ines Falk cut the ribbon of the bridge. The ribbon of the bridge was blue."
    reader, question = load_reader(), "Who cut the ribbon of the bridge?"
    first = Hit(Passage(Article("a", "Bridge opened", text), 0, len(text)), 1.0)
    other = Hit(Passage(Article("b", "Bridge", "Nobody read this."), 0, 17), 0.5)
    lines = sentences_of_hits([first, other])
    gains = read_sentences(reader.fit.sentence, lines, [first, other], read_first(reader, question, [first]))
    assert lines[int(gains.argmax())].span.text == "Ines Falk cut the ribbon of the bridge."
    fit = reader.fit.sentence
    assert (
        gains[-1]
        == gains.min()
        == pytest.approx(fit.told * UNREAD + fit.stretch * FURTHEST + fit.behind * WORST + fit.constant)
    )


def test_a_passage_later_in_its_article_is_read_at_its_own_place() -> None:
    text = "Nothing of note. " * 9 + "Ines Falk cut the ribbon of the bridge. It rained."
    start = text.index("Ines")
    hit = Hit(Passage(Article("a", "", text), start, len(text)), 1.0)
    lines = sentences_of_hits([hit])
    reader = load_reader()
    gains = read_sentences(reader.fit.sentence, lines, [hit], read_first(reader, "Who cut the ribbon?", [hit]))
    assert int(gains.argmax()) == 0 and lines[0].span.start == start
