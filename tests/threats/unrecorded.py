#!/usr/bin/env python3
"""Nothing changes in the registry without a record of it: not by an operator whose record is refused, not by a kill between the two, not with a ledger that is full.

usage: unrecorded.py VEIL        VEIL_TEST_CHANCE_LIB: chance.c as a library
"""
import resource
import signal
import sqlite3
import subprocess

from world import VEIL, World, finish, human, point


def content(world):
    """Every row of the registry, keys and ciphers included."""
    db = sqlite3.connect(world.dir / "site/registry/registry.db")
    text = "\n".join(db.iterdump())
    db.close()
    return text


def changes(world):
    """Commands that change the registry in one step, with the record that must say so."""
    (world.dir / "lists/ban.csv").write_text(f"person,since,until\n{human(30)['id']},2026-01-01,\n")
    return [(["import", "bans", "lists/ban.csv"], "import"), (["expert", "suspend", human(31)["id"]], "expert.suspend"), (["expert", "merge", human(32)["id"], human(33)["id"]], "expert.merge"),
            (["batch", "new", "L", "--policy", "lists/policy.ini", "--projects", "lists/projects.csv", "--people", "lists/people.csv"], "batch.new")]


def count(world, act):
    return sum(f["act"] == act for f in world.fields())


base = World("base")
base.imports()
base.must("operator", "list", who="op9")
base.must("ledger", "checkpoint", who="op9")
base.must("unmask", "request", "--batch", "K", "--reviewer", "x", "--field", "name", "--purpose", "complaint", "--reference", "1", who="op9", status=6)  # names op9 in the ledger
base.must("operator", "revoke", "op9")
before = content(base)
for step, act in changes(base):
    what = " ".join(step[:2])
    w = base.copy("revoked")
    got = w.run(*step, who="op9")
    point(got[0] == 6 and content(w) == before, f"{what}: who may not record it changes nothing", got)
    # A ledger that cannot grow: the record fails, so must the change.
    w = base.copy("full")
    limit = (w.dir / "site/ledger/ledger.db").stat().st_size - 1

    def no_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    done = subprocess.run([VEIL, *step], env=w.env(), cwd=w.dir, capture_output=True, stdin=subprocess.DEVNULL, preexec_fn=no_room)
    point(done.returncode != 0 and content(w) == before, f"{what}: no room for the record, no change", done.stderr.decode())
    # Killed before each of its writes, from the last one back.
    counted = base.copy("counted")
    counted.run(*step, VEIL_TEST_COUNT="tmp/count")
    n, unrecorded, states = int((counted.dir / "tmp/count").read_text().split()[0]), [], 0
    for at in range(n, max(0, n - 24), -1):
        w = base.copy("cut")
        w.run(*step, VEIL_TEST_DIE=str(at))
        w.must("ledger", "checkpoint")  # puts the ledger in order
        states += 1
        if content(w) != before and count(w, act) == count(base, act):
            unrecorded.append(at)
    point(not unrecorded, f"{what}: killed at {states} moments, never a change without its record", unrecorded)
finish()
