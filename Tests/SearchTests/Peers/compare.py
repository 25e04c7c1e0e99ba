#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Muster's samplers beside Optuna's: medians over seeds, CPU a suggestion, and the pruners' table.

    compare.py MUSTER.txt OPTUNA.txt
"""
import collections
import statistics
import sys


def read(path):
    quality, cost, replay = collections.defaultdict(list), {}, []
    for line in open(path):
        fields = line.strip().split(",")
        if fields[0] == "cost":
            cost[fields[1], int(fields[2])] = float(fields[6])
        elif fields[0] == "replay":
            replay.append(fields[1:])
        elif len(fields) == 7 and fields[0] != "function":
            quality[fields[0], fields[1]].append([float(v) for v in fields[3:7]])
    return quality, cost, replay


if __name__ == "__main__":
    ours, our_cost, replay = read(sys.argv[1])
    theirs, their_cost, _ = read(sys.argv[2])
    print("function      sampler  seeds   Muster 50/100/200                 Optuna 50/100/200")
    for key in sorted(ours):
        middle = [statistics.median(r[i] for r in ours[key]) for i in range(3)]
        text = " ".join(f"{v:10.4f}" for v in middle)
        peer = ""
        if key in theirs:
            peer = " ".join(f"{statistics.median(r[i] for r in theirs[key]):10.4f}" for i in range(3))
        print(f"{key[0]:12s}  {key[1]:8s} {len(ours[key]):4d}  {text}   {peer}")
    print("\nCPU ms a suggestion, five parameters")
    for (kind, count), value in sorted(our_cost.items(), key=lambda item: (item[0][0], item[0][1])):
        peer = their_cost.get((kind, count))
        ratio = f"{peer:9.2f}  {peer / value:7.0f} x less" if peer else ""
        print(f"{kind:8s} {count:5d} trials  {value:8.4f}  {ratio}")
    if replay:
        print("\ntable                pruner              to goal    p90  missed  in all  mean loss")
    for table, pruner, goal, p90, missed, total, loss in (r for r in replay if r[0] != "table"):
        print(f"{table:20s} {pruner:18s} {goal:>7s} {p90:>7s} {missed:>6s} {total:>8s}  {100 * float(loss):.2f} %")
