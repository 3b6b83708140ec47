"""The vector index: passages in a Chroma collection, in files of this machine or on a server."""
