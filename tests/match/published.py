#!/usr/bin/env python3
"""published.py VEIL VEIL-VERIFY - known optima of published instances (docs/design/matching.md has the sources). Needs VEIL_TEST_DATA."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

VEIL, VERIFY = sys.argv[1], sys.argv[2]
OPTIMUM = {"midl_nolb": 201.884878, "midl_lb": 150.043126, "preflib1": 124.25, "preflib2": 141.5, "preflib3": 454.25, "aamas2015": 1406.25}
# Method fair: the minimum that is proved to be the largest, and a total that is at least reached with it.
FAIR = {"midl_nolb": (0.944839, 201.768), "midl_lb": (0.944839, 141.5), "preflib1": (0.75, 124.25), "preflib2": (1.0, 141.5), "preflib3": (0.75, 454.25), "aamas2015": (1.5, 1375.75)}

if not os.environ.get("VEIL_TEST_DATA"):
    print("skipped: VEIL_TEST_DATA does not say where the published instances are")
    sys.exit(77)
faults = 0
with tempfile.TemporaryDirectory(prefix="veil-match-") as folder:
    out, certificate = folder + "/out.csv", folder + "/c.json"
    def solve(name, *more):
        data = pathlib.Path(os.environ["VEIL_TEST_DATA"]) / "published" / name
        args = ["match", "--missing-score", "0", *more]
        for kind in ("scores", "conflicts", "loads", "demands"):
            args += ["--" + kind, str(data / (kind + ".csv.gz"))]
        run = subprocess.run([VEIL, *args, "--out", out, "--certificate", certificate, "--json"], capture_output=True, text=True)
        proof = subprocess.run([VERIFY, *args, "--assignment", out, "--certificate", certificate], capture_output=True, text=True)
        return json.loads(run.stdout) if run.returncode == 0 else {}, proof.returncode == 0, run.stderr + proof.stderr

    for name, optimum in OPTIMUM.items():
        found, verified, said = solve(name)
        good = found.get("objective") == optimum and found.get("gap") == 0 and verified
        faults += not good
        print(f"{'ok' if good else 'FAULT'} {name}: {found.get('objective')} known {optimum}, verified {verified} {said}")
    for name, (minimum, total) in FAIR.items():
        found, verified, said = solve(name, "--method", "fair")
        good = found.get("min_project_score") == found.get("min_project_bound") == minimum and found["objective"] >= total and verified
        faults += not good
        print(f"{'ok' if good else 'FAULT'} {name} fair: {found.get('min_project_score')} known {minimum}, total {found.get('objective')}, verified {verified} {said}")
    # Minimum loads that take every place: nobody's load can be other than it is, and prices can only move together.
    for odds in ("0.08", "0.2", "0.34", "0.5", "1"):
        found, verified, said = solve("midl_lb", "--method", "draw", "--odds", odds)
        good = bool(found) and verified
        faults += not good
        print(f"{'ok' if good else 'FAULT'} midl_lb draw, odds {odds}: expected {found.get('objective')}, verified {verified} {said}")
    # Orders of equals by which a floor was once missed, or a cycle of swaps was tried for ever.
    equity = pathlib.Path(folder) / "equity.ini"
    equity.write_text("[fair]\nequity=true\n")
    for last, *more in (("3",), ("4",), ("3", "--policy", str(equity)), ("4", "--policy", str(equity))):
        found, verified, said = solve("midl_lb", "--method", "fair", "--seed", last.zfill(64), *more)
        good = found.get("min_project_score") == found.get("min_project_bound") == 0.944839 and verified and (not more or found["load_cap"] == 2)
        faults += not good
        print(f"{'ok' if good else 'FAULT'} midl_lb fair, seed ..{last}{', equity' if more else ''}: {found.get('min_project_score')}, total {found.get('objective')}, verified {verified} {said}")
sys.exit(1 if faults else 0)
