"""Understands a question: follow-ups made complete, time words, outlets and parts."""

from qa.ask.understand.question import understand
from qa.ask.understand.respelling import respelled
from qa.ask.understand.with_model import rewrite_with, split_with

__all__ = ["respelled", "rewrite_with", "split_with", "understand"]
