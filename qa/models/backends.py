"""Which engine runs a transformer: ONNX Runtime where all it needs is there, else torch."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from qa.models.hub import Place

ONNX_FILE = "onnx/model.onnx"


def backend_for(place: Place) -> dict[str, Any]:
    """Arguments for sentence-transformers: ONNX where its packages are installed and the model brings such a file.

    On a graphics card torch is the faster of the two.
    """
    if _has_optimum() and not _has_cuda() and place.file(ONNX_FILE):
        return {
            "backend": "onnx",
            "model_kwargs": {"file_name": ONNX_FILE, "provider": "CPUExecutionProvider"},
        }
    return {"backend": "torch"}


def batch_size() -> int:
    """Texts that go through a model together: more on a graphics card."""
    return 128 if _has_cuda() else 32


def _has_optimum() -> bool:
    try:
        return find_spec("optimum.onnxruntime") is not None and find_spec("onnxruntime") is not None
    except ModuleNotFoundError:  # not even `optimum` is there
        return False


def _has_cuda() -> bool:
    import torch

    return bool(torch.cuda.is_available())
