#!/usr/bin/env python3
"""match.py BUILD [--runs N] [--list] [GROUP...] - the matcher against its peers, side by side in one run: medians, ratios, memory.

One file a group of rows: match/rows_NAME.py with `def rows(bench)`, which builds its programs, makes its instances and calls bench.row(...). Graph building counts
on both sides, reading a file on neither. Objectives must agree to the last unit where peers solve the same problem: else the row says DIFFERENT and the
exit status is 1. A peer is what Debian packages (LEMON: g++, liblemon-dev).

Every program prints one line: status objective seconds [more]. Memory is the largest resident set of the whole process, its instance included.
"""
import argparse
import importlib.util
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent / "match"
TOP = HERE.parents[2]


class Bench:
    def __init__(self, build, work, runs):
        self.build, self.work, self.runs, self.faults = pathlib.Path(build), pathlib.Path(work), runs, 0
        self.glib = subprocess.run(["pkg-config", "--cflags", "--libs", "glib-2.0"], capture_output=True, text=True, check=True).stdout.split()
        self.programs, self.files = {}, {}
        self.lemon_is_here = os.path.exists("/usr/include/lemon/network_simplex.h")

    def program(self, source, *flags):
        """Compiles match/SOURCE once; C programs are linked with the engine's match, draw and base."""
        if source not in self.programs:
            out = str(self.work / source.replace(".", "-"))
            if source.endswith(".cc"):
                command = ["g++", "-O2", "-o", out, str(HERE / source), *flags]
            else:
                archives = [str(p) for p in (self.build / f"engine/{room}/libveil-{room}.a" for room in ("draw", "match", "base")) if p.exists()]
                # The archives call each other: repeated, so that any order will do.
                command = ["gcc", "-O2", "-D_GNU_SOURCE", "-I", str(TOP / "include"), "-o", out, str(HERE / source), *archives, *archives, *self.glib,
                           "-lm", "-lpthread", *flags]
            subprocess.run(command, check=True)
            self.programs[source] = out
        return self.programs[source]

    def instance(self, *args):
        """The file that generate KIND PROJECTS REVIEWERS CANDIDATES DEMAND MAX MIN SEED makes; the last one is kept, others are made again."""
        key = tuple(str(a) for a in args)
        if key not in self.files:
            for path in self.files.values():
                os.unlink(path)
            self.files = {key: str(self.work / "instance")}
            subprocess.run([self.program("generate.c", "-lm"), *key, self.files[key]], check=True)
        return self.files[key]

    def once(self, command):
        """One run: fields of its line, MB of memory."""
        process = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, text=True)
        line = process.stdout.read().split()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        if process.returncode != 0 or len(line) < 3:
            return ["failed", "0", "nan"], 0
        return line, usage.ru_maxrss / 1024

    def side(self, commands):
        """Interleaved runs of all programs of a row, so that a busy minute hits them alike: for each its result, median seconds, fields, MB."""
        seen = [[] for _ in commands]
        for _ in range(self.runs):
            for i, command in enumerate(commands):
                seen[i].append(self.once(command))
        sides = []
        for runs in seen:
            results = {tuple(line[:2]) for line, _ in runs}
            middle = sorted(runs, key=lambda run: float(run[0][2]))[len(runs) // 2]
            sides.append({"result": results.pop() if len(results) == 1 else ("unsteady", "0"), "seconds": statistics.median(float(line[2]) for line, _ in runs),
                          "more": middle[0][3:], "mb": max(mb for _, mb in runs)})
        return sides

    def row(self, label, veil, peers, target, same=True, note=""):
        """veil: a command; peers: {name: command}; target: least ratio to the fastest peer, or most seconds ("2s"). same: objectives must be equal."""
        names = list(peers) if self.lemon_is_here else [n for n in peers if not n.startswith("lemon")]
        sides = self.side([veil] + [peers[n] for n in names])
        ours, others = sides[0], dict(zip(names, sides[1:]))
        different = ours["result"][0] in ("failed", "unsteady", "GAP") or (same and any(o["result"] != ours["result"] for o in others.values()))
        best = min((o["seconds"] for o in others.values()), default=None)
        cells = "  ".join(f"{name} {o['seconds']:.2f}s ({o['seconds'] / ours['seconds']:.1f}x, {o['mb']:.0f} MB)" for name, o in others.items())
        if isinstance(target, str):
            met = ours["seconds"] <= float(target.rstrip("s"))
            goal = f"at most {target}"
        else:
            met = best is None or best / ours["seconds"] >= target
            goal = f"at least {target}x"
        verdict = "DIFFERENT " + str([ours["result"]] + [o["result"] for o in others.values()]) if different else "ok" if met else "SLOW"
        self.faults += different
        print(f"{label:44} veil {ours['seconds']:.3f}s {ours['mb']:.0f} MB  {cells}  | {goal}: {verdict}  {' '.join(ours['result'])} {note.format(*ours['more'])}", flush=True)
        return ours


def main():
    parser = argparse.ArgumentParser(prog="./dev bench match")
    parser.add_argument("build")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--list", action="store_true", help="name the groups")
    parser.add_argument("group", nargs="*")
    args = parser.parse_intermixed_args()
    groups = sorted(path.stem.removeprefix("rows_") for path in HERE.glob("rows_*.py"))
    if args.list:
        print("\n".join(groups))
        return 0
    unknown = set(args.group) - set(groups)
    if unknown:
        parser.error(f"no such group: {', '.join(sorted(unknown))}; there are {', '.join(groups)}")
    work = tempfile.mkdtemp(prefix="veil-bench-")
    try:
        bench = Bench(args.build, work, args.runs)
        if not bench.lemon_is_here:
            print("LEMON is not installed (liblemon-dev): its columns are left out", file=sys.stderr)
        for name in args.group or groups:
            spec = importlib.util.spec_from_file_location(f"rows_{name}", HERE / f"rows_{name}.py")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            print(f"-- {name}: {module.__doc__.strip().splitlines()[0]}", flush=True)
            module.rows(bench)
        return 1 if bench.faults else 0
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    sys.exit(main())
