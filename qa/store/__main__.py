"""The process that a Follower starts: `python -m qa.store`.

It reads its library from the first line of its input, and ends when its input does.
"""

import json
import os
import select
import sys
import time
from pathlib import Path

from qa.store.follower import DONE
from qa.store.store import Store
from qa.store.words.merging import LARGEST

_SELDOM = 5.0  # seconds between two additions to the word index
_PAUSE = 0.2  # seconds between two looks at what there is to follow


def follow_until_input_ends(store: Store) -> None:
    """Follows what another process puts in, until nothing more can come."""
    saved = time.monotonic()
    parent = os.getppid()
    ended = False
    while not ended:
        if select.select([sys.stdin], [], [], _PAUSE)[0]:
            ended = True
            if os.read(sys.stdin.fileno(), 1) != DONE:
                return  # whom it worked for has died: somebody else may be writing by now
        store.follow(until=lambda: os.getppid() != parent)
        if not ended and time.monotonic() - saved > _SELDOM and os.getppid() == parent:
            store.save_words(LARGEST)  # nobody waits for it: all merges that are due are made here
            saved = time.monotonic()
    store.save_words()


with open(0, "rb", buffering=0, closefd=False) as given:  # what comes after the line is read elsewhere
    library = json.loads(given.readline())
opened = Store(Path(library.pop("folder")), **library)
try:
    follow_until_input_ends(opened)
finally:
    opened.close()
