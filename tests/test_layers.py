"""The layering rule: no import runs upward, none sideways between stages, none in a circle; each file has a place."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent

# A room imports only from the floors above its own, and from itself. The innermost room that is named here counts.
FLOORS = [
    ["qa.types", "qa.errors"],
    ["qa.runtime", "qa.prompts", "qa.language"],
    ["qa.settings"],
    ["qa.models"],
    ["qa.store", "qa.check"],
    # the stages of an article's journey, and what composes them
    ["qa.ingest.read", "qa.ingest.clean", "qa.ingest.describe", "qa.ingest.split", "qa.ingest.dedup"],
    ["qa.ingest.fetch"],
    ["qa.ingest"],
    ["qa.library"],
    ["qa.doctor"],
    ["qa.show"],
    ["qa.ask.recurring"],
    # the stages of a question's journey, and what composes them
    ["qa.ask.understand", "qa.ask.retrieve", "qa.ask.answer", "qa.ask.suggest"],
    ["qa.ask.choice", "qa.ask.notices", "qa.ask.refusal", "qa.ask.smalltalk", "qa.ask.trace"],
    ["qa.ask.stories"],
    ["qa.ask.assistant"],
    ["qa.ask"],
    ["qa.evaluation"],
    ["qa.api"],
    # the faces
    ["qa.ui"],
    ["qa.cli"],
    # the public face, and what is run from the checkout
    ["qa"],
    ["eval"],
]
PLACES = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for package in ("qa", "eval") for path in sorted((ROOT / package).rglob("*.py"))}


def room_of(module: str) -> str:
    """The innermost room of FLOORS that a module belongs to."""
    parts = module.split(".")
    return next(room for n in range(len(parts), 0, -1) if (room := ".".join(parts[:n])) in PLACES)


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


def is_allowed(importer: str, imported: str) -> bool:
    return importer == imported or PLACES[imported] < PLACES[importer]


def test_no_import_runs_upward_or_in_a_circle() -> None:
    imports = {module: imports_of(module) for module in MODULES}
    breaches = [
        f"{module} ({room_of(module)}) imports {imported} ({room_of(imported)})"
        for module, found in imports.items()
        for imported in sorted(found)
        if not is_allowed(room_of(module), room_of(imported))
    ]
    breaches += [f"{room} is a row of FLOORS and no module" for room in PLACES.keys() - {*map(room_of, MODULES)}]
    try:
        list(TopologicalSorter(imports).static_order())
    except CycleError as error:
        breaches.append(f"circle: {' -> '.join(error.args[1])}")
    assert not breaches, "\n".join(breaches)


def test_the_listing_stays_short() -> None:
    files = [path.name for path in (ROOT / "qa").iterdir() if path.is_file()]
    folders = [path.name for path in (ROOT / "qa").iterdir() if path.is_dir() and not path.name.startswith("_")]
    assert len(files) <= 9 and len(folders) <= 12
