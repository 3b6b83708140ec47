"""How much a model reads, by its name and by where it runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from qa.ask.answer.generative import write
from qa.ask.answer.prompt_size import LARGE, SMALL, USUAL, PromptSize, prompt_size
from qa.types import Article, Hit, Message, Passage, Question


@dataclass
class Named:
    """A model that says nothing."""

    name: str
    where: str = "this machine"

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        return iter(())


@pytest.mark.parametrize(
    ("name", "where", "size"),
    [
        ("openai:SmolLM2-135M-Instruct.Q4_1.gguf", "127.0.0.1:8080", SMALL),
        ("local:Qwen/Qwen2.5-0.5B-Instruct", "this machine", SMALL),
        ("ollama:gemma3:4b", "127.0.0.1:11434", SMALL),
        ("ollama:qwen3:8b", "127.0.0.1:11434", USUAL),
        ("ollama:llama3.2", "127.0.0.1:11434", USUAL),
        ("ollama:mixtral:8x7b", "127.0.0.1:11434", USUAL),
        ("openai:llama-3.3-70b-instruct", "gateway.example", LARGE),
        ("openai:gpt-5-mini", "api.openai.com", LARGE),
        ("anthropic:claude-sonnet-4-5", "api.anthropic.com", LARGE),
        ("anthropic:claude-sonnet-4-5", "gateway.example", USUAL),
    ],
)
def test_the_size_suits_the_model(name: str, where: str, size: PromptSize) -> None:
    assert prompt_size(Named(name, where)) == size
    assert prompt_size(Named(name, where), 300) == PromptSize(None, 300)


def test_a_small_model_gets_the_first_three_passages() -> None:
    hits = [
        Hit(Passage(Article(str(n), "Title", f"Sentence number {n} is here. " * 50), 0, 1400, id=n), 1 / n)
        for n in range(1, 6)
    ]
    reply = write(Named("local:tiny-1b"), Question("What?", "What?"), hits, size=SMALL)
    assert len(reply.passages) == 3
    assert len(reply.messages[-1].content) < SMALL.characters + 600
