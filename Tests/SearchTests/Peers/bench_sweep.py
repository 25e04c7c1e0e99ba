#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A whole sweep, Optuna with LightGBM beside Muster: 50 trials × 5 folds of boosted trees on 5,000 × 80, two processes.

Both search the same seven parameters by TPE on the same five folds (Muster deals them, and its artifacts say how). In every
fold both set a seventh of the training rows aside and stop there, after 20 trees without a better average precision, at 200
trees at most, on one thread a process. Which rows these are follows from the sweep's seed on both sides: one split serves all
trials of a sweep, and with some 46 positives its luck moves every score of it (LightGBM's mean over the five folds by a
standard deviation of 0.008 to 0.017), so a comparison of best values needs several seeds. The held-out rows are scored by average precision and seen by nothing else. The rows
are make_classification's: 8 % positive, no patient in them. Times are from the start of the processes to the last result,
imports and start-up included.

    python bench_sweep.py BIN OUT [--seeds 0,1] [--only muster,optuna-none]

Runs that OUT holds already are not repeated, so that a long comparison can be had in pieces.
"""
import argparse
import collections
import hashlib
import json
import multiprocessing
import os
import resource
import shutil
import sqlite3
import subprocess
import time
import warnings

os.environ["OMP_NUM_THREADS"] = "1"
warnings.filterwarnings("ignore")

TREES, PATIENCE, FOLDS, INNER = 200, 20, 5, 7

SWEEP = """
apiVersion: sweep/v1
kind: Sweep
name: bench-{name}
task: icu_mortality
seed: {seed}
data: {{dataset: {out}/data}}
cv: {{folds: 5, seed: 7}}
objective: {{metric: valid/auprc}}
space:
  params:
    model: {{value: booster}}
    trees: {{value: 200}}
    patience: {{value: 20}}
    stop_on: {{value: auprc}}
    learning_rate: {{float: [0.01, 0.3], log: true}}
    leaves: {{int: [4, 128], log: true}}
    min_leaf: {{int: [5, 100], log: true}}
    column_sample: {{float: [0.3, 1]}}
    subsample: {{float: [0.5, 1]}}
    l2: {{float: [1e-3, 10], log: true}}
    positive_weight: {{float: [1, 12], log: true}}
