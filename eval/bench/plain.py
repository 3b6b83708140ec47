"""The alternative: the ingestion pipeline from the llama-index documentation, without any of our code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.bench.articles import Raw
from qa.errors import MissingExtra

if TYPE_CHECKING:
    from llama_index.core.ingestion import IngestionPipeline

_AT_ONCE = 10  # articles given to the pipeline together, so that progress can be shown
_FEATURE = "The plain llama-index pipeline"


def plain_pipeline(folder: Path, model: Path, chunk_size: int, chunk_overlap: int) -> IngestionPipeline:
    """A SentenceSplitter, a sentence-transformers model and a Chroma collection in `folder`; the rest are defaults."""
    try:
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding
        from llama_index.vector_stores.chroma import ChromaVectorStore
    except ImportError:
        raise MissingExtra(_FEATURE, "bench") from None
    import chromadb
    from chromadb.config import Settings
    from llama_index.core.ingestion import IngestionPipeline
    from llama_index.core.node_parser import SentenceSplitter

    client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    splitter = SentenceSplitter(
        chunk_size=chunk_size,
        chunk_overlap=chunk_overlap,
        # The splitter's default sentence tokenizer needs nltk data, which may be missing; this one is faster.
        chunking_tokenizer_fn=re.compile(r"[^.!?]+[.!?]*|[.!?]+").findall,
    )
    return IngestionPipeline(
        transformations=[splitter, HuggingFaceEmbedding(str(model))],
        vector_store=ChromaVectorStore(client.create_collection("plain", embedding_function=None)),
    )


def run_plain(
    pipeline: IngestionPipeline, articles: Sequence[Raw], advance: Callable[[int], None] = lambda done: None
) -> None:
    """Ingests the articles; `advance` receives the number done."""
    for start in range(0, len(articles), _AT_ONCE):
        some = articles[start : start + _AT_ONCE]
        pipeline.run(documents=_documents(some))
        advance(start + len(some))


def _documents(articles: Iterable[Raw]) -> list[Any]:
    from llama_index.core import Document

    names = ("title", "outlet", "date")
    return [
        Document(text=article["text"], metadata={name: str(article.get(name) or "") for name in names})
        for article in articles
    ]


def make_minilm(folder: Path, texts: Iterable[str]) -> Path:
    """The path of a new, random sentence-transformers model of the shape of all-MiniLM-L6-v2, for the words of `texts`.

    It is as fast as the real one: what the weights are makes no difference.
    """
    try:
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    except ImportError:
        raise MissingExtra(_FEATURE, "bench") from None
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertModel, BertTokenizer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]  # there is one of ours
    words = BertWordPieceTokenizer()
    words.train_from_iterator(iter(texts), vocab_size=30_522, show_progress=False)
    shape = BertConfig(
        vocab_size=30_522, hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1_536
    )
    parts, model = str(folder / "minilm-parts"), folder / "minilm"
    BertTokenizer(vocab=words.get_vocab()).save_pretrained(parts)
    BertModel(shape).save_pretrained(parts)
    modules = [Transformer(parts, max_seq_length=256), Pooling(384), Normalize()]
    SentenceTransformer(modules=modules).save(str(model), create_model_card=False)
    return model
