"""How long a reader waits, as a table: python tests/browser/waiting.py [TIMES]

The real `qa serve` over seeds/, in a process of its own each time. Cold is the first page of a new server in a new
browser, and its first question; warm is a second page of the same browser, and a question while all is loaded.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, expect, sync_playwright
from rich.console import Console
from rich.table import Table
from windows import launch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from chroma import free_port  # noqa: E402
from servers import ModelServer  # noqa: E402

SEEDS = HERE.parents[1] / "seeds"
QA = [sys.executable, "-c", "from qa.cli.main import main; main()"]
QUESTIONS = (
    "Who is at the head of the CIS Plenipotentiaries Council this year?",
    "Who took over the chairmanship of the CIS?",
)
REPLY = " ".join(f"word{n}" for n in range(200))

PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
WATCH = """() => {
  const seen = (window.seen = {});
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter") Object.assign(seen, { asked: performance.now(), word: null, done: null });
  }, true);
  new MutationObserver(() => {
    const turn = document.querySelector("#last .turn");
    if (seen.asked && !seen.word && turn?.querySelector(".answer")?.textContent.trim()) seen.word = performance.now();
    if (seen.word && !seen.done && turn.dataset.state === "done") seen.done = performance.now();
  }).observe(document.querySelector("#last"), { childList: true, subtree: true });
}"""


@contextmanager
def serve(index: Path, llm: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server with its address; it is still there at the end of the block."""
    words = [*QA, "serve", "--index", str(index), "--port", str(free_port()), "--llm", llm]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        try:
            yield process, process.stdout.readline().split()[3]
        finally:
            process.kill()


def visit(context: BrowserContext, address: str, question: str) -> dict[str, float]:
    """Seconds from the click on the address, and from Enter."""
    page = context.new_page()
    page.goto(address)
    expect(page.locator(".example").first).to_be_visible()
    usable = page.evaluate("performance.now()")
    painted = page.evaluate(PAINTED)
    page.evaluate(WATCH)
    box = page.get_by_role("textbox", name="Your question")
    box.fill(question)
    box.press("Enter")
    page.wait_for_function("window.seen.done")
    seen = page.evaluate("window.seen")
    page.close()
    return {
        "first paint": painted / 1000,
        "ready to be asked": usable / 1000,
        "Enter to the first word": (seen["word"] - seen["asked"]) / 1000,
        "Enter to the checked answer": (seen["done"] - seen["asked"]) / 1000,
    }


def end(context: BrowserContext, address: str, process: subprocess.Popen[str]) -> float:
    """Seconds from SIGTERM, sent as soon as a question is asked, to the end of the process."""
    page = context.new_page()
    page.goto(address)
    expect(page.locator(".example").first).to_be_visible()
    page.locator(".example").first.click()
    expect(page.locator("#last .turn")).to_be_visible()
    began = time.perf_counter()
    process.terminate()
    assert process.wait(timeout=60) == 0
    return time.perf_counter() - began


def main(times: int) -> None:
    """Prints medians, each with the longest."""
    waited: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, launch(playwright) as browser:
        index = Path(folder) / "library"
        subprocess.run([*QA, "ingest", str(SEEDS), "--index", str(index)], check=True, stdout=subprocess.DEVNULL)
        with ModelServer(default=lambda messages: REPLY, pause=0.005) as model:
            os.environ["OPENAI_BASE_URL"] = model.base_url
            for llm in ("extractive", "openai:tiny"):
                for _ in range(times):
                    began = time.perf_counter()
                    with serve(index, llm) as (process, address), browser.new_context() as context:
                        waited[llm, "cold", "start of the server"].append(time.perf_counter() - began)
                        for heat, question in zip(("cold", "warm"), QUESTIONS, strict=True):
                            for what, seconds in visit(context, address, question).items():
                                waited[llm, heat, what].append(seconds)
                        waited[llm, "warm", "SIGTERM to the end, a tab open and a question asked"].append(
                            end(context, address, process)
                        )
    table = Table("", "", "", "median, s", "longest, s", title=f"{times} servers each, on {os.cpu_count()} processors")
    for (llm, heat, what), seconds in waited.items():
        table.add_row(llm, heat, what, f"{statistics.median(seconds):.2f}", f"{max(seconds):.2f}")
    Console().print(table)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
