"""method total on candidate lists: LEMON's NetworkSimplex and CostScaling on the same file."""

# label, generate's arguments, least ratio to the faster of the two
ROWS = [
    ("text scores, 10,000 x 40,000, load <= 8", ("text", 10000, 40000, 300, 5, 8, 0, 1), 10),
    ("contested, 10,000 x 40,000, load <= 8", ("topics", 10000, 40000, 300, 5, 8, 0, 1), 5),
    ("contested, 10,000 x 40,000, load <= 2", ("topics", 10000, 40000, 300, 5, 2, 0, 1), 2),
    ("the same in steps of 0.001", ("steps", 10000, 40000, 300, 5, 2, 0, 1), 2),
    ("minimum loads, demand 98 %, 5,000 x 3,500", ("tight", 5000, 3500, 300, 5, 0, 3, 1), 3),
    ("loads 1-4 of 4, demand 98 %, 4,000 x 5,102", ("tight", 4000, 5102, 300, 5, 0, 4, 2), 3),
    ("infeasible, too few everywhere, load <= 1", ("topics", 10000, 40000, 300, 5, 1, 0, 1), 10),
    ("infeasible in some fields, 100 candidates", ("topics", 10000, 40000, 100, 5, 2, 0, 1), 10),
    ("ICML size, 14,676 x 12,415, 4 each, load <= 6", ("topics", 14676, 12415, 300, 4, 6, 0, 1), "2s"),
]


def rows(bench):
    veil, lemon = bench.program("solve-veil.c"), bench.lemon_is_here and bench.program("solve-lemon.cc")
    for label, shape, target in ROWS:
        file = bench.instance(*shape)
        bench.row(label, [veil, file], {"lemon-simplex": [lemon, "ns", file], "lemon-scaling": [lemon, "cs", file]}, target)
