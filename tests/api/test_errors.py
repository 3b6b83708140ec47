"""Errors as those who ask from elsewhere see them: without the folders of the server."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa.api.errors import told, without_folders
from qa.errors import LibraryError, UsageError


def test_a_file_of_this_machine_loses_its_folders(tmp_path: Path) -> None:
    words = f"Library {tmp_path}/library cannot be used: '{tmp_path}/a/articles.db' is full."
    assert without_folders(words) == "Library library cannot be used: 'articles.db' is full."
    assert told(LibraryError(words)) == (503, "Library library cannot be used: 'articles.db' is full.")


@pytest.mark.parametrize(
    "words",
    [
        "They are listed at /api/articles",
        "Write it as the proxy shows it, such as --root-path /news.",
        "Give one such as https://example.org/tmp/page",
        "There is no article 'tmp/x/y'.",
        "One half and/or the other, 3/4 of it; ~/tmp/x stays.",
    ],
)
def test_what_is_no_file_of_this_machine_stays(words: str) -> None:
    assert without_folders(words) == words
    assert told(UsageError(words)) == (400, words)
