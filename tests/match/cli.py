#!/usr/bin/env python3
"""cli.py VEIL VEIL-VERIFY - `veil match` from outside: bad lists, the order of rows, proofs and witnesses checked by the other program."""
import gzip
import itertools
import json
import pathlib
import random
import subprocess
import sys
import tempfile

VEIL, VERIFY = sys.argv[1], sys.argv[2]
HERE = pathlib.Path(tempfile.mkdtemp(prefix="veil-match-"))
faults = []


def put(name, text):
    path = HERE / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def run(program, *args):
    return subprocess.run([program, *args], capture_output=True, text=True)


def claim(what, ok, seen=""):
    if not ok:
        faults.append(what)
        print(f"FAULT {what}: {seen}")


def match(*args, out="out.csv"):
    result = run(VEIL, "match", *args, "--out", str(HERE / out), "--certificate", str(HERE / "c.json"), "--json")
    summary = json.loads(result.stdout) if result.stdout else None
    return result, summary


def verify(*args, out="out.csv"):
    return run(VERIFY, "match", *args, "--assignment", str(HERE / out), "--certificate", str(HERE / "c.json")).returncode


def fails(what, status, *args, says=()):
    (HERE / "out.csv").unlink(missing_ok=True)
    result, _ = match(*args)
    claim(what, result.returncode == status, (result.returncode, result.stderr))
    claim(what + ": one line", result.stderr.count("\n") == 1, result.stderr)
    claim(what + ": nothing written", not (HERE / "out.csv").exists())
    for word in says:
        claim(f"{what}: says {word}", word in result.stderr, result.stderr)


HEAD = "project,reviewer,score\n"
GOOD = put("good.csv", HEAD + "p1,secret-ann,0.5\np1,bob,0.25\np2,bob,1e0\np2,secret-ann,-.5\n")
ONE = ["--demand", "1", "--max-load", "1"]

result, summary = match("--scores", GOOD, *ONE)
claim("good", result.returncode == 0 and summary["objective"] == 1.5 and summary["gap"] == 0, result.stderr)
claim("good file", (HERE / "out.csv").read_text() == HEAD + "p1,secret-ann,0.500000\np2,bob,1.000000\n")
claim("good verified", verify("--scores", GOOD, *ONE) == 0)

# lists that cannot be right: 3, with line and column, never the id
for name, row, words in [
    ("nan", "p3,secret-ann,nan", ["line 2", "score"]), ("infinity", "p3,secret-ann,inf", ["line 2"]), ("huge", "p3,secret-ann,1e308", ["line 2"]),
    ("beyond", "p3,secret-ann,1000000.1", ["line 2"]), ("empty score", "p3,secret-ann,", ["line 2"]), ("no project", ",secret-ann,1", ["line 2", "project"]),
    ("no reviewer", "p3,,1", ["line 2", "reviewer"]), ("hex", "p3,secret-ann,0x1", ["line 2"]), ("too few", "p3,secret-ann", ["line 2"]),
    ("twice", "p3,secret-ann,1\np3,bob,1\np3,secret-ann,1", ["lines 2 and 4"]),
]:
    bad = put("bad.csv", HEAD + row + "\n")
    fails(name, 3, "--scores", bad, *ONE, says=["bad.csv", *words])
    claim(name + " quotes nobody", "secret" not in match("--scores", bad, *ONE)[0].stderr)
fails("empty file", 3, "--scores", put("bad.csv", ""), *ONE)
fails("no column", 3, "--scores", put("bad.csv", "project,reviewer,points\na,b,1\n"), *ONE, says=["score"])
fails("directory", 3, "--scores", str(HERE), *ONE)
fails("cut gzip", 3, "--scores", put("bad.csv.gz", gzip.compress(pathlib.Path(GOOD).read_bytes())[:-9]), *ONE)
fails("negative load", 3, "--scores", GOOD, "--demand", "1", "--loads", put("l.csv", "reviewer,min,max\nbob,-1,2\n"), says=["line 2", "min"])
fails("min above max", 3, "--scores", GOOD, "--demand", "1", "--loads", put("l.csv", "reviewer,min,max\nbob,3,2\n"))
fails("loads twice", 3, "--scores", GOOD, "--demand", "1", "--loads", put("l.csv", "reviewer,min,max\nbob,1,2\nbob,1,2\n"), says=["line 3"])
fails("demand twice", 3, "--scores", GOOD, "--max-load", "1", "--demands", put("d.csv", "project,k\np1,1\np1,1\n"), says=["line 3"])
fails("too large a load", 3, "--scores", GOOD, "--demand", "1", "--loads", put("l.csv", "reviewer,min,max\nbob,0,99999999999999999999\n"))

