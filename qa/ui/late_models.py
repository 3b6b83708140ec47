"""Language models that a reader chose in the window: each is loaded once, when it is first needed."""

from __future__ import annotations

import threading

from qa.models import background_model
from qa.models.background import BackgroundModel
from qa.settings import Settings


class LateModels:
    """The models that were chosen so far, for all readers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._models: dict[str, BackgroundModel] = {}

    def get(self, name: str, where: str) -> BackgroundModel | None:
        """The model called `provider:model`, loading where it was not asked for yet; None for "extractive".

        One that could not be loaded is tried again.
        """
        if name == "extractive":
            return None
        with self._lock:
            model = self._models.get(name)
            if model is None or model.has_failed:
                model = self._models[name] = background_model(name, where, self._settings)
            return model
