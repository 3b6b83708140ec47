"""Language models that a reader chose in the window: each is loaded once, when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from qa.errors import ModelError, QAError
from qa.models import LanguageModel, load_language_model
from qa.models.background import Loading
from qa.settings import Settings
from qa.types import Message


class LateModel:
    """A language model that may still be loading. What goes wrong with that is raised as ModelError when it writes."""

    def __init__(self, name: str, where: str, settings: Settings) -> None:
        self.name = name
        self.where = where
        self._loading = Loading("model", lambda: load_language_model(name, settings))

    @property
    def has_failed(self) -> bool:
        """Whether it could not be loaded."""
        return self._loading.failure is not None

    def wait(self) -> LanguageModel:
        """The model itself, once it has loaded. Raises ModelError."""
        try:
            model = self._loading.wait()
        except ModelError:
            raise
        except QAError as error:
            raise ModelError(str(error)) from error
        assert model is not None
        return model

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Pieces of the reply. Raises ModelError; closing the iterator ends the request."""
        yield from self.wait().stream(messages)


class LateModels:
    """The models that were chosen so far, for all readers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._models: dict[str, LateModel] = {}

    def get(self, name: str, where: str) -> LateModel | None:
        """The model called `provider:model`, loading where it was not asked for yet; None for "extractive".

        One that could not be loaded is tried again.
        """
        if name == "extractive":
            return None
        with self._lock:
            model = self._models.get(name)
            if model is None or model.has_failed:
                model = self._models[name] = LateModel(name, where, self._settings)
            return model