# what the command line must say: 2
fails("no demand", 2, "--scores", GOOD, "--max-load", "1", says=["--demand"])
fails("no load", 2, "--scores", GOOD, "--demand", "1", says=["--max-load"])
fails("missing score", 2, "--scores", GOOD, *ONE, "--missing-score", "nan")
fails("method", 2, "--scores", GOOD, *ONE, "--method", "best")
fails("seed", 2, "--scores", GOOD, *ONE, "--seed", "1234")

# panel rules
ATTRIBUTES = put("a.csv", "reviewer,employer\nr1,x\nr2,x\nr3,\nr4,\n")
PANEL = put("panel.csv", HEAD + "p,r1,9\np,r2,8\np,r3,2\np,r4,1\n")
RULE = put("rule.ini", "[panel.employer]\nattribute=employer\nmax=1\n")
OTHER = put("other.ini", "[panel.employer]\nattribute=employer\nmax=2\n")
NONE = put("none.ini", "[batch]\ndemand=2\n")
for policy, total in [(RULE, 12.0), (NONE, 17.0)]:
    args = ["--scores", PANEL, "--attributes", ATTRIBUTES, "--policy", policy, "--demand", "3" if policy == RULE else "2", "--max-load", "1"]
    result, summary = match(*args)
    claim("panel " + policy, result.returncode == 0 and summary["objective"] == total, (result.stderr, summary))
    claim("panel verified " + policy, verify(*args) == 0)
args = ["--scores", PANEL, "--attributes", ATTRIBUTES, "--policy", OTHER, "--demand", "3", "--max-load", "1"]
result, summary = match(*args)
claim("panel of two of one employer", result.returncode == 0 and verify(*args) == 0, (result.stderr, summary))
claim("rules make certificate 2", json.loads((HERE / "c.json").read_text())["format"] == "veil-certificate/2")
fails("panel without attributes", 2, "--scores", PANEL, "--policy", RULE, *ONE, says=["--attributes"])
fails("panel without column", 3, "--scores", PANEL, "--attributes", put("b.csv", "reviewer,town\nr1,x\n"), "--policy", RULE, *ONE, says=["employer"])

# infeasible: 4, a witness that the other program counts again
for what, args in [
    ("demand above the pool", ["--scores", GOOD, "--demand", "3", "--max-load", "9"]),
    ("demand above any pool", ["--scores", GOOD, "--demand", "2000000000", "--max-load", "2000000000"]),
    ("dense", ["--scores", GOOD, "--missing-score", "0", "--demand", "2", "--max-load", "1"]),
    ("employers", ["--scores", PANEL, "--attributes", ATTRIBUTES, "--policy", RULE, "--demand", "4", "--max-load", "1"]),
    ("minimum", ["--scores", GOOD, "--demand", "1", "--max-load", "9", "--min-load", "2"]),
    ("nobody may", ["--scores", GOOD, "--demand", "1", "--max-load", "0"]),
]:
    (HERE / "out.csv").unlink(missing_ok=True)
    result, summary = match(*args)
    claim(what, result.returncode == 4 and summary["status"] == "infeasible" and summary["witness"]["short_by"] > 0, (result.stderr, summary))
    claim(what + " nothing written", not (HERE / "out.csv").exists())
    ways = {x["kind"]: x for x in summary["relaxations"]}
    claim(what + " says what would help", ways and all(x["exact"] for x in ways.values()), summary["relaxations"])
    claim(what + " never a conflict", "conflict" not in json.dumps(summary["relaxations"]))
    for kind in ("raise", "fewer-places", "min-loads"):
        if kind in ways:
            who = ways[kind].get("reviewers", ways[kind].get("projects"))
            claim(f"{what} {kind} adds up", sum(who.values()) == ways[kind]["units"] > 0, ways[kind])
    claim(what + " certificate", json.loads((HERE / "c.json").read_text())["witness"] == summary["witness"])
    code = verify(*args)
    claim(what + " counted again", code == 0, code)

