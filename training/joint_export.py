"""Makes an ONNX file of a checkpoint of training/joint.py: python -m training.joint_export CHECKPOINT --out FOLDER.

With `--before CHECKPOINT --share .6` the weights are .6 of the first and .4 of the second, from which it went on: the
mean of two keeps most of what each does better (WiSE-FT, Wortsman et al. 2022). One byte a weight (dynamic
quantisation). Needs torch and onnx, which the program itself does not.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

from training.joint import Joint
from training.reader_export import write_onnx


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
    """Writes the network as the ONNX file `out`."""
    example = {name: torch.ones(2, 16, dtype=torch.int64) for name in ("ids", "parts", "mask")}
    names = {0: "batch", 1: "tokens"}
    axes = {
        **dict.fromkeys([*example, "starts", "ends"], names),
        **dict.fromkeys(("answers", "supported"), {0: "batch"}),
        **dict.fromkeys(("sentences", "told"), {0: "sentences"}),
    }
    example["sentences"] = torch.tensor([[0, 2, 5], [1, 3, 6], [1, 6, 9]])
    write_onnx(Whole(model), example, ["answers", "starts", "ends", "supported", "told"], axes, out)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--before", type=Path, help="the checkpoint that this one went on from")
    parser.add_argument("--share", type=float, default=1.0, help="of the weights that is this one's, 0 to 1")
    options = parser.parse_args()
    model = Joint()
    saved = torch.load(options.checkpoint, weights_only=True)
    weights = saved["model"]
    if options.before:
        before = torch.load(options.before, weights_only=True)["model"]
        weights = {name: torch.lerp(before[name], weights[name], options.share) for name in weights}
    model.load_state_dict(weights)
    options.out.mkdir(parents=True, exist_ok=True)
    export(model.eval(), options.out / "model.onnx")
    print(saved["step"], f"{(options.out / 'model.onnx').stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
