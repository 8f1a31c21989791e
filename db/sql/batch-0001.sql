-- draw/NAME.veil, version 1: docs/design/formats.md 1.1. What the drawer holds.

CREATE TABLE meta (
	key   TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE reviewer (
	code     TEXT PRIMARY KEY,          -- the drawer's code
	min_load INTEGER NOT NULL CHECK (min_load >= 0),
	max_load INTEGER NOT NULL CHECK (max_load >= min_load),
	employer TEXT,                      -- opaque token, NULL unless two reviewers share it
	kind     TEXT,                      -- coarse attributes, in cells of at least five
	province TEXT,
	rank     TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE project (
	code       TEXT PRIMARY KEY,
	demand     INTEGER NOT NULL CHECK (demand >= 0),
	cut        INTEGER,                 -- at least every unlisted allowed score; NULL: the list is complete
	candidates BLOB NOT NULL            -- u32 LE reviewer index, i32 LE score; ascending index
) STRICT, WITHOUT ROWID;

CREATE TABLE draw (
	n           INTEGER PRIMARY KEY,    -- 1, 2, ...
	seed        TEXT NOT NULL,
	seed_source TEXT NOT NULL,
	method      TEXT NOT NULL,
	time        TEXT NOT NULL,          -- UTC, minute
	operator    TEXT NOT NULL,
	objective   INTEGER NOT NULL,
	bound       INTEGER NOT NULL,
	prices      BLOB NOT NULL           -- i64 LE a reviewer, in code order
) STRICT;

CREATE TABLE assignment (
	project  TEXT NOT NULL REFERENCES project (code),
	reviewer TEXT NOT NULL REFERENCES reviewer (code),
	score    INTEGER NOT NULL,
	role     TEXT NOT NULL CHECK (role IN ('panel', 'reserve')),
	PRIMARY KEY (project, reviewer)
) STRICT, WITHOUT ROWID;

-- A freeze is immutable and a draw only ever added. The proof is the root in the ledger; these stop slips.
CREATE TRIGGER meta_fixed_u BEFORE UPDATE ON meta BEGIN SELECT RAISE(ABORT, 'a freeze is immutable'); END;
CREATE TRIGGER meta_fixed_d BEFORE DELETE ON meta BEGIN SELECT RAISE(ABORT, 'a freeze is immutable'); END;
CREATE TRIGGER reviewer_fixed_u BEFORE UPDATE ON reviewer BEGIN SELECT RAISE(ABORT, 'a freeze is immutable'); END;
CREATE TRIGGER reviewer_fixed_d BEFORE DELETE ON reviewer BEGIN SELECT RAISE(ABORT, 'a freeze is immutable'); END;
CREATE TRIGGER project_fixed_u BEFORE UPDATE ON project BEGIN SELECT RAISE(ABORT, 'a freeze is immutable'); END;
CREATE TRIGGER project_fixed_d BEFORE DELETE ON project BEGIN SELECT RAISE(ABORT, 'a freeze is immutable'); END;
CREATE TRIGGER draw_once BEFORE INSERT ON draw
	WHEN NEW.n <> (SELECT coalesce(max(n), 0) + 1 FROM draw) BEGIN SELECT RAISE(ABORT, 'draws are only added'); END;
CREATE TRIGGER draw_fixed_u BEFORE UPDATE ON draw BEGIN SELECT RAISE(ABORT, 'draws are only added'); END;
CREATE TRIGGER draw_fixed_d BEFORE DELETE ON draw BEGIN SELECT RAISE(ABORT, 'draws are only added'); END;
CREATE TRIGGER assignment_once BEFORE INSERT ON assignment
	WHEN EXISTS (SELECT 1 FROM assignment WHERE project = NEW.project AND reviewer = NEW.reviewer)
	BEGIN SELECT RAISE(ABORT, 'places are only added'); END;
CREATE TRIGGER assignment_fixed_u BEFORE UPDATE ON assignment BEGIN SELECT RAISE(ABORT, 'places are only added'); END;
CREATE TRIGGER assignment_fixed_d BEFORE DELETE ON assignment BEGIN SELECT RAISE(ABORT, 'places are only added'); END;

PRAGMA user_version = 1;
