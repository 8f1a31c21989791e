#!/usr/bin/env python3
"""Freezes under panel rules, teams and R05 on the demo pool: what the lists said, seen again in what was drawn.

usage: rules.py VEIL VEIL_VERIFY VEIL_DEMO UNSEAL
"""
import collections
import csv
import hashlib
import io
import json
import os
import pathlib
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile

VEIL, VERIFY, DEMO, UNSEAL = (os.path.abspath(p) for p in sys.argv[1:5])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-rules-"))
SITE, LISTS = WORK / "site", WORK / "lists"
ENV = dict(os.environ, VEIL_OPERATOR="op1", TMPDIR=str(WORK), VEIL_SITE=str(SITE))
ENV.pop("VEIL_PASSPHRASE_FILE", None)
number = failed = 0
R05 = 1 << 14


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


def by_total(policy):
    """By method total where nothing else is said."""
    if "method=" in policy:
        return policy
    return policy.replace("[batch]\n", "[batch]\nmethod=total\n", 1) if "[batch]" in policy else "[batch]\nmethod=total\n" + policy


def new(name, policy, projects="projects-ruled.csv", *options):
    (WORK / f"{name}.policy").write_text(by_total(policy), "utf-8")
    return run(VEIL, "batch", "new", name, "--policy", WORK / f"{name}.policy", "--projects", LISTS / projects, "--people", LISTS / "people.csv", *options)


def drawn(name, policy):
    """Makes, freezes, draws; the batch file and the panels by project code."""
    done = new(name, policy)
    if done.returncode not in (0, 7):
        point(False, f"batch new {name}", done.stderr)
    must(VEIL, "batch", "freeze", name, "--as-of", "2026-03-01")
    must(VEIL, "batch", "draw", name)
    panels = collections.defaultdict(list)
    for row in rows(must(VEIL, "batch", "show", name, "--assignments", "--csv")):
        if row["role"] == "panel":
            panels[row["project"]].append(row["reviewer"])
    return sqlite3.connect(f"file:{SITE}/draw/{name}.veil?mode=ro", uri=True), panels


def who(name):
    """Codes of the batch -> ids of the lists."""
    return {row["code"]: row["id"] for row in rows(must(VEIL, "batch", "codes", name, "--all", "--csv"))}


