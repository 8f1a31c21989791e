#!/usr/bin/env python3
"""Holds the table of attacks to a test run: every row's test ran and its named points passed.

usage: ran.py TABLE TESTLOG.json...       with no log: only that the table is whole
"""
import json
import re
import sys

table, logs = sys.argv[1], sys.argv[2:]
rows, faults = {}, []
for line in open(table, encoding="utf-8"):
    match = re.match(r"\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", line)
    if match:
        if int(match[1]) in rows:
            faults.append(f"attack {match[1]} stands twice")
        rows[int(match[1])] = (match[2].strip(), re.findall(r"`([^`]+)`", match[3]))
faults += [f"attack {n} is missing" for n in range(1, 41) if n not in rows]
ran = {}
for path in logs:
    with open(path, encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            name = test["name"].split(" / ")[-1]
            ran.setdefault(name, []).append((test["result"], re.findall(r"^ok \d+ - (.*)$", test.get("stdout") or "", re.M)))
held = 0
for n, (attack, tests) in sorted(rows.items()):
    if not tests:
        print(f"attack {n:2} has no test: {attack}")
    good = bool(tests)
    for test in tests if logs else []:
        name, _, point = test.partition(": ")
        runs = ran.get(name, [])
        if not any(result == "OK" for result, _ in runs):
            faults.append(f"attack {n}: {name} {'failed' if runs else 'did not run'}")
            good = False
        elif point and not any(p.startswith(point) for _, points in runs for p in points):
            faults.append(f"attack {n}: {name} has no point `{point}` that passed")
            good = False
    held += good
print("\n".join(faults) if faults else f"{held} of {len(rows)} attacks have tests{', all of which ran and passed' if logs else ''}")
sys.exit(1 if faults else 0)
