-- ledger/ledger.db, version 2: which records are of an act, and which rest on a request (docs/design/ledger-format.md).

-- Derived from leaf, filled by the trigger: 'act ' and the act as the record spells it; 'request' for a record with a field request.
-- It says where to look and is never believed: what it points at is read and checked, `veil ledger checkpoint` compares all of it, and
-- whoever judges a log reads leaf alone.
CREATE TABLE mark (
	mark TEXT NOT NULL,
	seq  INTEGER NOT NULL,
	PRIMARY KEY (mark, seq)
) STRICT, WITHOUT ROWID;

-- x'0A61637420' is LF 'act ', x'0A7265717565737420' is LF 'request '. Only the head has a line `act`.
INSERT INTO mark(mark, seq)
SELECT 'act ' || CAST(substr(rest, 1, instr(rest, x'0A') - 1) AS TEXT), seq
FROM (SELECT seq, substr(record, instr(record, x'0A61637420') + 5) AS rest FROM leaf);
INSERT INTO mark(mark, seq) SELECT 'request', seq FROM leaf WHERE instr(record, x'0A7265717565737420') > 0;

CREATE TRIGGER leaf_marked AFTER INSERT ON leaf
BEGIN
	INSERT OR IGNORE INTO mark(mark, seq)
	SELECT 'act ' || CAST(substr(rest, 1, instr(rest, x'0A') - 1) AS TEXT), new.seq
	FROM (SELECT substr(new.record, instr(new.record, x'0A61637420') + 5) AS rest);
	INSERT OR IGNORE INTO mark(mark, seq) SELECT 'request', new.seq WHERE instr(new.record, x'0A7265717565737420') > 0;
END;

PRAGMA user_version = 2;
