"""Citewire answers questions about news articles and shows, for every sentence, the passage that says it."""
