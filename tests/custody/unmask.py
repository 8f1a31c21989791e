#!/usr/bin/env python3
"""Unmasking as an event: THREATS 2.13, 2.15, 2.28, 2.30; witnesses that are too few, stale or of another checkpoint.

usage: unmask.py VEIL COSIGN
"""
import csv
import io
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import time

import custody
from custody import VEIL, WORK, acts, close, finish, holds, parts, point, records, says, site_with, veil, with_parts

COSIGN = os.path.abspath(sys.argv[2])


def codes(site, batch="A"):
    rows = list(csv.DictReader(io.StringIO(veil(site, "batch", "codes", batch, "--all", "--csv").stdout)))
    return {r["id"]: r["code"] for r in rows}


def loosen(site, officer=1000, batch=1000):
    with open(site / "site.ini", "a") as f:
        f.write(f"[unmask]\nofficer_per_hour={officer}\nbatch_per_day={batch}\n")


def ask(site, code, field="name", kind="reviewer", purpose="complaint", reference="2026/014", batch="A", who="op1", **more):
    return veil(site, "unmask", "request", "--batch", batch, f"--{kind}", code, "--field", field, "--purpose", purpose, "--reference", reference, who=who, **more)


def approved(site, code, who="op2", **more):
    request = ask(site, code, **more).stdout.strip()
    veil(site, "approve", request, who=who)
    return request


def value(done):
    return json.loads(done.stdout)["unmasked"][0]["value"]


