"""Citewire for llama-index users: the search as a retriever, the answers as a query engine, the embedder as one."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import Response
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode

from qa.ask.assistant import Assistant
from qa.models import Embedder
from qa.show.document import answer_json
from qa.types import Answer, Filters, Hit


class CitewireRetriever(BaseRetriever):
    """Finds passages the way `qa ask` does: words and vectors, fused, ranked again by sentence coverage.

    Each node's text is the passage exactly as it stands in the article; `start_char_idx` and `end_char_idx` are its
    offsets there, and the metadata hold article_id, title, outlet, date, url and path.
    """

    def __init__(
        self,
        assistant: Assistant,
        top_k: int = 10,
        filters: Filters = Filters(),
        as_of: dt.date | None = None,
        **options: Any,
    ) -> None:
        """With `as_of`, nothing is found that is dated after that day."""
        self._assistant = assistant
        self._top_k = top_k
        self._filters = filters
        self._as_of = as_of
        super().__init__(**options)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        question = self._assistant.understand(query_bundle.query_str, filters=self._filters, as_of=self._as_of)
        return [node_with_score(hit) for hit in self._assistant.search(question, self._top_k)]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


class CitewireQueryEngine(BaseQueryEngine):
    """Answers the way `qa ask` does: every sentence cited and checked, or a refusal.

    The response is the answer with its `[n]` markers; its source nodes are the passages that the answer could rest on,
    best first. Its metadata are the document of `qa ask --json` without the passages: `sentences` with a verdict each,
    `citations` with quotations and offsets, `abstained`, `mode` and the rest. It does not stream, because an answer is
    checked when it is whole; `Assistant.stream` gives drafts.
    """

    def __init__(
        self, assistant: Assistant, filters: Filters = Filters(), as_of: dt.date | None = None, **options: Any
    ) -> None:
        self._assistant = assistant
        self._filters = filters
        self._as_of = as_of
        super().__init__(options.pop("callback_manager", None), **options)

    def _query(self, query_bundle: QueryBundle) -> Response:
        return self._response(self._assistant.ask(query_bundle.query_str, filters=self._filters, as_of=self._as_of))

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        text = query_bundle.query_str
        return self._response(await self._assistant.aask(text, filters=self._filters, as_of=self._as_of))

    def _response(self, answer: Answer) -> Response:
        metadata = {name: value for name, value in answer_json(answer).items() if name not in ("answer", "passages")}
        nodes = [node_with_score(hit) for hit in answer.hits[: self._assistant.settings.top]]
        return Response(answer.text, nodes, metadata)

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}


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
