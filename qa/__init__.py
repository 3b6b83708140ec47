"""Citewire answers questions about news articles and shows, for every sentence, the passage that says it.

    from qa import Assistant, Library, load_settings

    with Assistant(Library.open(load_settings(index="news"))) as assistant:
        print(assistant.ask("Who took over the chairmanship?").text)

Names load when they are first used, so that `import qa` costs nothing.
"""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa.ask.assistant import Assistant
    from qa.ask.conversation import Conversation
    from qa.library import Library
    from qa.settings import Settings, load_settings
    from qa.types import Answer, Filters

__all__ = ["Answer", "Assistant", "Conversation", "Filters", "Library", "Settings", "load_settings"]

_HOMES = {
    "Answer": "qa.types",
    "Assistant": "qa.ask.assistant",
    "Conversation": "qa.ask.conversation",
    "Filters": "qa.types",
    "Library": "qa.library",
    "Settings": "qa.settings",
    "load_settings": "qa.settings",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'qa' has no attribute '{name}'. It exports: {', '.join(__all__)}.")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Moved(ModuleType):
    """Stands where a module stood in version 0.1, for one more release; its names come from the module's new place."""

    def __init__(self, name: str, home: str) -> None:
        super().__init__(name, f"Moved to {home}.")
        self._home = home

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what the import system asks of any module
            raise AttributeError(name)
        warnings.warn(f"{self.__name__} is {self._home} now.", DeprecationWarning, stacklevel=2)
        return getattr(import_module(self._home), name)


for _name, _home in {"assistant": "qa.ask.assistant", "llama": "qa.api.llama"}.items():
    globals()[_name] = sys.modules[f"qa.{_name}"] = _Moved(f"qa.{_name}", _home)
