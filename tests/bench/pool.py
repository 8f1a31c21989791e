#!/usr/bin/env python3
"""bench pool: import, freeze, draw and verify a pool; medians, peak memory, and sqlite3's own .import of the same lists beside it.

usage: pool.py BUILD [RUNS]      the ACL pool where VEIL_TEST_DATA points to it, else the generated one
"""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(sys.argv[1]).resolve()
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
VEIL, VERIFY = BUILD / "bin/veil", BUILD / "bin/veil-verify"
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-bench-"))
DATA = os.environ.get("VEIL_TEST_DATA")
ENV = dict(os.environ, VEIL_OPERATOR="bench")
ENV.pop("VEIL_PASSPHRASE_FILE", None)


def timed(*args):
    """Seconds and peak megabytes of one command."""
    start = time.monotonic()
    child = subprocess.Popen([str(a) for a in args], env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    error = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 7):
        sys.exit(f"{' '.join(map(str, args))}: exit {code}: {error.decode()[-500:]}")
    return time.monotonic() - start, usage.ru_maxrss / 1024


def lists():
    if DATA and (pathlib.Path(DATA) / "acl").is_dir():
        acl = pathlib.Path(DATA) / "acl"
        return "ACL pool", [("experts", acl / "experts.csv.gz"), ("works", acl / "works.csv.gz")], acl / "projects.csv.gz", acl / "people.csv.gz", "2024-01-01"
    subprocess.run([BUILD / "tools/demo/veil-demo", "--out", WORK / "lists"], check=True)
    here = WORK / "lists"
    kinds = [("disciplines", "disciplines.csv"), ("organisations", "organisations.csv"), ("experts", "experts.csv"), ("posts", "posts.csv"),
             ("works", "works.csv.gz"), ("relations", "relations.csv"), ("bans", "bans.csv")]
    return "generated pool", [(k, here / f) for k, f in kinds], here / "projects.csv", here / "people.csv", "2026-03-01"


def main():
    name, imports, projects, people, as_of = lists()
    (WORK / "policy.ini").write_text("[batch]\nmethod=total\n")
    plain = WORK / "plain"
    plain.mkdir()
    steps = {}

    def note(step, result):
        steps.setdefault(step, []).append(result)

    for run in range(RUNS):
        site = WORK / f"site{run}"
        ENV["VEIL_SITE"] = str(site)
        timed(VEIL, "init", site, "--rehearsal")
        seconds = memory = 0
        for kind, path in imports:
            s, m = timed(VEIL, "import", kind, path)
            note(f"  import {kind}", (s, m))
            seconds, memory = seconds + s, max(memory, m)
        note("import, all lists", (seconds, memory))
        note("batch new", timed(VEIL, "batch", "new", "B", "--policy", WORK / "policy.ini", "--projects", projects, "--people", people))
        note("batch freeze", timed(VEIL, "batch", "freeze", "B", "--as-of", as_of))
        note("batch draw", timed(VEIL, "batch", "draw", "B"))
        note("batch minutes", timed(VEIL, "batch", "minutes", "B", "--out", WORK / "m.html"))
        note("veil-verify batch", timed(VERIFY, "batch", site / "draw/B.veil"))
        seconds = memory = 0
        for kind, path in imports:
            text = plain / f"{kind}.csv"
            if not text.exists():
                with open(text, "wb") as out:
                    subprocess.run(["gzip", "-dcf", path], stdout=out, check=True)
            s, m = timed("sqlite3", WORK / f"peer{run}.db", f".import --csv {text} {kind}")
            seconds, memory = seconds + s, max(memory, m)
        note("peer: sqlite3 .import of the same lists, nothing checked or sealed", (seconds, memory))
        shutil.rmtree(site)
    print(f"{name}, median of {RUNS} runs")
    print(f"{'seconds':>9} {'peak MB':>8}")
    for step, results in steps.items():
        print(f"{statistics.median(r[0] for r in results):9.2f} {max(r[1] for r in results):8.0f}  {step}")
    ours = statistics.median(r[0] for r in steps["import, all lists"])
    peer = statistics.median(r[0] for r in steps["peer: sqlite3 .import of the same lists, nothing checked or sealed"])
    print(f"import takes {ours / peer:.1f} times what sqlite3 needs to store the same text")
    shutil.rmtree(WORK)


if __name__ == "__main__":
    main()
