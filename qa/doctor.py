"""Compares the three stores of a library, says what is wrong, and mends it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from qa.errors import EmbedderMismatch, LibraryError, UsageError
from qa.ingest import group_stories
from qa.library import Library
from qa.store import SalvagedArticle, count_articles, passage_hash, salvage_articles
from qa.store.dialects import DAMAGED

_SAMPLE = 20  # passages that must find themselves
_AT_ONCE = 500
_MOST_TEXTS = 20_000  # that are compared with their hash: some seconds
_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    is_fine: bool
    said: str
    """What was found, in words for the user."""


def examine(library: Library) -> list[Finding]:
    """Everything that was looked at, in order. Where the database itself is damaged, nothing after it can be."""
    findings = [_database(library)]
    if findings[0].is_fine:
        try:
            for check in _CHECKS:
                findings.append(check(library))
        except LibraryError as error:  # a text that cannot be read
            findings.append(Finding("articles", False, str(error)))
    findings += (Finding("mended", True, notice) for notice in library.store.take_notices())
    return findings


def repair(library: Library, on_progress: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Makes vectors that are missing, both indexes anew, and takes out what belongs to nothing.

    `on_progress` is told how many vectors are made, and of how many. A library that was built with another embedder
    is changed over to the one it was opened with. Raises LibraryError where the database itself is damaged.
    """
    if not (database := _database(library)).is_fine:
        raise LibraryError(
            f"Library {library.settings.index} cannot be mended: articles.db says '{database.said}'. {DAMAGED}"
        )
    store = library.store
    with store.writing():
        missing = store.articles.without_vector(store.model)
        for start in range(0, len(missing), _AT_ONCE):
            on_progress(start, len(missing))
            passages = store.articles.passages(missing[start : start + _AT_ONCE]).values()
            texts = {passage_hash(passage.text): passage.text for passage in passages}
            vectors = library.embedder.embed_passages(list(texts.values()))
            store.articles.put_vectors(store.model, dict(zip(texts, vectors, strict=True)))
        store.change_over()
        group_stories(store)
        store.articles.unused_vectors(remove=True)
        store.rebuild()
        on_progress(len(missing), len(missing))


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What could be saved of a damaged library."""

    saved: int
    total: int | None
    """How many articles there were; None where the database does not say."""
    altered: Sequence[str]
    """Ids of the saved articles whose text is not the one that was stored."""


def salvage(library: Path, out: Path) -> Salvaged:
    """Writes every article of a library that can still be read into a new folder, as Markdown that `ingest` takes.

    The library is only read. Raises UsageError where `out` holds something, LibraryError where it cannot be written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is there already. Name a new folder for the articles.")
    database, names, altered = library.expanduser() / "articles.db", set[str](), list[str]()
    try:
        out.mkdir(parents=True, exist_ok=True)
        for article in salvage_articles(database):
            name = _file_name(article.id, names)
            names.add(name.casefold())
            (out / name).write_bytes(_markdown(article).encode(errors="replace"))
            if article.is_altered:
                altered.append(article.id)
    except OSError as error:
        raise LibraryError(f"{out} could not be written: {error.strerror}. Free some space, or name another.") from None
    total = count_articles(database) if database.is_file() else None
    return Salvaged(len(names), None if total is None else max(total, len(names)), altered)


def _file_name(id_: str, taken: set[str]) -> str:
    stem = re.sub(r"[^\w.-]+", "-", id_).strip(".-")[:60] or "article"
    name, number = f"{stem}.md", 2
    while name.casefold() in taken:
        name, number = f"{stem}-{number}.md", number + 1
    return name


def _markdown(article: SalvagedArticle) -> str:
    fields = {name: getattr(article, name) for name in ("id", "title", "outlet", "date", "url", "language")}
    try:
        fields["authors"] = [str(author) for author in json.loads(article.authors)]
    except (ValueError, TypeError):
        fields["authors"] = []
    head = yaml.safe_dump({name: value for name, value in fields.items() if value}, allow_unicode=True, sort_keys=False)
    return f"---\n{head}---\n\n{article.text}\n"


def _database(library: Library) -> Finding:
    try:
        problems = library.store.articles.problems()
    except LibraryError as error:
        return Finding("articles", False, str(error))
    if problems:
        return Finding("articles", False, "; ".join(problems))
    counted = f"{_many(library.count(), 'article')}, {_many(len(library.store.articles.passage_ids()), 'passage')}"
    return Finding("articles", True, counted)


def _texts(library: Library) -> Finding:
    """Whether the texts are those that were stored: a letter that has changed breaks no index."""
    altered, compared = library.store.articles.altered(_MOST_TEXTS)
    if altered:
        names = ", ".join(altered[:10]) + (", ..." if len(altered) > 10 else "")
        said = (
            f"{_many(len(altered), 'text')} of {compared:,} looked at {_is(len(altered))} not what was stored: {names}."
        )
        return Finding("texts", False, f"{said} Remove what is named (qa remove ID) and take its file in again")
    total = library.count()
    return Finding("texts", True, f"{compared:,} of {total:,} compared with what was stored")


