#!/usr/bin/env python3
"""Later draws against veil-verify: what veil draws passes by every method; a forger who writes file, roots and log as he likes does not.

usage: later.py VEIL VEIL_VERIFY VEIL_DEMO
"""
import hashlib
import json
import os
import pathlib
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile

VEIL, VERIFY, DEMO = (os.path.abspath(p) for p in sys.argv[1:4])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-later-"))
SITE = WORK / "site"
number = failed = 0


def point(good, what, detail=""):
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        print("\n".join("# " + line for line in str(detail)[:3000].splitlines()), flush=True)


def run(*args, by="op1"):
    full = {**os.environ, "VEIL_SITE": str(SITE), "VEIL_OPERATOR": by, "TMPDIR": str(WORK)}
    return subprocess.run([str(a) for a in args], env=full, cwd=WORK, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def must(*args):
    got = run(*args)
    if got.returncode != 0:
        point(False, " ".join(str(a) for a in args[1:5]), got.stderr + got.stdout)
    return got


def rows(path, sql):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    found = db.execute(sql).fetchall()
    db.close()
    return found


# --- the forger: roots by formats.md 2, a log of his own without operators or checkpoint ---------------------------------------------------

def tree(leaves):
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + tree(leaves[:k]) + tree(leaves[k:])).digest()


def encode(table, row):
    out = table.encode() + b"\0"
    for v in row:
        if v is None:
            out += b"N"
        elif isinstance(v, int):
            out += b"I" + struct.pack("<q", v)
        else:
            b = v.encode() if isinstance(v, str) else bytes(v)
            out += (b"T" if isinstance(v, str) else b"B") + struct.pack("<I", len(b)) + b
    return out


def draw_root(db, n):
    return tree([encode(t, r) for t, key, order in (("draw", "n", "n"), ("odds", "draw", "draw, project"), ("lottery", "draw", "draw, n"), ("assignment", "draw", "project, reviewer"))
                 for r in db.execute(f"SELECT * FROM {t} WHERE {key} = {n} ORDER BY {order}")]).hex()


def drop_triggers(db):
    for trigger, in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {trigger}")


def judged(name, n, change):
    """change(db) on a copy of the site; draw n's record and intent say what the file then says."""
    copy = WORK / "forged"
    shutil.copytree(SITE, copy)
    db = sqlite3.connect(copy / f"draw/{name}.veil")
    drop_triggers(db)
    change(db)
    db.commit()
    said = dict(zip(("seed", "objective", "bound"), db.execute("SELECT seed, objective, bound FROM draw WHERE n = ?", (n,)).fetchone()))
    said["draw-root"] = draw_root(db, n)
    db.close()
    log = sqlite3.connect(copy / "ledger/ledger.db")
    drop_triggers(log)
    records = [record.decode().split("\n") for record, in log.execute("SELECT CAST(record AS BLOB) FROM leaf ORDER BY seq")]
    log.execute("DELETE FROM leaf")
    records = [[line for line in r if line.split(" ")[0] not in ("registry-size", "imports", "suspensions", "merges")] for r in records]  # of records that are not kept
    kept = [r for r in records if any(line == "act site.init" or line.startswith("act batch.") for line in r)]
    kept[0] = [line for line in kept[0] if not line or line.split(" ")[0] in ("veil-log/v2", "seq", "time", "origin", "actor", "role", "act", "rehearsal", "suite", "blind")]
    for seq, lines in enumerate(kept):
        if any(a in lines for a in ("act batch.draw", "act batch.draw.intent")) and f"draw {n}" in lines and f"batch {name}" in lines:
            lines = [f"{k} {said[k]}" if (k := line.split(" ")[0]) in said else line for line in lines]
        lines = [f"seq {seq}" if line.startswith("seq ") else "veil-log/v1" if line == "veil-log/v2" else line for line in lines if not line.startswith("sig")]
        log.execute("INSERT INTO leaf(seq, record) VALUES (?, CAST(? AS BLOB))", (seq, "\n".join(lines).encode()))
    log.commit()
    log.close()
    (copy / "ledger/checkpoint").unlink(missing_ok=True)
    for note in (copy / "ledger/checkpoints").glob("*"):
        note.unlink()
    got = run(VERIFY, "batch", copy / f"draw/{name}.veil")
    shutil.rmtree(copy)
    return got


