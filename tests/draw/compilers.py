#!/usr/bin/env python3
"""compilers.py REFERENCE SOURCE - digests.c built anew by every compiler that is here, without optimisation and with all of it, against the build under test: the same bytes out."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

REFERENCE, TOP = sys.argv[1], pathlib.Path(sys.argv[2])
FILES = [*sorted((TOP / "engine/base").glob("*.c")), *sorted((TOP / "engine/match").rglob("*.c")), *sorted((TOP / "engine/draw").glob("*.c")), TOP / "tests/draw/digests.c"]
PACKAGES = ["glib-2.0", "gio-2.0", "libsodium", "icu-uc", "icu-i18n"]


def flags(what):
    return subprocess.run(["pkg-config", what, *PACKAGES], capture_output=True, text=True, check=True).stdout.split()


def build(compiler, level, work):
    launcher = [shutil.which("ccache")] if shutil.which("ccache") else []

    def one(source):
        target = work / f"{source.parent.name}-{source.stem}.o"
        subprocess.run([*launcher, compiler, level, "-std=gnu11", "-w", "-D_GNU_SOURCE", "-I", str(TOP / "include"), "-I", str(TOP / "engine/match"), *flags("--cflags"), "-c", str(source), "-o", str(target)], check=True)
        return str(target)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = list(pool.map(one, FILES))
    program = work / "digests"
    subprocess.run([compiler, "-o", str(program), *objects, *flags("--libs"), "-lpthread", "-lm"], check=True)
    return subprocess.run([str(program)], capture_output=True, text=True, check=True).stdout


def main():
    expected = subprocess.run([REFERENCE], capture_output=True, text=True, check=True).stdout
    wrong = number = 0
    kinds = {line.split()[0] for line in expected.splitlines()}
    number += 1
    wrong += not {"odds", "lottery", "people", "total", "prices"} <= kinds
    print("ok" if wrong == 0 else "not ok", number, "- odds, a lottery, people, prices and totals are among them")
    for compiler, level in (("gcc", "-O0"), ("clang", "-O3")):
        number += 1
        if shutil.which(compiler) is None:
            print("ok", number, f"- {compiler} {level} # SKIP not installed")
            continue
        with tempfile.TemporaryDirectory(prefix="veil-compilers-") as work:
            seen = build(compiler, level, pathlib.Path(work))
        same = seen == expected
        wrong += not same
        print("ok" if same else "not ok", number, f"- {compiler} {level}: the same bytes")
        for a, b in zip(expected.splitlines(), seen.splitlines()):
            if a != b:
                print("#", a, "|", b)
    print(f"1..{number}")
    sys.exit(wrong > 0)


main()
