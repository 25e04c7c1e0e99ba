# SPDX-License-Identifier: Apache-2.0
# `make demo` runs the main job, `make test` every test; each does all of its own set-up on Debian 12 with Swift 6.3.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

swift_flags := -c release --explicit-target-dependency-import-check error
bin := .build/release
patients ?= 2000
workers ?= 2
soak ?= 10

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

.PHONY: help setup build demo test format clean soak-simulation soak-live fuzz test-thread test-address bench-load \
  bench-scheduler bench-scaling bench-connections bench-search bench-search-fresh bench-sweep bench-tracker bench-insert \
  bench-dashboard bench-cold-start bench-one-machine check-cluster tarball
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 26

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

# Tests of the executables kill, pause and time out real processes: they run after the others, one by one, so that a busy core
# is never taken for a fault.
live_tests := EndToEndTests|HostileTests|ReliabilityTests
test: setup ## build and run every test
	@SWIFT_BACKTRACE=enable=no swift test $(swift_flags) --skip '$(live_tests)'
	@SWIFT_BACKTRACE=enable=no timeout 2400 swift test $(swift_flags) --no-parallel --filter '$(live_tests)'

seeds ?= 1000000
first_seed ?= 1
soak-simulation: setup ## a million simulated sweeps in storms, a tenth in each other weather (seeds=N first_seed=M)
	@MUSTER_SEEDS=$(seeds) MUSTER_FIRST_SEED=$(first_seed) SWIFT_BACKTRACE=enable=no swift test $(swift_flags) --filter SimulationTests/anySeed

fuzz_seconds ?= 60
fuzz: setup ## libFuzzer on the frame decoder and the session machines (fuzz_seconds=N each)
	@.ci/fuzz $(fuzz_seconds)

test-thread: setup ## sockets, sessions, machines under the thread sanitizer
	@SWIFT_BACKTRACE=enable=no swift test --sanitize=thread --scratch-path .build-thread --filter \
	  'SocketsTests|SchedulingTests|WireProtocolTests|TrackingTests|CoordinatorTests'

test-address: setup ## every unit test under the address sanitizer
	@SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 swift test --sanitize=address --scratch-path .build-address \
	  --skip 'EndToEndTests|ReliabilityTests|TidyTests|anySeed'

bench-load: setup ## durable results a second with 200 workers of no-op tasks
	@MUSTER_BENCH=1 SWIFT_BACKTRACE=enable=no swift test $(swift_flags) --filter 'LoadBenchmark|SubmissionBenchmark' \
	  | grep -E 'load:|submission:|error|failed|passed'

bench-tracker: setup ## the questions of docs/Tracker.md at 10,000 trials × 5 folds × 100 steps
	@MUSTER_BENCH=1 SWIFT_BACKTRACE=enable=no swift test $(swift_flags) --filter 'questionBenchmark' | grep -E ' ms |error|failed|passed'

bench-insert: setup ## what a result costs to record at 1,000 and at 1,000,000 results
	@MUSTER_BENCH=1 SWIFT_BACKTRACE=enable=no swift test $(swift_flags) --filter 'InsertBenchmark' | grep -E 'insert:|error|failed|passed'

bench-dashboard: build ## one sweep in three dashboards: ours, Optuna's, MLflow's (tracker=FILE sweep=NAME; PEERS=python)
	@$(PEERS) Tests/DashboardTests/Browser/bench.py $(bin)/muster $(tracker) $(sweep)

bench-scheduler: setup ## what the coordinator's decisions cost, with 1,000 workers
	@MUSTER_LARGE=1 SWIFT_BACKTRACE=enable=no swift test $(swift_flags) --filter 'SchedulerCost|LargeSweep' \
	  | grep -E 'scheduler:|large sweep:|error|failed|passed'

bench-scaling: setup ## how well 2 to 4,096 workers are used, in virtual time
	@MUSTER_LARGE=1 SWIFT_BACKTRACE=enable=no swift test $(swift_flags) --filter ScalingTests | grep -E 'scaling:|error|failed|passed'

bench-connections: setup ## 1,000 CURVE workers connect to a live coordinator, and come back after kill -9
	@MUSTER_BENCH=1 SWIFT_BACKTRACE=enable=no swift test $(swift_flags) --filter 'ConnectionBenchmark|DeafPeersBenchmark'

bench-cold-start: setup ## a worker with nothing but a key, another host, 1 GB over 1 Gbit/s (MUSTER_RATE=100mbit; needs root)
	@MUSTER_BENCH=1 SWIFT_BACKTRACE=enable=no swift test $(swift_flags) --no-parallel --filter ColdStartBenchmark

bench-one-machine: setup ## memory of 1, 2 and 8 workers on one machine, and how much faster two are than one
	@MUSTER_BENCH=1 SWIFT_BACKTRACE=enable=no swift test $(swift_flags) --no-parallel --filter SharedMemoryBenchmark

soak-live: setup ## the live fault tests at ten times their length (needs root for all of them)
	@MUSTER_SOAK=$(soak) SWIFT_BACKTRACE=enable=no swift test $(swift_flags) --filter ReliabilityTests

PEERS ?= .venv-peers/bin/python
recurrent_peers := Tests/RecurrentNetsTests/Peers
recurrent_tests := swift test $(swift_flags) --skip-build

# PyTorch, onnxruntime, LightGBM and scikit-learn, unless PEERS names a Python that has them.
.PHONY: recurrent-peers bench-recurrent bench-recurrent-learning check-recurrent
recurrent-peers: setup
	@[ -x "$(PEERS)" ] || python3 -m venv .venv-peers
	@$(PEERS) -c 'import torch, onnxruntime, lightgbm, sklearn, h5py' 2>/dev/null \
	  || $(PEERS) -m pip -q install -r $(recurrent_peers)/requirements.txt
	@SWIFT_BACKTRACE=enable=no swift build $(swift_flags) --build-tests -Xswiftc -enable-testing

