#!/usr/bin/env python3
"""draw.py VEIL VEIL-VERIFY - `veil match --method draw` from outside: odds, people and proof, held by the other program; what is refused; what is forged."""
import hashlib
import itertools
import json
import pathlib
import random
import subprocess
import sys
import tempfile

VEIL, VERIFY = sys.argv[1], sys.argv[2]
HERE = pathlib.Path(tempfile.mkdtemp(prefix="veil-draw-"))
OUT, CERTIFICATE = HERE / "out.csv", HERE / "c.json"
faults = []


def put(name, text):
    path = HERE / name
    path.write_text(text)
    return str(path)


def run(program, *args):
    return subprocess.run([program, *args], capture_output=True, text=True)


def claim(what, ok, seen=""):
    if not ok:
        faults.append(what)
        print(f"FAULT {what}: {seen}")


def draw(*args):
    OUT.unlink(missing_ok=True)
    result = run(VEIL, "match", *args, "--method", "draw", "--out", str(OUT), "--certificate", str(CERTIFICATE), "--json")
    return result, json.loads(result.stdout) if result.stdout else None


def verify(*args):
    return run(VERIFY, "match", *args, "--method", "draw", "--assignment", str(OUT), "--certificate", str(CERTIFICATE))


def seed(n):
    return ["--seed", f"{n:064x}"]


HEAD = "project,reviewer,score\n"
generator = random.Random(11)
rows = [f"P{p},R{r},{generator.randrange(20) / 20}" for p, r in itertools.product(range(30), range(40)) if generator.random() < 0.8]
loads = [f"R{r},{r % 4 == 0:d},{2 + r % 3}" for r in range(40)]
towns = [f"R{r},{'north' if r % 3 == 1 else 'south'},{'' if r % 7 == 0 else f'e{r % 3}-{r // 6}'}" for r in range(40)]
RULES = put("rules.ini", "[batch]\ndemand=3\nodds=0.5\n[draw]\nband=0.1\nperturbation=0.5\n[panel.outside]\nattribute=town\nvalue=south\nmin=1\nmax=2\n"
            "[panel.employer]\nattribute=employer\nmax=1\n")

# any order of rows gives the same bytes; the other program agrees; another seed draws other people from the same odds
for name, extra in [("plain", ["--odds", "0.4", "--demand", "3"]), ("banded", ["--odds", "0.3", "--band", "0.25", "--perturbation", "1", "--demand", "3"]),
                    ("rules", ["--policy", RULES]), ("missing", ["--missing-score", "0.1", "--demand", "3", "--odds", "0.2"])]:
    seen, odds, people = set(), set(), set()
    for turn in range(4):
        args = ["--scores", put("s.csv", HEAD + "\n".join(rows) + "\n"), "--loads", put("l.csv", "reviewer,min,max\n" + "\n".join(loads) + "\n"),
                "--attributes", put("a.csv", "reviewer,town,employer\n" + "\n".join(towns) + "\n"), *extra]
        result, summary = draw(*args, *seed(1))
        claim(name, result.returncode == 0, result.stderr)
        checked = verify(*args, *seed(1))
        claim(name + " verified", checked.returncode == 0, checked.stdout + checked.stderr)
        seen.add((OUT.read_bytes(), CERTIFICATE.read_bytes()))
        claim(name + " under the bound", summary["objective"] <= summary["bound"], summary)
        for some in (rows, loads, towns):
            generator.shuffle(some)
    claim(name + ": same bytes for any order of rows", len(seen) == 1)
    for n in range(8):
        result, summary = draw(*args, *seed(n))
        certificate = json.loads(CERTIFICATE.read_text())
        odds.add(json.dumps(certificate["odds"]))
        people.add(OUT.read_text())
        claim(name + " drawn total", abs(sum(float(line.split(",")[2]) for line in OUT.read_text().splitlines()[1:]) - summary["drawn_total"]) < 1e-6)
    claim(name + ": the seed moves people, not odds", len(odds) == 1 and len(people) > 4, (len(odds), len(people)))

