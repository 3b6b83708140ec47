"""The evals in the window: what can be chosen, what a run would take, the runs, and what came of them."""
