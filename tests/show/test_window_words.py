"""The one file of the window's texts: every name that a template asks for is there, under whatever name it calls it."""

import re
from pathlib import Path

import pytest

import qa.ui
from qa.show.window_words import WORDS, counted, words_script

UI = Path(qa.ui.__file__).parent
TEMPLATES = [path for path in UI.glob("templates/**/*.html") if "texts." in path.read_text("utf-8")]


def test_no_name_is_one_that_every_mapping_has() -> None:
    assert not [name for view in ({"": ""}, *WORDS.values()) for name in view if hasattr(dict, name)]
    assert not [view for view in WORDS if hasattr(dict, view)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_text_of_a_template_is_there(path: Path) -> None:
    html = path.read_text("utf-8")
    called = {}
    for names, views in re.findall(r"{% set ([\w, ]+) = (texts\.[\w, .]+) %}", html):
        called |= dict(zip(names.split(", "), views.replace("texts.", "").split(", "), strict=True))
    asked = re.findall(r"\btexts\.(\w+)\.(\w+)", html)
    asked += [(view, name) for short, view in called.items() for name in re.findall(rf"\b{short}\.(\w+)", html)]
    assert asked and not [(view, name) for view, name in asked if name not in WORDS[view]]


def test_two_forms_are_chosen_by_the_number() -> None:
    assert counted(WORDS["counts"]["articles"], 1) == "1 article"
    assert counted(WORDS["counts"]["articles"], 1_200) == "1,200 articles"


def test_no_text_ends_the_script_that_it_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WORDS, "counts", {"x": "</script><script>"})  # type: ignore[arg-type]
    assert "<" not in words_script()
