"""A run: a library of the set's articles, every question asked, the records kept, and only then scored."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import platformdirs

import qa
from eval.metrics import METRICS, Case, Record, descending_scores, ranked_articles, score
from eval.sets import EvalSet
from eval.statistics import Estimate, estimate
from qa.assistant import Assistant
from qa.errors import EvalError
from qa.library import IngestReport, Library
from qa.present import answer_json
from qa.resources import folder
from qa.settings import Settings

PASSAGES = 50
KEPT_LIBRARIES = 8

Scores = Mapping[str, Mapping[str, float | None]]
"""Query id -> metric -> value."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far a run has come."""

    stage: Literal["articles", "questions"]
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Run:
    """What was asked, what came out, and what it is worth."""

    eval_set: EvalSet
    fingerprint: Mapping[str, str]
    """Runs are comparable where set, corpus, queries and qrels are equal; the other parts say what was changed."""
    settings: Mapping[str, Any]
    records: tuple[Record, ...]
    scores: Scores
    metrics: Mapping[str, Estimate]
    timings: Mapping[str, Any]
    notices: tuple[str, ...] = ()
    """What a reader of the numbers must know, such as articles that could not be read."""


def run_set(
    eval_set: EvalSet,
    settings: Settings,
    out: Path,
    on_progress: Callable[[Step], None] = lambda step: None,
    *,
    cache: Path | None = None,
) -> Run:
    """Asks every question of the set, and writes run.json, records.jsonl and run.trec to the folder `out`.

    The articles go into a library of their own under `cache` (the user's cache folder by default), kept by
    fingerprint so that another run over the same articles need not embed them again; the library at `settings.index`
    is neither read nor changed. A run that stops half-way leaves no run.json. Raises QAError.
    """
    _prepare(out)
    library = _library_folder(eval_set, settings, cache or platformdirs.user_cache_path("citewire") / "eval")
    with Assistant.open(settings.model_copy(update={"index": library})) as assistant:
        started = time.perf_counter()
        report = assistant.library.ingest([eval_set.corpus], lambda p: on_progress(Step("articles", p.done, p.total)))
        notices = _missing(eval_set, assistant.library, report)
        ingested = time.perf_counter()
        records = _ask_all(assistant, eval_set, on_progress)
        asked = time.perf_counter()
        texts = _cited_texts(assistant, records)
        notices += _fallbacks(records, assistant.mode)
    scores = score_records(records, eval_set, texts)
    run = Run(
        eval_set=eval_set,
        fingerprint=fingerprint(eval_set, settings),
        settings=_told(settings),
        records=records,
        scores=scores,
        metrics=summarise(scores),
        timings={"ingest_s": ingested - started, "questions_s": asked - ingested, "stages_ms": latencies(records)},
        notices=tuple(notices),
    )
    _write_run(run, out)
    return run


def _ask_all(assistant: Assistant, eval_set: EvalSet, on_progress: Callable[[Step], None]) -> tuple[Record, ...]:
    records = []
    for done, query in enumerate(eval_set.queries):
        on_progress(Step("questions", done, len(eval_set.queries)))
        answer = answer_json(assistant.ask(query.text, history=query.history, as_of=query.date))
        records.append({"_id": query.id, **answer, "passages": answer["passages"][:PASSAGES]})
    on_progress(Step("questions", len(records), len(records)))
    return tuple(records)


def _cited_texts(assistant: Assistant, records: Iterable[Record]) -> dict[str, str]:
    """Article id -> text as the library stores it, of every article that a record cites."""
    ids = dict.fromkeys(citation["article_id"] for record in records for citation in record["citations"])
    articles = map(assistant.library.article, ids)
    return {article.id: article.text for article in articles if article}


# --- scores ----------------------------------------------------------------------------------------------------------


def score_records(records: Iterable[Record], eval_set: EvalSet, texts: Mapping[str, str]) -> Scores:
    """Every metric of every record. `texts` are the stored texts of the articles cited, by id.

    Raises EvalError for a record of a question that is not in the set.
    """
    queries = {query.id: query for query in eval_set.queries}
    scores = {}
    for record in records:
        id = record["_id"]
        if id not in queries:
            raise EvalError(f"The records hold question '{id}', which is not in the set '{eval_set.name}'.")
        scores[id] = score(record, Case(queries[id], eval_set.qrels.get(id, {}), texts))
    return scores


def summarise(scores: Scores) -> dict[str, Estimate]:
    """Metric -> mean, interval and number of questions."""
    return {name: estimate(values[name] for values in scores.values()) for name in METRICS}


def latencies(records: Sequence[Record]) -> dict[str, dict[str, float]]:
    """Stage -> p50, p95 in milliseconds, and n."""
    stages = dict.fromkeys(stage for record in records for stage in record["timings_ms"])
    return {
        stage: _percentiles([r["timings_ms"][stage] for r in records if stage in r["timings_ms"]]) for stage in stages
    }


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    p50, p95 = np.percentile(values, [50, 95])
    return {"p50": float(p50), "p95": float(p95), "n": len(values)}


# --- notices ---------------------------------------------------------------------------------------------------------


