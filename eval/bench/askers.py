"""Several people who ask at once, over HTTP, before a `qa serve` of its own: how long sources and answers take."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import qa
from eval.bench.articles import Raw, make_questions, write_articles
from eval.bench.measure import Advance, run_python
from eval.bench.report import Measurement
from qa.errors import EvalError

ASKERS = (1, 4, 8)
_COMMAND = "from qa.cli.main import main; main()"
_START = 300  # seconds until the server must be ready


@dataclass(frozen=True, slots=True)
class Waited:
    """The seconds that one question took."""

    sources: float
    answer: float


def asking(folder: Path, articles: Sequence[Raw], each: int, advance: Advance) -> list[Measurement]:
    """Seconds until sources and answers come, to so many askers; beside them the same without taking turns."""
    library = folder / "asked"
    run_python(_COMMAND, "ingest", str(write_articles(folder / "asked.jsonl", articles)), "--index", str(library))
    questions = make_questions(articles, 200)
    told: dict[tuple[int, bool], list[Waited]] = {}
    done = 0
    for in_turn in (False, True):
        with serving(library, None if in_turn else 0) as (address, _):
            ask_one(address, questions[0])
            for count in ASKERS:
                told[count, in_turn] = ask_at_once(address, questions, count, each)
                done += 1
                advance(done, 2 * len(ASKERS))
    rows = []
    for count in ASKERS:
        ours, other = told[count, True], told[count, False]
        who = f"{count} asking at once, {len(articles):,} articles" if count > 1 else "one asking"
        at_most = 3.0 if count == max(ASKERS) else None
        for name, share in (("half", 0.5), ("95 of 100", 0.95), ("all", 1.0)):
            target = at_most if share == 0.95 else None
            rows.append(
                Measurement(
                    f"{who}: {name} answered within",
                    quantile([one.answer for one in ours], share),
                    "s",
                    quantile([one.answer for one in other], share),
                    at_most=target,
                )
            )
        sources = [[one.sources for one in some] for some in (ours, other)]
        rows.append(
            Measurement(f"{who}: 95 of 100 have sources", quantile(sources[0], 0.95), "s", quantile(sources[1], 0.95))
        )
    return rows


def ask_at_once(address: str, questions: Sequence[str], count: int, each: int) -> list[Waited]:
    """What every question took: `count` askers begin together, and each asks `each` questions one after the other."""
    waited: list[Waited] = []
    begin = threading.Barrier(count)

    def ask(number: int) -> None:
        begin.wait()
        for turn in range(each):
            waited.append(ask_one(address, questions[(number * each + turn) % len(questions)]))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(waited) < count * each:
        raise EvalError("The server of the benchmark did not answer every question.")
    return waited


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that this share of the values does not exceed."""
    return sorted(values)[max(0, -int(-len(values) * share // 1) - 1)]


def ask_one(address: str, question: str) -> Waited:
    """What one question took. Raises EvalError where it fails or finds nothing."""
    body = json.dumps({"question": question, "stream": True}).encode()
    request = urllib.request.Request(f"{address}/api/ask", body, {"Content-Type": "application/json"})
    began, sources = time.perf_counter(), None
    with urllib.request.urlopen(request, timeout=300) as answer:
        for line in answer:
            if line.startswith(b"event: draft") and sources is None:
                sources = time.perf_counter() - began
            elif line.startswith(b"event: error"):
                raise EvalError(f"A question of the benchmark failed: {next(answer).decode()}")
    if sources is None:
        raise EvalError("A question of the benchmark had no sources.")
    return Waited(sources, time.perf_counter() - began)


@contextmanager
def serving(library: Path, at_once: int | None) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Address and process of a `qa serve` that ends with the block; `at_once` is work_at_once, or its default."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
    environment["PYTHONPATH"] = os.pathsep.join([str(Path(qa.__file__).parent.parent), *sys.path[1:]])
    if at_once is not None:
        environment["QA_WORK_AT_ONCE"] = str(at_once)
    port = _free_port()
    command = [sys.executable, "-c", _COMMAND, "serve", "--index", str(library), "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, process)
            yield address, process
        finally:
            process.send_signal(signal.SIGTERM)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/api/health", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise EvalError("The server of the benchmark did not start.")


def _free_port() -> int:

    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
