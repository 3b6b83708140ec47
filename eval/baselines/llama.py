"""llama-index as its documentation shows it: vectors, words, both fused, and CitationQueryEngine.

Chunks are those of its SentenceSplitter by default (1,024 tokens, overlapping by 200), with title, outlet and date in
their metadata, which llama-index puts before the text of a chunk. The embedder is the library's, the model the one
that the settings name, so that what is compared is the way and not the weights.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eval.baselines.corpus import FOUND, Answerer, Corpus, Finder
from qa.check import Checker
from qa.errors import UsageError
from qa.evaluation.sets import Query
from qa.language.text import normalise, sentence_spans
from qa.models import LanguageModel, load_language_model
from qa.types import Answer, Article, Citation, Claim, Hit, Message, Passage, Question, Sentence, Span

if TYPE_CHECKING:
    from llama_index.core import VectorStoreIndex
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.llms import LLM
    from llama_index.core.schema import BaseNode, NodeWithScore

# The splitter's default sentence tokenizer needs nltk data, which may be missing.
_SENTENCES = re.compile(r"[^.!?]+[.!?]*|[.!?]+").findall
_SOURCES = 3  # as in the documentation of CitationQueryEngine
_MARKER = re.compile(r"\s*\[(\d+(?:\s*,\s*\d+)*)\]")
_BEHIND = re.compile(r"([.!?])((?:\s*\[\d+(?:\s*,\s*\d+)*\])+)")
_HEAD = re.compile(r"\ASource \d+:\s*")


def llama_vectors(corpus: Corpus) -> Finder:
    """VectorStoreIndex over SimpleVectorStore, its retriever as it comes."""
    return _finder(corpus, _index(corpus).as_retriever(similarity_top_k=FOUND))


def llama_bm25(corpus: Corpus) -> Finder:
    """BM25 over the same chunks, with the defaults of llama-index-retrievers-bm25, which is not needed for it."""
    return _finder(corpus, _words_retriever(_nodes(_index(corpus))))


def llama_fusion(corpus: Corpus) -> Finder:
    """QueryFusionRetriever over the two, by reciprocal rank, without rewritten queries."""
    from llama_index.core.llms import MockLLM
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.core.retrievers.fusion_retriever import FUSION_MODES

    index = _index(corpus)
    retriever = QueryFusionRetriever(
        [index.as_retriever(similarity_top_k=FOUND), _words_retriever(_nodes(index))],
        llm=MockLLM(),  # never called, but without one it asks for an OpenAI key
        mode=FUSION_MODES.RECIPROCAL_RANK,
        similarity_top_k=FOUND,
        num_queries=1,
        use_async=False,
    )
    return _finder(corpus, retriever)


def llama_citations(corpus: Corpus) -> Answerer:
    """CitationQueryEngine with its defaults, and the language model of the settings. Raises UsageError without one."""
    from llama_index.core.query_engine import CitationQueryEngine

    model = load_language_model(corpus.settings.llm, timeout=corpus.settings.model_timeout)
    if model is None:
        raise UsageError("CitationQueryEngine writes with a language model. Name one, such as --llm openai:gpt-5-mini.")
    engine = CitationQueryEngine.from_args(_index(corpus), llm=_llm(model), similarity_top_k=_SOURCES)

    def answer(query: Query) -> Answer:
        response = engine.query(query.text)
        return _answer(query, corpus, str(response), response.source_nodes, model.name)

    return answer


# --- what llama-index is made of ------------------------------------------------------------------------------------


def _index(corpus: Corpus) -> VectorStoreIndex:
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter

    from qa.api.llama import CitewireEmbedding

    documents = [
        Document(id_=article.id, text=article.text, metadata=_metadata(article)) for article in corpus.articles.values()
    ]
    return VectorStoreIndex.from_documents(
        documents,
        embed_model=CitewireEmbedding(corpus.embedder),
        transformations=[SentenceSplitter(chunking_tokenizer_fn=_SENTENCES)],
    )


def _metadata(article: Article) -> dict[str, str]:
    return {"title": article.title, "outlet": article.outlet or "", "date": str(article.date or "")}


def _nodes(index: VectorStoreIndex) -> list[BaseNode]:
    return list(index.docstore.docs.values())


def _words_retriever(nodes: Sequence[BaseNode]) -> BaseRetriever:
    """A llama-index retriever over bm25s: k1 1.5, b .75, English stopwords and stemmer, the metadata in the text."""
    import bm25s
    import Stemmer
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.schema import MetadataMode, NodeWithScore, QueryBundle

    stemmer = Stemmer.Stemmer("english")

    def tokens(texts: list[str]) -> list[list[str]]:
        split: list[list[str]] = bm25s.tokenize(
            texts, stopwords="en", stemmer=stemmer, return_ids=False, show_progress=False
        )
        return split

    index = bm25s.BM25()
    index.index(tokens([node.get_content(MetadataMode.EMBED) for node in nodes]), show_progress=False)

    class WordsRetriever(BaseRetriever):
        def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
            known = [word for word in tokens([query_bundle.query_str])[0] if word in index.vocab_dict]
            scores = index.get_scores(known) if known else []
            found = sorted(zip(nodes, map(float, scores), strict=False), key=lambda pair: -pair[1])[:FOUND]
            return [NodeWithScore(node=node, score=score) for node, score in found if score > 0]

    return WordsRetriever()


def _llm(model: LanguageModel) -> LLM:
    """Our language model as a llama-index LLM."""
    from llama_index.core.llms import CompletionResponse, CompletionResponseGen, CustomLLM, LLMMetadata

    class Written(CustomLLM):
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(model_name=model.name, context_window=8192, num_output=512)

        def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
            return CompletionResponse(text="".join(model.stream([Message("user", prompt)])))

        def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponseGen:
            yield self.complete(prompt)

    return Written()


# --- from its values to ours ----------------------------------------------------------------------------------------


def _finder(corpus: Corpus, retriever: BaseRetriever) -> Finder:
    return lambda query: [_hit(corpus, found) for found in retriever.retrieve(query.text)]


def _hit(corpus: Corpus, found: NodeWithScore) -> Hit:
    """A chunk as a passage of the stored text."""
    from llama_index.core.schema import TextNode

    node = found.node
    assert isinstance(node, TextNode) and node.ref_doc_id
    article = corpus.articles[node.ref_doc_id]
    chunk = _HEAD.sub("", node.get_content()).strip()
    # The engine splits chunks again, but keeps the offsets of the whole.
    start = article.text.find(chunk, node.start_char_idx or 0)
    start = start if start >= 0 else article.text.find(chunk)
    return Hit(Passage(article, start, start + len(chunk)), float(found.score or 0.0))


def _answer(query: Query, corpus: Corpus, text: str, sources: Sequence[NodeWithScore], model: str) -> Answer:
    """A reply with `[n]` markers as an answer: [n] is the n-th source, and a reply without any counts as a refusal.

    The engine has no other way to refuse. It checks nothing: the verdicts are those of Citewire's check, which leaves
    each citation where the engine put it.
    """
    hits = tuple(_hit(corpus, source) for source in sources)
    # A marker after the full stop belongs to the sentence before it.
    text = _BEHIND.sub(r"\2\1", text)
    claims = [_claim(text[start:end], hits) for start, end in sentence_spans(text)]
    spans = list(dict.fromkeys(span for claim in claims for span in claim.cites))
    numbers = {span: n for n, span in enumerate(spans, start=1)}
    checker = Checker((), claims=claims)
    return Answer(
        Question(query.text, query.text, as_of=query.date),
        text,
        model,
        abstained=not spans,
        sentences=tuple(_checked(checker, claim, numbers) for claim in claims) if spans else (),
        citations=tuple(Citation(n, span.article, span.start, span.end) for span, n in numbers.items()),
        hits=hits,
    )


def _claim(text: str, hits: Sequence[Hit]) -> Claim:
    named = dict.fromkeys(int(n) for marker in _MARKER.finditer(text) for n in marker[1].split(","))
    return Claim(_MARKER.sub("", text).strip(), tuple(hits[n - 1].passage for n in named if 1 <= n <= len(hits)))


def _checked(checker: Checker, claim: Claim, numbers: Mapping[Span, int]) -> Sentence:
    cited = tuple(sorted(numbers[span] for span in claim.cites))
    if not cited:
        return Sentence(claim.text, (), "unsupported", ("Nothing is cited.",))
    found = checker.compare(normalise(claim.text), [checker.source(span) for span in claim.cites])
    return Sentence(claim.text, cited, found.verdict, found.reasons)
