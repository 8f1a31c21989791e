#!/usr/bin/env python3
"""The whole way on a real pool, as its users go it: lists in, a checked assignment out.

usage: pool.py VEIL VEIL_VERIFY SCAN acl|cn      (VEIL_TEST_DATA points to the data; skips without it)

Checks, each a TAP point: imports are exact and repeatable; the conflicts agree pair by pair with the published expectation; panels obey every rule
(recomputed here from the lists, not from the program's files); veil-verify accepts; a second draw is refused; no name or id of the pool is in any byte
of the site or the minutes; the drawer's commands open neither registry nor audit file; tampering is noticed.
"""
import base64
import collections
import csv
import functools
import gzip
import io
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

DATA = os.environ.get("VEIL_TEST_DATA")
if not DATA:
    print("1..0 # SKIP VEIL_TEST_DATA is not set: the run on the real pools is skipped")
    sys.exit(0)
VEIL, VERIFY, SCAN = (os.path.abspath(p) for p in sys.argv[1:4])
POOL = sys.argv[4]
LISTS = pathlib.Path(DATA) / POOL
AS_OF = {"acl": "2024-01-01", "cn": "2016-01-01"}[POOL]
CODE = re.compile(rb"[RPA][0-9A-HJKMNP-TV-Z]{17}")
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]+={0,2}")
LETTER = re.compile(rb"veil-sealed/1\n((?:[A-Za-z0-9+/]{76}\n)*[A-Za-z0-9+/]{1,76}={0,2}\n)")
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-pool-"))
SITE = WORK / "site"
ENV = dict(os.environ, VEIL_SITE=str(SITE), TMPDIR=str(WORK / "tmp"), VEIL_OPERATOR="op1")
ENV.pop("VEIL_PASSPHRASE_FILE", None)
(WORK / "tmp").mkdir()

points = 0
failed = 0


def point(good, what, detail=""):
    global points, failed
    points += 1
    if not good:
        failed += 1
    print(f"{'ok' if good else 'not ok'} {points} - {what}", flush=True)
    if not good and detail:
        print("\n".join("# " + line for line in str(detail)[:3000].splitlines()), flush=True)
    return good


def run(*args, program=VEIL, expect=0, binary=False):
    done = subprocess.run([program, *map(str, args)], env=ENV, capture_output=True, stdin=subprocess.DEVNULL)
    out = done.stdout if binary else done.stdout.decode()
    if expect is not None and done.returncode != expect:
        point(False, f"{' '.join(map(str, args))[:120]} exits {expect}", f"exit {done.returncode}\n{done.stderr.decode()[-2000:]}")
    return done.returncode, out, done.stderr.decode()


