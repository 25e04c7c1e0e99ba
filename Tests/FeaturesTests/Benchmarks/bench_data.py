# SPDX-License-Identifier: Apache-2.0
"""Speed and memory of `muster data synthesize` and `prepare` beside DuckDB and Polars, in one run on one machine.

    python bench_data.py MUSTER SCRATCH [--patients 465,1551] [--demo DIR] [--repeats 3] [--no-peers] [--packed 465]

MUSTER: the muster-worker executable. SCRATCH: a folder for about 1 MB a patient, emptied at the end.
Sizes are shares of MIMIC-III's 46,520 patients: 465 is 1/100, 1,551 1/30, 4,652 1/10.
The peers do the part that both can: parse CHARTEVENTS, keep the items that prepare uses, count, mean, least and greatest by
patient and item. `prepare` does that, and all else it does.
"""
import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time

import duckdb
import polars

ITEMS = [
    3348, 115, 8377, 223951, 224308, 8368, 220051, 225310, 8555, 8441, 220180, 8502, 8440, 8503, 8504, 8507, 8506,
    224643, 3420, 190, 223835, 3422, 189, 727, 184, 220739, 454, 223901, 198, 723, 223900, 220621, 811, 1529, 226537,
    225664, 807, 3745, 211, 220045, 226730, 226707, 920, 1394, 52, 220052, 225312, 224, 6702, 224322, 456, 220181,
    3312, 3314, 3316, 3322, 3320, 646, 220277, 834, 220227, 8498, 618, 220210, 3603, 224690, 615, 224689, 614, 651,
    224422, 51, 220050, 225309, 6701, 455, 220179, 3313, 3315, 442, 3317, 3323, 3321, 224167, 227243, 223762, 676, 677,
    3655, 223761, 678, 679, 3654, 763, 224639, 3580, 3693, 226512, 762, 226531, 3581, 3582, 780, 1126, 223830, 4753,
    4202, 860, 220274, 1673, 3839,
]
PEER = r"""
import sys, time, json, resource
tool, path, threads, items = sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4])
start = time.perf_counter()
if tool == "duckdb":
    import duckdb
    con = duckdb.connect()
    con.execute(f"set threads to {threads}")
    con.execute("set enable_progress_bar to false")
    rows = con.execute(
        "select SUBJECT_ID, ITEMID, count(VALUENUM), avg(VALUENUM), min(VALUENUM), max(VALUENUM) "
        f"from read_csv('{path}', header=true, types={{'VALUE': 'VARCHAR', 'VALUENUM': 'DOUBLE', 'ERROR': 'INTEGER', "
        "'RESULTSTATUS': 'VARCHAR', 'STOPPED': 'VARCHAR', 'WARNING': 'INTEGER', 'CGID': 'BIGINT', "
        "'ICUSTAY_ID': 'BIGINT', 'HADM_ID': 'BIGINT'}) "
        f"where ITEMID in ({','.join(map(str, items))}) and ERROR is distinct from 1 group by 1, 2").fetchall()
    count = sum(row[2] for row in rows)
else:
    import polars as pl
    frame = (pl.scan_csv(path, schema_overrides={"VALUE": pl.String, "VALUENUM": pl.Float64, "ERROR": pl.Int64,
                                                 "RESULTSTATUS": pl.String, "STOPPED": pl.String, "WARNING": pl.Int64,
                                                 "ICUSTAY_ID": pl.Int64, "HADM_ID": pl.Int64})
             .filter(pl.col("ITEMID").is_in(items) & pl.col("ERROR").ne_missing(1))
             .group_by("SUBJECT_ID", "ITEMID")
             .agg(pl.col("VALUENUM").count().alias("n"), pl.col("VALUENUM").mean().alias("mean"),
                  pl.col("VALUENUM").min().alias("low"), pl.col("VALUENUM").max().alias("high"))
             .collect(engine="streaming"))
    count = frame["n"].sum()
print(json.dumps([time.perf_counter() - start, count]))
"""


