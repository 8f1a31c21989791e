#!/usr/bin/env python3
"""THREATS 2.16, property P2: a whole cycle whose every identifying cell bears a canary; no byte of one, in any spelling, outside the lists and the registrar's own screen.

usage: canary.py VEIL        VEIL_TEST_CHANCE_LIB: chance.c as a library

Searched: every file of the site (registry.db included: there too it is sealed), journals, temporary files, what a killed command leaves behind, exports, minutes, rejects, stdout and
stderr of every command. Spellings: UTF-8, GB18030, UTF-16 of both orders, base 64 at each alignment, hexadecimal, percent and JSON escapes, HTML references, other case. Plain digests of
each cell and list count as well: whoever can guess can compare.
"""
import base64
import hashlib
import os

from world import World, finish, point

# What all canaries of one kind share, so that a scan needs few needles. Han characters that no word of the product has.
HAN, LATIN, PHONE, ID_NUMBER, BIRTH, ORCID = "罊罋騳", "zqxjkcanary", "1398877", "11010519491231", "1949-12-31", "0000-0002-1825-0097"
STEMS = [HAN, LATIN, PHONE, ID_NUMBER, BIRTH, ORCID]
cells = set()


def cell(text):
    cells.add(text)
    return text


def han(what, i):
    return cell(f"{HAN}{what}{'甲乙丙丁戊己庚辛壬癸'[i % 10]}{'子丑寅卯辰巳午未'[i // 10 % 8]}")


def latin(what, i):
    return cell(f"{LATIN}-{what}-{i}")


def id_number(i):
    head = f"{ID_NUMBER}{i:03}"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return cell(head + "10X98765432"[sum(w * int(d) for w, d in zip(weights, head)) % 11])


def expert(i):
    return [latin("id", i), han("名", i), f"{han('曾', i)};{latin('Name', i)}", id_number(i), ORCID if i == 0 else "", cell(f"{PHONE}{i:04}"), cell(f"{LATIN}{i}@{LATIN}.example.cn"), BIRTH,
            han("单位", i % 11), ["广东", "湖北"][i % 2], "正高级", f"CN:{1100 + i % 2}=1", "激光；材料" if i % 2 else "水文；泥沙", f"{han('简历', i)}长期从事激光材料研究", han("回避单位", i % 3), ""]


EXPERTS = "id,name,variants,id_number,orcid,phone,email,birth,organisation,province,rank,disciplines,keywords,profile,avoid,max_load"