# without --seed the system makes one, prints it, and it is the one that was used
args = ["--scores", put("s.csv", HEAD + "\n".join(rows) + "\n"), "--loads", put("l.csv", "reviewer,min,max\n" + "\n".join(loads) + "\n"), "--demand", "3", "--odds", "0.4"]
result, first = draw(*args)
people = OUT.read_bytes()
claim("seed of the system", verify(*args).returncode == 0 and len(first["seed"]) == 64)
draw(*args, "--seed", first["seed"])
claim("the same again with that seed", OUT.read_bytes() == people)
result, second = draw(*args)
claim("another each time", second["seed"] != first["seed"])

# a policy that says nothing of bands means those of the standard policy, to both programs
quiet = [*args, "--policy", put("quiet.ini", "[batch]\ndemand=3\nodds=0.4\n[panel.employer]\nenabled=false\n")]
result, _ = draw(*quiet)
claim("policy without [draw]", result.returncode == 0 and verify(*quiet).returncode == 0, result.stderr)
draw(*args)

# forged: 5
honest, table = CERTIFICATE.read_text(), OUT.read_text()
claim("honest", verify(*args).returncode == 0)
certificate = json.loads(honest)


def forged(what, change, assignment=None, words=""):
    copy = json.loads(honest)
    change(copy)
    CERTIFICATE.write_text(json.dumps(copy))
    OUT.write_text(table if assignment is None else assignment)
    result = verify(*args)
    claim("forged " + what, result.returncode == 5 and words in result.stdout, (result.returncode, result.stdout))
    CERTIFICATE.write_text(honest)
    OUT.write_text(table)


def move_odds(copy, amount):
    donor = next(e for e in copy["odds"] if e[2] > amount)
    other = next(e for e in copy["odds"] if e[0] == donor[0] and e[1] != donor[1] and e[2] + amount <= 4000)
    donor[2] -= amount
    other[2] += amount


forged("odds moved", lambda c: move_odds(c, 600))
forged("odds above the cap", lambda c: c["odds"][0].__setitem__(2, 4001))
forged("odds dropped", lambda c: c["odds"].pop())
forged("seed", lambda c: c.__setitem__("seed", "0" * 64))
forged("expected score", lambda c: c.__setitem__("expected", c["expected"] + 1))
forged("bound", lambda c: c.__setitem__("bound", c["expected"] - 1))
forged("cap", lambda c: c.__setitem__("odds_cap", 5000))
forged("perturbation", lambda c: c.__setitem__("perturbation", 500000))
forged("drawn total", lambda c: c.__setitem__("drawn_total", c["drawn_total"] + 1))
forged("prices gone", lambda c: c.__setitem__("prices", {}))
lines = table.splitlines()
forged("somebody left out", lambda c: None, "\n".join(lines[:-1]) + "\n")

# rules that cross: a lottery of legal assignments, the same for any order of rows, drawn by its weights
ranks = [f"R{r},{'north' if r % 3 == 1 else 'south'},{'' if r % 7 == 0 else f'e{r % 5}-{r // 9}'},{'senior' if r % 4 < 2 else 'junior'}" for r in range(40)]
CROSS = put("cross.ini", "[batch]\ndemand=3\nodds=0.25\nsmallest_set=auto\n[draw]\nband=0.1\nperturbation=0.5\n[panel.outside]\nattribute=town\nvalue=south\nmin=1\nmax=2\n"
            "[panel.senior]\nattribute=rank\nvalue=senior\nmin=1\n[panel.employer]\nattribute=employer\nmax=1\n")
dense = [f"P{p},R{r},{generator.randrange(20) / 20}" for p, r in itertools.product(range(12), range(40))]
seen, people = set(), set()
for turn in range(3):
    cross = ["--scores", put("s.csv", HEAD + "\n".join(dense) + "\n"), "--loads", put("l.csv", "reviewer,min,max\n" + "\n".join(loads) + "\n"),
             "--attributes", put("a.csv", "reviewer,town,employer,rank\n" + "\n".join(ranks) + "\n"), "--policy", CROSS]
    result, summary = draw(*cross, *seed(1))
    claim("lottery", result.returncode == 0 and summary["lottery"] >= 20, result.stderr)
    checked = verify(*cross)
    claim("lottery verified", checked.returncode == 0 and "lottery" in checked.stdout, checked.stdout + checked.stderr)
    seen.add((OUT.read_bytes(), CERTIFICATE.read_bytes()))
    for some in (dense, loads, ranks):
        generator.shuffle(some)
