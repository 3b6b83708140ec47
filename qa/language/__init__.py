"""Words, sentences, names, numbers and dates: every other room reads them here."""
