"""Measures filling and updating a library: seconds by stage and memory, in separate processes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from eval.bench.articles import Raw, write_articles
from eval.bench.measure import Advance, Size, run_python
from eval.bench.report import Measurement

_INGEST = """
import json, re, resource, sys, time
from pathlib import Path
from qa.library import Library
from qa.settings import Settings

began = time.perf_counter()
with Library.open(Settings.model_construct(index=Path(sys.argv[1]))) as library:
    report = library.ingest([sys.argv[2]])
    seconds = time.perf_counter() - began
    passages = len(library.store.articles.passage_ids())
status = Path("/proc/self/status")
peak = re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text()) if status.exists() else None
follower = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # the process that brings the indexes up to date
print(json.dumps({
    "seconds": seconds, "stages": dict(report.stages), "changed": len(report.added) + len(report.updated),
    "passages": passages, "gigabytes": (int(peak[1]) + follower) * 1024 / 1e9 if peak else None,
}))
"""


def filling(folder: Path, articles: Iterator[Raw], size: Size, advance: Advance) -> list[Measurement]:
    """A library filled in one go, filled again, given one more article; and a larger one, for its memory."""
    some = list(islice(articles, size.library))
    file, library = write_articles(folder / "some.jsonl", some), folder / "filled"
    first = ingest_file(library, file)
    advance(1, 4)
    again = ingest_file(library, file)
    advance(2, 4)
    [last] = islice(articles, 1)
    one = ingest_file(library, write_articles(folder / "one.jsonl", [last]))
    advance(3, 4)
    rest = islice(articles, size.large - len(some) - 1)
    large = ingest_file(folder / "larger", write_articles(folder / "more.jsonl", chain(some, [last], rest)))
    advance(4, 4)
    name = f"{first['changed']:,} articles ({first['passages']:,} passages)"
    rows = [Measurement(f"ingest {name} in one go", first["seconds"], "s", at_most=300)]
    rows += [Measurement(f"    of which {stage}", seconds, "s") for stage, seconds in first["stages"].items()]
    rows.append(Measurement("the same again, nothing changed", again["seconds"], "s", at_most=20))
    rows.append(Measurement("one article more", one["seconds"], "s", at_most=2))
    if first["gigabytes"]:
        rows.append(Measurement(f"memory at its peak, {name}", first["gigabytes"], "GB", at_most=1.5))
        what = f"memory at its peak, {large['changed']:,} articles; {first['changed']:,}"
        rows.append(Measurement(what, large["gigabytes"], "GB", first["gigabytes"]))
    return rows


def ingest_file(library: Path, file: Path) -> dict[str, Any]:
    """What a process of its own says of having put a file into the library."""
    told: dict[str, Any] = json.loads(run_python(_INGEST, str(library), str(file)))
    return told
