"""An embedder of sentence-transformers' kind in ONNX, such as MiniLM: runs on the processor, without torch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qa.errors import ModelError, first_line
from qa.models.base import Vectors
from qa.models.embedding_prompts import Prompts, prompts_for
from qa.models.hub import ModelLocation

if TYPE_CHECKING:
    from qa.settings import Settings

PROVIDER = "onnx"
FILES = ("model.onnx", "onnx/model.onnx", "onnx/model_quantized.onnx", "onnx/model_int8.onnx", "model_quantized.onnx")
"""Where the network is looked for in a folder, in this order."""
LONGEST = 512
"""Longest text in tokens, unless the model's files say less; the rest is cut."""
_STEPS = ("Transformer", "Pooling", "Normalize")


def load_onnx_encoder(model: str, settings: Settings | None = None) -> OnnxEncoder:
    """The embedder in the folder `model`: tokenizer.json and a network in ONNX. No setting matters to it.

    Raises ModelError where a file is missing or broken.
    """
    folder = Path(model).expanduser()
    if not folder.is_dir():
        raise ModelError(f"There is no model folder {folder}. Give one that holds tokenizer.json and model.onnx.")
    network = next((folder / name for name in FILES if (folder / name).is_file()), None)
    if network is None or not (folder / "tokenizer.json").is_file():
        lacking = "tokenizer.json" if network else f"none of {', '.join(FILES)}"
        raise ModelError(f"{folder} is no embedder in ONNX: it holds {'no ' if network else ''}{lacking}.")
    try:
        return OnnxEncoder(f"{PROVIDER}:{model}", folder, network)
    except ModelError:
        raise
    except Exception as error:  # both packages raise types of their own
        raise ModelError(f"Cannot load the embedder {network}: {first_line(error)}. Is it complete?") from error


class OnnxEncoder:
    """A network that gives a vector for each token, or one for the text. May be used by several threads.

    One text is read at a time: with weights of one byte, what is read beside it would change its vector.
    """

    def __init__(self, name: str, folder: Path, network: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting costs nobody a core
        self._session: Any = onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
        self._inputs = {each.name for each in self._session.get_inputs()}
        outputs = [each.name for each in self._session.get_outputs()]
        self._output = next(
            (each for each in ("sentence_embedding", "last_hidden_state") if each in outputs), outputs[0]
        )
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_longest(folder))
        self._takes_first = _takes_first(folder)
        self._prompts = _prompts(folder)
        self.name = name
        weights = ModelLocation(str(folder)).digest()
        self.revision = sha256(repr((self._prompts, self._takes_first, weights)).encode()).hexdigest()[:12]
        """Changes whenever the weights or the prompts do."""
        self.dimension = int(self._vector("dimension").shape[0])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimension), made with the model's prompt for documents."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            vector[:] = self._vector(self._prompts.passage + text)
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """A vector of shape (dimension,), made with the model's prompt for queries."""
        return self._vector(self._prompts.query + text)

    def _vector(self, text: str) -> Vectors:
        ids = np.array([self._tokenizer.encode(text).ids or [0]], np.int64)
        fed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        (made,) = self._session.run([self._output], {name: fed[name] for name in self._inputs})
        # One vector for each token, unless the network has pooled them itself.
        vector = made[0] if made.ndim == 2 else made[0, 0] if self._takes_first else made[0].mean(axis=0)
        found: Vectors = (vector / max(float(np.linalg.norm(vector)), 1e-12)).astype(np.float32)
        return found


def _read(file: Path) -> Mapping[str, Any]:
    """The JSON object in a file; empty where there is no file."""
    found = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return found if isinstance(found, Mapping) else {}


def _longest(folder: Path) -> int:
    """Tokens of the longest text that the model reads."""
    told = _read(folder / "sentence_bert_config.json").get("max_seq_length")
    told = told or _read(folder / "tokenizer_config.json").get("model_max_length")  # where newer versions write it
    return min(LONGEST, int(told)) if isinstance(told, int | float) else LONGEST


def _takes_first(folder: Path) -> bool:
    """Whether the vector of a text is that of its first token, and not the mean of all. Raises ModelError."""
    steps = json.loads(file.read_text("utf-8")) if (file := folder / "modules.json").is_file() else []
    kinds = [str(step.get("type", "")).rpartition(".")[2] for step in steps]
    if other := next((kind for kind in kinds if kind not in _STEPS), None):
        raise ModelError(
            f"{folder} has a step '{other}', which is no part of its ONNX file. Use sentence-transformers."
        )
    pooling = _read(folder / "1_Pooling" / "config.json")
    ways = {name.removeprefix("pooling_mode_") for name, is_on in pooling.items() if is_on is True and "mode_" in name}
    ways |= {str(pooling["pooling_mode"])} if "pooling_mode" in pooling else set()
    if unknown := ways - {"mean_tokens", "cls_token", "mean", "cls"}:
        raise ModelError(f"{folder} pools its tokens by '{min(unknown)}'. Known are: mean, cls.")
    return bool(ways & {"cls_token", "cls"})


def _prompts(folder: Path) -> Prompts:
    """Those of the model's own files; where they have none, those of the table."""
    told = _read(folder / "config_sentence_transformers.json").get("prompts") or {}
    own = Prompts(str(told.get("query") or ""), str(told.get("document") or told.get("passage") or ""))
    return own if any(own) else prompts_for(folder.name)