claim("lottery: same bytes for any order of rows", len(seen) == 1)
for n in range(12):
    draw(*cross, *seed(n))
    people.add(OUT.read_text())
    claim("lottery: other seed verified", verify(*cross).returncode == 0)
claim("lottery: the seed moves people", len(people) > 4, len(people))
kept = args
args, honest, table = cross, CERTIFICATE.read_text(), OUT.read_text()


def rank_of(reviewer):
    return next(line.split(",") for line in ranks if line.startswith(reviewer + ","))


def one_illegal(copy):
    """Somebody senior gives way to somebody junior until a panel has nobody senior."""
    panels = copy["lottery"][3]["panels"]
    here = [pair for pair in panels if pair[0] == "P5"]
    names = {r for _, r in here}
    for pair in here:
        if rank_of(pair[1])[3] == "senior":
            pair[1] = next(line.split(",")[0] for line in sorted(ranks) if line.split(",")[3] == "junior" and line.split(",")[0] not in names)
            names.add(pair[1])
    panels.sort()


def heavier(copy):
    copy["lottery"][0]["weight"] += copy["lottery"][1]["weight"] + copy["lottery"][2]["weight"]
    del copy["lottery"][1:3]


def drawn_only(copy):
    copy["lottery"] = [{"weight": 10000, "panels": [line.split(",")[:2] for line in sorted(table.splitlines()[1:])]}]


def doubled_load(copy):
    """The same panel for two projects in one assignment, until somebody has too much."""
    for ticket in copy["lottery"]:
        first = [r for p, r in ticket["panels"] if p == "P0"]
        ticket["panels"] = sorted([p, r] for p in {p for p, _ in ticket["panels"]} for r in first)


other = sorted(people - {table})[0]
for what, words, change in [("a weight more", "do not sum", lambda c: c["lottery"][0].__setitem__("weight", c["lottery"][0]["weight"] + 1)), ("an assignment gone", "do not sum", lambda c: c["lottery"].pop()),
                     ("a weight of 0", "weight", lambda c: c["lottery"].append({"weight": 0, "panels": c["lottery"][0]["panels"]})),
                     ("weights that wrap round", "weight", lambda c: [t.__setitem__("weight", 2**62) for t in c["lottery"]]),
                     ("a negative weight", "weight", lambda c: (c["lottery"][0].__setitem__("weight", -100), c["lottery"][1].__setitem__("weight", 2 * c["lottery"][1]["weight"] + 100))),
                     ("an illegal panel", "no legal panel", one_illegal), ("the cap broken", "cap is", heavier), ("only what was drawn", "cap is", drawn_only), ("loads broken", "load bounds", doubled_load),
                     ("a place missing", "", lambda c: c["lottery"][2]["panels"].pop()), ("somebody twice", "", lambda c: c["lottery"][2]["panels"].__setitem__(1, c["lottery"][2]["panels"][0])),
                     ("assignments in another order", "odds and seed give", lambda c: c["lottery"].reverse()), ("a stranger", "", lambda c: c["lottery"][0]["panels"][0].__setitem__(1, "R99")),
                     ("another seed", "", lambda c: c.__setitem__("seed", f"{77:064x}")), ("a larger cap", "", lambda c: c.__setitem__("odds_cap", 2600)),
                     ("expected", "expected", lambda c: c.__setitem__("expected", c["expected"] + 1)), ("no lottery", "", lambda c: c.pop("lottery"))]:
    forged("lottery: " + what, change, words=words)
forged("lottery: another of its assignments", lambda c: c.__setitem__("assignment_sha256", hashlib.sha256(other.encode()).hexdigest()), other, "odds and seed give")
args = kept
# where rules lie in one another nobody may pick assignments
draw(*args)
honest, table = CERTIFICATE.read_text(), OUT.read_text()


