"""Measures speed and size, and the ratio to an alternative if there is one, in one run."""