def lists(where, _facts):
    def table(name, header, rows, encoding="utf-8"):
        (where / name).write_text("\n".join([header] + [",".join(r) for r in rows]) + "\n", encoding=encoding)

    where.mkdir(parents=True)
    n = 36
    table("disciplines.csv", "scheme,code,parent,name", [["CN", "1100", "", "学科一"], ["CN", "1101", "", "学科二"]])
    table("organisations.csv", "code,name,aliases,parent,kind", [[latin("org", k), han("单位", k), f"{han('别称', k)}", "", "university"] for k in range(11)])
    table("experts.csv", EXPERTS, [expert(i) for i in range(n)], "gb18030")
    table("works.csv", "work,person,date,title,abstract", [[latin("work", k), latin("id", k), "2025-03", han("论文", k), han("摘要", k)] for k in range(6)]
          + [[latin("work", k), latin("stub", k), "2025-03", han("论文", k), han("摘要", k)] for k in range(6)])
    table("posts.csv", "person,organisation,kind,since,until", [[latin("id", 7), han("兼职单位", 1), "adjunct", "2024-01-01", ""]])
    table("relations.csv", "kind,a,b,since,evidence", [["advisor", latin("id", 1), latin("id", 2), "2020", han("证据", 1)], ["kin", latin("id", 3), latin("stub", 9), "", han("证据", 2)]])
    table("bans.csv", "person,since,reason", [[latin("id", 10), "2025-01-01", han("事由", 1)]])
    table("staff.csv", "handle,person", [["op7", latin("staff", 1)]])
    table("projects.csv", "id,title,abstract,keywords,disciplines,organisation,partners,exclude", [
        [latin("project", p), f"{han('题目', p)}激光", f"{han('概要', p)}材料研究", "激光；材料", f"CN:{1100 + p % 2}=1", han("申报单位", p), han("合作单位", p), f"{latin('id', 20 + p)};{han('名', 30)}@{han('单位', 30 % 11)}"]
        for p in range(6)])
    table("people.csv", "project,person,name,role,organisation", [[latin("project", p), "", han("申请人", p), "applicant", han("申报单位", p)] for p in range(6)]
          + [[latin("project", p), latin("id", 12 + p), "", "participant", ""] for p in range(6)])
    # Every identifying cell in a place where it cannot be right.
    spoilt = expert(40)
    table("spoilt.csv", EXPERTS, [[latin("spoilt", 0), "", *spoilt[2:]], [latin("spoilt", 1), *spoilt[1:3], han("证件", 1), *spoilt[4:]], [latin("spoilt", 2), *spoilt[1:5], han("电话", 2), *spoilt[6:]],
                                  [latin("spoilt", 3), *spoilt[1:6], han("邮箱", 3), *spoilt[7:]], [latin("spoilt", 4), *spoilt[1:7], han("生日", 4), *spoilt[8:]],
                                  [latin("spoilt", 5), *spoilt[1:-1], han("上限", 5)], [latin("spoilt", 6), *spoilt[1:11], han("学科", 6), *spoilt[12:]],
                                  expert(0)[:1] + [han("另名", 0)] + expert(0)[2:], expert(0)[:1] + [han("三名", 0)] + expert(0)[2:],
                                  [latin("spoilt", 8), han("多列", 8)] + [latin("extra", 8)] * 20])
    table("bad-facts.csv", "person,since,reason", [[latin("nobody", 1), han("日期", 1), han("事由", 3)], ["", "2025-01-01", han("事由", 4)]])
    table("bad-people.csv", "project,person,name,role,organisation", [[latin("no-project", 1), "", han("外人", 1), "applicant", ""], [latin("project", 1), "", "", han("角色", 2), ""]])
    (where / "policy.ini").write_text("[batch]\ndemand=2\nreserves=1\nmethod=draw\nodds=0.5\nsmallest_set=6\nmax_load=3\n[close]\ncomplaint_days=0\nretention_years=0\n", encoding="utf-8")
    (where / "bad-policy.ini").write_text(f"[batch]\ndemand={LATIN}\n", encoding="utf-8")


def spellings(text):
    """Every way the text might stand in a file: needle -> what it is."""
    out = {}
    for name in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        raw = text.encode(name)
        out[raw] = name
        out[raw.hex().encode()] = out[raw.hex().upper().encode()] = f"{name}, hexadecimal"
        for shift in range(3):  # at each alignment, without the characters that the neighbours share
            coded = base64.b64encode(b"\0" * shift + raw)[(0, 2, 3)[shift]:]
            coded = coded.rstrip(b"=")[:-2]
            out[coded] = f"{name}, base 64"
            out[base64.b64encode(b"\0" * shift + raw, b"-_")[(0, 2, 3)[shift]:].rstrip(b"=")[:-2]] = f"{name}, base 64 for addresses"
        if any(b >= 0x80 for b in raw):
            out["".join(f"%{b:02X}" for b in raw).encode()] = out["".join(f"%{b:02x}" for b in raw).encode()] = f"{name}, percent"
    if not text.isascii():
        out["".join(f"\\u{ord(c):04x}" for c in text).encode()] = out["".join(f"\\u{ord(c):04X}" for c in text).encode()] = "JSON"
        out["".join(f"&#{ord(c)};" for c in text).encode()] = out["".join(f"&#x{ord(c):x};" for c in text).encode()] = "HTML"
    for other in (text.upper(), text.title()):
        out[other.encode()] = "other case"
    return out


NEEDLES = {n: (stem, how) for stem in STEMS for n, how in spellings(stem).items()}


def found_in(blob):
    return sorted({f"{stem[:2]}.. in {how}" for needle, (stem, how) in NEEDLES.items() if needle in blob})


def digests(world):
    """Plain digests of every cell and of every list, in the spellings that could be compared."""
    sources = [c.encode() for c in cells] + [p.read_bytes() for p in (world.dir / "lists").iterdir()]
    out = set()
    for source in sources:
        for how in (hashlib.sha256, hashlib.sha1, hashlib.md5, lambda b: hashlib.blake2b(b, digest_size=32)):
            raw = how(source).digest()
            out |= {raw[:12], raw.hex()[:24].encode(), base64.b64encode(raw)[:16]}
    return out


