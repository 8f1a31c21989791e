"""custody.py - a small site for the tests of custody: made, frozen, drawn; commands run and expected."""
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

VEIL = os.path.abspath(sys.argv[1])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-custody-"))
number = failed = 0

NAMES = ["赵云飞", "钱之江", "孙明远", "李清照", "周立波", "吴冠中"]


def point(good, what, detail=""):
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        print("\n".join("# " + line for line in str(detail)[:3000].splitlines()), flush=True)


def finish():
    print(f"1..{number}")
    shutil.rmtree(WORK, ignore_errors=True)
    sys.exit(1 if failed else 0)


def veil(site, *args, who="op1", env=None, status=0, what=None):
    """Runs a command; a point of the test whenever `what` is given or the status is another than expected."""
    full = dict(os.environ, VEIL_OPERATOR=who, TMPDIR=str(WORK), **(env or {}))
    for name in ("VEIL_SITE", "VEIL_PASSPHRASE_FILE"):
        if not env or name not in env:
            full.pop(name, None)
    if site is not None:
        full["VEIL_SITE"] = str(site)
    done = subprocess.run([VEIL, *map(str, args)], env=full, capture_output=True, text=True, stdin=subprocess.DEVNULL, start_new_session=True)
    good = done.returncode == status
    if what or not good:
        point(good, what or f"veil {' '.join(map(str, args[:3]))}: exit {status}", f"exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def says(done, *fragments, what):
    text = done.stdout + done.stderr
    point(all(f in text for f in fragments), what, f"lacks one of {fragments}:\n{text}")


def records(site):
    db = sqlite3.connect(f"file:{site}/ledger/ledger.db?mode=rw", uri=True)
    found = []
    for (blob,) in db.execute("SELECT CAST(record AS BLOB) FROM leaf ORDER BY seq"):
        found.append(dict(line.split(" ", 1) for line in blob.decode().splitlines()[1:]))
    db.close()
    return found


def acts(site, act):
    return [r for r in records(site) if r["act"] == act]


def holds(folder, text):
    """Files below the folder that hold these bytes."""
    needle = text if isinstance(text, bytes) else text.encode()
    return [p for p in pathlib.Path(folder).rglob("*") if p.is_file() and needle in p.read_bytes()]


def lists(where, policy_close="complaint_days=0\nretention_years=0\n"):
    where.mkdir(exist_ok=True)
    rows = ["id,name,phone,email,organisation,disciplines,keywords"]
    for i in range(60):
        name = NAMES[i % 6] + "甲乙丙丁戊己庚辛壬癸"[i // 6]
        rows.append(f"E{i:03},{name},1380000{i:04},e{i}@x{i}.example.cn,单位{i:02},CN:1100=1,激光;材料")
    (where / "experts.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    rows = ["id,title,keywords,disciplines,organisation"]
    for i in range(6):
        rows.append(f"P{i},激光材料研究之{i},激光,CN:1100=1,申报单位{i}")
    (where / "projects.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    rows = ["project,name,role,organisation"]
    for i in range(6):
        rows.append(f"P{i},申请人{'一二三四五六'[i]},applicant,申报单位{i}")
    (where / "people.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (where / "p.policy").write_text(f"[batch]\ndemand=3\nmethod=total\n[close]\n{policy_close}", encoding="utf-8")
    return where


def custodians(n):
    made = []
    for i in range(n):
        key = WORK / f"c{i}.key"
        public = key.with_suffix(".pub")
        if not key.exists():
            public.write_text(veil(None, "custodian", "key", "--rehearsal", "--out", key).stdout)
        made.append((f"c{i}", key, public.read_text().strip()))
    return made


def site_with(name, batches=("A",), n_custodians=5, threshold=3, init=("--rehearsal",), env=None, **more):
    site, source = WORK / name, lists(WORK / (name + "-lists"), **more)
    veil(None, "init", site, *init, env=env)
    for handle, _, public in custodians(n_custodians):
        veil(site, "custodian", "add", handle, "--public-key", public, "--threshold", threshold, env=env)
    veil(site, "import", "experts", source / "experts.csv", env=env)
    for batch in batches:
        veil(site, "batch", "new", batch, "--policy", source / "p.policy", "--projects", source / "projects.csv", "--people", source / "people.csv", env=env)
        veil(site, "batch", "freeze", batch, "--as-of", "2026-03-01", env=env)
        veil(site, "batch", "draw", batch, env=env)
    return site


def approve(site, done, who="op2"):
    """Approves the request that a refused command names."""
    words = (done.stdout + done.stderr).replace("`", " ").split()
    request = words[words.index("approve") + 1].strip("`,'")
    veil(site, "approve", request, who=who)
    return request


def close(site, batch="A"):
    veil(site, "batch", "settle", batch)
    approve(site, veil(site, "batch", "close", batch, status=6))
    return veil(site, "batch", "close", batch)


def parts(site, batch, which, to=None):
    made = []
    for handle, key, _ in custodians(max(which) + 1):
        if int(handle[1:]) not in which:
            continue
        out = WORK / f"{site.name}-{batch}-{handle}-{len(list(WORK.iterdir()))}.part"
        veil(None, "escrow", "part", batch, "--escrow", site / f"registry/{batch}.escrow", "--custodian-key", key, "--out", out, *(("--to", to) if to else ()))
        made.append(out)
    return made


def with_parts(files):
    return [word for f in files for word in ("--part", f)]
