"""A CrossEncoder as the reranker: a tiny BERT with random weights and one label, made here."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from tiny_models import save_bert

from qa.errors import MissingExtra, ModelError, UsageError
from qa.models import Reranker, load_reranker

pytestmark = pytest.mark.slow

TEXTS = ["the talks failed", "", "the election", "who won " * 100, "the match won the talks", "the election"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_bert(tmp_path_factory.mktemp("reranker"), labels=1)


@pytest.fixture(scope="module")
def reranker(folder: Path) -> Reranker:
    loaded = load_reranker(f"sentence-transformers:{folder}")
    assert loaded is not None
    return loaded


def test_scores_are_the_logits_that_the_model_gives_each_pair(reranker: Reranker, folder: Path) -> None:
    import torch
    from transformers import AutoTokenizer, BertForSequenceClassification

    model = BertForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    with torch.no_grad():
        pairs = [tokenizer(["who won"], [text], truncation=True, max_length=64, return_tensors="pt") for text in TEXTS]
        expected = [float(model(**pair).logits[0, 0]) for pair in pairs]
    scores = reranker.scores("who won", TEXTS)
    assert scores.shape == (6,) and scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, atol=1e-4)
    assert len({round(score, 2) for score in expected}) >= 4


def test_a_text_scores_the_same_alone_and_among_others(reranker: Reranker) -> None:
    many = reranker.scores("who won", TEXTS * 20)
    np.testing.assert_allclose(many[: len(TEXTS)], reranker.scores("who won", TEXTS), atol=1e-4)
    assert reranker.scores("who won", []).shape == (0,)


def test_its_name_and_that_there_need_be_none(reranker: Reranker, folder: Path) -> None:
    assert reranker.name == f"sentence-transformers:{folder}"
    assert load_reranker("none") is None


def test_a_model_of_several_labels_is_no_reranker(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is no reranker: it tells 3 labels apart"):
        load_reranker(f"sentence-transformers:{save_bert(tmp_path, labels=3)}")


def test_an_embedder_is_no_reranker(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is no cross-encoder: its files hold no weights that score a pair of texts"):
        load_reranker(f"sentence-transformers:{save_bert(tmp_path)}")


def test_what_cannot_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="Unknown reranker provider 'acme'. Choose one of: .*none.*"):
        load_reranker("acme:x")
    with pytest.raises(ModelError, match="There is no model folder /no/such/folder"):
        load_reranker("sentence-transformers:/no/such/folder")
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ModelError, match=f"Cannot load the cross-encoder {tmp_path}: "):
        load_reranker(f"sentence-transformers:{tmp_path}")
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MissingExtra, match=r"pip install 'citewire\[sentence-transformers\]'"):
        load_reranker("sentence-transformers:any")
