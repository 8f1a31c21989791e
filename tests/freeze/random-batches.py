#!/usr/bin/env python3
"""Random batches: any method under any rules, then any acts in any order. After every act veil-verify accepts, and what sits is held against the rules in this file's own words.

usage: random-batches.py VEIL VEIL_VERIFY VEIL_DEMO [BATCHES [FIRST SEED]]

What may be refused is refused in one line with exit 4 or 6 (bad lists and policies 3) and changes nothing; `batch check` and `batch draw` agree on what has no assignment.
"""
import collections
import csv
import io
import json
import os
import pathlib
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile

VEIL, VERIFY, DEMO = (os.path.abspath(p) for p in sys.argv[1:4])
BATCHES = int(sys.argv[4]) if len(sys.argv) > 4 else 40
FIRST = int(sys.argv[5]) if len(sys.argv) > 5 else 1
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-random-"))
SITE, LISTS = WORK / "site", WORK / "lists"
ENV = dict(os.environ, VEIL_OPERATOR="op1", TMPDIR=str(WORK), VEIL_SITE=str(SITE))
ENV.pop("VEIL_PASSPHRASE_FILE", None)
number = failed = 0
seen = collections.Counter()


def point(good, what, detail=""):
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        print("\n".join("# " + line for line in str(detail)[:3000].splitlines()), flush=True)


