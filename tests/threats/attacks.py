#!/usr/bin/env python3
"""Attacks of THREATS 2 that need a whole site and fixed randomness; each point is named after the attack and its number.

usage: attacks.py VEIL        VEIL_TEST_CHANCE_LIB, VEIL_TEST_VERIFY: chance.c as a library, veil-verify
"""
import collections
import csv
import os
import random
import re
import shutil
import sqlite3
import subprocess

from world import N_EXPERTS, VEIL, VERIFY, World, finish, human, point, write_lists


def rows(got):
    return list(csv.DictReader(got[1].decode().splitlines()))


def codes(world, batch="K"):
    return rows(world.copy(f"{world.dir.name}-codes").must("batch", "codes", batch, "--all", "--csv"))


def sql(world, path, *statements):
    """The owner of a file does with it what he likes; triggers stop slips, not him."""
    db = sqlite3.connect(world.dir / "site" / path)
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f'DROP TRIGGER "{name}"')
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


# --- 14 ----------------------------------------------------------------------------------------------------------------

def a_sync_that_fails(drawn):
    """Each sync of an unmasking fails once: what was shown stands in the ledger, and the ledger stands."""
    base = drawn.copy("sync")
    code = {r["id"]: r["code"] for r in codes(base)}[human(8)["id"]]
    asked = base.must("unmask", "request", "--batch", "K", "--reviewer", code, "--field", "name", "--purpose", "complaint", "--reference", "2026/014")[1].decode().strip()
    base.must("approve", asked, who="op2")
    name = human(8)["name"].encode()
    counted = base.copy("sync-count")
    got = counted.run("unmask", "open", asked, VEIL_TEST_COUNT="tmp/count")
    n = int((counted.dir / "tmp/count").read_text().split()[1])
    bad, refused = [], 0
    for at in range(1, n + 1):
        w = base.copy("sync-one")
        got = w.run("unmask", "open", asked, VEIL_TEST_SYNC_FAILS=str(at))
        opened = sum(f["act"] == "unmask.open" for f in w.fields())
        refused += got[0] != 0
        again = w.run("unmask", "open", asked)
        openings = sum(f["act"] == "unmask.open" for f in w.fields())
        if (name in got[1] and not opened) or (name in got[1] and name in again[1]) or openings > 1 or w.run("ledger", "checkpoint")[0] != 0:
            bad.append((at, got, opened, again))
    point(n > 2 and refused > 0 and not bad, f"14: each of {n} syncs fails once ({refused} refused): nothing shown without its durable record, nor twice", bad[:2])


# --- 18 ----------------------------------------------------------------------------------------------------------------

CALLS = "openat,read,pread64,write,pwrite64,lseek,fsync,fdatasync,ftruncate,unlink,rename,fcntl"


def calls(world, *args):
    """What a command asks of the system, without the bytes: the same path through the program asks the same."""
    if not shutil.which("strace"):
        return None
    log = world.dir / "tmp/trace"
    env = world.env()
    preload = env.pop("LD_PRELOAD")
    inner = ["env", f"LD_PRELOAD={preload}", VEIL, *args]
    subprocess.run(["strace", "-f", "-qq", "-e", f"trace={CALLS}", "-o", log, *inner], env=env, cwd=world.dir, capture_output=True, stdin=subprocess.DEVNULL)
    text = log.read_text(errors="replace")
    return [line.split("(")[0].split()[-1] for line in text.splitlines() if "(" in line]


