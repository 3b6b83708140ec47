"""Articles that are removed in the window, and put back for a moment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from parts import texts

from qa.errors import UsageError
from qa.library import Library
from qa.ui.library.removing import UNDO, Removals

Open = Callable[..., Library]


def test_it_is_too_late_after_a_while_and_for_anybody_else(library: Open, write: Callable[[str, str], Path]) -> None:
    clock = [0.0]
    ours = library()
    ours.ingest([write(f"{name}.txt", f"The {name} closed on Friday.") for name in ("bridge", "school", "harbour")])
    removals = Removals(ours, now=lambda: clock[0])
    first = removals.remove(["bridge"], "ada")
    with pytest.raises(UsageError, match="too late"):
        removals.undo(first, "bob")
    clock[0] = UNDO
    assert removals.undo(first, "ada") == 1
    with pytest.raises(UsageError, match="too late"):  # twice
        removals.undo(first, "ada")
    second = removals.remove(["school"], "ada")
    clock[0] += 60
    with pytest.raises(UsageError, match="too late"):
        removals.undo(second, "ada")
    assert texts(ours).keys() == {"bridge", "harbour"}
