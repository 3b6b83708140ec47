"""The texts of the window, for panels, templates and scripts: `window_words.toml` beside this file holds them all.

A template has them as `texts`, a script as `citewire.words`, by view and name. What an error says stands where it is
raised: the command line and the HTTP API say it too; so do answers, verdicts and dates, which `wording` has.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

WORDS: Mapping[str, Mapping[str, str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
"""View -> name -> text. `{name}` in one stands for what is put in; of two forms with a bar `counted` chooses."""


def counted(text: str, count: int, **values: object) -> str:
    """The form of a text for a number, with the number in it: "1 article", "1,200 articles"."""
    one, bar, many = text.partition("|")
    return (one if count == 1 or not bar else many).format(count=f"{count:,}", **values)


def words_script() -> str:
    """All of them as a line of JavaScript, which no text in it can end."""
    return f"window.citewireWords = {json.dumps(WORDS, ensure_ascii=False)};".replace("<", "\\u003c")
