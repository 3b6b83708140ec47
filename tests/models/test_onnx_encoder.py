"""An embedder in ONNX, without torch: pooling, prompts, what tells its weights apart, what is wrong with a folder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tiny_onnx import WORDS, save_onnx, table_of

from qa.cli.main import main
from qa.errors import EmbedderMismatch, ModelError
from qa.library import Library, with_own_embedder
from qa.models import load_embedder
from qa.settings import load_settings


def expected(text: str, *, first: bool = False) -> np.ndarray:
    """The vector of a text, from the table itself."""
    tokens = [2, *(WORDS.index(word) if word in WORDS else 1 for word in text.split())][:15] + [3]
    vector = table_of()[tokens[0]] if first else table_of()[tokens].mean(axis=0)
    return vector / np.linalg.norm(vector)


def test_a_text_has_the_mean_of_its_tokens_or_its_first_one(tmp_path: Path) -> None:
    mean = load_embedder(f"onnx:{save_onnx(tmp_path / 'mean')}")
    assert (mean.name, mean.dimension) == (f"onnx:{tmp_path}/mean", 8)
    np.testing.assert_allclose(mean.embed_query("who won"), expected("who won"), atol=1e-6)
    passages = mean.embed_passages(["the talks failed", "who won " * 50, ""])
    assert passages.shape == (3, 8) and passages.dtype == np.float32
    np.testing.assert_allclose(passages[0], expected("the talks failed"), atol=1e-6)
    np.testing.assert_allclose(passages[1], expected("who won " * 50), atol=1e-6)  # cut at what the model reads
    assert mean.embed_passages([]).shape == (0, 8)
    first = load_embedder(f"onnx:{save_onnx(tmp_path / 'first', pooling='cls', file='onnx/model.onnx')}")
    np.testing.assert_allclose(first.embed_query("who won"), expected("who won", first=True), atol=1e-6)


def test_prompts_are_the_models_own_else_those_of_the_table(tmp_path: Path) -> None:
    own = load_embedder(f"onnx:{save_onnx(tmp_path / 'e5-own', prompts={'query': 'question : '})}")
    np.testing.assert_allclose(own.embed_query("who"), expected("question : who"), atol=1e-6)
    np.testing.assert_allclose(own.embed_passages(["who"])[0], expected("who"), atol=1e-6)
    table = load_embedder(f"onnx:{save_onnx(tmp_path / 'multilingual-e5-small')}")
    np.testing.assert_allclose(table.embed_query("who"), expected("query : who"), atol=1e-6)
    np.testing.assert_allclose(table.embed_passages(["who"])[0], expected("passage : who"), atol=1e-6)


@pytest.mark.parametrize(
    ("break_", "said"),
    [
        (lambda folder: (folder / "model.onnx").unlink(), "it holds none of model.onnx, onnx/model.onnx"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "it holds no tokenizer.json"),
        (lambda folder: (folder / "model.onnx").write_bytes(b"none"), "Cannot load the embedder .*model.onnx: "),
        (lambda folder: (folder / "tokenizer.json").write_text("{"), "Cannot load the embedder "),
        (
            lambda folder: (folder / "modules.json").write_text('[{"type": "sentence_transformers.models.Dense"}]'),
            "has a step 'Dense', which is no part of its ONNX file",
        ),
        (lambda folder: save_onnx(folder, pooling="max"), "pools its tokens by 'max_tokens'. Known are: mean, cls"),
    ],
)
def test_what_is_wrong_with_a_folder_is_one_sentence(break_, said: str, tmp_path: Path) -> None:
    break_(save_onnx(tmp_path))
    with pytest.raises(ModelError, match=said) as raised:
        load_embedder(f"onnx:{tmp_path}")
    assert "\n" not in str(raised.value)
    with pytest.raises(ModelError, match="There is no model folder nowhere"):
        load_embedder("onnx:nowhere")


def test_neither_torch_nor_sentence_transformers_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = sys.modules['sentence_transformers'] = sys.modules['transformers'] = None\n"
        "from qa.models import load_embedder; print(load_embedder('onnx:' + sys.argv[1]).embed_query('who').shape)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(save_onnx(tmp_path))], capture_output=True, text=True)
    assert done.stdout.strip() == "(8,)", done.stderr


# --- a library and its embedder -------------------------------------------------------------------------------------


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an embedder in the folder `m` of the current one, with which a library was built."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.md").write_text("# The bridge\n\nThe bridge won the election.\n")
    name = f"onnx:{save_onnx(tmp_path / 'm')}"
    with Library.open(load_settings(index=tmp_path / "library", embed="onnx:./m")) as library:
        library.ingest([tmp_path / "a.md"])
        assert library.embedder.name == name
    return name


def test_a_path_written_otherwise_is_the_same_embedder_and_none_named_is_the_librarys_own(
    model: str, tmp_path: Path
) -> None:
    for named in ("onnx:m", "onnx:m/", "onnx:./m", model, None):
        with Library.open(load_settings(index=tmp_path / "library", embed=named)) as library:
            assert (library.embedder.name, library.settings.embed) == (model, model)
    assert with_own_embedder(load_settings(index=tmp_path / "new")).embed == "bundled:news"
    with pytest.raises(EmbedderMismatch, match="was built with the embedder 'onnx:.*not 'bundled:news'"):
        Library.open(load_settings(index=tmp_path / "library", embed="bundled:news"))


def test_replaced_weights_are_noticed(model: str, tmp_path: Path) -> None:
    save_onnx(tmp_path / "m", seed=8)
    with pytest.raises(EmbedderMismatch, match="was built with other weights of the embedder"):
        Library.open(load_settings(index=tmp_path / "library"))


def test_the_doctor_leaves_a_library_its_own_embedder(
    model: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in ([], ["--repair"]):
        monkeypatch.setattr(sys, "argv", ["qa", "doctor", "--index", "library", "--json", *more])
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code
        found = {one["name"]: one["said"] for one in json.loads(capsys.readouterr().out)}
        assert found["embedder"] == f"{model}, 8 numbers"
