"""Reports of runs: in the terminal, in Markdown, in HTML, and with the scores of another benchmark."""