def forged(what, name, n, change, reason):
    got = judged(name, n, change)
    reasons = (reason,) if isinstance(reason, str) else reason
    point((got.returncode == 5 and any(r in got.stderr for r in reasons)) if reason else got.returncode == 0, f"{name}: {what}", f"wanted: {reason}\n{got.returncode} {got.stdout}{got.stderr}")


def seed_changed(what, name, n):
    """A few places can fall to the same people by another seed as well, and then nothing is wrong; not by each of twelve."""
    def change(db):
        seed = db.execute("SELECT seed FROM draw WHERE n = ?", (n,)).fetchone()[0]
        db.execute("UPDATE draw SET seed = ? WHERE n = ?", (f"{int(seed[:2], 16) ^ flip:02x}{seed[2:]}", n))

    rejected = [0, 0]  # for this reason, for another
    for flip in range(1, 13):
        got = judged(name, n, change)
        rejected[0] += got.returncode == 5 and "not the people that odds and seed give" in got.stderr
        rejected[1] += got.returncode != 0 and "not the people that odds and seed give" not in got.stderr
        if rejected[0] or rejected[1]:
            break
    point(rejected == [1, 0], f"{name}: {what}", f"{rejected} {got.returncode} {got.stdout}{got.stderr}")


# --- a batch of each method, twice drawn again --------------------------------------------------------------------------

lists = WORK / "lists"
must(DEMO, "--out", lists, "--seed", "3", "--experts", "600", "--projects", "12")
must(VEIL, "init", SITE, "--rehearsal")
for kind in ("disciplines", "organisations", "experts", "posts", "relations", "bans"):
    must(VEIL, "import", kind, lists / f"{kind}.csv")
sections = "".join("[" + s for s in (lists / "policy.ini").read_text().split("[")[1:] if not s.startswith(("batch]", "panel.", "share.", "team]", "draw]", "fair]")))
RULES = "[panel.employer]\nattribute=employer\nmax=1\n[panel.province]\nattribute=province\nmax=4\n"
BATCHES = {
    "T": ("total", "[panel.employer]\nattribute=employer\nmax=1\n"), "F": ("fair", "[panel.employer]\nattribute=employer\nmax=1\n"),
    "E": ("fair", "[fair]\nequity=true\n[panel.employer]\nattribute=employer\nmax=1\n"), "D": ("draw", "[panel.employer]\nattribute=employer\nmax=1\n"), "R": ("total", RULES), "L": ("draw", RULES),
}
for name, (method, rules) in BATCHES.items():
    (WORK / "policy.ini").write_text(f"[batch]\ndemand=5\nreserves=2\nmax_load=3\nmethod={method}\nodds=0.5\nsmallest_set=0\n{rules}{sections}")
    must(VEIL, "batch", "new", name, "--policy", WORK / "policy.ini", "--projects", lists / "projects.csv", "--people", lists / "people.csv")
    must(VEIL, "batch", "freeze", name, "--as-of", "2026-03-01")
    must(VEIL, "batch", "draw", name)
    file = SITE / f"draw/{name}.veil"
    sitting = rows(file, "SELECT project, reviewer FROM assignment WHERE role = 'panel' AND project IN (SELECT code FROM project ORDER BY code LIMIT 4) ORDER BY project, place")
    for i, (p, r) in enumerate(sitting):
        if i % 5 < 4:
            must(VEIL, "batch", "replace", name, "--project", p, "--reviewer", r, "--reason", "declined")
    strangers = rows(file, "SELECT code FROM reviewer WHERE code NOT IN (SELECT reviewer FROM assignment) ORDER BY code LIMIT 1")
    must(VEIL, "batch", "withdraw", name, "--reviewer", strangers[0][0])
    must(VEIL, "batch", "draw", name, "--top-up", "--reason", "four declined")
    must(VEIL, "batch", "draw", name, "--round", "--add", "1", "--reason", "a further opinion")
    got = run(VERIFY, "batch", file)
    point(got.returncode == 0 and len(rows(file, "SELECT n FROM draw")) == 3, f"{name}: {method}, a top-up and a round", got.stdout + got.stderr)
    forged("the forger's writing by itself", name, 2, lambda db: None, None)