def run(command, **options):
    """Wall seconds, CPU seconds, peak MB and output of a command."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    # Short outputs: the pipes cannot fill up.
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    text, errors = process.stdout.read(), process.stderr.read()
    if status:
        sys.exit(f"{command[:3]}: {errors[-800:]}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text


def megabytes(folder):
    return sum(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder)) / 1e6


def read_megabytes(folder):
    """Of the tables that prepare reads."""
    names = ["CHARTEVENTS", "LABEVENTS", "OUTPUTEVENTS", "PRESCRIPTIONS", "DIAGNOSES_ICD", "PROCEDURES_ICD", "SERVICES",
             "TRANSFERS", "PATIENTS", "ADMISSIONS", "ICUSTAYS"]
    return sum(os.path.getsize(f"{folder}/{name}.csv") for name in names if os.path.exists(f"{folder}/{name}.csv")) / 1e6


def line(what, megabytes, wall, cpu, peak, note=""):
    print(f"{what:<44} {megabytes:9.0f} MB {wall:8.2f} s wall {cpu:8.2f} s CPU {megabytes / wall:7.0f} MB/s"
          f" {megabytes / cpu:6.0f} MB/s/core {peak:7.0f} MB peak  {note}", flush=True)


parser = argparse.ArgumentParser()
parser.add_argument("muster")
parser.add_argument("scratch")
parser.add_argument("--patients", default="465,1551")
parser.add_argument("--demo")
parser.add_argument("--repeats", type=int, default=3)
parser.add_argument("--no-peers", action="store_true", help="Muster alone")
parser.add_argument("--packed", help="From .gz too, at these numbers of patients; default: the smallest")
arguments = parser.parse_args()
packed_sizes = arguments.packed.split(",") if arguments.packed else [min(arguments.patients.split(","), key=int)]
scratch = arguments.scratch
os.makedirs(scratch, exist_ok=True)
cores = os.cpu_count()
print(f"{cores} cores, duckdb {duckdb.__version__}, polars {polars.__version__}; best of {arguments.repeats}")
if arguments.demo:
    best = min(run([arguments.muster, "data", "prepare", "--mimic", arguments.demo, "--out", scratch + "/demo"])[:3]
               for _ in range(arguments.repeats))
    print(f"open demo from .gz, three tasks: {best[0]:.2f} s wall, {best[1]:.2f} s CPU, {best[2]:.0f} MB peak")
    best = min(run([arguments.muster, "data", "prepare", "--mimic", arguments.demo, "--out", scratch + "/demo",
                    "--preset", "mimic3-benchmarks"])[:3] for _ in range(arguments.repeats))
    print(f"open demo from .gz, preset mimic3-benchmarks: {best[0]:.2f} s wall, {best[1]:.2f} s CPU "
          f"(the benchmark's own code: 75 s on one core)")
rates = []
for patients in [int(part) for part in arguments.patients.split(",")]:
    repeats = arguments.repeats if patients < 4_000 else 1
    tables, out = f"{scratch}/tables", f"{scratch}/out"
    shutil.rmtree(tables, ignore_errors=True)
    synthesize = [arguments.muster, "data", "synthesize", "--patients", str(patients), "--out", tables, "--density", "full"]
    wall, cpu, peak, _ = run(synthesize + ["--plain"])
    total = megabytes(tables)
    line(f"{patients} patients: synthesize", total, wall, cpu, peak)
    used = read_megabytes(tables)
    best = None
    for _ in range(repeats):
        shutil.rmtree(out, ignore_errors=True)
        found = run([arguments.muster, "data", "prepare", "--mimic", tables, "--out", out])
        best = min(best or found, found)
    manifest = open(out + "/readmission_30d/manifest.json", "rb").read()
    line(f"{patients} patients: prepare, all cores", used, *best[:3],
         note="sha256 " + hashlib.sha256(manifest).hexdigest()[:12])
    found = run([arguments.muster, "data", "prepare", "--mimic", tables, "--out", out, "--threads", "1"])
    line(f"{patients} patients: prepare, --threads 1", used, *found[:3])
    rates.append((patients, best[0], used))
    chart = tables + "/CHARTEVENTS.csv"
    size = os.path.getsize(chart) / 1e6
    for tool in [] if arguments.no_peers else ["duckdb", "polars"]:
        for threads in [cores, 1]:
            peer = [sys.executable, "-c", PEER, tool, chart, str(threads), json.dumps(ITEMS)]
            environment = dict(os.environ, POLARS_MAX_THREADS=str(threads))
            results = []
            for _ in range(repeats):
                _, cpu, peak, text = run(peer, env=environment)
                inner, count = json.loads(text.strip().splitlines()[-1])
                results.append((inner, cpu, peak, count))
            wall, cpu, peak, count = min(results)
            line(f"{patients} patients: {tool}, {threads} threads, CHARTEVENTS", size, wall, cpu, peak, f"{count} values")
    if str(patients) in packed_sizes:
        # One set of tables on the disk at a time.
        shutil.rmtree(tables)
        packed = f"{scratch}/packed"
        shutil.rmtree(packed, ignore_errors=True)
        wall, cpu, peak, _ = run(synthesize[:-3] + [packed] + synthesize[-2:])
        line(f"{patients} patients: synthesize, .gz", total, wall, cpu, peak)
        found = min(run([arguments.muster, "data", "prepare", "--mimic", packed, "--out", out]) for _ in range(repeats))
        line(f"{patients} patients: prepare from .gz (MB unpacked)", used, *found[:3])
        shutil.rmtree(packed)
for (small, wall, used), (large, wall_large, used_large) in zip(rates, rates[1:]):
    print(f"growth {small} to {large} patients: {large / small:.2f} times the patients, {used_large / used:.2f} times the "
          f"bytes, {wall_large / wall:.2f} times the time")
if rates:
    patients, wall, used = rates[-1]
    print(f"extrapolated from {patients} to 46,520 patients: {used / patients * 46_520 / 1e3:.0f} GB read, "
          f"{wall / patients * 46_520 / 60:.1f} min; 45 GB at that rate: {45_000 / (used / wall) / 60:.1f} min")
shutil.rmtree(scratch)
