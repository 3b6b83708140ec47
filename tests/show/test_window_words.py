"""The one file of the window's texts: each that a template, a script or a panel asks for is there, and each is used."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import qa.show.html
import qa.ui
from qa.show.window_words import WORDS, counted, words_script

UI, SHOW = Path(qa.ui.__file__).parent, Path(qa.show.html.__file__).parent
TEMPLATES = [path for folder in (UI, SHOW) for path in folder.glob("templates/**/*.html")]
SCRIPTS = list(UI.glob("assets/*.js"))
MODULES = [*UI.glob("**/*.py"), *SHOW.glob("**/*.py")]


def asked(text: str, root: str, calls: dict[str, str]) -> list[tuple[str, str]]:
    """The texts that a file asks for, under whatever name it calls their view."""
    found = re.findall(rf"\b{root}\.(\w+)\.(\w+)", text)
    for call, view in calls.items():
        found += [(view, name) for name in re.findall(rf'(?<![.\w]){call}(?:\.|\[")(\w+)\b(?!\()', text)]
    return [one for one in found if one[0] in WORDS]


def of_template(html: str) -> list[tuple[str, str]]:
    calls = {}
    for names, values in re.findall(r"{% set ([\w, ]+) = ([^%]+) %}", html):
        for name, value in zip(names.split(", "), values.split(", "), strict=False):
            if value.startswith("texts."):
                calls[name] = value.removeprefix("texts.")
    return asked(html, "texts", {name: view for name, view in calls.items() if view in WORDS})


def of_script(js: str) -> list[tuple[str, str]]:
    calls = dict(re.findall(r"const (\w+) = citewire\.words\.(\w+);", js))
    for names in re.findall(r"const {([^}]+)} = citewire\.words;", js):
        calls |= {call: view for view, call in re.findall(r"(\w+): (\w+)", names)}
    return asked(js, r"citewire\.words", calls) + asked(js, r"(?<![.\w])words", {})


def of_module(code: str) -> list[tuple[str, str]]:
    calls = dict(re.findall(r'^(\w+) = WORDS\["(\w+)"\]$', code, re.MULTILINE))
    return re.findall(r'\bWORDS\["(\w+)"\]\["(\w+)"\]', code) + asked(code, "WORDS", calls)


def test_no_name_is_one_that_every_mapping_has() -> None:
    assert not [name for view in ({"": ""}, *WORDS.values()) for name in view if hasattr(dict, name)]
    assert not [view for view in WORDS if hasattr(dict, view)]


@pytest.mark.parametrize(("paths", "names"), [(TEMPLATES, of_template), (SCRIPTS, of_script), (MODULES, of_module)])
def test_every_text_that_is_asked_for_is_there(
    paths: list[Path], names: Callable[[str], list[tuple[str, str]]]
) -> None:
    found = [(path.name, view, name) for path in paths for view, name in names(path.read_text("utf-8"))]
    assert len(found) > 40
    assert not [one for one in found if one[2] not in WORDS[one[1]] and not one[2].endswith("_")]


def test_every_text_is_asked_for_somewhere() -> None:
    everything = " ".join(path.read_text("utf-8") for path in [*MODULES, *TEMPLATES, *SCRIPTS])
    known = set(re.findall(r"\w+", everything))
    begun = tuple(set(re.findall(r'(\w+_)(?:{|\$|" ~)', everything)) | {"correcting_"})  # "stage_" and the like
    ended = tuple(set(re.findall(r"[}\"](_\w+)[\"`]", everything)))
    lost = {
        f"{view}.{name}"
        for view, texts in WORDS.items()
        for name in texts
        if name not in known and not name.startswith(begun) and not name.endswith(ended)
    }
    assert not lost


def test_the_words_are_plain() -> None:
    stiff = re.compile(r"\b(?:extractive|narrow\w*|sound\w*|examin\w+)\b", re.IGNORECASE)
    assert not [text for texts in WORDS.values() for text in texts.values() if stiff.search(text)]


def test_two_forms_are_chosen_by_the_number() -> None:
    assert counted(WORDS["counts"]["articles"], 1) == "1 article"
    assert counted(WORDS["counts"]["articles"], 1_200) == "1,200 articles"
    assert counted("{count} of {name}", 1, name="a|b") == "1 of a|b"


def test_no_text_ends_the_script_that_it_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WORDS, "counts", {"x": "</script><script>"})  # type: ignore[arg-type]
    assert "<" not in words_script()
