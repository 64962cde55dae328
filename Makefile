.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
SERVE ?= 1
PROTOCOL ?= top_k
DEMO_DIR ?= demo-$(if $(CHALLENGE),challenge,$(if $(filter top_k,$(PROTOCOL)),study,$(PROTOCOL)))

help:           ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 18

$(VENV)/.installed: pyproject.toml hatch_build.py package-lock.json constraints.txt
	python3 -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade "pip>=25.1,<27"
	$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[demo]" --group dev
	touch $@

# TORCH_INDEX=... adds the index of CPU builds that pytorch.org names: on Linux PyPI's own build brings several GB of
# CUDA packages with it.
TORCH := torch==2.13.0
TORCH_INDEX :=
TORCH_STAMP := $(if $(TORCH),$(VENV)/.$(subst =,-,$(TORCH)))
torch: $(TORCH_STAMP)  ## torch for the tests of LPIPS and DISTS (TORCH=... chooses the build, TORCH= leaves it out)

$(VENV)/.torch%: $(VENV)/.installed
	$(BIN)/pip install --quiet --constraint constraints.txt $(if $(TORCH_INDEX),--extra-index-url "$(TORCH_INDEX)") "$(TORCH)"
	touch "$@"

setup: $(VENV)/.installed  ## make the virtual environment and install everything

demo: setup     ## sample study from images to final ranking, then serve it (SERVE=0: stop there; PROTOCOL=pairwise, ...; CHALLENGE=1)
	$(BIN)/studyapp demo $(DEMO_DIR) --protocol $(PROTOCOL) $(if $(CHALLENGE),--challenge,) $(if $(filter 0,$(SERVE)),--no-serve,)

# Four, also on two cores: browsers and disks keep tests waiting. Without compiled files each of the processes that
# tests start would compile the application anew.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder
test: setup torch node_modules/.installed  ## the test suite; every promise has a test in it
	$(PYTEST)

tutorials: setup  ## follow the tutorials in docs/tutorials, with all commands and what they print
	$(BIN)/pytest -m slow tests/tutorials

test-slow: setup torch node_modules/.installed  ## its long form: the other cases, long simulations, the tutorials
	$(PYTEST) -m slow

test-browsers: setup torch node_modules/.installed  ## of the long form, what a browser or a reader of the tutorials does
	$(PYTEST) -m slow tests/browser tests/tutorials

check: setup lint test  ## linters, types, layers, then the tests

lint: setup torch node_modules/.installed  ## ruff, pyright (with the types of torch), import-linter; biome for JavaScript
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	PATH="$$PATH:$(abspath $(BIN))" npx --no biome ci --error-on-warnings

node_modules/.installed: package-lock.json $(VENV)/.installed
	PATH="$$PATH:$(abspath $(BIN))" npm ci --ignore-scripts --silent
	touch $@

bench: setup    ## benchmarks: our figures, the peer's or the limit's, and the ratio
	$(BIN)/python -m benchmarks

bench-viewer: setup  ## the viewer's speed in headless Chromium, against its goals
	$(BIN)/python -m benchmarks.bench_viewer

bench-load: setup  ## 200 judges saving ballots at once, on SQLite and on PostgreSQL
	$(BIN)/python -m benchmarks.bench_load

screenshots: setup  ## the pictures in docs/images, from the demo and from a test
	$(BIN)/studyapp demo $(DEMO_DIR) --no-serve
	$(BIN)/python docs/tools/screenshots.py $(DEMO_DIR)
	$(BIN)/studyapp demo demo-challenge --challenge --no-serve
	$(BIN)/python docs/tools/screenshots.py --challenge demo-challenge
	mkdir -p docs/images/console
	$(BIN)/python -m docs.tools.colour_pictures
	STUDYAPP_PICTURES=docs/images/console $(BIN)/pytest -p no:xdist -m slow tests/browser/test_whole_way.py

$(VENV)/.docs: $(VENV)/.installed
	$(BIN)/pip install --quiet --constraint constraints.txt --group docs
	touch $@

docs: $(VENV)/.docs node_modules/.installed  ## build/docs: the documentation as a site; links, loaded files and pages in Chromium are checked
	rm -rf build/docs build/doctrees
	$(BIN)/sphinx-build --builder html --fail-on-warning --keep-going --quiet --conf-dir docs/site --doctree-dir build/doctrees docs build/docs
	$(BIN)/python docs/tools/check_site.py build/docs
	$(BIN)/python docs/tools/open_site.py build/docs

report-pictures: setup  ## build/report: every plot and page of made-up reports as pictures, to look at
	$(BIN)/python -m docs.tools.report_pictures build/report

REFERENCE := columns commands http_api job_kinds rule_terms settings_table site_yaml study_yaml
reference: setup  ## the pages of documentation that are written from the code
	for tool in $(REFERENCE); do $(BIN)/python docs/tools/$$tool.py; done
	PATH="$$PATH:$(abspath $(BIN))" node docs/tools/keys.js

torture: setup  ## at least 500 kills under load, on SQLite and PostgreSQL: nothing lost, nothing doubled
	$(BIN)/python -m tests.torture

PACKAGE := build/package
package: setup  ## build/package/dist: the sdist and, from it and without a network, the wheel; both are tried
	rm -rf $(PACKAGE)
	$(BIN)/python -m hatchling build --target sdist --directory $(PACKAGE)/dist
	tar -xzf $(PACKAGE)/dist/studyapp-*.tar.gz -C $(PACKAGE)
	cd $(PACKAGE)/studyapp-*/ && npm_config_registry=http://127.0.0.1:9 npm_config_fetch_retries=0 \
		$(abspath $(BIN))/python -m hatchling build --target wheel --directory ../dist
	python3 -m venv --without-pip $(PACKAGE)/alone
	$(BIN)/pip --python $(PACKAGE)/alone/bin/python install --quiet --no-compile --only-binary :all: \
		--constraint constraints.txt $(PACKAGE)/dist/*.whl
	git ls-files studyapp analysis templates static | $(PACKAGE)/alone/bin/python -P .ci/try_wheel.py $(PACKAGE)/dist/*.whl

# What is installed for running a study, and nothing of the tools: it is asked from an environment of its own.
SBOM := build/sbom
sbom: package   ## the list of parts (CycloneDX): build/sbom/studyapp.cdx.json and, of the pages, pages.cdx.json
	python3 -m venv --clear $(SBOM)/tool
	$(SBOM)/tool/bin/pip install --quiet --no-compile "cyclonedx-bom>=7,<8"
	$(SBOM)/tool/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
		--output-file $(SBOM)/studyapp.cdx.json $(PACKAGE)/alone/bin/python
	PATH="$$PATH:$(abspath $(BIN))" npm sbom --package-lock-only --omit dev --sbom-format cyclonedx > $(SBOM)/pages.cdx.json

clean:          ## remove what the targets made
	rm -rf $(VENV) node_modules static/vendor build $(DEMO_DIR)

.PHONY: help setup torch demo test tutorials test-slow test-browsers check lint bench bench-viewer bench-load screenshots docs report-pictures torture package sbom clean
