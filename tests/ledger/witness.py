#!/usr/bin/env python3
"""witness.py VEIL VEIL-VERIFY - witnesses on machines of their own: forks, cuts, races, rollbacks, pasted lines; then a site that was put back from a copy.

Named after the attacks on a log by the owner of its files.
"""
import base64
import hashlib
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

VEIL, VERIFY = sys.argv[1:3]
failures = []
number = 0


def run(*args, env=None):
    got = subprocess.run([str(a) for a in args], stdin=subprocess.DEVNULL, capture_output=True, text=True, env={**os.environ, **(env or {})})
    return got.returncode, got.stdout, got.stderr


def check(what, holds, detail=""):
    global number
    number += 1
    print(f"{'ok' if holds else 'not ok'} {number} - {what}", flush=True)
    if not holds:
        failures.append(what)
        print("\n".join("# " + line for line in str(detail).splitlines()), flush=True)


def says(what, got, code, *words):
    """Exit status and a line that says why."""
    check(what, got[0] == code and all(word in got[2] for word in words), f"exit {got[0]} instead of {code}, {words}: {got[2]}")


def veil(site, *args):
    return run(VEIL, *args, "--site", site)


def grow(site, n=1):
    for _ in range(n):
        code, _, err = veil(site, "ledger", "heartbeat")
        check("heartbeat", code == 0, err)


def size_of(text):
    return int(text[text.index("\n\n") + 2 if text.startswith("old ") else 0:].split("\n")[1])


def note(site):
    return (site / "ledger/checkpoint").read_text(encoding="utf-8")


def state(witness):
    return (witness / "state").read_bytes()


def cosign(witness, *files, first=False, also=()):
    extra = ["--first"] if first else []
    for other in also:
        extra += ["--also", other]
    return run(VEIL, "ledger", "witness", "--state", witness, *extra, *files)


def new_witness(tmp, name, vkey):
    folder = tmp / name
    code, out, err = run(VEIL, "ledger", "witness", "key", "--state", folder, "--name", f"{name}.example", "--log", vkey, "--plain")
    check("witness key", code == 0 and out.startswith(f"{name}.example+"), err)
    return folder, out.strip()