# a team whose one reviewer has no load for both projects: the witness is of the instance without teams, and holds
args = ["--scores", put("team.csv", HEAD + "p,a,1\np,b,1\nq,a,1\nq,b,1\n"), "--demands", put("team-k.csv", "project,k,team\np,2,t\nq,2,t\n"), "--policy", put("team.ini", "[team]\nby=column\n"),
        "--loads", put("team-l.csv", "reviewer,min,max\na,0,1\nb,0,0\n")]
for method in ("total", "fair"):
    result, summary = match(*args, "--method", method)
    code = run(VERIFY, "match", *args, "--method", method, "--certificate", str(HERE / "c.json"))
    claim("no load for a team " + method, result.returncode == 4 and code.returncode == 0, (result.stderr, code.stdout))

# two shares that leave nobody: their prices together are the proof
args = ["--scores", GOOD, *ONE, "--attributes", put("two.csv", "reviewer,kind\nbob,f\nsecret-ann,t\n"),
        "--policy", put("shares.ini", "[share.f]\nattribute=kind\nvalue=f\nmax_share=0.5\n[share.t]\nattribute=kind\nvalue=t\nmax_share=0\n[panel.employer]\nenabled=false\n")]
for method in ("total", "fair"):
    result, summary = match(*args, "--method", method)
    code = run(VERIFY, "match", *args, "--method", method, "--certificate", str(HERE / "c.json"))
    claim("shares that contradict each other " + method, result.returncode == 4 and code.returncode == 0, (result.stderr, code.stdout))

# rules of every kind at once, both methods: the other program proves them, no order of rows changes a byte
generator = random.Random(11)
rows = [f"P{p:02},R{r:02},{generator.randrange(1, 900) / 1000}" for p, r in itertools.product(range(24), range(40))]
people = [f"R{r:02},{'ABCDEFGHIJ'[r % 10]},{generator.choice(['here', 'there', ''])},{generator.choice(['technical', 'finance', 'finance'])}" for r in range(40)]
demands = [f"P{p:02},{3 + 2 * (p >= 20)},{'big' if p >= 20 else 'small'},{'t' + str(p // 3) if p < 6 else ''}" for p in range(24)]
conflicts = [f"P{generator.randrange(24):02},R{generator.randrange(40):02}" for _ in range(60)]
MANY = put("many.ini", "[panel.employer]\nattribute=employer\nmax=1\n[panel.outside]\nattribute=province\nvalue=!here\nmin_share=1/3\n[panel.money]\nattribute=kind\nvalue=finance\nmin=1\nmax=2\n"
           "[panel.odd]\nattribute=kind\nodd=true\nmax=4\n[panel.big]\nclass=big\nattribute=kind\nvalue=technical\nmin=2\n[share.here]\nattribute=province\nvalue=here\nmax_share=0.3\n")
EVEN = put("even.ini", pathlib.Path(MANY).read_text() + "[fair]\nequity=true\n")
for method, rules in (("total", MANY), ("fair", MANY), ("fair", EVEN)):
    seen = set()
    for turn in range(3):
        args = ["--scores", put("m.csv", HEAD + "\n".join(rows) + "\n"), "--attributes", put("ma.csv", "reviewer,employer,province,kind\n" + "\n".join(people)), "--policy", rules,
                "--demands", put("md.csv", "project,k,class,team\n" + "\n".join(demands)), "--conflicts", put("mk.csv", "project,reviewer\n" + "\n".join(conflicts)),
                "--max-load", "4", "--method", method]
        result, summary = match(*args)
        claim("many rules " + method, result.returncode == 0 and summary["gap"] <= (0.03 if method == "total" else 0.12) * summary["objective"], (result.stderr, summary))
        code = run(VERIFY, "match", *args, "--assignment", str(HERE / "out.csv"), "--certificate", str(HERE / "c.json"))
        claim("many rules verified " + method, code.returncode == 0, code.stderr + code.stdout)
        seen.add(((HERE / "out.csv").read_bytes(), (HERE / "c.json").read_bytes()))
        for some in (rows, people, demands, conflicts):
            generator.shuffle(some)
    claim("many rules, same bytes " + method, len(seen) == 1, len(seen))

