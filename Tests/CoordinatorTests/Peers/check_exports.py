# SPDX-License-Identifier: Apache-2.0
"""Exports in the tools they are for: check_exports.py MLFLOW.db OPTUNA.db CSV-FOLDER TRACKER.db. A fault a line."""
import sqlite3
import sys

mlflow_file, optuna_file, rows, tracker = sys.argv[1:5]
faults = []


def check(found, expected, what):
    if found != expected:
        faults.append(f"{what}: expected {expected}, found {found}")


own = sqlite3.connect(f"file:{tracker}?mode=ro", uri=True)
best, value = own.execute(
    "SELECT trial, objective FROM leaderboard WHERE sweep = 'readmission' ORDER BY rank, trial LIMIT 1").fetchone()
states = dict(own.execute("SELECT state, count(*) FROM trials WHERE sweep = 'readmission' GROUP BY state"))


def optuna_opens():
    import optuna
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.load_study(study_name="readmission", storage=f"sqlite:///{optuna_file}")
    check((study.best_trial.number, study.best_value), (best, value), "optuna: best")
    check(study.metric_names, ["valid/auroc"], "optuna: metric")
    count = lambda state: sum(trial.state.name == state for trial in study.trials)
    check((count("COMPLETE"), count("PRUNED"), count("FAIL")),
          (states["completed"], states["pruned"], states.get("failed", 0)), "optuna: states")
    for trial in study.trials:
        for name, distribution in trial.distributions.items():
            if not distribution._contains(distribution.to_internal_repr(trial.params[name])):
                faults.append(f"optuna: trial {trial.number}: {name} = {trial.params[name]} is outside {distribution}")
    pruned = next(trial for trial in study.trials if trial.state.name == "PRUNED")
    folds = [row[0] for row in own.execute(
        "SELECT value FROM fold_metrics WHERE sweep = 'readmission' AND trial = ? AND metric = 'valid/auroc' ORDER BY fold", [pruned.number])]
    for fold, found in pruned.intermediate_values.items():
        if abs(found - sum(folds[:fold + 1]) / (fold + 1)) > 1e-12:
            faults.append(f"optuna: trial {pruned.number} step {fold}: {found}")
    check(len(pruned.intermediate_values), len(folds), "optuna: intermediate values")
    check(study.ask().number, len(study.trials) - 1, "optuna: going on")


def optuna_dashboard_opens():
    import json
    from wsgiref.util import setup_testing_defaults
    from optuna.storages import RDBStorage
    from optuna_dashboard import wsgi
    app = wsgi(RDBStorage(f"sqlite:///{optuna_file}", skip_table_creation=True))

    def get(path):
        answer = {}
        environment = {"PATH_INFO": path}
        setup_testing_defaults(environment)
        body = b"".join(app(environment, lambda status, *headers: answer.update(status=status)))
        check(answer["status"][:3], "200", f"optuna-dashboard: {path}")
        return json.loads(body)

    study = get("/api/studies")["study_summaries"][0]
    check(study["study_name"], "readmission", "optuna-dashboard: study")
    trials = get(f"/api/studies/{study['study_id']}")["trials"]
    check(sum(trial["state"] == "Pruned" for trial in trials), states["pruned"], "optuna-dashboard: pruned")


def mlflow_opens():
    import logging
    logging.disable(logging.INFO)
    from mlflow.tracking import MlflowClient
    client = MlflowClient(f"sqlite:///{mlflow_file}")
    experiment = next(one for one in client.search_experiments() if one.name == "readmission")
    # Without one the client reads on, but the page of the experiment is "Experiment load error".
    check(experiment.artifact_location, "mlflow-artifacts:/1", "mlflow: place of files")
    find = lambda rule, **more: client.search_runs([experiment.experiment_id], rule, max_results=50000, **more)
    top = find("tags.`muster.state` = 'completed'", order_by=["metrics.`valid/auroc` DESC"])
    check((top[0].info.run_name.split()[0], top[0].data.metrics["valid/auroc"]), (f"#{best}", value), "mlflow: best")
    check(len(top), states["completed"], "mlflow: completed")
    check({run.info.status for run in find("tags.`muster.state` = 'pruned'")}, {"KILLED"}, "mlflow: pruned")
    run = top[0].info.run_id
    folds = find(f"tags.`mlflow.parentRunId` = '{run}'")
    check(len(folds), 5, "mlflow: nested folds")
    steps = own.execute("SELECT max(step) FROM learning_curves WHERE sweep = 'readmission' AND trial = ?", [best]).fetchone()[0]
    for one in [top[0], folds[0]]:
        check(len(client.get_metric_history(one.info.run_id, "inner/loss")), steps, f"mlflow: history of {one.info.run_name}")
    params = dict(own.execute("SELECT name, value FROM trial_param WHERE trial_id = (SELECT trial_id FROM trials "
                              "WHERE sweep = 'readmission' AND trial = ?)", [best]))
    def read(text):
        try:
            return float(text)
        except ValueError:
            return text
    found = {key: read(text) for key, text in top[0].data.params.items() if key != "learner"}
    check(found, params, "mlflow: parameters")
    check(client.get_run(run).inputs.dataset_inputs[0].dataset.name, "readmission_30d", "mlflow: data set")


def pandas_reads():
    import pandas
    trials = pandas.read_csv(f"{rows}/trials.csv")
    check(len(trials), sum(states.values()), "pandas: trials")
    check(float(trials.loc[trials.trial == best, "objective"].iloc[0]), value, "pandas: the best to the last digit")


for tool in (optuna_opens, optuna_dashboard_opens, mlflow_opens, pandas_reads):
    try:
        tool()
    except ImportError as error:
        print(f"{tool.__name__}: not run: {error}")
    except Exception as error:
        faults.append(f"{tool.__name__}: {type(error).__name__}: {error}")
for fault in faults:
    print(fault)
sys.exit(1 if faults else 0)
