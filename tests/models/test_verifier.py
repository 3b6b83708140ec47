"""Verifiers: the one that ships, and a tiny cross-encoder on disk whose weights the test sets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qa.errors import ModelError, UsageError
from qa.models import load_verifier
from qa.models.verifier import CrossEncoderVerifier

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] the council has eight members yes no".split()


def save_cross_encoder(folder: Path, labels: list[str]) -> Path:
    """A BERT of one layer that always finds its last label the likeliest, as `transformers` saves it."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    torch.manual_seed(3)
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = BertConfig(
        vocab_size=len(WORDS), max_position_embeddings=64, num_labels=len(labels), id2label=dict(enumerate(labels)),
        label2id={label: n for n, label in enumerate(labels)}, **sizes,
    )  # fmt: skip
    model = BertForSequenceClassification(config)
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.copy_(torch.arange(len(labels), dtype=torch.float32) * 4)
    model.save_pretrained(folder)
    tokenizer = Tokenizer(models.WordPiece({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=64, **special).save_pretrained(folder)
    return folder


PAIR = ("The council has eight members.", "The council has members.")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("labels", "likeliest"),
    [
        (["contradiction", "neutral", "entailment"], "entailed"),
        (["entailment", "neutral", "contradiction"], "contradicted"),
        (["CONTRADICTION", "ENTAILMENT", "NEUTRAL"], "neutral"),
    ],
)
def test_the_order_of_the_labels_is_read_from_the_model(tmp_path: Path, labels: list[str], likeliest: str) -> None:
    verifier = load_verifier(f"sentence-transformers:{save_cross_encoder(tmp_path, labels)}")
    assert verifier is not None and verifier.name == f"sentence-transformers:{tmp_path}"
    (found,) = verifier.judge([PAIR])
    assert getattr(found, likeliest) == pytest.approx(0.9816, abs=0.001)
    assert sum(found) == pytest.approx(1)
    assert len(verifier.judge([PAIR, PAIR])) == 2 and verifier.judge([]) == []


@pytest.mark.slow
def test_a_fact_checker_of_one_score_says_how_likely_the_evidence_bears_a_claim_out(tmp_path: Path) -> None:
    verifier = load_verifier(f"sentence-transformers:{save_cross_encoder(tmp_path, ['consistent'])}")
    assert verifier is not None
    found, again = verifier.judge([PAIR, PAIR])
    assert found == again == (0.5, 0.5, 0.0)


@pytest.mark.slow
def test_a_model_with_other_labels_is_refused(tmp_path: Path) -> None:
    folder = save_cross_encoder(tmp_path, ["relevant", "irrelevant"])
    with pytest.raises(ModelError, match="its labels are relevant, irrelevant. Choose a cross-encoder"):
        load_verifier(f"sentence-transformers:{folder}")


def test_a_folder_that_is_none_or_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no model folder"):
        load_verifier(f"sentence-transformers:{tmp_path / 'none'}")
    with pytest.raises(ModelError, match="is not a cross-encoder: it holds no config.json"):
        load_verifier(f"sentence-transformers:{tmp_path}")


EVIDENCE = (
    "Council elects a chair. The harbour council elected Anna Berg as its chair on 3 May 2021. "
    "She follows Otto Lind, who had led it for nine years."
)
BORNE_OUT = (EVIDENCE, "Anna Berg was elected to chair the harbour council.")
CONTRARY = (EVIDENCE, "Anna Berg has sold 40 fishing boats to a rival in Estmark.")


def test_the_bundled_verifier_says_one_thing_of_a_pair_whatever_stands_beside_it() -> None:
    verifier = load_verifier("bundled:news")
    assert verifier is not None and verifier.name == "bundled:news" and verifier.languages == {"en"}
    alone = [verifier.judge([pair])[0] for pair in (BORNE_OUT, CONTRARY)]
    assert verifier.judge([BORNE_OUT, CONTRARY, BORNE_OUT]) == [*alone, alone[0]]
    assert alone[0].entailed > 0.5 > alone[1].entailed
    assert all(found.contradicted == 0 and sum(found) == pytest.approx(1) for found in alone)
    assert verifier.judge([]) == []


def test_the_bundled_verifier_says_which_sentences_it_reads_to_their_end() -> None:
    verifier = load_verifier("bundled:news")
    assert verifier is not None and verifier.reads(BORNE_OUT[1])
    assert not verifier.reads("They met " + "Nursultan Nazarbayev, " * 20 + "and that was in Minsk.")


@pytest.mark.slow
def test_a_cross_encoder_that_fails_is_a_model_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = load_verifier(f"sentence-transformers:{save_cross_encoder(tmp_path, ['consistent'])}")
    assert isinstance(verifier, CrossEncoderVerifier)

    def borrowed(*_: object, **__: object) -> None:
        raise RuntimeError("Already borrowed")

    monkeypatch.setattr(verifier._scorer._encoder, "predict", borrowed)
    with pytest.raises(ModelError, match="failed: Already borrowed."):
        verifier.judge([PAIR])


def test_the_revision_of_the_bundled_verifier_is_that_of_its_file() -> None:
    verifier = load_verifier("bundled:news")
    assert verifier is not None and re.fullmatch("[0-9a-f]{12}", verifier.revision)


def test_there_is_one_bundled_verifier() -> None:
    with pytest.raises(UsageError, match="There is no bundled verifier 'tiny'. Choose bundled:news."):
        load_verifier("bundled:tiny")


def test_names_of_no_verifier() -> None:
    assert load_verifier("none") is None
    with pytest.raises(
        UsageError, match="Unknown verifier provider 'acme'. Choose one of: bundled, none, sentence-transformers"
    ):
        load_verifier("acme:nli")
    with pytest.raises(UsageError, match="names no model"):
        load_verifier("sentence-transformers")