def put(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def prove(site, old, path, *more):
    code, out, err = veil(site, "ledger", "prove", "--from", old, *more)
    check(f"prove --from {old}: {err}", code == 0)
    return put(path, out)


def consistent(old, root1, text):
    """The proof by other code than veil's: RFC 9162 2.1.4.2."""
    head, shown = text.split("\n\n", 1)
    lines = head.split("\n")
    new, root2 = int(shown.split("\n")[1]), base64.b64decode(shown.split("\n")[2])
    proof = [base64.b64decode(h) for h in lines[1:]]
    check("at most 20 hashes", len(proof) <= 20)
    if old & (old - 1) == 0:
        proof.insert(0, root1)
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for c in proof[1:]:
        if fn & 1 or fn == sn:
            fr, sr = hashlib.sha256(b"\1" + c + fr).digest(), hashlib.sha256(b"\1" + c + sr).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = hashlib.sha256(b"\1" + sr + c).digest()
        fn, sn = fn >> 1, sn >> 1
    return lines[0] == f"old {old}" and sn == 0 and fr == root1 and sr == root2


with tempfile.TemporaryDirectory() as tmp:
    tmp = pathlib.Path(tmp)
    site = tmp / "site"
    check("init", run(VEIL, "init", site, "--rehearsal")[0] == 0)
    grow(site, 4)
    early = tmp / "early"
    shutil.copytree(site, early)
    vkey = site / "ledger/vkey"
    w1, key1 = new_witness(tmp, "w1", vkey)
    w2, key2 = new_witness(tmp, "w2", vkey)
    says("a witness is made once", run(VEIL, "ledger", "witness", "key", "--state", w1, "--name", "x", "--log", vkey, "--plain"), 6)
    says("a log's key is needed", run(VEIL, "ledger", "witness", "key", "--state", tmp / "w3", "--name", "x", "--log", "nonsense", "--plain"), 2)
    code, _, err = veil(site, "ledger", "witnesses", "--quorum", 2, "--key", key1, "--key", key2)
    check("witnesses", code == 0, err)

    # --- the first time -----------------------------------------------------------------------------------------------
    copy = tmp / "copy.db"
    check("export", veil(site, "ledger", "export", copy)[0] == 0)
    says("no state, not told that it is the first time", cosign(w1, copy), 6, "--first")
    check("nothing was promised", not (w1 / "state").exists())
    code, line1, err = cosign(w1, copy, first=True)
    check("the first cosignature", code == 0 and line1.startswith("\u2014 w1.example ") and line1.count("\n") == 1, err)
    blob = base64.b64decode(line1.split()[2])
    check("key id, time, signature", len(blob) == 76 and abs(int.from_bytes(blob[4:12], "big") - time.time()) < 60 and blob[:4].hex() == key1.split("+")[1])
    code, line2, err = cosign(w2, copy, first=True)
    check("the second witness", code == 0, err)
    n1 = size_of((tmp / "copy.db.checkpoint").read_text(encoding="utf-8"))
    root1 = base64.b64decode((tmp / "copy.db.checkpoint").read_text(encoding="utf-8").split("\n")[2])
    code, out, _ = run(VEIL, "ledger", "witness", "status", "--state", w1)
    check("status", code == 0 and str(n1) in out)

    # --- taken in ------------------------------------------------------------------------------------------------------
    c1, c2 = put(tmp / "c1", line1), put(tmp / "c2", line2)
    code, out, err = veil(site, "ledger", "cosign", c1, c2, "--csv")
    check("cosign", code == 0 and out.count("\n") == 3 and ",yes" in out, err)
    kept = (site / f"ledger/checkpoints/{n1}.note").read_text(encoding="utf-8")
    check("both lines are on the note", line1 in kept and line2 in kept)
    check("again changes nothing", veil(site, "ledger", "cosign", c1)[0] == 0 and (site / f"ledger/checkpoints/{n1}.note").read_text(encoding="utf-8").count("w1.example") == 1)
    says("a changed line", veil(site, "ledger", "cosign", put(tmp / "bad", line1.replace("A", "B", 1) if "A" in line1 else line1[:-3] + "\n")), 5)
    says("a line cut off", veil(site, "ledger", "cosign", put(tmp / "bad", line1[:-1])), 5, "cut off")
    code, _, err = veil(site, "ledger", "checkpoint")
    check("the thorough checkpoint takes the notes", code == 0, err)

    # --- history goes on -------------------------------------------------------------------------------------------------
    grow(site, 3)
    p = prove(site, n1, tmp / "p")
    check("the proof holds by other code", consistent(n1, root1, p.read_text(encoding="utf-8")))
    says("8: a pasted cosignature: of the old checkpoint, on the new one", veil(site, "ledger", "cosign", put(tmp / "bad", note(site) + line1)), 0)
    check("8: it stays off the new one", line1 not in "".join(f.read_text(encoding="utf-8") for f in (site / "ledger/checkpoints").glob("*.note") if f.name != f"{n1}.note"))
    before = state(w1)
    says("a bare note of a larger size", cosign(w1, put(tmp / "n", note(site))), 6, f"prove --from {n1}")
    text = p.read_text(encoding="utf-8")
    hashes = text.split("\n\n")[0].split("\n")[1:]
    flipped = base64.b64encode(bytes([base64.b64decode(hashes[0])[0] ^ 16]) + base64.b64decode(hashes[0])[1:]).decode()
    for what, forged, code in (
            ("9: an empty proof", f"old {n1}\n\n" + text.split("\n\n", 1)[1], 5),
            ("9: a changed hash", text.replace(hashes[0], flipped, 1), 5),
            ("9: garbage behind", text.replace("\n\n", f"\n{hashes[0]}\n\n", 1), 5),
            ("9: garbage before", text.replace("\n", f"\n{hashes[0]}\n", 1), 5),
            ("9: one hash too few", text.replace(hashes[-1] + "\n", "", 1), 5),
            ("9: a size that is none of his", text.replace(f"old {n1}", f"old {n1 - 1}", 1), 6),
            ("9: a leading zero", text.replace(f"old {n1}", f"old 0{n1}", 1), 5),
            ("9: 64 hashes", text.replace("\n\n", "\n" + "\n".join(hashes[:1] * 64) + "\n\n", 1), 5),
            ("9: a hash with a blank", text.replace(hashes[0], hashes[0][:-1] + " ", 1), 5),
            ("10: CRLF", text.replace("\n", "\r\n"), 5),
            ("10: a size with a zero in front", text.replace(f"\n{size_of(text)}\n", f"\n0{size_of(text)}\n", 1), 5),
            ("10: no checkpoint", text.split("\n\n")[0] + "\n\n", 5),
            ("an empty file", "", 5)):
        says(what, cosign(w1, put(tmp / "forged", forged)), code)
    check("nothing of that moved his state", state(w1) == before)
    code, line1b, err = cosign(w1, p)
    check("the next cosignature", code == 0, err)
    n2 = size_of(text)
    says("the next line is taken in", veil(site, "ledger", "cosign", put(tmp / "c", line1b)), 0)

    # --- 6 races: N and N+K at once ------------------------------------------------------------------------------------------
    grow(site, 1)
    race = [prove(site, n2, tmp / "r0")]
    grow(site, 2)
    race.append(prove(site, n2, tmp / "r1"))
    children = [subprocess.Popen([VEIL, "ledger", "witness", "--state", str(w1), str(f)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for f in race * 2]
    done = [(c.communicate(), c.returncode) for c in children]
    sizes = [int(l.split()[1]) for l in (w1 / "history").read_text(encoding="utf-8").split("\n") if l]
    check(f"6: sizes in his history never fall: {sizes}", sizes == sorted(sizes))
    check("6: as many lines as entries", sum(1 for (out, _), code in done if code == 0 and out) == len(sizes) - 2)
    check("6: one of them won", any(code == 0 for _, code in done))
    # The proof from before the race no longer leads from where he stands; one from there does, whoever won.
    p = prove(site, sizes[-1], tmp / "p")
    check("6: the larger one", cosign(w1, p)[0] == 0)
    sizes.append(size_of(p.read_text(encoding="utf-8")))
    says("6: the smaller one afterwards", cosign(w1, race[0]), 6)
    n3 = sizes[-1]
    w1_now = state(w1)

    # --- 1, 4, 5 another history --------------------------------------------------------------------------------------------
    fork = tmp / "fork"
    shutil.copytree(early, fork)
    grow(fork, n3 - size_of(note(fork)))
    check("the fork is as long", size_of(note(fork)) == n3 and note(fork) != note(site))
    fork_note = note(fork)
    got = cosign(w1, put(tmp / "n", fork_note))
    says("5: one size, two roots", got, 5, "FORK", "evidence")
    evidence = list((w1 / "evidence").glob("*.txt"))
    check("5: evidence has both notes", len(evidence) == 1 and fork_note in evidence[0].read_text(encoding="utf-8") and
          base64.b64encode(base64.b64decode(note(site).split("\n")[2])).decode() in evidence[0].read_text(encoding="utf-8"))
    grow(fork, 5)
    says("1: a rewritten history, its own proof", cosign(w1, prove(fork, n3, tmp / "p")), 5, "does not lead")
    fork_copy = tmp / "fork.db"
    check("export of the fork", veil(fork, "ledger", "export", fork_copy)[0] == 0)
    says("1: a rewritten history, all of it", cosign(w1, fork_copy), 5, "FORK", "evidence")
    check("the state is untouched", state(w1) == w1_now)
    says("5: what another witness was shown", cosign(w2, prove(site, n1, tmp / "p"), also=[put(tmp / "n", fork_note)]), 5, "FORK", "evidence")
    says("5: another witness has seen more", cosign(w2, prove(site, n1, tmp / "p"), also=[put(tmp / "n", note(fork))]), 5, "ask the site")
    code, _, err = cosign(w2, prove(site, n1, tmp / "p"), also=[w1 / "last.note"])
    check("witnesses who saw one history agree", code == 0, err)

    # --- 2, 4 cut, or an old copy put back --------------------------------------------------------------------------------------
    says("2: the old copy's own note", cosign(w1, put(tmp / "n", note(early))), 6, "already")
    old_copy = tmp / "old.db"
    check("export of the old copy", veil(early, "ledger", "export", old_copy)[0] == 0)
    says("2: the log now ends earlier", cosign(w1, old_copy), 5, "FORK", "cut off")
    tampered = tmp / "tampered.db"
    shutil.copy(copy, tampered)
    db = sqlite3.connect(tampered, isolation_level=None)
    db.execute("DROP TRIGGER leaf_stays")
    record = db.execute("SELECT record FROM leaf WHERE seq = 2").fetchone()[0]
    db.execute("UPDATE leaf SET record = ? WHERE seq = 2", (record.replace(b"\nblind 0", b"\nblind 1").replace(b"\nblind f", b"\nblind e").replace(b"Z\norigin", b"Z\norigin"),))
    db.close()
    shutil.copy(tmp / "copy.db.checkpoint", tmp / "tampered.db.checkpoint")
    w3, _ = new_witness(tmp, "w3", vkey)
    if record.replace(b"\nblind 0", b"\nblind 1").replace(b"\nblind f", b"\nblind e") != record:
        says("a copy that is not what its note says", cosign(w3, tampered, first=True), 5, "altered")
    says("a file that is neither", cosign(w3, put(tmp / "n", "nonsense\n"), first=True), 5)
    says("the note of another log", cosign(w3, put(tmp / "n", note(site).replace("veil.local", "veil.else")), first=True), 5)

    # --- 7 the state rolled back ---------------------------------------------------------------------------------------------------
    rolled = tmp / "rolled"
    shutil.copytree(w1, rolled)
    (rolled / "state").write_bytes(before)
    check("w1's line goes to the site", veil(site, "ledger", "cosign", w1 / "last.note")[0] == 0)
    kept = site / f"ledger/checkpoints/{n3}.note"
    says("7: his own cosignature comes back", cosign(rolled, prove(site, n1, tmp / "p", "--to", n3)), 5, "your state")
    grow(site, 1)  # its tally names what w1 cosigned
    check("export", veil(site, "ledger", "export", tmp / "tally.db")[0] == 0)
    says("7: the log's heartbeat knows of a later one", cosign(rolled, tmp / "tally.db"), 5, "your state")
    lost = tmp / "lost"
    shutil.copytree(w1, lost)
    (lost / "state").unlink()
    says("7: a lost state is no first time", cosign(lost, kept, first=True), 5, "your state")
    check("his copy of it is as good", cosign(w1, tmp / "tally.db")[0] == 0)
    (rolled / "state").write_bytes(w1_now.replace(b"size ", b"size 1", 1))
    says("a changed state", cosign(rolled, kept), 5, "damaged")
    (rolled / "state").write_bytes(w1_now[:40])
    says("half a state", cosign(rolled, kept), 5, "damaged")

    # --- 13, 14 nothing is released before the state is durable -------------------------------------------------------------------------
    grow(site, 1)
    full = tmp / "full"
    shutil.copytree(w1, full)
    held = state(full)
    p = prove(site, size_of((full / "last.note").read_text(encoding="utf-8")), tmp / "p")
    for name in ("state", "history"):
        victim = tmp / f"full-{name}"
        shutil.copytree(w1, victim)
        limit = 100 if name == "state" else (victim / "history").stat().st_size + 3
        got = subprocess.run(["bash", "-c", f"trap '' XFSZ; ulimit -f 1; exec python3 -c 'import resource,os,sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); os.execv(sys.argv[1], sys.argv[1:])' \"$@\"", "x",
                              VEIL, "ledger", "witness", "--state", str(victim), str(p)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        check(f"13: no room for the {name}: exit {got.returncode}, printed {got.stdout!r}", got.returncode not in (0, 5, 6) and got.stdout == "")
        check(f"13: the state is the old one ({name})", state(victim) == held)

    # --- 4 a site put back from a copy ---------------------------------------------------------------------------------------------------
    back = tmp / "back"
    shutil.copytree(early, back)
    check("witnesses in the copy", veil(back, "ledger", "witnesses", "--quorum", 1, "--key", key1)[0] == 0)
    code, out, err = veil(back, "ledger", "restore")
    check("restore declares", code == 0 and "read-only" in out, err)
    says("4: nothing is logged", veil(back, "ledger", "heartbeat"), 6, "read-only", "ledger restore")
    says("4: nothing is imported", veil(back, "import", "disciplines", put(tmp / "d.csv", "scheme,code,name\nX,1,one\n")), 6, "read-only")
    says("4: and nobody lifts it alone", veil(back, "ledger", "restore"), 6, "0 of 1 witnesses")
    check("export still goes", veil(back, "ledger", "export", tmp / "back.db")[0] == 0)
    says("4: the witness saw more", cosign(w1, tmp / "back.db"), 5, "cut off")
    says("4: his note shows it to the site", veil(back, "ledger", "cosign", w1 / "last.note"), 5, "read-only")
    says("4: too old a copy is told how much is missing", veil(back, "ledger", "restore"), 6, "put back a copy")
    # Everything is still there on the disk of the real site: the newer copy.
    good = tmp / "good"
    shutil.copytree(site, good)
    check("declared", veil(good, "ledger", "restore")[0] == 0)
    says("an older cosignature does not lift it", veil(good, "ledger", "restore"), 6, "0 of 2")
    check("export", veil(good, "ledger", "export", tmp / "good.db")[0] == 0)
    for w, c in ((w1, "g1"), (w2, "g2")):
        code, line, err = cosign(w, tmp / "good.db")
        check(f"{c}: the witness sees history continue: {err}", code == 0)
        check(f"{c}: taken in", veil(good, "ledger", "cosign", put(tmp / c, line))[0] == 0)
        if c == "g1":
            says("half a quorum does not lift it", veil(good, "ledger", "restore"), 6, "1 of 2")
    code, out, err = veil(good, "ledger", "restore")
    check("lifted", code == 0 and "takes records" in out, err)
    grow(good, 1)
    got = run(VERIFY, "ledger", good / "ledger/ledger.db", "--key", vkey)
    check("the log verifies", got[0] == 0, got)
    # A fork is never lifted.
    says("a fork shown to the site", veil(good, "ledger", "cosign", put(tmp / "n", fork_note)), 5, "FORK")
    says("it stays read-only", veil(good, "ledger", "restore"), 6, "stays read-only")
    (good / "ledger/read-only").write_text("", encoding="utf-8")
    says("an emptied mark is one", veil(good, "ledger", "heartbeat"), 6, "read-only")

    # --- only a part put back ----------------------------------------------------------------------------------------------------------------
    part = tmp / "part"
    shutil.copytree(site, part)
    shutil.copy(early / "ledger/ledger.db", part / "ledger/ledger.db")
    says("the database alone is older", veil(part, "ledger", "heartbeat"), 5, "cut")
    shutil.copy(early / "ledger/checkpoint", part / "ledger/checkpoint")
    says("so is the latest checkpoint; a kept one is not", veil(part, "ledger", "heartbeat"), 5, "checkpoints/")

    # --- 12 the index forged -----------------------------------------------------------------------------------------------------------------
    hidden = tmp / "hidden"
    shutil.copytree(site, hidden)
    grow(hidden, 9)
    db = sqlite3.connect(hidden / "ledger/ledger.db", isolation_level=None)
    db.execute("DELETE FROM mark WHERE mark = 'act site.witnesses'")
    db.close()
    says("12: a mark taken away stops the thorough checkpoint", veil(hidden, "ledger", "checkpoint"), 5, "index")
    check("12: made anew", veil(hidden, "ledger", "restore", "--index")[0] == 0 and veil(hidden, "ledger", "checkpoint")[0] == 0)
    db = sqlite3.connect(hidden / "ledger/ledger.db", isolation_level=None)
    db.execute("UPDATE mark SET seq = seq + 1 WHERE mark = 'act site.init'")
    db.close()
    says("12: a mark that points elsewhere is not believed", veil(hidden, "ledger", "heartbeat"), 5, "index")

    # --- an older file -------------------------------------------------------------------------------------------------------------------------
    older = tmp / "older"
    shutil.copytree(site, older)
    db = sqlite3.connect(older / "ledger/ledger.db", isolation_level=None)
    for statement in ("DROP TRIGGER leaf_marked", "DROP TABLE mark", "PRAGMA user_version = 1"):
        db.execute(statement)
    db.close()
    check("version 1 is read", veil(older, "audit", "opened")[0] == 0)
    grow(older, 1)
    db = sqlite3.connect(older / "ledger/ledger.db")
    have = db.execute("SELECT (SELECT count(*) FROM leaf), (SELECT count(*) FROM mark WHERE mark LIKE 'act %')").fetchone()
    db.close()
    check("and written to as version 2, with its index", have[0] == have[1], have)

print(f"1..{number}")
sys.exit(1 if failures else 0)
