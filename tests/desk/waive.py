#!/usr/bin/env python3
"""Waivers of single pairs, and operators who have a stake in a batch.

usage: waive.py VEIL VEIL_VERIFY LISTS
"""
import csv
import io
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile

VEIL, VERIFY, LISTS = (os.path.abspath(p) for p in sys.argv[1:4])
LISTS = pathlib.Path(LISTS)
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-waive-"))
SITE = WORK / "site"
number = failed = 0


def point(good, what, detail=""):
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        print("\n".join("# " + line for line in str(detail)[:2000].splitlines()), flush=True)


def run(*args, by="op1"):
    env = dict(os.environ, VEIL_SITE=str(SITE), VEIL_OPERATOR=by, TMPDIR=str(WORK))
    env.pop("VEIL_PASSPHRASE_FILE", None)
    return subprocess.run([str(a) for a in args], env=env, cwd=WORK, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def must(*args, by="op1"):
    got = run(*args, by=by)
    point(got.returncode == 0, " ".join(str(a) for a in args[1:5]), got.stderr + got.stdout)
    return got


def words_in_ledger(*words):
    """Where any of them stands by itself in the ledger's files. Ids this short turn up inside codes and signatures by chance, one run in twenty."""
    return [(p.name, m.start(), m[0]) for p in (SITE / "ledger").rglob("*") if p.is_file()
            for m in re.finditer(rb"(?<![A-Za-z0-9+/])(?:" + b"|".join(re.escape(w.encode()) for w in words) + rb")(?![A-Za-z0-9+/=])", p.read_bytes())]


def refused(what, *args, by="op1", says="", status=6):
    got = run(*args, by=by)
    point(got.returncode == status and says in got.stderr, what, f"{got.returncode} {got.stderr}{got.stdout}")
    return got.stderr


def records(act):
    db = sqlite3.connect(f"file:{SITE}/ledger/ledger.db?mode=ro", uri=True)
    found = [dict(line.split(" ", 1) for line in r.decode().splitlines()[1:])
             for (r,) in db.execute("SELECT CAST(record AS BLOB) FROM leaf ORDER BY seq")]
    db.close()
    return [r for r in found if r["act"] == act]


def rows(*args):
    return list(csv.DictReader(io.StringIO(must(VEIL, *args, "--csv").stdout)))


def excluded(name):
    """{(project id, expert id): rules} by the sources' ids"""
    ids = {r["code"]: r["id"] for r in rows("batch", "codes", name, "--all")}
    return {(ids[r["project"]], ids[r["reviewer"]]): r["rules"] for r in rows("batch", "conflicts", name)}


def approve(by="op2", purpose="waiver"):
    waiting = [r for r in json.loads(run(VEIL, "approve", "list", "--json").stdout)["requests"] if r["state"] == "waiting" and r["purpose"] == purpose]
    must(VEIL, "approve", waiting[0]["id"], by=by)
    return waiting[0]["id"]


def new(name):
    must(VEIL, "batch", "new", name, "--policy", LISTS / "policy.ini", "--projects", LISTS / "projects.csv", "--people", LISTS / "people.csv")


def waive(name, project, reviewer, rule, reason="small field"):
    return (VEIL, "batch", "waive", name, "--project", project, "--reviewer", reviewer, "--rule", rule, "--reason", reason)


must(VEIL, "init", SITE, "--rehearsal")
for kind in ("disciplines", "organisations", "experts", "posts", "works", "relations", "bans"):
    must(VEIL, "import", kind, LISTS / f"{kind}.csv")

new("A")
must(VEIL, "batch", "freeze", "A", "--as-of", "2026-03-01")
before = excluded("A")
point(before[("X01", "E007")] == "C13" and before[("X02", "E005")] == "C04;C13", "the lists are those of the tutorial", before)

# --- waivers
new("B")
refused("a rule that is not waivable", *waive("B", "X02", "E005", "C04"), says="cannot be waived")
refused("a rule that is not there", *waive("B", "X01", "E007", "C99"), says="--rule", status=2)
refused("no such project", *waive("B", "X99", "E007", "C13"), says="is available here")
refused("no such expert", *waive("B", "X01", "E999", "C13"), says="is available here")
refused("no such batch", *waive("C", "X01", "E007", "C13"))
first = refused("a waiver is asked for", *waive("B", "X01", "E007", "C13"), says="waits for another operator")
again = refused("the same one is the same request", *waive("B", "X01", "E007", "C13"), says="waits for another operator")
point(first == again and len(records("request")) == 1, "one request", records("request"))
# Whether there is anything to waive shows in no answer.
nothing = refused("a pair without a conflict is answered alike", *waive("B", "X01", "E001", "C13"), says="waits for another operator")
point(nothing.split("request ")[1][16:] .split("`")[0] == first.split("request ")[1][16:].split("`")[0], "word for word", (first, nothing))
refused("half of a double tie", *waive("B", "X02", "E005", "C13"))
refused("one that nobody approves", *waive("B", "X03", "E023", "C13"))
waiting = json.loads(run(VEIL, "approve", "list", "--json").stdout)["requests"]
refused("not by who asks", VEIL, "approve", waiting[-1]["id"], says="who asks")
for r in waiting[1:]:
    must(VEIL, "approve", r["id"], by="op2")
must(*waive("B", "X01", "E007", "C13"))
found = words_in_ledger("X01", "E007", "E005", "X02")
point(not found, "no id in the ledger", found)
must(VEIL, "batch", "freeze", "B", "--as-of", "2026-03-01")
after = excluded("B")
wanted = {k: v for k, v in before.items() if k != ("X01", "E007")}
wanted[("X02", "E005")] = "C04"
point(after == wanted, "two pairs lose C13, one of them every reason", (set(before.items()) ^ set(after.items())))
used = records("batch.waiver")
point(len(used) == 2 and all(r["rule"] == "C13" and r["person"].startswith("A") and r["project"].startswith("P") and "reviewer" not in r for r in used),
      "by code, and the person's is the auditor's", used)
draw = (SITE / "draw/B.veil").read_bytes()
point(not any(r["person"].encode() in draw for r in used), "which the drawer's file does not have")
must(VEIL, "batch", "draw", "B")
must(VERIFY, "ledger", SITE / "ledger/ledger.db")
out = must(VERIFY, "batch", SITE / "draw/B.veil").stdout
point("2 pair(s) were waived" in out, "the checker says so", out)
must(VERIFY, "batch", SITE / "draw/A.veil") if run(VEIL, "batch", "draw", "A").returncode == 0 else point(False, "draw A")
must(VEIL, "batch", "minutes", "B", "--out", WORK / "m.html")
minutes = (WORK / "m.html").read_text()
point(minutes.count("small field") == 2, "the minutes print each with its reason", minutes.count("small field"))
refused("a waiver after the freeze", VEIL, "batch", "freeze", "B", "--again", "--reason", "x", says="waits for")
approve(purpose="freeze")
must(VEIL, "batch", "freeze", "B", "--again", "--reason", "x", "--as-of", "2026-03-01")
point(excluded("B") == before, "serves one freeze: the next one excludes the pair again")

# --- staff
(WORK / "staff.csv").write_text("handle,person\nop3,E007\nop4,Z001\nop5,E999-new\n")
applicant = next(csv.DictReader(open(LISTS / "people.csv", encoding="utf-8-sig")))
person = next(v for k, v in applicant.items() if v and v.startswith("E") or v and v.startswith("A"))
(WORK / "staff.csv").write_text(f"handle,person\nop3,E007\nop4,{person}\nop5,nobody-at-all\n")
got = run(VEIL, "import", "staff", WORK / "staff.csv")
point(got.returncode == 0 and "3 new" in got.stdout, "staff", got.stdout + got.stderr)
got = run(VEIL, "import", "staff", WORK / "staff.csv")
point("nothing changed" in got.stdout, "the same again changes nothing", got.stdout)
(WORK / "bad.csv").write_text("handle,person\nop 3,E001\n,E002\nop6,\n")
point(run(VEIL, "import", "staff", WORK / "bad.csv").returncode == 7, "bad rows are rejected")
new("D")
refused("who has a tie does not freeze", VEIL, "batch", "freeze", "D", "--as-of", "2026-03-01", by="op3", says="does not act in this batch")
must(VEIL, "batch", "freeze", "D", by="op5")
barred = records("batch.barred")
point(barred[-1]["operators"] == "op3;op4", "by handle alone", barred)
refused("nor draw", VEIL, "batch", "draw", "D", by="op3", says="does not act in this batch")
one = refused("an expert of the pool", VEIL, "batch", "minutes", "D", "--out", WORK / "x.html", by="op3")
other = refused("an applicant", VEIL, "batch", "minutes", "D", "--out", WORK / "x.html", by="op4")
point(one == other and "X0" not in one, "one answer for every reason", (one, other))
refused("a request in it", VEIL, "batch", "freeze", "D", "--again", "--reason", "y", says="waits for", by="op5")
waiting = json.loads(run(VEIL, "approve", "list", "--json").stdout)["requests"]
refused("is not approved by who has a tie", VEIL, "approve", waiting[0]["id"], by="op4", says="does not act in this batch")
must(VEIL, "approve", waiting[0]["id"], by="op2")
must(VEIL, "batch", "draw", "D", by="op5")
must(VERIFY, "ledger", SITE / "ledger/ledger.db")
must(VERIFY, "batch", SITE / "draw/D.veil")
found = words_in_ledger("E007", "X01", person)
point(not found, "the ledger has handles and no person", found)
print(f"1..{number}")
sys.exit(1 if failed else 0)
