# Everything runs from a virtual environment of the project's own; the first target that needs it makes it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The least that the scenarios of the examples cover.
COVERED := states=100,transitions=100,conditions=90,comparisons=90

.PHONY: demo test mutants planted soak lint types mypy basedpyright format bench peers real pictures tables problems notebooks clean

demo: $(READY)  ## Hold a conversation in the terminal.
	$(BIN)/fsm-langgraph run graphs/personal_information/fsm.json

test: $(READY)  ## Run every test, and the scenarios of the examples. Its many processes share what Python has compiled, whatever the environment says.
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n auto --dist loadfile notebooks tests
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest graphs --fsm-fail-under $(COVERED)

mutants: $(READY)  ## Drop each part of each guard of the examples, and see that a scenario fails.
	$(BIN)/python tests/mutants.py

planted: $(READY)  ## Plant bugs in copies of the package, and see that the hostile tests find each within a minute.
	$(BIN)/python tests/planted_bugs.py

soak: $(READY)  ## Kill processes and let many write, and load hostile files and hear hostile replies, by the ten thousand.
	PYTHONPATH=tests:. $(BIN)/python -m files_soak
	PYTHONPATH=tests:. $(BIN)/python -m crash.soak
	PYTHONPATH=tests:. $(BIN)/python -m hostile_soak

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo --no-cache

types: mypy basedpyright  ## Check the types, by each checker for itself.

mypy: $(READY)
	$(BIN)/mypy

basedpyright: $(READY)
	$(BIN)/basedpyright

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)  ## Measure what a turn costs: the quick set, in one table.
	$(BIN)/python -m benchmarks

peers: $(READY)  ## Install what others have made for the same, and compare.
	-$(BIN)/python -m benchmarks.peers.set_up
	$(BIN)/python -m benchmarks.peers --plot benchmarks/peers/peers.png

real: $(READY)  ## Hold the examples' conversations with a small model on llama.cpp, or with MODEL at OPENAI_BASE_URL.
	$(if $(OPENAI_BASE_URL),,$(BIN)/python -m benchmarks.real.set_up)
	$(BIN)/python -m benchmarks.real $(if $(MODEL),--model $(MODEL))

pictures: $(READY)  ## Draw the examples and the house anew, where they have changed.
	$(BIN)/python tests/pictures.py
	$(BIN)/python tests/architecture.py

tables: $(READY)  ## Write the table of providers anew, after the tests of their packages have changed.
	$(BIN)/python tests/model_table.py

problems: $(READY)  ## Write the page on all that `check` finds anew, after its table of codes has changed.
	$(BIN)/python tests/problems_page.py

notebooks: $(READY)  ## Execute the notebooks and store them with what they show.
	$(BIN)/python tests/stored_notebooks.py

clean:
	rm -rf $(VENV) .peers .real dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed: make PYTHON=python3.11 ..."'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --upgrade pip  # a newer one takes half the time
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --editable '.[dev]'
	touch $(READY)
