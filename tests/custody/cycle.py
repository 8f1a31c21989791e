#!/usr/bin/env python3
"""A batch's key from freeze to the end: escrow, close, custodians, destruction; THREATS 2.28 and 2.29.

usage: cycle.py VEIL
"""
import shutil

from custody import WORK, acts, approve, close, custodians, finish, holds, parts, point, says, site_with, veil, with_parts


def the_key_in_the_hands_of_custodians():
    site = site_with("escrow", batches=("A", "B"))
    escrow = acts(site, "batch.escrow")
    point(len(escrow) == 2 and escrow[0]["k"] == "3" and escrow[0]["n"] == "5" and escrow[0]["custodians"] == "c0;c1;c2;c3;c4",
          "the escrow of each batch stands in the ledger", escrow)
    point(len({e["commitment"] for e in escrow}) == 2, "two batches have two keys")
    a, b = parts(site, "A", [0, 1, 2]), parts(site, "B", [0, 1, 2])
    veil(site, "escrow", "open", "A", *with_parts(a), what="three of five open it")
    says(veil(site, "escrow", "open", "A", *with_parts(a[:2]), status=6), "2 custodians", "3 of 5", what="two of five do not")
    says(veil(site, "escrow", "open", "A", *with_parts([a[0], a[1], a[1]]), status=6), "custodian c1", "twice", what="a duplicate custodian is named")
    says(veil(site, "escrow", "open", "A", *with_parts([a[0], a[1], b[2]]), status=6), "custodian c2", "another batch", what="a part of another batch is named")
    damaged = WORK / "damaged.part"
    damaged.write_bytes(a[2].read_bytes().replace(b"box ", b"box A", 1))
    says(veil(site, "escrow", "open", "A", *with_parts([a[0], a[1], damaged]), status=5), "damaged.part", "custodian c2", what="a damaged part is named")
    damaged.write_bytes(a[2].read_bytes()[:-80])
    says(veil(site, "escrow", "open", "A", *with_parts([a[0], a[1], damaged]), status=5), "custodian c2", what="a cut part is named")
    says(veil(site, "escrow", "open", "A", *with_parts([a[0], a[1], site / "site.ini"]), status=5), "site.ini", what="a file that is no part is named")
    point(len(acts(site, "escrow.refused")) == 6 and len(acts(site, "escrow.open")) == 1, "each refusal is logged, and the one opening")
    return site


def closing():
    site = site_with("close")
    live = list((site / "registry/live").iterdir())
    point(len(live) == 1 and live[0].stat().st_mode & 0o777 == 0o600, "one live half, for its owner only")
    says(veil(site, "batch", "close", "A", status=6), "settle", what="not before it is settled")
    half = live[0].read_bytes()
    backup = WORK / "backup"
    shutil.copytree(site, backup, ignore=shutil.ignore_patterns("live"))
    veil(site, "batch", "settle", "A")
    says(veil(site, "batch", "settle", "A", status=6), "already", what="settled once")
    asked = veil(site, "batch", "close", "A", status=6)
    says(asked, "approve", what="closing needs another operator")
    again = veil(site, "batch", "close", "A", status=6)
    point(asked.stderr == again.stderr and len(acts(site, "request")) == 1, "asked twice, it is one request", asked.stderr + again.stderr)
    request = asked.stderr.split("veil approve ")[1].split("`")[0]
    veil(site, "approve", request, who="op1", status=6, what="not the one who asks")
    approve(site, asked)
    says(veil(site, "batch", "status", "A"), "settled", what="the status says settled")
    veil(site, "batch", "close", "A", what="settled and approved, it closes")
    says(veil(site, "batch", "status", "A"), "closed", what="the status says closed")
    says(veil(site, "batch", "close", "A", status=6), "already", what="closed once")
    point(list((site / "registry/live").iterdir()) == [] and not holds(site, half), "the live half is gone from the site")
    says(veil(site, "batch", "codes", "A", "--all", status=6), "closed", what="no codes of a closed batch")

    # The whole site as it was copied every night, and the keys: everything but registry/live, which the guide keeps out of copies.
    says(veil(backup, "batch", "codes", "A", "--all", status=5), "live key", what="a full copy from before the closing opens nothing")
    point(len(acts(backup, "batch.codes")) == 0, "and left no opening behind")

    # A copy of the registry put back under the present ledger.
    files = parts(site, "A", [1, 3, 4])
    says(veil(site, "escrow", "open", "A", *with_parts(files), "--restore", status=6), "closed", what="a closed batch gets no live key again")
    says(veil(site, "escrow", "open", "A", *with_parts(files[:2]), status=6), "are needed", what="k-1 custodians fail")
    veil(site, "escrow", "open", "A", *with_parts(files), what="k custodians succeed")
    point(acts(site, "escrow.open")[-1]["custodians"] == "c1;c3;c4", "and are named in the ledger")
    return site, files, backup