def swap_seat(db):
    """A seat of the top-up goes to somebody else on the list who has room and is of no employer there."""
    p, r, place = db.execute("SELECT project, reviewer, place FROM assignment WHERE draw = 2 AND role = 'panel' ORDER BY project, place LIMIT 1").fetchone()
    codes = [c for c, in db.execute("SELECT code FROM reviewer ORDER BY code")]
    blob = db.execute("SELECT candidates FROM project WHERE code = ?", (p,)).fetchone()[0]
    employer = dict(db.execute("SELECT code, employer FROM reviewer"))
    here = {employer[c] for c, in db.execute("SELECT reviewer FROM assignment WHERE project = ?", (p,))}
    taken = {c for c, in db.execute("SELECT reviewer FROM assignment")}
    code, score = [(codes[i], s) for i, s in struct.iter_unpack("<Ii", blob) if codes[i] not in taken and employer[codes[i]] not in here][-1]
    db.execute("UPDATE assignment SET reviewer = ?, score = ? WHERE project = ? AND reviewer = ?", (code, score, p, r))


def odds_of(db):
    """Of the project with the longest list: one that has no more candidates than places has its odds settled."""
    p, blob = db.execute("SELECT project, entries FROM odds WHERE draw = 2 ORDER BY length(entries) DESC, project LIMIT 1").fetchone()
    return p, [list(e) for e in struct.iter_unpack("<II", blob)]


def put_odds(db, p, entries):
    db.execute("UPDATE odds SET entries = ? WHERE draw = 2 AND project = ?", (b"".join(struct.pack("<II", *e) for e in entries), p))


