-- ledger/ledger.db, version 1: docs/design/ledger-format.md.

CREATE TABLE leaf (
	seq    INTEGER PRIMARY KEY CHECK (seq >= 0), -- 0, 1, 2, ...
	record BLOB NOT NULL                         -- the leaf input of the tree
) STRICT;

-- Derived from leaf: the roots of all full subtrees. (0, i) is the hash of leaf i, (k, i) covers leaves i*2^k to (i+1)*2^k - 1.
CREATE TABLE node (
	level INTEGER NOT NULL,
	idx   INTEGER NOT NULL,
	hash  BLOB NOT NULL CHECK (length(hash) = 32),
	PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;

-- A guard against accidents, not the proof: that is the signed checkpoint. BEFORE INSERT also stops INSERT OR REPLACE, which
-- the other two do not see.
CREATE TRIGGER leaf_appends BEFORE INSERT ON leaf
WHEN new.seq IS NOT (SELECT coalesce(max(seq), -1) + 1 FROM leaf)
BEGIN SELECT RAISE(ABORT, 'the ledger only grows at its end'); END;
CREATE TRIGGER leaf_stays BEFORE UPDATE ON leaf
BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END;
CREATE TRIGGER leaf_remains BEFORE DELETE ON leaf
BEGIN SELECT RAISE(ABORT, 'nothing leaves the ledger'); END;

PRAGMA user_version = 1;
