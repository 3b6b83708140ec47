"""Reads sets in the BEIR layout, such as our own, from a folder or a published zip."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from qa.errors import EvalError
from qa.evaluation.sets import CORPUS, QUERIES
from qa.evaluation.sets.importing.items import ArticleItem, ImportSource, Item, JudgementItem, QuestionItem
from qa.evaluation.sets.lines import File, json_lines, text_lines


def read_beir(source: ImportSource) -> Iterator[Item]:
    """Yields the articles, the questions and the judgements of one split, with their `metadata`."""
    if len(source.paths) != 1:
        raise EvalError(f"{len(source.paths)} things were named. Give the one folder or zip that holds the set.")
    root = _root(source.paths[0])
    for line, values in json_lines(_require(root / CORPUS)):
        texts = {name: values.get(name) or "" for name in ("_id", "title", "text")}
        for name, text in texts.items():
            if not isinstance(text, str):
                raise line.error(f"'{name}' is {text!r}, which is not a text.")
        metadata = values.get("metadata")
        yield ArticleItem(
            line, texts["_id"], texts["text"], texts["title"], metadata if isinstance(metadata, dict) else {}
        )
    for line, values in json_lines(_require(root / QUERIES)):
        id, text, metadata = values.get("_id"), values.get("text"), values.get("metadata")
        if not isinstance(id, str) or not isinstance(text, str):
            raise line.error("a question has an '_id' and a 'text', both of them strings.")
        yield QuestionItem(line, id, text, metadata if isinstance(metadata, dict) else {})
    yield from _judgements(_require_split(root, source.split))


def _root(path: Path) -> File:
    """The folder with the corpus: the given folder, the top of a zip, or a folder in it."""
    if path.is_dir():
        return path
    if not zipfile.is_zipfile(path):
        raise EvalError(f"{path} is neither a folder nor a zip. Give the folder that holds {CORPUS}.")
    top = zipfile.Path(path)
    return next((folder for folder in (top, *top.iterdir()) if (folder / CORPUS).is_file()), top)


def _require(path: File) -> File:
    if not path.is_file():
        raise EvalError(f"{path} is missing. A set in the BEIR layout holds {CORPUS}, {QUERIES} and qrels/.")
    return path


def _require_split(root: File, split: str) -> File:
    path = root / "qrels" / f"{split}.tsv"
    if path.is_file():
        return path
    folder = root / "qrels"
    names = (
        sorted(file.name[: -len(".tsv")] for file in folder.iterdir() if file.name.endswith(".tsv"))
        if folder.is_dir()
        else []
    )
    raise EvalError(f"{path} is missing. Choose the split from: {', '.join(names) or 'none'}.")


def _judgements(path: File) -> Iterator[JudgementItem]:
    for line, text in text_lines(path):
        fields = text.split("\t")
        if line.number == 1 and fields[-1].strip() == "score":
            continue
        try:
            question, article, score = fields
            yield JudgementItem(line, question, article, int(score))
        except ValueError:
            raise line.error("question id, article id and a whole number are expected, with tabs between.") from None
