"""the optimum over all pairs, none of them listed, against LEMON on the 300 best candidates of each project.

LEMON's problem is the smaller one: its optimum is lower, or it finds places it cannot fill. So objectives are not compared; every place is filled here and the gap over all
pairs is 0, or the row says GAP. `certificate` is the price of the proof: every pair priced once more.
"""

ROWS = [
    (10000, 40000, 5, 8, 2), (10000, 40000, 5, 2, 2), (30000, 40000, 5, 8, 2), (30000, 40000, 5, 5, 2), (14676, 12415, 4, 6, "2s"),
]


def rows(bench):
    veil, lemon = bench.program("solve-over-all.c"), bench.lemon_is_here and bench.program("solve-lemon.cc")
    for projects, reviewers, demand, load, target in ROWS:
        file = bench.instance("topics", projects, reviewers, 300, demand, load, 0, 1)
        ours = bench.row(f"all pairs, {projects:,} x {reviewers:,}, load <= {load}", [veil, projects, reviewers, demand, load, 1],
                         {"lemon-simplex": [lemon, "ns", file], "lemon-scaling": [lemon, "cs", file]}, target, same=False, note="certificate {}s")
        if ours["result"][0] != "optimal" or ours["mb"] > 400:
            print(f"DIFFERENT: {ours['result'][0]}, {ours['mb']:.0f} MB where 400 are allowed")
            bench.faults += 1