def rows(name):
    with gzip.open(LISTS / name, "rt", encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def imports():
    kinds = ["disciplines", "organisations", "experts", "works", "relations"]
    for kind in kinds:
        path = LISTS / f"{kind}.csv.gz"
        if not path.exists():
            continue
        expect = 7 if (POOL, kind) == ("cn", "works") else 0
        code, out, err = run("import", kind, path, "--json", expect=expect)
        first = json.loads(out)
        want = {"rows": len(rows(path.name))}
        if kind == "experts":
            want["new"] = want["rows"]
        if (POOL, kind) == ("acl", "works"):
            want.update(duplicates=32, rejected=0)
        if (POOL, kind) == ("cn", "works"):
            want.update(rejected=1)
        point(all(first.get(k) == v for k, v in want.items()), f"{kind}: counts of the first import", f"{first} wants {want}")
        code, out, err = run("import", kind, path, "--json", expect=expect)
        again = json.loads(out)
        point(again["new"] == 0 and again["changed"] == 0 and again["unchanged"] + again["rejected"] + again["duplicates"] == again["rows"],
              f"{kind}: a second import changes nothing", again)


def codes_of(batch):
    _, out, _ = run("batch", "codes", batch, "--all", "--csv")
    project, reviewer = {}, {}
    for row in csv.DictReader(out.splitlines()):
        (project if row["side"] == "project" else reviewer)[row["code"]] = row["id"]
    return project, reviewer


def conflicts(batch, project, reviewer):
    _, out, _ = run("batch", "conflicts", batch, "--csv")
    got = collections.defaultdict(dict)
    for row in csv.DictReader(out.splitlines()):
        got[project[row["project"]]][reviewer[row["reviewer"]]] = set(row["rules"].split(";"))
    return got


def check_conflicts(got):
    wanted = {(r["project"], r["expert"]): set(r["rules"].split(";")) for r in rows("conflicts_expected.csv.gz")}
    ours = {(p, e): rules & {"C01", "C13"} for p, es in got.items() for e, rules in es.items() if rules & {"C01", "C13"}}
    missing = [k for k in wanted if ours.get(k) != wanted[k]]
    extra = [k for k in ours if k not in wanted]
    point(not missing and not extra, f"C01 and C13: {len(wanted)} pairs as expected",
          f"{len(missing)} missing or different, {len(extra)} too many; e.g. {missing[:3]} {extra[:3]}")
    if (LISTS / "conflicts_counts.csv.gz").exists():
        bad = []
        for r in rows("conflicts_counts.csv.gz"):
            es = got.get(r["project"], {})
            have = {c: sum(c in rules for rules in es.values()) for c in ("C01", "C04", "C13")}
            have["any"] = len(es)
            if any(have[c] != int(r[c]) for c in have):
                bad.append((r, have))
        point(not bad, "counts of C01, C04, C13 and any for every project", bad[:3])


def check_panels(batch, got, project, reviewer, experts):
    _, out, _ = run("batch", "show", batch, "--assignments", "--csv")
    _, listed, _ = run("batch", "show", batch, "--candidates", "--csv")
    panel, load = collections.defaultdict(list), collections.Counter()
    for row in csv.DictReader(out.splitlines()):
        panel[row["project"]].append(row["reviewer"])
        load[row["reviewer"]] += 1
    point(set(panel) == set(project) and all(len(set(p)) == 5 == len(p) for p in panel.values()), "five different reviewers a project")
    point(max(load.values()) <= 8, "nobody has more than eight", max(load.values()))
    bad = [(p, r) for p, rs in panel.items() for r in rs if reviewer[r] in got.get(project[p], {})]
    point(not bad, "nobody reviews where he is excluded", bad[:3])
    employer_column = "工作单位" if POOL == "cn" else "organisation"
    employer = {e[list(e)[0]]: e[employer_column].strip() for e in experts}
    clash = [p for p, rs in panel.items()
             if any(n > 1 for o, n in collections.Counter(employer[reviewer[r]] for r in rs).items() if o and o != "0")]
    point(not clash, "at most one reviewer of an employer", clash[:3])
    excluded = [1 for row in csv.DictReader(listed.splitlines()) if reviewer[row["reviewer"]] in got.get(project[row["project"]], {})]
    point(not excluded, "no excluded pair is among the candidates", len(excluded))


@functools.lru_cache(maxsize=4)
def bytes_of(path):
    return pathlib.Path(path).read_bytes()


def site_files():
    return [p for p in [*SITE.rglob("*"), *(WORK / "tmp").rglob("*"), *(WORK / "packets").rglob("*"), *(WORK / "slips").rglob("*"), WORK / "minutes.html"] if p.is_file()]


def is_letter(path):
    """Whether a file is a sealed letter and nothing besides: its base64 is so long that one of 50,000 ids of seven letters turns up in some of 40,000 by chance."""
    return LETTER.fullmatch(bytes_of(path)) is not None


def opened_letters(files):
    """What the letters decode to, in a file of its own: a letter that is base64 of something readable would be no letter."""
    opened = WORK / "opened-letters"
    with opened.open("wb") as out:
        for path in files:
            letter = LETTER.fullmatch(path.read_bytes()) if path.suffix == ".slip" else None
            if letter:
                out.write(base64.b64decode(letter[1]))
    return opened


def in_base64(path, at, length):
    """Whether these bytes lie in a run of 40 and more letters of base64: a signature or a key."""
    before = at - 200 if at > 200 else 0
    return any(run.start() <= at - before and at - before + length <= run.end() and run.end() - run.start() >= 40
               for run in BASE64.finditer(bytes_of(path)[before:at + length + 200]))


def own_texts():
    """What the projects' own texts say: all that the requester's side may hold of words."""
    return "\n".join(r[c] for r in rows("projects.csv.gz") for c in r if c in ("title", "abstract", "keywords", "项目名称", "摘要", "关键词")).encode()


def check_secrecy(experts, people):
    """Every name and id of the pool, as bytes, in every file. Short names would be found in random bytes by chance or inside ordinary words, so
    names need eight bytes at least; the text files are searched for every name of six bytes and more that is no part of a policy's own text."""
    name_column = "姓名" if POOL == "cn" else "name"
    id_column = "编号" if POOL == "cn" else "id"
    names = {e[name_column].strip() for e in experts} | {p["name"].strip() for p in people}
    ids = {e[id_column] for e in experts}
    variants = {v.strip() for e in experts for v in e.get("variants", "").split(";")}
    needles = {n.encode() for n in names | variants if len(n.encode()) >= 8} | {i.encode() for i in ids}
    # What the product itself prints may contain a short word that is also somebody's name.
    (WORK / "own").write_bytes(run("policy", "show")[1].encode() + pathlib.Path(VEIL).resolve().read_bytes())
    ordered = sorted(n for n in needles if b"\n" not in n)
    (WORK / "needles").write_bytes(b"\n".join(ordered))
    ours = subprocess.run([SCAN, WORK / "needles", WORK / "own"], capture_output=True, text=True)
    dropped = {int(line.split("\t")[2]) for line in ours.stdout.splitlines()}
    ordered = [n for i, n in enumerate(ordered) if i not in dropped]
    (WORK / "needles").write_bytes(b"\n".join(ordered))
    files, texts = site_files(), own_texts()
    letters = opened_letters(files)
    point(letters.stat().st_size > 0, "there are sealed slips, and they were opened as far as anybody can")
    files.append(letters)
    scans = [subprocess.run([SCAN, WORK / "needles", *files[i:i + 1000]], capture_output=True, text=True) for i in range(0, len(files), 1000)]
    found = []
    for line in (line for done in scans for line in done.stdout.splitlines()):
        path, offset, needle = line.split("\t")
        at, n = int(offset), ordered[int(needle)]
        # Codes are 17 random characters; one of 50,000 short ids turns up inside one by chance.
        if n.decode() in ids and CODE.search(bytes_of(path)[max(0, at - 17):at + 18 + len(n)]):
            continue
        # So it does in sealed letters, which are searched opened too, and in signatures.
        if n.decode() in ids and (is_letter(path) or in_base64(path, at, len(n))):
            continue
        # A title may name Markov; the requester's files have the titles.
        if pathlib.Path(path).parent in (SITE / "desk", WORK / "packets") and n in texts:
            continue
        found.append((pathlib.Path(path).relative_to(WORK).as_posix(), at, n if os.environ.get("VEIL_TEST_SHOW") else ""))
    point(all(done.returncode in (0, 1) for done in scans), "the scan ran", [done.returncode for done in scans])
    canary = WORK / "canary"
    canary.write_bytes(b"\0\1" + ordered[len(ordered) // 2] + b"\2")
    point(subprocess.run([SCAN, WORK / "needles", canary], capture_output=True).returncode == 1, "and finds a name that is there")
    slip = next(p for p in files if p.suffix == ".slip").read_bytes()
    lying = {"after the letter": slip + b"N000001\n", "on a line too short": slip[:14] + b"N000001\n" + slip[14:], "before it": b"N000001\n" + slip}
    for what, content in lying.items():
        canary.write_bytes(content)
        bytes_of.cache_clear()
        point(not is_letter(canary) and not in_base64(canary, content.index(b"N000001"), 7), f"an id {what} is none of the letter's")
    point(not found, f"no name or id of {len(ordered)} in {len(files)} files of the site, the packets, the slips and the minutes", found[:5])


def check_replacement(batch, got, project, reviewer, experts):
    """A decline moves one seat, to somebody whom the rules allow; an unknown, an excluded and a sealed code get one answer."""
    def seats():
        return {(row["project"], row["reviewer"]) for row in csv.DictReader(io.StringIO(run("batch", "show", batch, "--assignments", "--csv")[1]))}
    before = seats()
    there, leaving = min(before)
    run("batch", "replace", batch, "--project", there, "--reviewer", leaving, "--reason", "declined")
    after = seats()
    point(before - after == {(there, leaving)} and len(after - before) == 1, "a decline moves one seat", f"{before ^ after}")
    check_panels(batch, got, project, reviewer, experts)
    db = sqlite3.connect(f"file:{SITE}/draw/{batch}.veil?mode=ro", uri=True)
    sealed = db.execute("SELECT reviewer FROM assignment WHERE project = ? AND role = 'reserve' AND place = 2", (there,)).fetchone()[0]
    db.close()
    answers = set()
    for code in (sealed, "R" + "0" * (len(sealed) - 1), next(code for code in reviewer if all(code != r for p, r in before if p == there))):
        status, _, err = run("batch", "replace", batch, "--project", there, "--reviewer", code, "--reason", "ill", expect=None)
        answers.add((status, err.replace(code, "CODE")))
    point(len(answers) == 1 and min(answers)[0] == 6, "a sealed reserve, a stranger and an unknown code get one answer", answers)


def check_handover(experts):
    """Nothing goes out while a finding stands; afterwards two folders and a list that do not join."""
    code, out, err = run("batch", "leaks", "B", "--csv", expect=None)
    found = list(csv.DictReader(out.splitlines()))
    print(f"# {len(found)} findings: {dict(collections.Counter(r['reason'] for r in found))}")
    point(code == (5 if found else 0), "leaks says whether anything stands", f"exit {code} {err}")
    if found:
        code, _, err = run("batch", "packets", "B", "--out", WORK / "packets", expect=None)
        point(code == 6 and not (WORK / "packets").exists(), "no packets while findings stand", f"exit {code} {err}")
        run("batch", "leaks", "B", "--waive", "all", "--reason", "a public data set")
    listed = run("batch", "packets", "B", "--out", WORK / "packets", "--csv")[1]
    seats = run("batch", "show", "B", "--assignments", "--csv")[1]
    run("batch", "contacts", "B", "--out", WORK / "contacts.csv", "--slips", WORK / "slips")
    contacts = list(csv.DictReader((WORK / "contacts.csv").read_text().splitlines()))
    drawers = {c for r in csv.DictReader(seats.splitlines()) for c in (r["project"], r["reviewer"])}
    packets = {c for r in csv.DictReader(listed.splitlines()) for c in (r["project"], r["packet"])}
    invited = {r["invitation"] for r in contacts}
    point(len(listed.splitlines()) == len(seats.splitlines()), "every seat is in a packet", len(listed.splitlines()))
    point({p.stem for p in (WORK / "packets").iterdir()} == {r["packet"] for r in csv.DictReader(listed.splitlines())}, "a file a reviewer, no other")
    point(not drawers & packets and not packets & invited and not invited & drawers, "no code of one audience is one of another")
    point(len({(p.stat().st_mtime, oct(p.stat().st_mode)) for folder in ("packets", "slips") for p in (WORK / folder).iterdir()}) == 1, "one date and mode")
    point(all(n & (n - 1) == 0 and n >= 4096 for n in (p.stat().st_size for p in (WORK / "packets").iterdir())), "sizes are buckets")
    point(len({p.stat().st_size for p in (WORK / "slips").iterdir()}) == 1, "slips are of one size")
    names = [r["name"] for r in contacts]
    point(set(names) <= {e["姓名" if POOL == "cn" else "name"].strip() for e in experts} and names != sorted(names), "contacts has names of experts, in an order that is not theirs")


def check_handover_opens():
    """The requester opens neither registry nor batch file, the registrar's list neither batch file nor what the requester holds."""
    for command, forbidden in ((["leaks", "B"], ("registry/", "/draw", "/audit", "/notify")), (["packets", "B", "--out", str(WORK / "p2")], ("registry/", "/draw", "/audit", "/notify")),
                               (["contacts", "B", "--out", str(WORK / "c2.csv")], ("/draw", "/audit", "site/desk"))):
        log = WORK / "trace"
        subprocess.run(["strace", "-f", "-e", "trace=%file", "-o", log, VEIL, "batch", *command], env=ENV, capture_output=True)
        text = log.read_text(errors="replace")
        opened = [line for line in text.splitlines() if any(f in line for f in forbidden)]
        point(text and not opened, f"batch {command[0]} opens nothing that is not its own", opened[:3])


def check_drawers_opens(batch):
    if not shutil.which("strace"):
        print("# strace is not here: opens are not traced")
        return
    seats = [(row["project"], row["reviewer"]) for row in csv.DictReader(io.StringIO(run("batch", "show", batch, "--assignments", "--csv")[1]))]
    who = ["--project", seats[40][0], "--reviewer", seats[40][1]]
    for command in (["replace", batch, *who, "--reason", "ill"], ["strike", batch, "--project", seats[60][0], "--reviewer", seats[60][1]],
                    ["withdraw", batch, "--reviewer", seats[80][1]], ["check", batch], ["show", batch, "--summary"], ["show", batch, "--assignments", "--csv"], ["status", batch],
                    ["minutes", batch, "--out", str(WORK / "m2.html")]):
        log = WORK / "trace"
        subprocess.run(["strace", "-f", "-e", "trace=%file", "-o", log, VEIL, "batch", *command], env=ENV, capture_output=True)
        text = log.read_text(errors="replace")
        opened = [line for line in text.splitlines() if "registry" in line or "/audit" in line]
        point(text and not opened, f"batch {command[0]} opens neither registry nor audit file", opened[:3])
    check_handover_opens()


def tampered(what, change, expect_reason=None):
    copy = WORK / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(SITE, copy)
    change(copy)
    batch = subprocess.run([VERIFY, "batch", copy / "draw" / "B.veil"], env=ENV, capture_output=True, stdin=subprocess.DEVNULL)
    ledger = subprocess.run([VERIFY, "ledger", copy / "ledger" / "ledger.db"], env=ENV, capture_output=True, stdin=subprocess.DEVNULL)
    point(5 in (batch.returncode, ledger.returncode) and {batch.returncode, ledger.returncode} <= {0, 5}, f"veil-verify notices: {what}",
          f"exits {batch.returncode} {ledger.returncode}: {batch.stdout.decode()[-800:]} {batch.stderr.decode()[-400:]}")
    shutil.rmtree(copy)


def sql(path, *statements):
    db = sqlite3.connect(path)
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f'DROP TRIGGER "{name}"')
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def check_tampering():
    draw, ledger, audit = "draw/B.veil", "ledger/ledger.db", "audit/B.audit"
    tampered("a moved reviewer", lambda c: sql(
        c / draw, "UPDATE assignment SET reviewer = (SELECT code FROM reviewer WHERE code NOT IN (SELECT reviewer FROM assignment) LIMIT 1) "
        "WHERE (project, reviewer) = (SELECT project, reviewer FROM assignment LIMIT 1)"))
    tampered("a dropped place", lambda c: sql(
        c / draw, "DELETE FROM assignment WHERE (project, reviewer) = (SELECT project, reviewer FROM assignment LIMIT 1)"))
    tampered("a flipped record", lambda c: sql(
        c / ledger, "UPDATE leaf SET record = CAST(replace(CAST(record AS TEXT), 'op1', 'op2') AS BLOB) WHERE seq = 1"))
    tampered("a cut tail", lambda c: sql(c / ledger, "DELETE FROM leaf WHERE seq = (SELECT max(seq) FROM leaf)"))
    # Sealed files: what a forger who holds the auditor's key could do inside is tests/verify's.
    tampered("a flipped byte of the audit file", lambda c: flip(c / audit))
    tampered("a cut audit file", lambda c: os.truncate(c / audit, (c / audit).stat().st_size // 2))
    tampered("a raised load", lambda c: sql(c / draw, "UPDATE reviewer SET max_load = 9"))


def main():
    experts, people = rows("experts.csv.gz"), rows("people.csv.gz")
    run("init", SITE, "--rehearsal")
    imports()
    (WORK / "policy.ini").write_text("[batch]\nmethod=total\nreserves=2\n")
    run("batch", "new", "B", "--policy", WORK / "policy.ini", "--projects", LISTS / "projects.csv.gz", "--people", LISTS / "people.csv.gz")
    run("batch", "freeze", "B", "--as-of", AS_OF)
    run("batch", "check", "B")
    run("batch", "draw", "B")
    run("batch", "minutes", "B", "--out", WORK / "minutes.html")
    project, reviewer = codes_of("B")
    point(len(project) == len(rows("projects.csv.gz")) and set(reviewer.values()) >= {e[list(e)[0]] for e in experts}, "everybody has a code")
    got = conflicts("B", project, reviewer)
    check_conflicts(got)
    check_panels("B", got, project, reviewer, experts)
    check_replacement("B", got, project, reviewer, experts)
    code, out, err = run("batch", "draw", "B", expect=None)
    point(code == 6, "a second draw of one freeze is refused", f"exit {code} {err}")
    run("ledger", "checkpoint")
    for what in (["batch", SITE / "draw" / "B.veil"], ["ledger", SITE / "ledger" / "ledger.db"]):
        code, out, err = run(*what, program=VERIFY, expect=None)
        point(code == 0, f"veil-verify {what[0]} accepts", out + err)
    check_handover(experts)
    check_secrecy(experts, people)
    check_drawers_opens("B")
    check_tampering()
    print(f"1..{points}")
    shutil.rmtree(WORK)
    return 1 if failed else 0


if __name__ == "__main__":
    csv.field_size_limit(1 << 30)
    sys.exit(main())
