"""Imports published question sets. A format is a row in IMPORTERS: a function from files to items."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qa.errors import EvalError, UsageError
from qa.evaluation.sets import EvalSet, load_set
from qa.evaluation.sets.importing.beir import read_beir
from qa.evaluation.sets.importing.items import ALL_DAYS, ImportSource, Item, Period
from qa.evaluation.sets.importing.llama_index import read_llama_index
from qa.evaluation.sets.importing.multihop_rag import read_multihop_rag
from qa.evaluation.sets.importing.realtimeqa import read_realtimeqa
from qa.evaluation.sets.importing.squad import read_squad
from qa.evaluation.sets.importing.table import read_table
from qa.evaluation.sets.importing.trec import read_trec
from qa.evaluation.sets.importing.writing import Selection, write_set
from qa.evaluation.sets.new_folder import new_folder

__all__ = ["IMPORTERS", "Importer", "Period", "import_set"]


@dataclass(frozen=True, slots=True)
class Importer:
    """A row of IMPORTERS."""

    read: Callable[[ImportSource], Iterator[Item]]
    sources: str
    """What the user must name, for the help and for errors."""


IMPORTERS: Mapping[str, Importer] = {
    "beir": Importer(read_beir, "a folder or zip with corpus.jsonl, queries.jsonl and qrels/"),
    "csv": Importer(read_table, "a table of questions; then the articles, where it does not hold them itself"),
    "llama-index": Importer(read_llama_index, "the .json file of an EmbeddingQAFinetuneDataset"),
    "multihop-rag": Importer(read_multihop_rag, "corpus.json and MultiHopRAG.json, or their folder"),
    "realtimeqa": Importer(read_realtimeqa, "articles.jsonl(.xz) and questions.jsonl, or their folder"),
    "squad": Importer(read_squad, "one or more .json files, version 1.1 or 2.0"),
    "trec": Importer(read_trec, "topics, qrels and then the documents: JSONL, <DOC> files or folders of files"),
}


def import_set(
    format: str,
    sources: Sequence[Path],
    out: Path,
    *,
    limit: int | None = None,
    split: str = "test",
    questions: Period = ALL_DAYS,
    articles: Period = ALL_DAYS,
) -> EvalSet:
    """Imports `sources` and returns the set in the folder `out`, which must be new or empty.

    `limit` is the maximum number of questions, taken at even distances. `split` names the file of judgements, if the
    set has several. The periods limit the days of questions and articles. Raises UsageError for an unknown format and
    EvalError for input that cannot be used; `out` is then unchanged.
    """
    importer = _find_importer(format)
    if limit is not None and limit < 1:
        raise UsageError(f"The limit is {limit}; at least one question has to be taken.")
    if not sources:
        raise UsageError(f"Nothing was named to import. For '{format}' name {importer.sources}.")
    for path in sources:
        if not path.exists():
            raise EvalError(f"There is no file or folder {path}. For '{format}' name {importer.sources}.")
    items = importer.read(ImportSource(tuple(sources), split))
    with new_folder(out) as folder:
        write_set(items, folder, Selection(limit, questions, articles))
        loaded = load_set(folder)
    return replace(loaded, folder=out)


def _find_importer(format: str) -> Importer:
    if format in IMPORTERS:
        return IMPORTERS[format]
    close = difflib.get_close_matches(format, IMPORTERS, 1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    raise UsageError(f"There is no format '{format}'.{hint} Choose from: {', '.join(IMPORTERS)}.")