sampler: {{kind: tpe, seed: {seed}}}
pruner: {{kind: {pruner}}}
budget: {{trials: {trials}}}
track: {{db: {out}/{name}.db, artifacts: {out}/{name}-artifacts}}
"""


def rows():
    from sklearn.datasets import make_classification

    x, y = make_classification(
        5000, 80, n_informative=15, n_redundant=10, n_clusters_per_class=3, weights=[0.92], flip_y=0.01,
        class_sep=0.8, random_state=7)
    return x.astype("float32"), y.astype("float32")


def write_dataset(folder):
    """As docs/Shards.md says; every row is a patient of its own."""
    import h5py
    import numpy

    x, y = rows()
    os.makedirs(folder)
    path = f"{folder}/shard-0000.h5"
    with h5py.File(path, "w") as file:
        file["tabular/values"] = x
        file["sequence/values"] = numpy.zeros((len(x), 1, 1), "float32")
        file["rows/label"] = y
        file["rows/group"] = numpy.arange(len(x), dtype="int64")
        file["rows/id"] = numpy.arange(len(x), dtype="int64")
    data = open(path, "rb").read()
    column = dict(unit="1", window="none", statistic="value", items=[])
    manifest = dict(
        format=1, name="bench-sweep", outcome="icu_mortality", source="synthetic", index_time="none",
        created_by="bench_sweep.py", rows=len(x), patients=len(x),
        labels=dict(kind="binary", prevalence=float(y.mean())), steps=1,
        columns=[dict(column, name=f"x{i}", item=f"x{i}", label=f"x{i}") for i in range(x.shape[1])],
        channels=[dict(column, name="none", item="none", label="none")], flow=[],
        files=[dict(name="shard-0000.h5", sha256=hashlib.sha256(data).hexdigest(), bytes=len(data), rows=len(x))])
    with open(f"{folder}/manifest.json", "w") as file:
        json.dump(manifest, file)


def query(path, sql):
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True).execute(sql).fetchall()


def muster(given, name, pruner, seed):
    plan = f"{given.out}/{name}.yaml"
    with open(plan, "w") as file:
        file.write(SWEEP.format(name=name, pruner=pruner, out=given.out, trials=given.trials, seed=seed))
    start = time.perf_counter()
    subprocess.run([f"{given.bin}/muster", "sweep", "run", plan, "--workers", "2", "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    tracker = f"{given.out}/{name}.db"
    (best,), = query(tracker, "SELECT max(objective) FROM trial WHERE state = 'completed'")
    (folds, trees), = query(tracker, "SELECT count(*), avg(best_step) FROM result")
    if not os.path.exists(f"{given.out}/folds.json"):
        write_folds(given, tracker, f"{given.out}/{name}-artifacts")
    return dict(wall=wall, folds=folds, best=best, trees=trees)


def write_folds(given, tracker, artifacts):
    """The held-out rows of each fold, by the predictions of the first trial."""
    digests = query(tracker, "SELECT a.fold, a.sha256 FROM artifact a JOIN trial t USING(trial_id) "
                             "WHERE t.number = 0 AND a.kind = 'predictions' ORDER BY a.fold")
    assert len(digests) == FOLDS, "trial 0 has not all folds"
    folds = []
    for _, digest in digests:
        with open(f"{artifacts}/{digest[:2]}/{digest[2:]}") as file:
            folds.append([int(line.split(",")[0]) for line in list(file)[1:]])
    assert sorted(sum(folds, [])) == list(range(5000)), "the folds are no partition of the rows"
    with open(f"{given.out}/folds.json", "w") as file:
        json.dump(folds, file)


def peer_process(out, url, pruner, seed, split, trials, counts):
    import lightgbm
    import numpy
    import optuna
    from sklearn.metrics import average_precision_score
    from sklearn.model_selection import StratifiedKFold

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    x, y = rows()
    folds = []
    for held in json.load(open(f"{out}/folds.json")):
        training = numpy.setdiff1d(numpy.arange(len(y)), held)
        fitted, inner = next(StratifiedKFold(INNER, shuffle=True, random_state=split).split(training, y[training]))
        folds.append((training[fitted], training[inner], numpy.array(held)))
    pruners = dict(none=optuna.pruners.NopPruner, median=optuna.pruners.MedianPruner,
                   wilcoxon=optuna.pruners.WilcoxonPruner)
    storage = optuna.storages.RDBStorage(url, engine_kwargs={"connect_args": {"timeout": 120}})
    study = optuna.load_study(study_name="bench", storage=storage, sampler=optuna.samplers.TPESampler(seed=seed),
                              pruner=pruners[pruner]())

    def objective(trial):
        options = dict(
            objective="binary", metric="average_precision", verbosity=-1, num_threads=1, seed=1, deterministic=True,
            force_row_wise=True, bagging_freq=1,
            learning_rate=trial.suggest_float("learning_rate", 0.01, 0.3, log=True),
            num_leaves=trial.suggest_int("num_leaves", 4, 128, log=True),
            min_data_in_leaf=trial.suggest_int("min_data_in_leaf", 5, 100, log=True),
            feature_fraction=trial.suggest_float("feature_fraction", 0.3, 1),
            bagging_fraction=trial.suggest_float("bagging_fraction", 0.5, 1),
            lambda_l2=trial.suggest_float("lambda_l2", 1e-3, 10, log=True),
            scale_pos_weight=trial.suggest_float("scale_pos_weight", 1, 12, log=True))
        scores = []
        for fold, (fitted, inner, held) in enumerate(folds):
            data = lightgbm.Dataset(x[fitted], y[fitted])
            model = lightgbm.train(options, data, TREES, valid_sets=[lightgbm.Dataset(x[inner], y[inner], reference=data)],
                                   callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)])
            scores.append(average_precision_score(y[held], model.predict(x[held])))
            with counts.get_lock():
                counts[0] += 1
                counts[1] += model.best_iteration or TREES
            mean = sum(scores) / len(scores)
            trial.report(scores[-1] if pruner == "wilcoxon" else mean, fold)
            if fold < FOLDS - 1 and trial.should_prune():
                raise optuna.TrialPruned()
        return mean

    study.optimize(objective, n_trials=trials)


def optuna_lightgbm(given, name, pruner, seed):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    url = f"sqlite:///{given.out}/{name}.optuna"
    study = optuna.create_study(study_name="bench", storage=url, direction="maximize")
    context = multiprocessing.get_context("spawn")
    counts = context.Array("i", 2)
    start = time.perf_counter()
    processes = [
        context.Process(
            target=peer_process,
            args=(given.out, url, pruner, 1000 * seed + i, seed, (given.trials + i) // 2, counts))
        for i in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0, f"Optuna's process ended with {process.exitcode}"
    return dict(wall=time.perf_counter() - start, folds=counts[0], best=study.best_value, trees=counts[1] / counts[0])


def children_cpu():
    """CPU seconds of all processes that were started and have ended: what a busy machine does not change."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


