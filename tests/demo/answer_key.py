#!/usr/bin/env python3
"""The generated pool against its answer key: every conflict found, none too many; banned experts out; panels legal; veil-verify accepts.

usage: answer_key.py VEIL VEIL_VERIFY VEIL_DEMO [EXPERTS PROJECTS]
"""
import collections
import csv
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

VEIL, VERIFY, DEMO = (os.path.abspath(p) for p in sys.argv[1:4])
SIZE = sys.argv[4:6]
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-demo-"))
LISTS = WORK / "lists"
ENV = dict(os.environ, VEIL_SITE=str(WORK / "site"), VEIL_OPERATOR="op1", TMPDIR=str(WORK))
ENV.pop("VEIL_PASSPHRASE_FILE", None)
number = failed = 0


def point(good, what, detail=""):
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        print("\n".join("# " + line for line in str(detail)[:2000].splitlines()), flush=True)


def run(*args, expect=0):
    done = subprocess.run([str(a) for a in args], env=ENV, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if expect is not None and done.returncode != expect:
        point(False, f"{' '.join(str(a) for a in args[1:4])} exits {expect}", f"exit {done.returncode}\n{done.stdout[-500:]}\n{done.stderr[-1500:]}")
    return done


def rows(path):
    with open(path, encoding="utf-8-sig", newline="") as f:
        return list(csv.DictReader(f))


def main():
    size = ["--experts", SIZE[0], "--projects", SIZE[1]] if SIZE else []
    run(DEMO, "--out", LISTS, "--seed", "1", *size)
    run(VEIL, "init", WORK / "site", "--rehearsal")
    for kind, name in (("disciplines", "disciplines.csv"), ("organisations", "organisations.csv"), ("experts", "experts.csv"),
                       ("posts", "posts.csv"), ("works", "works.csv.gz"), ("relations", "relations.csv"), ("bans", "bans.csv")):
        run(VEIL, "import", kind, LISTS / name, "--strict")
    run(VEIL, "batch", "new", "D", "--policy", LISTS / "policy.ini", "--projects", LISTS / "projects.csv", "--people", LISTS / "people.csv", "--strict")
    run(VEIL, "batch", "freeze", "D", "--as-of", "2026-03-01")
    run(VEIL, "batch", "draw", "D")
    point(run(VERIFY, "batch", WORK / "site/draw/D.veil", expect=None).returncode == 0, "veil-verify batch accepts")

    project, reviewer = {}, {}
    for row in csv.DictReader(run(VEIL, "batch", "codes", "D", "--all", "--csv").stdout.splitlines()):
        (project if row["side"] == "project" else reviewer)[row["code"]] = row["id"]
    found, banned = {}, collections.Counter()
    for row in csv.DictReader(run(VEIL, "batch", "conflicts", "D", "--csv").stdout.splitlines()):
        rules = set(row["rules"].split(";"))
        expert = reviewer[row["reviewer"]]
        if "E04" in rules:
            banned[expert] += 1
        if rules - {"E04"}:
            found[project[row["project"]], expert] = ";".join(sorted(rules - {"E04"}))
    key = {(r["project"], r["expert"]): r["rules"] for r in rows(LISTS / "answer_key.csv")}
    wrong = [(k, found.get(k), key.get(k)) for k in found.keys() | key.keys() if found.get(k) != key.get(k)]
    point(not wrong, f"all {len(key)} conflicts of the answer key and no other", f"{len(wrong)} differ: (pair, found, key) {wrong[:5]}")
    out = {r["expert"] for r in rows(LISTS / "banned.csv")}
    point(set(banned) == out and set(banned.values()) <= {len(project)}, f"{len(out)} banned experts are out of the whole batch", set(banned) ^ out)
    panels = collections.defaultdict(set)
    load = collections.Counter()
    for row in csv.DictReader(run(VEIL, "batch", "show", "D", "--assignments", "--csv").stdout.splitlines()):
        panels[row["project"]].add(row["reviewer"])
        load[row["reviewer"]] += 1
    point(len(panels) == len(project) and all(len(p) == 5 for p in panels.values()), "five reviewers a project")
    point(max(load.values()) <= 8, "load at most 8")
    bad = [(p, r) for p, rs in panels.items() for r in rs if (project[p], reviewer[r]) in key or reviewer[r] in out]
    point(not bad, "nobody excluded or banned is on a panel", bad[:3])
    print(f"1..{number}")
    shutil.rmtree(WORK)
    return 1 if failed else 0


if __name__ == "__main__":
    csv.field_size_limit(1 << 30)
    sys.exit(main())