def move(db, amount, sum_off=0):
    p, e = odds_of(db)
    a, b = sorted(range(len(e)), key=lambda i: e[i][1])[len(e) // 2:][:2]
    e[a][1] -= amount
    e[b][1] += amount + sum_off
    put_odds(db, p, e)


def above_the_cap(db):
    p, e = odds_of(db)
    e[0][1] = 9999
    put_odds(db, p, e)


def whole(db):
    p, e = odds_of(db)
    put_odds(db, p, [[i, 10000] for i, _ in e[:sum(n for _, n in e) // 10000]])


def certificate(**new):
    def change(db):
        text = json.loads(db.execute("SELECT certificate FROM draw WHERE n = 2").fetchone()[0])
        text.update(new)
        db.execute("UPDATE draw SET certificate = ? WHERE n = 2", (json.dumps(text, separators=(",", ":"), sort_keys=True),))
    return change


def price(db):
    """Of somebody who could have been drawn: a price where no load is left costs nothing."""
    codes = [c for c, in db.execute("SELECT code FROM reviewer ORDER BY code")]
    taken = {c for c, in db.execute("SELECT reviewer FROM assignment UNION ALL SELECT reviewer FROM event WHERE reviewer IS NOT NULL")}
    at = 8 * next(i for i, c in enumerate(codes) if c not in taken)
    blob = bytearray(db.execute("SELECT prices FROM draw WHERE n = 2").fetchone()[0])
    struct.pack_into("<q", blob, at, struct.unpack_from("<q", blob, at)[0] + 900000000)
    db.execute("UPDATE draw SET prices = ? WHERE n = 2", (bytes(blob),))


forged("odds of the top-up moved between two", "D", 2, lambda db: move(db, 30), "odds: ")
forged("odds that do not add up", "D", 2, lambda db: move(db, 10, 5), "do not add up to its places")
forged("odds above the cap", "D", 2, above_the_cap, "odds: ")
forged("people of certainty", "D", 2, whole, "odds: ")
forged("no odds", "D", 2, lambda db: db.execute("DELETE FROM odds WHERE draw = 2"), "do not add up to its places")
forged("a cap of one's own", "D", 2, certificate(odds_cap=9000), "their cap is not the policy's")
forged("a perturbation of one's own", "D", 2, certificate(perturbation=900000), "band or perturbation is not the policy's")
forged("more expected", "D", 2, lambda db: db.execute("UPDATE draw SET objective = objective + 1 WHERE n = 2"), "expected total is not the one")
forged("a bound of one's own", "D", 2, lambda db: db.execute("UPDATE draw SET bound = bound + 1 WHERE n = 2"), "prices do not give the bound")
forged("a seat of the top-up swapped", "D", 2, swap_seat, "not the people that odds and seed give")
seed_changed("another seed", "D", 2)
forged("a price bent", "D", 2, price, "odds: ")
seed_changed("the round's seed changed", "D", 3)
forged("a cap of one's own in the first draw", "D", 1, lambda db: db.execute("UPDATE draw SET certificate = replace(certificate, '\"odds_cap\":5000', '\"odds_cap\":9000') WHERE n = 1"),
       "their cap is not the policy's")
forged("a seat of the top-up swapped", "T", 2, swap_seat, ("its objective is not the sum", "not in the order that the seed gives"))
forged("a bound of one's own", "T", 2, lambda db: db.execute("UPDATE draw SET bound = bound - 1 WHERE n = 2"), "prices do not give its bound")
forged("an objective of one's own", "T", 2, lambda db: db.execute("UPDATE draw SET objective = objective - 1 WHERE n = 2"), "objective is not the sum")
forged("a price bent", "T", 2, price, "prices do not give its bound")
forged("places in another order", "T", 2, lambda db: db.execute("UPDATE assignment SET place = 3 - place WHERE draw = 2 AND role = 'panel'"), "not in the order that the seed gives")
forged("a minimum of one's own", "F", 2, lambda db: db.execute("UPDATE draw SET certificate = replace(certificate, '\"value\":', '\"value\":1') WHERE n = 2"), "not the total of the worst-served")


def load_cap(n, **new):
    """The cap of draw n, its bound or its proof changed."""
    def change(db):
        text = json.loads(db.execute("SELECT certificate FROM draw WHERE n = ?", (n,)).fetchone()[0])
        text["load_cap"].update({name: value(text["load_cap"]) for name, value in new.items()})
        db.execute("UPDATE draw SET certificate = ? WHERE n = ?", (json.dumps(text, separators=(",", ":"), sort_keys=True), n))
    return change


def no_load_cap(db):
    text = json.loads(db.execute("SELECT certificate FROM draw WHERE n = 1").fetchone()[0])
    del text["load_cap"]
    db.execute("UPDATE draw SET certificate = ? WHERE n = 1", (json.dumps(text, separators=(",", ":"), sort_keys=True),))


caps = [json.loads(text)["load_cap"] for text, in rows(SITE / "draw/E.veil", "SELECT certificate FROM draw ORDER BY n")]
loads = [max(n for n, in rows(SITE / "draw/E.veil", f"SELECT count(*) FROM assignment WHERE (draw < {d} OR (draw = {d} AND role = 'panel')) AND reviewer IN "
                              f"(SELECT reviewer FROM assignment WHERE draw = {d} AND role = 'panel') GROUP BY reviewer")) for d in (1, 2, 3)]
point(all(have <= cap["value"] and cap["bound"] <= cap["value"] for have, cap in zip(loads, caps)), "E: caps are kept, places of earlier draws counted", (loads, caps))
minutes = WORK / "minutes.html"
must(VEIL, "batch", "minutes", "E", "--out", minutes)
point(caps[0]["value"] > 0 and "Cap on loads" in minutes.read_text(), "E: the minutes say the cap", caps)
forged("a cap of nobody", "E", 1, no_load_cap, "no cap on them")
forged("a cap that the panels break", "E", 1, load_cap(1, value=lambda c: 0, bound=lambda c: 0), "bound of its cap on loads")
forged("a bound above the cap", "E", 1, load_cap(1, bound=lambda c: c["value"] + 1), "bound of its cap on loads")
forged("a proof that is none", "E", 1, load_cap(1, bound=lambda c: c["value"], value=lambda c: c["value"], prices=lambda c: {}, weights=lambda c: {}), None if caps[0]["bound"] == 1 else "smaller cap on loads")


def resigned(what, old, new, reason):
    copy = WORK / "resigned"
    shutil.copytree(SITE, copy)
    log = sqlite3.connect(copy / "ledger/ledger.db")
    drop_triggers(log)
    log.execute("UPDATE leaf SET record = CAST(replace(CAST(record AS TEXT), ?, ?) AS BLOB) WHERE seq = (SELECT max(seq) FROM leaf)", (old, new))
    log.commit()
    log.close()
    (copy / "ledger/checkpoint").unlink()
    got = run(VERIFY, "ledger", copy / "ledger/ledger.db")
    point(got.returncode == 5 and reason in got.stderr, what, got.stdout + got.stderr)
    shutil.rmtree(copy)


resigned("a signed record under another name", "\nactor op1\n", "\nactor op9\n", "no operator at this point")
resigned("a signed record changed", "\nbatch E\n", "\nbatch T\n", "signature does not hold")
shutil.rmtree(WORK)
print(f"1..{number}")
sys.exit(1 if failed else 0)
