# Each target makes .venv and installs what it needs on first use, and does nothing twice.
# On a machine where pip would bring CUDA, see "Installing" in the README for TORCH_INDEX.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
ENV := .venv/installed
BENCH_ENV := .venv/installed-for-benchmarks
# A stamp of its own: a build that fails leaves its pages behind.
BOOK := _build/complete
SOURCES := _config.yml _toc.yml intro.md $(shell find book exercises assets tools -type f \
	-not -path '*/__pycache__/*' -not -path '*/.ipynb_checkpoints/*' 2>/dev/null)

# The matrices of the course are small: more than one thread only makes them wait for one another.
export OPENBLAS_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help book site serve-site pyodide test serve lab exercises pages atlas misconceptions bench-accuracy bench-speed bench-grading clean

help:
	@echo "make book            build the book into _build/html"
	@echo "make site            build the book with cells that run into _build/site (PYODIDE=FOLDER hosts Python, too)"
	@echo "make serve-site      read and run it at http://localhost:$(PORT)"
	@echo "make pyodide         gather the Python of the browser into .pyodide, for make site PYODIDE=.pyodide"
	@echo "make test            prove the package, the questions, the pages and the built book"
	@echo "make serve           read the built book at http://localhost:$(PORT)"
	@echo "make lab             open the exercises in JupyterLab"
	@echo "make exercises       generate exercises/ from solutions/"
	@echo "make pages           run the pages and store their outputs anew (PAGES=book/loss/... for some)"
	@echo "make atlas           write the book's atlas of functions anew, from what the package says of itself"
	@echo "make misconceptions  write the book's catalogue of misconceptions anew, from the questions"
	@echo "make bench-accuracy  measure how exact lossact, torch, jax and SciPy are, and write the book's page of it"
	@echo "make bench-speed     time every function against torch (BENCH='--only relu' for some)"
	@echo "make bench-grading   time the grading beside nbgrader and otter, which it installs (PEERS=0 for ours alone)"
	@echo "make clean           remove what was built; 'rm -r .venv' removes the environment too"

$(ENV): requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is $$($(PYTHON) --version 2>&1); Python 3.11 or newer is wanted. Name one with PYTHON=..." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(if $(TORCH_INDEX),$(BIN)/pip install --quiet --index-url $(TORCH_INDEX) "$$(grep -o '^torch==[0-9.]*' requirements.txt)")
	@echo "Installing the environment into .venv (once; a few minutes) ..."
	@$(BIN)/pip install --quiet -r requirements.txt
	@$(BIN)/pip install --quiet --no-deps --editable .
	@touch $(ENV)

$(BOOK): $(ENV) $(SOURCES)
	@$(BIN)/jupyter-book build . --all --quiet -W -n --keep-going
	@touch $(BOOK)

book: $(BOOK)
	@echo "The book is in _build/html. Next: 'make serve', then open http://localhost:$(PORT)"

serve: $(BOOK)
	@echo "Reading the book at http://localhost:$(PORT) (Ctrl-C ends it). Next: 'make lab' to solve the exercises."
	@$(BIN)/python -m http.server --directory _build/html --bind 127.0.0.1 $(PORT)

# The site needs Node.js (with npm), which bundles the scripts of its pages.
site: $(ENV)
	@command -v npm >/dev/null || { echo "npm is not here; it bundles the scripts of the site. Get Node.js 20 or newer." >&2; exit 1; }
	@$(BIN)/python tools/site.py $(if $(PYODIDE),--pyodide $(PYODIDE))

serve-site:
	@test -e _build/site/index.html || { echo "There is no site yet: run 'make site' first." >&2; exit 1; }
	@echo "Reading the site at http://localhost:$(PORT) (Ctrl-C ends it)."
	@$(BIN)/python -m http.server --directory _build/site --bind 127.0.0.1 $(PORT)

pyodide: $(ENV)
	@$(BIN)/python tools/pyodide.py .pyodide

test: $(ENV)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/pytest -n 2 --dist loadfile tests
	@$(BIN)/pytest -n 2 --dist loadfile --doctest-modules lossact
	@$(BIN)/pytest -n 2 --dist loadfile --nbval book
	@$(BIN)/pytest solutions
	@echo "All is proved. Next: 'make book' to build what you tested, or commit."

lab: $(ENV)
	@echo "Opening exercises/ in JupyterLab (Ctrl-C ends it). Next: solve one, then '$(BIN)/pytest exercises/' for your points."
	@$(BIN)/jupyter lab exercises

exercises: $(ENV)
	@$(BIN)/lossact exercises solutions exercises
	@echo "exercises/ is what solutions/ says. Next: 'make lab' to solve one, or 'make test'."

pages: $(ENV)
	@$(BIN)/python tools/run_pages.py $(PAGES)
	@echo "The pages hold fresh outputs. Next: look at 'git diff book', then 'make test'."

atlas: $(ENV)
	@PYTHONPATH=. $(BIN)/python tools/atlas.py
	@echo "Next: look at 'git diff book/reference/atlas', then 'make test'."

misconceptions: $(ENV)
	@PYTHONPATH=. $(BIN)/python tools/misconceptions.py
	@echo "Next: look at 'git diff book/reference/misconceptions.md', then 'make test'."

$(BENCH_ENV): benchmarks/requirements.txt $(ENV)
	@echo "Installing what only the benchmarks compare with (once; a minute) ..."
	@$(BIN)/pip install --quiet -r benchmarks/requirements.txt && touch $(BENCH_ENV) || \
		echo "Not all of it could be installed; the benchmark goes on without." >&2

bench-accuracy: $(BENCH_ENV)
	@$(BIN)/python -m benchmarks.accuracy

bench-speed: $(ENV)
	@PYTHONPATH=. $(BIN)/python benchmarks/speed.py $(BENCH)

NOTEBOOKS ?= 1000
PEERS ?= 20
bench-grading: $(ENV)
	@$(BIN)/python benchmarks/grading.py --notebooks $(NOTEBOOKS) --peers $(PEERS)
	@echo "Times ours: how many times longer the others take for a notebook. Their environments are in .benchmarks/."

clean:
	@rm -rf _build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
	@echo "Removed what was built. Your notebooks and .venv are untouched. Next: 'make book'."