def existence_is_not_told(drawn):
    """A code of nobody, of somebody without a place, of a sealed reserve: one text, one status, one path."""
    db = sqlite3.connect(f"file:{drawn.dir}/site/draw/K.veil?mode=ro", uri=True)
    project = db.execute("SELECT min(code) FROM project").fetchone()[0]
    seated = [r for (r,) in db.execute("SELECT reviewer FROM assignment WHERE project = ? AND role = 'panel'", (project,))]
    reserve = db.execute("SELECT reviewer FROM assignment WHERE project = ? AND role = 'reserve'", (project,)).fetchone()[0]
    elsewhere = db.execute("SELECT code FROM reviewer WHERE code NOT IN (SELECT reviewer FROM assignment) ORDER BY code").fetchone()[0]
    seated_elsewhere = db.execute("SELECT reviewer FROM assignment WHERE project <> ? AND role = 'panel' AND reviewer NOT IN (SELECT reviewer FROM assignment WHERE project = ?)",
                                  (project, project)).fetchone()[0]
    db.close()
    excluded = next(r["reviewer"] for r in rows(drawn.copy("x").must("batch", "conflicts", "K", "--csv")) if r["project"] == project)
    nobody = "R" + "0" * (len(elsewhere) - 1)
    kinds = {"nobody": nobody, "a sealed reserve": reserve, "without a place": elsewhere, "seated elsewhere": seated_elsewhere, "excluded": excluded}
    answers, paths = {}, {}
    for what, code in kinds.items():
        w = drawn.copy("asked")
        args = ["batch", "replace", "K", "--project", project, "--reviewer", code, "--reason", "ill"]
        paths[what] = calls(w, *args)
        status, out, err = w.run(*args)
        answers[what] = (status, out, err.replace(code.encode(), b"CODE"))
    point(len(set(answers.values())) == 1 and answers["nobody"][0] == 6, "18: nobody, a sealed reserve, a stranger, an excluded expert: one answer", answers)
    if paths["nobody"] is not None:
        short = {what: collections.Counter(p) for what, p in paths.items()}
        point(len({tuple(p) for p in paths.values()}) == 1, "18: and one path: the same calls to the system in the same order", short)
    batches = {name: drawn.copy("asked").run("batch", "status", name) for name in ("Q", "zz")}
    point(len({(g[0], g[2].replace(n.encode(), b"NAME")) for n, g in batches.items()}) == 1, "18: batches that are not there answer alike", batches)
    point(seated, "there was a panel")


def audit_names_nobody_by_an_empty_code(drawn):
    project = drawn.seats()[0][0]
    got = drawn.copy("asked").run("batch", "explain", "K", "--project", project, "--reviewer", "")
    point(got[0] in (2, 6) and not got[1], "18: an empty code explains nobody", got)


# --- 19 ----------------------------------------------------------------------------------------------------------------

def staff_who_is_in_the_pool(drawn):
    answers = []
    for person in (human(3)["id"], "never-seen-0001"):
        w = drawn.copy("staff")
        (w.dir / "lists/more.csv").write_text(f"handle,person\nop8,{person}\n")
        before = len(w.records())
        got = w.must("import", "staff", "lists/more.csv")
        answers.append((got, [r.split(b"\n")[6:9] for r in w.records()[before:]]))
    point(answers[0][0] == answers[1][0], "19: an operator who is in the pool and one who is not are entered with one answer", answers)


# --- 20 ----------------------------------------------------------------------------------------------------------------

def correlation(xs, ys):
    rank = lambda v: {x: i for i, x in enumerate(sorted(v))}  # noqa: E731
    a, b, n = rank(xs), rank(ys), len(xs)
    return 1 - 6 * sum((a[x] - b[y]) ** 2 for x, y in zip(xs, ys)) / (n * (n * n - 1))


def lists_that_do_not_join(drawn):
    two = drawn.copy("joined")
    two.must("batch", "new", "L", "--policy", "lists/policy.ini", "--projects", "lists/projects.csv", "--people", "lists/people.csv")
    two.must("batch", "freeze", "L", "--as-of", "2026-03-01")
    k, m = ({r["id"]: r["code"] for r in codes(two, b) if r["side"] == "reviewer"} for b in ("K", "L"))
    ids = [i for i in k if i in m]
    point(len(ids) > 50 and not {c[1:] for c in k.values()} & {c[1:] for c in m.values()}, "20: code lists of two batches have nobody in common")
    everything = {}
    for path, query in (("draw/K.veil", "SELECT code FROM reviewer UNION SELECT code FROM project"), ("audit/K.audit", "SELECT code FROM person"), ("audit/K.audit", "SELECT token FROM org"),
                        ("draw/L.veil", "SELECT code FROM reviewer UNION SELECT code FROM project"), ("audit/L.audit", "SELECT code FROM person"), ("audit/L.audit", "SELECT token FROM org")):
        if not (two.dir / "site" / path).read_bytes().startswith(b"SQLite format 3"):
            continue  # sealed to the auditor: below by what he is shown
        db = sqlite3.connect(f"file:{two.dir}/site/{path}?mode=ro", uri=True)
        everything[path, query] = {c[1:] for (c,) in db.execute(query)}
        db.close()
    shared = [(a, b) for a in everything for b in everything if a < b and everything[a] & everything[b]]
    point(not shared, "20: nor have lists of two audiences", shared)
    order = [correlation([k[i] for i in ids], [m[i] for i in ids]), correlation(ids, [k[i] for i in ids])]
    if (two.dir / "site/audit/K.audit").read_bytes().startswith(b"SQLite format 3"):
        db = sqlite3.connect(f"file:{two.dir}/site/audit/K.audit?mode=ro", uri=True)
        order.append(correlation(*zip(*db.execute("SELECT code, reviewer FROM person WHERE reviewer IS NOT NULL").fetchall())))
        db.close()
    point(max(map(abs, order)) < 0.4, "20: nor does the order of one list tell that of another, or of the list that came in", order)