def picked(copy):
    del copy["odds"]
    copy["lottery"] = [{"weight": 10000, "panels": sorted(line.split(",")[:2] for line in table.splitlines()[1:])}]

forged("a lottery that nothing calls for", picked, words="nothing calls for one")

# refused: 6, with the project and why; infeasible: 4; wrong options: 2
FEW = put("few.csv", HEAD + "".join(f"p,r{i},1\nq,r{i},1\n" for i in range(4)))
for what, status, words, extra in [
    ("cap too low for so few", 6, ["at most 0.2", "project"], ["--odds", "0.2", "--demand", "2", "--max-load", "2"]),
    ("smallest set", 6, ["project p", "4 allowed"], ["--demand", "1", "--max-load", "2", "--odds", "1", "--policy", put("small.ini", "[batch]\nsmallest_set=5\nodds=1\n")]),
    ("nobody at all", 4, [], ["--odds", "1", "--demand", "5", "--max-load", "2"]),
    ("rules that nobody meets", 4, [], ["--odds", "1", "--demand", "1", "--max-load", "2", "--attributes", put("t.csv", "reviewer,town\nr0,x\n"),
                                        "--policy", put("town.ini", "[batch]\nodds=1\n[panel.town]\nattribute=town\nvalue=y\nmin=1\n")]),
    ("two of a kind where nobody is", 4, [], ["--odds", "1", "--demand", "2", "--max-load", "2", "--attributes", put("t.csv", "reviewer,town\nr0,x\n"),
                                              "--policy", put("two.ini", "[batch]\nodds=1\n[panel.town]\nattribute=town\nvalue=y\nmin=2\n")]),
    ("a minimum above the demand", 4, [], ["--odds", "1", "--demand", "1", "--max-load", "2", "--attributes", put("all.csv", "reviewer,town\n" + "".join(f"r{i},x\n" for i in range(4))),
                                           "--policy", put("above.ini", "[batch]\nodds=1\n[panel.town]\nattribute=town\nvalue=x\nmin=2\n[panel.employer]\nenabled=false\n")]),
    ("minimum loads of strangers", 4, [], ["--odds", "1", "--demand", "1", "--max-load", "2", "--loads", put("loads.csv", "reviewer,min,max\nr0,0,0\nr9,1,1\n")]),
    ("a minimum load above all projects that list him", 4, [], ["--odds", "1", "--demand", "1", "--max-load", "4", "--loads", put("alone.csv", "reviewer,min,max\nr0,3,4\n")]),
    ("odds of 2", 2, ["--odds"], ["--odds", "2", "--demand", "1", "--max-load", "2"]),
    ("odds of nothing", 2, ["--odds"], ["--odds", "0", "--demand", "1", "--max-load", "2"]),
    ("perturbation", 2, ["--perturbation"], ["--perturbation", "7", "--demand", "1", "--max-load", "2"]),
    ("band", 2, ["--band"], ["--band", "-1", "--demand", "1", "--max-load", "2"]),
]:
    result, _ = draw("--scores", FEW, *extra)
    claim(what, result.returncode == status and all(w in result.stderr for w in words), (result.returncode, result.stderr))
    claim(what + ": nothing written", not OUT.exists())
    if status == 4:
        OUT.unlink(missing_ok=True)
        checked = run(VERIFY, "match", "--scores", FEW, *extra, "--method", "draw", "--certificate", str(CERTIFICATE))
        claim(what + ": counted again", checked.returncode == 0, checked.stdout)