def one_field_of_one_subject():
    site = site_with("unmask", batches=("A",))
    code = codes(site)
    shutil.copytree(site, WORK / "unmask-never")
    loosen(site)
    names = {f"E{i:03}": custody.NAMES[i % 6] + "甲乙丙丁戊己庚辛壬癸"[i // 6] for i in range(60)}
    request = approved(site, code["E007"])
    done = veil(site, "unmask", "open", request, "--json", what="approved, it opens")
    point(value(done) == names["E007"], "the right name", done.stdout)
    point(sum(n in done.stdout for n in names.values()) == 1 and "1380000" not in done.stdout, "and nothing else")
    found = [r["act"] for r in records(site) if r["act"].startswith("unmask")]
    point(found == ["unmask.open", "unmask.done"], "opened, then done", found)
    point(acts(site, "unmask.open")[0]["subject"] == code["E007"] and acts(site, "unmask.open")[0]["request"] == request, "the record names the code and the request")
    says(veil(site, "unmask", "open", request, status=6), "serves once", what="a request serves once")
    for field, wanted in (("phone", "13800000011"), ("email", "e11@x11.example.cn"), ("organisation", "单位11"), ("id", "E011")):
        done = veil(site, "unmask", "open", approved(site, code["E011"], field=field), "--json")
        point(value(done) == wanted, f"a reviewer's {field}", done.stdout)
    for field, wanted in (("title", "激光材料研究之3"), ("name", "申请人四"), ("organisation", "申报单位3"), ("id", "P3"), ("phone", "")):
        done = veil(site, "unmask", "open", approved(site, code["P3"], kind="project", field=field), "--json")
        point(value(done) == wanted, f"a project's {field}", done.stdout)
    says(veil(site, "unmask", "open", approved(site, code["E011"], field="title"), status=6), "not available", what="a reviewer has no title")
    typed = code["E012"].lower()
    typed = " ".join(typed[i:i + 4] for i in range(0, len(typed), 4))
    point(value(veil(site, "unmask", "open", approved(site, typed), "--json")) == names["E012"], "a code as people type it")
    point(not any(holds(site / "ledger", n) for n in names.values()), "no name in the ledger")
    rows = list(csv.DictReader(io.StringIO(veil(site, "audit", "opened", "A", "--csv").stdout)))
    point(len(rows) == 12 and rows[0]["act"] == "batch.codes" and all(r["done"] == "yes" for r in rows[1:]), "audit opened lists every opening", rows)
    says(veil(site, "audit", "opened", "A", "--statement", "--out", WORK / "no.txt", status=6), "was opened 12 times", what="no statement for a batch that was opened")
    return site, code


def each_refusal_is_logged(site, code):
    before = len(acts(site, "unmask.refused"))
    mistyped = code["E001"][:-1] + ("0" if code["E001"][-1] != "0" else "1")
    ask(site, code["E001"], purpose="curiosity", status=6, what="a purpose that is not on the list")
    ask(site, code["E001"], field="id_number", status=6, what="a field that is not on the list")
    ask(site, code["E001"], reference="关于赵云飞", status=6, what="a reference that could be a name")
    ask(site, mistyped, status=6, what="a mistyped code")
    ask(site, code["P1"], status=6, what="a project's code for a reviewer")
    ask(site, code["E001"], batch="Z", status=6, what="a batch that is not there")
    waiting = ask(site, code["E001"]).stdout.strip()
    says(veil(site, "unmask", "open", waiting, status=6), "approval", what="not without approval")
    veil(site, "approve", waiting, who="op1", status=6, what="not by who asks")
    says(veil(site, "unmask", "open", "0123456789abcdef", status=6), "no such request", what="not what nobody asked for")
    # The one who asks is another, and the batch's own officer approves.
    asked = ask(site, code["E001"], who="op3").stdout.strip()
    veil(site, "approve", asked, who="op1")
    says(veil(site, "unmask", "open", asked, who="op3", status=6), "officer of this very batch", what="not by an officer of the batch")
    now = acts(site, "unmask.refused")
    point(len(now) == before + 9, "each of them is in the ledger", [r.get("why") for r in now[before:]])
    text = "".join(str(r) for r in now)
    point("curiosity" not in text and "赵云飞" not in text and "%E8" not in text and mistyped not in text, "without what was typed")
    refused = acts(site, "approve.refused")
    point(len(refused) == 1, "the refused approval too", refused)


def codes_that_exist_or_not_answer_alike(site, code):
    """A well-formed code of another batch, of nobody here: the request is taken like any other, the opening says no more than 'not available'."""
    other = site_with("other", batches=("B",))
    strangers = codes(other, "B")
    answers = [ask(site, c) for c in (code["E020"], strangers["E020"])]
    point({(len(a.stdout), a.stderr, a.returncode) for a in answers} == {(17, "", 0)}, "the same answer for codes that exist and that do not")
    request = answers[1].stdout.strip()
    veil(site, "approve", request, who="op2")
    says(veil(site, "unmask", "open", request, status=6), "not available", what="nobody bears it")
    point(acts(site, "unmask.refused")[-1]["why"] == "key-or-subject", "and that is logged")


def rate_limits():
    site = site_with("rate", batches=("A", "B"))
    code, other = codes(site), codes(site, "B")
    for i in range(2):
        ask(site, code[f"E00{i}"])
    says(ask(site, code["E005"], status=6), "too often", what="the third in an hour is refused")
    says(ask(site, other["E005"], batch="B", status=6), "too often", what="for another batch as well")
    ask(site, code["E005"], who="op3", what="another officer may ask")
    loosen(site, officer=1000, batch=3)
    says(ask(site, code["E006"], who="op4", status=6), "of this batch", what="but not too much of one batch within a day")
    ask(site, other["E006"], who="op4", batch="B", what="of another batch he may")
    point([r["why"] for r in acts(site, "unmask.refused")] == ["officer-rate", "officer-rate", "batch-rate"], "each is logged")


def statement(site_never):
    never = WORK / "statement-site"
    shutil.rmtree(never, ignore_errors=True)
    site = site_with("statement")
    out = WORK / "A.openings"
    veil(site, "audit", "opened", "A", "--statement", "--out", out, what="a batch that was never opened gets its statement")
    text = out.read_text()
    head, note = text.split("\n\n", 1)
    fields = dict(line.split(" ", 1) for line in head.splitlines()[1:])
    point(text.startswith("veil-openings/1\n") and fields["openings"] == "0" and note.split("\n")[1] == fields["size"] == str(len(records(site))),
          "with the size and the signed checkpoint of the log", text)
    listed = veil(site, "audit", "opened", "A", "--csv").stdout
    point(listed.count("\n") == 1, "and the list is empty", listed)
    veil(site, "audit", "opened", "A", "--statement", "--out", out, status=6, what="never over anything")
    veil(site, "audit", "opened", "Q", status=6, what="a batch that is not there")


def witnesses():
    site = site_with("witness")
    code = codes(site)
    loosen(site)
    keys = [subprocess.run([COSIGN, "key", f"w{i}.example.gov", str(50 + i)], capture_output=True, text=True).stdout.strip() for i in range(3)]
    veil(site, "ledger", "witnesses", "--quorum", "4", *(x for k in keys for x in ("--key", k)), status=2, what="a quorum above the witnesses")
    veil(site, "ledger", "witnesses", "--quorum", "2", *(x for k in keys for x in ("--key", k)), what="two of three witnesses")

    def note_of():
        path = veil(site, "ledger", "checkpoint").stdout
        size = len(records(site))
        return site / f"ledger/checkpoints/{size}.note", path

    def sign(note, *who, when=None):
        for i in who:
            subprocess.run([COSIGN, "sign", str(note), f"w{i}.example.gov", str(50 + i), str(int(when if when is not None else time.time()))], check=True)

    early, _ = note_of()
    request = approved(site, code["E030"])
    sign(early, 0, 1)
    says(veil(site, "unmask", "open", request, status=6), "0 of 2 witnesses", what="a checkpoint from before the request does not cover it")
    note, _ = note_of()
    sign(note, 0)
    says(veil(site, "unmask", "open", request, status=6), "1 of 2", what="one witness of two is too few")
    sign(note, 0)
    says(veil(site, "unmask", "open", request, status=6), "1 of 2", what="who signs twice counts once")
    sign(note, 1, when=time.time() - 700)
    says(veil(site, "unmask", "open", request, status=6), "1 of 2", what="a cosignature older than ten minutes does not count")
    sign(note, 2, when=time.time() + 3600)
    says(veil(site, "unmask", "open", request, status=6), "1 of 2", what="nor one from the future")
    forged = WORK / "forged.note"
    forged.write_text(note.read_text() + early.read_text().splitlines(keepends=True)[-1])
    says(veil(site, "unmask", "open", request, "--checkpoint", forged, status=5), "does not hold", what="a cosignature of another checkpoint")
    ini = (site / "site.ini").read_text()
    (site / "site.ini").write_text(ini.replace("quorum=2", "quorum=1"))
    says(veil(site, "unmask", "open", request, status=6), "not those the ledger names", what="a quorum lowered in site.ini alone")
    (site / "site.ini").write_text(ini)
    fresh, _ = note_of()
    sign(fresh, 2, 1)
    done = veil(site, "unmask", "open", request, "--json", what="a quorum of fresh cosignatures opens")
    point(acts(site, "unmask.open")[-1]["witnessed-size"] == fresh.stem, "the record names the checkpoint", acts(site, "unmask.open"))
    point([r["why"] for r in acts(site, "unmask.refused")] == ["witness"] * 7, "each refusal is logged", [r["why"] for r in acts(site, "unmask.refused")])
    return done


def a_real_site_without_witnesses():
    """The witnesses must be named, and that takes another operator: on a real site nothing opens before."""
    secret = WORK / "pass"
    secret.write_text("correct horse battery\n")
    env = {"VEIL_PASSPHRASE_FILE": str(secret)}
    site = WORK / "real"
    veil(None, "init", site, env=env)
    ini = (site / "site.ini").read_text()
    point("rehearsal=false" in ini, "a real site")


def closed_batches():
    site = site_with("closed")
    code = codes(site)
    loosen(site)
    backup = WORK / "closed-backup"
    shutil.copytree(site, backup, ignore=shutil.ignore_patterns("live"))
    close(site)
    request = approved(site, code["E041"])
    says(veil(site, "unmask", "open", request, status=6), "closed", what="live unmask after closing fails")
    for name in ("registry.db", "registry.key"):
        shutil.copy(site / "registry" / name, WORK / ("now-" + name))
        shutil.copy(backup / "registry" / name, site / "registry" / name)
    says(veil(site, "unmask", "open", request, status=5), "live key", what="with a full copy of registry and keys put back as well")
    for name in ("registry.db", "registry.key"):
        shutil.copy(WORK / ("now-" + name), site / "registry" / name)
    files = parts(site, "A", [0, 2, 3])
    says(veil(site, "unmask", "open", request, *with_parts(files[:2]), status=6), "3 of 5", what="k-1 custodians fail")
    point("unmask.open" not in {r["act"] for r in records(site)}, "and nothing was opened so far")
    done = veil(site, "unmask", "open", request, *with_parts(files), "--json", what="k custodians succeed")
    point(value(done) == custody.NAMES[41 % 6] + "甲乙丙丁戊己庚辛壬癸"[41 // 6], "with the right name", done.stdout)
    point(acts(site, "unmask.open")[-1]["custodians"] == "c0;c2;c3", "and stand in the ledger")
    custody.approve(site, veil(site, "escrow", "destroy", "A", status=6))
    veil(site, "escrow", "destroy", "A")
    request = approved(site, code["E042"])
    says(veil(site, "unmask", "open", request, *with_parts(files), status=6), "no escrow", what="after the end all custodians together fail")


def nothing_is_shown_that_was_not_logged(site, code):
    """ENOSPC on the ledger, and kill -9 at many moments: whoever saw a name left a record."""
    def small():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        size = (site / "ledger/ledger.db").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size - 4096, size - 4096))
    name = custody.NAMES[50 % 6] + "甲乙丙丁戊己庚辛壬癸"[50 // 6]
    request = approved(site, code["E050"])
    env = dict(os.environ, VEIL_OPERATOR="op1", VEIL_SITE=str(site))
    env.pop("VEIL_PASSPHRASE_FILE", None)
    done = subprocess.run([VEIL, "unmask", "open", request], env=env, capture_output=True, text=True, preexec_fn=small)
    point(done.returncode not in (0,) and name not in done.stdout, "a full disk: nothing shown", done.stdout + done.stderr)
    opened = [r for r in acts(site, "unmask.open") if r["request"] == request]
    point(len(opened) == 0, "and nothing logged")
    if pathlib.Path("/dev/full").is_char_device():
        full = subprocess.run([VEIL, "unmask", "open", request], env=env, stdout=open("/dev/full", "w"), stderr=subprocess.PIPE, text=True)
        point(full.returncode == 1, "a screen that cannot be written to is a failure", full.stderr)
        point(len([r for r in acts(site, "unmask.open") if r["request"] == request]) == 1, "that counts as disclosed")
        says(veil(site, "unmask", "open", request, status=6), "cut off counts", what="and is not repeated")
        rows = list(csv.DictReader(io.StringIO(veil(site, "audit", "opened", "A", "--csv").stdout)))
        point([r["done"] for r in rows if r["request"] == request] == ["no"], "audit opened says that it was cut off")
    else:
        print("skipped: no device /dev/full on this machine")

    shown = unlogged = reopened = 0
    began = time.monotonic()
    veil(site, "audit", "opened", "A")
    span = max(0.02, (time.monotonic() - began) * 3)
    for i in range(24):
        request = approved(site, code[f"E0{10 + i}"])
        child = subprocess.Popen([VEIL, "unmask", "open", request], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        time.sleep(span * i / 24)
        child.kill()
        saw = "name" in child.communicate()[0]
        logged = len([r for r in acts(site, "unmask.open") if r["request"] == request])
        shown += saw
        unlogged += saw and logged != 1
        again = subprocess.run([VEIL, "unmask", "open", request], env=env, capture_output=True, text=True)
        reopened += logged == 1 and again.returncode == 0
    point(unlogged == 0 and reopened == 0, f"killed at 24 moments ({shown} had shown the name): none without a record, none opened twice", f"{unlogged} {reopened}")


opened_site, all_codes = one_field_of_one_subject()
each_refusal_is_logged(opened_site, all_codes)
codes_that_exist_or_not_answer_alike(opened_site, all_codes)
rate_limits()
statement(WORK / "unmask-never")
witnesses()
a_real_site_without_witnesses()
closed_batches()
nothing_is_shown_that_was_not_logged(opened_site, all_codes)
finish()
