#!/usr/bin/env python3
"""THREATS 2.17, property P1: two worlds that differ in what an observer must not learn look the same to him, byte for byte, in every phase, whatever he runs.

usage: two-worlds.py VEIL [COMMANDS]        VEIL_TEST_CHANCE_LIB, VEIL_TEST_VERIFY: chance.c as a library, veil-verify

COMMANDS is how many random commands each role runs in each phase of each pair of worlds (default 4). The commands are those of the program's own table, with their own options;
a new command is taken without a change here.
"""
import random
import re
import sqlite3
import subprocess
import sys

from world import N_EXPERTS, VEIL, VERIFY, World, difference, finish, human, other_human, point

N = int(sys.argv[2]) if len(sys.argv) > 2 else 4
# Commands that open no site (they know nothing), or whose work is hashing a passphrase.
NO_SITE = {"match", "policy show", "operator key", "custodian key", "init", "escrow part"}


def grammar():
    """command -> (role, positional words, [(option, metavar or None, words of its help)])"""
    found = {}
    for name in subprocess.run([VEIL, "manual", "list"], capture_output=True, text=True, check=True).stdout.splitlines():
        text = subprocess.run([VEIL, *name.split(), "--help"], capture_output=True, text=True, check=True).stdout
        usage = text.splitlines()[0][len("usage: veil " + name):]
        positional = [w for w in re.sub(r"--\S+( [A-Z]\S*)?", " ", usage).replace("[", " ").replace("]", " ").split() if re.match(r"[A-Za-z|]+\.*$", w)]
        options = []
        for line in text.split("\nOptions:\n")[1].split("\n\n")[0].split("\n") if "\nOptions:\n" in text else []:
            match = re.match(r"  (?:-\w, )?(--[a-z-]+)(?: ([A-Z|]+))?  +(.*)", line)
            if match:
                options.append((match[1], match[2], re.findall(r"[a-z-]+", match[3])))
        found[name] = (re.search(r"Role: (\w+)", text)[1], positional, options)
    return found


class Chooser:
    """Arguments that a curious person would try: codes that exist and that do not, mistyped ones, ids and names of either world."""

    def __init__(self, seed, codes, requests):
        self.r = random.Random(seed)
        self.codes, self.requests = codes, requests

    def code(self):
        code = self.r.choice(self.codes) if self.codes else "P0000000000000000"
        return self.r.choice([code] * 6 + [code.lower(), code[:-1] + "0", code[:8], "R" + "0" * 17, human(7)["id"], other_human(7)["id"], human(3)["name"], "P3", "", "%s%n", "' OR 1=1 --"])

    def value(self, metavar, words):
        r = self.r
        if metavar == "CODE":
            return self.code()
        if metavar == "NAME":
            return r.choice(["K"] * 12 + ["Q", "K.F1", "../K", "k", "K" * 300, "Ｋ"])
        if metavar in ("FILE", "DIR"):
            return r.choice(["out/f1", "out/f2", "site/draw/K.veil", "site/ledger/checkpoint", "site", "none/x", "/dev/null"])
        if metavar in ("N", "K", "SEQ"):
            return str(r.choice([0, 1, 2, 3, 7, 12, 99, -1, 10**20]))
        if metavar == "HANDLE":
            return r.choice(["op1", "op2", "op7", "nobody", human(7)["id"]])
        if metavar == "ID":
            return r.choice(self.requests + [human(7)["id"], other_human(7)["id"], "P3", "0123456789abcdef"])
        if metavar == "WORD" and words:
            return r.choice(words)
        if metavar in ("HEX",):
            return r.choice(["00" * 32, "zz"])
        if metavar == "MINUTE":
            return r.choice(["2026-06-01T12:00Z", "yesterday"])
        return r.choice(["2026/014", "a party protested", human(3)["name"], other_human(3)["name"], "‮x", "x" * 400, *words[:3]])

    def command(self, name, positional, options):
        args = []
        for word in positional:
            args.append(self.r.choice(word.split("|")) if "|" in word else self.value(word.strip("."), []))
        for option, metavar, words in options:
            if self.r.random() < (0.75 if metavar == "CODE" else 0.4):
                args += [option] if metavar is None else [option, self.value(metavar, words)]
        if self.r.random() < 0.4:
            args.append(self.r.choice(["--json", "--csv", "--for-spreadsheet"]))
        return [*name.split(), *args]


def codes_of(world):
    path = world.dir / "site/draw/K.veil"
    if not path.exists():
        return []
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    found = [c for (c,) in db.execute("SELECT code FROM project UNION ALL SELECT code FROM reviewer")]
    seats = [c for pair in db.execute("SELECT project, reviewer FROM assignment") for c in pair]
    db.close()
    return found + seats * 2


def usual(role, world):
    """What the role runs anyway, so that no phase goes without it."""
    seats = codes_of(world)[-2:]
    codes = ["--project", seats[0], "--reviewer", seats[1]] if len(seats) == 2 else ["--project", "P0", "--reviewer", "R0"]
    return {
        "drawer": [["batch", "status", "K"], ["batch", "show", "K", "--summary", "--json"], ["batch", "show", "K", "--candidates", "--csv"], ["batch", "check", "K", "--json"],
                   ["batch", "minutes", "K", "--out", "out/m.html"], ["batch", "replace", "K", *codes, "--reason", "ill"]],
        "requester": [["batch", "status", "K", "--json"], ["approve", "list"], ["batch", "settle", "K"]],
        "notifier": [["batch", "status", "K"]],
        "auditor": [["batch", "conflicts", "K", "--csv"], ["batch", "cycles", "K"], ["batch", "explain", "K", *codes], ["audit", "opened", "K", "--json"]],
    }[role]


