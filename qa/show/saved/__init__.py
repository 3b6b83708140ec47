"""What is kept of a question and its answer, as values and as a JSON document."""

from __future__ import annotations

from qa.show.saved.documents import read_turn, stored_json, turn_json
from qa.show.saved.fields import Fields
from qa.show.saved.keeping import answer_of, corrections, keep, text_hash
from qa.show.saved.trace import read_trace, trace_json
from qa.show.saved.values import MOST_PASSAGES, KeptCitation, KeptPassage, KeptTurn

__all__ = [
    "MOST_PASSAGES",
    "Fields",
    "KeptCitation",
    "KeptPassage",
    "KeptTurn",
    "answer_of",
    "corrections",
    "keep",
    "read_trace",
    "read_turn",
    "stored_json",
    "text_hash",
    "trace_json",
    "turn_json",
]
