#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the tabulated sweeps that pruners are replayed on: Tests/SearchTests/Tables/NAME.csv.

Rows: trial,learner,fold,cpu_ms,score,curve: the score is the average precision on the held-out fold, the curve
`step:score` pairs on the same fold (boosted trees only). Trials are drawn at random, three boosted trees to one logistic
regression. The data are synthetic (scikit-learn's make_classification): no patient is in them.

    python make_table.py --name imbalanced --rows 5000 --columns 40 --positive 0.08 --seed 7
"""
import argparse
import os
import time
import warnings

os.environ.setdefault("OMP_NUM_THREADS", "1")
warnings.filterwarnings("ignore")
import lightgbm  # noqa: E402
import numpy  # noqa: E402
from sklearn.datasets import make_classification  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.metrics import average_precision_score  # noqa: E402
from sklearn.model_selection import StratifiedKFold  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

STEPS = (10, 20, 40, 80, 150)


def train(learner, draw, x, y, xv, yv, fold):
    if learner == "linear":
        scale = StandardScaler().fit(x)
        model = LogisticRegression(C=10 ** draw.uniform(-4, 2), max_iter=300).fit(scale.transform(x), y)
        return average_precision_score(yv, model.predict_proba(scale.transform(xv))[:, 1]), []
    options = dict(
        objective="binary", verbosity=-1, num_threads=1, seed=1, deterministic=True, force_row_wise=True, max_bin=63,
        learning_rate=10 ** draw.uniform(-2, -0.3), num_leaves=int(2 ** draw.uniform(2, 7)),
        min_data_in_leaf=int(10 ** draw.uniform(0.7, 2)), feature_fraction=draw.uniform(0.3, 1),
        bagging_fraction=draw.uniform(0.5, 1), bagging_freq=1, lambda_l2=10 ** draw.uniform(-3, 1))
    model = lightgbm.train(options, lightgbm.Dataset(x, y), STEPS[-1])
    curve = [(s, average_precision_score(yv, model.predict(xv, num_iteration=s))) for s in STEPS]
    return curve[-1][1], curve


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="imbalanced")
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--columns", type=int, default=40)
    parser.add_argument("--positive", type=float, default=0.08)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Tables"))
    given = parser.parse_args()
    x, y = make_classification(
        given.rows, given.columns, n_informative=given.columns // 5, n_redundant=given.columns // 8,
        n_clusters_per_class=3, weights=[1 - given.positive], flip_y=0.01, class_sep=0.8, random_state=given.seed)
    folds = list(StratifiedKFold(5, shuffle=True, random_state=given.seed).split(x, y))
    with open(os.path.join(given.out, given.name + ".csv"), "a" if given.first else "w") as file:
        if not given.first:
            file.write("trial,learner,fold,cpu_ms,score,curve\n")
        for trial in range(given.first, given.first + given.count):
            learner = "linear" if trial % 4 == 3 else "booster"
            for fold, (rows, held) in enumerate(folds):
                # A trial has one set of options: the draw starts anew for each fold.
                draw = numpy.random.RandomState(given.seed * 10007 + trial)
                start = time.process_time()
                score, curve = train(learner, draw, x[rows], y[rows], x[held], y[held], fold)
                cost = 1000 * (time.process_time() - start)
                text = " ".join(f"{s}:{v:.6f}" for s, v in curve)
                file.write(f"{trial},{learner},{fold},{cost:.0f},{score:.6f},{text}\n")