def _missing(eval_set: EvalSet, library: Library, report: IngestReport) -> list[str]:
    """A line when articles of the corpus cannot be found because they did not reach the library.

    Raises EvalError when none did: every number would be a zero that looks real.
    """
    held = {row.id for row in library.articles()}
    missing = [article for article in eval_set.articles if article not in held]
    reason = "".join(f" First reason: {failure.name}: {failure.reason}." for failure in report.failures[:1])
    if not held:
        raise EvalError(f"No article of {eval_set.corpus} could be read, so nothing can be measured.{reason}")
    if not missing:
        return []
    judged = sum(article in judgements for article in missing for judgements in eval_set.qrels.values())
    share = f"{len(missing)} of {len(eval_set.articles)} articles"
    return [f"{share} are not in the library, though {judged} judgements name them.{reason}"]


def _fallbacks(records: Sequence[Record], mode: str) -> list[str]:
    """A line when answers came from another mode than the one measured, as when a model's server is down."""
    others = [record for record in records if record["mode"] != mode]
    if not others:
        return []
    lost = f"{len(others)} of {len(records)} answers did not come from {mode}; the numbers are not those of {mode}."
    return [" ".join([lost, *(f"First notice: {record['notice']}" for record in others[:1])])]


# --- fingerprints ----------------------------------------------------------------------------------------------------

# Settings that work on a question. All others shape the library: one that is added tomorrow costs a new library until
# it is named here, and never a run over a library that does not fit.
_ASKING = frozenset(
    """llm candidates top per_article words_weight coverage_weight recency_weight recency_days answer_sentences
    refuse_below model_timeout question_words""".split()
)


_FACES = ("qa/ui/", "qa/cli.py", "qa/terminal.py", "qa/present_html.py", "qa/_data/")


def fingerprint(eval_set: EvalSet, settings: Settings) -> dict[str, str]:
    """What a run depends on: names as they are, contents as SHA-256."""
    return {
        "set": eval_set.name,
        **{name: _digest({name: path}) for name, path in eval_set.files.items()},
        "embedder": settings.embed,
        "settings": _digest_values(_told(settings)),
        "code": _digest(_code() | _files(folder("prompts"), "*.md") | _files(Path(__file__).parent, "*.py")),
    }


def _library_folder(eval_set: EvalSet, settings: Settings, cache: Path) -> Path:
    """The folder of the library that fits set, settings and code; of the older ones the last few are kept."""
    shaping = {name: value for name, value in _told(settings).items() if name not in _ASKING}
    # The path counts too, because the library remembers where each article was read.
    corpus = {str(eval_set.corpus.resolve()): eval_set.corpus}
    key = _digest_values([_digest(corpus), shaping, _digest(_code())])[:16]
    try:
        (cache / key).mkdir(parents=True, exist_ok=True)
        os.utime(cache / key)
        others = sorted(cache.glob("[0-9a-f]" * 16), key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError as error:
        raise EvalError(
            f"The cache folder {cache} cannot be written: {error.strerror}. Set XDG_CACHE_HOME to another."
        ) from None
    for old in others[KEPT_LIBRARIES:]:
        shutil.rmtree(old, ignore_errors=True)
    return cache / key


def _told(settings: Settings) -> dict[str, Any]:
    """The settings but for the library's folder, which a run does not use."""
    return settings.model_dump(mode="json", exclude={"index"})


def _code() -> dict[str, Path]:
    """The files that make articles and answers what they are, models included, faces not."""
    files = _files(Path(qa.__file__).parent, "**/*")
    return {name: path for name, path in files.items() if not name.startswith(_FACES)}


def _files(root: Path, pattern: str) -> dict[str, Path]:
    """Name -> path of the files in a folder that match, but for compiled ones."""
    paths = (path for path in root.glob(pattern) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root.parent).as_posix(): path for path in paths}


def _digest(files: Mapping[str, Path]) -> str:
    """SHA-256 of names and contents, whatever the order."""
    return _digest_values({name: _digest_file(path) for name, path in files.items()})


def _digest_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest_values(values: object) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


# --- files -----------------------------------------------------------------------------------------------------------


def _prepare(out: Path) -> None:
    """Makes the folder and takes away an earlier run.json, so that there is one only beside the records it sums up."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "run.json").unlink(missing_ok=True)
        tempfile.TemporaryFile(dir=out).close()
    except OSError as error:
        raise EvalError(
            f"The run cannot be written to {out}: {error.strerror}. Choose another folder with --out."
        ) from None


def _write_run(run: Run, out: Path) -> None:
    lines = [{**record, "metrics": run.scores[record["_id"]]} for record in run.records]
    _write(out / "records.jsonl", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    _write(out / "run.trec", "".join(line + "\n" for record in run.records for line in _trec_lines(record)))
    summary = {
        "fingerprint": run.fingerprint,
        "settings": run.settings,
        "metrics": {name: asdict(value) for name, value in run.metrics.items()},
        "timings": run.timings,
    }
    _write(out / "run.json", json.dumps(summary, ensure_ascii=False, indent=2) + "\n")


def _trec_lines(record: Record) -> list[str]:
    scores = descending_scores(ranked_articles(record))
    return [
        f"{record['_id']} Q0 {article} {rank} {score:.6f} citewire"
        for rank, (article, score) in enumerate(scores.items(), start=1)
    ]


def _write(path: Path, text: str) -> None:
    """Writes a file that is either whole or not there."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        raise EvalError(f"{path} cannot be written: {error.strerror}.") from None