# whoever may take nobody is allowed with the missing score and on no list: the witness of the others must hold all the same
idle = "".join(f"r{i},0,{1 if i < 3 else 0}\n" for i in range(6))
for what, demand, projects in [("idle reviewers, several projects", "2", "pq"), ("idle reviewers, one project", "4", "p")]:
    args = ["--scores", put("some.csv", HEAD + "".join(f"{p},r{i},1\n" for p in projects for i in range(3))), "--missing-score", "0", "--demand", demand, "--odds", "1",
            "--loads", put("idle.csv", "reviewer,min,max\n" + idle)]
    result, _ = draw(*args)
    kind = json.loads(CERTIFICATE.read_text())["witness"]["kind"]
    checked = run(VERIFY, "match", *args, "--method", "draw", "--certificate", str(CERTIFICATE))
    claim(what, result.returncode == 4 and kind == "places" and checked.returncode == 0, (result.returncode, kind, checked.stdout + checked.stderr))
# what both programs must see alike: in a team who is on one list only; a crossing that exists only with somebody who may take nobody; candidates of equal worth who leave their caps at the same level
TEAM = ["--scores", put("team.csv", HEAD + "p,a,9\np,b,2\np,c,1\nq,b,1\nq,c,2\nq,d,9\n"), "--demands", put("team-k.csv", "project,k,team\np,1,t\nq,1,t\n"), "--max-load", "2",
        "--policy", put("team.ini", "[team]\nby=column\n")]
IDLE = ["--scores", put("idle-s.csv", HEAD + "".join(f"p,{r},0.{5 + i}\n" for i, r in enumerate("abcdef"))), "--loads", put("idle-l.csv", "reviewer,min,max\nc,0,0\n"), "--demand", "3",
        "--max-load", "1", "--attributes", put("idle-a.csv", "reviewer,employer,kind\na,z,\nb,y,t\nc,z,f\nd,z,t\ne,x,f\nf,,\n"),
        "--policy", put("idle.ini", "[panel.employer]\nattribute=employer\nmax=2\n[panel.money]\nattribute=kind\nvalue=f\nmin=1\n")]
LEVEL = ["--scores", put("level.csv", HEAD + "".join(f"p,r{i},0\nq,r{i},{0.5 * (i == 2)}\n" for i in range(1, 6))), "--demands", put("level-k.csv", "project,k\np,3\nq,1\n"),
         "--loads", put("level-l.csv", "reviewer,min,max\nr1,0,2\nr2,0,1\nr3,0,1\nr4,0,2\nr5,0,2\n"), "--perturbation", "0.01"]
for what, args in [("team with a list each", TEAM), ("idle reviewers do not cross rules", IDLE), ("all leave their caps at once", LEVEL)]:
    args += ["--odds", "1", *seed(3)]
    result, _ = draw(*args)
    checked = verify(*args)
    claim(what, result.returncode == 0 and checked.returncode == 0, (result.returncode, result.stderr, checked.stdout))
# Of a, b and c no two may sit together, so that d sits on every panel. Each rule by itself lets half of each of the three through, and 1.5 + 0.5 are the two places: the odds obey every rule, and no
# mixture of legal panels has d under the cap.
TRIANGLE = ["--scores", put("triangle.csv", HEAD + "".join(f"p,{r},1\n" for r in "abcd")), "--demand", "2", "--max-load", "1",
            "--attributes", put("triangle-a.csv", "reviewer,u,v,w\na,x,,x\nb,x,x,\nc,,x,x\nd,,,\n"),
            "--policy", put("triangle.ini", "".join(f"[panel.{u}]\nattribute={u}\nvalue=x\nmax=1\n" for u in "uvw"))]
for odds, wanted in (("0.5", 6), ("0.99", 6), ("1", 0)):
    result, _ = draw(*TRIANGLE, "--odds", odds, *seed(1))
    claim(f"no lottery under {odds}", result.returncode == wanted and (wanted == 0 or ("no lottery of legal panels" in result.stderr and not OUT.exists())), (result.returncode, result.stderr))
    claim("the one lottery there is", wanted == 6 or verify(*TRIANGLE, "--odds", odds, *seed(1)).returncode == 0)
result = run(VEIL, "match", "--scores", FEW, "--demand", "1", "--max-load", "9", "--odds", "0.5", "--out", str(OUT))
claim("odds belong to draw", result.returncode == 2 and "--method draw" in result.stderr, result.stderr)

print(f"{len(faults)} faults")
sys.exit(1 if faults else 0)
