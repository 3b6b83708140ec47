"""Trains the embedder that ships: `python training/embedder.py DATA_FOLDER --out qa/models/bundled/news`.

A sentence-transformers StaticEmbedding: a text's vector is the mean of its tokens' vectors. Those start from the
singular vectors of a co-occurrence matrix and are then moved by a contrastive loss until questions lie near the
passages that answer them. README.md in this folder tells the recipe; the loop is plain torch, which on a table of
vectors is faster than the sentence-transformers trainer and shorter than its settings.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import scipy.sparse
import torch
from numpy.typing import NDArray
from safetensors.numpy import save as tensor_bytes
from tokenizers import Tokenizer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # qa, where it is not installed

from embedder_data import (
    Corpus,
    Ids,
    Texts,
    question_pairs,
    tokenise,
    tokenise_articles,
    train_tokenizer,
    training_articles,
)
from embedder_report import Encode, report

from qa.models.static import StaticEmbedder

Table = NDArray[np.float32]


@dataclass(frozen=True)
class Recipe:
    """The numbers of the recipe; those given here made the model that ships."""

    words: int = 26_000
    pieces: int = 6_000
    dimension: int = 256
    window: int = 6
    sif: float = 1e-4
    """Weight of a token of probability p at the start: sif / (sif + p)."""
    steps: int = 1_500
    batch: int = 1_024
    rate: float = 0.01
    scale: float = 20.0
    """Cosines are multiplied by it before the softmax."""
    reverse: float = 0.25
    """Weight of finding the question by its passage."""
    passage: int = 180
    """Tokens."""
    keep_word: float = 0.6
    """Share of a sentence's words that its pseudo-question keeps."""
    keep_sentence: float = 0.5
    """How often the passage still holds the sentence it is to be found by."""
    seed: int = 20


# --- the start: word vectors from co-occurrence ----------------------------------------------------------------------


def word_vectors(ids: Ids, size: int, recipe: Recipe) -> Table:
    """A vector for each token: singular vectors of the positive pointwise mutual information, weighted by SIF.

    Levy and Goldberg 2014 with context smoothing .75; Arora et al. 2017 for the weights.
    """
    random = np.random.default_rng(recipe.seed)
    share = np.bincount(ids, minlength=size) / len(ids)
    keep = np.sqrt(recipe.sif / np.maximum(share, 1e-12))
    ids = ids[(random.random(len(ids), np.float32) < keep[ids]) & (ids > 0)]
    counts = scipy.sparse.csr_matrix((size, size), dtype=np.float32)
    for start in range(0, len(ids), 3_000_000):
        part = ids[start : start + 3_000_000]
        left = np.concatenate([part[:-d] for d in range(1, recipe.window + 1)])
        right = np.concatenate([part[d:] for d in range(1, recipe.window + 1)])
        ones = np.ones(len(left), np.float32)
        counts += scipy.sparse.coo_matrix((ones, (left, right)), shape=(size, size)).tocsr()
    counts = counts + counts.T
    counts.data[counts.data < 3] = 0
    counts.eliminate_zeros()
    rows = np.asarray(counts.sum(1)).ravel() + 1
    smooth = rows**0.75
    pairs = counts.tocoo()
    information = np.log(pairs.data * smooth.sum() / (rows[pairs.row] * smooth[pairs.col]))
    positive = scipy.sparse.csr_matrix(
        (np.maximum(information, 0), (pairs.row, pairs.col)), shape=(size, size), dtype=np.float32
    )
    positive.eliminate_zeros()
    matrix = torch.sparse_csr_tensor(
        torch.from_numpy(positive.indptr.astype(np.int64)),
        torch.from_numpy(positive.indices.astype(np.int64)),
        torch.from_numpy(positive.data),
        positive.shape,
    )
    torch.manual_seed(recipe.seed)
    basis = torch.linalg.qr(matrix @ torch.randn(size, recipe.dimension + 32)).Q
    for _ in range(3):
        basis = torch.linalg.qr(matrix @ basis).Q
    small, values, _ = torch.linalg.svd(basis.T @ (matrix @ basis))
    vectors = (basis @ small * values.sqrt())[:, : recipe.dimension].numpy()
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    vectors *= (recipe.sif / (recipe.sif + share))[:, None]
    vectors[0] = 0
    return vectors.astype(np.float32)


