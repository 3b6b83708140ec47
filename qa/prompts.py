"""Loads prompts/<name>.md, one Markdown file per prompt the program sends; `{{field}}` marks what is filled in."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from qa.errors import PromptError

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """The folder `name`, from the installed package or from the top of the checkout."""
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


_FIELD = re.compile(r"\{\{(\w+)\}\}")


@cache
def load_prompt(name: str) -> str:
    """The text of prompts/<name>.md without the white space around it. Raises PromptError where there is none."""
    path = folder("prompts") / f"{name}.md"
    if not path.is_file():
        raise PromptError(f"There is no prompt '{name}': {path} does not exist.")
    return path.read_text(encoding="utf-8").strip()


def fill_prompt(name: str, **fields: str) -> str:
    """The prompt with every `{{field}}` replaced, in one pass, so that a value that looks like a field stays as it is.

    Raises PromptError when a field of the prompt is not given, or one is given that the prompt does not have.
    """
    text = load_prompt(name)
    wanted = set(_FIELD.findall(text))
    if wanted != set(fields):
        missing, unknown = sorted(wanted - set(fields)), sorted(set(fields) - wanted)
        raise PromptError(f"Prompt '{name}' does not fit: missing fields {missing}, unknown fields {unknown}.")
    return _FIELD.sub(lambda match: fields[match[1]], text)


def refusal() -> str:
    """The one sentence that says the articles hold no answer: prompt, code and tests share it."""
    return load_prompt("refusal")