# --- 21 ----------------------------------------------------------------------------------------------------------------

def shuffled(where, facts):
    """The same lists, the rows of each in another order."""
    write_lists(where, facts)
    r = random.Random(facts["shuffle"])
    for path in where.glob("*.csv"):
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        r.shuffle(lines)
        path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")


def meaning(world):
    """What a freeze says, in the lists' own ids: candidates with scores, exclusions with rules, attributes."""
    name = {r["code"]: r["id"] for r in codes(world)}
    w = world.copy("meaning")
    lists = sorted((name[r["project"]], name[r["reviewer"]], r["score"]) for r in rows(w.must("batch", "show", "K", "--candidates", "--csv")))
    # Of those equally good at the end of a list some are not on it: which ones, the codes decide.
    last = {p: min(float(s) for q, _, s in lists if q == p) for p, _, _ in lists}
    lists = [(p, r, s) for p, r, s in lists if float(s) > last[p]]
    out = sorted((name[r["project"]], name.get(r["reviewer"], r["reviewer"]), r["rules"]) for r in rows(w.must("batch", "conflicts", "K", "--csv")))
    db = sqlite3.connect(f"file:{world.dir}/site/draw/K.veil?mode=ro", uri=True)
    who = sorted((name[c], *rest) for c, *rest in db.execute("SELECT code, min_load, max_load, kind, province, rank FROM reviewer"))
    meta = dict(db.execute("SELECT key, value FROM meta WHERE key IN ('exclusions', 'experts', 'policy_sha256')"))
    db.close()
    return lists, out, who, meta


def order_of_the_lists(frozen):
    """Ids are drawn row by row, so codes differ; whatever is said under them must not. (tests/freeze, order_of_rows_leaves_no_trace: with the ids given, a hundred orders, the same bytes.)"""
    first, differing = meaning(frozen), []
    for n in range(4):
        w = World(f"shuffled{n}", lists=shuffled, shuffle=n)
        w.imports()
        w.freeze()
        other = meaning(w)
        if other != first:
            differing.append([sorted(map(str, set(map(tuple, a)) ^ set(map(tuple, b))))[:4] if isinstance(a, list) else (a, b) for a, b in zip(first, other) if a != b])
    point(not differing, "21: lists in another order, the same candidates, scores, exclusions and attributes", differing[:1])


# --- 22 ----------------------------------------------------------------------------------------------------------------

def request_of(got):
    return re.search(r"\b[0-9a-f]{16}\b", (got[1] + got[2]).decode()).group(0)


def late_steps(w, seat):
    """What the operator of the staff list is told where he approves, opens, takes part in a seed, settles or closes; step -> answer."""
    out = {}
    ask = w.copy("hat-late")
    unmask = request_of(ask.run("unmask", "request", "--batch", "K", "--reviewer", seat[1], "--field", "name", "--purpose", "complaint", "--reference", "2026/2"))
    out["approve an unmasking"] = ask.copy("hat-one").run("approve", unmask, who="op7")
    ask.must("approve", unmask, who="op2")
    out["open"] = ask.copy("hat-one").run("unmask", "open", unmask, who="op7")
    out["an exception"] = ask.copy("hat-one").run("batch", "exception", "K", "--project", seat[0], "--reason", "a small field", who="op7")
    out["settle"] = ask.copy("hat-one").run("batch", "settle", "K", who="op7")
    ask.must("batch", "settle", "K")
    got = ask.copy("hat-one").run("batch", "exception", "K", "--project", seat[0], "--reason", "a small field")
    point(got[0] == 6 and b"is settled" in got[2], "what is settled takes no exception", got)
    out["ask to close"] = ask.copy("hat-one").run("batch", "close", "K", who="op7")
    close = request_of(ask.run("batch", "close", "K"))
    out["approve the close"] = ask.copy("hat-one").run("approve", close, who="op7")
    ask.must("approve", close, who="op2")
    out["close"] = ask.copy("hat-one").run("batch", "close", "K", who="op7")
    return out


