"""The comparisons: starting up, ingesting, finding. Each gives rows of the table."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import qa
from eval.bench.articles import Raw, evenly, make_questions, write_articles
from eval.bench.plain import make_minilm, plain_pipeline, run_plain
from eval.bench.report import Measurement
from qa.errors import EvalError
from qa.prompts import folder as resource_folder
from qa.settings import Settings

if TYPE_CHECKING:
    from qa.ask.assistant import Assistant

Advance = Callable[[int, int], None]
"""Receives the number done and the total."""

HEAVY = ("torch", "transformers", "gradio")
_QUESTION = "Who took over the chairmanship of the CIS?"


@dataclass(frozen=True, slots=True)
class Size:
    """The amount of work of a run."""

    articles: int = 2_000
    """Articles to ingest with Citewire."""
    plain_articles: int = 100
    """How many of these, evenly chosen, the slow plain pipeline ingests."""
    library: int = 8_000
    """Taken in in one go, again, and one more."""
    large: int = 20_000
    """Taken in in one go, for the memory that it needs."""
    passages: int = 50_000
    questions: int = 200
    warm_up: int = 20
    """Untimed questions that bring files into memory, like the first hour of a window."""
    rebuilds: int = 3
    """Questions for which the word index is built again."""
    asked: int = 10
    """Questions of each of those who ask at once."""
    starts: int = 7
    """Processes started for one median."""


QUICK = Size(
    articles=200, plain_articles=10, library=200, large=400, passages=2_000, questions=50, rebuilds=2, asked=1, starts=3
)


# --- starting up -----------------------------------------------------------------------------------------------------


def start_up(folder: Path, starts: int, advance: Advance) -> list[Measurement]:
    """Seconds until a new process has printed its help or an answer from the seeds, and what an import brings along."""
    library = str(folder / "seeds")
    _command("ingest", str(resource_folder("seeds")), "--index", library)
    helps, asks = [], []
    for done in range(starts):
        helps.append(_seconds(lambda: _command("--help")))
        asks.append(_seconds(lambda: _command("ask", _QUESTION, "--index", library)))
        advance(done + 1, starts)
    return [
        Measurement("qa --help, cold", statistics.median(helps), "s", at_most=0.5),
        Measurement("qa ask on the seeds, cold", statistics.median(asks), "s", at_most=5),
        Measurement(
            f"{', '.join(HEAVY)} loaded by import qa, qa.cli.main, qa.ask.assistant", len(_imported()), "", at_most=0
        ),
    ]


def _imported() -> list[str]:
    loaded = run_python("import sys, qa, qa.cli.main, qa.ask.assistant; print(*sys.modules)")
    return sorted({*HEAVY}.intersection(loaded.split()))


def _command(*arguments: str) -> str:
    return run_python("from qa.cli.main import main; main()", *arguments)


def run_python(code: str, *arguments: str, stdin: str = "") -> str:
    """What a new Python process prints, in an empty folder and without our settings. Raises EvalError when it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
    environment["PYTHONPATH"] = os.pathsep.join([str(Path(qa.__file__).parent.parent), *sys.path[1:]])
    with tempfile.TemporaryDirectory() as elsewhere:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            input=stdin, env=environment, cwd=elsewhere, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise EvalError(f"A process of the benchmark failed with exit code {done.returncode}: {reason}")
    return done.stdout


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# --- ingesting -------------------------------------------------------------------------------------------------------

# Chunk size and overlap, in tokens, of which the model reads 256: of a default chunk three quarters are never embedded.
PLAIN_CHUNKS: Mapping[str, tuple[int, int]] = {
    "by its defaults (1024 tokens, overlap 200)": (1024, 200),
    "in passages of our size (256 tokens, no overlap)": (256, 0),
}


def ingest(folder: Path, articles: Sequence[Raw], plain_count: int, advance: Advance) -> list[Measurement]:
    """Articles a second into a new library, beside a plain llama-index pipeline over some of the same articles."""
    some = evenly(articles, plain_count)
    total = len(articles) + len(PLAIN_CHUNKS) * len(some)
    _ingest_ours(folder / "warm", articles[:3])  # imports are not part of the comparison
    ours = len(articles) / _ingest_ours(folder / "ours", articles, _further(advance, 0, total))
    model = make_minilm(folder, (str(article["text"]) for article in articles))
    measurements = []
    average = round(statistics.mean(len(article["text"].split()) for article in articles))
    done = len(articles)
    for name, (size, overlap) in PLAIN_CHUNKS.items():
        pipeline = plain_pipeline(folder / f"plain-{size}", model, size, overlap)
        run_plain(pipeline, some[:1])
        seconds = _seconds(partial(run_plain, pipeline, some, _further(advance, done, total)))
        done += len(some)
        what = (
            f"ingest {len(articles):,} articles of {average:,} words; plain llama-index {name}, {len(some):,} of them"
        )
        measurements.append(Measurement(what, ours, "articles/s", len(some) / seconds, ratio_at_least=20))
    return measurements


