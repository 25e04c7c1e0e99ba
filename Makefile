# SPDX-License-Identifier: Apache-2.0
# `make demo` runs the main job, `make test` every test; each does all of its own set-up on Debian 12 with Swift 6.3.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

swift_flags := -c release --explicit-target-dependency-import-check error
bin := .build/release
patients ?= 2000
workers ?= 2

# The demo's folder, by the data it runs on: synthetic tables unless MIMIC_DIR names real ones.
ifdef MIMIC_DIR
  run := runs/mimic
  tables := $(MIMIC_DIR)
  tables_ready := $(wildcard $(MIMIC_DIR)/*)
else
  run := runs/demo
  tables := $(run)/tables
  tables_ready := $(tables)/SYNTHETIC.json
endif
dataset := $(run)/datasets/readmission_30d

.PHONY: help setup build demo test format clean
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## install the C libraries that are missing (Debian, Ubuntu)
	@.ci/install-libraries

build: setup ## build both executables in release
	@SWIFT_BACKTRACE=enable=no swift build $(swift_flags) --product muster
	@SWIFT_BACKTRACE=enable=no swift build $(swift_flags) --product muster-worker

demo: build ## run the main job: tables, shards, sweep, leaderboard (MIMIC_DIR=… takes real tables)
	@$(MAKE) --no-print-directory $(dataset)/manifest.json
	@$(bin)/muster sweep run configs/sweeps/demo.yaml --workers $(workers) \
	  --set data.dataset=$(dataset) --set track.db=$(run)/tracker.db --set track.artifacts=$(run)/artifacts

$(run)/tables/SYNTHETIC.json:
	@$(bin)/muster data synthesize --patients $(patients) --seed 7 --out $(run)/tables

$(dataset)/manifest.json: $(tables_ready)
	@$(bin)/muster data prepare --mimic $(tables) --out $(run)/datasets --outcome readmission_30d

test: setup ## build and run every test
	@SWIFT_BACKTRACE=enable=no swift test $(swift_flags)

format: ## format all sources in place
	@swift format -i --parallel -r Sources Tests Package.swift

clean: ## remove build products and the demo's files
	@rm -rf .build runs/demo

PEERS ?= .venv-peers/bin/python
bench_patients ?= 465,1551
.PHONY: bench-data
bench-data: build ## speed and memory of synthesize and prepare beside DuckDB and Polars (bench_patients=465,1551,4652)
	@[ -x "$(PEERS)" ] || { python3 -m venv .venv-peers && .venv-peers/bin/pip -q install duckdb==2.0.1 polars==2.1.0; }
	@$(PEERS) Tests/FeaturesTests/Benchmarks/bench_data.py $(bin)/muster-worker $${TMPDIR:-/tmp}/muster-bench-data \
	  --patients $(bench_patients) $(if $(MIMIC_DIR),--demo $(MIMIC_DIR))
