# make demo    a digital patient as DICOM, from two visits to the report
# make test    the tests            make bench   the benchmarks
# make lint    style and layout     make format  put the style right
# make slicer SLICER=/path/to/Slicer        Slicer with the module and a digital patient
# make slicer-test SLICER=/path/to/Slicer   the self tests inside Slicer
# make screenshots                          pictures of the panels for README and manual

PYTHON ?= python3
VENV ?= .venv
DEMO ?= demo
BIN := $(VENV)/bin
RUNNABLE := $(VENV)/.runnable
INSTALLED := $(VENV)/.installed

# Tests against third-party reference data run when it lies in a folder beside this one; see Docs/reference-data.md.
REFERENCE_DATA ?= $(patsubst %/osipi,%,$(firstword $(wildcard ../*/data/osipi)))
ifneq ($(REFERENCE_DATA),)
export PERFUSIONRATIO_REFERENCE_DATA ?= $(abspath $(REFERENCE_DATA))
endif

SLICER ?= Slicer
MODULE := $(CURDIR)/PerfusionRatio

.PHONY: demo test bench lint format clean slicer slicer-test screenshots

demo: $(RUNNABLE)
	$(BIN)/perfusion-ratio demo $(DEMO) --overwrite

test: $(INSTALLED)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGUMENTS)

bench: $(INSTALLED)
	for script in Testing/Benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

slicer:
	$(SLICER) --additional-module-paths $(MODULE) --python-script Testing/Slicer/show.py

slicer-test:
	$(SLICER) --testing --no-splash --additional-module-paths $(MODULE) --python-script Testing/Slicer/run.py

screenshots: $(INSTALLED)
	$(BIN)/python Testing/Panels/screenshots.py Resources/Screenshots

clean:
	rm -rf $(VENV) $(DEMO) build *.egg-info .pytest_cache .ruff_cache .hypothesis

# Modules are compiled when they are first imported: to compile all of them takes as long as to install them.
$(RUNNABLE): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[report]'
	touch $@

$(INSTALLED): $(RUNNABLE)
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[report,test]'
	touch $@
