"""world.py - a small bureau as a function of its facts, run under fixed randomness and a fixed clock (chance.c).

Two worlds that were told the same do the same, byte for byte; so whatever differs between two worlds for an observer, he was told. What an observer may not learn is
changed between the worlds, and every byte he sees is compared: his folders, the ledger, stdout, stderr, exit codes.
"""
import base64
import hashlib
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "custody"))
from custody import VEIL, WORK, finish, point  # noqa: E402  (the same points, the same temporary folder)

CHANCE = os.environ["VEIL_TEST_CHANCE_LIB"]
VERIFY = os.environ.get("VEIL_TEST_VERIFY", "")
NOW = 1780000000
N_EXPERTS, N_PROJECTS, N_ORGS = 60, 8, 12
# What each observer holds. Everybody reads the ledger; its operators' keys are their owners'.
FOLDERS = {"drawer": ["draw"], "requester": ["desk"], "notifier": ["notify"], "auditor": ["draw", "audit"]}
# Commitments: they differ when what they bind differs, and say nothing else as long as nobody can guess at it (registry-root and the macs are keyed or over random ids).
# A signature covers the others.
COMMITMENTS = {"registry-root", "file-mac", "projects-mac", "people-mac"}
# Of files that hold random codes by the hundred: nobody guesses at one, so the root of a file that an observer does not hold tells him nothing.
NOT_HELD = {"drawer": {"audit-root"}, "requester": {"audit-root", "batch-root", "draw-root"}, "notifier": {"audit-root", "batch-root", "draw-root"}, "auditor": set()}

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
OTHERS = "司徒欧阳上官诸葛慕容尉迟长孙宇文"
WORDS = "激光 材料 光谱 合金 催化 石墨 晶体 薄膜 传感 算法 网络 水文 泥沙 潮汐 地震 岩石 疫苗 蛋白 基因 酶".split()


def human(i):
    """Who sits at position i of the list of experts."""
    return {"id": f"E{i:03}", "name": SURNAMES[i] + "明远" + "甲乙丙丁戊己庚辛壬癸"[i % 10], "phone": f"1380000{i:04}", "email": f"e{i}@mail{i}.example.cn",
            "id_number": "", "birth": f"19{60 + i % 30}-0{1 + i % 9}-11"}


def other_human(i):
    """Quite another one: other length, other script, other ids, as many cells filled."""
    return {"id": f"N-{9000 + 7 * i}x", "name": OTHERS[i % 14] + OTHERS[(i + 3) % 14] + f"Zoë {chr(65 + i % 26)}{i}", "phone": f"1599{i:03}{7000 + i}",
            "email": f"someone.else.{i}@quite-another-{i}.example.org", "id_number": "", "birth": f"19{50 + i % 40}-1{i % 3}-2{i % 8}"}


FACTS = {
    "human": human,
    "applicant": lambda p, k: f"申请人{'甲乙丙丁戊己庚辛'[p]}{'一二'[k]}",
    "stranger": lambda k: f"合著者{'壹贰叁肆伍陆柒捌'[k]}",
    "org": lambda k: f"单位{k:02}大学",
    "unit": lambda p: f"申报单位{p}公司",
    "project_id": lambda p: f"P{p}",
    "title": lambda p: f"{WORDS[p]}{WORDS[p + 5]}之研究",
    "more_relations": [],                                  # rows kind,a,b
    "more_posts": [],                                      # rows person,organisation,kind,since,until
    "gone": {"status": "retired", "max_load": ""},         # how expert 59 comes to be none for this batch
    "staff": "S1",
}


def policy():
    return ("[batch]\ndemand=2\nreserves=1\nmethod=draw\nodds=0.5\ncandidates=16\nsmallest_set=8\nmax_load=3\n[close]\ncomplaint_days=0\nretention_years=0\n"
            "[panel.outside]\nattribute=province\nvalue=!广东\nmin=1\n")


