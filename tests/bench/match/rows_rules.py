"""three panel rules that cross (employer <= 1, another province >= 2, finance >= 1) against the same instance without them: processor time, ratio and printed gap."""
import subprocess

GAP = 0.1  # per cent, of the bound


def rows(bench):
    program = bench.program("solve-rules.c")
    for kind in ("text", "topics"):
        line = subprocess.run([program, bench.instance(kind, 10000, 40000, 300, 5, 8, 0, 1)], capture_output=True, text=True, check=True).stdout.strip()
        print(f"rules, {kind}, 10,000 x 40,000, load <= 8: {line}")
        if float(line.split()[-2]) > GAP:
            print(f"DIFFERENT: a gap above {GAP} %")
            bench.faults += 1
