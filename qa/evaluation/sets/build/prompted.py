"""Has a language model ask about a passage, and keeps the question only if the passage answers it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from hashlib import blake2b
from itertools import count
from random import Random

from qa.ask.answer.prompt import layout
from qa.evaluation.metrics import contains_answer
from qa.evaluation.sets.build.kinds import BuiltQuestion, SourceArticle
from qa.ingest.split import split
from qa.language.text import sentence_spans, stems
from qa.models import LanguageModel
from qa.prompts import fill_prompt, refusal
from qa.types import Message, Passage

PASSAGES = 3
"""Most passages to try per article."""
_LONGEST_QUESTION, _LONGEST_ANSWER = 40, 12
"""In words."""
_REPLY = re.compile(r"Question:[ \t]*(?P<question>\S[^\n]*\?)\s*\nAnswer:[ \t]*(?P<answer>\S[^\n]*)")
_LEANING = re.compile(r"\b(?:the|this|that) (?:passage|article|text|excerpt|report|story|author)\b", re.IGNORECASE)


class Prompted:
    """Builds questions with a model, checks each with the model and by code, and reports the rejected ones."""

    def __init__(self, model: LanguageModel, on_dropped: Callable[[str], None]) -> None:
        self._model = model
        self._on_dropped = on_dropped

    def __call__(self, source: SourceArticle) -> Iterator[BuiltQuestion]:
        """Yields a question for each of a few passages. Raises ModelError."""
        article = source.article
        passages = [Passage(article, start, end) for start, end in split(article.text)]
        Random(f"{source.seed} {article.id}").shuffle(passages)
        for passage in passages[:PASSAGES]:
            if source.is_asked(passage):
                continue
            question, answer, fault = self._ask(passage)
            evidence = source.stories.evidence_for(_evidence(passage, question, answer)) if not fault else ()
            if fault or not evidence:
                self._on_dropped(fault or "its sentence stands in many stories")
                continue
            source.asked.append((passage.start, passage.end))
            yield source.build("model", question, [answer], evidence)

    def _ask(self, passage: Passage) -> tuple[str, str, str]:
        """Question, answer, and what is wrong with them (empty if nothing is)."""
        reply = self._say("make_question", passage)
        if reply == refusal():
            return "", "", "the model found nothing to ask"
        parts = _REPLY.fullmatch(reply)
        if not parts:
            return "", "", "the reply is not a question and an answer"
        question, answer = parts["question"].strip(), parts["answer"].strip().strip("\"'.")
        if fault := _fault(question, answer, passage.text):
            return question, answer, fault
        found = self._say("check_question", passage, question)
        if found == refusal():
            return question, answer, "the passage does not answer it, says the model"
        same = contains_answer(found, [answer]) or (
            contains_answer(answer, [found]) and contains_answer(passage.text, [found])
        )
        return question, answer, "" if same else "the model answers it otherwise from the passage"

    def _say(self, prompt: str, passage: Passage, question: str = "") -> str:
        """The model's reply to a prompt about the passage, which is fenced like the passages of an answer."""
        fenced = layout(_key(passage, question), passage, passage.text)
        asked = f"{fenced}\n\nQuestion: {question}" if question else fenced
        system = fill_prompt(prompt, refusal=refusal())
        return "".join(self._model.stream([Message("system", system), Message("user", asked)])).strip()


def _key(passage: Passage, question: str) -> str:
    """A key for the passage that occurs in no text of the prompt, so that no article can contain it."""
    seen = f"{question}\n{passage.article.title} {passage.text}".casefold()
    names = (_named(f"{passage.article.id}\n{passage.start}\n{question}\n{salt}") for salt in count())
    return next(name for name in names if name not in seen)


_LETTERS = "bcdfghjkmnpqrstvwxz"
_DIGITS = "23456789"


def _named(seed: str) -> str:
    """Letter, digit, letter, digit, the same for each seed."""
    a, b, c, d = blake2b(seed.encode(), digest_size=4).digest()
    return _LETTERS[a % 19] + _DIGITS[b % 8] + _LETTERS[c % 19] + _DIGITS[d % 8]


def _fault(question: str, answer: str, passage: str) -> str:
    """What is wrong with a question and its answer; empty if nothing is."""
    if len(question.split()) > _LONGEST_QUESTION or len(answer.split()) > _LONGEST_ANSWER:
        return "the question or its answer is too long"
    if _LEANING.search(question):
        return "the question speaks of the passage"
    if not contains_answer(passage, [answer]):
        return "the answer does not stand in the passage"
    return "the answer stands in the question" if contains_answer(question, [answer]) else ""


def _evidence(passage: Passage, question: str, answer: str) -> str:
    """The sentence of the passage that contains the answer and most words of the question."""
    text, asked = passage.text, set(stems(question))
    sentences = [text[start:end] for start, end in sentence_spans(text)]
    answering = [sentence for sentence in sentences if contains_answer(sentence, [answer])]
    return max(answering, key=lambda sentence: len(asked & set(stems(sentence))), default="")