def not_the_requesters(name, blob):
    """The requester holds his projects' own texts, and of all cells no others."""
    if name.startswith("site/desk/") or name.startswith("out/packets/"):
        for p in range(6):
            for text in (han("题目", p), han("概要", p)):
                blob = blob.replace(text.encode(), b"")
    return blob


def scan(world, what, changed_only=None):
    """Every file but the lists. changed_only: {path: stamp} of files that were clean before."""
    dirty = []
    for path in [p for p in world.dir.rglob("*") if p.is_file() and world.dir / "lists" not in p.parents]:
        stamp = (path.stat().st_mtime_ns, path.stat().st_size)
        if changed_only is not None and changed_only.get(path) == stamp:
            continue
        name = str(path.relative_to(world.dir))
        hits = found_in(not_the_requesters(name, path.read_bytes()) + b"\0" + name.encode())
        if hits:
            dirty.append((name, hits))
        elif changed_only is not None:
            changed_only[path] = stamp
    if what is not None or dirty:
        point(not dirty, what or "clean", dirty[:4])
    return not dirty


class Watched(World):
    """Every command's output is searched, the registrar's answers to his own questions excepted."""
    screens = []

    def run(self, *args, typed=False, **more):
        got = super().run(*args, **more)
        if args[:2] not in (("expert", "find"), ("expert", "show"), ("batch", "codes"), ("unmask", "open")):
            hits = found_in(got[1] + b"\0" + got[2])
            if hits and not typed:
                self.screens.append((" ".join(map(str, args))[:100], hits, (got[1] + got[2]).decode(errors="replace")[:300]))
        return got


def cycle():
    w = Watched("cycle", lists=lists)
    w.imports()
    point(bool(found_in(w.run("expert", "show", latin("id", 3))[1])), "the registrar may look: the scan finds what he is shown")
    for args in (["import", "experts", "lists/spoilt.csv", "--rejects", "out/rejects.csv"], ["import", "experts", "lists/spoilt.csv", "--dry-run", "--json"],
                 ["import", "experts", "lists/spoilt.csv", "--strict"], ["import", "bans", "lists/bad-facts.csv", "--rejects", "out/rejects2.csv"],
                 ["import", "relations", "lists/bad-facts.csv"], ["import", "experts", "lists/people.csv"], ["import", "experts", "lists/policy.ini"],
                 ["batch", "new", "L", "--policy", "lists/bad-policy.ini", "--projects", "lists/projects.csv"],
                 ["batch", "new", "L", "--policy", "lists/policy.ini", "--projects", "lists/projects.csv", "--people", "lists/bad-people.csv", "--rejects", "out/rejects3.csv", "--dry-run"],
                 ["import", "experts", "lists/experts.csv"], ["import", "experts", "lists/experts.csv", "--encoding", "utf-8"]):
        w.run(*args)
    point((w.dir / "out/rejects.csv").exists(), "rejects were written")
    w.must("expert", "suspend", latin("id", 9))
    w.must("expert", "merge", latin("id", 5), latin("id", 6))
    w.must("expert", "find", han("名", 3))
    w.freeze()
    w.draw()
    seats = w.seats()
    # Names typed where they have no business. The screen may repeat them to who typed them; nothing may keep them.
    for text in (han("名", 3), f"{LATIN} 14", PHONE + "0003"):
        w.run("unmask", "request", "--batch", "K", "--reviewer", seats[0][1], "--field", "name", "--purpose", "complaint", "--reference", text, typed=True)
        w.run("unmask", "request", "--batch", text, "--reviewer", text, "--field", text, "--purpose", text, "--reference", text, typed=True)
        w.run("batch", "replace", "K", "--project", seats[0][0], "--reviewer", seats[0][1], "--reason", "ill", "--record", text, typed=True)
        w.run("batch", "replace", "K", "--project", text, "--reviewer", text, "--reason", "ill", typed=True)
        w.run("batch", "status", text, typed=True)
        w.run("batch", "codes", "K", "--project", text, typed=True)
        w.run("approve", text, typed=True)
        w.run("batch", "explain", "K", "--project", text, "--reviewer", text, typed=True)
    w.replace()
    for args in (["batch", "minutes", "K", "--out", "out/minutes.html"], ["batch", "conflicts", "K", "--csv"], ["batch", "cycles", "K", "--json"],
                 ["batch", "explain", "K", "--project", seats[0][0], "--reviewer", seats[0][1]], ["batch", "show", "K", "--candidates", "--json"], ["ledger", "checkpoint"], ["ledger", "prove", "3"],
                 ["ledger", "export", "out/ledger"], ["audit", "bundle", "out/bundle"], ["audit", "opened", "K", "--csv"], ["approve", "list", "--json"], ["operator", "list"], ["keys", "rotate"], ["batch", "status", "K", "--json"]):
        w.must(*args)
    w.run("batch", "draw", "K", "--top-up")
    w.run("batch", "leaks", "K", "--waive", "all", "--reason", "agreed")
    w.must("batch", "packets", "K", "--out", "out/packets")
    w.must("batch", "contacts", "K", "--out", "lists/contacts.csv", "--slips", "out/slips")
    packet = str(sorted((w.dir / "out/packets").iterdir())[0].relative_to(w.dir))
    w.must("answer", packet, "--decline", "all", "--out", "out/answer")
    w.must("batch", "answer", "K", "--file", "out/answer")
    w.approve(w.must("batch", "freeze", "K", "--again", "--reason", "a party protested", status=6))
    w.must("batch", "freeze", "K", "--again", "--reason", "a party protested")
    w.must("batch", "draw", "K")
    w.settle()
    w.close()
    scan(w, f"no canary in any file after a whole cycle ({len(NEEDLES)} spellings)")
    point(not w.screens, "nor on any screen but where the registrar asked", w.screens[:4])
    wanted = digests(w)
    blob = b"".join(p.read_bytes() for p in w.dir.rglob("*") if p.is_file() and w.dir / "lists" not in p.parents)
    point(not [d for d in wanted if d in blob], f"nor a plain digest of a cell or of a list ({len(wanted)})")
    planted = w.dir / "tmp/planted"
    planted.write_bytes(b"x" + base64.b64encode(b"ab" + HAN.encode("gb18030") + b"c"))
    point(bool(found_in(planted.read_bytes())), "the scan finds one that is planted in base 64")


