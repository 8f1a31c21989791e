#!/usr/bin/env python3
"""published.py FOLDER FILE - a published instance as an instance file (instance-file.h); every pair is allowed, one without a score scores 0."""
import csv
import gzip
import struct
import sys

folder, out = sys.argv[1:3]


def rows(name):
    with gzip.open(f"{folder}/{name}.csv.gz", "rt") as file:
        return list(csv.DictReader(file))


score = {(r["project"], r["reviewer"]): round(float(r["score"]) * 1e6) for r in rows("scores")}
loads = {r["reviewer"]: (int(r["min"]), int(r["max"])) for r in rows("loads")}
demand = {r["project"]: int(r["k"]) for r in rows("demands")}
projects = sorted({p for p, _ in score} | set(demand))
reviewers = sorted({r for _, r in score} | set(loads))
n = len(projects) * len(reviewers)
with open(out, "wb") as file:
    file.write(struct.pack("<4Q", 0x3148435441434D56, len(projects), len(reviewers), n))
    file.write(struct.pack(f"<{len(projects)}I", *[demand[p] for p in projects]))
    for side in (0, 1):
        file.write(struct.pack(f"<{len(reviewers)}I", *[loads[r][side] for r in reviewers]))
    file.write(struct.pack(f"<{len(projects) + 1}Q", *range(0, n + 1, len(reviewers))))
    file.write(struct.pack(f"<{n}I", *[i for _ in projects for i in range(len(reviewers))]))
    file.write(struct.pack(f"<{n}q", *[score.get((p, r), 0) for p in projects for r in reviewers]))