# Muster first: it deals the folds.
RUNS = {
    "muster-none": ("Muster, no pruning", muster, "none"),
    "muster-fold-rungs": ("Muster, `fold-rungs`", muster, "fold-rungs"),
    "muster-paired-test": ("Muster, `paired-test`", muster, "paired-test"),
    "optuna-none": ("Optuna + LightGBM, no pruning", optuna_lightgbm, "none"),
    "optuna-wilcoxon": ("Optuna + LightGBM, Wilcoxon", optuna_lightgbm, "wilcoxon"),
    "optuna-median": ("Optuna + LightGBM, median", optuna_lightgbm, "median"),
}


def table(results, seeds):
    print("| | seeds | wall s | of the peer's | CPU s | folds trained | trees a fold | best AUPRC |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")

    def mean(values):
        return sum(values) / len(values)

    for key, (label, _, _) in RUNS.items():
        found = {seed: results[f"{key}-{seed}"] for seed in seeds if f"{key}-{seed}" in results}
        if not found:
            continue
        pairs = [(run["wall"], results[f"optuna-none-{seed}"]["wall"]) for seed, run in found.items()
                 if f"optuna-none-{seed}" in results]
        ratio = f"{mean([wall / peer for wall, peer in pairs]):.3f}" if pairs else "–"
        columns = collections.defaultdict(list)
        for run in found.values():
            for name, value in run.items():
                columns[name].append(value)
        cpu = f"{mean(columns['cpu']):.1f}" if columns["cpu"] else "–"
        print(f"| {label} | {len(found)} | {mean(columns['wall']):.1f} | {ratio} | {cpu} | {mean(columns['folds']):.0f} | "
              f"{mean(columns['trees']):.0f} | {' / '.join(f'{best:.4f}' for best in columns['best'])} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin")
    parser.add_argument("out")
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--only", default="", help="runs whose name begins with one of these: " + ", ".join(RUNS))
    given = parser.parse_args()
    given.out = os.path.abspath(given.out)
    os.makedirs(given.out, exist_ok=True)
    kept = f"{given.out}/results-{given.trials}.json"
    results = json.load(open(kept)) if os.path.exists(kept) else {}
    if not os.path.exists(f"{given.out}/data"):
        write_dataset(f"{given.out}/data")
    seeds = [int(seed) for seed in given.seeds.split(",")]
    for seed in seeds:
        for key, (label, run, pruner) in RUNS.items():
            name = f"{key}-{seed}"
            if name in results or not key.startswith(tuple(given.only.split(","))):
                continue
            # What a run that was broken off has left.
            for left in os.listdir(given.out):
                if left.startswith(name + "."):
                    os.remove(f"{given.out}/{left}")
            shutil.rmtree(f"{given.out}/{name}-artifacts", ignore_errors=True)
            before = children_cpu()
            results[name] = run(given, name, pruner, seed)
            results[name]["cpu"] = children_cpu() - before
            with open(kept, "w") as file:
                json.dump(results, file)
    table(results, seeds)
