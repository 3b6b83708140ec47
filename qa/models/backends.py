"""Chooses the engine for a transformer: ONNX Runtime if everything it needs is installed, otherwise torch."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from qa.models.hub import ModelLocation

ONNX_FILE = "onnx/model.onnx"


def backend_for(place: ModelLocation) -> dict[str, Any]:
    """Arguments for sentence-transformers: ONNX if its packages are installed and the model has an ONNX file.

    On a graphics card torch is faster.
    """
    if _has_optimum() and not _has_cuda() and place.file(ONNX_FILE):
        return {
            "backend": "onnx",
            "model_kwargs": {"file_name": ONNX_FILE, "provider": "CPUExecutionProvider"},
        }
    return {"backend": "torch"}


def batch_size() -> int:
    """Texts per forward pass; more on a graphics card."""
    return 128 if _has_cuda() else 32


def _has_optimum() -> bool:
    try:
        return find_spec("optimum.onnxruntime") is not None and find_spec("onnxruntime") is not None
    except ModuleNotFoundError:  # not even `optimum` is there
        return False


def _has_cuda() -> bool:
    import torch

    return bool(torch.cuda.is_available())