def write_lists(where, facts):
    def table(name, header, rows):
        (where / name).write_text("\n".join([header] + [",".join(r) for r in rows]) + "\n", encoding="utf-8")

    where.mkdir(parents=True, exist_ok=True)
    who = [facts["human"](i) for i in range(N_EXPERTS)]
    experts = []
    for i, h in enumerate(who):
        last = i == N_EXPERTS - 1
        experts.append([h["id"], h["name"], h["phone"], h["email"], h["birth"], facts["org"](i % N_ORGS), ["广东", "湖北", "湖南"][i % 3], ["正高级", "副高级"][i % 2],
                        f"CN:{1100 + i % 3}=1", "；".join(WORDS[(i * k) % 20] for k in range(1, 5)), facts["gone"]["max_load"] if last else "",
                        facts["gone"]["status"] if last else ""])
    table("disciplines.csv", "scheme,code,parent,name", [["CN", str(1100 + k), "", f"学科{k}"] for k in range(3)])
    table("organisations.csv", "code,name", [[f"O{k:02}", facts["org"](k)] for k in range(N_ORGS)])
    table("experts.csv", "id,name,phone,email,birth,organisation,province,rank,disciplines,keywords,max_load,status", experts)
    table("works.csv", "work,person,date", [[f"W{k}", who[(5 * k) % N_EXPERTS]["id"], "2025-03"] for k in range(8)] + [[f"W{k}", facts["stranger"](k), "2025-03"] for k in range(8)])
    table("posts.csv", "person,organisation,kind,since,until", [[who[7]["id"], facts["org"](3), "adjunct", "2024-01-01", ""]] + [
        [who[a]["id"], *rest] for a, *rest in facts["more_posts"]])
    table("relations.csv", "kind,a,b", [["advisor", who[1]["id"], who[2]["id"]], ["kin", who[3]["id"], who[4]["id"]]] + [
        [kind, who[a]["id"], who[b]["id"]] for kind, a, b in facts["more_relations"]])
    table("bans.csv", "person,since,until", [[who[10]["id"], "2025-01-01", ""], [who[11]["id"], "2025-01-01", ""]])
    table("staff.csv", "handle,person", [["op7", facts["staff"]]])
    table("projects.csv", "id,title,keywords,disciplines,organisation", [
        [facts["project_id"](p), facts["title"](p), f"{WORDS[p]}；{WORDS[p + 5]}", f"CN:{1100 + p % 3}=1", facts["unit"](p)] for p in range(N_PROJECTS)])
    # Behind each project two people from outside; behind the first four also one of the pool.
    people = [[facts["project_id"](p), "", facts["applicant"](p, k), ["applicant", "participant"][k], facts["unit"](p)] for p in range(N_PROJECTS) for k in range(2)]
    people += [[facts["project_id"](p), who[20 + p]["id"], "", "participant", ""] for p in range(4)]
    table("people.csv", "project,person,name,role,organisation", people)
    (where / "policy.ini").write_text(policy(), encoding="utf-8")


