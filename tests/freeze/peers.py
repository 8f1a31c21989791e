#!/usr/bin/env python3
"""Rules on peer level (RULES K08) on the demo pool: marks and panels held against the lists themselves, by every method, after vacancies, and in veil-verify.

usage: peers.py VEIL VEIL_VERIFY VEIL_DEMO
"""
import collections
import csv
import io
import os
import pathlib
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile

VEIL, VERIFY, DEMO = (os.path.abspath(p) for p in sys.argv[1:4])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-peers-"))
SITE, LISTS = WORK / "site", WORK / "lists"
ENV = dict(os.environ, VEIL_OPERATOR="op1", TMPDIR=str(WORK), VEIL_SITE=str(SITE))
ENV.pop("VEIL_PASSPHRASE_FILE", None)
LEAF, NEAR = 1, 2
number = failed = 0


def point(good, what, detail=""):
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        print("\n".join("# " + line for line in str(detail)[:1500].splitlines()), flush=True)


def run(*args):
    return subprocess.run([str(a) for a in args], env=ENV, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def must(*args):
    done = run(*args)
    if done.returncode not in (0, 7):
        point(False, " ".join(str(a) for a in args[1:4]), done.stderr)
        print(f"1..{number}")
        sys.exit(1)
    return done.stdout


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read(name):
    return rows((LISTS / name).read_text("utf-8-sig"))


def codes(cell):
    return {part.split("=")[0] for part in cell.split(";") if part}


def set_up():
    """Class 小同行: projects of a discipline that many experts have."""
    must(DEMO, "--out", LISTS, "--seed", "3", "--experts", "1500", "--projects", "60")
    must(VEIL, "init", SITE, "--rehearsal")
    for kind, name in (("disciplines", "disciplines.csv"), ("organisations", "organisations.csv"), ("experts", "experts.csv"),
                       ("posts", "posts.csv"), ("works", "works.csv.gz"), ("relations", "relations.csv"), ("bans", "bans.csv")):
        must(VEIL, "import", kind, LISTS / name)
    experts, projects = read("experts.csv"), read("projects.csv")
    people = collections.Counter(code for row in experts for code in codes(row["学科代码"]))
    for row in projects:
        row["类别"] = "小同行" if max(people[code] for code in codes(row["学科代码"])) >= 55 else ""
    with open(LISTS / "projects-peers.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, projects[0].keys())
        writer.writeheader()
        writer.writerows(projects)
    parent = {f"{row['scheme']}:{row['code']}": f"{row['scheme']}:{row['parent']}" if row["parent"] else None for row in read("disciplines.csv")}
    return {row["编号"]: row for row in experts}, {row["编号"]: row for row in projects}, parent


def level(expert, project, parent):
    """Marks from the two lists: the own leaf; the field around it."""
    inner, mark = set(parent.values()), 0
    for own in codes(project["学科代码"]):
        field = own if own in inner else parent[own]
        for has in codes(expert["学科代码"]):
            if has == own:
                mark |= NEAR | (0 if own in inner else LEAF)
            if field is not None and field in (has, parent[has]):
                mark |= NEAR
    return mark


RULES = "[panel.peer]\nclass=小同行\nattribute=peer\nvalue=leaf\nmin=2\n[panel.field]\nclass=小同行\nattribute=peer\nvalue=near\nmin=3\n"


def frozen(name, policy):
    (WORK / f"{name}.policy").write_text(policy, "utf-8")
    must(VEIL, "batch", "new", name, "--policy", WORK / f"{name}.policy", "--projects", LISTS / "projects-peers.csv", "--people", LISTS / "people.csv")
    must(VEIL, "batch", "freeze", name, "--as-of", "2026-03-01")
    return {row["code"]: row["id"] for row in rows(must(VEIL, "batch", "codes", name, "--all", "--csv"))}


def panels(name):
    out = collections.defaultdict(list)
    for row in rows(must(VEIL, "batch", "show", name, "--assignments", "--csv")):
        out[row["project"]].append(row["reviewer"])
    return out


def verified(name, what):
    done = run(VERIFY, "batch", SITE / "draw" / f"{name}.veil")
    point(done.returncode == 0 and "ok    peers" in done.stdout, f"veil-verify: {what}", done.stdout + done.stderr)


def short_panels(name, ids, experts, projects, parent):
    wrong = []
    for p, panel in panels(name).items():
        marks = [level(experts[ids[r]], projects[ids[p]], parent) for r in panel]
        if projects[ids[p]]["类别"] and (sum(m & LEAF != 0 for m in marks) < 2 or sum(m & NEAR != 0 for m in marks) < 3):
            wrong.append((p, marks))
    return wrong


def test_marks(experts, projects, parent):
    ids = frozen("TOTAL", "[batch]\nmethod=total\nreserves=3\n" + RULES)
    db = sqlite3.connect(f"file:{SITE}/draw/TOTAL.veil?mode=ro", uri=True)
    index = [code for (code,) in db.execute("SELECT code FROM reviewer ORDER BY code")]
    false = missing = marked = unasked = 0
    for p, blob in db.execute("SELECT code, candidates FROM project"):
        for r, word in struct.iter_unpack("<II", blob):
            mark, true = word >> 24, level(experts[ids[index[r]]], projects[ids[p]], parent)
            if not projects[ids[p]]["类别"]:
                unasked += mark
                continue
            marked += mark != 0
            false += mark & ~true != 0
            missing += true & ~mark != 0
    point(false == 0 and marked > 500, f"whoever is marked is a peer by the lists ({marked} pairs)", false)
    point(missing <= marked / 10, f"hardly a peer is not marked: cells of fewer than five ({missing} pairs)", missing)
    point(unasked == 0, "projects that no rule asks have no marks")
    must(VEIL, "batch", "draw", "TOTAL")
    wrong = short_panels("TOTAL", ids, experts, projects, parent)
    point(not wrong, "two of the very discipline and three of the field on every panel of the class", wrong)
    verified("TOTAL", "total, marks worked out again")
    return ids


def test_vacancies(ids, experts, projects, parent):
    """Peers give their places back: whoever moves up keeps the minimum, else nobody does."""
    gone = promoted = 0
    for p, panel in list(panels("TOTAL").items()):
        if not projects[ids[p]]["类别"] or gone >= 6:
            continue
        peer = next(r for r in panel if level(experts[ids[r]], projects[ids[p]], parent) & LEAF)
        must(VEIL, "batch", "replace", "TOTAL", "--project", p, "--reviewer", peer, "--reason", "declined", "--record", "no-7")
        now = panels("TOTAL")[p]
        gone += 1
        if len(now) < 5:
            continue
        promoted += 1
        marks = [level(experts[ids[r]], projects[ids[p]], parent) for r in now]
        point(sum(m & LEAF != 0 for m in marks) >= 2 and sum(m & NEAR != 0 for m in marks) >= 3, "a reserve moved up and the minima hold", marks)
    point(gone == 6 and promoted > 0, f"{promoted} of {gone} vacancies were filled from reserves")
    short = [p for p, panel in panels("TOTAL").items() if len(panel) < 5]
    if short:
        must(VEIL, "batch", "draw", "TOTAL", "--top-up")
        wrong = short_panels("TOTAL", ids, experts, projects, parent)
        point(not wrong, f"and a top-up for {len(short)} panels keeps them", wrong)
    verified("TOTAL", "every promotion replayed")


def test_draw(experts, projects, parent):
    ids = frozen("DRAW", "[batch]\nmethod=draw\nreserves=1\n" + RULES + "[panel.employer]\nenabled=false\n")
    must(VEIL, "batch", "draw", "DRAW")
    wrong = short_panels("DRAW", ids, experts, projects, parent)
    point(not wrong, "method draw: the minima hold in what was drawn", wrong)
    verified("DRAW", "draw, odds and replay")


def test_teams(experts, projects, parent):
    ids = frozen("TEAMS", "[batch]\nmethod=total\nreserves=0\n" + RULES + "[team]\nby=discipline\nmax_size=3\n")
    must(VEIL, "batch", "draw", "TEAMS")
    wrong = short_panels("TEAMS", ids, experts, projects, parent)
    point(not wrong, "teams: whoever counts counts for each of the team", wrong)
    verified("TEAMS", "teams")


experts, projects, parent = set_up()
ids = test_marks(experts, projects, parent)
test_vacancies(ids, experts, projects, parent)
test_draw(experts, projects, parent)
test_teams(experts, projects, parent)
shutil.rmtree(WORK)
print(f"1..{number}")
sys.exit(failed > 0)
