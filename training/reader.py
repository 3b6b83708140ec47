"""Trains the reader that ships on a GPU: python reader.py FOLDER --out FOLDER [--tiny].

FOLDER has pairs.npz of training/reader_data.py and start.npz, the weights it starts from (training/reader_export.py
writes and reads these files). Stages: questions made by rule, then those that people asked. Two models that have each
not seen one fold say what the reader is worth (predictions.npz); a third that has seen all of it ships. Needs torch
alone, of the packages that are not the program's.
"""

from __future__ import annotations

import argparse
import io
import json
import lzma
import math
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

WIDTH, HEADS, HIDDEN, VOCABULARY, PLACES = 384, 12, 1536, 30522, 512
CLS, SEP = 101, 102
SEED = 7
TOP = 4


class Layer(nn.Module):
    """One layer of BERT, named as its weights are."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up = nn.Linear(WIDTH, HIDDEN)
        self.down = nn.Linear(HIDDEN, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x: Tensor, mask: Tensor, drop: float) -> Tensor:
        """The tokens after this layer, shape (batch, tokens, WIDTH)."""
        batch, length, _ = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
        # No dropout in here: with it a processor computes the whole square of each head, at twice the time of a step.
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        seen = self.out(seen.transpose(1, 2).reshape(batch, length, WIDTH))
        x = self.norm1(x + F.dropout(seen, drop, self.training))
        inner = self.down(F.gelu(self.up(x)))
        return self.norm2(x + F.dropout(inner, drop, self.training))


class Reader(nn.Module):
    """A small BERT with three heads: whether the passage answers, and where the answer begins and ends."""

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.places = nn.Embedding(PLACES, WIDTH)
        self.parts = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.pool = nn.Linear(WIDTH, WIDTH)
        self.answers = nn.Linear(WIDTH, 1)
        self.spans = nn.Linear(WIDTH, 2)
        self.drop = 0.1

    def forward(self, ids: Tensor, parts: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Log-odds that it answers, shape (batch,), and of each token to begin and end it, (batch, tokens, 2)."""
        at = torch.arange(ids.shape[1], device=ids.device)
        x = self.norm(self.words(ids) + self.places(at)[None] + self.parts(parts))
        x = F.dropout(x, self.drop, self.training)
        seen = mask[:, None, None, :].bool()
        for layer in self.layers:
            x = layer(x, seen, self.drop)
        pooled = torch.tanh(self.pool(x[:, 0]))
        return self.answers(F.dropout(pooled, self.drop, self.training)).squeeze(-1), self.spans(x)


# --- data ------------------------------------------------------------------------------------------------------------


