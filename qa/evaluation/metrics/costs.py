"""The costs of a run: milliseconds by stage, passages per second, size of the index, tokens and money."""

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
    """Every cost of a run by name; None if it does not apply, such as tokens without a model.

    `passages` were ingested in `ingest_seconds`. Neither is given when a kept library was used.
    """
    stages = dict.fromkeys(stage for record in records for stage in record["timings_ms"])
    latencies = {f"{stage}_p{share}_ms": latency(records, stage, share) for stage in stages for share in (50, 95)}
    return {
        **latencies,
        "passages_per_second": passages / ingest_seconds if passages and ingest_seconds else None,
        "index_bytes": None if index is None else float(index_bytes(index)),
        "tokens": tokens(records),
        "prompt_tokens": tokens(records, "prompt_tokens"),
        "completion_tokens": tokens(records, "completion_tokens"),
        "cost": cost(records),
    }


def latency(records: Sequence[Record], stage: str, share: float) -> float | None:
    """The `share`-th percentile of the stage's milliseconds; None if no question has this stage.

    Interpolated linearly between two questions.
    """
    values = [record["timings_ms"][stage] for record in records if stage in record["timings_ms"]]
    return float(np.percentile(values, share)) if values else None


def index_bytes(index: Path) -> int:
    """The size of all files of a library, in bytes."""
    return sum(path.stat().st_size for path in index.rglob("*") if path.is_file())


def tokens(records: Sequence[Record], *kinds: str) -> float | None:
    """Tokens that a model read and wrote for all questions, or one of the two; None if no record counts them."""
    used = [record["usage"] for record in records if record.get("usage")]
    counts = [[usage.get(kind) for kind in kinds or ("prompt_tokens", "completion_tokens")] for usage in used]
    whole = [sum(some) for some in counts if None not in some]
    return float(sum(whole)) if whole else None


def cost(records: Sequence[Record]) -> float | None:
    """The price charged by the model's provider, in its currency; None if no record has one."""
    prices = [record["usage"]["cost"] for record in records if (record.get("usage") or {}).get("cost") is not None]
    return float(sum(prices)) if prices else None
