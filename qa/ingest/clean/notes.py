"""Separates what an editor says about an article from the article itself."""

from __future__ import annotations

import re

from qa.types import Note

_LONGEST = 1_200  # characters; a longer paragraph is the article, whatever it opens with

_CORRECTION = re.compile(
    r"""(?xi)
      \W{0,3} (?:corrections?|clarifications?)
          (?: \s? (?:and|&|/) \s? (?:corrections?|clarifications?|amplifications?|updates?) )?
          (?: ,? \s [^:]{3,30} )? \s? : .
    | \W{0,3} (?:in\s)? (?:an?|the) \s (?:earlier|previous|prior) \s version \s of \s (?:this|our) \s
          (?:\w+\s)? (?:article|story|report|headline|column|post|file|fact|piece|item|gallery|graphic|caption)
    | \W{0,3} this \s (?:article|story|report|headline|column|post|piece) \b
          .{0,40} \s (?:has\sbeen|was|is) \s corrected
    """
)
_UPDATE = re.compile(
    r"""(?xi)
      \W{0,3} (?: updates? \s? : \s )? this \s
          (?:live\s)? (?:article|story|report|post|file|page|piece|column|blog|section) \b
          (?:\sand\s(?:its\s)?headline)? (?:\s about \s .{1,60})?
          \s (?: (?:has|have) \s (?:also\s)? been | (?:was|is) (?:\sbeing)?
              | (?: is\s(?:breaking|developing)\sand\s )? will \s be )
          \s (?:\w+ly\s)? updated \b
    | \W{0,3} updates? \s? : \s this \s (?:article|story|report|post) \b
    | \W{0,3} (?:last\s)? updated :? \s (?: (?:at|on) \s )? [^.!?]{0,20}? \d{1,2} [:.] \d{2} [^!?]{0,40} \Z
    | \W{0,3} this \s is \s a \s (?:breaking|developing) (?:\snews)? \s story \b
    """
)
_EDITOR = re.compile(
    r"""(?xi)
      \W{0,3} (?: editor | editors | author | publisher | producer ) '? s? '? \s note \s? [:.–—-] (?! \s? sign\sup ) .
    | \W{0,3} (?: this | an? (?:\s \w+)? \s version \s of \s this ) \s
          (?:article|story|report|column|commentary|essay|op-?ed|interview|post|piece|editorial) \s
          (?: (?:was|is|has|first|originally|also|previously|been|initially) \s ){0,4}
          (?: (?:appear|publish|republish) (?:s|ed) | ran | runs ) \s
          (?: (?:first|originally) \s )? (?: on | in | at | by | from | with ) \b
    | \W{0,3} the \s (?:views|opinions) (?:\sand\s(?:views|opinions))? \s
          (?: expressed | here | in \s this ) \b .{0,120}? \b (?: own | author | writer | columnist | contributor )
    """
)
_CORRECTS = re.compile(r"(?i)\b(?:correct(?:ed|s|ion)?|clarif\w+|(?:earlier|previous) version)\b")


def find_note(line: str) -> Note | None:
    """The note in a line; None if the line belongs to the article."""
    if len(line) > _LONGEST:
        return None
    if _CORRECTION.match(line):
        return Note("correction", line)
    if _UPDATE.match(line):
        return Note("correction" if _CORRECTS.search(line) else "update", line)
    if _EDITOR.match(line):
        return Note("correction" if _CORRECTS.search(line) else "editor", line)
    return None
