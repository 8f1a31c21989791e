#!/usr/bin/env python3
"""faults.py VEIL VEIL-VERIFY SHIM - a disk that fails once, at every sync and every write of an append and of a cosignature.

Nothing is acknowledged that is not there; what is there is whole; the next command finds it so or finishes it.
"""
import errno
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

VEIL, VERIFY, SHIM = sys.argv[1:4]
failures = []


def run(*args, fault=None, hit=None):
    env = dict(os.environ)
    if fault:
        env.update(LD_PRELOAD=SHIM, VEIL_TEST_FAULT=fault, VEIL_TEST_FAULT_HIT=str(hit))
    got = subprocess.run([str(a) for a in args], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=env)
    return got.returncode, got.stdout, got.stderr


def check(what, holds):
    if not holds:
        failures.append(what)
        print("not ok:", what)


def size(site):
    db = sqlite3.connect(site / "ledger/ledger.db")
    n = db.execute("SELECT count(*) FROM leaf").fetchone()[0]
    db.close()
    return n


def faults(tmp, attempt, kind, *more):
    """attempt(fault, hit) with the first, second, ... sync or write failing, until one is never reached; how many were."""
    for n in range(1, 80):
        hit = tmp / "hit"
        hit.unlink(missing_ok=True)
        attempt(" ".join([kind, str(n), *map(str, more)]), hit)
        if not hit.exists():
            return n - 1
    return 80


with tempfile.TemporaryDirectory() as tmp:
    tmp = pathlib.Path(tmp)
    site, witness = tmp / "site", tmp / "witness"
    check("init", run(VEIL, "init", site, "--rehearsal")[0] == 0)
    for _ in range(3):
        check("heartbeat", run(VEIL, "ledger", "heartbeat", "--site", site)[0] == 0)

    def append(fault, hit):
        """14 fsync failing once, 13 ENOSPC and EIO."""
        before = size(site)
        code, _, err = run(VEIL, "ledger", "heartbeat", "--site", site, fault=fault, hit=hit)
        after = size(site)
        check(f"append, {fault}: a crash, {err}", 0 <= code < 8 and "Sanitizer" not in err)
        check(f"append, {fault}: acknowledged and gone", code != 0 or after == before + 1)
        check(f"append, {fault}: {after - before} records", after - before in (0, 1))
        check(f"append, {fault}: failed without a word", code == 0 or err.startswith("veil: "))
        code, _, err = run(VEIL, "ledger", "checkpoint", "--site", site)
        check(f"append, {fault}: what is there holds: {err}", code == 0)

    reached = [faults(tmp, append, "sync"), faults(tmp, append, "write", errno.ENOSPC), faults(tmp, append, "write", errno.EIO)]
    check(f"every sync and write of an append was struck: {reached}", reached[0] >= 4 and reached[1] >= 8 and reached[1] == reached[2])
    got = run(VERIFY, "ledger", site / "ledger/ledger.db", "--key", site / "ledger/vkey")
    check(f"the log verifies: {got}", got[0] == 0)

    check("witness", run(VEIL, "ledger", "witness", "key", "--state", witness, "--name", "w.example", "--log", site / "ledger/vkey", "--plain")[0] == 0)
    check("export", run(VEIL, "ledger", "export", tmp / "copy", "--site", site)[0] == 0)
    check("first", run(VEIL, "ledger", "witness", "--state", witness, "--first", tmp / "copy")[0] == 0)
    before = (witness / "state").read_text(encoding="utf-8")
    old = int(before.split("\n")[1].split()[1])
    check("heartbeat", run(VEIL, "ledger", "heartbeat", "--site", site)[0] == 0)
    proof = tmp / "proof"
    proof.write_text(run(VEIL, "ledger", "prove", "--from", old, "--site", site)[1], encoding="utf-8")

    def cosign(fault, hit):
        victim = tmp / "victim"
        shutil.rmtree(victim, ignore_errors=True)
        shutil.copytree(witness, victim)
        code, out, err = run(VEIL, "ledger", "witness", "--state", victim, proof, fault=fault, hit=hit)
        state = (victim / "state").read_text(encoding="utf-8")
        check(f"cosign, {fault}: a crash, {err}", 0 <= code < 8 and "Sanitizer" not in err)
        check(f"cosign, {fault}: a signature left before the state stood", not out or f"size {old + 1}\n" in state)
        check(f"cosign, {fault}: a state that is neither", state == before or f"size {old + 1}\n" in state)
        # Run again: he signs, from whichever state, or asks for the proof he has no need of any more.
        code, _, err = run(VEIL, "ledger", "witness", "--state", victim, proof)
        check(f"cosign, {fault}: again: {err}", code == 0)

    reached = [faults(tmp, cosign, "sync"), faults(tmp, cosign, "write", errno.ENOSPC)]
    check(f"every sync and write of a cosignature was struck: {reached}", min(reached) >= 3)

print(f"{len(failures)} failures" if failures else "a disk that fails once loses nothing")
sys.exit(1 if failures else 0)
