"""Creates a folder completely or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qa.errors import EvalError


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """An empty folder to write to. It becomes `out` on success and is deleted on failure.

    Raises EvalError when `out` exists and is not an empty folder, or cannot be written.
    """
    try:
        if out.exists() and not (out.is_dir() and not any(out.iterdir())):
            raise EvalError(f"{out} is there already and not an empty folder. Choose another with --out.")
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as part:
            made = Path(part) / out.name
            made.mkdir()
            yield made
            if out.exists():
                out.rmdir()
            os.replace(made, out)
    except OSError as error:
        raise EvalError(f"{out} cannot be written: {error.strerror or error}. Choose another with --out.") from None
