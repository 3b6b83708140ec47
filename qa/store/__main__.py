"""The process that a Follower starts."""

import json
from pathlib import Path

from qa.store.follower import follow_until_input_ends
from qa.store.store import Store

with open(0, "rb", buffering=0, closefd=False) as given:  # what comes after the line is read elsewhere
    library = json.loads(given.readline())
store = Store(Path(library.pop("folder")), **library)
try:
    follow_until_input_ends(store)
finally:
    store.close()
