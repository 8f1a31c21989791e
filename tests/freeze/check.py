#!/usr/bin/env python3
"""`veil batch check` on a batch that cannot be filled: the witness counted again from the batch file, the relaxations in JSON, CSV and words.

usage: check.py VEIL VEIL_DEMO
"""
import csv
import io
import json
import os
import pathlib
import sqlite3
import struct
import subprocess
import sys
import tempfile

VEIL, DEMO = (os.path.abspath(p) for p in sys.argv[1:3])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-check-"))
SITE, LISTS = WORK / "site", WORK / "lists"
ENV = dict(os.environ, VEIL_OPERATOR="op1", TMPDIR=str(WORK), VEIL_SITE=str(SITE))
ENV.pop("VEIL_PASSPHRASE_FILE", None)
number = failed = 0


def point(good, what, detail=""):
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        print("\n".join("# " + line for line in str(detail)[:1500].splitlines()), flush=True)


def run(*args):
    return subprocess.run([str(a) for a in args], env=ENV, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def must(*args):
    done = run(*args)
    if done.returncode not in (0, 7):
        point(False, " ".join(str(a) for a in args[1:4]), done.stderr)
        print(f"1..{number}")
        sys.exit(1)
    return done.stdout


def batch(name, policy):
    (WORK / f"{name}.policy").write_text(policy, "utf-8")
    must(VEIL, "batch", "new", name, "--policy", WORK / f"{name}.policy", "--projects", LISTS / "projects.csv", "--people", LISTS / "people.csv")
    must(VEIL, "batch", "freeze", name, "--as-of", "2026-03-01")


def read(name):
    """Loads, employers, demands and candidates by code."""
    db = sqlite3.connect(f"file:{SITE}/draw/{name}.veil?mode=ro", uri=True)
    people = db.execute("SELECT code, max_load, employer FROM reviewer ORDER BY code").fetchall()
    projects = {}
    for code, demand, blob in db.execute("SELECT code, demand, candidates FROM project ORDER BY code"):
        projects[code] = demand, [people[i][0] for i, _ in struct.iter_unpack("<Ii", blob)]
    return {code: load for code, load, _ in people}, {code: employer for code, _, employer in people}, projects


def shortage(name, witness):
    """Demand of the projects, less all loads of the reviewers, less one of every other candidate, one an employer."""
    load, employer, projects = read(name)
    n = -sum(load[r] for r in witness["reviewers"])
    for p in witness["projects"]:
        others = [r for r in projects[p][1] if r not in witness["reviewers"]]
        n += projects[p][0] - len({employer[r] for r in others if employer[r]}) - sum(not employer[r] for r in others)
    return n


must(DEMO, "--out", LISTS, "--seed", "5", "--experts", "260", "--projects", "60")
# Of half of them no city is said.
experts = list(csv.reader(io.StringIO((LISTS / "experts.csv").read_text("utf-8-sig"), newline="")))
city = experts[0].index("city")
for row in experts[1::2]:
    row[city] = ""
with open(LISTS / "experts.csv", "w", encoding="utf-8", newline="") as file:
    csv.writer(file).writerows(experts)
must(VEIL, "init", SITE, "--rehearsal")
for kind in ("disciplines", "organisations", "experts"):
    must(VEIL, "import", kind, LISTS / f"{kind}.csv")
batch("SHORT", "[batch]\nmethod=total\nmax_load=1\n")
done = run(VEIL, "batch", "check", "SHORT", "--json")
point(done.returncode == 4 and done.stderr.count("\n") == 1, "infeasible: exit 4, one line", (done.returncode, done.stderr))
answer = json.loads(done.stdout)
witness, relaxations = answer["witness"], {x["kind"]: x for x in answer["relaxations"]}
point(answer["status"] == "infeasible" and witness["kind"] == "places" and witness["short_by"] > 0, "a witness of places", answer)
point(shortage("SHORT", witness) == witness["short_by"], "the witness counts", (shortage("SHORT", witness), witness["short_by"]))
point(not any("conflict" in json.dumps(x) for x in answer["relaxations"]), "no weaker conflict rule is suggested")
point({"raise", "max-load", "fewer-places"} <= set(relaxations) and all(relaxations[k]["exact"] for k in ("raise", "max-load", "fewer-places")), "three ways out", relaxations)
units = relaxations["fewer-places"]["units"]
point(relaxations["raise"]["units"] == units == sum(relaxations["raise"]["reviewers"].values()) == sum(relaxations["fewer-places"]["projects"].values()),
      "as many places as units of load", relaxations)
point(units >= answer["demand"] - answer["capacity"], "at least what capacity lacks", answer)

rows = list(csv.DictReader(io.StringIO(run(VEIL, "batch", "check", "SHORT", "--csv").stdout, newline="")))
point([r["code"] for r in rows if r["what"] == "witness" and r["item"] == "project"] == witness["projects"], "the same witness in CSV", rows[:9])
point({r["item"]: int(r["number"]) for r in rows if r["what"] == "relaxation"}["raise"] == units, "the same relaxations in CSV", rows[:9])
text = run(VEIL, "batch", "check", "SHORT").stdout
point(f"give up {units} places" in text and "feasible  no" in text and "because" in text, "the same in words", text)

batch("ENOUGH", f"[batch]\nmethod=total\nmax_load={relaxations['max-load']['load']}\n")
load, _, _ = read("ENOUGH")
done = run(VEIL, "batch", "check", "ENOUGH", "--json")
point(done.returncode == 0 or min(load.values()) < relaxations["max-load"]["load"], "the load that would do for all does", (done.returncode, done.stderr))
batch("HUGE", "[batch]\nmethod=total\ndemand=250\nmax_load=8\n")
done = run(VEIL, "batch", "check", "HUGE", "--json")
answer = json.loads(done.stdout)
point(done.returncode == 4 and shortage("HUGE", answer["witness"]) == answer["witness"]["short_by"] and len(answer["witness"]["projects"]) == 1,
      "a demand above the pool names one project", answer["witness"])
point([x["kind"] for x in answer["relaxations"]][0] == "fewer-places", "and no load is said to help", answer["relaxations"])
# Method draw: nothing to draw is exit 4 as in check, what only the policy forbids is exit 6.
batch("DSHORT", "[batch]\nmax_load=1\nsmallest_set=0\n")
batch("DSET", "[batch]\nmax_load=1\nsmallest_set=250\n")
for name in ("DSHORT", "DSET"):
    checked, drawn = run(VEIL, "batch", "check", name), run(VEIL, "batch", "draw", name)
    point(checked.returncode == drawn.returncode == 4 and checked.stderr == drawn.stderr and "short" in drawn.stderr,
          f"{name}: check and draw say the same", checked.stderr + drawn.stderr)
batch("DCAP", "[batch]\nodds=0.01\nsmallest_set=0\nreserves=0\n")
checked, drawn = run(VEIL, "batch", "check", "DCAP"), run(VEIL, "batch", "draw", "DCAP")
point(checked.returncode == 0 and drawn.returncode == 6, "a cap that leaves places empty is the policy's: refused", checked.stderr + drawn.stderr)
# Whoever asks for a city hears that it is not said, scripts too.
batch("CITY", "[batch]\nmethod=total\ndemand=2\n[panel.high]\nattribute=city\nvalue=no such city\nmin=1\n")
done = run(VEIL, "batch", "check", "CITY", "--json")
warned = json.loads(done.stdout)["warnings"]
said = [line.removeprefix("veil: warning: ") for line in done.stderr.splitlines() if line.startswith("veil: warning: ")]
point(done.returncode == 4 and len(warned) == 1 and "[panel.high]" in warned[0] and warned == said, "a minimum on what is not said is warned of, in JSON as in words", done.stdout + done.stderr)
print(f"1..{number}")
sys.exit(1 if failed else 0)
