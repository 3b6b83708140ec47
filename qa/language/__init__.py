"""What words, sentences, names, numbers and dates are; the one place that says so."""
