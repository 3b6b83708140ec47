"""Models that need torch load and answer without a word on the terminal: one process, which takes seconds to start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tiny_models import save_bert, save_encoder, save_writer

pytestmark = pytest.mark.slow

USE = """
import sys
from qa.models import load_embedder, load_language_model, load_reranker
from qa.types import Message
encoder, reranker, writer = sys.argv[1:]
embedder = load_embedder(f"sentence-transformers:{encoder}")
embedder.embed_query("who")
embedder.embed_passages(["who", "what"] * 100)
load_reranker(f"sentence-transformers:{reranker}").scores("who won", ["the talks failed"] * 100)
"".join(load_language_model(f"local:{writer}").stream([Message("user", "who won")]))
"""


def test_nothing_is_written_to_the_terminal(tmp_path: Path) -> None:
    folders = [
        save_encoder(tmp_path / "encoder", tmp_path / "bare"),
        save_bert(tmp_path / "reranker", labels=1),
        save_writer(tmp_path / "writer"),
    ]
    done = subprocess.run([sys.executable, "-c", USE, *map(str, folders)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
