"""Finds the articles that are versions of one story, which of them leads, and what the others add to it."""

from qa.ingest.dedup.copies import copied
from qa.ingest.dedup.signatures import SIGNATURE_VERSION, Signature, band_keys, signature, similarity
from qa.ingest.dedup.versions import Version, is_same_story, leader, stories

__all__ = [
    "SIGNATURE_VERSION",
    "Signature",
    "Version",
    "band_keys",
    "copied",
    "is_same_story",
    "leader",
    "signature",
    "similarity",
    "stories",
]