def killed():
    """The same steps cut off at moments spread over their writes: what lies about then is as clean, and the next run completes."""
    base = Watched("killed", lists=lists)
    steps = [["init", "site", "--rehearsal", "--origin", "veil.test/killed"]]
    steps += [["import", kind, f"lists/{kind}.csv"] for kind in ("disciplines", "organisations", "experts", "works", "posts", "relations", "bans", "staff")]
    steps += [["batch", "new", "K", "--policy", "lists/policy.ini", "--projects", "lists/projects.csv", "--people", "lists/people.csv"], ["batch", "freeze", "K", "--as-of", "2026-03-01"],
              ["batch", "draw", "K"], ["batch", "minutes", "K", "--out", "out/m.html"], ["keys", "rotate"], ["batch", "settle", "K"]]
    deaths, dirty, stuck = 0, 0, []
    clean = {}
    for step in steps:
        counted = base.copy("killed-count")
        count = counted.dir / "tmp/count"
        counted.run(*step, VEIL_TEST_COUNT=str(count))
        n = int(count.read_text().split()[0]) if count.exists() else 0
        if step[0] != "init" and step[1] not in ("posts", "bans", "staff", "disciplines"):
            for at in sorted({1 + n * k // 5 for k in range(1, 5)}):
                one = base.copy("killed-one")
                stamps = {one.dir / p.relative_to(base.dir): s for p, s in clean.items()}
                status, _, _ = one.run(*step, VEIL_TEST_DIE=str(at))
                deaths += status < 0
                dirty += not scan(one, None, stamps)
                again = one.run(*step)
                if again[0] not in (0, 6):
                    stuck.append((step, at, again))
        base.must(*step)
        scan(base, None, clean)
    point(deaths >= 20, f"{deaths} commands were killed half-way", deaths)
    point(dirty == 0, "and left no canary behind")
    point(not stuck, "each is completed, or found complete, by running it again", stuck[:2])


os.environ["G_MESSAGES_DEBUG"] = "all"
cycle()
killed()
finish()