def _ingest_ours(folder: Path, articles: Iterable[Raw], advance: Callable[[int], None] = lambda done: None) -> float:
    """Seconds from the opening of a new library to its closing."""
    from qa.library import Library

    file = write_articles(folder.with_suffix(".jsonl"), articles)

    def run() -> None:
        with Library.open(_settings(folder)) as library:
            library.ingest([file], lambda progress: advance(progress.done))

    return _seconds(run)


def _further(advance: Advance, before: int, total: int) -> Callable[[int], None]:
    """Told what is done of a part, says how far that is in the whole."""
    return lambda done: advance(before + done, total)


# --- finding ---------------------------------------------------------------------------------------------------------


def finding(folder: Path, articles: Iterator[Raw], size: Size, advance: Advance) -> list[Measurement]:
    """Milliseconds of a search in a large library, beside one that indexes its words first, and the window's memory."""
    from qa.ask.assistant import Assistant

    steps = size.passages + size.questions + size.rebuilds
    passages, taken = _fill(folder / "large", articles, size.passages, _further(advance, 0, steps))
    questions = make_questions(taken, size.questions + size.warm_up)
    warm_up, asked = questions[: size.warm_up], questions[-size.questions :]
    with Assistant.open(_settings(folder / "large")) as assistant:
        for question in warm_up:
            search_seconds(assistant, question)
        times = []
        for done, question in enumerate(asked):
            times.append(search_seconds(assistant, question) * 1000)
            advance(size.passages + done, steps)
        other = statistics.median(rebuilding_seconds(assistant, asked[: size.rebuilds])) * 1000
    p50, p95 = statistics.median(times), statistics.quantiles(times, n=20, method="inclusive")[-1]
    where = f"{passages:,} passages"
    memory = window_memory(folder / "large", warm_up)
    advance(steps, steps)
    return [
        Measurement(f"find among {where}, p50; words indexed anew for each question", p50, "ms", other, at_most=25),
        Measurement(f"find among {where}, p95", p95, "ms", at_most=60),
        *(
            Measurement(f"window over {where}, {name}", gigabytes, "GB", at_most=1.2)
            for name, gigabytes in memory.items()
        ),
    ]


def _fill(
    folder: Path, articles: Iterator[Raw], passages: int, advance: Callable[[int], None]
) -> tuple[int, list[Raw]]:
    """Makes a library of at least so many passages; gives how many they are, and the articles."""
    from qa.library import Library

    held, taken = 0, list[Raw]()
    with Library.open(_settings(folder)) as library:
        while held < passages:
            # Portions that become smaller, so that the last carries it but little past the mark.
            portion = list(islice(articles, -(-(passages - held) // 20)))
            file = write_articles(folder.with_name(f"{folder.name}-{len(taken)}.jsonl"), portion)
            report = library.ingest([file])
            held, taken = held + report.passages, taken + portion
            advance(min(held, passages))
    return held, taken


def search_seconds(assistant: Assistant, question: str) -> float:
    """Seconds of one search."""
    understood = assistant.understand(question)
    return _seconds(lambda: assistant.search(understood))


def rebuilding_seconds(assistant: Assistant, questions: Sequence[str]) -> list[float]:
    """Seconds of each search when the word index is made from the texts first, as retrievers do that keep none."""
    from qa.store.words.index import WordIndex
    from qa.store.words.wording import wording_of

    articles = assistant.library.store.articles
    texts = [(passage.id, wording_of(passage)) for passage in articles.all_passages(articles.passage_ids())]

    def rebuild(question: str) -> None:
        WordIndex.empty().updated(texts).scores(question)

    return [_seconds(partial(rebuild, question)) + search_seconds(assistant, question) for question in questions]


_WINDOW = """
import json, sys
from pathlib import Path
from qa.ask.assistant import Assistant
from qa.settings import Settings
from qa.ui.app import build
from qa.ui.context import AppState

with Assistant.open(Settings.model_construct(index=Path(sys.argv[1]))) as assistant:
    window = build(AppState(assistant))
    for question in json.load(sys.stdin):
        assistant.ask(question)
    print(Path("/proc/self/status").read_text())
"""


def window_memory(library: Path, questions: Sequence[str]) -> dict[str, float]:
    """Gigabytes that the window's process holds after the questions, and at most; nothing where there is no /proc."""
    if not Path("/proc/self/status").exists():
        return {}
    status = run_python(_WINDOW, str(library), stdin=json.dumps(questions))
    kibibytes = {name: int(number) for name, number in re.findall(r"^(Vm\w+):\s+(\d+) kB$", status, re.MULTILINE)}
    return {
        name: kibibytes[field] * 1024 / 1e9 for name, field in (("memory", "VmRSS"), ("memory at its peak", "VmHWM"))
    }


def _settings(index: Path) -> Settings:
    """The built-in settings, whatever the environment and the folder it runs in would set."""
    return Settings.model_construct(index=index)
