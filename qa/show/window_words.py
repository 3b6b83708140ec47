"""The texts of the window, in one place, to be read in one go and translated: for panels, templates and scripts alike.

A template has them as `texts`, a script as `citewire.words`, by view and name. `{name}` stands for what is put in. A
text with a bar has two forms, for one and for any other number: `counted` chooses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "counts": {
        "articles": "{count} article|{count} articles",
    },
    "library": {
        "heading": "Library",
        "search": "Search articles",
        "search_hint": "Search title, outlet or author",
        "outlet": "Outlet",
        "all_outlets": "All outlets",
        "selected": "{count} selected",
        "selected_hidden": "{count} selected, {hidden} of them not shown",
        "ask_only": "Ask only these",
        "remove": "Remove",
        "cancel": "Cancel",
        "readers_only_look": "Only an administrator adds and removes articles. You are logged in as a reader.",
    },
    "library_table": {
        "label": "Articles",
        "title": "Title",
        "outlet": "Outlet",
        "date": "Date",
        "language": "Language",
        "passages": "Passages",
        "select_all": "Select all that are shown",
        "select": "Select {title}",
        "no_match": "No article matches.",
        "no_match_for": "No article matches “{search}”.",
        "version": "a version of another; ",
        "also_in": "also in {count} other|also in {count} others",
        "unknown_outlet": "unknown",
        "shown": "{first} to {last} of {articles}",
        "earlier": "← Earlier rows",
        "more": "More rows →",
    },
    "library_adding": {
        "drop_here": "Drop files or folders here",
        "or": "or",
        "choose_files": "choose files",
        "choose_folder": "choose a folder",
        "files_field": "Files to add",
        "folder_field": "A folder to add",
        "address_field": "Or a page or feed",
        "and_follow": "and follow it",
        "add": "Add",
        "follow_field": "Or follow a folder of this machine: what is new comes in, what has gone goes",
        "follow": "Follow",
        "files_title": "{count} file|{count} files",
        "sending": "Sending {name} ({number} of {count})",
        "not_sent": "{name} could not be sent.",
        "still_sending": "Other files are still on their way. Wait for them.",
        "no_file": "There is no file in what was dropped.",
        "and_more_refused": "{first} So it was with {count} more.",
        "cancel": "Cancel",
        "dismiss": "Dismiss",
        "waiting": "waits for another",
        "done": "Done",
        "cancelled": "Cancelled; what was in by then stays",
        "finding": "finding what there is",
        "waiting_for_program": "waiting for another program that is writing to the library",
        "and_more": "and {count} more",
    },
    "library_following": {
        "heading": "Followed",
        "folder_read": "read when something changes in it",
        "address_read": "read every {minutes} minutes",
        "stop": "Stop following",
        "stop_label": "Stop following {name}",
        "last_read": "Last read on {when}: {summary}",
        "not_read": "Not read yet",
        "ended": "It is not followed any more. What came from it stays.",
        "gone_files": "{count} file has|{count} files have",
        "gone": "{files} gone from {folder}. Following it takes their articles out of the library.",
    },
    "library_removing": {
        "one": "Remove this article from the library?",
        "several": "Remove these {articles} from the library?",
        "hidden_stays": "{count} article that you selected and that is not shown will stay."
        "|{count} articles that you selected and that are not shown will stay.",
        "removed": "{articles} removed.",
        "undo": "Undo",
        "putting_back": "Putting them back …",
        "put_back": "{articles} put back.",
    },
    "library_doctor": {
        "heading": "Check the library",
        "check": "Check now",
        "checking": "Checking …",
        "fine": "Everything is in order.",
        "faulty": "Something is wrong.",
        "repair": "Repair it",
        "repairing": "Repairing the library",
        "making": "making what is missing",
        "repaired": "The library is repaired.",
    },
    "collections": {
        "field": "Collection",
        "all": "All collections",
        "any": "All articles",
        "option": "{name} ({count})",
        "of_other": "{name} ({count}, shared by {owner})",
        "add": "Add to collection",
        "add_heading": "Add {articles} to a collection",
        "new": "New collection …",
        "name": "Name",
        "name_field": "Name of the collection",
        "share_field": "Every user may read it",
        "do_add": "Add",
        "do_make": "Make it",
        "do_rename": "Rename",
        "cancel": "Cancel",
        "added": "{articles} added to “{name}”.",
        "made": "The collection “{name}” is made; it holds {articles}.",
        "save_filter": "Save as collection",
        "filter_heading": "A collection of what fits this filter",
        "filter_note": "Articles that come later and fit it belong to it as well. The as-of day is no part of it.",
        "from_source": "Make a collection",
        "source_heading": "A collection of what comes from here",
        "take_out": "Take out of the collection",
        "taken_out": "{articles} taken out of “{name}”. The library keeps them.",
        "ask_only": "Ask only this collection",
        "rename": "Rename",
        "rename_heading": "Rename “{name}”",
        "share": "Share with everybody",
        "unshare": "Stop sharing",
        "shared_now": "Every user may read “{name}” now.",
        "unshared_now": "“{name}” is yours alone again.",
        "delete": "Delete",
        "delete_question": "Delete the collection “{name}”? Its articles stay in the library.",
        "deleted": "The collection “{name}” is deleted. Its articles stay.",
        "by_hand": "chosen by hand",
        "by_filter": "what fits the filter: {filter}",
        "by_source": "what comes from {source}",
        "shared_by": "shared by {owner}",
        "is_shared": "shared with everybody",
        "chip": "Collection: {name}",
        "empty": "This collection holds no article yet. Tick some among all articles, and choose “Add to collection”.",
    },
}


def counted(text: str, count: int) -> str:
    """The form of a text for a number, with the number in it: "1 article", "1,200 articles"."""
    one, _, many = text.partition("|")
    return (one if count == 1 else many).format(count=f"{count:,}")


def words_script() -> str:
    """All of them as a line of JavaScript, which no text in it can end."""
    return f"window.citewireWords = {json.dumps(WORDS, ensure_ascii=False)};".replace("<", "\\u003c")
