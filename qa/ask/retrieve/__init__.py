"""Finds the passages that a question may be answered from: search, fuse, rank, read."""
