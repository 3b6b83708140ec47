"""A run as people read it: in the terminal, in Markdown, in HTML, and by the rules of another benchmark."""