def _embedder(library: Library) -> Finding:
    try:
        library.store.require_embedder()
    except EmbedderMismatch as error:
        return Finding("embedder", False, str(error))
    return Finding("embedder", True, f"{library.store.embedder}, {library.store.dimension} numbers")


def _embeddings(library: Library) -> Finding:
    missing = len(library.store.articles.without_vector(library.store.model))
    unused = library.store.articles.unused_vectors()
    said = [f"{_many(missing, 'passage')} without a vector"] if missing else []
    kept = f"every passage has one; {unused:,} kept of passages that have gone" if unused else "every passage has one"
    return Finding("embeddings", not missing, "; ".join(said) or kept)


def _vectors(library: Library) -> Finding:
    if library.store.is_read_only:
        return Finding("vector index", True, "not opened: the library can only be read, and is searched without it")
    if damage := library.store.vector_damage():
        return Finding("vector index", False, f"damaged: {damage}; the next search makes it again")
    there = set(library.store.articles.passage_ids())
    waiting = set(library.store.articles.pending(_MANY).values())
    try:
        held = library.store.vector_ids()
    except LibraryError as error:
        return Finding("vector index", False, str(error))
    articles = library.store.articles
    if held is None and (there <= waiting or articles.keeper not in articles.facts()):  # nobody has searched here yet
        return Finding("vector index", True, f"{_many(len(there), 'passage')} to follow with the first search")
    if held is None:
        return Finding("vector index", False, "damaged or not there; the next search makes it again")
    behind = f", {_many(len(waiting), 'change')} to follow with the next search" if waiting else ""
    return Finding(
        "vector index", there - waiting == held - waiting, _compared(there - waiting, held - waiting) + behind
    )


def _words(library: Library) -> Finding:
    there = set(library.store.articles.passage_ids())
    saved, damage = library.store.saved_words()
    if damage:
        return Finding("word index", False, f"damaged: {damage}; the next search makes it again")
    held = set(saved.passage_ids.tolist())
    unreadable = library.store.articles.passages(saved.unreadable.tolist()).values()
    said = ""
    if unreadable:
        ids = ", ".join(sorted({passage.article.id for passage in unreadable}))
        said = f"; {_many(len(unreadable), 'passage')} that cannot be analyzed, found by meaning alone, in: {ids}"
    return Finding("word index", there == held, _compared(there, held) + said)


def _stories(library: Library) -> Finding:
    if library.store.stories.ungrouped(1):
        return Finding("stories", False, "some articles were not compared with the others yet")
    led, versions = library.store.stories.count()
    stories = f"{led:,} {'story' if led == 1 else 'stories'}"
    return Finding(
        "stories", True, f"{stories}, {_many(versions, 'article')} that {_is(versions)} a version of another"
    )


def _self_queries(library: Library) -> Finding:
    """Whether passages, chosen evenly by chance, are found by their own words and by their own vector."""
    store = library.store
    ids = sorted(set(store.articles.passage_ids()) - set(store.words().unreadable.tolist()))
    chosen = random.Random(0).sample(ids, min(_SAMPLE, len(ids)))
    passages = list(store.articles.passages(chosen).values())
    try:
        store.require_embedder()
        lost = store.mended(lambda: [each.id for each in passages if not _finds_itself(library, each.text)])
    except LibraryError as error:
        return Finding("self-query", False, str(error))
    if not lost:
        return Finding("self-query", True, f"{len(passages)} of {len(passages)} passages find themselves")
    return Finding("self-query", False, f"{len(lost)} of {len(passages)} passages do not find themselves")


def _finds_itself(library: Library, text: str) -> bool:
    vector = library.embedder.embed_passages([text])[0]
    hits = library.store.find(text, vector, _SAMPLE, copies=True)
    same = [hit for hit in hits if hit.passage.text == text]
    return any(hit.bm25 > 0 for hit in same) and (not np.any(vector) or any(hit.cosine is not None for hit in same))


_CHECKS: Sequence[Callable[[Library], Finding]] = (
    _texts,
    _embedder,
    _embeddings,
    _vectors,
    _words,
    _stories,
    _self_queries,
)


def _compared(there: set[int], held: set[int]) -> str:
    missing, orphaned = len(there - held), len(held - there)
    problems = [f"{missing:,} missing"] if missing else []
    problems += [f"{orphaned:,} of articles that have gone"] if orphaned else []
    return f"{_many(len(held), 'passage')}{': ' if problems else ''}{', '.join(problems)}"


def _many(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
