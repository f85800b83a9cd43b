# The one front of all tools. Works with make 3.81 and a POSIX shell.
# Needs Python >= 3.11; everything else (uv, Node, PostgreSQL) comes from the package index.
.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:

# Dozens of test processes import the same libraries: let Python keep what it compiled of them.
unexport PYTHONDONTWRITEBYTECODE

PORT  ?= 8000
BIN   := .venv/bin
STAMP := .venv/.stamps
PY    := $(BIN)/python
STEPS := $(PY) tools/steps.py
NPM   := PATH="$(CURDIR)/.cache/bin:$$PATH" npm --prefix web
ENGINE_PY := .cache/engine-venv/bin/python

.PHONY: help setup demo test test-long check fix dev openapi bench bench-abuse bench-engine bench-gateway bench-security bench-tasks web dist clean lock install engine-venv

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: install .cache/web-tools web ## Install everything: product, tools, checks, the web app
	@echo "Ready: .venv/bin/agentverse --help"

demo: $(STAMP)/product web ## Load the demo project, run it, serve it (PORT=8000); installs the product only
	@exec $(BIN)/agentverse demo --port $(PORT)

# ---- Python ------------------------------------------------------------------------------------

install: $(STAMP)/packages

# The steps share one environment and one node_modules.
.NOTPARALLEL:

$(STAMP)/uv: requirements-bootstrap.lock
	@python=; for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    python=$$name; break; fi; done; \
	if [ -z "$$python" ]; then echo "AgentVerse needs Python 3.11 or newer on the PATH." >&2; exit 1; fi; \
	echo "→ creating .venv with $$($$python --version)"; \
	$$python -m venv .venv || { echo "Python's venv module is missing (Debian: apt install python3-venv)." >&2; exit 1; }
	@echo "→ installing uv"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
	@mkdir -p $(STAMP) && touch $@

$(STAMP)/product: $(STAMP)/uv requirements.lock engine/pyproject.toml server/pyproject.toml
	@echo "→ installing the product"
	@$(BIN)/uv pip install --quiet --python $(PY) --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(PY) --no-deps --no-build-isolation -e engine -e server
	@touch $@

$(STAMP)/packages: $(STAMP)/product requirements-dev.lock
	@echo "→ installing the tools and the engine's extras"
	@$(BIN)/uv pip install --quiet --python $(PY) --require-hashes -r requirements-dev.lock
	@touch $@

engine-venv: $(STAMP)/engine-venv

# The engine is tested where only its own dependencies exist, so it cannot lean on the server's.
$(STAMP)/engine-venv: $(STAMP)/uv requirements-engine.lock engine/pyproject.toml
	@echo "→ creating the engine's own environment"
	@$(BIN)/uv venv --quiet --clear --python $(PY) .cache/engine-venv
	@$(BIN)/uv pip install --quiet --python $(ENGINE_PY) --require-hashes -r requirements-engine.lock
	@$(BIN)/uv pip install --quiet --python $(ENGINE_PY) --no-deps --no-build-isolation -e engine
	@touch $@

# The peers that benchmarks measure us beside; neither the product nor its tests need them.
$(STAMP)/bench: $(STAMP)/packages requirements-bench.lock
	@echo "→ installing the benchmarks' peers"
	@$(BIN)/uv pip install --quiet --python $(PY) --require-hashes -r requirements-bench.lock
	@touch $@

lock: $(STAMP)/uv ## Write the hash-locked requirements anew (UPGRADE=1: newest versions)
	@$(PY) tools/lock.py $(if $(UPGRADE),upgrade,write)

# ---- web ---------------------------------------------------------------------------------------

.cache/bin/npm: $(STAMP)/uv tools/node.py requirements-node.lock
	@echo "→ choosing Node"
	@$(PY) tools/node.py

NPM_CI = $(NPM) ci --no-audit --no-fund --loglevel=error

.cache/web-modules: .cache/bin/npm web/package-lock.json
	@echo "→ installing what builds the web app (npm ci)"
	@$(NPM_CI) $(if $(wildcard web/node_modules/vitest),,--omit=dev) # a checkout with the tools keeps them
	@touch $@

# npm ci always starts anew, so this one replaces the other.
.cache/web-tools: .cache/bin/npm web/package-lock.json
	@echo "→ installing what builds and checks the web app (npm ci)"
	@$(NPM_CI)
	@touch .cache/web-modules $@

# find, not prerequisites: file names of routes hold dollar signs.
web: .cache/web-modules ## Build the web app into web/dist
	@if [ ! -f web/dist/index.html ] || [ ! -f .cache/web-built ] || [ .cache/web-modules -nt .cache/web-built ] \
	  || [ -n "$$(find web/src web/public web/scripts web/*.ts web/*.json web/index.html contracts/openapi.json \
	         -type f -newer .cache/web-built ! -path '*/generated/*' ! -name route-tree.gen.ts ! -name walls.json 2>/dev/null | head -n 1)" ]; then \
	  for step in generate build; do echo "→ web: $$step"; \
	    $(NPM) run --silent $$step > .cache/web.log 2>&1 || { cat .cache/web.log; exit 1; }; done; \
	  touch .cache/web-built; fi

# ---- checks ------------------------------------------------------------------------------------

# Tests that only read the sources.
NAMES = $(addprefix server/tests/architecture/,test_file_names.py test_raised_errors.py test_words.py)

