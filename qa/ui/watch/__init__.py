"""What those who run a server look at: whether it is well, what it has done, and a line for each request."""