def restoring(backup):
    files = parts(backup, "A", [0, 2, 4])
    veil(backup, "escrow", "open", "A", *with_parts(files), "--restore", what="a site put back from a copy gets its live key from the custodians")
    veil(backup, "batch", "codes", "A", "--all", what="and then goes on")


def the_end(site, files):
    says(veil(site, "escrow", "destroy", "A", status=6), "approve", what="destroying needs another operator")
    pad = None
    approve(site, veil(site, "escrow", "destroy", "A", status=6))
    copy = WORK / "kept.escrow"
    shutil.copy(site / "registry/A.escrow", copy)
    veil(site, "escrow", "destroy", "A", what="the escrow is destroyed")
    point(not (site / "registry/A.escrow").exists() and not holds(site / "registry", "veil-escrow/1"), "nothing of it is left at the site", pad)
    says(veil(site, "escrow", "open", "A", *with_parts(files), status=6), "no escrow", what="all custodians together open nothing")
    says(veil(site, "escrow", "destroy", "A", status=6), "already", what="destroyed once")
    says(veil(site, "batch", "status", "A"), "erased", what="the status says erased")
    point([r["act"] for r in acts(site, "escrow.destroy")] == ["escrow.destroy"], "and it stands in the ledger")
    veil(site, "ledger", "checkpoint", what="the ledger stays verifiable")


def interrupted():
    """Cut off between the intent and the result: completed, without another approval."""
    site = site_with("cut")
    veil(site, "batch", "settle", "A")
    approve(site, veil(site, "batch", "close", "A", status=6))
    (site / "registry/live").chmod(0o500)
    import os
    if os.getuid() == 0:
        # Root removes files from any folder: a live half that is a folder cannot be destroyed.
        half = next((site / "registry/live").iterdir())
        (site / "registry/live").chmod(0o700)
        saved = half.read_bytes()
        half.unlink()
        half.mkdir()
        veil(site, "batch", "close", "A", status=1)
        half.rmdir()
        half.write_bytes(saved)
    else:
        veil(site, "batch", "close", "A", status=1)
        (site / "registry/live").chmod(0o700)
    point(len(acts(site, "batch.close.intent")) == 1 and not acts(site, "batch.close"), "cut off: an intent and no result")
    veil(site, "batch", "close", "A", what="run again, it is completed")
    point(len(acts(site, "batch.close.intent")) == 1 and len(acts(site, "batch.close")) == 1, "once")


def replacing():
    site = site_with("replace", n_custodians=3, threshold=2)
    old = parts(site, "A", [0, 1])
    new = WORK / "new.key"
    public = veil(None, "custodian", "key", "--rehearsal", "--out", new).stdout.strip()
    veil(site, "custodian", "replace", "c0", "--public-key", public, "--as", "d0", what="a custodian is replaced")
    says(veil(site, "escrow", "open", "A", *with_parts(old), status=6), "custodian c0", what="the old one's part opens nothing any more")
    says(veil(None, "escrow", "part", "A", "--escrow", site / "registry/A.escrow", "--custodian-key", custodians(1)[0][1], "--out", WORK / "x.part", status=6),
         "no custodian", what="nor does his key open the new escrow")
    fresh = WORK / "fresh.part"
    veil(None, "escrow", "part", "A", "--escrow", site / "registry/A.escrow", "--custodian-key", new, "--out", fresh)
    veil(site, "escrow", "open", "A", *with_parts([fresh] + parts(site, "A", [1])), what="the new one's does")
    veil(site, "custodian", "replace", "nobody", "--public-key", public, status=6, what="nobody cannot be replaced")
    veil(site, "custodian", "add", "d0", "--public-key", public, status=6, what="nobody is named twice")
    veil(site, "custodian", "add", "e", "--public-key", public[:30] + ("B" if public[30] == "A" else "A") + public[31:], status=2, what="a mistyped key is noticed")
    # After closing: so many old custodians as are needed split it anew for those of today.
    close(site)
    both = [fresh.with_name("again.part")]
    veil(None, "escrow", "part", "A", "--escrow", site / "registry/A.escrow", "--custodian-key", new, "--out", both[0])
    both += parts(site, "A", [1])
    three = WORK / "three.key"
    public = veil(None, "custodian", "key", "--rehearsal", "--out", three).stdout.strip()
    veil(site, "custodian", "replace", "c2", "--public-key", public)
    veil(site, "escrow", "open", "A", *with_parts(both), "--reseal", what="a closed batch is split anew by k custodians")
    last = WORK / "last.part"
    veil(None, "escrow", "part", "A", "--escrow", site / "registry/A.escrow", "--custodian-key", three, "--out", last)
    veil(site, "escrow", "open", "A", *with_parts([last] + parts(site, "A", [1])), what="among those of today")


the_key_in_the_hands_of_custodians()
closed, given, copy = closing()
restoring(copy)
the_end(closed, given)
interrupted()
replacing()
finish()