def observe(pair, role, phase, commands, seed):
    """The same commands in copies of both worlds; the first difference, or ''."""
    a, b = (w.copy(f"{w.dir.name}-seen") for w in pair)
    first = difference(a.view(role), b.view(role))
    if first:
        return f"{phase}, before anything is run: {first}", 0
    chooser = Chooser(f"{seed} {phase} {role}", codes_of(a), [f["request"] for f in a.fields() if "request" in f])
    mine = sorted(n for n, (r, _, _) in commands.items() if r in (role, "anyone") and n not in NO_SITE)
    todo = usual(role, a) + [chooser.command(n, *commands[n][1:]) for n in (chooser.r.choice(mine) for _ in range(N))]
    for args in todo:
        got = a.run(*args), b.run(*args)
        if got[0] != got[1]:
            return f"{phase}: veil {' '.join(args)}\n{got[0]}\n{got[1]}", 0
    if role == "auditor" and VERIFY:
        for args in (["batch", "site/draw/K.veil"], ["ledger", "site/ledger/ledger.db"]):
            got = a.run(*args, program=VERIFY), b.run(*args, program=VERIFY)
            if got[0] != got[1]:
                return f"{phase}: veil-verify {' '.join(args)}\n{got[0]}\n{got[1]}", 0
    last = difference(a.view(role), b.view(role))
    return (f"{phase}, after {todo}: {last}" if last else ""), len(todo)


def compare(what, pair, roles, commands, blind_to=()):
    """Every phase, every observer. roles: who must see no difference; blind_to: who must see one, or the test could not fail."""
    faults, told, ran = [], set(), 0
    for phase, step in World.PHASES:
        for world in pair:
            getattr(world, step)()
        for role in roles:
            fault, n = observe(pair, role, phase, commands, what)
            ran += n
            if fault:
                faults.append(f"{role}: {fault}")
        for role in blind_to:
            if difference(pair[0].view(role), pair[1].view(role)):
                told.add(role)
    point(not faults, f"{what}: {', '.join(roles) or 'nobody need'} see the same in {len(World.PHASES)} phases and {ran} commands", "\n".join(faults[:2]))
    if blind_to:
        point(told == set(blind_to), f"{what}: and who may see it does ({', '.join(blind_to)})", told)


def hidden_pair():
    """(expert, project) who are allowed but far below the project's list, so that a conflict between them moves nothing the drawer may see; and an allowed listed one."""
    probe = World("probe")
    probe.imports()
    probe.freeze()
    look = probe.copy("probe-codes")
    ids = {}
    for line in look.must("batch", "codes", "K", "--all", "--csv")[1].decode().splitlines()[1:]:
        code, _, _, one = line.split(",")
        ids[one] = code
    excluded = {tuple(line.split(",")[:2]) for line in look.must("batch", "conflicts", "K", "--csv")[1].decode().splitlines()[1:]}
    listed = {tuple(line.split(",")[:2]) for line in look.must("batch", "show", "K", "--candidates", "--csv")[1].decode().splitlines()[1:]}
    hidden, loud = [], []
    for p in range(4):  # behind these stands an expert of the pool, 20 + p
        for i in range(30, N_EXPERTS - 1):
            pair = (ids[f"P{p}"], ids[f"E{i:03}"])
            if pair in listed:
                loud.append((i, p))
            elif pair not in excluded:
                hidden.append((i, p))
    return hidden, loud


def main():
    commands = grammar()
    everybody = ("drawer", "requester", "notifier", "auditor")
    told = ("drawer", "requester", "notifier")
    compare("other people at the same desks", (World("a1"), World("b1", human=other_human, org=lambda k: f"Institute No. {k}", stranger=lambda k: f"Co-Author {k}")), everybody, commands)
    compare("other applicants", (World("a2"), World("b2", applicant=lambda p, k: f"某某{p}{k}氏", unit=lambda p: f"另一家公司{p}号", project_id=lambda p: f"2026-KJ-{p}")),
            everybody, commands)
    compare("the same people, each at another's desk", (World("a3"), World("b3", human=lambda i: human((i * 7 + 13) % N_EXPERTS))), everybody, commands)
    hidden, loud = hidden_pair()
    (i, p), (j, q) = hidden[len(hidden) // 2], loud[0]
    compare("a conflict of somebody who would not have been listed", (World("a4", more_relations=[("dispute", i, 20 + p)]), World("b4", more_relations=[("advisor", i, 20 + p)])),
            told, commands, blind_to=("auditor",))
    # The bound: what does change the list changes what the drawer sees; a comparison that misses this compares nothing.
    compare("the conflict of somebody who was listed", (World("a5", more_relations=[("dispute", j, 20 + q)]), World("b5", more_relations=[("advisor", j, 20 + q)])),
            (), commands, blind_to=("drawer",))
    compare("why somebody is excluded", (World("a6", more_posts=[(40, "申报单位1公司", "employee", "2020-01-01", "2025-12-31")]),
                                         World("b6", more_posts=[(40, "申报单位1公司", "employee", "2020-01-01", "2027-12-31")])), told, commands, blind_to=("auditor",))
    compare("why somebody is no reviewer", (World("a7"), World("b7", gone={"status": "", "max_load": "0"})), told, commands, blind_to=("auditor",))
    compare("which person an operator is", (World("a8"), World("b8", staff="S2")), everybody, commands)
    finish()


main()
