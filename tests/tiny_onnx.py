"""An embedder in ONNX, a few hundred bytes: a table from which each token takes its vector. No package is needed.

The file is written as the format says: fields of protocol buffers, each a number with a kind, and then its bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

WORDS = "[PAD] [UNK] [CLS] [SEP] who what won the election match talks failed question : passage query bridge".split()

POOLING = {"mean": "mean_tokens", "cls": "cls_token"}
"""What sentence-transformers calls each way to make one vector of those of the tokens."""


def save_onnx(
    folder: Path, *, seed: int = 7, prompts: Mapping[str, str] = {}, pooling: str = "mean", file: str = "model.onnx"
) -> Path:
    """The folder with a network of eight numbers a token, a tokenizer, and what sentence-transformers writes beside."""
    table = np.random.default_rng(seed).normal(size=(len(WORDS), 8)).astype(np.float32)
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(_model(table))
    tokenizer = Tokenizer(models.WordPiece({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps({"pooling_mode_" + POOLING.get(pooling, f"{pooling}_tokens"): True})
    )
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 16}')
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": dict(prompts)}))
    return folder


def table_of(seed: int = 7) -> np.ndarray:
    """The vectors of the tokens."""
    return np.random.default_rng(seed).normal(size=(len(WORDS), 8)).astype(np.float32)


def _number(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def _field(number: int, value: int | bytes | str) -> bytes:
    if isinstance(value, int):
        return _number(number << 3) + _number(value)
    data = value.encode() if isinstance(value, str) else value
    return _number(number << 3 | 2) + _number(len(data)) + data


def _tensor_type(kind: int, *shape: str | int) -> bytes:
    dimensions = b"".join(_field(1, _field(1 if isinstance(d, int) else 2, d)) for d in shape)
    return _field(2, _field(1, _field(1, kind) + _field(2, dimensions)))


def _model(table: np.ndarray) -> bytes:
    rows, columns = table.shape
    gather = b"".join([_field(1, "table"), _field(1, "input_ids"), _field(2, "last_hidden_state"), _field(4, "Gather")])
    weights = _field(1, rows) + _field(1, columns) + _field(2, 1) + _field(8, "table") + _field(9, table.tobytes())
    taken = _field(1, "input_ids") + _tensor_type(7, "batch", "tokens")
    given = _field(1, "last_hidden_state") + _tensor_type(1, "batch", "tokens", columns)
    graph = _field(1, gather) + _field(2, "tiny") + _field(5, weights) + _field(11, taken) + _field(12, given)
    return _field(1, 8) + _field(7, graph) + _field(8, _field(1, "") + _field(2, 13))
