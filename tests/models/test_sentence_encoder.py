from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tiny_models import save_encoder

from qa.errors import MissingExtra, ModelError
from qa.models import load_embedder
from qa.models.sentence_encoder import SentenceEncoder

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small transformer with random weights and a prompt for each kind of text, as sentence-transformers saves it."""
    return save_encoder(tmp_path_factory.mktemp("encoder"), tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def encoder(model_folder: Path) -> SentenceEncoder:
    loaded = load_embedder(f"sentence-transformers:{model_folder}")
    assert isinstance(loaded, SentenceEncoder)
    return loaded


def test_name_dimension_shapes_and_unit_length(encoder: SentenceEncoder, model_folder: Path) -> None:
    assert encoder.name == f"sentence-transformers:{model_folder}"
    assert encoder.dimension == 32
    vectors = encoder.embed_passages(["the talks failed", "", "who won " * 500])
    assert vectors.shape == (3, 32)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert encoder.embed_passages([]).shape == (0, 32)
    assert encoder.embed_query("who won").shape == (32,)
    assert encoder.embed_query("who won").dtype == np.float32


def test_questions_and_passages_get_the_prompts_of_the_model(encoder: SentenceEncoder, model_folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(model_folder), device="cpu", local_files_only=True)
    plain.prompts = {"query": "", "document": ""}
    as_query, as_document, bare = plain.encode(
        ["question: who won", "passage: who won", "who won"], normalize_embeddings=True, show_progress_bar=False
    )
    np.testing.assert_allclose(encoder.embed_query("who won"), as_query, atol=1e-5)
    np.testing.assert_allclose(encoder.embed_passages(["who won"])[0], as_document, atol=1e-5)
    assert np.abs(as_query - as_document).max() > 1e-3
    assert np.abs(as_query - bare).max() > 1e-3


def test_a_model_without_prompts_gets_those_of_the_table_and_other_weights_are_told_apart(
    model_folder: Path, encoder: SentenceEncoder, tmp_path: Path
) -> None:
    folder = tmp_path / "multilingual-e5-small"
    shutil.copytree(model_folder, folder)
    same = load_embedder(f"sentence-transformers:{folder}")
    assert same.revision == encoder.revision
    config = folder / "config_sentence_transformers.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"prompts": {}}))
    told = load_embedder(f"sentence-transformers:{folder}")
    assert told._encoder.prompts == {"query": "query: ", "document": "passage: "}  # type: ignore[attr-defined]
    weights = folder / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert len({same.revision, told.revision, load_embedder(f"sentence-transformers:{folder}").revision}) == 3


@pytest.mark.parametrize("name", ["./no/such/folder", "/no/such/folder", "~/no-such-folder", "one/two/three"])
def test_a_folder_that_does_not_exist(name: str) -> None:
    with pytest.raises(ModelError, match="There is no model folder .*such|There is no model folder one/two/three"):
        load_embedder(f"sentence-transformers:{name}")


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(ModelError, match="holds neither modules.json nor config.json"):
        load_embedder(f"sentence-transformers:{tmp_path}")


def test_a_damaged_model_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("{")
    with pytest.raises(ModelError, match=f"Cannot load the sentence-transformers model {tmp_path}: ") as raised:
        load_embedder(f"sentence-transformers:{tmp_path}")
    assert "\n" not in str(raised.value)


def test_a_name_that_cannot_be_one() -> None:
    with pytest.raises(ModelError, match="'not a name!' is no model's name and no folder"):
        load_embedder("sentence-transformers:not a name!")


def _load_elsewhere(name: str, **environment: str) -> str:
    """What loading the model says in a process of its own with an empty cache."""
    code = (
        "import sys\nfrom qa.models import load_embedder\nfrom qa.errors import QAError\n"
        "try: load_embedder(sys.argv[1])\nexcept QAError as error: print(type(error).__name__, error)\n"
    )
    run = [sys.executable, "-c", code, name]
    environment = {"PATH": "", **environment}
    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=True, timeout=90)
    return done.stderr + done.stdout.strip()


def test_an_uncached_model_offline_fails_with_the_remedy(tmp_path: Path) -> None:
    said = _load_elsewhere("sentence-transformers:some/model", HF_HOME=str(tmp_path), HF_HUB_OFFLINE="1")
    assert said == (
        "ModelError The model some/model is not on this machine, and HF_HUB_OFFLINE forbids downloads. Download it "
        "once on a machine with network access and give its folder: --embed sentence-transformers:PATH."
    )


def test_a_hub_that_does_not_answer_is_not_waited_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and never says a word
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        said = _load_elsewhere("sentence-transformers:some/model", HF_HOME=str(tmp_path), HF_ENDPOINT=endpoint)
    assert said.startswith(f"ModelError The model some/model is not on this machine, and {endpoint} cannot be reached.")


def test_a_pinned_revision_is_part_of_the_name_and_is_looked_for_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = _load_elsewhere("sentence-transformers:some/model@0abc", HF_HOME=str(tmp_path), HF_HUB_OFFLINE="1")
    assert said.startswith("ModelError The model some/model@0abc is not on this machine")
    commit = "0" * 40
    snapshot = tmp_path / "hub" / "models--some--model" / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(tmp_path / "hub"))
    with pytest.raises(ModelError, match="^Cannot load the sentence-transformers model some/model:"):  # found; no model
        load_embedder(f"sentence-transformers:some/model@{commit}")


def test_without_the_package_the_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['sentence_transformers'] = None\nfrom qa.models import load_embedder\n"
        "try: load_embedder('sentence-transformers:some/model')\nexcept Exception as e: print(type(e).__name__, e)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(MissingExtra.__name__)
    assert "pip install 'citewire[sentence-transformers]'" in done.stdout
