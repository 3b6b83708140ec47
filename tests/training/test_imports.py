"""A rename in qa/, eval/ or training/ never breaks a training script unseen: it runs only where a model is fitted."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "training").glob("*.py"))


def imports(script: Path) -> Iterator[tuple[str, str]]:
    """Module and name of every import from the packages of this repository."""
    for node in ast.walk(ast.parse(script.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


def defined(script: Path) -> set[str]:
    """The names that a script defines or imports at its top level."""
    names = set()
    for node in ast.parse(script.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
    return names


def missing(module: str, name: str) -> bool:
    """True if the import would fail. Modules of training/ are read, not run: they import what fits models."""
    package, _, rest = module.partition(".")
    if package == "training":
        script = ROOT / "training" / f"{rest or name}.py"
        return not script.exists() or bool(rest) and name not in defined(script)
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError:
        return True
    return bool(name) and not hasattr(found, name)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_every_import_of_a_training_script_resolves(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    wrong = [
        f"from {module} import {name}"
        for module, name in imports(script)
        if module.partition(".")[0] in ("qa", "eval", "training") and missing(module, name)
    ]
    assert not wrong, f"{script.name}: {wrong}"
