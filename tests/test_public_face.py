"""What `import qa` gives: the public names, loaded late, and for one more release the places of version 0.1."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import qa


def test_every_public_name_is_there_and_is_the_one_of_its_module() -> None:
    assert sorted(qa.__all__) == qa.__all__
    for name in qa.__all__:
        assert getattr(qa, name).__name__ == name
    assert set(qa.__all__) <= set(dir(qa))


def test_a_name_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(AttributeError, match=r"has no attribute 'Asistant'. It exports: Answer, Assistant"):
        _ = qa.Asistant  # type: ignore[attr-defined]


def test_importing_it_loads_nothing_of_what_is_slow() -> None:
    script = (
        "import sys, qa; print(sorted(name for name in sys.modules if name.startswith('qa.')), 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['qa.assistant', 'qa.llama'] False"


@pytest.mark.parametrize(
    ("old", "name", "new"),
    [("qa.assistant", "Assistant", "qa.ask.assistant"), ("qa.llama", "CitewireRetriever", "qa.api.llama")],
)
def test_the_places_of_the_last_release_still_lead_there(old: str, name: str, new: str) -> None:
    moved = importlib.import_module(old)
    with pytest.warns(DeprecationWarning, match=f"{old} is {new} now"):
        assert getattr(moved, name) is getattr(importlib.import_module(new), name)
