"""The MCP server, spoken to by a real client over stdio; and what is said where the package is missing."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from looping import run
from mcp import Client, StdioServerParameters, stdio_client

from qa.cli.main import main
from qa.library import Library
from qa.prompts import folder
from qa.settings import load_settings

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
QA = "from qa.cli.main import main; main()"
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    index = tmp_path_factory.mktemp("mcp") / "library"
    with Library.open(load_settings(index=index)) as library:
        library.ingest([folder("seeds")])
    return index


def talk(index: Path, *calls: tuple[str, dict[str, Any]]) -> tuple[dict[str, Any], list[Any]]:
    """The tools by name, and what each call gave."""

    async def talked() -> tuple[dict[str, Any], list[Any]]:
        server = StdioServerParameters(
            command=sys.executable, args=["-c", QA, "mcp", "--index", str(index)], env=ENVIRONMENT
        )
        async with Client(stdio_client(server)) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            return tools, [await client.call_tool(name, arguments) for name, arguments in calls]

    return run(talked())


def document(result: Any) -> dict[str, Any]:
    assert not result.is_error, result.content
    return json.loads(result.content[0].text)


def test_a_client_asks_searches_and_reads(index: Path) -> None:
    tools, [answer, found, article, missing, wrong] = talk(
        index,
        ("ask", {"question": "Who took over the chairmanship of the CIS?"}),
        ("search", {"query": "counter-terrorism program", "limit": 2}),
        ("open_article", {"article_id": "cis-counter-terrorism-program"}),
        ("open_article", {"article_id": "nope"}),
        ("search", {"query": "program", "date_from": "yesterday"}),
    )
    assert list(tools) == ["ask", "search", "open_article"]
    assert all(tool.description and "description" in str(tool.input_schema) for tool in tools.values())
    said = document(answer)
    assert "Kyrgyzstan" in said["answer"] and said["citations"][0]["quote"]
    assert len(document(found)["passages"]) == 2 and document(found)["notice"] is None
    assert document(found)["passages"][0]["article_id"] == "cis-counter-terrorism-program"
    assert document(article)["text"].count("\n\n") > 2
    assert missing.is_error and "There is no article 'nope'." in missing.content[0].text
    assert wrong.is_error and "date_from 'yesterday' is not a day." in wrong.content[0].text


def test_a_missing_package_says_what_to_type(
    index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in ("mcp", "mcp.server.mcpserver"):
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr(sys, "argv", ["qa", "mcp", "--index", str(index)])
    with pytest.raises(SystemExit) as end:
        main()
    output, errors = capsys.readouterr()
    assert end.value.code == 1 and output == ""
    assert "pip install 'citewire[mcp]'" in errors and "Traceback" not in errors
