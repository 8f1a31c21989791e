#!/usr/bin/env python3
"""A second freeze: a reason, another operator, nothing lost, everything counted, nothing drawn from the old one.

usage: again.py VEIL VEIL_VERIFY VEIL_DEMO
"""
import json
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

VEIL, VERIFY, DEMO = (os.path.abspath(p) for p in sys.argv[1:4])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-again-"))
SITE = WORK / "site"
number = failed = 0


def point(good, what, detail=""):
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        print("\n".join("# " + line for line in str(detail)[:2000].splitlines()), flush=True)


def run(*args, by="op1", env=None):
    full = {**os.environ, "VEIL_SITE": str(SITE), "VEIL_OPERATOR": by, "TMPDIR": str(WORK), **(env or {})}
    full.pop("VEIL_PASSPHRASE_FILE", None)
    return subprocess.run([str(a) for a in args], env=full, cwd=WORK, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def must(*args, by="op1"):
    got = run(*args, by=by)
    point(got.returncode == 0, " ".join(str(a) for a in args[1:4]), got.stderr + got.stdout)
    return got


def refused(what, *args, by="op1", says=""):
    got = run(*args, by=by)
    point(got.returncode == 6 and says in got.stderr and got.stderr.count("\n") == 1, what, f"{got.returncode} {got.stderr}{got.stdout}")
    return got


def acts():
    db = sqlite3.connect(f"file:{SITE}/ledger/ledger.db?mode=ro", uri=True)
    found = [r.decode().split("\nact ")[1].split("\n")[0] for (r,) in db.execute("SELECT CAST(record AS BLOB) FROM leaf ORDER BY seq")]
    db.close()
    return found


lists = WORK / "lists"
must(DEMO, "--out", lists, "--seed", "3", "--experts", "600", "--projects", "12")
must(VEIL, "init", SITE, "--rehearsal")
for kind in ("disciplines", "organisations", "experts", "posts", "relations", "bans"):
    must(VEIL, "import", kind, lists / f"{kind}.csv")
must(VEIL, "batch", "new", "K", "--policy", lists / "policy.ini", "--projects", lists / "projects.csv", "--people", lists / "people.csv")
again = (VEIL, "batch", "freeze", "K", "--again", "--reason", "two experts withdrew")
refused("a draft is not frozen again", *again, says="never frozen")
must(VEIL, "batch", "freeze", "K", "--as-of", "2026-03-01")
must(VEIL, "batch", "draw", "K")
before = {p: p.read_bytes() for p in (SITE / "draw/K.veil", SITE / "audit/K.audit", SITE / "notify/K.drawn")}

refused("no second freeze by the way", VEIL, "batch", "freeze", "K", says="--again")
point(run(VEIL, "batch", "freeze", "K", "--again").returncode == 2, "a reason is needed")
point(run(VEIL, "batch", "freeze", "K", "--again", "--reason", "two\nlines").returncode == 2, "a reason is one line")
refused("a request first", *again, says="waits for another operator")
refused("asked again it is the same request", *again, says="waits for another operator")
point(acts().count("request") == 1, "one request", acts())
request = json.loads(run(VEIL, "approve", "list", "--json").stdout)["requests"][0]
refused("not by who asks", VEIL, "approve", request["id"], says="who asks")
must(VEIL, "approve", request["id"], by="op2")
refused("another reason is another request", VEIL, "batch", "freeze", "K", "--again", "--reason", "better panels", says="waits for another operator")
refused("another operator's approval is not mine", *again, by="op3", says="waits for another operator")
point(all(p.read_bytes() == b for p, b in before.items()), "so far no file was touched")


def killed_runs(n_kills):
    """The new freeze cut off anywhere: run again it is completed, or had been; and both freezes verify."""
    chance, took = random.Random(7), time.time()
    copy = WORK / "whole"
    shutil.copytree(SITE, copy)
    run(*again, env={"VEIL_SITE": str(copy)})
    took = time.time() - took
    for n in range(n_kills):
        copy = WORK / f"killed{n}"
        shutil.copytree(SITE, copy)
        child = subprocess.Popen([str(a) for a in again], env=dict(os.environ, VEIL_SITE=str(copy), VEIL_OPERATOR="op1"), stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.random() * took)
        child.kill()
        child.wait()
        here = {"VEIL_SITE": str(copy)}
        run(*again, env=here)
        status = json.loads(run(VEIL, "batch", "status", "K", "--json", env=here).stdout)
        good = (status["freezes"] == 2 and (copy / "draw/K.F1.veil").read_bytes() == before[SITE / "draw/K.veil"]
                and run(VEIL, "batch", "draw", "K", env=here).returncode == 0
                and all(run(VERIFY, "batch", copy / "draw" / f).returncode == 0 for f in ("K.veil", "K.F1.veil"))
                and run(VERIFY, "ledger", copy / "ledger/ledger.db").returncode == 0)
        point(good, f"killed after a part of it, {n + 1}", status)
        shutil.rmtree(copy)


killed_runs(8)
must(*again)
kept = [SITE / "draw/K.F1.veil", SITE / "audit/K.F1.audit", SITE / "notify/K.F1.drawn"]
point([p.read_bytes() for p in kept] == list(before.values()), "the earlier files lie beside, byte for byte")
refused("an approval serves once", *again, says="waits for another operator")
status = json.loads(run(VEIL, "batch", "status", "K", "--json").stdout)
point((status["freezes"], status["draws_of_earlier_freezes"], status["draws"], status["state"]) == (2, 1, 0, "frozen"), "status counts", status)
refused("the earlier freeze has had its draw", VEIL, "batch", "draw", "K.F1")
must(VEIL, "batch", "draw", "K")

# No code of the one freeze is a code of the other.
def codes(path):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    found = {c for (c,) in db.execute("SELECT code FROM reviewer UNION ALL SELECT code FROM project")}
    db.close()
    return found


point(not codes(SITE / "draw/K.veil") & codes(kept[0]), "codes of two freezes do not join")
must(VEIL, "batch", "minutes", "K", "--out", WORK / "m.html")
minutes = (WORK / "m.html").read_text()
point("the earlier ones were drawn 1 times" in minutes and "two experts withdrew" in minutes, "the minutes count and give the reason")
must(VERIFY, "ledger", SITE / "ledger/ledger.db")
must(VERIFY, "batch", SITE / "draw/K.veil")
must(VERIFY, "batch", kept[0])

# An undrawn freeze that was replaced is not drawn any more, under whatever name it lies there.
once_more = (VEIL, "batch", "freeze", "K", "--again", "--reason", "a late ban")
refused("a third freeze", *once_more)
must(VEIL, "approve", json.loads(run(VEIL, "approve", "list", "--json").stdout)["requests"][0]["id"], by="op2")
must(*once_more)
fourth = (VEIL, "batch", "freeze", "K", "--again", "--reason", "a typing error")
refused("a fourth", *fourth)
must(VEIL, "approve", json.loads(run(VEIL, "approve", "list", "--json").stdout)["requests"][0]["id"], by="op2")
must(*fourth)
refused("a replaced freeze is not drawn", VEIL, "batch", "draw", "K.F3", says="later freeze")
(SITE / "draw/K.veil").rename(WORK / "aside")
(SITE / "draw/K.F3.veil").rename(SITE / "draw/K.veil")
refused("nor put back under the batch's name", VEIL, "batch", "draw", "K", says="later freeze")
point(acts().count("batch.freeze") == 4 and acts().count("batch.draw") == 2, "all of it is in the ledger", acts())
print(f"1..{number}")
sys.exit(1 if failed else 0)