class World:
    """A folder with `lists` and `site`; commands run in it, each with randomness of its own that a label decides."""

    def __init__(self, name, lists=None, **changes):
        self.dir = WORK / name
        self.step, self.now, self.seen, self.roots, self.bound = 0, NOW, set(), set(), COMMITMENTS
        self.facts = dict(FACTS, **changes)
        (self.dir / "tmp").mkdir(parents=True)
        (self.dir / "out").mkdir()
        (lists or write_lists)(self.dir / "lists", self.facts)

    def copy(self, name):
        other = object.__new__(World)
        other.dir, other.step, other.now, other.facts, other.bound = WORK / name, self.step, self.now, self.facts, self.bound
        other.seen, other.roots = set(self.seen), set(self.roots)
        shutil.rmtree(other.dir, ignore_errors=True)
        shutil.copytree(self.dir, other.dir)
        return other

    def env(self, who="op1", **more):
        env = {k: v for k, v in os.environ.items() if not k.startswith("VEIL_")}
        env.update(VEIL_SITE="site", VEIL_OPERATOR=who, TMPDIR="tmp", LD_PRELOAD=CHANCE, VEIL_TEST_CHANCE=str(self.step), VEIL_TEST_NOW=str(self.now), **more)
        return env

    def run(self, *args, who="op1", program=VEIL, **more):
        """(exit status, stdout, stderr), commitments masked."""
        self.step += 1
        done = subprocess.run([program, *map(str, args)], env=self.env(who, **more), cwd=self.dir, capture_output=True, stdin=subprocess.DEVNULL)
        self.note()
        return done.returncode, self.mask(done.stdout), self.mask(done.stderr)

    def must(self, *args, status=0, **more):
        got = self.run(*args, **more)
        if got[0] != status:
            point(False, f"set-up: veil {' '.join(map(str, args))[:80]}", f"exit {got[0]}\n{got[1].decode()}{got[2].decode()}")
            finish()
        return got

    # --- what differs by right

    def records(self):
        path = self.dir / "site/ledger/ledger.db"
        if not path.exists():
            return []
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return [bytes(r) for (r,) in db.execute("SELECT CAST(record AS BLOB) FROM leaf ORDER BY seq")]
        except sqlite3.OperationalError:
            return []  # cut off half-way: the next command puts it in order
        finally:
            db.close()

    def fields(self):
        return [dict(line.split(" ", 1) for line in r.decode().splitlines()[1:]) for r in self.records()]

    def watched_by(self, role):
        """From here on with the eyes of this observer."""
        self.bound, self.seen = COMMITMENTS | NOT_HELD[role], set()
        self.note()

    def note(self):
        """Remembers the commitments that stand in the ledger now, in the spellings they are shown in."""
        records = self.records()
        records = records[-3:] if self.seen else records
        note = self.dir / "site/ledger/checkpoint"
        if note.exists():
            root = note.read_text().splitlines()[2]
            self.roots |= {root.encode(), base64.b64decode(root).hex().encode()}
        for record in records:
            for line in record.splitlines():
                key, _, value = line.partition(b" ")
                if key.decode() in self.bound:
                    self.seen |= set(value.split(b","))
                    self.seen |= {value, value[:16] + b"..."}

    def digests(self):
        """SHA-256 of what stands in out/, as a bundle's list has it: whoever has the files can take it himself, and what is in them is compared (view)."""
        return {hashlib.sha256(path.read_bytes()).hexdigest().encode() for path in (self.dir / "out").rglob("*") if path.is_file()}

    def mask(self, text):
        for one in sorted(self.seen | self.roots | self.digests(), key=len, reverse=True):
            text = text.replace(one, b"*" * len(one))
        # Hashes inside a proof and signatures over it.
        text = re.sub(rb"(?m)^[A-Za-z0-9+/]{43}=$", b"HASH", text)
        return re.sub(rb"(?m)^(\xe2\x80\x94 \S+) [A-Za-z0-9+/=]+$", rb"\1 SIGNATURE", text)

    def ledger(self):
        """The records, with a length in place of each commitment; what can be read of the folder besides."""
        shown = []
        for record in self.records():
            lines = []
            for line in record.splitlines():
                key, _, value = line.partition(b" ")
                lines.append(key + b" %d bytes" % len(value) if key == b"sig" or key.decode() in self.bound else line)
            shown.append(b"\n".join(lines))
        return shown

    def view(self, role):
        """Everything this observer can read."""
        self.watched_by(role)
        seen = {"ledger": self.ledger()}
        for folder in FOLDERS[role]:
            for path in sorted((self.dir / "site" / folder).rglob("*")):
                seen[str(path.relative_to(self.dir))] = (oct(path.stat().st_mode), self.mask(path.read_bytes()) if path.is_file() else None)
        ledger = self.dir / "site/ledger"
        for path in sorted(ledger.rglob("*")):
            if path.is_file() and path.name not in ("ledger.db", "ledger.db-journal"):
                seen[str(path.relative_to(self.dir))] = (oct(path.stat().st_mode), self.mask(path.read_bytes()))
        for path in sorted((self.dir / "out").rglob("*")) + sorted((self.dir / "tmp").rglob("*")):
            if path.is_file() and not path.read_bytes().startswith(b"SQLite"):
                seen[str(path.relative_to(self.dir))] = (oct(path.stat().st_mode), self.mask(path.read_bytes()))
            else:
                seen[str(path.relative_to(self.dir))] = path.stat().st_size if path.is_file() else None
        seen["ledger.db size"] = (ledger / "ledger.db").stat().st_size
        return seen

    # --- the life of a batch

    def imports(self):
        self.must("init", "site", "--rehearsal", "--origin", "veil.test/worlds")
        for kind in ("disciplines", "organisations", "experts", "posts", "works", "relations", "bans", "staff"):
            self.must("import", kind, f"lists/{kind}.csv")
        self.must("batch", "new", "K", "--policy", "lists/policy.ini", "--projects", "lists/projects.csv", "--people", "lists/people.csv")

    def seats(self):
        out = self.must("batch", "show", "K", "--assignments", "--csv")[1].decode().splitlines()[1:]
        return [tuple(line.split(",")[:2]) for line in out]

    def approve(self, got):
        words = (got[1] + got[2]).decode().replace("`", " ").split()
        self.must("approve", words[words.index("approve") + 1].strip("`,'"), who="op2")

    def freeze(self):
        self.must("batch", "freeze", "K", "--as-of", "2026-03-01")

    def draw(self):
        self.must("batch", "check", "K")
        self.must("batch", "draw", "K")

    def replace(self):
        seats = self.seats()
        self.must("batch", "replace", "K", "--project", seats[0][0], "--reviewer", seats[0][1], "--reason", "declined")
        self.must("batch", "strike", "K", "--project", seats[5][0], "--reviewer", seats[5][1])
        self.must("batch", "withdraw", "K", "--reviewer", seats[9][1])
        self.must("batch", "withdraw", "K", "--project", seats[-1][0])

    def settle(self):
        self.must("batch", "settle", "K")

    def close(self):
        self.approve(self.must("batch", "close", "K", status=6))
        self.must("batch", "close", "K")

    PHASES = (("draft", "imports"), ("frozen", "freeze"), ("drawn", "draw"), ("replaced", "replace"), ("settled", "settle"), ("closed", "close"))


def difference(a, b):
    """Where two views differ, in a line."""
    if a.keys() != b.keys():
        return f"files: {sorted(a.keys() ^ b.keys())}"
    for key in a:
        if a[key] != b[key]:
            if key == "ledger":
                return next((f"ledger record {i}: {x} / {y}" for i, (x, y) in enumerate(zip(a[key], b[key])) if x != y), f"ledger length {len(a[key])} / {len(b[key])}")
            x, y = str(a[key]), str(b[key])
            at = next((i for i, (c, d) in enumerate(zip(x, y)) if c != d), min(len(x), len(y)))
            return f"{key}: ...{x[max(0, at - 80):at + 80]} / ...{y[max(0, at - 80):at + 80]}"
    return ""
