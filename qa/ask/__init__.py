"""A question's journey: understand -> retrieve -> answer -> check -> answer document."""
