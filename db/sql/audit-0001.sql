-- audit/NAME.audit, version 1: docs/design/formats.md 1.2. What the auditor holds. Days since 1970-01-01, NULL = unknown side.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE rule (
	bit           INTEGER PRIMARY KEY,
	id            TEXT NOT NULL,
	enabled       INTEGER NOT NULL,
	severity      TEXT NOT NULL,
	window_months INTEGER NOT NULL,     -- -1: no limit
	max_authors   INTEGER NOT NULL,     -- 0: no cap
	citation      TEXT NOT NULL
) STRICT;

CREATE TABLE label (n INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE person (
	n        INTEGER PRIMARY KEY,
	code     TEXT NOT NULL,             -- the auditor's code
	reviewer TEXT,                      -- the drawer's code; NULL: not of the pool
	in_pool  INTEGER NOT NULL,
	active   INTEGER NOT NULL,
	max_load INTEGER,                   -- NULL: the policy's
	province INTEGER,                   -- label
	rank     INTEGER,
	kind     INTEGER
) STRICT;

CREATE TABLE org (n INTEGER PRIMARY KEY, token TEXT NOT NULL) STRICT;
CREATE TABLE project (n INTEGER PRIMARY KEY, code TEXT NOT NULL, demand INTEGER NOT NULL) STRICT;

CREATE TABLE post (
	n INTEGER PRIMARY KEY, person INTEGER NOT NULL, org INTEGER NOT NULL, kind INTEGER NOT NULL, since INTEGER, until INTEGER
) STRICT;
CREATE TABLE authorship (
	n INTEGER PRIMARY KEY, work INTEGER NOT NULL, person INTEGER NOT NULL, since INTEGER, until INTEGER
) STRICT;
CREATE TABLE relation (
	n INTEGER PRIMARY KEY, kind INTEGER NOT NULL, a INTEGER NOT NULL, b INTEGER NOT NULL, since INTEGER, until INTEGER
) STRICT;
CREATE TABLE ban (n INTEGER PRIMARY KEY, person INTEGER NOT NULL, since INTEGER, until INTEGER) STRICT;
CREATE TABLE avoid (n INTEGER PRIMARY KEY, person INTEGER NOT NULL, org INTEGER NOT NULL) STRICT;
CREATE TABLE project_person (
	n INTEGER PRIMARY KEY, project INTEGER NOT NULL, person INTEGER NOT NULL, role INTEGER NOT NULL, org INTEGER
) STRICT;
CREATE TABLE project_org (n INTEGER PRIMARY KEY, project INTEGER NOT NULL, org INTEGER NOT NULL, role INTEGER NOT NULL) STRICT;
CREATE TABLE project_exclude (n INTEGER PRIMARY KEY, project INTEGER NOT NULL, person INTEGER NOT NULL) STRICT;

CREATE TABLE exclusion (project INTEGER PRIMARY KEY, pairs BLOB NOT NULL) STRICT; -- u32 LE person, u32 LE rule mask; ascending person
CREATE TABLE flagged (project INTEGER PRIMARY KEY, pairs BLOB NOT NULL) STRICT;
CREATE TABLE everywhere (person INTEGER PRIMARY KEY, mask INTEGER NOT NULL) STRICT;

PRAGMA user_version = 1;
