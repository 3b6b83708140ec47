"""Makes the sentences of an answer from the passages found."""