def two_hats():
    """An operator who is an expert of the pool, an applicant, tied to one, or nobody: who has a stake does nothing in the batch, in the same words whatever the stake."""
    hats = {"expert of the pool": human(5)["id"], "behind a project": human(21)["id"], "nobody here": "never-seen-0002"}
    answers, barred, late = {}, {}, {}
    for what, person in hats.items():
        w = World(f"hat-{len(answers)}", staff=person)
        w.imports()
        w.freeze()
        w.must("batch", "draw", "K")
        seat = w.seats()[0]
        commands = [["batch", "replace", "K", "--project", seat[0], "--reviewer", seat[1], "--reason", "ill"], ["batch", "minutes", "K", "--out", "out/m7.html"],
                    ["batch", "conflicts", "K", "--csv"], ["batch", "explain", "K", "--project", seat[0], "--reviewer", seat[1]], ["batch", "codes", "K", "--project", "P3"],
                    ["batch", "settle", "K"], ["batch", "withdraw", "K", "--reviewer", seat[1]], ["unmask", "request", "--batch", "K", "--reviewer", seat[1], "--field", "name", "--purpose",
                                                                                                "complaint", "--reference", "2026/1"]]
        answers[what] = [w.copy("hatted").run(*c, who="op7") for c in commands]
        barred[what] = [f["operators"] for f in w.fields() if f["act"] == "batch.barred"]
        late[what] = late_steps(w, seat)
    stake = [answers["expert of the pool"], answers["behind a project"]]
    point(all(g[0] == 6 and not g[1] for hat in stake for g in hat), "22: staff and expert, staff and applicant: refused for that batch", [[g[0] for g in hat] for hat in stake])
    point(stake[0] == stake[1] and len({g[2] for g in stake[0]}) == 1, "22: in the same words, whatever the stake", {g[2] for hat in stake for g in hat})
    words = answers["expert of the pool"][0][2]
    point(all(g[0] == 6 and not g[1] and g[2] == words for what in ("expert of the pool", "behind a project") for g in late[what].values()),
          "22: nor does he approve, open, plan, commit, close or settle", {what: {k: g for k, g in late[what].items() if g[0] != 6 or g[2] != words} for what in late})
    point(not [k for k, g in late["nobody here"].items() if g[2] == words], "22: of which nobody else hears", late["nobody here"])
    point(all(g[0] == 0 for g in answers["nobody here"]), "22: an operator without a stake may", [g for g in answers["nobody here"] if g[0]])
    point(barred["expert of the pool"] == barred["behind a project"] == [b"op7".decode()] and barred["nobody here"] == ["-"], "22: and it is logged, by handle", barred)


# --- 27, 31, 35 ----------------------------------------------------------------------------------------------------------

def swapped_ciphers(drawn):
    w = drawn.copy("swapped")
    db = sqlite3.connect(w.dir / "site/registry/registry.db")
    (a, x), (b, y) = db.execute("SELECT owner, sealed FROM cell WHERE field = 'name' AND owner IN (SELECT id FROM entry WHERE in_pool) LIMIT 2").fetchall()
    db.close()
    for owner, sealed in ((a, y), (b, x)):
        sql(w, "registry/registry.db", f"UPDATE cell SET sealed = x'{sealed.hex()}' WHERE field = 'name' AND owner = x'{owner.hex()}'")
    names, refused = {human(i)["name"].encode() for i in range(N_EXPERTS)}, []
    for i in range(N_EXPERTS):
        got = w.run("expert", "show", human(i)["id"])
        if got[0] != 0:
            refused.append((got[0], any(n in got[1] + got[2] for n in names)))
    point(refused == [(5, False)] * 2, "27: ciphers of two rows swapped: both are refused, no name is shown", refused)


