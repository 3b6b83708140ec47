from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from qa.errors import UsageError
from qa.models import load_embedder
from qa.models.static import FOLDER, StaticEmbedder, load_bundled

UNKNOWN = ["日本語 🎉 ‽", "", " \n\t ", "... --- !!!", "supercalifragilistic" * 20]
TEXTS = [
    "Who took over the chairmanship of the commission?",
    "The U.S. president met Łukasz Köln in Reykjavík; it's the café's 2,000th visitor.",
    "Kyrgyzstan",
    "qxzqxzqx zzyzzxy antidisestablishmentarianism",
    "Президент посетил Йошкар-Олу и Гродно",
    *UNKNOWN,
    "Ministers said on Tuesday that the talks had failed. " * 4_000,
]


@pytest.fixture(scope="module")
def news() -> StaticEmbedder:
    return load_bundled("news")


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(FOLDER / "news" / "tokenizer.json"))


@pytest.mark.slow
def test_gives_the_vectors_that_sentence_transformers_gives(news: StaticEmbedder) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(FOLDER / "news"), device="cpu", local_files_only=True)
    theirs = model.encode(TEXTS, show_progress_bar=False)
    assert theirs.shape == (len(TEXTS), news.dimension)
    assert np.abs(news.embed_passages(TEXTS) - theirs).max() < 1e-5
    assert np.abs(news.embed_query(TEXTS[0]) - model.encode_query(TEXTS[0])).max() < 1e-5


@settings(deadline=None)
@given(texts=st.lists(st.text("aéÉ\u0301йİΣς.'-1 \u00a0\n\u2003\u2028\x1cUS") | st.text(), max_size=4))
def test_remembered_words_give_the_tokens_of_the_whole_text(
    news: StaticEmbedder, tokenizer: Tokenizer, texts: list[str]
) -> None:
    whole = [encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]
    assert news._tokenise(texts) == whole


def test_vectors_have_unit_length_and_are_zero_where_no_word_is_known(news: StaticEmbedder) -> None:
    lengths = np.linalg.norm(news.embed_passages(TEXTS), axis=1)
    np.testing.assert_allclose(lengths, [0.0 if text in UNKNOWN else 1.0 for text in TEXTS], atol=1e-5)


def test_shapes_and_types(news: StaticEmbedder) -> None:
    assert news.name == "bundled:news"
    assert news.dimension == 256
    assert len(news.revision) == 12
    for texts in ([], ["one"], ["word"] * 1_100):
        vectors = news.embed_passages(texts)
        assert vectors.shape == (len(texts), 256)
        assert vectors.dtype == np.float32
    assert news.embed_query("one").shape == (256,)


def test_a_text_has_the_same_vector_alone_and_among_others(news: StaticEmbedder) -> None:
    texts = [f"Story number {n}: the council of town {n} votes on its budget" for n in range(1_100)]
    together = news.embed_passages(texts)
    for n in (0, 511, 512, 1_099):
        np.testing.assert_array_equal(together[n], news.embed_query(texts[n]))


def test_case_accents_and_punctuation_do_not_matter_but_cyrillic_letters_do(news: StaticEmbedder) -> None:
    plain = news.embed_query("the cafe in reykjavik")
    np.testing.assert_allclose(news.embed_query("The CAFÉ, in Reykjavík!"), plain, atol=1e-6)
    assert not np.allclose(news.embed_query("май"), news.embed_query("маи"))


@pytest.mark.parametrize(
    ("question", "answer", "other"),
    [
        ("Who won the election?", "The senator was voted into office by a wide margin.", "The striker scored twice."),
        ("Which team won the match?", "The striker scored twice in the second half.", "Shares fell on Wall Street."),
        ("How did markets react?", "Shares fell and investors sold bonds.", "The hurricane flooded the coast."),
        ("What damage did the storm do?", "The hurricane flooded the coast.", "The senator was voted into office."),
    ],
)
def test_an_answer_in_other_words_is_nearer_than_another_story(
    news: StaticEmbedder, question: str, answer: str, other: str
) -> None:
    near, far = news.embed_passages([answer, other]) @ news.embed_query(question)
    assert near > far


def test_an_unknown_name_lists_the_choices() -> None:
    for name in ("sports", "..", "news/../news"):
        with pytest.raises(UsageError, match=r"Unknown bundled embedder '.*'\. Choose one of: news\."):
            load_embedder(f"bundled:{name}")


def test_the_default_path_imports_no_torch() -> None:
    code = (
        "import sys; from qa.models import load_embedder; load_embedder('bundled:news').embed_query('a b');"
        "print(sorted({'torch', 'transformers', 'sentence_transformers', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_model_fits_into_the_repository_and_carries_its_card() -> None:
    files = [path for path in (FOLDER / "news").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 16_000_000
    card = (FOLDER / "news" / "README.md").read_text(encoding="utf-8")
    for heading in ("## Data", "## Recipe", "## Quality", "## Limits", "## Rebuild"):
        assert heading in card