def set_up():
    must(DEMO, "--out", LISTS, "--seed", "3", "--experts", "1500", "--projects", "120")
    must(VEIL, "init", SITE, "--rehearsal")
    for kind, name in (("disciplines", "disciplines.csv"), ("organisations", "organisations.csv"), ("experts", "experts.csv"),
                       ("posts", "posts.csv"), ("works", "works.csv.gz"), ("relations", "relations.csv"), ("bans", "bans.csv")):
        must(VEIL, "import", kind, LISTS / name)
    projects = read("projects.csv")
    for i, row in enumerate(projects):
        row["类别"] = ("预算评审", "青年", "")[i % 3]
        row["评审组"] = f"第{i // 4}组" if i < 40 else ""
    with open(LISTS / "projects-ruled.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, projects[0].keys())
        writer.writeheader()
        writer.writerows(projects)
    return {row["编号"]: row for row in read("experts.csv")}, {row["编号"]: row for row in projects}


def test_rules(experts, projects):
    city = collections.Counter(row["city"] for row in experts.values() if row["city"]).most_common(1)[0][0]
    province = collections.Counter(row["地区"] for row in experts.values() if row["地区"]).most_common(1)[0][0]
    db, panels = drawn("RULES", f"[panel.outside]\nattribute=province\nvalue=!{province}\nmin_share=1/2\n"
                                "[panel.money]\nclass=预算评审\nattribute=kind\nvalue=finance\nmin=1\n"
                                f"[panel.city]\nattribute=city\nvalue={city}\nmax=1\n")
    ids = who("RULES")
    wrong = [p for p, panel in panels.items() if sum(experts[ids[r]]["地区"] not in ("", province) for r in panel) < 3]
    point(len(panels) == 120 and not wrong, "every panel has three of five from other provinces, by the lists themselves", wrong)
    wrong = [p for p, panel in panels.items()
             if projects[ids[p]]["类别"] == "预算评审" and not any(experts[ids[r]]["专家类别"] in ("finance", "财务") for r in panel)]
    point(not wrong, "every panel of the class has somebody from finance", wrong)
    seen = db.execute("SELECT code, kind, province, rank, attributes FROM reviewer").fetchall()
    wrong = [code for code, _, _, _, attributes in seen
             if attributes is not None and (json.loads(attributes)["city"] == city) != (experts[ids[code]]["city"] == city)]
    point(not wrong, "the city that the policy names is that of the lists", wrong)
    marked = {code for code, _, _, _, attributes in seen if attributes is not None and json.loads(attributes)["city"] == city}
    point(marked and all(len(marked & set(panel)) <= 1 for panel in panels.values()), "at most one of the city that is known to be of it")
    point({k for _, k, _, _, _ in seen} <= {"finance", "*", None} and {p for _, _, p, _, _ in seen} <= {province, "*", None} and
          {r for _, _, _, r, _ in seen} == {None} and all(a is None or json.loads(a)["city"] in (city, "*") for _, _, _, _, a in seen),
          "the drawer's file says what rules name and no more")
    point({c for (c,) in db.execute("SELECT class FROM project")} == {"预算评审", None}, "a class that no rule names is not written")


def test_teams(projects):
    db, panels = drawn("TEAMS", "[team]\nby=column\n")
    ids = who("TEAMS")
    teams = collections.defaultdict(set)
    for code, team in db.execute("SELECT code, team FROM project"):
        if team is not None:
            teams[team].add(code)
    by_name = collections.defaultdict(set)
    for code in panels:
        if projects[ids[code]]["评审组"]:
            by_name[projects[ids[code]]["评审组"]].add(code)
    point(sorted(map(sorted, teams.values())) == sorted(map(sorted, by_name.values())) and len(teams) == 10, "teams are those of the list, under tokens")
    point(all(len({tuple(sorted(panels[p])) for p in team}) == 1 for team in teams.values()), "projects of a team have one panel")
    excluded = collections.defaultdict(set)
    for row in rows(must(VEIL, "batch", "conflicts", "TEAMS", "--csv")):
        excluded[row["project"]].add(row["reviewer"])
    index = [code for (code,) in db.execute("SELECT code FROM reviewer ORDER BY code")]
    listed = {p: {index[r] for r, _ in struct.iter_unpack("<Ii", blob)} for p, blob in db.execute("SELECT code, candidates FROM project")}
    point(all(not listed[p] & excluded[q] for team in teams.values() for p in team for q in team), "whom one project excludes no project of the team lists")
    db, panels = drawn("FIELDS", "[team]\nby=discipline\nmax_size=4\n")
    ids, teams = who("FIELDS"), collections.defaultdict(set)
    for code, team in db.execute("SELECT code, team FROM project WHERE team IS NOT NULL"):
        teams[team].add(code)
    fields = {code: frozenset(projects[ids[code]]["学科代码"].split(";")) for code in panels}
    point(len(teams) > 5 and all(2 <= len(team) <= 4 and len({fields[p] for p in team}) == 1 for team in teams.values()), "teams by discipline have one set of codes")
    point(all(len({tuple(sorted(panels[p])) for p in team}) == 1 for team in teams.values()), "and one panel")


def lottery_of(name):
    """Draws by method draw where odds alone would not do: a lottery, its weights, every panel of it; and the other program's word."""
    done = run(VERIFY, "batch", SITE / "draw" / f"{name}.veil")
    point(done.returncode == 0 and "lottery" in done.stdout and "odds and seed give exactly these people" in done.stdout, f"{name}: veil-verify replays the lottery", done.stdout + done.stderr)
    shown = must(VEIL, "batch", "show", name)
    point("lottery     of" in shown, f"{name}: show says that it was a lottery", shown)
    db = sqlite3.connect(f"file:{SITE}/draw/{name}.veil?mode=ro", uri=True)
    code = [c for (c,) in db.execute("SELECT code FROM reviewer ORDER BY code")]
    tickets = [(weight, [code[i] for (i,) in struct.iter_unpack("<I", blob)]) for weight, blob in db.execute("SELECT weight, panels FROM lottery ORDER BY n")]
    point(len(tickets) >= 20 and sum(w for w, _ in tickets) == 10000, f"{name}: weights make one", len(tickets))
    return tickets


def test_lotteries(experts, projects):
    """Method draw with rules that cross, with teams and with a share of the batch: legal in every one of the assignments that could have been drawn."""
    province = collections.Counter(row["地区"] for row in experts.values() if row["地区"]).most_common(1)[0][0]
    db, panels = drawn("LOT", f"[batch]\nmethod=draw\ndemand=3\ncandidates=90\nsmallest_set=5\nreserves=1\n[panel.outside]\nattribute=province\nvalue=!{province}\nmin=1\n"
                              "[panel.money]\nclass=预算评审\nattribute=kind\nvalue=finance\nmax=1\n[panel.ranks]\nattribute=rank\nmax=2\n")
    ids, codes = who("LOT"), [c for (c,) in db.execute("SELECT code FROM project ORDER BY code")]
    finance = {c for c, kind in db.execute("SELECT code, kind FROM reviewer") if kind == "finance"}
    wrong = 0
    places = dict(db.execute("SELECT project, count(*) FROM assignment WHERE draw = 1 GROUP BY project"))
    point(sum(places.values()) > 4 * len(codes) - 20, "nearly every project has its reserve", sum(places.values()))
    for _, people in lottery_of("LOT"):
        at = 0
        for code in codes:
            four, at = people[at:at + places[code]], at + places[code]
            wrong += len(set(four)) != places[code] or not any(experts[ids[r]]["地区"] not in ("", province) for r in four)
            wrong += projects[ids[code]]["类别"] == "预算评审" and len(finance & set(four)) > 1
    point(wrong == 0, "rules that cross: every panel of every assignment is legal", wrong)
    minutes = WORK / "LOT.html"
    must(VEIL, "batch", "minutes", "LOT", "--out", minutes)
    point("lottery" in minutes.read_text("utf-8"), "the minutes say what a lottery promises")
    must(VEIL, "batch", "replace", "LOT", "--project", codes[0], "--reviewer", panels[codes[0]][0], "--reason", "ill", "--record", "letter-1")
    people = db.execute("SELECT code, employer, rank FROM reviewer ORDER BY code").fetchall()
    room = {}
    for p, blob in db.execute("SELECT code, candidates FROM project").fetchall():  # who may still join: no employer twice, no rank three times
        there = [r for r in people if r[0] in {c for (c,) in db.execute("SELECT reviewer FROM assignment WHERE project = ?", (p,))}]
        employers, ranks = {e for _, e, _ in there} - {None}, [k for _, _, k in there]
        listed = [people[r] for r, _ in struct.iter_unpack("<Ii", blob)]
        room[p] = sum(r not in there and r[1] not in employers and (r[2] is None or ranks.count(r[2]) < 2) for r in listed)
    widest = sorted(room, key=room.get)[-2:]
    must(VEIL, "batch", "draw", "LOT", "--round", "--add", "1", "--project", widest[0], "--project", widest[1], "--reason", "a further opinion")
    done = run(VERIFY, "batch", SITE / "draw" / "LOT.veil")
    point(done.returncode == 0, "a vacancy and a round after a lottery verify", done.stdout + done.stderr)
    db, panels = drawn("LOTTEAM", "[batch]\nmethod=draw\ndemand=3\ncandidates=90\n[team]\nby=column\n")
    codes = [c for (c,) in db.execute("SELECT code FROM project ORDER BY code")]
    team = dict(db.execute("SELECT code, team FROM project"))
    wrong = 0
    for _, people in lottery_of("LOTTEAM"):
        shared = collections.defaultdict(set)
        for k, code in enumerate(codes):
            shared[team[code] or code].add(tuple(people[3 * k:3 * k + 3]))
        wrong += sum(len(s) != 1 for s in shared.values())
    point(wrong == 0, "teams: one panel in every assignment", wrong)
    db, panels = drawn("LOTSHARE", f"[batch]\nmethod=draw\ndemand=3\ncandidates=90\n[share.outside]\nattribute=province\nvalue=!{province}\nmin_share=1/2\n")
    ids = who("LOTSHARE")
    least = min(sum(experts[ids[r]]["地区"] not in ("", province) for r in people) / len(people) for _, people in lottery_of("LOTSHARE"))
    point(least >= 0.5, "a share of the batch holds in every assignment", least)


def test_coin():
    must_be_some = json.loads(must(VEIL, "batch", "cycles", "TEAMS", "--json"))
    drawn("COIN", "[conflict.R05]\nenabled=true\n")
    figures = json.loads(must(VEIL, "batch", "cycles", "COIN", "--json"))
    point(must_be_some["possible_pairs"] > 100, "without the rule many could review each other", must_be_some)
    point(figures["possible_pairs"] == 0 and figures["reciprocal_pairs"] == 0 and figures["reviews"] > 0, "with it nobody can, and they still review", figures)
    point(not (SITE / "audit/COIN.audit").read_bytes().startswith(b"SQLite"), "the audit file lies sealed")
    must(UNSEAL, SITE / "audit/COIN.audit", SITE / "audit/auditor.key", WORK / "coin.audit")
    db = sqlite3.connect(f"file:{WORK}/coin.audit?mode=ro", uri=True)
    freeze = db.execute("SELECT value FROM meta WHERE key = 'freeze_id'").fetchone()[0]
    everywhere = {n for (n,) in db.execute("SELECT person FROM everywhere")}
    code = {n: c for n, c, pool, active in db.execute("SELECT n, code, in_pool, active FROM person") if pool and active and n not in everywhere}
    behind = collections.defaultdict(set)
    for project, person in db.execute("SELECT project, person FROM project_person"):
        behind[project].add(person)
    seekers = {n for people in behind.values() for n in people if n in code}
    wrong = pairs = 0
    for project, blob in db.execute("SELECT project, pairs FROM exclusion"):
        stored = {n for n, mask in struct.iter_unpack("<II", blob) if mask & R05}
        expected = set()
        for e in seekers - behind[project]:
            for f in behind[project] & seekers:
                a, b = sorted((code[e], code[f]))
                coin = hashlib.sha256(f"veil/R05/1\n{freeze}\n{a}\n{b}".encode()).digest()[0] & 1
                if (coin == 0) == (code[e] == b):
                    expected.add(e)
        pairs += len(expected)
        wrong += stored != expected
    point(wrong == 0 and pairs > 1000, f"the coin thrown again in another language: {pairs} pairs", wrong)
    done = run(VERIFY, "batch", SITE / "draw" / "COIN.veil")
    point(done.returncode == 0, "veil-verify throws it too", done.stdout + done.stderr)
    one = db.execute("SELECT p.code, x.pairs FROM exclusion x JOIN project p ON p.n = x.project").fetchall()
    for project, blob in one:
        lost = [n for n, mask in struct.iter_unpack("<II", blob) if mask == R05]
        if lost:
            reviewer = db.execute("SELECT reviewer FROM person WHERE n = ?", lost[:1]).fetchone()[0]
            said = must(VEIL, "batch", "explain", "COIN", "--project", project, "--reviewer", reviewer)
            point("R05" in said and f"of project {project}" in said and said.count("of project") % 2 == 0, "explain names both projects", said)
            break
    acts = [r.decode().split("\nact ")[1].split("\n")[0] for (r,) in
            sqlite3.connect(f"file:{SITE}/ledger/ledger.db?mode=ro", uri=True).execute("SELECT CAST(record AS BLOB) FROM leaf")]
    point(acts.count("batch.cycles") == 2, "every look at cycles is logged")


def test_refusals():
    cases = ((3, "[batch]\ndemand=4\n[panel.odd]\nodd=true\n", "an even panel where odd ones are asked for"),
             (6, "[panel.x]\nattribute=age\nvalue=40\nmin=1\n", "an attribute that the pool does not have"),
             (6, "[panel.peer]\nattribute=peer\nvalue=far\nmin=1\n", "a peer level that there is not"),
             (6, "[panel.peer]\nattribute=peer\nvalue=leaf\nmax=2\n", "a maximum of peers: of some it is not said that they are"),
             (3, "[team]\nby=column\nmax_size=3\n", "a team of four where three are allowed"),
             (6, "[batch]\nmethod=draw\nreserves=1\n[share.outside]\nattribute=province\nvalue=!北京\nmin_share=1/2\n", "a share together with reserves under method draw"),
             (3, "[panel.x]\nattribute=kind\nvalue=*\nmin=1\n", "the mark for what no rule names"))
    for i, (status, policy, what) in enumerate(cases):
        done = new(f"NO{i}", policy)
        point(done.returncode == status and done.stderr.count("\n") == 1 and run(VEIL, "batch", "status", f"NO{i}").returncode != 0,
              f"refused with {status}, and no batch: {what}", done.stderr)
    done = new("PLAIN", "", "projects.csv", "--schema-changed")
    point(done.returncode in (0, 7), "a list without the columns is taken as before", done.stderr)


experts, projects = set_up()
test_rules(experts, projects)
test_teams(projects)
test_lotteries(experts, projects)
test_coin()
test_refusals()
shutil.rmtree(WORK)
print(f"1..{number}")
sys.exit(failed > 0)
