"""Measures answers: sets, runs, metrics, statistics, reports."""
