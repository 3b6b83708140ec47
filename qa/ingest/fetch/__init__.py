"""Reads pages from the network safely: an address goes in, the page or the reason for refusing it comes out."""

from __future__ import annotations

from qa.ingest.fetch.address import is_address, plain_address
from qa.ingest.fetch.fetcher import Fetcher, Page

__all__ = ["Fetcher", "Page", "is_address", "plain_address"]
