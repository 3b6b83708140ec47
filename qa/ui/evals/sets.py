"""The question sets that can be chosen: those that ship, those collected beside the library, and any folder."""

from __future__ import annotations

import re
from pathlib import Path

from qa.errors import EvalError, UsageError
from qa.evaluation.sets import BUNDLED, QUERIES, EvalSet, bundled_sets, load_set
from qa.show.window_words import WORDS
from qa.ui.context import AppState, Payload
from qa.ui.pages import render

OWN, FOLDER = "own/", "folder"
"""What a choice begins with that is a set of one's own; the choice of a folder by its path."""
FIRST = "seeds"
"""What is chosen before anything is."""
LONGEST_NAME = 60
"""Characters of the name of a set."""

_NAME = re.compile(r"\w[\w .-]*")


def sets_folder(app: AppState) -> Path:
    """Where the sets of one's own are, a folder for each."""
    return Path(app.assistant.settings.index) / "sets"


def own_sets(app: AppState) -> list[str]:
    """Names of the sets of one's own, in the order of the alphabet."""
    return sorted((path.parent.name for path in sets_folder(app).glob(f"*/{QUERIES}")), key=str.casefold)


def own_folder(app: AppState, name: str) -> Path:
    """The folder of a set of one's own, which need not be there yet. Raises UsageError for a name that is none."""
    name = " ".join(name.split())
    if not name:
        raise UsageError("The set has no name. Give it one, such as: My questions")
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name) or name.endswith("."):
        raise UsageError(
            f"'{name[:LONGEST_NAME]}' cannot be the name of a set. Use up to {LONGEST_NAME} letters, digits, spaces, "
            "points and hyphens."
        )
    if name in bundled_sets():
        raise UsageError(f"'{name}' is the name of a set that ships with Citewire. Choose another.")
    return sets_folder(app) / name


def chosen_set(app: AppState, payload: Payload) -> EvalSet:
    """The set that a page chose: `set` is a bundled name, "own/NAME", or "folder" with a path in `folder`.

    Raises EvalError for a set that cannot be read, UsageError for a choice that is none.
    """
    choice = str(payload.get("set") or "")
    if choice in bundled_sets():
        return load_set(BUNDLED / choice)
    if choice.startswith(OWN):
        folder = own_folder(app, choice.removeprefix(OWN))
        if not folder.is_dir():
            raise UsageError(f"There is no set '{folder.name}' any more. Choose another.")
        return load_set(folder)
    if choice != FOLDER:
        raise UsageError("No set is chosen. Choose one from the list.")
    if not app.is_local:
        raise UsageError(
            "A folder of the server's machine can be chosen only on that machine. Choose a set from the list."
        )
    path = str(payload.get("folder") or "").strip()
    if not path:
        raise UsageError("No folder is named. Type the path of a set, with corpus.jsonl, queries.jsonl and qrels/.")
    if not Path(path).expanduser().is_dir():
        raise EvalError(f"There is no folder '{path}' on the machine of the server.")
    return load_set(Path(path).expanduser().resolve())


def choice_of(app: AppState, folder: str) -> dict[str, str]:
    """The choice that leads to a set which a run names by `folder` (`qa.evaluation.runs.folder.Start`)."""
    if folder in bundled_sets():
        return {"set": folder}
    path = Path(folder)
    if path.parent.resolve() == sets_folder(app).resolve():
        return {"set": f"{OWN}{path.name}"}
    return {"set": FOLDER, "folder": folder}


def set_field(app: AppState, payload: Payload) -> str:
    """The list to choose from, with what is chosen in `payload`, and the field for a folder."""
    chosen = str(payload.get("set") or FIRST)
    return render(
        "evals/set.html",
        chosen=chosen,
        is_folder=chosen == FOLDER,
        bundled={name: name for name in bundled_sets()},
        own={f"{OWN}{name}": name for name in own_sets(app)},
        folders={FOLDER: WORDS["evals"]["a_folder"]} if app.is_local else {},
        path=str(payload.get("folder") or ""),
    )
