"""The library on disk: articles (SQL), vectors (Chroma) and words (BM25) behind one add, get and forget."""

from qa.store.articles import ArticleRow, Articles, Embedded, Entry, Known
from qa.store.store import Candidate, Store

__all__ = ["ArticleRow", "Articles", "Candidate", "Embedded", "Entry", "Known", "Store"]
