"""Citewire for llama-index users: the search as a BaseRetriever, the embedder as a BaseEmbedding."""

from __future__ import annotations

import asyncio
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode

from qa.assistant import Assistant
from qa.models import Embedder
from qa.types import Filters, Hit


class CitewireRetriever(BaseRetriever):
    """Finds passages the way `qa ask` does: words and vectors, fused, ranked again by sentence coverage.

    Each node's text is the passage exactly as it stands in the article; `start_char_idx` and `end_char_idx` are its
    offsets there, and the metadata hold article_id, title, outlet, date, url and path.
    """

    def __init__(self, assistant: Assistant, top_k: int = 10, filters: Filters = Filters(), **options: Any) -> None:
        self._assistant = assistant
        self._top_k = top_k
        self._filters = filters
        super().__init__(**options)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        question = self._assistant.understand(query_bundle.query_str, filters=self._filters)
        return [node_with_score(hit) for hit in self._assistant.search(question, self._top_k)]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


def node_with_score(hit: Hit) -> NodeWithScore:
    """A hit as llama-index knows it."""
    passage = hit.passage
    article = passage.article
    metadata = {
        "article_id": article.id,
        "title": article.title,
        "outlet": article.outlet,
        "date": article.date.isoformat() if article.date else None,
        "url": article.url,
        "path": article.path,
    }
    node = TextNode(
        id_=f"{article.id}:{passage.start}-{passage.end}",
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata=metadata,
        # What a model is told of a source; the rest is for programs.
        excluded_llm_metadata_keys=["article_id", "path"],
        excluded_embed_metadata_keys=list(metadata),
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=article.id)},
    )
    return NodeWithScore(node=node, score=hit.score)


class CitewireEmbedding(BaseEmbedding):
    """Any of Citewire's embedders as a llama-index embedding, the bundled one among them."""

    def __init__(self, embedder: Embedder, **options: Any) -> None:
        super().__init__(model_name=embedder.name, **options)
        self._embedder = embedder

    def _get_query_embedding(self, query: str) -> list[float]:
        return [float(number) for number in self._embedder.embed_query(query)]

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [[float(number) for number in vector] for vector in self._embedder.embed_passages(texts)]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return await asyncio.to_thread(self._get_query_embedding, query)
