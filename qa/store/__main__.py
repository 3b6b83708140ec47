"""The process that a Follower starts."""

import json
import sys
from pathlib import Path

from qa.store.follower import follow_until_input_ends
from qa.store.store import Store

library = json.loads(sys.stdin.buffer.raw.readline())
store = Store(Path(library.pop("folder")), **library)
try:
    follow_until_input_ends(store)
finally:
    store.close()
