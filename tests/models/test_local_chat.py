"""A language model on this machine: a tiny GPT-2 with random weights, made here."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tiny_models import save_bert, save_writer

from qa.errors import ContextTooLong, ModelError
from qa.models import LanguageModel, load_language_model
from qa.types import Message

pytestmark = pytest.mark.slow

ASK = (Message("system", "the election"), Message("user", "who won the match"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_writer(tmp_path_factory.mktemp("writer"))


@pytest.fixture(scope="module")
def model(folder: Path) -> LanguageModel:
    loaded = load_language_model(f"local:{folder}")
    assert loaded is not None
    return loaded


def test_a_reply_comes_piece_by_piece_and_is_the_same_again(model: LanguageModel, folder: Path) -> None:
    pieces = list(filter(None, model.stream(ASK)))
    assert len(pieces) > 20
    assert "".join(pieces).split()
    assert list(filter(None, model.stream(ASK))) == pieces
    assert (model.name, model.where) == (f"local:{folder}", "this machine")


def test_the_reply_depends_on_the_prompt(model: LanguageModel) -> None:
    other = (Message("system", "the talks"), Message("user", "what failed"))
    assert "".join(model.stream(other)) != "".join(model.stream(ASK))


def test_closing_the_iterator_stops_the_model(model: LanguageModel) -> None:
    before = threading.active_count()
    pieces = model.stream(ASK)
    next(pieces)
    assert threading.active_count() == before + 1
    pieces.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
    assert next(filter(None, model.stream(ASK)))  # and the next reply need not wait


def test_a_prompt_that_is_too_long(model: LanguageModel) -> None:
    with pytest.raises(ContextTooLong, match="which reads 256 tokens"):
        list(model.stream([Message("user", "who won " * 150)]))


def test_a_model_without_a_template_reads_the_messages_one_below_the_other(tmp_path: Path) -> None:
    loaded = load_language_model(f"local:{save_writer(tmp_path, template=None)}")
    assert loaded is not None and "".join(loaded.stream(ASK)).split()


def test_a_template_without_a_system_message_gets_all_of_it_from_the_user(tmp_path: Path) -> None:
    template = (
        "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
        "{{ messages[0].content }}"
    )
    loaded = load_language_model(f"local:{save_writer(tmp_path, template=template)}")
    assert loaded is not None and "".join(loaded.stream(ASK)).split()


def test_a_model_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "nothing-known"}')
    with pytest.raises(ModelError, match=f"Cannot load the transformers model {tmp_path}: "):
        load_language_model(f"local:{tmp_path}")
    with pytest.raises(ModelError, match="is not a transformers model: it holds no config.json"):
        load_language_model(f"local:{tmp_path.parent}")


def test_a_bert_writes_nothing_sensible_but_breaks_nothing(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        loaded = load_language_model(f"local:{save_bert(tmp_path)}")
        assert loaded is not None
        list(loaded.stream([Message("user", "who won " * 40)]))
