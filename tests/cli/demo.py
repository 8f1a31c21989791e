#!/usr/bin/env python3
"""demo.py VEIL-DEMO - the generator keeps its promises.

The answer key comes from what the generator knows; here it is worked out again from the lists alone, as a reader of
the lists would: encodings undone, organisations found by code, name or alias, dates widened. Both must agree.
"""
import collections
import csv
import gzip
import hashlib
import io
import pathlib
import subprocess
import sys
import tempfile
import unicodedata

DEMO = sys.argv[1]
AS_OF, WINDOW = 20260301, 20230301
failures = []


def check(what, holds):
    if not holds:
        failures.append(what)
        print("not ok:", what)


def make(folder, *options):
    got = subprocess.run([DEMO, "--out", str(folder), *options], capture_output=True)
    check(f"veil-demo {' '.join(options)}: exit 0", got.returncode == 0 and got.stdout == b"" and got.stderr == b"")


def digest(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def rows(folder, name):
    data = (folder / name).read_bytes()
    if name.endswith(".gz"):
        data = gzip.decompress(data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def fold(text):
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def ident(text):
    return unicodedata.normalize("NFKC", text).strip()


def span(text):
    """The first and the last day that a date covers, as numbers."""
    parts = [int(p) for p in text.replace("/", "-").split("-")]
    if len(parts) == 1:
        return parts[0] * 10000 + 101, parts[0] * 10000 + 1231
    if len(parts) == 2:
        return parts[0] * 10000 + parts[1] * 100 + 1, parts[0] * 10000 + parts[1] * 100 + 31
    number = parts[0] * 10000 + parts[1] * 100 + parts[2]
    return number, number


def interval(row):
    low = span(row["since"])[0] if row["since"] else 0
    high = span(row["until"])[1] if row["until"] else 99999999
    return low, high


class Orgs:
    def __init__(self, listed):
        self.by_code, self.by_name = {}, {}
        for row in listed:
            self.by_code[row["code"]] = row["code"]
            for name in [row["name"], *row["aliases"].replace("；", ";").split(";")]:
                if name:
                    check("no two organisations share a name", self.by_name.get(fold(name), row["code"]) == row["code"])
                    self.by_name[fold(name)] = row["code"]

    def find(self, name, code=""):
        if code:
            return self.by_code[code]
        return self.by_name.get(fold(name), "text:" + fold(name)) if fold(name) else None


def expected(folder):
    orgs = Orgs(rows(folder, "organisations.csv"))
    experts = rows(folder, "experts.csv")
    posts_now, posts_past, avoid = collections.defaultdict(set), collections.defaultdict(set), collections.defaultdict(set)
    pool, by_name = set(), {}
    for row in experts:
        pool.add(row["编号"])
        org = orgs.find(row["工作单位"], row["organisation_code"])
        posts_now[row["编号"]].add(org)
        by_name[fold(row["姓名"]), org] = row["编号"]
        for name in row["回避单位"].replace("；", ";").split(";"):
            if name:
                avoid[orgs.find(name)].add(row["编号"])
    for row in rows(folder, "posts.csv"):
        if row["kind"] not in ("employee", "adjunct", "head"):
            continue
        low, high = interval(row)
        org = orgs.find(row["organisation"], row["organisation_code"])
        if low <= AS_OF <= high:
            posts_now[ident(row["person"])].add(org)
        elif WINDOW <= high < AS_OF:
            posts_past[ident(row["person"])].add(org)
    now_at, past_at = collections.defaultdict(set), collections.defaultdict(set)
    for person, at in posts_now.items():
        for org in at:
            now_at[org].add(person)
    for person, at in posts_past.items():
        for org in at:
            past_at[org].add(person)
    works = collections.defaultdict(list)
    for row in rows(folder, "works.csv.gz"):
        works[row["work"]].append((ident(row["person"]), span(row["date"])))
    ties = collections.defaultdict(set)
    for authors in works.values():
        if max(d[1] for _, d in authors) >= WINDOW and min(d[0] for _, d in authors) <= AS_OF:
            for a, _ in authors:
                for b, _ in authors:
                    if a != b:
                        ties[a].add((b, "C13"))
    for row in rows(folder, "relations.csv"):
        a, b = ident(row["a"]), ident(row["b"])
        low, high = interval(row)
        rule = {"advisor": "C12", "collaborator": "C13"}.get(row["kind"])
        if rule is None or low > AS_OF or (rule == "C13" and high < WINDOW):
            continue
        ties[a].add((b, rule))
        ties[b].add((a, rule))
    people = collections.defaultdict(list)
    for row in rows(folder, "people.csv"):
        people[row["project"]].append(row)
    result = {}
    for project in rows(folder, "projects.csv"):
        pairs, side, behind = collections.defaultdict(set), set(), set()
        side.add(orgs.find(project["申报单位"], project["organisation_code"]))
        side.update(orgs.find(n) for n in project["partners"].replace("；", ";").split(";") if n)
        for row in people[project["编号"]]:
            person = ident(row["person"]) or "named:" + fold(row["name"])
            behind.add(person)
            if row["organisation"] or row["organisation_code"]:
                side.add(orgs.find(row["organisation"], row["organisation_code"]))
            side.update(posts_now.get(person, ()))
            for other, rule in ties.get(person, ()):
                pairs[other].add(rule)
        for org in side:
            for rule, at in (("C04", now_at), ("C05", past_at), ("C19", avoid)):
                for person in at.get(org, ()):
                    pairs[person].add(rule)
        for who in project["exclude"].replace("；", ";").split(";"):
            if "@" in who:
                name, org = who.split("@", 1)
                pairs[by_name[fold(name), orgs.find(org)]].add("C18")
            elif who:
                pairs[ident(who)].add("C18")
        for person in behind:
            pairs[person].add("C01")
            pairs[person].discard("C13")
        for person, rules in pairs.items():
            if person in pool and rules:
                result[project["编号"], person] = ";".join(sorted(rules))
    return result, pool


def check_numbers(folder):
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    seen = collections.Counter()
    for row in rows(folder, "experts.csv"):
        number = row["证件号"]
        for key in ("编号", "证件号", "手机", "email", "orcid"):
            if row[key]:
                digits = "".join(c for c in row[key] if c.isdigit())[-11:] if key == "手机" else row[key]
                seen[key, digits] += 1
        if number:
            check("id number: region 00", number.startswith("00") and len(number) == 18)
            check("id number: check digit", "10X98765432"[sum(w * int(d) for w, d in zip(weights, number)) % 11] == number[17])
        check("e-mail under an example domain", not row["email"] or row["email"].split("@")[1].endswith((".example", ".例子")))
        check("phone: nobody's", not row["手机"] or "100" in row["手机"][:7])
    check("identifiers are nobody else's", max(seen.values()) == 1)
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for row in rows(folder, "organisations.csv"):
        code = row["code"]
        total = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
        check("organisation code: check character", len(code) == 18 and code[0] == "G" and alphabet[(31 - total % 31) % 31] == code[17])


def check_answer(folder):
    want, pool = expected(folder)
    key = {(r["project"], r["expert"]): r["rules"] for r in rows(folder, "answer_key.csv")}
    check(f"answer key agrees with the lists: {len(set(want.items()) ^ set(key.items()))} differences of {len(want)}", want == key)
    for pair in sorted(set(want.items()) ^ set(key.items()))[:5]:
        print("   ", pair)
    planted = rows(folder, "planted.csv")
    check("there are plants", len(planted) >= 20)
    for row in planted:
        rules = key.get((row["project"], row["expert"]), "none")
        check(f"planted {row['rule']}: {row['how']}", row["rule"] in rules.split(";"))
    banned = {ident(r["person"]) for r in rows(folder, "bans.csv") if interval(r)[0] <= AS_OF <= interval(r)[1]}
    check("banned.csv agrees with bans.csv", banned == {r["expert"] for r in rows(folder, "banned.csv")} and banned <= pool)


with tempfile.TemporaryDirectory() as scratch:
    one, two, three = (pathlib.Path(scratch) / n for n in ("one", "two", "three"))
    small = ["--experts", "2500", "--projects", "120"]
    make(one, *small)
    make(three, "--experts", "4000", "--projects", "200", "--seed", "9")
    make(two, "--experts", "4000", "--projects", "200", "--seed", "8")
    check("another seed is another bureau", digest(two)["experts.csv"] != digest(three)["experts.csv"])
    check_answer(three)
    make(two, *small)  # over longer files: nothing of them may stay
    check("same numbers, same bytes", digest(one) == digest(two))
    check_answer(one)
    check_numbers(one)
    data = (one / "organisations.csv").read_bytes()
    check("organisations are in GB18030", data.decode("gb18030") and b"\r\n" in data)
    for bad in (["--out"], [], ["--out", str(one), "--experts", "-5"], ["--out", str(one), "x"], ["--out", str(one), "--projects", "0"]):
        got = subprocess.run([DEMO, *bad], capture_output=True)
        check(f"veil-demo {bad}: usage", got.returncode == 2 and got.stderr.startswith(b"veil-demo: "))

print(f"{len(failures)} failures")
sys.exit(1 if failures else 0)