# equity: the certificate as it is, and what a forger would like it to say
certificate = json.loads((HERE / "c.json").read_text())
loads = [line.split(",")[1] for line in (HERE / "out.csv").read_text().splitlines()[1:]]
most, cap = max(loads.count(r) for r in loads), certificate["load_cap"]
claim("even: the cap is kept and printed", most <= cap["value"] == summary["load_cap"] and cap["bound"] == summary["load_cap_bound"], (most, summary))
claim("even: without equity it is refused", run(VERIFY, "match", *[MANY if a == EVEN else a for a in args], "--assignment", str(HERE / "out.csv"), "--certificate", str(HERE / "c.json")).returncode == 5)
# an instance whose cap is only proved by weights: r0 and r1 alone are good, and twelve places have to be shared
even = ["--scores", put("e.csv", HEAD + "".join(f"p{p},r{r},{0.9 if r < 2 else 0.1}\n" for p in range(6) for r in range(9))), "--demand", "2", "--max-load", "6", "--policy",
        put("e.ini", "[batch]\nmethod=fair\n[fair]\nequity=true\n")]
result, summary = match(*even)
claim("even: scores alone ask for the cap", result.returncode == 0 and summary["load_cap"] == summary["load_cap_bound"] == 6 and summary["min_project_score"] == 1.8, (result.stderr, summary))
claim("even: verified", verify(*even) == 0)
truth = json.loads((HERE / "c.json").read_text())
claim("even: the proof has weights", truth["load_cap"]["weights"] != {} and truth["load_cap"]["prices"] != {}, truth)
w, y = truth["load_cap"]["weights"], truth["load_cap"]["prices"]
for what, change in [
    ("no cap", lambda c: c.pop("load_cap")), ("a cap below the loads", lambda c: c["load_cap"].update(value=5, bound=5)), ("a cap above its bound, said to be optimal", lambda c: c["load_cap"].update(value=7)),
    ("a bound above the cap", lambda c: c["load_cap"].update(bound=7)), ("a bound of nothing with a proof", lambda c: c["load_cap"].update(bound=1)), ("a bound below any panel", lambda c: c["load_cap"].update(bound=0)),
    ("no weights", lambda c: c["load_cap"].update(weights={})), ("no prices", lambda c: c["load_cap"].update(prices={})), ("a price of another", lambda c: c["load_cap"].update(prices={"r5": 1})),
    ("prices turned round", lambda c: c["load_cap"].update(prices={r: -n for r, n in y.items()})), ("a weight below 0", lambda c: c["load_cap"].update(weights={**w, "p0": -1})),
    ("a weight beyond measure", lambda c: c["load_cap"].update(weights={**w, "p0": 10 ** 12})), ("a weight of nobody", lambda c: c["load_cap"].update(weights={**w, "zz": 1})),
    ("a price of nobody", lambda c: c["load_cap"].update(prices={**y, "zz": 1})), ("a member more", lambda c: c["load_cap"].update(note=1)), ("a cap that is no number", lambda c: c["load_cap"].update(value="6")),
    ("a cap that is null", lambda c: c.update(load_cap=None)), ("a huge cap", lambda c: c["load_cap"].update(value=2 ** 62, bound=2 ** 62)), ("the minimum lowered", lambda c: c["minimum"].update(value=1000000)),
]:
    forged = json.loads(json.dumps(truth))
    change(forged)
    put("c.json", json.dumps(forged))
    claim("even, forged: " + what, verify(*even) == 5)
put("c.json", json.dumps(truth))
claim("even: as it was", verify(*even) == 0)

