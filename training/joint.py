"""Trains one network to read (question, passage) and (sentence, evidence): python -m training.joint FOLDER [--hours 2].

FOLDER has pairs.npz of training/joint_data.py. Checkpoints go there every few minutes, and the same command goes on
from the last one. Where there is none it starts from the bundled reader, its eight-bit weights multiplied out. A reader
of one task gets two more heads: how likely the evidence bears the sentence out, and for each sentence of a passage how
likely it answers. `--measure` prints the tables of what is held out. Needs torch, and `onnx` for the start.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

import qa.models
from training.joint_data import CLAIM, QUESTION
from training.reader import CLS, SEED, SEP, WIDTH, Reader, auc

TOKENS_A_BATCH = 4_000
RATE = 6e-5
WARM_STEPS = 200
SAVE_SECONDS = 300
LAYERS = 6
_ALL = ("small_models", "searches", "conversations", "reading/", "claims/")
_SOME = {"articles/": 0.6, "newsqa_half": 0.5, "squad": 0.4, "falsified/": 0.4, "elsewhere": 0.3, "renamed": 0.3}
_SOME |= {"": 0.15}
SHARES = dict.fromkeys(_ALL, 1.0) | _SOME
"""By the beginning of a group's name, the share of its pairs to train on; the first that fits counts."""


class Rounded(nn.Linear):
    """A product that is learned as it will be run: one byte for each number that goes in and seven bits for a weight.

    Of the rounding the gradient knows nothing (straight-through, Bengio et al. 2013). The ranges are those of
    onnxruntime's dynamic quantisation: of a pair for what goes in, of a column for the weights.
    """

    def forward(self, x: Tensor) -> Tensor:
        """The product; rounded in training alone, since the ONNX file does so itself."""
        if not self.training:
            return super().forward(x)
        with torch.no_grad():
            dims = tuple(range(1, x.dim()))
            low, high = x.amin(dims, keepdim=True).clamp(max=0), x.amax(dims, keepdim=True).clamp(min=0)
            step = ((high - low) / 255).clamp(min=1e-8)
            x_off = (x / step).round_().mul_(step).sub_(x)
            scale = self.weight.abs().amax(1, keepdim=True).clamp(min=1e-8) / 64
            w_off = (self.weight / scale).round_().mul_(scale).sub_(self.weight)
        return F.linear(x + x_off, self.weight + w_off, self.bias)


