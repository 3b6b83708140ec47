"""Question sets, baselines and the benchmark, run from the checkout."""