def altered_after_the_freeze(frozen, drawn):
    w = frozen.copy("altered")
    sql(w, "draw/K.veil", "UPDATE reviewer SET max_load = 2 WHERE code = (SELECT min(code) FROM reviewer)")
    got = w.run("batch", "draw", "K")
    point(got[0] == 5 and not [f for f in w.fields() if f["act"] == "batch.draw"], "31: one attribute changed after the freeze: no draw", got)
    mover = ("UPDATE assignment SET reviewer = (SELECT code FROM reviewer WHERE code NOT IN (SELECT reviewer FROM assignment) LIMIT 1) "
             "WHERE (project, reviewer) = (SELECT project, reviewer FROM assignment WHERE role = 'panel' LIMIT 1)")
    w = drawn.copy("moved")
    sql(w, "draw/K.veil", mover)
    got = w.run("batch", "minutes", "K", "--out", "out/moved.html")
    point(got[0] == 5 and not (w.dir / "out/moved.html").exists(), "35: an assignment altered after the draw: no minutes", got)
    got = w.run("batch", "draw", "K", "--top-up")
    point(got[0] == 5, "35: nor another draw on top of it", got)
    got = w.run("batch", "site/draw/K.veil", program=VERIFY)
    point(got[0] == 5, "35: and veil-verify says so", got[1])
    w = drawn.copy("journal")
    w.must("batch", "replace", "K", "--project", w.seats()[0][0], "--reviewer", w.seats()[0][1], "--reason", "ill")
    sql(w, "draw/K.veil", "UPDATE event SET reason = 'declined'")
    got = w.run("batch", "minutes", "K", "--out", "out/journal.html")
    point(got[0] == 5 and not (w.dir / "out/journal.html").exists(), "35: a line of the journal altered: no minutes", got)


def lists_altered_on_their_way(drawn):
    """Contacts open names and packets go out by what the drawer signed, not by what lies in a folder."""
    base = drawn.copy("handed")
    seats = base.seats()
    contacts = ["batch", "contacts", "K", "--out", "out/contacts.csv"]
    packets = ["batch", "packets", "K", "--out", "out/packets"]
    drawn_path, panels_path = "site/notify/K.drawn", "site/desk/K.panels"
    base.must(*contacts)
    (base.dir / "out/contacts.csv").unlink()
    text = (base.dir / drawn_path).read_text()
    first, salt, *lines = text.splitlines(keepends=True)
    head = first + salt
    strangers = [c["code"] for c in codes(base) if c["side"] == "reviewer" and c["code"] not in text]
    for what, changed in (("cut to one code", head + lines[0]), ("another code added", text + f"{strangers[0]} 0\n"), ("one code exchanged", head + f"{strangers[0]} 0\n" + "".join(lines[1:])),
                          ("an event changed", text.replace(" 0\n", " 1\n", 1)), ("emptied", head), ("of another format", "x\n")):
        w = base.copy("handed-one")
        (w.dir / drawn_path).write_text(changed)
        before = len([f for f in w.fields() if f["act"] == "batch.contacts"])
        got = w.run(*contacts)
        after = len([f for f in w.fields() if f["act"] == "batch.contacts"])
        if got[0] == 0 or (w.dir / "out/contacts.csv").exists() or after != before:
            point(False, f"35: the list of those drawn {what}: no contacts", got)
    w = base.copy("handed-laundered")
    (w.dir / drawn_path).write_text(head + lines[0])
    w.must("batch", "replace", "K", "--project", seats[0][0], "--reviewer", seats[0][1], "--reason", "ill")
    w.must(*contacts)
    people = len((w.dir / "out/contacts.csv").read_text().splitlines())
    point(people > 5, "35: the list of those drawn altered: no contacts, and the next vacancy does not sign it but makes it anew", people)
    w = base.copy("handed-panels")
    rows_of = (w.dir / panels_path).read_text()
    (w.dir / panels_path).write_text(rows_of.replace(seats[0][1], strangers[0]))
    got = w.run(*packets)
    point(got[0] == 5 and not (w.dir / "out/packets").exists(), "35: the list of panels altered: no packets", got)


