"""The process that merges segments behind: `python -m qa.store.words`, told on its input where they are."""

import json
import os
import sys
from pathlib import Path

from filelock import FileLock

from qa.store.words.merging import merge_behind

folder, lock = json.loads(sys.stdin.readline())
if hasattr(os, "nice"):
    os.nice(10)
merge_behind(Path(folder), FileLock(lock))
