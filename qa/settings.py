"""One frozen Settings object: built-in defaults < qa.toml < QA_* environment < flags."""

from __future__ import annotations

import json
import os
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Literal
from uuid import uuid4

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from qa.errors import SettingsError

CONFIG_FILE = Path("qa.toml")
_PREFIX = "QA_"

CLASSIC = {
    "OPENAI_API_KEY": "openai_key",
    "OPENAI_BASE_URL": "openai_base_url",
    "OPENAI_EMBED_BASE_URL": "openai_embed_base_url",
    "ANTHROPIC_API_KEY": "anthropic_key",
    "ANTHROPIC_BASE_URL": "anthropic_base_url",
    "OLLAMA_HOST": "ollama_host",
}
"""Variables that other programs read too, and the settings they stand for; QA_* comes first."""

SHORT_NAMES = {"multilingual": "multilingual:e5-small"}
"""Embedders that are named by their provider alone, in full."""


class Settings(BaseSettings):
    """Everything that can be set. Unknown names are refused; pass the object in, nothing reads a global."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="forbid")
    config_file: ClassVar[Path | None] = None
    secrets_file: ClassVar[Path | None] = None

    index: Path = Field(Path(".citewire"), description="Folder that holds the library.")
    embed: str = Field("bundled:news", description="Embedder, as provider:model.")
    llm: str = Field(
        "extractive",
        description="Language model, as provider:model; 'extractive' answers without one, 'auto' finds one here.",
    )
    verify: str = Field(
        "bundled:news",
        description="Model that decides with the check's rules, as provider:model; 'none' for the rules alone.",
    )

    database: SecretStr | None = Field(
        None, description="Address of a PostgreSQL database that holds the articles; else a file of the folder."
    )
    chroma: str | None = Field(None, description="Address of a Chroma server to keep the vector index; else a folder.")
    chroma_token: SecretStr | None = Field(None, description="Token that the Chroma server, or a proxy, asks for.")
    clean: bool = Field(True, description="Whether lines that are not the article are taken out of it.")
    workers: int = Field(
        1, ge=1, le=256, description="Processes that read, clean, split and embed in an ingest; 1 for none but its own."
    )
    ray: str | None = Field(
        None, description="Address of a Ray cluster that does so in place of them; 'local' starts one here."
    )
    allow_private: bool = Field(False, description="Whether pages on private networks and this machine may be read.")

    passage_words: int = Field(200, ge=20, le=2000, description="Words a passage holds at most, where sentences allow.")
    candidates: int = Field(50, ge=5, le=500, description="Passages that are ranked again after the first search.")
    top: int = Field(10, ge=1, le=50, description="Passages that an answer may rest on.")
    per_article: int = Field(4, ge=1, description="Passages of one article among the first ten, where others match.")
    words_weight: float = Field(
        0.8, ge=0, le=1, description="Weight of words in the fused score; vectors get the rest."
    )
    look_again_below: float = Field(
        0.45, ge=0, le=1, description="Score of the best passage under which words of the first ones are searched too."
    )
    rerank: str = Field(
        "bundled:news",
        description="Reranker, as provider:model; 'bundled:trees' does without the reader, 'none' without any.",
    )
    rerank_first: int = Field(
        20, ge=1, le=100, description="Passages that a reranker other than the bundled one orders again."
    )
    recency_weight: float = Field(
        0.3, ge=0, le=1, description="Weight of closeness to the time asked about, where there is one."
    )
    recency_days: float = Field(14, gt=0, description="Age in days at which closeness has fallen to 1/e.")

    answer_sentences: int = Field(4, ge=1, le=10, description="Sentences in an answer, at most.")
    refuse_below: float = Field(0.5, ge=0, le=1, description="Confidence under which an answer is refused.")
    draft: bool = Field(
        True, description="Whether the answer in the articles' own words stands first, until a model's takes its place."
    )
    prompt_words: int | None = Field(
        None, ge=50, le=100_000, description="Words of passages that a language model reads; else as its size asks."
    )
    model_timeout: float = Field(
        60, gt=0, description="Seconds without a word after which a language model is given up."
    )
    answer_timeout: float = Field(
        600, gt=0, description="Seconds after which a language model that is still writing is given up."
    )
    question_words: int = Field(
        400, ge=10, description="Words of a question that are read; the rest is cut, with a notice."
    )

    work_at_once: int = Field(
        2, ge=0, le=64, description="Questions that are searched for or checked at the same time; 0 for all."
    )

    openai_base_url: str | None = Field(
        None,
        repr=False,
        description="Address of a server that speaks OpenAI's protocol; with a key alone, OpenAI's.",
    )
    openai_embed_base_url: str | None = Field(
        None, repr=False, description="The same for embeddings, where it differs from openai_base_url."
    )
    openai_key: SecretStr | None = Field(None, description="Key to that server.")
    anthropic_base_url: str | None = Field(
        None, repr=False, description="Address of Anthropic's API, where not the usual one."
    )
    anthropic_key: SecretStr | None = Field(None, description="Key to Anthropic's API.")
    ollama_host: str | None = Field(None, repr=False, description="Where Ollama listens; else http://127.0.0.1:11434.")

    server_address: str | None = Field(
        None, repr=False, description="Address of the server behind server:MODEL, as the window's Settings connect it."
    )
    server_key: SecretStr | None = Field(None, description="Key to that server.")
    server_protocol: Literal["openai", "ollama"] = Field("openai", description="What that server speaks.")

    @field_validator("embed")
    @classmethod
    def _in_full(cls, embed: str) -> str:
        return SHORT_NAMES.get(embed, embed)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags first, then the environment, then the file."""
        file = cls.config_file
        named = {CLASSIC[name]: value for name, value in os.environ.items() if name in CLASSIC and value.strip()}
        classic = InitSettingsSource(settings_cls, named)
        files = [each for each in (cls.secrets_file, file) if each]
        tomls = [TomlConfigSettingsSource(settings_cls, each) for each in files]
        if not any(name.upper().startswith(_PREFIX) for name in os.environ):
            return (init_settings, classic, *tomls)  # to look for each setting in turn takes most of the time
        return (init_settings, env_settings, classic, *tomls)


