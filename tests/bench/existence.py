#!/usr/bin/env python3
"""existence.py BUILD [ROUNDS] - does the time of a refusal tell why? (THREATS 2.18)

One refused question, asked of codes that bear nobody, a sealed reserve, a stranger, somebody seated elsewhere, in turn; medians of each and their ratio to the first, and of the first's
own two halves, which is what chance alone makes of it. That the path is the same is a test (threats-attacks); this is the clock.
"""
import os
import sqlite3
import statistics
import sys
import time

BUILD, ROUNDS = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 200
os.environ.update(VEIL_TEST_CHANCE_LIB=f"{BUILD}/tests/threats/libtest-chance.so")
sys.argv = [sys.argv[0], f"{BUILD}/tools/veil/veil"]
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "threats"))
from world import World  # noqa: E402

w = World("existence")
w.imports()
w.freeze()
w.draw()
db = sqlite3.connect(f"file:{w.dir}/site/draw/K.veil?mode=ro", uri=True)
project = db.execute("SELECT min(code) FROM project").fetchone()[0]
one = lambda query: db.execute(query, (project,)).fetchone()[0]  # noqa: E731
codes = {
    "nobody": "R" + "0" * 17,
    "a sealed reserve": one("SELECT reviewer FROM assignment WHERE project = ? AND role = 'reserve'"),
    "a stranger": one("SELECT code FROM reviewer WHERE code NOT IN (SELECT reviewer FROM assignment) AND ? <> '' LIMIT 1"),
    "seated elsewhere": one("SELECT reviewer FROM assignment WHERE project <> ?1 AND reviewer NOT IN (SELECT reviewer FROM assignment WHERE project = ?1) LIMIT 1"),
}
times = {what: [] for what in codes}
for _ in range(ROUNDS):
    for what, code in codes.items():
        start = time.perf_counter()
        w.run("batch", "replace", "K", "--project", project, "--reviewer", code, "--reason", "ill")
        times[what].append(time.perf_counter() - start)
first = statistics.median(times["nobody"])
halves = statistics.median(times["nobody"][::2]) / statistics.median(times["nobody"][1::2])
print(f"a refusal: {first * 1e3:.2f} ms; one half of its runs to the other {halves:.3f}")
for what, seen in times.items():
    print(f"  {what:18} {statistics.median(seen) / first:.3f}")
