"""The library on disk: articles (SQL), vectors (Chroma) and words (BM25) behind one add, get and forget."""

from qa.store.articles import ArticleRow, Articles, Embedded, Holder
from qa.store.contents import ContentsPage
from qa.store.conversations import ConversationRow, Conversations, StoredTurn, Thumb
from qa.store.days import Days, Nearness, days_of
from qa.store.follower import Follower
from qa.store.manifest import Known, Manifest, Offer, Role
from qa.store.query import AskedTerm, AskedWords
from qa.store.rows import Entry, passage_hash
from qa.store.store import BuiltWith, Candidate, Store
from qa.store.stories import Sketch, Stories
from qa.store.words import WordIndex

__all__ = [
    "ArticleRow",
    "Articles",
    "AskedTerm",
    "AskedWords",
    "BuiltWith",
    "Candidate",
    "Days",
    "ContentsPage",
    "ConversationRow",
    "Conversations",
    "Embedded",
    "Entry",
    "Follower",
    "Holder",
    "Known",
    "Manifest",
    "Nearness",
    "Offer",
    "Role",
    "Sketch",
    "Store",
    "StoredTurn",
    "Stories",
    "Thumb",
    "WordIndex",
    "days_of",
    "passage_hash",
]
