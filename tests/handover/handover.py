#!/usr/bin/env python3
"""What goes out to reviewers and to the notifier, and what comes back: attacks on the handover.

usage: handover.py VEIL VEIL_VERIFY LISTS
"""
import csv
import io
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

VEIL, VERIFY, LISTS = (os.path.abspath(p) for p in sys.argv[1:4])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-handover-"))
SITE = WORK / "site"
number = failed = 0


def point(good, what, detail=""):
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        print("\n".join("# " + line for line in str(detail)[:2000].splitlines()), flush=True)
    return good


def run(*args, site=SITE):
    env = {**os.environ, "VEIL_SITE": str(site), "VEIL_OPERATOR": "op1", "TMPDIR": str(WORK)}
    env.pop("VEIL_PASSPHRASE_FILE", None)
    return subprocess.run([str(a) for a in args], env=env, cwd=WORK, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def batch(*args, expect=0, says="", what=None, site=SITE):
    got = run(VEIL, "batch", *args, site=site)
    good = (expect is None or got.returncode == expect) and says in got.stderr
    if not good or what:
        point(good, what or " ".join(map(str, args))[:80], f"exit {got.returncode}: {got.stderr}{got.stdout}")
    return got


def rows(got):
    return list(csv.DictReader(io.StringIO(got.stdout)))


def records():
    db = sqlite3.connect(f"file:{SITE}/ledger/ledger.db?mode=ro", uri=True)
    found = [r.decode() for (r,) in db.execute("SELECT CAST(record AS BLOB) FROM leaf ORDER BY seq")]
    db.close()
    return found


def acts(name):
    return [r for r in records() if f"\nact {name}\n" in r]


def site_bytes():
    return {p: p.read_bytes() for p in SITE.rglob("*") if p.is_file()}


def make_lists():
    lists = WORK / "lists"
    shutil.copytree(LISTS, lists)
    with open(lists / "projects.csv", encoding="utf-8-sig", newline="") as f:
        table = list(csv.DictReader(f))
    head = [*table[0], "附件"]
    title = next(h for h in head if h in ("title", "项目名称"))
    name, unit = applicant(lists)
    with open(lists / "experts.csv", encoding="utf-8-sig", newline="") as f:
        experts = list(csv.DictReader(f))
    head_e = [*experts[0], "手机", "email"]
    for i, row in enumerate(experts):
        row["手机"] = "" if i % 5 == 0 else f"1380000{i:04}"
        row["email"] = f"canary{i}@mail.example" if i % 2 == 0 else ""
    for path, head_, table_ in ((lists / "experts.csv", head_e, experts),):
        with open(path, "w", encoding="utf-8", newline="") as f:
            writer = csv.DictWriter(f, head_)
            writer.writeheader()
            writer.writerows(table_)
    for row in table:
        row["附件"] = ""
    table[0]["附件"] = f"{name}.md; long.txt"
    (lists / f"{name}.md").write_text(f"﻿# 方案\n\n第三行由{name}撰写，{unit}承担。\n我们前期工作[3]。\n", encoding="utf-8")
    (lists / "long.txt").write_text("长文\n" * 3000, encoding="utf-8")
    with open(lists / "projects.csv", "w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, head)
        writer.writeheader()
        writer.writerows(table)
    return lists, title, table, head, name, unit


def applicant(lists):
    with open(lists / "projects.csv", encoding="utf-8-sig", newline="") as f:
        first = next(csv.DictReader(f))
    project = next(first[h] for h in first if h in ("id", "编号", "项目编号"))
    unit = next(first[h] for h in first if h in ("organisation", "申报单位", "承担单位"))
    with open(lists / "people.csv", encoding="utf-8-sig", newline="") as f:
        for row in csv.DictReader(f):
            if project in row.values():
                name = next((row[h] for h in row if h in ("name", "姓名", "申请人") and row[h]), None)
                person = next((row[h] for h in row if h in ("person", "人员编号", "人员ID", "编号") and row[h]), None)
                if name is None:
                    with open(lists / "experts.csv", encoding="utf-8-sig", newline="") as e:
                        name = next(r["姓名"] for r in csv.DictReader(e) if r["编号"] == person)
                return name, unit
    raise SystemExit("the lists have nobody behind their first project")


def write_table(path, head, table):
    with open(path, "w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, head)
        writer.writeheader()
        writer.writerows(table)


def metadata(lists, head, table):
    """THREATS 24: what carries its author where nobody looks is refused, by content."""
    for content, word in ((b"PK\3\4\x14\0docProps/core.xml<dc:creator>canary", "DOCX"), (b"%PDF-1.7\n/Author (canary)", "PDF"),
                          (b"\xff\xd8\xff\xe1\0\x10Exif\0\0GPS canary", "JPEG"), (b"text first\n%PDF-1.4 canary", "PDF"), (b"\xff\xfec\0", "UTF-16")):
        (lists / "innocent.txt").write_bytes(content)
        rows_ = [dict(table[0], 附件="innocent.txt")]
        write_table(lists / "one.csv", head, rows_)
        got = run(VEIL, "batch", "new", "M", "--policy", lists / "policy.ini", "--projects", lists / "one.csv")
        point(got.returncode == 3 and word in got.stderr and "innocent" not in got.stderr and "canary" not in got.stderr, f"{word}: refused by content", f"{got.returncode} {got.stderr}")
    for name in ("../one.csv", ".hidden", "/etc/passwd", "missing.txt", "."):
        write_table(lists / "one.csv", head, [dict(table[0], 附件=name)])
        got = run(VEIL, "batch", "new", "M", "--policy", lists / "policy.ini", "--projects", lists / "one.csv")
        point(got.returncode == 3 and name not in got.stderr.replace("one.csv line", ""), f"attachment {name}: refused, not quoted", f"{got.returncode} {got.stderr}")


def set_up():
    lists, title, table, head, name, unit = make_lists()
    run(VEIL, "init", SITE, "--rehearsal")
    for kind in ("disciplines", "organisations", "experts", "posts", "works", "relations", "bans"):
        got = run(VEIL, "import", kind, lists / f"{kind}.csv")
        if got.returncode not in (0, 7):
            point(False, f"import {kind}", got.stderr)
    metadata(lists, head, table)
    for b in ("A", "B"):
        batch("new", b, "--policy", lists / "policy.ini", "--projects", lists / "projects.csv", "--people", lists / "people.csv")
    return name, unit


def before_the_draw():
    answers = {batch(verb, "A", *rest, expect=6).stderr.replace(verb, "") for verb, rest in
               (("leaks", ()), ("packets", ("--out", WORK / "p")))}
    point(len(answers) == 1, "before the freeze the requester has one answer", answers)
    missing = batch("leaks", "Z", expect=6).stderr.replace("Z", "A")
    point({missing} == {batch("leaks", "A", expect=6).stderr}, "and the same for a batch that does not exist")
    batch("freeze", "A", "--as-of", "2026-03-01")
    batch("packets", "A", "--out", WORK / "p", expect=6)


def leaks(name, unit):
    got = batch("leaks", "A", "--csv", expect=5)
    found = rows(got)
    kinds = {(r["where"], r["line"], r["reason"]) for r in found}
    point({("text-1", "3", "person"), ("text-1", "3", "organisation"), ("text-1", "4", "self-reference")} <= kinds, "applicant, unit and self-reference are found at their line", kinds)
    point(name not in got.stdout + got.stderr and unit not in got.stdout + got.stderr, "a finding never says what stands there")
    batch("draw", "A")
    batch("packets", "A", "--out", WORK / "p", expect=6, says="veil batch leaks A", what="no packets while a finding stands")
    point(not (WORK / "p").exists() and not (WORK / "p.part").exists() and not acts("batch.packets"), "and nothing of them")
    before = len(records())
    batch("leaks", "A", "--waive", found[0]["finding"], expect=2, what="a waiver takes a reason")
    batch("leaks", "A", "--waive", found[0]["finding"][:-1], "--reason", "none", expect=6, what="a finding that is none cannot be waived")
    point(len(records()) == before, "neither left a record")
    batch("leaks", "A", "--waive", found[0]["finding"], "--reason", "a common word", expect=5, what="one is waived, the others stand")
    batch("packets", "A", "--out", WORK / "p", expect=6)
    batch("leaks", "A", "--waive", "all", "--reason", "agreed with the applicant", what="all are waived")
    waivers = acts("batch.leaks.waive")
    point(len(waivers) == 2 and all(name not in w for w in waivers) and "a common word" in waivers[0] and "agreed" in waivers[1], "waivers are logged with their reason", waivers)
    return found


def packets():
    listed = rows(batch("packets", "A", "--out", WORK / "p", "--csv"))
    seats = rows(batch("show", "A", "--assignments", "--csv"))
    files = sorted((WORK / "p").iterdir())
    point(len(listed) == len(seats) and [f.name for f in files] == sorted({r["packet"] + ".txt" for r in listed}), "a packet for everybody who sits")
    point({f.stat().st_size & (f.stat().st_size - 1) for f in files} == {0} and all(f.stat().st_size >= 4096 for f in files), "sizes are buckets", [f.stat().st_size for f in files])
    point(len({(f.stat().st_mtime, f.stat().st_mode) for f in [*files]}) == 1 and (WORK / "p").stat().st_mtime == files[0].stat().st_mtime, "one date, one mode")
    first = {f.name: f.read_bytes() for f in files}
    batch("packets", "A", "--out", WORK / "p", expect=6, what="nothing is written over")
    batch("packets", "A", "--out", WORK / "p2")
    point({f.name: f.read_bytes() for f in (WORK / "p2").iterdir()} == first, "written again they are the same bytes")
    drawers = {c for r in seats for c in (r["project"], r["reviewer"])}
    everything = b"".join(first.values()).decode()
    point(not any(c in everything for c in drawers), "no code of the drawer's is in a packet")
    canaries = [r["name"] for r in rows_of_experts()] + ["canary", "1380000"]
    named = [c for c in canaries if c in everything.replace(NAME, "")]
    point(not named, "no expert is in a packet", named)
    (SITE / "desk/A.content").write_bytes((SITE / "desk/A.content").read_bytes().replace("长文".encode(), "短文".encode(), 1))
    batch("packets", "A", "--out", WORK / "p3", expect=5, what="content that is not what was frozen goes nowhere")
    (SITE / "desk/A.content").write_bytes((SITE / "desk/A.content").read_bytes().replace("短文".encode(), "长文".encode(), 1))
    return listed, seats


def rows_of_experts():
    with open(WORK / "lists/experts.csv", encoding="utf-8", newline="") as f:
        return [{"name": r["姓名"]} for r in csv.DictReader(f)]


def contacts(listed, seats):
    batch("contacts", "A", "--out", WORK / "c.csv", "--slips", WORK / "slips")
    text = (WORK / "c.csv").read_text()
    people = list(csv.DictReader(io.StringIO(text)))
    invited = [r["invitation"] for r in people]
    point(list(people[0]) == ["invitation", "name", "phone", "email"] and invited == sorted(invited), "by invitation number")
    point(len(people) == len({r["reviewer"] for r in seats}), "everybody who sits, once")
    point(not set(invited) & {c for r in listed + seats for c in r.values()}, "an invitation number is no other audience's code")
    point(not any(r["project"] in text for r in listed + seats), "no project in the list")
    point(all(not (r["phone"] and r["email"]) for r in people) and any(r["phone"] for r in people), "an e-mail address only where there is no phone")
    mode = (WORK / "c.csv").stat()
    point(mode.st_mode & 0o777 == 0o600 and mode.st_mtime == (WORK / "p").stat().st_mtime, "mode 0600, the date of all that goes out")
    slips = sorted((WORK / "slips").iterdir())
    point([s.stem for s in slips] == invited and len({s.stat().st_size for s in slips}) == 1, "a slip each, of one size")
    packet_codes = {r["packet"] for r in listed}
    point(not any(c.encode() in s.read_bytes() for s in slips for c in packet_codes), "a slip shows no packet's code")
    batch("packets", "A", "--out", WORK / "one", "--slip", slips[0])
    one = list((WORK / "one").iterdir())
    point(len(one) == 1 and one[0].read_bytes() == (WORK / "p" / one[0].name).read_bytes(), "the requester finds the packet of a slip")
    order = []
    for i, s in enumerate(slips):
        batch("packets", "A", "--out", WORK / f"s{i}", "--slip", s)
        order.append(next((WORK / f"s{i}").iterdir()).stem)
    point(sorted(order) == sorted(packet_codes) and order != sorted(order), "the order of the list is not that of the packets")
    (WORK / "bad.slip").write_text(slips[0].read_text().replace("A", "B", 1))
    wrong = {batch("packets", "A", "--out", WORK / "x", "--slip", f, expect=3).stderr for f in (WORK / "bad.slip", WORK / "c.csv", WORK / "nowhere", WORK)}
    point(len(wrong) == 1 and not (WORK / "x").exists(), "whatever is wrong with a slip, one answer", wrong)
    log = acts("batch.contacts")
    point(len(log) == 1 and not any(r["name"] in log[0] or r["invitation"] in log[0] for r in people), "logged, without a name")
    point(all(r["name"].encode() not in data for data in site_bytes().values() for r in people if r["name"] != NAME), "no name is in the site")


def answer_of(packet, *choice, name="answer"):
    path = WORK / name
    path.unlink(missing_ok=True)
    got = run(VEIL, "answer", packet, "--out", path, *choice)
    if got.returncode != 0:
        point(False, f"answer {choice}", got.stderr)
    return path


def one_answer(path, others):
    """Every way to be wrong has the same words and the same exit status, and changes nothing."""
    before = site_bytes()
    sealed = path.read_text()
    lines = sealed.splitlines(keepends=True)
    forged = {
        "truncated": sealed[:-10], "empty": "", "oversized": sealed + "A" * 2_000_000, "flipped": sealed.replace(lines[3], lines[3].swapcase(), 1),
        "another order": "".join([lines[0], lines[2], lines[1], *lines[3:]]), "trailing": sealed + "\n", "no seal": "veil-answer/1\n", "binary": "\0\1\2",
    }
    seen = set()
    for what, text in forged.items():
        (WORK / "forged").write_text(text)
        got = batch("answer", "A", "--file", WORK / "forged", expect=None)
        seen.add((got.returncode, got.stderr, got.stdout))
        if got.returncode != 3:
            point(False, f"{what} is refused", got.stderr)
    for other in [WORK / "nowhere", WORK, *others]:
        got = batch("answer", "A", "--file", other, expect=None)
        seen.add((got.returncode, got.stderr, got.stdout))
    point(len(seen) == 1 and min(seen)[0] == 3, "truncated, oversized, altered, forged, of another batch, replayed: one answer", seen)
    point(site_bytes() == before, "and nothing has changed")


def other_batch():
    batch("freeze", "B", "--as-of", "2026-03-01")
    batch("draw", "B")
    batch("leaks", "B", "--waive", "all", "--reason", "agreed", expect=None)
    batch("packets", "B", "--out", WORK / "pb")
    return answer_of(next((WORK / "pb").iterdir()), "--decline", "all", name="other")


def answers(listed):
    mine = [r for r in listed if sum(r["packet"] == o["packet"] for o in listed) == 1]
    decliner, tied, acceptor = mine[0], mine[1], mine[2]
    packet = {r["packet"]: WORK / "p" / (r["packet"] + ".txt") for r in listed}
    declined = answer_of(packet[decliner["packet"]], "--decline", decliner["project"], name="declined")
    sizes = {answer_of(packet[r["packet"]], "--accept", "all", name=f"a{i}").stat().st_size for i, r in enumerate(listed)} | {declined.stat().st_size}
    point(len(sizes) == 1, "an answer's size tells nothing", sizes)
    point(not any(c in declined.read_text() for r in listed for c in r.values()) and "decline" not in declined.read_text(), "nor do its bytes")
    for choice in ((), ("--accept", next(r["project"] for r in listed if r["project"] != decliner["project"])), ("--accept", "all", "--tie", "all"), ("--accept", decliner["project"], "--tie", decliner["project"])):
        got = run(VEIL, "answer", packet[decliner["packet"]], "--out", WORK / "none", *choice)
        if not point(got.returncode == 2 and not (WORK / "none").exists(), f"answer {len(choice)}: each project once", got.stderr):
            break
    # A forger who knows the key and the packet's code, and not its token.
    text = packet[decliner["packet"]].read_text()
    token = text.split("\ntoken ")[1][:64]
    (WORK / "fake.txt").write_text(text.replace(token, token[::-1], 1))
    forged = answer_of(WORK / "fake.txt", "--decline", "all", name="forger")
    (WORK / "mixed.txt").write_text(text.replace(decliner["packet"], tied["packet"]))
    mixed = answer_of(WORK / "mixed.txt", "--decline", "all", name="mixed")
    foreign = other_batch()
    one_answer(declined, [forged, mixed, foreign])
    got = rows(batch("answer", "A", "--file", declined, "--csv"))
    point(got == [{"packet": decliner["packet"], "project": decliner["project"], "answer": "decline"}], "a decline is taken in", got)
    one_answer(declined, [forged, mixed, foreign, declined, answer_of(packet[decliner["packet"]], "--accept", "all", name="changed")])
    batch("answer", "A", "--file", answer_of(packet[tied["packet"]], "--tie", "all", name="tied"))
    batch("answer", "A", "--file", answer_of(packet[acceptor["packet"]], "--accept", "all", name="accepted"))
    log = acts("batch.answer")
    sizes = {len(r.split("\nactor")[1]) - len(r.split("\nseq ")[1].split("\n")[0]) for r in log}
    point(len(log) == 3 and not any(w in r for r in log for w in ("decline", "tie", "accept", decliner["packet"], decliner["project"])) and len(sizes) <= 2,
          "the ledger has that answers came, not what they say", log)


def vacancies():
    shown = {r["answer"]: r for r in rows(batch("show", "A", "--answers", "--csv"))}
    point(set(shown) == {"accept", "decline", "tie"}, "the drawer sees them in his codes", shown)
    d, t, a = shown["decline"], shown["tie"], shown["accept"]
    pair = lambda r: ("--project", r["project"], "--reviewer", r["reviewer"])
    refused = set()
    for r, reason, record in ((d, "declared", d["record"]), (d, "declined", t["record"]), (a, "declined", a["record"]), (d, "ill", d["record"]), (d, "declined", "answer-1/0000-0000-0000-0000")):
        got = batch("replace", "A", *pair(r), "--reason", reason, "--record", record, expect=None)
        refused.add((got.returncode, got.stderr.replace(r["project"], "P").replace(r["reviewer"], "R")))
    point(len(refused) == 1 and min(refused)[0] == 6, "an answer is a record for what it says only", refused)
    got = rows(batch("replace", "A", *pair(d), "--reason", "declined", "--record", d["record"], "--csv"))
    batch("replace", "A", *pair(t), "--reason", "declared", "--record", t["record"])
    seats = rows(batch("show", "A", "--assignments", "--csv"))
    point(not any((r["project"], r["reviewer"]) in ((d["project"], d["reviewer"]), (t["project"], t["reviewer"])) for r in seats), "both seats are given to others")
    listed = rows(batch("packets", "A", "--out", WORK / "after", "--csv"))
    point(len(listed) == len(seats), "packets follow every replacement")
    point((SITE / "desk/A.panels").read_text().splitlines()[3:] == sorted(f"{r['project']} {r['reviewer']}" for r in seats), "the requester's list is that of the seats")
    got = batch("contacts", "A", "--out", WORK / "since.csv", "--since", "0")
    since = list(csv.DictReader(open(WORK / "since.csv")))
    point(0 < len(since) <= 2 and ("--since 2 " in got.stderr or "--since 1 " in got.stderr), "--since gives only who came in", since)
    batch("contacts", "A", "--out", WORK / "later.csv", "--since", "2")
    point((WORK / "later.csv").read_text() == "invitation,name,phone,email\n", "and then nobody")
    point("\npeople <5\n" in acts("batch.contacts")[-1], "a small count is not logged", acts("batch.contacts")[-1])
    (WORK / "-").write_text("somebody's")
    (WORK / "-").chmod(0o604)
    before = (WORK / "-").stat()
    got = batch("contacts", "A", "--out", "-", "--since", "0")
    kept = (WORK / "-").stat()
    point(len(rows(got)) == len(since) and (kept.st_mode, kept.st_mtime) == (before.st_mode, before.st_mtime), "a file that is called - is no business of --out -", got.stdout)
    (SITE / "desk/A.panels").unlink()
    batch("replace", "A", *pair(d), "--reason", "declined", "--record", d["record"])
    point(len((SITE / "desk/A.panels").read_text().splitlines()) == len(seats) + 3, "a lost list is written again by the next command")


def came_in():
    """A list made at the moment of a later draw, and one made after each vacancy, name together everybody who came in: none twice, none left out."""
    said = lambda got: got.stderr.split("--since ")[1].split()[0]
    people = lambda path: {r["invitation"] for r in csv.DictReader(open(path))}
    last = said(batch("contacts", "A", "--out", WORK / "all.csv"))
    seats = lambda: {(r["project"], r["reviewer"]) for r in rows(batch("show", "A", "--assignments", "--csv"))}
    before = seats()
    for project in sorted({p for p, _ in before}):  # the codes are of chance, and so is which project has candidates left
        if batch("draw", "A", "--round", "--add", "1", "--project", project, "--reason", "one more opinion", expect=None).returncode == 0:
            break
    new = {r for _, r in seats() - before}
    got = batch("contacts", "A", "--out", WORK / "round.csv", "--since", last)
    point(len(people(WORK / "round.csv")) == len(new) == 1, "whoever a round brings in comes after the list before it", got.stderr)
    after_round = said(got)
    point(int(after_round) > int(last), "and has a number of his own", (last, after_round))
    replace = ("replace", "A", "--project", project, "--reviewer", min(new), "--reason", "ill", "--record", "L-2026/9")
    batch(*replace)
    got = batch("contacts", "A", "--out", WORK / "next.csv", "--since", after_round)
    point(len(people(WORK / "next.csv")) == 1 and int(said(got)) > int(after_round), "so has the next vacancy", got.stderr)
    events = lambda: dict(line.split() for line in (SITE / "notify/A.drawn").read_text().splitlines()[2:])
    handed = events()
    (SITE / "notify/A.drawn").unlink()
    batch(*replace)
    again = events()  # who gave up a seat and keeps another has the number of the one he kept
    point(set(again) == set(handed) and all(int(again[c]) <= int(handed[c]) for c in again) and max(map(int, again.values())) == max(map(int, handed.values())),
          "a list made anew has the same people and the same last number", (handed, again))


def cut_off():
    """Between the record and the list: the same answer, given again, completes it and leaves no second record."""
    listed = rows(batch("packets", "A", "--out", WORK / "again", "--csv"))
    answered = {r["record"] for r in rows(batch("show", "A", "--answers", "--csv"))}
    before = (SITE / "draw/A.answers").read_bytes()
    for r in listed:
        path = answer_of(WORK / "again" / (r["packet"] + ".txt"), "--accept", "all", name="late")
        if batch("answer", "A", "--file", path, expect=None).returncode == 0:
            break
    done, n = (SITE / "draw/A.answers").read_bytes(), len(acts("batch.answer"))
    (SITE / "draw/A.answers").write_bytes(before)
    batch("answer", "A", "--file", path)
    point((SITE / "draw/A.answers").read_bytes() == done and done != before and len(acts("batch.answer")) == n and answered, "an interrupted answer is completed")


def verified():
    for what in (["batch", SITE / "draw/A.veil"], ["ledger", SITE / "ledger/ledger.db"]):
        got = run(VERIFY, *what)
        point(got.returncode == 0, f"veil-verify {what[0]} accepts", got.stdout + got.stderr)


NAME, UNIT = set_up()
before_the_draw()
leaks(NAME, UNIT)
LISTED, SEATS = packets()
contacts(LISTED, SEATS)
answers(LISTED)
vacancies()
came_in()
cut_off()
verified()
print(f"1..{number}")
shutil.rmtree(WORK)
sys.exit(1 if failed else 0)
