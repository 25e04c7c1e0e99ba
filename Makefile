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

.PHONY: help setup build demo test format clean bench-search
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

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

PEERS ?= .venv-peers/bin/python
seeds ?= 10

.venv-peers/bin/python:
	@python3 -m venv .venv-peers && .venv-peers/bin/pip install -q optuna==5.0.0 cmaes scipy torch lightgbm scikit-learn

bench-search: setup $(PEERS) ## samplers beside Optuna's, and what pruning saves (seeds=10; PEERS=python with optuna)
	@mkdir -p runs/bench
	@MUSTER_BENCH=search SEEDS=$(seeds) ROUND=1 SWIFT_BACKTRACE=enable=no swift test $(swift_flags) --no-parallel \
	  --filter 'SamplerQualityBenchmark|PrunerReplayBenchmark' > runs/bench/search-muster.txt
	@OMP_NUM_THREADS=1 $(PEERS) Tests/SearchTests/Peers/optuna_quality.py --seeds $(seeds) > runs/bench/search-optuna.txt
	@OMP_NUM_THREADS=1 $(PEERS) Tests/SearchTests/Peers/optuna_quality.py --cost --samplers tpe,cmaes,gp >> runs/bench/search-optuna.txt
	@$(PEERS) Tests/SearchTests/Peers/compare.py runs/bench/search-muster.txt runs/bench/search-optuna.txt

format: ## format all sources in place
	@swift format -i --parallel -r Sources Tests Package.swift

clean: ## remove build products and the demo's files
	@rm -rf .build runs/demo
