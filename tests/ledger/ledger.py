#!/usr/bin/env python3
"""ledger.py VEIL VEIL-VERIFY - the ledger's commands from outside, and both programs before a log that was tampered with."""
import base64
import hashlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

VEIL, VERIFY = sys.argv[1:3]
failures = []


def run(*args):
    got = subprocess.run(args, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return got.returncode, got.stdout, got.stderr


def check(what, holds):
    if not holds:
        failures.append(what)
        print("not ok:", what)


def veil(site, *args):
    return run(VEIL, *args, "--site", str(site))


def root_from(proof):
    """The root that a tlog-proof's hashes lead to, by RFC 9162 2.1.3.2, and what its checkpoint says."""
    head, note = proof.split("\n\n", 1)
    lines = head.split("\n")
    size = int(note.split("\n")[1])
    return lines[0], int(lines[1].split()[1]), [base64.b64decode(h) for h in lines[2:]], size, base64.b64decode(note.split("\n")[2])


def climb(index, size, leaf, path):
    fn, sn, h = index, size - 1, leaf
    for p in path:
        if fn & 1 or fn == sn:
            h = hashlib.sha256(b"\1" + p + h).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            h = hashlib.sha256(b"\1" + h + p).digest()
        fn, sn = fn >> 1, sn >> 1
    return h if sn == 0 else None


def tamper(site, *statements):
    db = sqlite3.connect(site / "ledger/ledger.db", isolation_level=None)
    for name in ("leaf_appends", "leaf_stays", "leaf_remains"):
        db.execute(f"DROP TRIGGER IF EXISTS {name}")
    for statement in statements:
        db.execute(*statement)
    db.close()


def disciplines(folder, n):
    path = folder / f"d{n}.csv"
    path.write_text(f"scheme,code,name\nX,{n},field {n}\n", encoding="utf-8")
    return str(path)


with tempfile.TemporaryDirectory() as tmp:
    tmp = pathlib.Path(tmp)
    site = tmp / "site"
    check("init", run(VEIL, "init", str(site), "--rehearsal")[0] == 0)
    for n in range(6):
        code, _, err = veil(site, "import", "disciplines", disciplines(tmp, n))
        check(f"import {n}: {err}", code == 0)

    code, out, err = veil(site, "ledger", "checkpoint", "--json")
    check(f"checkpoint: {err}", code == 0)
    said = json.loads(out)
    size = said["size"]
    check("an import leaves a record", size >= 7)
    check("the note is kept", pathlib.Path(said["path"]).name == f"{size}.note" and os.path.exists(said["path"]))
    code, out, _ = veil(site, "ledger", "checkpoint")
    check("again: the same note", code == 0 and out.strip() == said["path"])
    note = pathlib.Path(said["path"]).read_text(encoding="utf-8")

    db = sqlite3.connect(f"file:{site}/ledger/ledger.db?mode=ro", uri=True)
    records = [r for (r,) in db.execute("SELECT record FROM leaf ORDER BY seq")]
    db.close()
    for seq, record in enumerate(records):
        code, out, err = veil(site, "ledger", "prove", str(seq))
        check(f"prove {seq}: {err}", code == 0)
        first, index, path, n, root = root_from(out)
        check(f"prove {seq}: form", first == "c2sp.org/tlog-proof@v1" and index == seq and n == size)
        check(f"prove {seq}: leads to the root", climb(seq, n, hashlib.sha256(b"\0" + record).digest(), path) == root)
    check("no such record: 6", veil(site, "ledger", "prove", str(size))[0] == 6)
    for bad in ("x", "-1", "1e3", ""):
        check(f"prove {bad!r}: 2", veil(site, "ledger", "prove", "--", bad)[0] == 2)

    copy = tmp / "copy.db"
    check("export", veil(site, "ledger", "export", str(copy))[0] == 0)
    check("export does not overwrite: 6", veil(site, "ledger", "export", str(copy))[0] == 6)
    seen = ["--checkpoint", f"{copy}.checkpoint", "--key", f"{copy}.vkey"]
    code, out, err = run(VERIFY, "ledger", str(copy), *seen)
    check(f"the copy verifies: {out}{err}", code == 0)

    held = tmp / "held.note"
    held.write_text(note, encoding="utf-8")
    vkey = tmp / "held.vkey"
    shutil.copy(site / "ledger/vkey", vkey)

    def both_refuse(what, attack, *statements, drop=()):
        """A fresh copy of the site, one attack: veil's checkpoint and the auditor's program both say 5."""
        victim = tmp / "victim"
        shutil.copytree(site, victim)
        tamper(victim, *statements)
        for name in drop:
            path = victim / "ledger" / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if attack:
            attack(victim)
        code, _, err = veil(victim, "ledger", "checkpoint")
        check(f"{what}: veil ledger checkpoint says 5, got {code} {err}", code == 5 or (drop and code == 0))
        check(f"{what}: one line", drop or err.count("\n") == 1)
        code, out, err = run(VERIFY, "ledger", str(victim / "ledger/ledger.db"), "--checkpoint", str(held), "--key", str(vkey))
        check(f"{what}: veil-verify says 5, got {code} {out}{err}", code == 5)
        shutil.rmtree(victim)

    flipped = records[3].replace(b"\nrole registrar\n", b"\nrole registrax\n")
    check("there is something to flip", flipped != records[3])
    both_refuse("a flipped record", None, ("UPDATE leaf SET record = ? WHERE seq = 3", (flipped,)))
    both_refuse("a record that is none", None, ("UPDATE leaf SET record = ? WHERE seq = 3", (records[3] + b"\n",)))
    both_refuse("two records swapped", None, ("UPDATE leaf SET record = ? WHERE seq = 3", (records[4],)),
                ("UPDATE leaf SET record = ? WHERE seq = 4", (records[3],)))
    both_refuse("the last record cut", None, ("DELETE FROM leaf WHERE seq = ?", (size - 1,)), ("DELETE FROM node WHERE level = 0 AND idx = ?", (size - 1,)))
    both_refuse("a record from the middle", None, ("DELETE FROM leaf WHERE seq = 2",))
    both_refuse("the whole log", None, ("DELETE FROM leaf",), ("DELETE FROM node",))
    # Whoever cuts the log and throws every checkpoint away deceives the site, not the one who holds a note.
    nodes = [("DELETE FROM node WHERE idx >= (? >> level)", (size - 1,))]
    both_refuse("the last record cut, checkpoints thrown away", None, ("DELETE FROM leaf WHERE seq = ?", (size - 1,)), *nodes,
                drop=("checkpoint", "checkpoints"))

print(f"{len(failures)} failures" if failures else "the ledger's commands hold")
sys.exit(1 if failures else 0)
