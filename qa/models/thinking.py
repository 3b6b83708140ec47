"""Removes a reasoning model's thinking from its reply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

TAGS = {"<think>": "</think>", "<thinking>": "</thinking>", "[THINK]": "[/THINK]"}


def without_thinking(pieces: Iterable[str], opened: str = "") -> Iterator[str]:
    """The pieces that follow the thinking at the start of a reply; an empty piece for each one held back.

    `opened` is the tag at the end of the prompt, if the reply begins inside it.
    """
    closing, held, is_said = TAGS.get(opened, ""), "", False
    thought = bool(closing)
    for piece in pieces:
        if is_said:
            yield piece
            continue
        held += piece
        while True:
            if closing:
                _, found, after = held.partition(closing)
                if not found:
                    held = held[-len(closing) :]
                    break
                closing, held = "", after
            begun = held.lstrip()
            held = begun if thought else held
            opening = next((tag for tag in TAGS if begun.startswith(tag)), "")
            if not opening:
                is_said = not any(tag.startswith(begun) for tag in TAGS)
                break
            closing, held, thought = TAGS[opening], begun[len(opening) :], True
        yield held if is_said else ""
    if not (is_said or closing) and held.strip():
        yield held
