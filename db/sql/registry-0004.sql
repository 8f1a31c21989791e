-- Waivers of single pairs, and operators who are persons of the registry.

-- A waiver lies here until a freeze uses it: the ledger knows it by a salted digest only, because a batch has no codes before its freeze.
CREATE TABLE waiver(
	request TEXT PRIMARY KEY,        -- id of the request in the ledger
	batch TEXT NOT NULL,
	project BLOB NOT NULL,           -- id
	entry BLOB NOT NULL,             -- the expert's
	rule INTEGER NOT NULL,           -- bit
	salt BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Who an operator is. A handle is in the ledger, so this table is what must never leave the registry.
CREATE TABLE staff(
	handle TEXT PRIMARY KEY,
	entry BLOB NOT NULL
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 4;
