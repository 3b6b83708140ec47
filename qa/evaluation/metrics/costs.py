"""What a run cost: milliseconds by stage, passages a second, size of the index, tokens and money."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from qa.evaluation.metrics.base import Record


def run_costs(
    records: Sequence[Record],
    *,
    passages: int | None = None,
    ingest_seconds: float | None = None,
    index: Path | None = None,
) -> dict[str, float | None]:
    """Every cost of a run by name; None where it does not apply, as tokens do not without a model.

    `passages` are those that `ingest_seconds` were spent on, so neither is given when a kept library was used.
    """
    stages = dict.fromkeys(stage for record in records for stage in record["timings_ms"])
    latencies = {f"{stage}_p{share}_ms": latency(records, stage, share) for stage in stages for share in (50, 95)}
    return {
        **latencies,
        "passages_per_second": passages / ingest_seconds if passages and ingest_seconds else None,
        "index_bytes": None if index is None else float(index_bytes(index)),
        "tokens": tokens(records),
        "cost": cost(records),
    }


def latency(records: Sequence[Record], stage: str, share: float) -> float | None:
    """Milliseconds within which that share of 100 questions was through the stage; None where none went through it.

    Between two questions, the line between them.
    """
    values = [record["timings_ms"][stage] for record in records if stage in record["timings_ms"]]
    return float(np.percentile(values, share)) if values else None


def index_bytes(index: Path) -> int:
    """The size of all files of a library."""
    return sum(path.stat().st_size for path in index.rglob("*") if path.is_file())


def tokens(records: Sequence[Record]) -> float | None:
    """Tokens that a model read and wrote, all questions together; None where no record counts them."""
    used = [record["usage"] for record in records if record.get("usage")]
    return float(sum(usage["prompt_tokens"] + usage["completion_tokens"] for usage in used)) if used else None


def cost(records: Sequence[Record]) -> float | None:
    """What a model's provider asked for, in the currency it uses; None where no record says."""
    prices = [record["usage"]["cost"] for record in records if (record.get("usage") or {}).get("cost") is not None]
    return float(sum(prices)) if prices else None