SECRETS = frozenset(name for name, field in Settings.model_fields.items() if field.annotation == SecretStr | None)
"""Settings that are never shown or written."""


def load_settings(config: Path | None = None, **flags: Any) -> Settings:
    """The settings in force, from the file `config` (default: qa.toml, where there is one), QA_* variables and `flags`.

    A flag that is None counts as not given. Raises SettingsError, which names the value and what would be accepted.
    """
    if config is not None and not config.is_file():
        raise SettingsError(f"Settings file {config} does not exist. Give the path of a TOML file with --config.")
    for variable in os.environ:
        name = variable.removeprefix(_PREFIX).lower()
        if variable.startswith(_PREFIX) and name not in Settings.model_fields:
            raise SettingsError(_unknown(name, f"the environment ({variable})"))
    path = config or (CONFIG_FILE if CONFIG_FILE.is_file() else None)
    kept = secrets_file(config)
    files = {"config_file": path, "secrets_file": kept if kept.is_file() else None}
    source = type("SettingsFromFile", (Settings,), files)
    try:
        values = source(**{name: value for name, value in flags.items() if value is not None})
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"Settings file {_damaged(kept) or path} is not TOML: {error}.") from None
    except OSError as error:
        raise SettingsError(f"Settings file {error.filename} cannot be read: {error.strerror}.") from None
    except ValidationError as error:
        raise SettingsError(_explain(error, path)) from None
    # Who named what is kept: a library opens with its own embedder where nobody named one.
    return Settings.model_construct(set(values.model_fields_set), **values.model_dump())


def secrets_file(config: Path | None = None) -> Path:
    """The file beside the settings file in which the window keeps a server's address and key."""
    path = config or CONFIG_FILE
    return path.with_name(f"{path.stem}.secrets.toml")


def _damaged(file: Path) -> Path | None:
    with suppress(OSError):
        try:
            tomllib.loads(file.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            return file
    return None


def keep_server(file: Path, address: str | None, key: str = "", protocol: str = "openai") -> None:
    """Writes a server's address and key for the next start, readable by this user alone; None takes them out.

    Raises SettingsError where the file cannot be written; it is then as it was.
    """
    values = {"server_address": address, "server_key": key or None, "server_protocol": protocol}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items() if value]
    new = file.with_name(f"{file.name}.{uuid4().hex[:8]}.new")
    try:
        if address is None:
            file.unlink(missing_ok=True)
            return
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as written:
            written.write("# Kept by the window's Settings. It holds a key: leave it readable by you alone.\n")
            written.writelines(lines)
        os.replace(new, file)
    except OSError as error:
        raise SettingsError(
            f"The server could not be kept in {file}: {error.strerror}. Free some space or change its permissions."
        ) from None
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)


def settings_origins(config: Path | None = None, **flags: Any) -> dict[str, str]:
    """Who set what, such as {"llm": "set by --llm", "top": "set by QA_TOP in the environment"}; no built-in defaults.

    Takes what `load_settings` takes, and holds in the same order.
    """
    path = config or (CONFIG_FILE if CONFIG_FILE.is_file() else None)
    origins: dict[str, str] = {}
    for file in filter(None, (path, secrets_file(config))):
        with suppress(OSError, tomllib.TOMLDecodeError), file.open("rb") as opened:
            origins |= dict.fromkeys(tomllib.load(opened), f"set in {file.name}")
    classic = {CLASSIC[name]: name for name, value in os.environ.items() if name in CLASSIC and value.strip()}
    ours = {name.lower().removeprefix(_PREFIX.lower()): name for name in os.environ if name.upper().startswith(_PREFIX)}
    origins |= {name: f"set by {variable} in the environment" for name, variable in (classic | ours).items()}
    origins |= {name: f"set by --{name.replace('_', '-')}" for name, value in flags.items() if value is not None}
    return {name: origin for name, origin in origins.items() if name in Settings.model_fields}


def _explain(error: ValidationError, path: Path | None) -> str:
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return _unknown(name, str(path or "the flags"))
    if name in SECRETS:
        return f"Setting '{name}' is no text. Write it between quotation marks."
    return f"Setting '{name}' is {first['input']!r}: {first['msg'][0].lower()}{first['msg'][1:]}."


def _unknown(name: str, place: str) -> str:
    return f"Unknown setting '{name}' in {place}. Choose from: {', '.join(sorted(Settings.model_fields))}."
