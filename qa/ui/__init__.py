"""The chat window: one file per panel, and app.py that wires them."""
