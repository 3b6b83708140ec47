"""What a library follows goes on over a restart, says what went wrong, and shows no path to readers elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from parts import story

from qa.errors import UsageError
from qa.library import Library
from qa.store import FollowedSource
from qa.ui.following import Following, followed_html, key_of

Open = Callable[..., Library]
NOON = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


def until(wanted: Callable[[], object]) -> None:
    for _ in range(600):
        if wanted():
            return
        Event().wait(0.05)
    raise AssertionError("it did not come")


def test_a_new_window_goes_on_with_what_is_followed_until_it_is_ended(
    library: Open, write: Callable[[str, str], Path]
) -> None:
    ours = library()
    folder = write("news/first.txt", story(1)).parent
    Following(ours).add(str(folder))  # and the window is killed before it has read anything
    following = Following(ours)
    following.keep_up()
    try:
        until(lambda: ours.count() == 1)
        until(lambda: ours.store.followed.all()[0].summary == "1 added")
        following.end(key_of(str(folder)))
        assert not following._stops
        with pytest.raises(UsageError, match="not followed any more"):
            following.end(key_of(str(folder)))
    finally:
        following.close()
    assert ours.count() == 1


def test_a_folder_that_has_gone_says_so_and_its_articles_stay(
    library: Open, write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    ours = library()
    path = write("news/first.txt", story(1))
    ours.ingest([path.parent])
    path.unlink()
    path.parent.rmdir()
    following = Following(ours)
    following.add(str(path.parent))
    following.keep_up()
    try:
        until(lambda: ours.store.followed.all()[0].failures)
    finally:
        following.close()
    ((name, reason),) = ours.store.followed.all()[0].failures
    assert (name, ours.count()) == ("news", 1)
    assert "cannot be watched" in reason


def test_a_reader_elsewhere_sees_no_path_of_the_server() -> None:
    rows = [
        FollowedSource(
            "/srv/desk/<b>news", NOON, NOON, "1 added, 1 failed", (("/srv/desk/<b>news/a.txt", "holds no text"),)
        ),
        FollowedSource("https://example.org/feed", NOON),
    ]
    html = followed_html(rows, 60, is_local=False)
    assert "/srv" not in html and "&lt;b&gt;news" in html and "a.txt" in html
    assert "1 Mar 2026, 13:00: 1 added, 1 failed" in html
    assert "https://example.org/feed" in html and "Not read yet" in html
    assert "/srv/desk" in followed_html(rows, 0, is_local=True)
