-- Custody: who can open what after a batch is closed.

CREATE TABLE custodian(
	handle TEXT PRIMARY KEY,
	public BLOB NOT NULL             -- X25519
) STRICT, WITHOUT ROWID;

-- key 'threshold': how many custodians open an escrow together.
CREATE TABLE custody(
	key TEXT PRIMARY KEY,
	value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A key in the hands of custodians. Whoever destroys the row ends every copy of the text.
CREATE TABLE escrow(
	id TEXT PRIMARY KEY,             -- the freeze's; 'registry' for the registry's own keys
	batch TEXT NOT NULL,
	sealed TEXT NOT NULL,            -- the text of the escrow file
	pad BLOB NOT NULL
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 2;
