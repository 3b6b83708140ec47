"""Makes an ONNX file of a checkpoint of training/joint.py: python -m training.joint_export CHECKPOINT --out FOLDER.

One byte a weight (dynamic quantisation). Needs torch and onnx, which the program itself does not.
"""

from __future__ import annotations

import argparse
import tempfile
import warnings
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from training.joint import Joint


class Whole(nn.Module):
    """The network as it is run, one pair at a time."""

    def __init__(self, model: Joint) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, parts: Tensor, mask: Tensor, sentences: Tensor) -> tuple[Tensor, ...]:
        """Answers (batch,), starts and ends (batch, tokens), supported (batch,), told (sentences,)."""
        x = self.model.encode(ids, parts, mask)
        answers, supported, told = self.model.heads(x, sentences)
        spans = self.model.spans(x)
        return answers, spans[..., 0], spans[..., 1], supported, told


def export(model: Joint, out: Path) -> None:
    """Writes the ONNX file `out`."""
    example = (
        *(torch.ones(2, 16, dtype=torch.int64) for _ in range(3)),
        torch.tensor([[0, 2, 5], [1, 3, 6], [1, 6, 9]]),
    )
    names = {0: "batch", 1: "tokens"}
    axes = {n: names for n in ("ids", "parts", "mask", "starts", "ends")}
    axes |= {
        "answers": {0: "batch"},
        "supported": {0: "batch"},
        "sentences": {0: "sentences"},
        "told": {0: "sentences"},
    }
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                Whole(model),
                example,
                str(plain),
                dynamo=False,
                opset_version=17,
                input_names=["ids", "parts", "mask", "sentences"],
                output_names=["answers", "starts", "ends", "supported", "told"],
                dynamic_axes=axes,
            )
        quantize_dynamic(plain, out, weight_type=QuantType.QInt8, per_channel=True, reduce_range=False)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    model = Joint()
    saved = torch.load(options.checkpoint, weights_only=True)
    model.load_state_dict(saved["model"])
    options.out.mkdir(parents=True, exist_ok=True)
    export(model.eval(), options.out / "model.onnx")
    print(saved["step"], f"{(options.out / 'model.onnx').stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
