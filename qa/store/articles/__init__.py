"""The truth: articles, passages, sources and stories in SQLite. What the two indexes hold follows from it."""
