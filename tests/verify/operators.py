#!/usr/bin/env python3
"""Requests, approvals and seed ceremonies written by hand: what holds passes, each forgery is refused for its own reason.

usage: operators.py VEIL_VERIFY
"""
import hashlib
import hmac
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

VERIFY = os.path.abspath(sys.argv[1])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-operators-"))
ID = "0123456789abcdef0123456789abcdef"
number = failed = 0


def lp(value):
    return len(value).to_bytes(4, "little") + value


def record(seq, minute, actor, act, **fields):
    body = "".join(f"{k.replace('_', '-')} {v}\n" for k, v in sorted(fields.items(), key=lambda f: f[0].replace("_", "-")))
    return f"veil-log/v1\nseq {seq}\ntime 2026-03-02T{minute}Z\norigin test.example/veil\nactor {actor}\nrole anyone\nact {act}\n{body}blind {'a' * 64}\n".encode()


def log(steps):
    """steps: (minute, actor, act, fields); a field may be a function of the records before."""
    out = []
    for minute, actor, act, fields in steps:
        out.append(record(len(out), minute, actor, act, **{k: v(out) if callable(v) else v for k, v in fields.items()}))
    return out


def check(what, records, reason):
    global number, failed
    path = WORK / "ledger.db"
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path)
    db.executescript("PRAGMA application_id = 0x5645494C; PRAGMA user_version = 1; CREATE TABLE leaf(seq INTEGER PRIMARY KEY, record BLOB NOT NULL);")
    db.executemany("INSERT INTO leaf VALUES (?, ?)", enumerate(records))
    db.commit()
    db.close()
    got = subprocess.run([VERIFY, "ledger", str(path)], capture_output=True, text=True)
    good = got.returncode == 5 and reason in got.stderr if reason else got.returncode == 0
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        print("\n".join("# " + line for line in f"wanted {reason}: {got.returncode} {got.stdout}{got.stderr}".splitlines()), flush=True)


T = {"batch": "K", "freeze_id": ID, "draw": "1"}
value = {"a": "11" * 32, "b": "22" * 32}


def commitment(party):
    return hashlib.sha256(b"veil/commit/1" + lp(b"K") + lp(ID.encode()) + lp(party.encode()) + bytes.fromhex(value[party])).hexdigest()


def seed(records):
    leaf = hashlib.sha256(b"\0" + next(r for r in records if b"\nact batch.freeze\n" in r)).digest()
    return hmac.new(b"veil/seed/1", lp(b"K") + lp(ID.encode()) + lp(b"1") + lp(leaf) + b"".join(lp(bytes.fromhex(value[p])) for p in "ab") + lp(b"471"), hashlib.sha256).hexdigest()


START = [("01:00", "reg", "site.init", {"rehearsal": "0", "suite": "veil-s1"})]
CEREMONY = START + [
    ("01:01", "reg", "batch.freeze.intent", {"batch": "K", "freeze_id": ID, "freeze": "1", "as_of": "2026-03-01"}),
    ("01:02", "reg", "batch.freeze", {"batch": "K", "freeze_id": ID, "freeze": "1", "as_of": "2026-03-01"}),
    ("01:03", "reg", "batch.seed.plan", {**T, "parties": "a;b", "beacon": "lottery", "beacon_time": "2026-03-02T02:00Z", "commit_until": "2026-03-02T01:30Z"}),
    ("01:04", "a", "batch.seed.commit", {**T, "party": "a", "commitment": commitment("a")}),
    ("01:05", "b", "batch.seed.commit", {**T, "party": "b", "commitment": commitment("b")}),
    ("01:06", "a", "batch.seed.reveal", {**T, "party": "a", "value": value["a"]}),
    ("01:07", "b", "batch.seed.reveal", {**T, "party": "b", "value": value["b"]}),
    ("02:00", "reg", "batch.seed.beacon", {**T, "value": "471"}),
    ("02:01", "a", "batch.seed.beacon", {**T, "value": "471"}),
    ("02:02", "a", "batch.seed", {**T, "seed": seed, "revealed": "a;b"}),
]


def edited(steps, at, actor=None, minute=None, **fields):
    old = steps[at]
    return log(steps[:at] + [(minute or old[0], actor or old[1], old[2], {**old[3], **fields})] + steps[at + 1:])


check("good: a ceremony", log(CEREMONY), None)
check("a reveal that does not fit", edited(CEREMONY, 6, value="33" * 32), "not what was committed to")
check("a reveal by another", edited(CEREMONY, 6, actor="b"), "another than the party speaks for it")
check("a commitment after the first reveal", log(CEREMONY[:5] + [CEREMONY[6], CEREMONY[5]] + CEREMONY[7:]), "ledger record 5")
check("the beacon typed by one operator twice", edited(CEREMONY, 9, actor="reg"), "no two operators have typed the same beacon")
check("the beacon before its time", edited(CEREMONY, 8, minute="01:59"), "typed before its time")
check("another seed", edited(CEREMONY, 10, seed="ff" * 32), "not that of the reveals and the beacon")

REQUEST = START + [
    ("01:01", "reg", "request", {"purpose": "waiver", "reason": "few experts", "expires": "2026-03-20T00:00Z", "batch": "K", "rule": "C13"}),
    ("01:02", "aud", "approve", {"request": lambda r: hashlib.sha256(b"\0" + r[1]).hexdigest()[:16]}),
    ("01:03", "reg", "batch.waiver", {"batch": "K", "freeze_id": ID, "rule": "C13", "request": lambda r: hashlib.sha256(b"\0" + r[1]).hexdigest()[:16]}),
]
check("good: asked, approved, done", log(REQUEST), None)
check("approved by who asks", edited(REQUEST, 2, actor="reg"), "who asked approves himself")
check("not approved", log(REQUEST[:2] + REQUEST[3:]), "was not approved")
check("another rule than was asked for", edited(REQUEST, 3, rule="C04"), "not what the request that it rests on asked for")
check("done twice", log(REQUEST + [REQUEST[3]]), "was used before")
check("approved too late", edited(REQUEST, 1, expires="2026-03-02T01:01Z"), "has expired")
check("a request of nowhere", edited(REQUEST, 3, request="00" * 8), "not in the log before it")
shutil.rmtree(WORK)
print(f"1..{number}")
sys.exit(1 if failed else 0)
