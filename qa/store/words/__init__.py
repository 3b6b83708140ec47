"""The word index: BM25 over what each passage says, and a question as that index reads it."""