# rules that nobody can keep: which one, counted again by the other program
for what, policy, kind in [
    ("too few for finance", "[panel.money]\nattribute=kind\nvalue=finance\nmin=3\n", "rule"),
    ("two rules against each other", "[panel.a]\nattribute=kind\nvalue=technical\nmin=2\n[panel.b]\nattribute=province\nvalue=there\nmin=3\n[panel.c]\nattribute=kind\nvalue=technical\nmax=1\n", "panel"),
    ("a share that is too small", "[share.here]\nattribute=kind\nvalue=technical\nmax_share=0.1\n[panel.t]\nattribute=kind\nvalue=technical\nmin=1\n", "prices"),
]:
    args = ["--scores", put("w.csv", HEAD + "".join(f"p{p},r{r},0.5\n" for p in range(3) for r in range(8))), "--demand", "3", "--max-load", "2", "--policy", put("w.ini", policy),
            "--attributes", put("wa.csv", "reviewer,kind,province\n" + "".join(f"r{r},{'finance' if r < 2 else 'technical'},{'there' if r % 2 else 'here'}\n" for r in range(8)))]
    (HERE / "out.csv").unlink(missing_ok=True)
    result, summary = match(*args)
    claim(what, result.returncode == 4 and summary["witness"]["kind"] == kind, (result.stderr, summary))
    code = verify(*args)
    claim(what + " counted again", code == 0, code)

# a share without max_share holds; a team's witness counts nobody who could not sit in all of its projects
args = ["--scores", put("w.csv", HEAD + "".join(f"p{p},r{r},0.{r}\n" for p in range(3) for r in range(8))), "--demand", "3", "--max-load", "2",
        "--attributes", put("wa.csv", "reviewer,kind\n" + "".join(f"r{r},{'finance' if r < 2 else 'technical'}\n" for r in range(8)))]
for method in ("total", "fair"):
    least = [*args, "--method", method, "--policy", put("least.ini", "[share.money]\nattribute=kind\nvalue=finance\nmin_share=0.4\n")]
    result, _ = match(*least)
    claim("least share " + method, result.returncode == 0 and (HERE / "out.csv").read_text().count(",r0,") + (HERE / "out.csv").read_text().count(",r1,") == 4, result.stderr)
    claim("least share verified " + method, verify(*least) == 0)
args = ["--scores", put("w.csv", HEAD + "p0,r2,0.165\n"), "--loads", put("l.csv", "reviewer,min,max\nr0,0,2\nr1,0,1\nr2,0,1\n"), "--demands", put("wd.csv", "project,k,class,team\np0,3,,x\np1,3,,x\n")]
(HERE / "out.csv").unlink(missing_ok=True)
result, summary = match(*args)
claim("nobody for a team", result.returncode == 4 and summary["witness"]["short_by"] == 3, (result.stderr, summary))
claim("nobody for a team: counted again", verify(*args) == 0)

# too few even without the rule, which would leave still fewer
args = ["--scores", put("w.csv", HEAD + "p,r0,1\np,r1,1\n"), "--demand", "3", "--max-load", "2", "--attributes", put("wa.csv", "reviewer,town\nr0,x\nr1,x\n"),
        "--policy", put("town.ini", "[panel.town]\nattribute=town\nvalue=x\nmax=1\n[panel.employer]\nenabled=false\n")]
(HERE / "out.csv").unlink(missing_ok=True)
result, summary = match(*args)
claim("too few without the rule", result.returncode == 4 and verify(*args) == 0, (result.stderr, summary))

# without any place there is no minimum, and nothing to claim of it
args = ["--scores", GOOD, "--demands", put("wd.csv", "project,k\np1,0\np2,0\n"), "--demand", "1", "--max-load", "1", "--method", "fair"]
result, _ = match(*args)
claim("no places, fair", result.returncode == 0 and verify(*args) == 0, result.stderr)
certificate = json.loads((HERE / "c.json").read_text())
for bound in (-1, 1):
    certificate["minimum"]["bound"] = bound
    put("c.json", json.dumps(certificate))
    claim("no places, a minimum claimed", verify(*args) == 5, bound)

