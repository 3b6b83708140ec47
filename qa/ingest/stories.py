"""Finds which articles are versions of one story, who leads it, and which passages of the others say nothing new."""

from __future__ import annotations

from qa.errors import QAError
from qa.ingest.dedup import copied, leader, stories
from qa.store import Store

_AT_ONCE = 500


def group_stories(store: Store) -> None:
    """Compares articles that are new, or whose story has changed, with those that are almost alike.

    Articles that cannot be compared stand alone until the next ingest; the store's notices say so.
    """
    try:
        _group_stories(store)
    except QAError:
        raise
    except Exception as error:  # what was stored is whole without it
        store.tell(f"Which new articles are versions of one story is not known yet: {error!r:.200}. {_AGAIN}")


_AGAIN = "They are found as they are; the next ingest compares them again."


def _group_stories(store: Store) -> None:
    while store.stories.ungrouped(1):
        with store.alone():
            ids = store.stories.ungrouped(_AT_ONCE)
            leaders = {id_: id_ for id_ in ids}
            copies: dict[str, list[tuple[int, bool]]] = {}
            for story in stories(store.stories.around(ids)):
                _group_story([version.id for version in story], store, leaders, copies)
            store.stories.group(leaders, copies)


def _group_story(
    ids: list[str], store: Store, leaders: dict[str, str], copies: dict[str, list[tuple[int, bool]]]
) -> None:
    """Adds the leader of each version to `leaders`, and of each passage whether it is a copy to `copies`."""
    if len(ids) == 1:
        leaders[ids[0]] = ids[0]
        return
    articles = store.articles.many(ids)
    lead = leader(list(articles.values()))
    for id_, spans in store.stories.spans(ids).items():
        leaders[id_] = lead.id
        flags = [False] * len(spans) if id_ == lead.id else copied(spans, articles[id_], lead)
        copies[id_] = [(start, flag) for (start, _), flag in zip(spans, flags, strict=True)]
