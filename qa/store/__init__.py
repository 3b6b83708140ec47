"""The library on disk: articles (SQL), vectors (Chroma) and words (BM25) behind one add, get and forget."""

from qa.store.articles.articles import ArticleRow, Articles, KnownArticle, PassageVector
from qa.store.articles.contents import ContentsPage
from qa.store.articles.corrections import as_written, checked_corrections
from qa.store.articles.manifest import KnownSource, Manifest, Origin, Role
from qa.store.articles.overview import Overview
from qa.store.articles.removed import RemovedArticles
from qa.store.articles.rows import Days, Nearness, NewArticle, days_of, passage_hash
from qa.store.articles.stories import Sketch, Stories
from qa.store.collections import CollectionRow, Collections
from qa.store.conversations import ConversationRow, Conversations, StoredTurn, Thumb
from qa.store.followed_sources import FollowedSource, FollowedSources
from qa.store.follower import Follower
from qa.store.salvage import SalvagedArticle, count_articles, salvage_articles
from qa.store.search import Candidate
from qa.store.shares import Shares
from qa.store.store import BuiltWith, Store
from qa.store.windows import JobRow, JobRows, QuestionRow, QuestionRows, SessionRow, SessionRows, Windows
from qa.store.windows.questions import Claim
from qa.store.words.index import WordIndex
from qa.store.words.query import QueryTerm, WordQuery

__all__ = [
    "ArticleRow",
    "Articles",
    "QueryTerm",
    "WordQuery",
    "BuiltWith",
    "Candidate",
    "Claim",
    "CollectionRow",
    "Collections",
    "Days",
    "ContentsPage",
    "ConversationRow",
    "Conversations",
    "PassageVector",
    "NewArticle",
    "FollowedSource",
    "FollowedSources",
    "Follower",
    "JobRow",
    "JobRows",
    "KnownArticle",
    "KnownSource",
    "Manifest",
    "Nearness",
    "Origin",
    "Overview",
    "QuestionRow",
    "QuestionRows",
    "RemovedArticles",
    "Role",
    "SalvagedArticle",
    "SessionRow",
    "SessionRows",
    "Shares",
    "Sketch",
    "Store",
    "StoredTurn",
    "Stories",
    "Thumb",
    "Windows",
    "WordIndex",
    "as_written",
    "checked_corrections",
    "count_articles",
    "days_of",
    "passage_hash",
    "salvage_articles",
]
