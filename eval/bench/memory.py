"""python -m eval.bench.memory LIBRARY: what `qa serve` holds in memory over questions of several who ask at once.

Prints the resident memory after every portion of questions, and draws it as an SVG picture.
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from eval.bench.articles import evenly
from eval.bench.askers import ask_one, serving
from qa.library import Library
from qa.settings import Settings

_WIDTH, _HEIGHT, _LEFT, _BELOW = 640, 300, 60, 45


def measure(library: Path, questions: Sequence[str], askers: int, every: int) -> list[tuple[int, float]]:
    """Pairs of questions answered and gigabytes that the server holds then, from before the first question on."""
    with serving(library, None) as (address, process):
        held = [(0, _gigabytes(process))]
        left, done, lock = list(reversed(questions)), 0, threading.Lock()

        def ask() -> None:
            nonlocal done
            while True:
                with lock:
                    if not left:
                        return
                    question = left.pop()
                ask_one(address, question)
                with lock:
                    done += 1
                    if done % every == 0:
                        held.append((done, _gigabytes(process)))
                        print(f"{held[-1][0]:6,}  {held[-1][1]:.3f} GB", flush=True)  # noqa: T201

        threads = [threading.Thread(target=ask) for _ in range(askers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return held


def _gigabytes(process: subprocess.Popen[bytes]) -> float:
    found = re.search(r"^VmRSS:\s+(\d+) kB$", Path(f"/proc/{process.pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) * 1024 / 1e9 if found else 0.0


def picture(held: Sequence[tuple[int, float]], title: str) -> str:
    """The memory over the questions as SVG."""
    most, top = held[-1][0] or 1, max(0.8, 1.1 * max(gigabytes for _, gigabytes in held))

    def place(questions: float, gigabytes: float) -> str:
        across, down = _WIDTH - _LEFT - 20, _HEIGHT - _BELOW - 40
        return f"{_LEFT + across * questions / most:.1f},{40 + down * (1 - gigabytes / top):.1f}"

    lines, words = [], []
    for step in range(int(top / 0.2) + 1):
        (left, height), (right, _) = (place(at, 0.2 * step).split(",") for at in (0, most))
        lines.append(f'<path d="M{left},{height} H{right}" stroke="#ccc"/>')
        words.append(f'<text x="{_LEFT - 8}" y="{float(height) + 4}" text-anchor="end">{0.2 * step:.1f}</text>')
    for at in range(0, most + 1, max(1, most // 5)):
        across, down = place(at, 0).split(",")
        words.append(f'<text x="{across}" y="{float(down) + 18}" text-anchor="middle">{at:,}</text>')
    curve = " ".join(place(*pair) for pair in held)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        f'font-size="12" fill="#333"><rect width="100%" height="100%" fill="#fff"/><text x="{_LEFT}" y="22">{title}'
        f'</text>{"".join(lines)}{"".join(words)}<polyline points="{curve}" fill="none" stroke="#1f4f7a" '
        f'stroke-width="2"/><text x="{_WIDTH // 2}" y="{_HEIGHT - 8}" text-anchor="middle">questions</text></svg>\n'
    )


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    library: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The library that is asked.")],
    questions: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A question a line, as text or as JSON.")
    ] = None,
    count: Annotated[int, typer.Option(help="Questions.")] = 1_000,
    askers: Annotated[int, typer.Option(help="Who ask at once.")] = 8,
    out: Annotated[Path | None, typer.Option(help="Where the picture goes.")] = None,
) -> None:
    """Measure what the window holds in memory over many questions."""
    with Library.open(Settings.model_construct(index=library)) as opened:
        passages = len(opened.store.articles.passage_ids())
        titles = [row.title for row in opened.articles()]
    if questions:
        asked = [_question(line) for line in questions.read_text("utf-8").splitlines() if line.strip()]
    else:
        asked = [f"What is known about {title}?" for title in dict.fromkeys(titles)]
    held = measure(library, evenly(asked, count), askers, max(1, count // 40))
    title = f"qa serve over {passages:,} passages, {askers} asking at once: gigabytes held"
    if out:
        out.write_text(picture(held, title), "utf-8")


def _question(line: str) -> str:
    return str(json.loads(line)["question"]) if line.lstrip().startswith("{") else line.strip()


if __name__ == "__main__":
    app(prog_name="python -m eval.bench.memory")
