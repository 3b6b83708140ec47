from qa.rank.order import one_per_story, rank, recency
__all__ = ["one_per_story", "rank", "recency"]