FAST_CHECKS = \
	'ruff format=$(BIN)/ruff format --check .' \
	'ruff check=$(BIN)/ruff check .' \
	'pyright=$(BIN)/pyright' \
	'lint-imports=$(BIN)/lint-imports' \
	'typos=$(BIN)/typos' \
	'locks=$(PY) tools/lock.py check' \
	'openapi=$(PY) tools/generated.py check' \
	'names=$(PY) -m pytest -q --noconftest -p no:cacheprovider $(NAMES)' \
	$(WEB_LINT)

# Where the web's tools are installed (make setup); a lean make install has no Node.
WEB_LINT = $(if $(wildcard web/node_modules/.bin/biome),'web lint=$(NPM) run --silent lint')

check: install ## Fast checks: format, lint (web: if installed), types, imports, words, locks, generated files
	@$(STEPS) $(FAST_CHECKS)

# The tests of a file stay on one worker: what its fixtures build is built once. The server's wait
# for processes and the database more than half of their time, so four share the two cores.
PYTEST = -m pytest -q --dist loadfile --no-loadscope-reorder

test: setup engine-venv ## Everything that has to pass
	@$(STEPS) $(FAST_CHECKS) 'web checks=$(NPM) run --silent check' \
	  --then 'engine tests=$(ENGINE_PY) $(PYTEST) -n 2 engine/tests --ignore engine/tests/extras' \
	  --then 'engine extras=$(PY) $(PYTEST) -n 2 engine/tests/extras' \
	  --then 'server tests=$(PY) $(PYTEST) -n 4 server/tests' \
	  --then 'journeys in a browser=$(PY) tools/browser.py'

test-long: setup ## What takes too long for every run: the same races and floods, many more of them
	@$(PY) $(PYTEST) -n 2 engine/tests server/tests -m long --timeout 0

fix: install ## Format and repair what the linters can
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .
	@if [ -f .cache/web-modules ]; then $(NPM) run --silent format; fi

openapi: install ## Write contracts/openapi.json and the generated reference pages
	@$(PY) tools/generated.py write

# One interrupt ends all three. The worker does not reload: start again after changing a job.
dev: setup ## API with reload on PORT, worker, and the web app's dev server on 5173
	@$(BIN)/agentverse db migrate
	@trap 'trap "" INT TERM; kill 0; wait' INT TERM EXIT; \
	$(BIN)/uvicorn --factory agentverse.entrypoints.api:create_app --reload \
	  --reload-dir server/src --reload-dir engine/src --port $(PORT) & \
	$(BIN)/agentverse worker & \
	AGENTVERSE_URL=http://127.0.0.1:$(PORT) $(NPM) run dev & \
	wait

# A peer that needs an older numpy lives alone; where it cannot be installed it is left out.
.cache/mesa-frames/.tried: $(STAMP)/uv
	@rm -rf .cache/mesa-frames && $(BIN)/uv venv --quiet --python $(PY) .cache/mesa-frames
	@$(BIN)/uv pip install --quiet --python .cache/mesa-frames/bin/python mesa-frames==0.1.0a0 \
	  || { echo "mesa-frames cannot be installed here; it is left out"; rm -rf .cache/mesa-frames/bin; }
	@touch $@

bench-engine: $(STAMP)/bench .cache/mesa-frames/.tried ## Engine beside a bare kernel and Mesa; 10,000 scenarios in three ways
	@$(PY) engine/benchmarks/bench_determinism.py
	@$(PY) engine/benchmarks/bench_engine.py

bench-gateway: $(STAMP)/packages ## The model door beside a bare pass-through, in one run
	@$(PY) server/benchmarks/bench_gateway.py

bench: setup $(STAMP)/bench ## Print the benchmarks of engine, import, ask, tasks and page
	@$(STEPS) 'engine=$(PY) engine/benchmarks/bench_engine.py' \
	  --then 'import=$(PY) server/benchmarks/bench_import.py' \
	  --then 'ask=$(PY) server/benchmarks/bench_ask.py' \
	  --then 'tasks=$(PY) server/benchmarks/bench_tasks.py' \
	  --then 'page sizes=$(NPM) run --silent budget' \
	  --then 'page=$(NPM) run --silent bench'

bench-tasks: $(STAMP)/packages ## A task's claim and close, GET /tasks at a million, agentverse --help
	@$(PY) server/benchmarks/bench_tasks.py

eval-questions: install ## How the compiler answers the evaluation's questions (ARGS="--list")
	@$(PY) server/evaluation/questions/evaluate.py $(ARGS)

bench-security: setup ## Audit list by each filter at 10 million entries, export of a million
	@$(PY) server/benchmarks/bench_security.py

dist: $(STAMP)/product web ## Build the two wheels into dist/, the web app inside
	@rm -rf dist
	@for package in engine server; do \
	  (cd $$package && $(CURDIR)/$(PY) -m hatchling build -t wheel -d $(CURDIR)/dist) || exit 1; done

bench-abuse: setup ## Another tenant's answers while somebody attacks
	@$(PY) server/benchmarks/bench_abuse.py

clean: ## Remove what was built or installed (not your data in .agentverse)
	rm -rf .venv .cache dist web/node_modules web/dist web/src/api/generated web/src/app/route-tree.gen.ts
