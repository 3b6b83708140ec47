"""Speed and size, beside the other way of doing the same where there is one, as ratios from one run."""