def run(*args):
    return subprocess.run([str(a) for a in args], env=ENV, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def set_up():
    run(DEMO, "--out", LISTS, "--seed", "7", "--experts", "700", "--projects", "36")
    done = [run(VEIL, "init", SITE, "--rehearsal")]
    for kind, name in (("disciplines", "disciplines.csv"), ("organisations", "organisations.csv"), ("experts", "experts.csv"),
                       ("posts", "posts.csv"), ("works", "works.csv.gz"), ("relations", "relations.csv"), ("bans", "bans.csv")):
        done.append(run(VEIL, "import", kind, LISTS / name))
    point(all(d.returncode in (0, 7) for d in done), "the pool is imported", [d.stderr for d in done])
    projects = rows((LISTS / "projects.csv").read_text("utf-8-sig"))
    for i, row in enumerate(projects):
        row["类别"] = ("budget", "youth", "")[i % 3]
        row["评审组"] = f"G{i // 3}" if i < 18 else ""
    with open(LISTS / "projects-ruled.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, projects[0].keys())
        writer.writeheader()
        writer.writerows(projects)
    experts = rows((LISTS / "experts.csv").read_text("utf-8-sig"))
    return [place for place, _ in collections.Counter(row["地区"] for row in experts if row["地区"]).most_common(3)]


class Policy:
    """A random one, as a file and as what this test knows of it."""

    def __init__(self, rng, provinces):
        self.method = rng.choice(("draw", "draw", "draw", "total", "fair"))
        self.demand, self.reserves = rng.randint(2, 5), rng.randint(0, 2)
        self.max_load = rng.choice((2, 3, 4, 8))
        self.rules = []  # name, class, attribute, value, min, max
        groups = []
        if rng.random() < 0.5:
            self.add("employer", None, "employer", None, 0, 1)
        if rng.random() < 0.4:
            self.add("outside", rng.choice((None, "budget")), "province", "!" + provinces[0], rng.randint(1, max(1, self.demand // 2)), None)
        if rng.random() < 0.3:
            self.add("money", "budget", "kind", "finance", *rng.choice(((1, None), (0, 1), (1, 2))))
        if rng.random() < 0.3:
            self.add("ranks", None, "rank", None, 0, rng.randint(2, 3))
        if rng.random() < 0.3:
            self.add("place", rng.choice((None, "youth")), "province", provinces[1], 0, 1)
        if rng.random() < 0.15:
            self.add("peer", "youth", "peer", "near", 1, None)
        if rng.random() < 0.15:
            groups.append("[team]\nby=" + rng.choice(("column", "discipline")) + "\nmax_size=3\n")
        self.share = rng.random() < 0.12
        if self.share:
            groups.append(f"[share.outside]\nattribute=province\nvalue=!{provinces[0]}\nmin_share=0.4\n")
        if rng.random() < 0.2:
            groups.append("[conflict.R05]\nenabled=true\n")
        if self.method == "fair" and rng.random() < 0.5:
            groups.append("[fair]\nequity=true\n")
        if self.demand % 2 and rng.random() < 0.2:
            groups.append("[panel.odd]\nodd=true\n")
        for name, kind, attribute, value, low, high in self.rules:
            groups.append(f"[panel.{name}]\n" + (f"class={kind}\n" if kind else "") + f"attribute={attribute}\n" + (f"value={value}\n" if value else "") +
                          (f"min={low}\n" if low else "") + (f"max={high}\n" if high else ""))
        rng.shuffle(groups)
        self.text = (f"[batch]\nmethod={self.method}\ndemand={self.demand}\nreserves={self.reserves}\nmax_load={self.max_load}\n"
                     f"min_load={int(rng.random() < 0.04)}\ncandidates={rng.choice((40, 90, 150))}\nsmallest_set={rng.choice((0, 5, 'auto'))}\nodds={rng.choice((0.2, 0.4, 0.7, 1))}\n" + "".join(groups))

    def add(self, *rule):
        self.rules.append(rule)


class Batch:
    def __init__(self, name, policy):
        self.name, self.policy, self.file = name, policy, SITE / "draw" / f"{name}.veil"

    def ask(self, sql, *values):
        db = sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)
        found = db.execute(sql, values).fetchall()
        db.close()
        return found

    def load_facts(self):
        self.reviewer = {code: dict(zip(("employer", "province", "kind", "rank"), rest)) for code, *rest in self.ask("SELECT code, employer, province, kind, rank FROM reviewer")}
        index = sorted(self.reviewer)
        self.kind, self.listed, self.near, teams = {}, {}, {}, collections.defaultdict(set)
        for code, kind, team, blob in self.ask("SELECT code, class, team, candidates FROM project"):
            self.kind[code] = kind
            self.listed[code] = {index[r] for r, _ in struct.iter_unpack("<II", blob)}
            self.near[code] = {index[r] for r, word in struct.iter_unpack("<II", blob) if word >> 24 & 2}
            if team is not None:
                teams[team].add(code)
        self.teams = [team for team in teams.values() if len(team) > 1]
        self.excluded = collections.defaultdict(set)
        for row in rows(run(VEIL, "batch", "conflicts", self.name, "--csv").stdout):
            self.excluded[row["project"]].add(row["reviewer"])

    def panels(self):
        out = collections.defaultdict(list)
        for row in rows(run(VEIL, "batch", "show", self.name, "--assignments", "--csv").stdout):
            if row["role"] == "panel":
                out[row["project"]].append(row["reviewer"])
        return out

    def counted(self, rule, project, panel):
        """The sizes that a rule bounds: of one class, or of every value there is."""
        _, _, attribute, value, _, _ = rule
        if attribute == "peer":
            return [sum(r in self.near[project] for r in panel)]
        said = [self.reviewer[r][attribute] for r in panel]
        if value is None:
            return list(collections.Counter(v for v in said if v is not None).values()) or [0]
        if value.startswith("!"):
            return [sum(v not in (None, value[1:]) for v in said)]
        return [said.count(value)]

    def wrong(self, whole):
        """Rules that do not hold; minima only of whole panels of draws."""
        bad = []
        panels, load = self.panels(), collections.Counter()
        for project, panel in panels.items():
            load.update(panel)
            bad += [("twice", project)] * (len(set(panel)) != len(panel)) + [("excluded", project)] * bool(set(panel) & self.excluded[project]) + \
                   [("not listed", project)] * bool(set(panel) - self.listed[project])
            for rule in self.policy.rules:
                if rule[1] is not None and rule[1] != self.kind[project]:
                    continue
                sizes = self.counted(rule, project, panel)
                bad += [(rule[0], project, sizes)] * bool(rule[5] is not None and max(sizes) > rule[5])
                bad += [(rule[0], project, sizes)] * bool(whole and min(sizes) < rule[4])
        bad += [("load", r, n) for r, n in load.items() if n > self.policy.max_load]
        if whole:
            bad += [("size", p, len(panels[p])) for p in self.listed if len(panels[p]) != self.policy.demand]
            bad += [("team", sorted(team)) for team in self.teams if len({tuple(sorted(panels[p])) for p in team}) != 1]
        return bad


def one_line(done, codes=(4, 6)):
    return done.returncode in codes and done.stderr.strip().count("\n") == 0 and done.stderr.startswith("veil")


def verified(batch, trail, whole=False):
    done = run(VERIFY, "batch", batch.file)
    bad = batch.wrong(whole) if done.returncode == 0 else []
    if done.returncode != 0 or bad:
        point(False, f"{batch.name}: after {' / '.join(trail)}", f"{batch.policy.text}\n{done.returncode} {done.stderr}\n{bad[:5]}")
        return False
    return True


def acts_of(rng, batch):
    """A random act: the arguments behind `veil batch`."""
    panels = batch.panels()
    project = rng.choice(sorted(batch.listed))
    sitting = rng.choice(sorted(panels[project])) if panels[project] else rng.choice(sorted(batch.reviewer))
    other = rng.choice(sorted(batch.reviewer))
    return rng.choice((
        ("replace", batch.name, "--project", project, "--reviewer", sitting, "--reason", rng.choice(("declined", "ill", "declared", "void"))),
        ("replace", batch.name, "--project", project, "--reviewer", sitting, "--reason", "declined"),
        ("replace", batch.name, "--project", project, "--reviewer", other, "--reason", "no-reply"),
        ("strike", batch.name, "--project", project, "--reviewer", rng.choice((sitting, other))),
        ("withdraw", batch.name, "--reviewer", rng.choice((sitting, other))),
        ("withdraw", batch.name, "--project", project) if rng.random() < 0.3 else ("withdraw", batch.name, "--reviewer", sitting),
        ("draw", batch.name, "--top-up"),
        ("draw", batch.name, "--round", "--add", "1", "--project", project, "--reason", "a further opinion"),
    ))


def one_batch(seed, provinces):
    rng = random.Random(seed)
    policy = Policy(rng, provinces)
    batch = Batch(f"B{seed}", policy)
    path = WORK / f"{batch.name}.policy"
    path.write_text(policy.text, "utf-8")
    for step in (("new", batch.name, "--policy", path, "--projects", LISTS / "projects-ruled.csv", "--people", LISTS / "people.csv"), ("freeze", batch.name, "--as-of", "2026-03-01")):
        done = run(VEIL, "batch", *step)
        if done.returncode not in (0, 7):
            seen[f"{step[0]} refused"] += 1
            return point(one_line(done, (3, 4, 6)), f"{batch.name}: {step[0]} is refused in one line", f"{policy.text}\n{done.returncode} {done.stderr}")
    check = run(VEIL, "batch", "check", batch.name, "--json")
    drawn = run(VEIL, "batch", "draw", batch.name)
    if drawn.returncode != 0:
        seen[f"draw exit {drawn.returncode}"] += 1
        agrees = one_line(drawn) and (check.returncode == 4) == (drawn.returncode == 4 or (policy.method == "draw" and check.returncode == 4)) and not batch.ask("SELECT 1 FROM assignment")
        return point(agrees, f"{batch.name}: no draw, in one line, and batch check agrees", f"{policy.text}\ncheck {check.returncode} {check.stdout[:500]}\ndraw {drawn.returncode} {drawn.stderr}")
    batch.load_facts()
    seen[f"drawn by {policy.method}{', a lottery' if batch.ask('SELECT 1 FROM lottery LIMIT 1') else ''}"] += 1
    trail = ["draw"]
    if check.returncode != 0:
        return point(False, f"{batch.name}: batch check agrees with the draw", f"{policy.text}\n{check.returncode} {check.stdout}")
    if not verified(batch, trail, whole=True):
        return None
    gone = False
    for _ in range(rng.randint(2, 7)):
        act = acts_of(rng, batch)
        before = batch.file.read_bytes()
        done = run(VEIL, "batch", *act)
        trail.append(" ".join(act[:1] + act[2:]))
        seen[f"{act[0]} {act[2] if act[0] == 'draw' else ''} exit {done.returncode}"] += 1
        if done.returncode != 0 and (not one_line(done) or before != batch.file.read_bytes()):
            return point(False, f"{batch.name}: a refusal is one line and changes nothing: {' / '.join(trail)}", f"{policy.text}\n{done.returncode} {done.stderr}")
        gone = gone or (act[0] == "withdraw" and act[2] == "--project")
        if not verified(batch, trail):
            return None
    return point(True, f"{batch.name}: {policy.method}, {len(policy.rules)} rules, {len(trail)} acts")


places = set_up()
# After those asked for, four that once gave the projects of a team different reserves, or had a place for somebody in one of them only.
for seed in [*range(FIRST, FIRST + BATCHES), 1026, 1077, 5100, 7016]:
    one_batch(seed, places)
print("# " + ", ".join(f"{what}: {n}" for what, n in sorted(seen.items())))
point(sum(n for what, n in seen.items() if what.startswith("drawn")) > BATCHES // 3, "more than a third were drawn", dict(seen))
shutil.rmtree(WORK)
print(f"1..{number}")
sys.exit(failed > 0)
