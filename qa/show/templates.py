"""Jinja2 templates, compiled once; every value that they are given is escaped. All have the texts of the window."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from qa.show.window_words import WORDS, counted

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def templates(folder: Path) -> Environment:
    """The templates of a folder. Jinja2 is imported at the first call, so that commands without HTML start quickly."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {"texts": WORDS, "counted": counted}
    return environment
