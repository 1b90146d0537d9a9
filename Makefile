# Everything a user or a contributor does; `make` alone lists it.
.DEFAULT_GOAL := help
BIN := .venv/bin

# Debian's and Ubuntu's names of what the runners call; python3 itself is already there.
TOOLCHAINS := bash bc default-jdk-headless elixir fp-compiler fp-units-fcl g++ gawk gcc gdc gfortran ghc golang-go lua5.4 \
  mono-mcs nasm nodejs ocaml-nox octave perl php-bcmath php-cli php-gmp php-mbstring pypy3 python3-numpy r-base-core racket ruby \
  sbcl scala sqlite3 swi-prolog-nox
# Debian 12 has a newer Rust under a name of its own; npm comes with some packagings of Node.js and not with others.
WHERE_NEEDED = $$(apt-cache show rustc-web >/dev/null 2>&1 && echo rustc-web || echo rustc) \
  $$(python3 deploy/toolchains.py --needed)

.PHONY: help serve test check bench doctor lock toolchains clean setup setup-dev

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## */  make \1|/p' Makefile | while IFS='|' read -r target text; do printf '%-20s %s\n' "$$target" "$$text"; done

serve: setup  ## set up, check every language, then serve on http://127.0.0.1:8000 (SANDBOX_PORT=…)
	@exec $(BIN)/sandbox-service serve

doctor: setup  ## say what this machine can isolate, and what it lacks
	@exec $(BIN)/sandbox-service doctor

test: setup-dev  ## run every test; a missing toolchain skips its tests, except where CI=true
	@exec $(BIN)/python3 -m pytest tests $(SIDE_BY_SIDE)

# As many processes as cores, up to four; a file stays whole, so that its servers and boxes are started once.
SIDE_BY_SIDE := --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: setup-dev  ## lint, check formatting, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup-dev  ## measure the budgets as ratios in one run, into bench-results/ (OPTIONS="--quick"; --help lists them)
	@exec $(BIN)/python3 -m tests.benchmarks $(OPTIONS)

lock: setup-dev  ## resolve the dependencies anew into the lock files
	$(BIN)/uv pip compile pyproject.toml --extra dev -o requirements-dev.lock $(UV_OPTIONS)
	$(BIN)/uv pip compile pyproject.toml -c requirements-dev.lock -o requirements.lock $(UV_OPTIONS)
	$(BIN)/uv pip compile pyproject.toml -c requirements-dev.lock --extra docker -o requirements-docker.lock $(UV_OPTIONS)

UV_OPTIONS := --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --no-emit-index-url --system-certs

toolchains:  ## install the compilers and interpreters of every language, 5 GB (Debian, Ubuntu; as root)
	-apt-get update  # one broken third-party source is not our failure
	DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(APT_OPTIONS) $(TOOLCHAINS) $(WHERE_NEEDED)
	python3 deploy/toolchains.py

clean:  ## remove what the other targets made
	rm -rf sandbox_service/inside/forking-*.so .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache bench-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup:
	@deploy/bootstrap requirements.lock

setup-dev:
	@deploy/bootstrap requirements-dev.lock