class Joint(Reader):
    """The reader with a head for claims and one for the sentences of a passage."""

    def __init__(self) -> None:
        super().__init__(LAYERS)
        for layer in self.layers:
            for name in ("qkv", "out", "up", "down"):
                plain = getattr(layer, name)
                setattr(layer, name, Rounded(plain.in_features, plain.out_features))
        self.claim_pool = nn.Linear(WIDTH, WIDTH)
        self.supported = nn.Linear(WIDTH, 1)
        self.sentence = nn.Sequential(nn.Linear(2 * WIDTH, 128), nn.GELU(), nn.Linear(128, 1))

    def encode(self, ids: Tensor, parts: Tensor, mask: Tensor) -> Tensor:
        """The last layer, shape (batch, tokens, WIDTH)."""
        at = torch.arange(ids.shape[1], device=ids.device)
        x = F.dropout(self.norm(self.words(ids) + self.places(at)[None] + self.parts(parts)), self.drop, self.training)
        seen = mask[:, None, None, :].bool()
        for layer in self.layers:
            x = layer(x, seen, self.drop)
        return x

    def heads(self, x: Tensor, sentences: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Log-odds that the passage answers, that the evidence supports, and that each sentence answers.

        `sentences` has a row (number in the batch, first token, token after the last) for each sentence.
        """
        first = x[:, 0]
        answers = self.answers(torch.tanh(self.pool(first))).squeeze(-1)
        supported = self.supported(torch.tanh(self.claim_pool(first))).squeeze(-1)
        sums = F.pad(x.float().cumsum(1), (0, 0, 1, 0))
        row, begin, end = sentences.unbind(1)
        means = (sums[row, end] - sums[row, begin]) / (end - begin)[:, None].clamp(min=1)
        told = self.sentence(torch.cat([means.to(x.dtype), first[row]], 1)).squeeze(-1)
        return answers, supported, told


def load_reader(model: Joint, path: Path) -> None:
    """Copies the weights of the ONNX file at `path` into the model, each eight-bit number times its scale."""
    import onnx
    from onnx import numpy_helper

    found = {one.name: numpy_helper.to_array(one) for one in onnx.load(str(path)).graph.initializer}

    def weight(name: str) -> NDArray[np.float32]:
        scale, zero = found[f"{name}_scale"], found[f"{name}_zero_point"]
        values: NDArray[np.float32] = (found[f"{name}_quantized"].astype(np.float32) - zero) * scale
        return values

    state = model.state_dict()
    for name in state:
        if name in ("words.weight", "places.weight", "parts.weight"):
            state[name] = torch.from_numpy(weight(f"model.{name}"))
        elif f"model.{name}" in found:
            state[name] = torch.from_numpy(found[f"model.{name}"].copy())
        elif f"model.{name}_quantized" in found:
            state[name] = torch.from_numpy(weight(f"model.{name}").T.copy())
    products = [name.removesuffix("_quantized") for name in found if name.startswith("onnx::") and "_quantized" in name]
    targets = [f"layers.{n}.{part}.weight" for n in range(LAYERS) for part in ("qkv", "out", "up", "down")]
    for name, product in zip([*targets, "spans.weight"], products, strict=True):
        state[name] = torch.from_numpy(weight(product).T.copy())
    model.load_state_dict(state)
    if not any(name.startswith("model.claim_pool.weight") for name in found):
        with torch.no_grad():  # what tells an answer from none is a fair start for what tells support from none
            model.claim_pool.load_state_dict(model.pool.state_dict())


class Pairs:
    """The packed pairs, made into batches."""

    def __init__(self, path: Path) -> None:
        data = np.load(path)
        self.tokens, self.starts, self.bounds = data["tokens"], data["starts"], data["bounds"].astype(np.int64)
        self.sentences, self.sentence_starts = data["sentences"].astype(np.int64), data["sentence_starts"]
        self.task, self.label, self.weight = data["task"], data["label"], data["weight"]
        self.held, self.group, self.groups = data["held"], data["group"], data["groups"]
        self.answers, self.answer_starts = data["answers"].astype(np.int64), data["answer_starts"]
        self.is_marked, self.twin = data["is_marked"], data["twin"]
        self.lengths = np.diff(self.starts) + 3

    def drawn(self) -> NDArray[np.int64]:
        """Numbers of the pairs to train on: of each group the share that SHARES gives."""
        names = [str(name) for name in self.groups]
        shares = np.array([next(share for start, share in SHARES.items() if name.startswith(start)) for name in names])
        chance = np.random.default_rng(SEED).random(len(self.group))
        return np.flatnonzero(~self.held & (chance < shares[self.group]))

    def batches(self, chosen: NDArray[np.int64], chance: np.random.Generator) -> list[NDArray[np.int64]]:
        """Numbers of pairs in batches of like length, twins side by side, in random order."""
        length = self.lengths[chosen] + chance.normal(0, 10, len(chosen))
        twin = np.where(self.twin[chosen] > 0, self.twin[chosen], 1_000_000 + np.arange(len(chosen)))
        _, group = np.unique(twin, return_inverse=True)
        longest = np.zeros(group.max() + 1)
        np.maximum.at(longest, group, length)
        order = chosen[np.lexsort((group, longest[group]))]
        batches, begun = [], 0
        while begun < len(order):
            size = max(1, TOKENS_A_BATCH // int(self.lengths[order[min(begun + 8, len(order) - 1)]]))
            batches.append(order[begun : begun + size])
            begun += size
        chance.shuffle(batches)
        return batches

    def tensors(self, numbers: NDArray[np.int64]) -> dict[str, Tensor]:
        """The tensors of a batch."""
        length = -(-int(self.lengths[numbers].max()) // 8) * 8
        ids = np.zeros((len(numbers), length), np.int64)
        parts, mask = np.zeros_like(ids), np.zeros_like(ids)
        inside, begins, ends = (np.zeros(ids.shape, bool) for _ in range(3))
        sentences, told = [], []
        for row, number in enumerate(numbers):
            tokens, bound = self.tokens[self.starts[number] : self.starts[number + 1]], self.bounds[number]
            whole = np.concatenate([[CLS], tokens[:bound], [SEP], tokens[bound:], [SEP]])
            ids[row, : len(whole)], mask[row, : len(whole)], parts[row, bound + 2 : len(whole)] = whole, 1, 1
            inside[row, bound + 2 : len(whole) - 1] = inside[row, 0] = True
            marked = self.answers[self.answer_starts[number] : self.answer_starts[number + 1]]
            for begin, end in marked:
                begins[row, bound + 2 + begin] = ends[row, bound + 2 + end] = True
            if not len(marked):
                begins[row, 0] = ends[row, 0] = True
            for begin, end, tenths in self.sentences[self.sentence_starts[number] : self.sentence_starts[number + 1]]:
                sentences.append((row, bound + 2 + begin, bound + 2 + end))
                told.append(tenths / 10)
        return {
            "ids": torch.from_numpy(ids),
            "parts": torch.from_numpy(parts),
            "mask": torch.from_numpy(mask),
            "sentences": torch.tensor(sentences or [(0, 0, 0)], dtype=torch.int64),
            "told": torch.tensor(told or [0.0]),
            "has_sentences": torch.tensor(float(bool(sentences))),
            "twin": torch.from_numpy(self.twin[numbers].astype(np.int64)),
            "task": torch.from_numpy(self.task[numbers].astype(np.int64)),
            "label": torch.from_numpy(self.label[numbers]),
            "weight": torch.from_numpy(self.weight[numbers]),
            "inside": torch.from_numpy(inside),
            "begins": torch.from_numpy(begins),
            "ends": torch.from_numpy(ends),
            # Where the answer is cut off, nobody knows which of what is left is right.
            "is_marked": torch.from_numpy(
                self.is_marked[numbers] & ((self.label[numbers] < 0.5) | (np.diff(self.answer_starts)[numbers] > 0))
            ),
        }


def loss_of(outputs: tuple[Tensor, Tensor, Tensor], batch: dict[str, Tensor]) -> Tensor:
    """Cross-entropy of each pair's own head, and half that of the sentences."""
    answers, supported, told = (output.float() for output in outputs)
    logits = torch.where(batch["task"] == CLAIM, supported, answers)
    pairs = F.binary_cross_entropy_with_logits(logits, batch["label"], reduction="none")
    whole = (pairs * batch["weight"]).sum() / batch["weight"].sum()
    sentences = F.binary_cross_entropy_with_logits(told, batch["told"], pos_weight=torch.tensor(2.0))
    return whole + 1.5 * sentences * batch["has_sentences"] + loss_of_twins(supported, batch)


def loss_of_twins(supported: Tensor, batch: dict[str, Tensor]) -> Tensor:
    """How little the true one of two sentences that differ in little is put above the false one."""
    twin, label = batch["twin"], batch["label"]
    same = (twin[:, None] == twin[None]) & (twin[:, None] > 0) & (label[:, None] > 0.5) & (label[None] < 0.5)
    if not same.any():
        return supported.sum() * 0
    return F.softplus(supported[None] - supported[:, None])[same].mean()


def loss_of_spans(spans: Tensor, batch: dict[str, Tensor]) -> Tensor:
    """Where short answers begin and end, any of several right ones counting; the first token where there is none."""
    rows = batch["is_marked"]
    logs = spans[rows].float().masked_fill(~batch["inside"][rows][..., None], -1e4).log_softmax(1)
    told = [
        -logs[..., k].masked_fill(~batch[name][rows], -1e4).logsumexp(1) for k, name in enumerate(("begins", "ends"))
    ]
    return 0.5 * (told[0] + told[1]).mean()


# --- training --------------------------------------------------------------------------------------------------------


def passes(pairs: Pairs, step: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """(step, batch) from `step` on, pass after pass; each pass has a seed of its own, so that it can be resumed."""
    train = pairs.drawn()
    number, at = 0, 0
    while True:
        for batch in pairs.batches(train, np.random.default_rng(SEED + number)):
            if at >= step:
                yield at, batch
            at += 1
        number += 1


def train(model: Joint, pairs: Pairs, folder: Path, *, hours: float, steps: int) -> None:
    """Fits the model until `steps` are done or the time is up. The rate falls to nothing at `steps`, in any sitting."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    checkpoint, begun = folder / "checkpoint.pt", 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        if "optimiser" in saved:
            optimiser.load_state_dict(saved["optimiser"])
        begun = int(saved["step"])
    model.train()
    torch.manual_seed(SEED + begun)
    clock = last = time.time()
    losses: list[float] = []
    for step, numbers in passes(pairs, begun):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min((step + 1) / WARM_STEPS, max(0.0, 1 - step / steps))
        batch = pairs.tensors(numbers)
        with torch.autocast("cpu", torch.bfloat16):
            x = model.encode(batch["ids"], batch["parts"], batch["mask"])
            outputs, spans = model.heads(x, batch["sentences"]), model.spans(x)
        loss = loss_of(outputs, batch)
        if batch["is_marked"].any():
            loss = loss + 0.3 * loss_of_spans(spans, batch)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        losses.append(float(loss.detach()))
        if step % 25 == 0:
            print(f"{step}/{steps} loss {np.mean(losses[-50:]):.3f} {time.time() - clock:.0f} s", flush=True)
        is_over = step + 1 >= steps or time.time() - clock > hours * 3600
        if is_over or time.time() - last > SAVE_SECONDS:
            state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step + 1}
            torch.save(state, folder / "checkpoint.part")
            (folder / "checkpoint.part").replace(checkpoint)
            last = time.time()
        if is_over:
            return


# --- measuring -------------------------------------------------------------------------------------------------------


@torch.inference_mode()
def measure(model: Joint, pairs: Pairs, most: int = 400) -> None:
    """Prints what the held-out pairs say, group by group: area under the curve, and the best sentence right."""
    model.eval()
    chance = np.random.default_rng(SEED)
    for task, head in ((CLAIM, 1), (QUESTION, 0)):
        names = np.array([str(name).split("/")[0] if task else str(name) for name in pairs.groups])
        names = np.array([name.removeprefix("claims/").split("_")[0] for name in names])
        for name in sorted(set(names[pairs.group[pairs.held & (pairs.task == task)]])):
            mine = np.flatnonzero(pairs.held & (pairs.task == task) & (names[pairs.group] == name))
            mine = chance.permutation(mine)[:most]
            scores, hits = np.zeros(len(mine)), []
            for begin in range(0, len(mine), 16):
                numbers = mine[begin : begin + 16]
                batch = pairs.tensors(numbers)
                outputs = model.heads(model.encode(batch["ids"], batch["parts"], batch["mask"]), batch["sentences"])
                scores[begin : begin + len(numbers)] = outputs[head].float().numpy()
                for row in range(len(numbers)):
                    inside = batch["sentences"][:, 0] == row
                    right = batch["told"][inside] >= 0.6
                    if batch["has_sentences"] and right.any():
                        hits.append(bool(right[outputs[2][inside].argmax()]))
            label = pairs.label[mine]
            sure = label != 0.5
            right = label[sure] > 0.5
            area = auc(scores[sure], right) if right.any() and not right.all() else math.nan
            best = f", best sentence right {np.mean(hits):.3f} of {len(hits)}" if hits else ""
            print(
                f"{'claim' if task == CLAIM else 'question'} {name:24} AUC {area:.3f} of {int(sure.sum())}{best}",
                flush=True,
            )


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--steps", type=int, help="batches in all sittings together; one pass unless told")
    parser.add_argument("--measure", action="store_true")
    options = parser.parse_args()
    pairs = Pairs(options.folder / "pairs.npz")
    torch.manual_seed(SEED)
    model = Joint()
    load_reader(model, Path(qa.models.__file__).parent / "bundled/reader/model.onnx")
    if options.measure:
        if (options.folder / "checkpoint.pt").exists():
            print("the checkpoint's step:", torch.load(options.folder / "checkpoint.pt", weights_only=True)["step"])
            model.load_state_dict(torch.load(options.folder / "checkpoint.pt", weights_only=True)["model"])
        measure(model, pairs)
    else:
        steps = options.steps or len(pairs.batches(pairs.drawn(), np.random.default_rng(SEED)))
        train(model, pairs, options.folder, hours=options.hours, steps=steps)


if __name__ == "__main__":
    main()