class Pairs:
    """Pairs of one stage, made into batches of tokens."""

    def __init__(self, data: dict[str, np.ndarray], stage: str, seed: int = SEED) -> None:
        self.tokens, self.starts = data["tokens"].astype(np.int32), data["starts"]
        self.pairs, self.weights = data[f"{stage}_pairs"], data[f"{stage}_weights"].astype(np.float32)
        targets = data[f"{stage}_targets"]
        self.first = np.searchsorted(targets[:, 0], np.arange(len(self.pairs) + 1))
        self.targets = targets[:, 1:]
        self.random = random.Random(seed)

    def row(self, number: int) -> tuple[np.ndarray, int, int]:
        """Tokens, where the second part begins, and where the passage does."""
        question, title, passage = self.pairs[number, :3]
        q = self.text(question)[:40]
        t = self.text(title)[:24] if title >= 0 else q[:0]
        p = self.text(passage)[:300]
        return np.concatenate([[CLS], q, [SEP], t, p, [SEP]]), len(q) + 2, len(q) + 2 + len(t)

    def text(self, number: int) -> np.ndarray:
        """The tokens of a text."""
        return self.tokens[self.starts[number] : self.starts[number + 1]]

    def lengths(self) -> np.ndarray:
        """Tokens of each pair."""
        sizes = np.diff(self.starts)
        q, t, p = (self.pairs[:, i] for i in range(3))
        return np.minimum(sizes[q], 40) + np.where(t >= 0, np.minimum(sizes[t], 24), 0) + np.minimum(sizes[p], 300) + 3

    def batches(self, chosen: np.ndarray, budget: int, *, shuffle: bool) -> list[np.ndarray]:
        """Numbers of pairs in batches of about `budget` tokens, each of pairs of like length."""
        lengths = self.lengths()
        if shuffle:
            noise = np.random.default_rng(self.random.randrange(2**31)).normal(0, 12, len(chosen))
            order = chosen[np.argsort(lengths[chosen] + noise, kind="stable")]
        else:
            order = chosen[np.argsort(lengths[chosen], kind="stable")]
        batches, begun = [], 0
        while begun < len(order):
            end = begun + max(1, budget // int(lengths[order[begun]]))
            longest = int(lengths[order[begun:end]].max())
            end = begun + max(1, budget // longest)
            batches.append(order[begun:end])
            begun = end
        if shuffle:
            self.random.shuffle(batches)
        return batches

    def batch(self, numbers: np.ndarray) -> tuple[Tensor, ...]:
        """The tensors of a batch."""
        rows = [self.row(int(n)) for n in numbers]
        length = -(-max(len(r[0]) for r in rows) // 8) * 8
        ids = np.zeros((len(rows), length), np.int64)
        parts, mask = np.zeros_like(ids), np.zeros_like(ids)
        inside = np.zeros((len(rows), length), bool)
        begins = np.zeros((len(rows), length), bool)
        ends = np.zeros_like(begins)
        for i, (number, (tokens, second, passage)) in enumerate(zip(numbers, rows, strict=True)):
            ids[i, : len(tokens)], mask[i, : len(tokens)] = tokens, 1
            parts[i, second : len(tokens)] = 1
            inside[i, passage : len(tokens) - 1] = True
            told = self.targets[self.first[number] : self.first[number + 1]]
            for a, b in told:
                begins[i, passage + a], ends[i, passage + b] = True, True
            if not len(told):
                begins[i, 0] = ends[i, 0] = True
        inside[:, 0] = True
        answered = self.pairs[numbers, 3].astype(np.float32)
        arrays = (ids, parts, mask, inside, begins, ends, answered, self.weights[numbers])
        return tuple(torch.from_numpy(np.ascontiguousarray(a)) for a in arrays)


def ahead(pairs: Pairs, batches: list[np.ndarray], device: torch.device) -> Iterator[tuple[Tensor, ...]]:
    """The batches, made by threads while the device computes."""
    with ThreadPoolExecutor(6) as pool:
        waiting = [pool.submit(pairs.batch, b) for b in batches[:12]]
        for number in range(len(batches)):
            made = waiting.pop(0).result()
            if number + 12 < len(batches):
                waiting.append(pool.submit(pairs.batch, batches[number + 12]))
            yield tuple(a.to(device, non_blocking=True) for a in made)


# --- training --------------------------------------------------------------------------------------------------------


def loss_of(answers: Tensor, spans: Tensor, batch: tuple[Tensor, ...]) -> Tensor:
    """That of the verdict and that of the places, any of several right ones counting."""
    _, _, _, inside, begins, ends, answered, weights = batch
    verdict = F.binary_cross_entropy_with_logits(answers.float(), answered, reduction="none")
    logs = spans.float().masked_fill(~inside[..., None], -1e4).log_softmax(1)
    told = [-logs[..., k].masked_fill(~right, -1e4).logsumexp(1) for k, right in enumerate((begins, ends))]
    return ((verdict + 0.5 * (told[0] + told[1])) * weights).sum() / weights.sum()


def train(
    model: Reader,
    pairs: Pairs,
    chosen: np.ndarray,
    *,
    epochs: int,
    rate: float,
    budget: int,
    device: torch.device,
    name: str,
    most: int | None = None,
    until: float = math.inf,
) -> None:
    """Fits the model in place; stops at the time `until`, its rate falling to nothing all the same."""
    model.train()
    batches = [b for _ in range(epochs) for b in pairs.batches(chosen, budget, shuffle=True)][:most]
    plain = [p for n, p in model.named_parameters() if p.ndim < 2]
    wide = [p for n, p in model.named_parameters() if p.ndim >= 2]
    groups = [{"params": wide, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), fused=device.type == "cuda")
    began, warm, shown = time.time(), max(1, int(0.06 * len(batches))), 0.0
    for step, batch in enumerate(ahead(pairs, batches, device)):
        part = step / len(batches)
        for group in optimiser.param_groups:
            group["lr"] = rate * min((step + 1) / warm, (1 - part) / 0.94)
        with torch.autocast(device.type, torch.bfloat16):
            answers, spans = model(*batch[:3])
        loss = loss_of(answers, spans, batch)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        if step % 50 == 0 or step == len(batches) - 1:
            shown = float(loss.detach())
            print(f"{name} {step}/{len(batches)} loss {shown:.3f} {time.time() - began:.0f} s", flush=True)
            if not math.isfinite(shown):
                raise RuntimeError(f"{name}: the loss is {shown}")
            if time.time() > until:
                print(f"{name}: out of time at step {step}")
                return


@torch.inference_mode()
def predict(
    model: Reader, pairs: Pairs, chosen: np.ndarray, device: torch.device, budget: int
) -> dict[str, np.ndarray]:
    """Verdict, score of no answer and the best spans (in tokens of the passage) of each pair."""
    model.eval()
    verdict = np.zeros(len(chosen), np.float16)
    null = np.zeros(len(chosen), np.float16)
    spans = np.zeros((len(chosen), TOP, 2), np.uint16)
    scores = np.full((len(chosen), TOP), -100, np.float16)
    place = {int(n): i for i, n in enumerate(chosen)}
    batches = pairs.batches(chosen, budget, shuffle=False)
    for numbers, batch in zip(batches, ahead(pairs, batches, device), strict=True):
        with torch.autocast(device.type, torch.bfloat16):
            answers, logits = model(*batch[:3])
        inside = batch[3].clone()
        inside[:, 0] = False
        at = torch.tensor([place[int(n)] for n in numbers])
        verdict[at] = answers.float().cpu().numpy()
        null[at] = (logits[:, 0, 0] + logits[:, 0, 1]).float().cpu().numpy()
        start = logits[..., 0].float().masked_fill(~inside, -1e4)
        end = logits[..., 1].float().masked_fill(~inside, -1e4)
        length = start.shape[1]
        both = start[:, :, None] + end[:, None, :]
        band = torch.ones(length, length, dtype=torch.bool, device=device).triu().tril(24)
        best, where = both.masked_fill(~band, -1e4).flatten(1).topk(TOP)
        first = torch.tensor([pairs.row(int(n))[2] for n in numbers], device=device)[:, None]
        found = torch.stack([where // length - first, where % length - first], -1).clamp(min=0)
        spans[at], scores[at] = found.cpu().numpy().astype(np.uint16), best.cpu().numpy()
    return {"verdict": verdict, "null": null, "spans": spans, "scores": scores}


def auc(scores: np.ndarray, right: np.ndarray) -> float:
    """Area under the curve."""
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    wins = ranks[right].sum() - right.sum() * (right.sum() + 1) / 2
    return float(wins / max(right.sum() * (~right).sum(), 1))


# --- weights ---------------------------------------------------------------------------------------------------------


def load_start(path: Path, layers: int) -> Reader:
    """The reader before it has learned anything but its language; of six layers, those that are kept."""
    torch.manual_seed(SEED)
    model = Reader(layers)
    data = dict(np.load(path))
    kept = [0, 1, 2, 3, 4, 5] if layers == 6 else [0, 1, 3, 5]
    state = model.state_dict()
    for name in state:
        source = name
        if name.startswith("layers."):
            _, number, rest = name.split(".", 2)
            source = f"layers.{kept[int(number)]}.{rest}"
        if f"{source}#q" in data:  # one byte a number and a scale a row
            values = data[f"{source}#q"].astype(np.float32) * data[f"{source}#s"][:, None]
        elif source in data:
            values = data[source].astype(np.float32)
        else:
            continue  # a head that is to be learned
        state[name] = torch.from_numpy(values)
    model.load_state_dict(state)
    return model


def saved(model: Reader, out: Path, name: str, parts: int) -> None:
    """Writes the weights in `parts` files: words in one byte each with a scale a row, all others in two."""
    arrays: dict[str, np.ndarray] = {}
    for key, tensor in model.state_dict().items():
        values = tensor.float().cpu().numpy()
        if key == "words.weight":
            scale = np.abs(values).max(1) / 127
            arrays["words_q"] = np.round(values / np.maximum(scale, 1e-9)[:, None]).astype(np.int8)
            arrays["words_scale"] = scale.astype(np.float32)
        else:
            arrays[key] = values.astype(np.float16)
    flat = b"".join(a.tobytes() for a in arrays.values())
    told = [(k, str(a.dtype), list(a.shape)) for k, a in arrays.items()]
    size = -(-len(flat) // parts)
    for part in range(parts):
        (out / f"{name}.{part}").write_bytes(flat[part * size : (part + 1) * size])
    METRICS[f"shapes {name}"] = told


METRICS: dict[str, object] = {}
VARIANTS = (("rate 2e-4", 2e-4, 3, 1.0), ("SQuAD weighs 3", 1e-4, 3, 3.0), ("six rounds", 1e-4, 6, 1.0))
"""Rate, rounds and weight of the questions on Wikipedia: tried after what ships, as far as the time goes."""


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tiny", action="store_true", help="two steps of each stage")
    parser.add_argument("--seconds", type=float, default=480, help="when to begin nothing more")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--heavy", type=float, default=1.0, help="weight of questions on Wikipedia")
    options = parser.parse_args()
    began = time.time()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cuda.matmul.allow_tf32 = True
    packed = options.data / "pairs.npz.xz"
    data = dict(np.load(io.BytesIO(lzma.decompress(packed.read_bytes()))))
    most = 2 if options.tiny else None
    budget = 2_000 if options.tiny else 16_000
    cloze, learn, asked = (Pairs(data, stage) for stage in ("cloze", "learn", "predict"))
    truth = np.load(options.data / "truth.npy")  # of each predicted pair: 1, 0, or -1 where it is not known
    every = np.arange(len(learn.pairs))
    fold = learn.pairs[:, 4]
    plain_weights = learn.weights
    wiki = np.isin(learn.pairs[:, 2], asked.pairs[truth >= 0][:, 2])
    predictions: dict[str, np.ndarray] = {}
    print(
        f"{device}, {len(cloze.pairs)} made, {len(learn.pairs)} asked, read in {time.time() - began:.0f} s", flush=True
    )

    def left() -> float:
        return options.seconds - (time.time() - began)

    def note(name: str, value: object) -> None:
        METRICS[name] = value
        print(f"== {name}: {value} ({time.time() - began:.0f} s)", flush=True)
        (options.out / "metrics.json").write_text(json.dumps(METRICS))

    def first_stage(layers: int, seconds: float) -> Reader:
        model = load_start(options.data / "start.npz", layers).to(device)
        chosen = np.arange(len(cloze.pairs))
        train(model, cloze, chosen, epochs=1, rate=2e-4, budget=3 * budget, device=device, name=f"cloze{layers}",
              most=most, until=time.time() + seconds)  # fmt: skip
        return model

    def second_stage(
        start: Reader,
        chosen: np.ndarray,
        name: str,
        rate: float = options.rate,
        epochs: int = options.epochs,
        heavy: float = options.heavy,
    ) -> Reader:
        model = Reader(len(start.layers)).to(device)
        model.load_state_dict(start.state_dict())
        learn.weights = np.where(wiki, heavy, 1.0).astype(np.float32) * plain_weights
        train(model, learn, chosen, epochs=epochs, rate=rate, budget=budget, device=device, name=name, most=most)
        return model

    def measure(model: Reader, held: int, name: str, *, keep: bool) -> None:
        mine = np.flatnonzero(asked.pairs[:, 4] == held)
        if not keep:
            mine = mine[truth[mine] >= 0]
        if options.tiny:
            mine = mine[:40]
        told = predict(model, asked, mine, device, 8 * budget)
        known = truth[mine] >= 0
        right = truth[mine][known] == 1
        verdict = told["verdict"][known].astype(float)
        margin = (told["scores"][:, 0].astype(float) - told["null"].astype(float))[known]
        note(
            name,
            {"verdict": auc(verdict, right), "margin": auc(margin, right), "sum": auc(verdict + margin / 2, right)},
        )
        if keep:
            predictions[f"at{held}"] = mine.astype(np.int32)
            predictions.update({f"{key}{held}": value for key, value in told.items()})
            np.savez_compressed(options.out / "predictions.npz", **predictions)

    start = first_stage(6, 120)
    note("cloze", "done")
    for held in (0, 1):
        model = second_stage(start, every[fold != held], f"without{held}")
        measure(model, held, f"without fold {held}", keep=True)
    del model
    ship = second_stage(start, every, "ship")
    saved(ship, options.out, "ship", 3)
    note("ship", "saved")
    each = (time.time() - began) / 3.5
    for name, rate, epochs, heavy in VARIANTS:
        if left() > each * epochs / 3:
            model = second_stage(start, every[fold != 0], name, rate, epochs, heavy)
            measure(model, 0, f"without fold 0, {name}", keep=False)
    if left() > each:
        plain = load_start(options.data / "start.npz", 6).to(device)
        measure(second_stage(plain, every[fold != 0], "plain"), 0, "without fold 0, no made questions", keep=False)
    if left() > 1.7 * each:
        small = first_stage(4, 60)
        measure(second_stage(small, every[fold != 0], "small"), 0, "without fold 0, 4 layers", keep=False)
    note("all", "done")


if __name__ == "__main__":
    main()
