"""A small library with a story: a ferry sinks, is copied, is searched for and counted anew; and what is none of it."""

from __future__ import annotations


def _article(title: str, outlet: str, date: str, text: str) -> str:
    day = f"date: {date}\n" if date else ""
    return f"---\nid: {{id}}\ntitle: {title}\noutlet: {outlet}\n{day}---\n\n{text}\n"


_SINKS = (
    "The ferry Aurora sank off Vik on Sunday with 40 people on board.\n\n"
    "At least 12 people died, said Captain Ines Falk of the coast guard at Vik. "
    "The Aurora had left Port Ellery in the morning and was on its way to the islands when the engine failed.\n\n"
    "Two fishing boats took the passengers to the harbour. The cause of the fire in the engine room is not known."
)
_TOLD = {
    "sinks": _article("Ferry Aurora sinks off Vik", "Herald", "2025-03-03", _SINKS),
    "copied": _article("Ferry Aurora sinks off Vik", "Lark", "2025-03-03", _SINKS.rpartition(" The cause")[0]),
    "divers": _article(
        "Divers find the hull of the Aurora off Vik",
        "Post",
        "2025-03-05",
        "Divers found the hull of the ferry Aurora off Vik at a depth of sixty metres.\n\n"
        "Ines Falk, who leads the coast guard, said that the weather had kept her boats in the harbour until then.\n\n"
        "Correction: An earlier version of this article gave the depth in feet.",
    ),
    "toll": _article(
        "Toll of the Aurora rises, says coast guard of Vik",
        "Post",
        "2025-03-06",
        "The coast guard of Vik has found the last of the missing from the ferry Aurora.\n\n"
        "At least 14 people died, said Captain Ines Falk of the coast guard at Vik.",
    ),
    "chess": _article(
        "School wins chess cup",
        "Lark",
        "2025-03-04",
        "Pupils of the Lindgren School won the national chess cup on Sunday.\n\n"
        "They beat the winners of the year before by three games to one.",
    ),
    "trial": _article(
        "Owner of the Aurora on trial in Vik",
        "Herald",
        "2025-06-10",
        "The owner of the ferry Aurora stands trial in Vik. The coast guard's Ines Falk is the first witness.",
    ),
    "undated": _article(
        "How the Aurora was built in Vik", "Herald", "", "The ferry Aurora was built in Vik. Ines Falk sailed on her."
    ),
}
ARTICLES = {name: text.format(id=name) for name, text in _TOLD.items()}
"""Name of the file and id -> article."""