bench-recurrent: recurrent-peers ## LSTM speed and memory, PyTorch beside it by turns (ROUNDS=3)
	@MUSTER_TESTS="$(recurrent_tests)" $(PEERS) $(recurrent_peers)/bench_recurrent.py

# For example: make bench-recurrent-learning data='runs/demo/datasets/readmission_30d'
bench-recurrent-learning: recurrent-peers ## what the LSTM learns beside trees, logistic regression and PyTorch (data='folder …')
	@MUSTER_TESTS="$(recurrent_tests)" $(PEERS) $(recurrent_peers)/bench_learning.py runs/bench-learning $(data)

check-recurrent: recurrent-peers ## every LSTM option against PyTorch's gradients and onnxruntime
	@rm -rf runs/interchange && mkdir -p runs/interchange
	@MUSTER_PEERS_OUT=$(CURDIR)/runs/interchange $(recurrent_tests) --filter interchangeFiles >/dev/null
	@$(PEERS) $(recurrent_peers)/check_interchange.py runs/interchange

search_seeds ?= 10

.venv-peers/bin/python:
	@python3 -m venv .venv-peers && .venv-peers/bin/pip install -q optuna==5.0.0 cmaes scipy torch lightgbm scikit-learn h5py

bench-search: setup $(PEERS) ## samplers beside Optuna's, and what pruning saves (search_seeds=10; PEERS=python with optuna)
	@mkdir -p runs/bench
	@MUSTER_BENCH=search SEEDS=$(search_seeds) ROUND=1 SWIFT_BACKTRACE=enable=no swift test $(swift_flags) --no-parallel \
	  --filter 'SamplerQualityBenchmark|PrunerReplayBenchmark' > runs/bench/search-muster.txt
	@OMP_NUM_THREADS=1 $(PEERS) Tests/SearchTests/Peers/optuna_quality.py --seeds $(search_seeds) > runs/bench/search-optuna.txt
	@OMP_NUM_THREADS=1 $(PEERS) Tests/SearchTests/Peers/optuna_quality.py --cost --samplers tpe,cmaes,gp >> runs/bench/search-optuna.txt
	@$(PEERS) Tests/SearchTests/Peers/compare.py runs/bench/search-muster.txt runs/bench/search-optuna.txt

fresh := --fresh --seeds 20 --first-seed 1000 --samplers tpe,tpe-default,cmaes,random
bench-search-fresh: setup $(PEERS) ## samplers beside Optuna's on functions and seeds that no setting was chosen on
	@mkdir -p runs/bench
	@MUSTER_BENCH=search SUITE=fresh SEEDS=20 FIRST_SEED=1000 ROUND=1 SAMPLERS=tpe,cmaes,random SWIFT_BACKTRACE=enable=no \
	  swift test $(swift_flags) --no-parallel --filter 'SamplerQualityBenchmark/quality' > runs/bench/fresh-muster.txt
	@OMP_NUM_THREADS=1 $(PEERS) Tests/SearchTests/Peers/optuna_quality.py $(fresh) > runs/bench/fresh-optuna.txt
	@$(PEERS) Tests/SearchTests/Peers/compare.py runs/bench/fresh-muster.txt runs/bench/fresh-optuna.txt

sweep_seeds ?= 0
bench-sweep: build $(PEERS) ## a whole sweep of boosted trees beside Optuna + LightGBM (sweep_seeds=0,1; only=muster)
	@$(PEERS) -B Tests/SearchTests/Peers/bench_sweep.py $(bin) runs/bench/sweep --seeds $(sweep_seeds) $(if $(only),--only $(only))

check-cluster: ## manifests, Dockerfile, systemd units and scripts of cluster/, by their validators
	@.ci/check-cluster

tarball: setup ## dist/: both executables with Swift's libraries inside, for hosts without Swift; tried in an empty folder
	@.ci/tarball
	@.ci/check-tarball

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
	  --patients $(bench_patients) $(bench_data_flags) $(if $(MIMIC_DIR),--demo $(MIMIC_DIR))

.PHONY: bench-shards
bench-shards: ## write, open and read shards of MIMIC-III's size (1.6 GB beside the tests' scratch)
	@MUSTER_LARGE=1 SWIFT_BACKTRACE=enable=no swift test $(swift_flags) --filter ShardSpeedTests

booster_peers := Tests/BoostersTests/Peers
.PHONY: bench-boosters check-interchange-boosters booster-peers
booster-peers: setup
	@[ -x "$(PEERS)" ] || python3 -m venv .venv-peers
	@$(PEERS) -c 'import lightgbm, xgboost, catboost, sklearn, shap, onnxruntime' 2>/dev/null \
	  || $(PEERS) -m pip -q install -r $(booster_peers)/requirements.txt
	@SWIFT_BACKTRACE=enable=no swift build $(swift_flags) --product BoosterBench

bench-boosters: booster-peers ## boosted trees beside LightGBM, XGBoost, CatBoost, scikit-learn (ROWS="demo small …")
	@$(PEERS) $(booster_peers)/bench.py $(bin)/BoosterBench $(ROWS)

check-interchange-boosters: booster-peers ## our trees in LightGBM, shap, onnxruntime; LightGBM's and XGBoost's in ours
	@$(PEERS) $(booster_peers)/interchange.py $(bin)/BoosterBench
