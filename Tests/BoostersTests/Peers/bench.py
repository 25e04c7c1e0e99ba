#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Boosted trees beside their peers, one thread, CPU seconds, medians, in one run.

    bench.py PATH/TO/BoosterBench [rows …]     rows of: demo small mid large sweep predict quality

Data are made from seeds: the shapes of docs/Benchmarks.md."""
import json, os, subprocess, sys, tempfile, time
os.environ["OMP_NUM_THREADS"] = "1"
import numpy as np, lightgbm as lgb
from sklearn.metrics import average_precision_score, roc_auc_score

BENCH, ROWS = sys.argv[1], sys.argv[2:] or ["demo", "small", "mid", "large", "sweep", "predict", "quality"]
WORK = os.environ.get("BENCH_DATA") or tempfile.mkdtemp(prefix="bench-boosters-")
PEERS = os.environ.get("BENCH_PEERS", "lightgbm,xgboost,sklearn,catboost").split(",")
P = dict(objective="binary", num_leaves=31, learning_rate=0.1, max_bin=255, min_data_in_leaf=20, num_threads=1,
         verbose=-1, seed=1)
REPEATS = dict(demo=9, small=5, mid=1, large=1)


def labels(logit, share, rng):
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if (1 / (1 + np.exp(-(logit + middle)))).mean() > share else (middle, high)
    return (rng.random(len(logit)) < 1 / (1 + np.exp(-(logit + low)))).astype(np.float32)


def tabular(n, d, missing, share, seed):
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((n, 6)).astype(np.float32)
    X = Z @ (rng.standard_normal((6, d)).astype(np.float32) * 0.5) + rng.standard_normal((n, d)).astype(np.float32)
    logit = 1.1 * Z[:, 0] + 0.8 * Z[:, 1] * Z[:, 2] + 0.7 * np.abs(Z[:, 3]) + 0.5 * (X[:, 3] > 0.8) * X[:, 7]
    for j in range(d):
        if j % 5 == 1:
            X[:, j] = np.round(np.exp(0.5 * X[:, j]) * 10, 1)
        elif j % 5 == 2:
            X[:, j] = np.round(X[:, j] * 3)
        elif j % 10 == 3:
            X[:, j] = X[:, j] > 1
    y = labels(logit, share, rng)
    rate = rng.beta(1.2, 1.2 / missing - 1.2, size=d)
    X[rng.random((n, d), dtype=np.float32) < rate[None, :]] = np.nan
    return X, y


def windows(n, share, seed):
    """714 columns: 17 variables × 7 windows × 6 statistics, missing in blocks of 6, a quarter in all."""
    rng = np.random.default_rng(seed)
    X = np.empty((n, 17, 7, 6), np.float32)
    severity, age = rng.standard_normal((2, n)).astype(np.float32)
    rates = np.clip(rng.beta(0.8, 2.4, 17), 0.01, 0.97)
    rates = np.clip(rates * 0.25 / rates.mean(), 0, 0.97)
    logit = severity + 0.4 * age + 0.4 * np.maximum(severity, 0) * np.maximum(age, 0)
    for v in range(17):
        base = (0.5 * severity * ((v % 3) - 1) + 0.3 * age * ((v % 4) - 1.5) + rng.standard_normal(n)).astype(np.float32)
        noise = 0.4 + rng.random(n).astype(np.float32) * 0.6
        if v < 6:
            logit = logit + 0.25 * np.abs(base) * (1 if v % 2 else -1)
        for w in range(7):
            mean = base + 0.3 * rng.standard_normal(n).astype(np.float32)
            count = rng.poisson(3 + 4 * (v % 3) * (1 if w == 0 else 0.4), n) + 1
            spread, scale = noise * (0.5 + rng.random(n).astype(np.float32)), 10.0 * (1 + v % 5)
            X[:, v, w, 0] = np.round(scale * (5 + mean - spread * np.sqrt(np.log1p(count))), 1 - v % 2)
            X[:, v, w, 1] = np.round(scale * (5 + mean + spread * np.sqrt(np.log1p(count))), 1 - v % 2)
            X[:, v, w, 2] = scale * (5 + mean)
            X[:, v, w, 3] = np.where(count > 1, scale * spread, 0)
            X[:, v, w, 4] = np.where(count > 2, rng.standard_normal(n) * 0.6, 0)
            X[:, v, w, 5] = count
            X[rng.random(n) < np.clip(rates[v] * (0.85 if w == 0 else 1.025), 0, 1), v, w, :] = np.nan
    return X.reshape(n, 714), labels(logit, share, rng)


def physics(n, d, seed):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d), dtype=np.float32)
    X[:, 1::3] = np.abs(X[:, 1::3])
    X[:, 2::7] = np.exp(0.6 * X[:, 2::7])
    logit = (0.9 * X[:, 0] * X[:, 3] + 0.7 * (X[:, 1] - 0.8) - 0.3 * np.square(X[:, 6]) + 0.5 * np.sin(3 * X[:, 9])
             + 0.5 * X[:, 12] * (X[:, 15] > 0) - 0.4 * (X[:, 2] - 1.2) + 0.12 * X[:, 18:28].sum(1))
    return X, labels(logit, 0.53, rng)


SHAPES = {
    "demo": (129, lambda s: tabular(129 + 4000, 80, 0.20, 0.31, 11 + s)),
    "small": (5_000, lambda s: tabular(10_000, 80, 0.20, 0.12, 12 + s)),
    "mid": (58_976, lambda s: windows(58_976 + 14_744, 0.12, 13 + s)),
    "large": (1_000_000, lambda s: physics(1_200_000, 50, 14 + s)),
}


def data(name, seed=0):
    count, make = SHAPES[name]
    X, y = make(1_000 * seed)
    return X[:count], y[:count], X[count:], y[count:]


def put(name, X, y=None):
    path = os.path.join(WORK, name)
    np.ascontiguousarray(X, np.float32).tofile(path)
    if y is not None:
        np.ascontiguousarray(y, np.float32).tofile(path + ".y")
    return path


def ours(command, path, X, repeats, *more):
    run = subprocess.run([BENCH, command, path, str(X.shape[0]), str(X.shape[1]), str(repeats), *more],
                         capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def median(values):
    return sorted(values)[len(values) // 2]


def timed(body):
    start = time.process_time()
    result = body()
    return time.process_time() - start, result


def peer(library, X, y):
    """(binning, training, model's scores) of one run."""
    if library == "lightgbm":
        binning, d = timed(lambda: lgb.Dataset(X, y, params=P, free_raw_data=False).construct())
        training, m = timed(lambda: lgb.train(P, d, 100))
        return binning, training, lambda Z: m.predict(Z, raw_score=True, num_threads=1)
    if library == "xgboost":
        import xgboost as xgb
        binning, d = timed(lambda: xgb.QuantileDMatrix(X, y, max_bin=255, nthread=1))
        q = dict(objective="binary:logistic", tree_method="hist", eta=0.1, max_bin=255, nthread=1, reg_lambda=0,
                 grow_policy="lossguide", max_leaves=31, max_depth=0)
        training, m = timed(lambda: xgb.train(q, d, 100))
        return binning, training, lambda Z: m.inplace_predict(Z, predict_type="margin")
    if library == "sklearn":
        from sklearn.ensemble import HistGradientBoostingClassifier as H
        from sklearn.ensemble._hist_gradient_boosting.binning import _BinMapper
        binning, _ = timed(lambda: _BinMapper(n_bins=256, n_threads=1, random_state=1).fit_transform(X))
        both, m = timed(lambda: H(max_leaf_nodes=31, max_iter=100, learning_rate=0.1, min_samples_leaf=20, max_bins=255,
                                  early_stopping=False, random_state=1).fit(X, y))
        return binning, both - binning, lambda Z: m.decision_function(Z)
    import catboost as cb
    def pool():
        p = cb.Pool(X, y.astype(int), thread_count=1)
        p.quantize(border_count=254, nan_mode="Min", task_type="CPU")
        return p
    binning, p = timed(pool)
    training, m = timed(lambda: cb.CatBoostClassifier(
        iterations=100, learning_rate=0.1, thread_count=1, verbose=0, boosting_type="Plain", bootstrap_type="No",
        random_strength=0, l2_leaf_reg=1, depth=6, allow_writing_files=False, loss_function="Logloss").fit(p))
    return binning, training, lambda Z: m.predict(Z, prediction_type="RawFormulaVal", thread_count=1)


def quality(score, y):
    return f"{roc_auc_score(y, score):.4f}/{average_precision_score(y, score):.4f}"


def train_row(name):
    X, y, T, t = data(name)
    path, test = put(name, X, y), put(name + ".test", T)
    repeats = REPEATS[name]
    runs = ours("train", path, X, repeats)
    ours("predict", test, T, 1, "model=" + path + ".model.txt")
    mine = (median([r["bin"] for r in runs]), median([r["train"] for r in runs]))
    print(f"{name} {X.shape[0]} x {X.shape[1]}, {repeats} repeats, checksum {runs[0]['checksum']}, "
          f"memory over the data {runs[-1]['peak_mb'] - runs[0]['base_mb']:.0f} MB")
    print(f"  {'muster':10} bin {mine[0]:8.4f}  train {mine[1]:8.4f}  test "
          f"{quality(np.fromfile(test + '.scores', np.float64), t)}")
    for library in PEERS:
        results = [peer(library, X, y) for _ in range(repeats)]
        bins, trains = median([r[0] for r in results]), median([r[1] for r in results])
        print(f"  {library:10} bin {bins:8.4f}  train {trains:8.4f}  test {quality(results[0][2](T), t)}   ratio bin "
              f"{mine[0] / bins:.2f}, train {mine[1] / trains:.2f}, both {sum(mine) / (bins + trains):.2f}", flush=True)


def sweep_row(name="small", trees=100):
    X, y, _, _ = data(name)
    rng = np.random.default_rng(7)
    settings = [(int(rng.choice([7, 15, 31, 63])), float(rng.choice([.03, .05, .1, .2])),
                 int(rng.choice([5, 10, 20, 50])), float(rng.choice([0, 1, 10])), float(rng.choice([.5, .8, 1.])),
                 float(rng.choice([.6, .8, 1.]))) for _ in range(20)]
    path = put(name + ".sweep", X, y)
    open(path + ".settings", "w").write("\n".join(" ".join(map(str, s + (trees,))) for s in settings))
    mine = ours("sweep", path, X, 1)[0]
    fold = np.arange(len(X)) % 5
    spent = dict(bin=0.0, train=0.0, predict=0.0)
    B = dict(P, feature_pre_filter=False)
    for k in range(5):
        F, f, H = X[fold != k], y[fold != k], X[fold == k]
        seconds, d = timed(lambda: lgb.Dataset(F, f, params=B, free_raw_data=False).construct())
        spent["bin"] += seconds
        for leaves, rate, least, l2, columns, rows in settings:
            q = dict(B, num_leaves=leaves, learning_rate=rate, min_data_in_leaf=least, lambda_l2=l2,
                     feature_fraction=columns, bagging_fraction=rows, bagging_freq=1)
            seconds, m = timed(lambda: lgb.train(q, d, trees))
            spent["train"] += seconds
            spent["predict"] += timed(lambda: m.predict(H, num_threads=1))[0]
    total = sum(mine[k] for k in spent), sum(spent.values())
    print(f"sweep of 20 settings x 5 folds on {name}, {trees} trees: muster {total[0]:.2f} s {mine}, lightgbm "
          f"{total[1]:.2f} s {spent}, ratio {total[0] / total[1]:.2f}", flush=True)


def predict_row():
    X, y, T, _ = data("small")
    T = np.vstack([T, T])[:10_000]
    model = lgb.train(P, lgb.Dataset(X, y, params=P), 100)
    text = os.path.join(WORK, "model.txt")
    model.save_model(text)
    path = put("predict", T)
    runs = ours("predict", path, T, 7, "model=" + text)
    shap = ours("shap", path, T, 3, "model=" + text)
    batch = median([timed(lambda: model.predict(T, raw_score=True, num_threads=1))[0] for _ in range(5)])
    few = 1_000
    single = median([timed(lambda: [model.predict(T[i:i + 1], raw_score=True, num_threads=1) for i in range(few)])[0]
                     for _ in range(3)]) / few
    contrib = median([timed(lambda: model.predict(T[:1000], pred_contrib=True, num_threads=1))[0] for _ in range(3)])
    mine = median([r["rows_per_s"] for r in runs]), median([r["single_s"] for r in runs]), \
        median([r["rows_per_s"] for r in shap])
    print(f"predict 10,000 rows, 100 trees: muster {mine[0]:.0f} rows/s, lightgbm {len(T) / batch:.0f}, ratio "
          f"{mine[0] * batch / len(T):.1f}")
    print(f"predict one row: muster {mine[1] * 1e6:.2f} us, lightgbm (Python) {single * 1e6:.2f} us, ratio "
          f"{single / mine[1]:.1f}")
    print(f"SHAP: muster {mine[2]:.0f} rows/s, lightgbm {1000 / contrib:.0f}, ratio {mine[2] * contrib / 1000:.1f}",
          flush=True)


def quality_rows():
    """Mean test AUC and AUPRC of ours less LightGBM's over 10 seeds."""
    from sklearn.datasets import load_breast_cancer, load_diabetes
    from sklearn.model_selection import train_test_split
    cancer = load_breast_cancer(return_X_y=True)
    sugar = load_diabetes(return_X_y=True)
    sets = {"breast cancer": (cancer[0], cancer[1]), "diabetes above its median": (sugar[0], sugar[1] > np.median(sugar[1]))}
    for name in ["demo", "small", "mid", "large", *sets]:
        seeds, differences = (10 if name not in ("mid", "large") else int(os.environ.get("QUALITY_SEEDS", "0"))), []
        for seed in range(seeds):
            if name in sets:
                X, T, y, t = train_test_split(sets[name][0].astype(np.float32), sets[name][1].astype(np.float32),
                                              test_size=0.4, random_state=seed)
            else:
                X, y, T, t = data(name, seed + 1)
            path, test = put("quality", X, y), put("quality.test", T)
            ours("train", path, X, 1)
            ours("predict", test, T, 1, "model=" + path + ".model.txt")
            mine = np.fromfile(test + ".scores", np.float64)
            theirs = lgb.train(P, lgb.Dataset(X, y, params=P), 100).predict(T, raw_score=True)
            differences.append((roc_auc_score(t, mine) - roc_auc_score(t, theirs),
                                average_precision_score(t, mine) - average_precision_score(t, theirs)))
        if differences:
            d = np.array(differences)
            error = d.std(0, ddof=1) / np.sqrt(len(d)) if len(d) > 1 else [np.nan, np.nan]
            print(f"quality {name}, {len(d)} seeds: AUC {d[:, 0].mean():+.4f} (s.e. {error[0]:.4f}), AUPRC "
                  f"{d[:, 1].mean():+.4f} (s.e. {error[1]:.4f})", flush=True)
        else:
            print(f"quality {name}: not run (QUALITY_SEEDS=10)", flush=True)


for row in ROWS:
    {"sweep": sweep_row, "sweep-mid": lambda: sweep_row("mid", 10), "predict": predict_row,
     "quality": quality_rows}.get(row, lambda: train_row(row))()
