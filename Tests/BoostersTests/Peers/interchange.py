#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds our models, predictions and attributions to LightGBM, XGBoost, shap and onnxruntime.

    interchange.py PATH/TO/BoosterBench        (a Python with lightgbm, xgboost, shap, onnx, onnxruntime)

Exits 1 where anything differs by more than its tolerance."""
import json, os, subprocess, sys, tempfile
os.environ["OMP_NUM_THREADS"] = "1"
import numpy as np, lightgbm as lgb, xgboost as xgb, onnxruntime, shap

BENCH = sys.argv[1]
WORK = tempfile.mkdtemp(prefix="interchange-")
failed = False


def check(name, worst, limit):
    global failed
    failed |= not worst <= limit
    print(f"{'ok  ' if worst <= limit else 'FAIL'} {name}: worst difference {worst:.2e}, limit {limit:.0e}", flush=True)


def bench(command, path, rows, *more):
    run = subprocess.run([BENCH, command, path, str(len(rows)), str(rows.shape[1]), "1", *more], capture_output=True,
                         text=True)
    if run.returncode != 0:
        raise SystemExit(f"BoosterBench {command}: {run.stdout}{run.stderr}")
    return run.stdout


def put(name, rows, labels=None):
    path = os.path.join(WORK, name)
    np.ascontiguousarray(rows, np.float32).tofile(path)
    if labels is not None:
        np.ascontiguousarray(labels, np.float32).tofile(path + ".y")
    return path


def out(path, ending, *shape):
    return np.fromfile(path + ending, np.float64).reshape(shape)


rng = np.random.default_rng(3)
N, F = 3000, 8
X = rng.standard_normal((N, F)).astype(np.float32)
X[:, 4] = np.round(X[:, 4] * 2)
X[:, 7] = rng.integers(0, 12, N)
z = X[:, 0] - np.abs(X[:, 1]) + X[:, 2] * X[:, 3] + np.isin(X[:, 7], [1, 5, 6])
X[rng.random((N, F)) < 0.15] = np.nan
labels = {"binary": (z + 0.5 * rng.standard_normal(N) > 0).astype(np.float32),
          "regression": (z + 0.3 * rng.standard_normal(N)).astype(np.float32),
          "count": np.floor(np.exp(0.5 * z)).astype(np.float32)}
# NaN, both zeros, extremes, infinities, unseen categories, and every threshold's neighbourhood come in below.
special = np.array([np.nan, 0.0, -0.0, 3.4e38, -3.4e38, 1e-45, -1e-45, np.inf, -np.inf, 13, 99, 70000, -3, 5.7],
                   np.float32)
probes = np.vstack([np.where(rng.random((400, F)) < 0.4, special[rng.integers(0, len(special), (400, F))], X[:400]),
                    *[np.tile(s, (1, F)) for s in special]]).astype(np.float32)
finite = np.where(np.isinf(probes), np.float32(1e30) * np.sign(probes), probes)

# Ours, read by LightGBM, shap and onnxruntime.
for name, y, options in [("binary", labels["binary"], []), ("regression", labels["regression"], []),
                         ("poisson", labels["count"], ["loss=poisson"]), ("tweedie", labels["count"], ["loss=tweedie"]),
                         ("absolute", labels["regression"], ["loss=absolute"]),
                         ("quantile", labels["regression"], ["loss=quantile", "quantile=0.8"])]:
    path = put(name, X, y)
    bench("train", path, X, "trees=40", "min_leaf=5", *options)
    text = path + ".model.txt"
    theirs = lgb.Booster(model_file=text)
    rows = put(name + ".probes", finite)
    bench("predict", rows, finite, "model=" + text)
    scores = out(rows, ".scores", len(finite))
    check(f"our {name} in LightGBM, raw scores", np.abs(theirs.predict(finite, raw_score=True) - scores).max(), 1e-9)
    bench("shap", rows, finite, "model=" + text)
    values = out(rows, ".shap", len(finite), F + 1)
    check(f"our {name}, SHAP against pred_contrib", np.abs(theirs.predict(finite, pred_contrib=True) - values).max(), 1e-6)
    few = put(name + ".few", finite[:40])
    bench("pairs", few, finite[:40], "model=" + text)
    if name in ("binary", "regression"):
        explainer = shap.TreeExplainer(theirs)
        pairs = out(few, ".pairs", 40, F + 1, F + 1)[:, :F, :F]
        theirs_pairs = explainer.shap_interaction_values(finite[:40])
        theirs_pairs = theirs_pairs[-1] if isinstance(theirs_pairs, list) else theirs_pairs
        check(f"our {name}, interactions against shap", np.abs(theirs_pairs - pairs).max(), 1e-6)
    model = os.path.join(WORK, name + ".onnx")
    subprocess.run([BENCH, "onnx", model, "0", "0", "0", "model=" + text], check=True)
    got = onnxruntime.InferenceSession(model).run(None, {"input": probes})[0][:, 0]
    bench("predict", put(name + ".all", probes), probes, "model=" + text)
    raw = out(os.path.join(WORK, name + ".all"), ".scores", len(probes))
    expected = 1 / (1 + np.exp(-raw)) if name == "binary" else np.exp(raw) if name in ("poisson", "tweedie") else raw
    check(f"our {name} in onnxruntime", (np.abs(got - expected) / np.maximum(1, np.abs(expected))).max(), 1e-5)

# Theirs, read by us.
for name, y, options in [("binary", labels["binary"], {}), ("regression", labels["regression"], {}),
                         ("poisson", labels["count"], {}), ("binary no missing", labels["binary"], {"use_missing": False}),
                         ("binary categories", labels["binary"], {"categories": [7]})]:
    categories = options.pop("categories", "auto")
    P = dict(objective=name.split()[0], num_leaves=40, min_data_in_leaf=5, verbose=-1, seed=1, num_threads=1,
             min_data_per_group=10, **options)
    theirs = lgb.train(P, lgb.Dataset(X, y, categorical_feature=categories, params=P), 40)
    model = os.path.join(WORK, "theirs.txt")
    theirs.save_model(model)
    rows = put("theirs", probes)
    bench("predict", rows, probes, "model=" + model)
    check(f"LightGBM's {name} in ours", np.abs(theirs.predict(probes, raw_score=True)
                                               - out(rows, ".scores", len(probes))).max(), 1e-9)
    bench("shap", rows, probes, "model=" + model)
    check(f"LightGBM's {name}, SHAP", np.abs(theirs.predict(probes, pred_contrib=True)
                                             - out(rows, ".shap", len(probes), F + 1)).max(), 1e-6)
    if name == "binary":
        background = X[:50]
        explainer = shap.TreeExplainer(theirs, data=background, feature_perturbation="interventional")
        print("     (interventional values are held to the definition in AttributionTests)", explainer.expected_value)

for name, y, objective in [("binary", labels["binary"], "binary:logistic"),
                           ("regression", labels["regression"], "reg:squarederror"),
                           ("count", labels["count"], "count:poisson")]:
    for booster in ["gbtree", "dart"]:
        P = dict(objective=objective, max_depth=6, eta=0.2, tree_method="hist", nthread=1, booster=booster)
        P |= dict(rate_drop=0.2) if booster == "dart" else {}
        theirs = xgb.train(P, xgb.DMatrix(X, y), 30)
        model = os.path.join(WORK, "theirs.json")
        theirs.save_model(model)
        rows = put("xgb", finite)
        bench("predict", rows, finite, "model=" + model)
        expected = theirs.predict(xgb.DMatrix(finite), output_margin=True)
        check(f"XGBoost's {name} {booster} in ours", np.abs(expected - out(rows, ".scores", len(finite))).max(), 2e-5)

# Foreign files that are broken must be refused, not crash.
good = open(os.path.join(WORK, "theirs.txt"), "rb").read()
for _ in range(60):
    bad = bytearray(good)
    for _ in range(int(rng.integers(1, 5))):
        bad[int(rng.integers(len(bad)))] = int(rng.integers(256))
    open(os.path.join(WORK, "bad.txt"), "wb").write(bad)
    run = subprocess.run([BENCH, "predict", os.path.join(WORK, "theirs"), str(len(probes)), str(F), "1",
                          "model=" + os.path.join(WORK, "bad.txt")], capture_output=True, text=True)
    if run.returncode < 0:
        check("a broken file", 1, 0)
print("interchange:", "FAILED" if failed else "all equal")
sys.exit(1 if failed else 0)
