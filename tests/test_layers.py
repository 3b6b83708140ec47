"""The layering rule: no import runs upward, none sideways between stages, none in a circle; each file has a place."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# A file imports only from floors above its own. Files of one package (`qa.store.*`) may import each other.
FLOORS = [
    ["qa", "qa.types", "qa.errors"],
    ["qa.resources", "qa.text", "qa.drain", "qa.turnstile", "qa.clock"],
    ["qa.settings", "qa.prompts", "qa.names", "qa.dates", "qa.numbers", "qa.languages"],
    ["qa.facts", "qa.terms"],
    ["qa.expect", "qa.spelling"],
    ["qa.models.*"],
    ["qa.store.*"],
    # the stages: an article's, a question's, an answer's
    ["qa.read.*", "qa.clean.*", "qa.describe.*", "qa.split", "qa.duplicates.*"]
    + ["qa.understand.*", "qa.search", "qa.fuse", "qa.rank.*", "qa.suggest", "qa.answer.*"]
    + ["qa.present", "qa.fragment"],
    ["qa.fetch.*", "qa.present_html.*", "qa.kept.*", "qa.trace"],
    ["qa.export.*"],
    # the journeys
    ["qa.ingest.*"],
    ["qa.library"],
    ["qa.retrieval"],
    ["qa.doctor", "qa.watch", "qa.assistant", "qa.verify"],
    ["qa.llama", "qa.conversation"],
    ["eval.*"],
    # the faces
    ["qa.api.*", "qa.mcp_server"],
    ["qa.terminal", "qa.ui.*"],
    ["qa.cli_options", "qa.terminal_verify"],
    ["qa.cli_sets", "qa.cli_conversations", "qa.cli_serve"],
    ["qa.cli_eval"],
    ["qa.cli"],
    # what measures all of it, the window included
    ["eval.bench.*"],
]
PLACES = {name: floor for floor, names in enumerate(FLOORS) for name in names}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for package in ("qa", "eval") for path in sorted((ROOT / package).rglob("*.py"))}


def place_of(module: str) -> str:
    """The row of FLOORS that a module belongs to: its own name, or the innermost package that has one."""
    if module in PLACES:
        return module
    parts = module.split(".")
    packages = [".".join([*parts[:n], "*"]) for n in range(len(parts), 0, -1)]
    return next((package for package in packages if package in PLACES), "")


def imports_of(module: str) -> set[str]:
    """The modules of ours that it imports anywhere, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} imports relatively"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module or "" for name in names}
    return found & MODULES.keys()


@pytest.mark.parametrize("module", MODULES)
def test_a_file_imports_only_from_above(module: str) -> None:
    place = place_of(module)
    assert place, f"{module} has no place among the floors of {Path(__file__).name}"
    for imported in imports_of(module):
        above = place_of(imported)
        same_package = above == place and place.endswith(".*")
        assert same_package or PLACES[above] < PLACES[place], f"{module} ({place}) imports {imported} ({above})"


def test_no_import_runs_in_a_circle() -> None:
    list(TopologicalSorter({module: imports_of(module) for module in MODULES}).static_order())


def test_every_place_is_taken() -> None:
    assert {place_of(module) for module in MODULES} == PLACES.keys()
