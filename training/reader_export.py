"""Makes the files that ship of what training/reader.py left: python -m training.reader_export FOLDER [--out FOLDER].

FOLDER has metrics.json and the weights in parts. Writes model.onnx, in one byte a weight (dynamic quantisation), and
tokenizer.json. Needs torch and onnx, which the program itself does not.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from training.reader import Reader

OUT = Path(__file__).parents[1] / "qa" / "models" / "bundled" / "reader"


def load(folder: Path, name: str) -> Reader:
    """The trained reader of that name."""
    shapes = json.loads((folder / "metrics.json").read_text())[f"shapes {name}"]
    parts = sorted(folder.glob(f"{name}.[0-9]"))
    flat = b"".join(part.read_bytes() for part in parts)
    arrays, at = {}, 0
    for key, kind, shape in shapes:
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        arrays[key] = np.frombuffer(flat[at : at + size], kind).reshape(shape).astype(np.float32)
        at += size
    arrays["words.weight"] = arrays.pop("words_q") * arrays.pop("words_scale")[:, None]
    model = Reader(1 + max(int(key.split(".")[1]) for key in arrays if key.startswith("layers.")))
    model.load_state_dict({key: torch.from_numpy(values) for key, values in arrays.items()})
    return model.eval()


class Whole(nn.Module):
    """The reader as it is run: three outputs of shape (batch,), (batch, tokens) and (batch, tokens)."""

    def __init__(self, model: Reader) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, parts: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Verdict, and how likely each token begins and ends the answer."""
        answers, spans = self.model(ids, parts, mask)
        return answers, spans[..., 0], spans[..., 1]


def export(model: Reader, out: Path) -> None:
    """Writes the reader as the ONNX file `out`."""
    names = {0: "batch", 1: "tokens"}
    example = {name: torch.ones(2, 16, dtype=torch.int64) for name in ("ids", "parts", "mask")}
    axes = {**dict.fromkeys([*example, "starts", "ends"], names), "answers": {0: "batch"}}
    write_onnx(Whole(model), example, ["answers", "starts", "ends"], axes, out)


def write_onnx(
    network: nn.Module,
    example: Mapping[str, Tensor],
    outputs: Sequence[str],
    axes: Mapping[str, Mapping[int, str]],
    out: Path,
) -> None:
    """Writes a network as the ONNX file `out`, in one byte a weight.

    `example` has an input of each name, in the order that the network takes them; `axes` names the axes of inputs and
    outputs that may have any length.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                network,
                tuple(example.values()),
                str(plain),
                dynamo=False,
                opset_version=17,
                input_names=list(example),
                output_names=list(outputs),
                dynamic_axes=axes,
            )
        quantize_dynamic(plain, out, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--name", default="ship")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    export(load(options.folder, options.name), options.out / "model.onnx")
    shutil.copy(options.tokenizer, options.out / "tokenizer.json")
    print(f"{(options.out / 'model.onnx').stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
