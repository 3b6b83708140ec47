"""The examples of docs/python.md run as they stand, in order, and print what the page says they print."""

import contextlib
import io
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from looping import in_a_thread

from docs import BLOCK
from qa.prompts import folder

PAGE = Path(__file__).parent.parent / "docs" / "python.md"
# A block, and the indented lines that follow it at once: what it prints.


@pytest.mark.slow
def test_every_example_runs_and_prints_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(folder("seeds"), tmp_path / "seeds")
    blocks = list(BLOCK.finditer(PAGE.read_text("utf-8")))
    assert len(blocks) == PAGE.read_text("utf-8").count("```python") > 8
    names: dict[str, Any] = {"__name__": "docs_python"}
    for block in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            code = compile(block["code"], "docs/python.md", "exec")
            in_a_thread(lambda code=code: exec(code, names))
        expected = re.sub(r"^ {4}", "", block["printed"] or "", flags=re.MULTILINE)
        assert printed.getvalue() == expected, block["code"]
