-- draw/NAME.veil, version 2: docs/design/formats.md 1.1. Classes, teams, attributes, odds, reserves, further draws, the journal.
--
-- A file of version 1 is committed to in a ledger by the rows it has, so it is never taken through this step: db/batch-file.c reads it as it stands.
-- What is replaced here is empty, in a file made a moment ago.

ALTER TABLE reviewer ADD COLUMN attributes TEXT; -- JSON object of further columns that panel rules use; NULL: none

DROP TABLE assignment;
DROP TABLE draw;
DROP TABLE project;

CREATE TABLE project (
	code       TEXT PRIMARY KEY,
	demand     INTEGER NOT NULL CHECK (demand >= 0),
	class      TEXT,                    -- what panel rules call it
	team       TEXT,                    -- opaque token: projects of one team have the very same panel
	cut        INTEGER,                 -- at least every unlisted allowed score; NULL: the list is complete
	candidates BLOB NOT NULL            -- u32 LE reviewer index, i32 LE score; ascending index
) STRICT, WITHOUT ROWID;

CREATE TABLE draw (
	n           INTEGER PRIMARY KEY,    -- 1, 2, ...
	kind        TEXT NOT NULL CHECK (kind IN ('draw', 'top-up', 'round')),
	seed        TEXT NOT NULL,
	seed_source TEXT NOT NULL,          -- system, given, ceremony
	method      TEXT NOT NULL,
	time        TEXT NOT NULL,          -- UTC, minute
	operator    TEXT NOT NULL,
	objective   INTEGER NOT NULL,
	bound       INTEGER NOT NULL,
	certificate TEXT NOT NULL,          -- canonical JSON
	request     TEXT,                   -- canonical JSON: what a top-up or a round was asked for; NULL: the first draw
	prices      BLOB NOT NULL           -- i64 LE a reviewer, in code order
) STRICT;

CREATE TABLE odds (
	draw    INTEGER NOT NULL REFERENCES draw (n),
	project TEXT NOT NULL REFERENCES project (code),
	entries BLOB NOT NULL,              -- u32 LE reviewer index, u32 LE odds over 10000; ascending index
	PRIMARY KEY (draw, project)
) STRICT, WITHOUT ROWID;

CREATE TABLE lottery (
	draw   INTEGER NOT NULL REFERENCES draw (n),
	n      INTEGER NOT NULL,            -- 0, 1, ...
	weight INTEGER NOT NULL CHECK (weight > 0),
	panels BLOB NOT NULL,               -- u32 LE reviewer indexes, projects in code order, as many as each asked for
	PRIMARY KEY (draw, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE assignment (
	project  TEXT NOT NULL REFERENCES project (code),
	reviewer TEXT NOT NULL REFERENCES reviewer (code),
	score    INTEGER NOT NULL,
	role     TEXT NOT NULL CHECK (role IN ('panel', 'reserve')),
	place    INTEGER NOT NULL CHECK (place > 0), -- 1, 2, ... within project, role and draw
	draw     INTEGER NOT NULL REFERENCES draw (n),
	PRIMARY KEY (project, reviewer)
) STRICT, WITHOUT ROWID;
CREATE INDEX assignment_reviewer ON assignment (reviewer);

CREATE TABLE event (
	seq      INTEGER PRIMARY KEY,       -- 1, 2, ...
	kind     TEXT NOT NULL CHECK (kind IN ('vacate', 'strike', 'withdraw', 'withdraw-project')),
	project  TEXT REFERENCES project (code),   -- NULL: a reviewer withdrew from the whole batch
	reviewer TEXT REFERENCES reviewer (code),  -- NULL: a project was withdrawn
	reason   TEXT NOT NULL,             -- of a closed list
	promoted TEXT REFERENCES reviewer (code),  -- who took the place; NULL: nobody
	record   TEXT NOT NULL,             -- what it rests on
	time     TEXT NOT NULL,
	operator TEXT NOT NULL
) STRICT;

CREATE TRIGGER project_fixed_u BEFORE UPDATE ON project BEGIN SELECT RAISE(ABORT, 'a freeze is immutable'); END;
CREATE TRIGGER project_fixed_d BEFORE DELETE ON project BEGIN SELECT RAISE(ABORT, 'a freeze is immutable'); END;
CREATE TRIGGER draw_once BEFORE INSERT ON draw
	WHEN NEW.n <> (SELECT coalesce(max(n), 0) + 1 FROM draw) BEGIN SELECT RAISE(ABORT, 'draws are only added'); END;
CREATE TRIGGER draw_fixed_u BEFORE UPDATE ON draw BEGIN SELECT RAISE(ABORT, 'draws are only added'); END;
CREATE TRIGGER draw_fixed_d BEFORE DELETE ON draw BEGIN SELECT RAISE(ABORT, 'draws are only added'); END;
CREATE TRIGGER odds_once BEFORE INSERT ON odds
	WHEN EXISTS (SELECT 1 FROM odds WHERE draw = NEW.draw AND project = NEW.project) BEGIN SELECT RAISE(ABORT, 'draws are only added'); END;
CREATE TRIGGER odds_fixed_u BEFORE UPDATE ON odds BEGIN SELECT RAISE(ABORT, 'draws are only added'); END;
CREATE TRIGGER odds_fixed_d BEFORE DELETE ON odds BEGIN SELECT RAISE(ABORT, 'draws are only added'); END;
CREATE TRIGGER lottery_once BEFORE INSERT ON lottery
	WHEN EXISTS (SELECT 1 FROM lottery WHERE draw = NEW.draw AND n = NEW.n) BEGIN SELECT RAISE(ABORT, 'draws are only added'); END;
CREATE TRIGGER lottery_fixed_u BEFORE UPDATE ON lottery BEGIN SELECT RAISE(ABORT, 'draws are only added'); END;
CREATE TRIGGER lottery_fixed_d BEFORE DELETE ON lottery BEGIN SELECT RAISE(ABORT, 'draws are only added'); END;
CREATE TRIGGER assignment_once BEFORE INSERT ON assignment
	WHEN EXISTS (SELECT 1 FROM assignment WHERE project = NEW.project AND reviewer = NEW.reviewer)
	BEGIN SELECT RAISE(ABORT, 'places are only added'); END;
CREATE TRIGGER assignment_fixed_u BEFORE UPDATE ON assignment BEGIN SELECT RAISE(ABORT, 'places are only added'); END;
CREATE TRIGGER assignment_fixed_d BEFORE DELETE ON assignment BEGIN SELECT RAISE(ABORT, 'places are only added'); END;
CREATE TRIGGER event_once BEFORE INSERT ON event
	WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event) BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;
CREATE TRIGGER event_fixed_u BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;
CREATE TRIGGER event_fixed_d BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;

PRAGMA user_version = 2;
