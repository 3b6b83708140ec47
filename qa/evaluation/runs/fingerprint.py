"""Fingerprints of set, settings and code, and the cached library of a set's articles that depends on them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from qa.errors import EvalError
from qa.evaluation.sets import EvalSet
from qa.prompts import folder

if TYPE_CHECKING:
    from qa.settings import Settings

KEPT_LIBRARIES = 8

ASKING_SETTINGS = frozenset(
    """llm candidates top per_article words_weight recency_weight recency_days look_again_below rerank rerank_first
    answer_sentences refuse_below draft prompt_words model_timeout answer_timeout question_words anthropic_base_url
    verify server_address server_protocol""".split()
)
"""Settings that affect questions only. All others affect the library: until a new setting is listed here, it only costs
a new library, and never causes a run over a wrong one."""

_EMBED_AT = {"openai_base_url": "openai", "openai_embed_base_url": "openai", "ollama_host": "ollama"}
"""Addresses that affect the library if the embedder is from that provider, and questions otherwise."""

ASKING_CODE = (
    *("qa/ask/", "qa/check/", "qa/show/", "qa/prompts.py"),
    *("qa/models/bundled/other_languages.json", "qa/models/bundled/quote.json", "qa/models/bundled/rank.json"),
    "qa/models/trees.py",
    *("qa/models/anthropic_chat.py", "qa/models/choices.py", "qa/models/connected.py"),
    *("qa/models/connecting.py", "qa/models/found.py", "qa/models/timed.py"),
    *("qa/models/cross_encoder.py", "qa/models/local_chat.py", "qa/models/thinking.py", "qa/models/verifier.py"),
)
"""Code and weights that affect questions only; the same rule applies."""

_LOGIN = re.compile(r"(?<=:)//[^/?#]*@")

_MEASURING = ("qa/language/text.py", "qa/check/", "qa/ask/answer/")

_FACES = ("qa/ui/", "qa/cli/", "qa/api/", "qa/evaluation/", "qa/_data/", "qa/doctor.py")

# Names of the parts that differ between two runs.
_NAMES = {
    "set": "the name of the set",
    "corpus": "the articles",
    "queries": "the questions",
    "qrels": "the judgements",
    "splitter": "the splitter",
    "embedder": "the embedder",
    "settings": "the settings",
    "code": "the code",
    "metrics": "the code of the metrics",
}


def fingerprint(eval_set: EvalSet, settings: Settings) -> dict[str, str]:
    """What the numbers of a run depend on: names as they are, contents as SHA-256.

    `corpus`, `queries` and `qrels` identify the questions, `metrics` the scoring, and the other parts the system.
    """
    ids = [query.id for query in eval_set.queries]
    return {
        "set": eval_set.name,
        "corpus": digest_file(eval_set.corpus),
        # A digest of the questions, not of their file: a part of a set is a set of its own.
        "queries": digest([asdict(query) for query in eval_set.queries]),
        "qrels": digest({id: dict(eval_set.qrels[id]) for id in ids if id in eval_set.qrels}),
        "splitter": digest([settings.passage_words, digest_file(_package() / "ingest" / "split.py")]),
        "embedder": settings.embed,
        "settings": digest(public_settings(settings)),
        "code": digest([_article_code() | _question_code(), _digests(_files(folder("prompts"), "*.md"))]),
        "metrics": metrics_code(),
    }


def metrics_code() -> str:
    """SHA-256 of the code that scores records, including the code it shares with answering."""
    used = {name: file for name, file in _code().items() if name.startswith(_MEASURING) and name.endswith(".py")}
    return digest(_digests(_files(_package() / "evaluation", "metrics/*.py")) | used)


def public_settings(settings: Settings) -> dict[str, Any]:
    """The settings without keys, passwords and the library's folder, which a run does not use."""
    from qa.settings import SECRETS

    values = settings.model_dump(mode="json", exclude={"index", *SECRETS})
    return {name: _LOGIN.sub("//", value) if isinstance(value, str) else value for name, value in values.items()}


def differences(
    one: Mapping[str, str], other: Mapping[str, str], settings: tuple[Mapping[str, Any], Mapping[str, Any]] = ({}, {})
) -> dict[str, str]:
    """Name -> words for each part that differs, such as "the settings (words_weight .8, .5)"."""
    parts = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    words = {name: _NAMES.get(name, name) for name in parts}
    if "embedder" in words:
        words["embedder"] += f" ({one.get('embedder')}, {other.get('embedder')})"
    if "settings" in words and (changed := list(_changed(*settings))):
        words["settings"] += f" ({'; '.join(changed)})"
    return words


def _changed(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    for name in {**one, **other}:
        if one.get(name) != other.get(name):
            yield f"{name} {one.get(name)}, {other.get(name)}"


# --- libraries -------------------------------------------------------------------------------------------------------


def library_folder(eval_set: EvalSet, settings: Settings, cache: Path | None = None) -> Path:
    """The folder of the library for set, settings and code. Only the last few older ones are kept.

    Raises EvalError if it cannot be created.
    """
    made = library_path(eval_set, settings, cache)
    cache = made.parent
    try:
        made.mkdir(parents=True, exist_ok=True)
        os.utime(made)
        others = sorted(cache.glob("[0-9a-f]" * 16), key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError as error:
        raise EvalError(
            f"The cache folder {cache} cannot be written: {error.strerror}. Set XDG_CACHE_HOME to another."
        ) from None
    for old in others[KEPT_LIBRARIES:]:
        shutil.rmtree(old, ignore_errors=True)
    return made


def library_path(eval_set: EvalSet, settings: Settings, cache: Path | None = None) -> Path:
    """The path of the library for set, settings and code, which may not exist yet."""
    cache = cache or platformdirs.user_cache_path("citewire") / "eval"
    provider = settings.embed.partition(":")[0]
    asking = ASKING_SETTINGS | {name for name, other in _EMBED_AT.items() if provider != other}
    shaping = {name: value for name, value in public_settings(settings).items() if name not in asking}
    # Includes the path, because the library stores where each article was read.
    corpus = [str(eval_set.corpus.resolve()), digest_file(eval_set.corpus)]
    key = digest([corpus, shaping, _article_code()])[:16]
    return cache / key


# --- digests ---------------------------------------------------------------------------------------------------------


def digest(values: object) -> str:
    """SHA-256 of values as JSON; days count as text."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()


def digest_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digests(files: Mapping[str, Path]) -> dict[str, str]:
    return {name: digest_file(path) for name, path in files.items()}


def _package() -> Path:
    return Path(__file__).parents[2]


@cache
def _code() -> Mapping[str, str]:
    """Digests of the files of the package, taken once: what runs was loaded before, whatever lies there later."""
    return _digests(_files(_package(), "**/*"))


def _article_code() -> dict[str, str]:
    """Digests of the files that affect stored articles, including models."""
    return {name: file for name, file in _code().items() if not name.startswith((*_FACES, *ASKING_CODE))}


def _question_code() -> dict[str, str]:
    """Digests of the files that affect answers."""
    return {name: file for name, file in _code().items() if name.startswith(ASKING_CODE)}


def _files(root: Path, pattern: str) -> dict[str, Path]:
    """Name -> path of the matching files in a folder, without compiled ones."""
    paths = (path for path in root.glob(pattern) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root.parent).as_posix(): path for path in paths}
