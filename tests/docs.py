"""The examples of a page of docs/."""

import re

# A block, and the indented lines that follow it at once: what it prints.
BLOCK = re.compile(r"^```python\n(?P<code>.*?)^```\n(?:\n(?P<printed>(?: {4}[^\n]*\n)+))?", re.MULTILINE | re.DOTALL)
