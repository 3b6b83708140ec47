from pathlib import Path

import pytest

from qa.errors import SettingsError
from qa.settings import load_settings, settings_origins


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_defaults() -> None:
    settings = load_settings()
    assert (settings.index, settings.embed, settings.llm) == (Path(".citewire"), "bundled:news", "extractive")


def test_flags_come_before_the_environment_before_the_file_before_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("qa.toml").write_text('llm = "openai:file"\ntop = 5\ncandidates = 40\n')
    monkeypatch.setenv("QA_LLM", "openai:environment")
    monkeypatch.setenv("QA_TOP", "6")
    settings = load_settings(llm="openai:flag", embed=None)
    assert (settings.llm, settings.top, settings.candidates) == ("openai:flag", 6, 40)
    assert settings.embed == "bundled:news"


def test_another_file_can_be_named() -> None:
    Path("qa.toml").write_text("top = 5\n")
    Path("other.toml").write_text("top = 7\n")
    assert load_settings(Path("other.toml")).top == 7


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().top = 3  # type: ignore[misc]


def test_a_settings_file_that_is_not_there() -> None:
    with pytest.raises(SettingsError, match=r"Settings file no\.toml does not exist"):
        load_settings(Path("no.toml"))


def test_a_settings_file_that_is_not_toml() -> None:
    Path("qa.toml").write_text("top: 5")
    with pytest.raises(SettingsError, match=r"Settings file qa\.toml is not TOML"):
        load_settings()


def test_an_unknown_name_offers_the_known_ones() -> None:
    Path("qa.toml").write_text("tops = 5")
    with pytest.raises(SettingsError, match=r"Unknown setting 'tops' in qa\.toml\. Choose from: .*\btop\b"):
        load_settings()


def test_an_unknown_variable_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_TOPS", "5")
    with pytest.raises(SettingsError, match=r"Unknown setting 'tops' in the environment \(QA_TOPS\)"):
        load_settings()


@pytest.mark.parametrize(("name", "value"), [("top", 0), ("words_weight", 1.5), ("passage_words", "many")])
def test_a_value_out_of_range_is_named(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=f"Setting '{name}' is {value!r}: input should be"):
        load_settings(**{name: value})


def test_who_set_what_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_origins() == {}
    Path("qa.toml").write_text('llm = "openai:file"\ntop = 5\ncandidates = 40\n')
    monkeypatch.setenv("QA_TOP", "6")
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("OLLAMA_HOST", " ")
    assert settings_origins(llm="openai:flag", embed=None) == {
        "llm": "set by --llm",
        "top": "set by QA_TOP in the environment",
        "candidates": "set in qa.toml",
        "openai_key": "set by OPENAI_API_KEY in the environment",
    }
    Path("other.toml").write_text("answer_sentences = 7\n")
    assert settings_origins(Path("other.toml"))["answer_sentences"] == "set in other.toml"
    assert "candidates" not in settings_origins(Path("other.toml"))
