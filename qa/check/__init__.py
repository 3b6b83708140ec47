"""The verdict on a sentence: whether the text that it cites bears it out."""
