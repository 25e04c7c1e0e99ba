# SPDX-License-Identifier: Apache-2.0
"""Studies as the tools make them: make_studies.py OPTUNA.db MLFLOW.db. Prints what the tools say of them, a fact a line."""
import logging
import sys

import mlflow
import optuna
from mlflow.tracking import MlflowClient

optuna_file, mlflow_file = sys.argv[1:3]
logging.disable(logging.WARNING)
optuna.logging.set_verbosity(optuna.logging.ERROR)


def objective(trial):
    x = trial.suggest_float("x", 1e-3, 1, log=True)
    trial.suggest_int("n", 1, 9)
    trial.suggest_categorical("kind", ["a", "b"])
    for step in range(4):
        trial.report(x * (step + 1), step)
        if trial.number > 3 and trial.number % 4 == 0:
            raise optuna.TrialPruned()
    if trial.number == 6:
        raise ValueError("out of memory")
    trial.set_user_attr("auprc", x / 2)
    return x


study = optuna.create_study(study_name="churn", storage=f"sqlite:///{optuna_file}", direction="maximize",
                            sampler=optuna.samplers.RandomSampler(seed=1))
study.optimize(objective, n_trials=12, catch=(ValueError,))
study.enqueue_trial({"x": 0.5})
count = lambda state: sum(trial.state.name == state for trial in study.trials)
print("optuna-best", study.best_value)
print("optuna-best-trial", study.best_trial.number)
print("optuna-completed", count("COMPLETE"))
print("optuna-pruned", count("PRUNED"))
print("optuna-failed", count("FAIL"))
print("optuna-steps", sum(len(trial.intermediate_values) for trial in study.trials))
print("optuna-kind", study.trials[0].params["kind"])

mlflow.set_tracking_uri(f"sqlite:///{mlflow_file}")
mlflow.set_experiment("churn")
best = 0
for number in range(4):
    with mlflow.start_run(run_name=f"try {number}"):
        mlflow.log_params({"depth": number, "rate": 0.1 * number, "bagging": number % 2 == 0, "loss": "log"})
        values = []
        for fold in range(3 if number else 0):
            with mlflow.start_run(run_name=f"fold {fold}", nested=True):
                for step in range(5):
                    mlflow.log_metric("train_loss", 1 / (step + 1), step=step)
                values.append(0.6 + 0.01 * number + 0.001 * fold)
                mlflow.log_metric("val_auc", values[-1])
        mean = sum(values) / len(values) if values else 0.5
        mlflow.log_metric("val_auc", mean)
        best = max(best, mean)
print("mlflow-best", best)
print("mlflow-points", 3 * 3 * 5)
