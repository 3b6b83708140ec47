"""ferry  a library with the articles of ferry.py, read by the tests of this folder and changed by none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ferry import ARTICLES
from parts import open_library

from qa.library import Library
from qa.settings import load_settings


@pytest.fixture(scope="package")
def ferry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("ferry")
    for name, text in ARTICLES.items():
        (folder / f"{name}.md").write_text(text, "utf-8")
    with open_library(load_settings(index=folder / "library")) as library:
        library.ingest([folder])
        yield library