# what would help does
LIST = put("s.csv", HEAD + "".join(f"p{p},r{r},0.{p}{r}\n" for p in range(6) for r in range(5) if (p + r) % 4))
result, summary = match("--scores", LIST, "--demand", "3", "--max-load", "2")
ways = {x["kind"]: x for x in summary["relaxations"]}
claim("scarce", result.returncode == 4 and set(ways) == {"raise", "max-load", "fewer-places"}, summary)
for what, args in [
    ("raise", ["--demand", "3", "--max-load", "2", "--loads", put("l.csv", "reviewer,min,max\n" + "".join(f"{r},0,{2 + n}\n" for r, n in ways["raise"]["reviewers"].items()))]),
    ("max-load", ["--demand", "3", "--max-load", str(ways["max-load"]["load"])]),
    ("fewer-places", ["--demand", "3", "--max-load", "2", "--demands", put("d.csv", "project,k\n" + "".join(f"{p},{3 - n}\n" for p, n in ways["fewer-places"]["projects"].items()))]),
]:
    result, summary = match("--scores", LIST, *args)
    claim(what + " is enough", result.returncode == 0 and summary["gap"] == 0, (result.stderr, ways[what]))
result, summary = match("--scores", LIST, "--demand", "1", "--max-load", "9", "--min-load", "3")
ways = {x["kind"]: x for x in summary["relaxations"]}
claim("minimum loads", result.returncode == 4 and set(ways) == {"min-loads", "min-load"}, summary)
result, _ = match("--scores", LIST, "--demand", "1", "--max-load", "9", "--min-load", str(ways["min-load"]["load"]))
claim("a lower minimum for all is enough", result.returncode == 0, result.stderr)

# large numbers, and everything empty
result, summary = match("--scores", GOOD, "--demand", "1", "--loads", put("l.csv", "reviewer,min,max\nbob,0,1000000000\nsecret-ann,0,1000000000\nzoe,0,0\n"))
claim("loads of a billion", result.returncode == 0 and summary["objective"] == 1.5 and summary["reviewers"] == 3, result.stderr)
result, summary = match("--scores", put("none.csv", HEAD), *ONE)
claim("no rows", result.returncode == 0 and summary["objective"] == 0, result.stderr)

# any order of rows gives the same bytes; another total is refused by the checker
generator = random.Random(7)
rows = [f"P{p},R{r},{generator.randrange(12) / 8}" for p, r in itertools.product(range(40), range(60)) if generator.random() < 0.5]
conflicts = [f"P{generator.randrange(41)},R{generator.randrange(61)}" for _ in range(80)]
loads = [f"R{r},{r % 2},{3 + r % 3}" for r in range(65)]
seen = set()
for turn in range(6):
    args = ["--scores", put("s.csv", HEAD + "\n".join(rows) + "\n"), "--conflicts", put("k.csv", "reviewer;project\n" + "\n".join(";".join(c.split(",")[::-1]) for c in conflicts)),
            "--loads", put("l.csv.gz", gzip.compress(("reviewer,min,max\r\n" + "\r\n".join(loads)).encode())), "--demand", "3", "--missing-score", "-1"]
    result, summary = match(*args)
    claim("shuffled", result.returncode == 0 and verify(*args) == 0, result.stderr)
    seen.add(((HERE / "out.csv").read_bytes(), (HERE / "c.json").read_bytes()))
    for some in (rows, conflicts, loads):
        generator.shuffle(some)
claim("same bytes for any order of rows", len(seen) == 1, len(seen))
totals = set()
for seed in range(4):
    result, summary = match(*args, "--seed", f"{seed:064x}")
    claim("seeded", result.returncode == 0 and verify(*args, "--seed", f"{seed:064x}") == 0)
    totals.add(summary["objective"])
    seen.add(((HERE / "out.csv").read_bytes(), b""))
claim("a seed moves ties, not the total", len(totals) == 1 and len(seen) > 2, (totals, len(seen)))
text = (HERE / "out.csv").read_text().splitlines()
put("out.csv", "\n".join(text[:-1]) + "\n")
claim("a place less is refused", verify(*args, "--seed", f"{3:064x}") == 5)

print(f"{len(faults)} faults")
sys.exit(1 if faults else 0)
