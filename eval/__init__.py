"""Measures Citewire: question sets, runs over them, metrics with intervals, and a report."""
