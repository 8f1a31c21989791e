#!/usr/bin/env python3
"""Adds up meson's testlog.json files and closes with the line CI reads.

A TAP test counts each of its points, any other test one. A skipped test says why in its log.
"""
import json
import re
import sys

passed = failed = skipped = 0
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            out = test.get("stdout") or ""
            points = re.findall(r"^(not ok|ok) \d+(.*)$", out, re.M)
            bad = test["result"] in ("FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS")
            if points:
                for verdict, rest in points:
                    if "# SKIP" in rest.upper():
                        skipped += 1
                    elif verdict == "ok":
                        passed += 1
                    else:
                        failed += 1
                if bad and not any(v == "not ok" for v, _ in points):
                    failed += 1
            elif test["result"] == "SKIP":
                skipped += 1
                reason = (out + (test.get("stderr") or "")).strip().splitlines()
                print(f"skipped {test['name']}: {reason[-1] if reason else 'no reason given'}")
            elif bad:
                failed += 1
            else:
                passed += 1
            if bad:
                print(f"FAILED {test['name']} ({path})")
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed or not passed else 0)