# --- the pairs -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Batch:
    """As many questions as passages; question i is answered by passage i."""

    questions: Texts
    passages: Texts


@dataclass(frozen=True)
class Asked:
    """Questions that people asked and passages that answer them, pair by pair."""

    questions: Texts
    passages: Texts
    question_of: NDArray[np.int64]
    """Equal where two pairs share the question."""
    passage_of: NDArray[np.int64]


def asked_pairs(tokenizer: Tokenizer, pairs: list[tuple[str, str]]) -> Asked:
    """The pairs as token ids."""
    questions, passages = zip(*pairs, strict=True)
    same = [np.unique(np.array(texts), return_inverse=True)[1] for texts in (questions, passages)]
    return Asked(tokenise(tokenizer, questions), tokenise(tokenizer, passages), *same)


def gather(texts: Texts, rows: NDArray[np.int64], limit: int) -> Texts:
    """The chosen texts, each cut to its first `limit` tokens."""
    starts = texts.starts[rows]
    return _ranges(texts.ids, starts, np.minimum(texts.starts[rows + 1], starts + limit))


def _ranges(ids: Ids, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Texts:
    lengths = ends - starts
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    return Texts(ids[np.repeat(starts - bounds[:-1], lengths) + np.arange(bounds[-1])], bounds)


def _masked(texts: Texts, keep: NDArray[np.bool_]) -> Texts:
    """The texts without the tokens that are not to be kept."""
    kept = np.concatenate([[0], np.cumsum(keep)])
    return Texts(texts.ids[keep], kept[texts.starts])


class Pairs:
    """Draws batches: sentences and their passages, titles or leads and later passages, questions and answers."""

    def __init__(self, corpus: Corpus, asked: list[Asked], recipe: Recipe) -> None:
        self.corpus, self.asked, self.recipe = corpus, asked, recipe
        self.random = np.random.default_rng(recipe.seed)
        lengths = np.diff(corpus.sentences.starts)
        # A sentence that is to find its passage must say something: six words that are not among the most frequent.
        rare = np.bincount(corpus.sentences.ids)[corpus.sentences.ids] < len(corpus.sentences.ids) / 1_000
        telling = np.diff(np.concatenate([[0], np.cumsum(rare)])[corpus.sentences.starts])
        self.speaking = np.flatnonzero((telling >= 6) & (lengths <= 60))
        self.article_of = np.repeat(np.arange(len(corpus.titles)), np.diff(corpus.articles))

    def sentence_batch(self) -> Batch:
        """Sentences with words left out, and the passages round them, half of which no longer hold the sentence."""
        recipe, sentences = self.recipe, self.corpus.sentences
        # Four from each neighbourhood, mostly one article: their passages are hard negatives of each other.
        first = self.random.choice(len(self.speaking) - 64, recipe.batch // 4, replace=False)
        chosen = self.speaking[
            np.unique(first[:, None] + 16 * np.arange(4) + self.random.integers(0, 12, (len(first), 4)))
        ]
        start, end = sentences.starts[chosen], sentences.starts[chosen + 1]
        article = self.article_of[chosen]
        body_start = sentences.starts[self.corpus.articles[article]]
        body_end = sentences.starts[self.corpus.articles[article + 1]]
        before = self.random.integers(0, recipe.passage - (end - start))
        left = np.maximum(body_start, np.minimum(start - before, body_end - recipe.passage))
        passages = _ranges(sentences.ids, left, np.minimum(body_end, left + recipe.passage))
        lengths = np.diff(passages.starts)
        place = np.arange(len(passages.ids)) - np.repeat(passages.starts[:-1] - left, lengths)
        inside = (place >= np.repeat(start, lengths)) & (place < np.repeat(end, lengths))
        hide = np.repeat(self.random.random(len(chosen)) > recipe.keep_sentence, lengths)
        queries = _ranges(sentences.ids, start, end)
        kept = self.random.random(len(queries.ids)) < recipe.keep_word
        return Batch(_masked(queries, kept), _masked(passages, ~(inside & hide)))

    def title_batch(self) -> Batch:
        """Titles, or first sentences, and a passage of the article's body after the lead."""
        recipe, corpus = self.recipe, self.corpus
        chosen = self.random.choice(len(corpus.titles), recipe.batch, replace=False)
        first, last = corpus.articles[chosen], corpus.articles[chosen + 1]
        lead = np.minimum(first + 2, last - 1)
        body, end = corpus.sentences.starts[lead], corpus.sentences.starts[last]
        left = body + (self.random.random(len(chosen)) * np.maximum(end - body - recipe.passage, 1)).astype(np.int64)
        passages = _ranges(corpus.sentences.ids, left, np.minimum(end, left + recipe.passage))
        if self.random.random() < 0.6:
            return Batch(gather(corpus.titles, chosen, 40), passages)
        return Batch(_ranges(corpus.sentences.ids, corpus.sentences.starts[first], body), passages)

    def question_batch(self, asked: Asked) -> Batch:
        """Questions that people asked, each with a passage; no question and no passage twice."""
        chosen = self.random.permutation(len(asked.questions))
        for group in (asked.question_of, asked.passage_of):
            chosen = chosen[np.sort(np.unique(group[chosen], return_index=True)[1])]
        chosen = chosen[: self.recipe.batch]
        return Batch(gather(asked.questions, chosen, 60), gather(asked.passages, chosen, 256))

    def draw(self) -> Batch:
        """A batch of one kind, so that its negatives are of that kind too."""
        kind = self.random.choice(3, p=[0.65, 0.2, 0.15])
        if kind == 0:
            return self.sentence_batch()
        if kind == 1:
            return self.title_batch()
        sizes = np.array([len(asked.questions) for asked in self.asked], float)
        return self.question_batch(self.asked[self.random.choice(len(sizes), p=sizes / sizes.sum())])


# --- the training ----------------------------------------------------------------------------------------------------


def train(table: Table, pairs: Pairs, recipe: Recipe) -> Table:
    """The table moved by MultipleNegativesRankingLoss under Adam with a falling rate."""
    weights = torch.nn.Parameter(torch.from_numpy(table.copy()))
    adam = torch.optim.Adam([weights], lr=recipe.rate, betas=(0.9, 0.99), fused=True)
    started = time.time()
    for step in range(recipe.steps):
        adam.param_groups[0]["lr"] = recipe.rate * min(1.0, (step + 1) / 50) * (1 - step / recipe.steps)
        batch = pairs.draw()
        # Sparse matrix products in place of an EmbeddingBag, whose backward pass took most of the time.
        means = [mean_matrix(texts, len(table)) for texts in (batch.questions, batch.passages)]
        vectors = [torch.from_numpy(mean @ weights.detach().numpy()).requires_grad_() for mean in means]
        loss = contrast(*vectors, recipe)
        loss.backward()
        gradient = sum(mean.T @ found.grad.numpy() for mean, found in zip(means, vectors, strict=True))
        gradient[0] = 0  # the unknown token says nothing, and keeps saying it
        weights.grad = torch.from_numpy(gradient)
        adam.step()
        if step % 100 == 0 or step + 1 == recipe.steps:
            print(f"step {step:5d}  loss {loss.item():.3f}  {time.time() - started:.0f} s", flush=True)
    return weights.detach().numpy()


def mean_matrix(texts: Texts, size: int) -> scipy.sparse.csr_matrix:
    """The matrix of shape (len(texts), size) that a table is multiplied by to give each text's mean vector."""
    lengths = np.diff(texts.starts)
    shares = np.repeat(1 / np.maximum(lengths, 1), lengths).astype(np.float32)
    matrix = scipy.sparse.csr_matrix((shares, texts.ids, texts.starts), shape=(len(texts), size))
    matrix.sum_duplicates()
    return matrix


def contrast(questions: torch.Tensor, passages: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """The cross-entropy of finding each question's passage among all, and the reverse."""
    left, right = torch.nn.functional.normalize(questions), torch.nn.functional.normalize(passages)
    # A cosine less one is never above zero, so the exponentials need no care.
    near = torch.exp(recipe.scale * (left @ right.T - 1))
    own = recipe.scale * ((left * right).sum(1) - 1)
    return (near.sum(1).log() - own).mean() + recipe.reverse * (near.sum(0).log() - own).mean()


# --- the model on disk -----------------------------------------------------------------------------------------------


def save(tokenizer: Tokenizer, table: Table, folder: Path) -> None:
    """Writes the model as sentence-transformers reads it: rows of one-byte numbers, and a scale for each row."""
    folder.mkdir(parents=True, exist_ok=True)
    scales = (np.abs(table).max(1) / 127).astype(np.float32)
    rows = np.rint(table / np.maximum(scales, 1e-12)[:, None]).astype(np.int8)
    (folder / "model.safetensors").write_bytes(tensor_bytes({"embeddings": rows, "weights": scales}))
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    kinds = {
        "": "sentence_transformer.modules.static_embedding.StaticEmbedding",
        "1_Normalize": "base.modules.normalize.Normalize",
    }
    modules = [
        {"idx": place, "name": str(place), "path": path, "type": f"sentence_transformers.{kind}"}
        for place, (path, kind) in enumerate(kinds.items())
    ]
    settings = {"model_type": "SentenceTransformer", "prompts": {}, "similarity_fn_name": "cosine"}
    names = {"module_input_name": "sentence_embedding", "module_output_name": "sentence_embedding"}
    (folder / "1_Normalize").mkdir(exist_ok=True)
    for path, content in {
        "modules.json": modules,
        "config_sentence_transformers.json": settings,
        "1_Normalize/config.json": names,
    }.items():
        (folder / path).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def encoder(tokenizer: Tokenizer, table: Table) -> Encode:
    """What turns texts into unit vectors."""

    def encode(texts: Sequence[str]) -> Table:
        vectors = mean_matrix(tokenise(tokenizer, texts), len(table)) @ table
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)

    return encode


def main() -> None:
    """Trains, saves, measures, and writes the model card."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the data folder")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write the model to")
    parser.add_argument("--ablate", action="store_true", help="train for 500 steps too, and measure that")
    parser.add_argument("--beside", type=Path, help="the folder of an earlier model to measure in the same tables")
    arguments = parser.parse_args()
    recipe = Recipe()
    started = time.time()

    def tell(what: str) -> None:
        print(f"{time.time() - started:6.0f} s  {what}", flush=True)

    articles = training_articles(arguments.data)
    tell(f"{len(articles)} articles read")
    tokenizer = train_tokenizer(articles, recipe.words, recipe.pieces)
    corpus = tokenise_articles(tokenizer, articles)
    size = tokenizer.get_vocab_size()
    tell(f"{len(corpus.sentences.ids)} tokens of {size} kinds")
    start = word_vectors(corpus.sentences.ids, size, recipe)
    tell("word vectors from co-occurrence")
    asked = [asked_pairs(tokenizer, pairs) for pairs in question_pairs(arguments.data).values()]
    encoders = {"an earlier model": stored_encoder(arguments.beside)} if arguments.beside else {}
    encoders["co-occurrence only"] = encoder(tokenizer, start)
    if arguments.ablate:
        short = replace(recipe, steps=500)
        encoders["500 steps"] = encoder(tokenizer, train(start, Pairs(corpus, asked, short), short))
        tell("trained for 500 steps")
    table = train(start, Pairs(corpus, asked, recipe), recipe)
    save(tokenizer, table, arguments.out)
    encoders["this model"] = stored_encoder(arguments.out)
    tell(f"saved to {arguments.out}")
    quality = report(arguments.data, encoders)
    tell("measured")
    facts = {
        "articles": f"{len(articles):,}",
        "tokens": f"{len(corpus.sentences.ids):,}",
        "vocabulary": f"{size:,}",
        "pairs": f"{sum(len(pairs.questions) for pairs in asked):,}",
        "recipe": recipe,
        "quality": quality,
    }
    card = (Path(__file__).parent / "embedder_card.md").read_text(encoding="utf-8").format(**facts)
    (arguments.out / "README.md").write_text(card, encoding="utf-8")
    print(quality)


def stored_encoder(folder: Path) -> Encode:
    """The model as the package will read it."""
    return StaticEmbedder("bundled", folder).embed_passages


if __name__ == "__main__":
    main()