# --- P10 ---------------------------------------------------------------------------------------------------------------

NOBODY = "x'00112233445566778899aabbccddeeff'"


def unknown_denies():
    """What the registry cannot have said, said by hand, a newer version or a failing disk: no freeze, or nobody more than before may review. Never is a fact passed over."""
    base = World("unknown")
    base.imports()
    known = base.copy("unknown-known")
    known.freeze()

    def eligible(w):
        db = sqlite3.connect(f"file:{w.dir}/site/draw/K.veil?mode=ro", uri=True)
        n = db.execute("SELECT count(*) FROM reviewer").fetchone()[0]
        db.close()
        return n
    normal, open_doors = eligible(known), []
    some = "id IN (SELECT id FROM entry WHERE in_pool = 1 AND status = 0 LIMIT 3)"
    for statement in (f"UPDATE entry SET status = 9 WHERE {some}", f"UPDATE entry SET status = -1 WHERE {some}", "UPDATE entry SET in_pool = 7 WHERE in_pool = 0",
                      f"UPDATE entry SET max_load = -7 WHERE {some}", f"UPDATE entry SET employer = {NOBODY} WHERE {some}", "UPDATE post SET kind = 99", f"UPDATE post SET org = {NOBODY}",
                      "UPDATE post SET until = since - 1", "UPDATE relation SET kind = 99", f"UPDATE relation SET a = {NOBODY}", "UPDATE relation SET since = 5, until = 4",
                      "UPDATE ban SET until = since - 1", f"UPDATE ban SET entry = {NOBODY}", "UPDATE authorship SET until = since - 1", f"UPDATE project_org SET org = {NOBODY}"):
        w = base.copy("unknown-one")
        db = sqlite3.connect(w.dir / "site/registry/registry.db")
        db.execute("PRAGMA foreign_keys = OFF")
        changed = db.execute(statement.replace("UPDATE", "UPDATE OR IGNORE", 1)).rowcount
        db.commit()
        db.close()
        got = w.run("batch", "freeze", "K", "--as-of", "2026-03-01")
        if changed < 1 or (got[0] == 0 and eligible(w) > (normal - 3 if some in statement else normal)) or (got[0] == 0 and "entry SET" not in statement):
            open_doors.append((statement, changed, got[0], got[2]))
    point(not open_doors, "P10: what is unknown denies: 15 impossible rows of the registry, none lets anybody in", open_doors[:3])


# --- 37 ----------------------------------------------------------------------------------------------------------------

def surroundings(drawn):
    """Locale, time zone, umask, number of processors, order of the environment: the same bytes."""
    differing = []
    cpu = sorted(os.sched_getaffinity(0))
    for what, env, one_cpu in (("locale", {"LC_ALL": "C", "LANG": "zh_CN.GB18030", "LANGUAGE": "tr"}, False), ("time zone", {"TZ": "Pacific/Kiritimati"}, False), ("one processor", {}, True)):
        w = World(f"around-{len(what)}")
        kept = dict(os.environ)
        os.environ.update(env)
        if one_cpu:
            os.sched_setaffinity(0, cpu[:1])
        try:
            w.imports()
            w.freeze()
            w.draw()
        finally:
            os.environ.clear()
            os.environ.update(kept)
            os.sched_setaffinity(0, cpu)
        different = [p for p in ("draw/K.veil", "audit/K.audit", "notify/K.drawn") if (w.dir / "site" / p).exists() and (w.dir / "site" / p).read_bytes() != (drawn.dir / "site" / p).read_bytes()]
        if different:
            differing.append((what, different))
    point(not differing, "37: another locale, time zone, number of processors: the same bytes of batch file, audit file and draw", differing)


frozen = World("attacked")
frozen.imports()
frozen.freeze()
drawn = frozen.copy("attacked-drawn")
drawn.draw()
a_sync_that_fails(drawn)
existence_is_not_told(drawn)
audit_names_nobody_by_an_empty_code(drawn)
staff_who_is_in_the_pool(drawn)
lists_that_do_not_join(drawn)
order_of_the_lists(frozen)
two_hats()
swapped_ciphers(drawn)
altered_after_the_freeze(frozen, drawn)
lists_altered_on_their_way(drawn)
unknown_denies()
surroundings(drawn)
finish()
