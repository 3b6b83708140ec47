"""The examples of docs/api.md run as they stand, in order, against a server, and print what the page says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest
from looping import in_a_thread
from serving import serve

from docs import BLOCK
from qa.ask.assistant import Assistant
from qa.prompts import folder
from qa.settings import load_settings

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.mark.slow
def test_every_example_runs_and_prints_what_the_page_says(tmp_path: Path) -> None:
    blocks = list(BLOCK.finditer(PAGE.read_text("utf-8")))
    assert len(blocks) == PAGE.read_text("utf-8").count("```python") > 5
    with Assistant.open(load_settings(index=tmp_path / "library")) as assistant:
        assistant.library.ingest([folder("seeds")])
        for address in serve(assistant):
            names: dict[str, Any] = {"address": address}
            for block in blocks:
                printed = io.StringIO()
                with contextlib.redirect_stdout(printed):
                    code = compile(block["code"], "docs/api.md", "exec")
                    in_a_thread(lambda code=code, names=names: exec(code, names))
                expected = re.sub(r"^ {4}", "", block["printed"] or "", flags=re.MULTILINE)
                assert printed.getvalue() == expected, block["code"]
