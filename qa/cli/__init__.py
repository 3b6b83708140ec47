"""The command line: `qa`."""
