import datetime as dt
from pathlib import Path

import pytest
from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import Document, QueryBundle
from looping import run

from qa.api.llama import CitewireEmbedding, CitewireQueryEngine, CitewireRetriever
from qa.ask.assistant import Assistant
from qa.prompts import folder, refusal
from qa.settings import load_settings
from qa.types import Filters


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    assistant = Assistant.open(load_settings(index=tmp_path_factory.mktemp("library")))
    assistant.library.ingest([folder("seeds")])
    return assistant


QUESTION = "Which country takes over the chairmanship of the CIS?"


def test_nodes_are_passages_as_they_stand_in_their_articles(assistant: Assistant) -> None:
    retriever = CitewireRetriever(assistant, top_k=4)
    assert isinstance(retriever, BaseRetriever)
    nodes = retriever.retrieve(QUESTION)
    assert len(nodes) == 4
    assert [node.score for node in nodes] == sorted((node.score or 0 for node in nodes), reverse=True)
    for found in nodes:
        article = assistant.library.article(found.node.metadata["article_id"])
        assert article is not None and found.node.ref_doc_id == article.id
        assert article.text[found.node.start_char_idx : found.node.end_char_idx] == found.node.get_content()
        assert found.node.metadata["title"] == article.title


def test_it_finds_what_citewire_finds(assistant: Assistant) -> None:
    hits = assistant.search(assistant.understand(QUESTION), 5)
    nodes = CitewireRetriever(assistant, top_k=5).retrieve(QueryBundle(QUESTION))
    assert [node.node.node_id for node in nodes] == [
        f"{hit.passage.article.id}:{hit.passage.start}-{hit.passage.end}" for hit in hits
    ]


def test_filters_hold(assistant: Assistant) -> None:
    retriever = CitewireRetriever(assistant, filters=Filters(outlets=("Kazinform",)))
    assert {node.node.metadata["outlet"] for node in retriever.retrieve(QUESTION)} == {"Kazinform"}


def test_documents_of_a_reader_go_in_and_nothing_of_a_later_day_is_found(tmp_path: Path) -> None:
    documents = [
        Document(
            text="The bridge in Riga opened to trams on Monday.", metadata={"title": "Early", "date": "2017-01-19"}
        ),
        Document(
            text="The bridge in Riga closed to trams on Friday.",
            metadata={"headline": "Late", "published_at": "2019-05-03", "source": "https://example.org/late"},
        ),
        Document(text=" "),
    ]
    with Assistant.open(load_settings(index=tmp_path)) as assistant:
        report = assistant.library.add_documents(documents)
        assert (len(report.added), len(report.failures)) == (2, 1)
        late = next(row for row in assistant.library.articles() if row.title == "Late")
        assert (late.date, late.url, late.outlet) == (dt.date(2019, 5, 3), "https://example.org/late", "example.org")

        def titles(as_of: dt.date | None) -> set[str]:
            nodes = CitewireRetriever(assistant, as_of=as_of).retrieve("Which bridge in Riga had trams?")
            return {node.node.metadata["title"] for node in nodes}

        assert (titles(dt.date(2018, 1, 1)), titles(None)) == ({"Early"}, {"Early", "Late"})

        changed = Document(text="The bridge in Riga opened to trams and buses.", metadata=documents[0].metadata)
        again = assistant.library.add_documents([changed, *documents[1:2]])
        assert (len(again.updated), len(again.unchanged), assistant.library.count()) == (1, 1, 2)


def test_a_query_engine_takes_the_retriever_as_it_is(assistant: Assistant) -> None:
    from llama_index.core.llms import MockLLM
    from llama_index.core.query_engine import RetrieverQueryEngine

    engine = RetrieverQueryEngine.from_args(CitewireRetriever(assistant, top_k=2), llm=MockLLM())
    assert len(engine.query(QUESTION).source_nodes) == 2


def test_the_query_engine_answers_as_citewire_does(assistant: Assistant) -> None:
    engine = CitewireQueryEngine(assistant)
    assert isinstance(engine, BaseQueryEngine)
    answer = assistant.ask(QUESTION)
    for response in (engine.query(QUESTION), run(engine.aquery(QueryBundle(QUESTION)))):
        assert response.response == str(response) == answer.text
        assert response.metadata["sentences"][0]["verdict"] == "verbatim"
        [citation, *_] = response.metadata["citations"]
        article = assistant.library.require(citation["article_id"])
        assert article.text[citation["start"] : citation["end"]] == citation["quote"]
        assert [node.score for node in response.source_nodes] == [hit.score for hit in answer.hits[:10]]
        assert any(citation["quote"] in node.node.get_content() for node in response.source_nodes)


def test_the_query_engine_refuses_and_holds_to_its_filters(assistant: Assistant) -> None:
    refused = CitewireQueryEngine(assistant).query("Who won the world chess championship?")
    assert refused.metadata["abstained"] and refused.response == refusal()
    engine = CitewireQueryEngine(assistant, Filters(outlets=("Kazinform",)), as_of=dt.date(2017, 1, 19))
    response = engine.query(QUESTION)
    assert {node.metadata["outlet"] for node in response.source_nodes} == {"Kazinform"}
    assert response.metadata["filters"]["outlets"] == ["Kazinform"]


def test_it_goes_where_a_query_engine_goes(assistant: Assistant) -> None:
    from llama_index.core.tools import QueryEngineTool

    tool = QueryEngineTool.from_defaults(CitewireQueryEngine(assistant), name="news", description="Answers of news.")
    assert "Kyrgyzstan" in str(tool.call(input=QUESTION))


def test_the_embedder_is_a_llama_index_embedding(assistant: Assistant) -> None:
    embedder = assistant.library.embedder
    embedding = CitewireEmbedding(embedder)
    assert embedding.get_query_embedding(QUESTION) == pytest.approx(embedder.embed_query(QUESTION).tolist())
    vectors = embedding.get_text_embedding_batch(["One passage.", "Another one."])
    assert [len(vector) for vector in vectors] == [embedder.dimension] * 2
