-- The registry: what is known of people, organisations, works and projects, without a readable name.
-- Rows of people lie in the order of random ids (WITHOUT ROWID), so that no order tells when somebody was entered.
-- Sealed columns hold XChaCha20-Poly1305 under the key of the import that wrote them; tokens are keyed hashes.
-- Days count from 1970-01-01; -2147483648 and 2147483647 mean unknown on that side.

-- One random key an import, sealed to the registry's public key.
CREATE TABLE seal_key(
	key INTEGER PRIMARY KEY,
	sealed BLOB NOT NULL
) STRICT;

-- Which columns the last delivery of a source had, to notice one that is lost.
CREATE TABLE delivery(
	source TEXT NOT NULL,
	kind TEXT NOT NULL,
	columns TEXT NOT NULL,           -- names joined by ';'
	PRIMARY KEY(source, kind)
) STRICT, WITHOUT ROWID;

-- A text that may identify: sealed, with a keyed digest to see whether it changed.
CREATE TABLE cell(
	owner BLOB NOT NULL,             -- id of an entry, organisation, work, project, relation, ban or discipline
	field TEXT NOT NULL,
	key INTEGER NOT NULL,
	digest INTEGER NOT NULL,
	sealed BLOB NOT NULL,            -- the text in NFC
	typed BLOB,                      -- as typed, where that differs
	PRIMARY KEY(owner, field)
) STRICT, WITHOUT ROWID;

-- Keyed terms of a text with their counts: u64 LE hash, u16 LE count, ascending.
CREATE TABLE terms(
	owner BLOB NOT NULL,
	field TEXT NOT NULL,
	vector BLOB NOT NULL,
	PRIMARY KEY(owner, field)
) STRICT, WITHOUT ROWID;

-- What one source says of one person. Entries with the same `person` are one human being.
CREATE TABLE entry(
	id BLOB PRIMARY KEY,
	person BLOB NOT NULL,
	source TEXT NOT NULL,
	token BLOB,                      -- of the source's own id; NULL: known by name only
	key INTEGER NOT NULL,
	sealed_id BLOB,
	in_pool INTEGER NOT NULL,        -- 1 an expert, 0 a stub: named by a work, a post, a relation or a project
	status INTEGER NOT NULL,         -- 0 active
	max_load INTEGER NOT NULL,       -- -1: the policy's
	confirmed_on INTEGER NOT NULL,
	province TEXT,
	rank TEXT,
	kind TEXT,
	employer BLOB                    -- organisation of the cell 工作单位
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX entry_by_token ON entry(token) WHERE token IS NOT NULL;

-- Look-up and de-duplication: kind 0 name (or variant), 1 id number, 2 ORCID, 3 phone, 4 e-mail.
CREATE TABLE entry_token(
	entry BLOB NOT NULL,
	kind INTEGER NOT NULL,
	token BLOB NOT NULL,
	PRIMARY KEY(entry, kind, token)
) STRICT, WITHOUT ROWID;

CREATE TABLE org(
	id BLOB PRIMARY KEY,
	listed INTEGER NOT NULL,         -- 1 from a list of organisations, 0 known by its text only
	same_as BLOB,                    -- adopted: this text is an alias of that organisation
	parent BLOB,
	province TEXT,
	kind TEXT
) STRICT, WITHOUT ROWID;

-- kind 0 code, 1 name or alias.
CREATE TABLE org_token(
	kind INTEGER NOT NULL,
	token BLOB NOT NULL,
	org BLOB NOT NULL,
	PRIMARY KEY(kind, token)
) STRICT, WITHOUT ROWID;

CREATE TABLE post(
	entry BLOB NOT NULL,
	org BLOB NOT NULL,
	kind INTEGER NOT NULL,
	since INTEGER NOT NULL,
	until INTEGER NOT NULL,
	PRIMARY KEY(entry, org, kind, since)
) STRICT, WITHOUT ROWID;

CREATE TABLE avoid(
	entry BLOB NOT NULL,
	org BLOB NOT NULL,
	PRIMARY KEY(entry, org)
) STRICT, WITHOUT ROWID;

CREATE TABLE work(
	id BLOB PRIMARY KEY,
	source TEXT NOT NULL,
	token BLOB NOT NULL,
	key INTEGER NOT NULL,
	sealed_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE authorship(
	work BLOB NOT NULL,
	entry BLOB NOT NULL,
	kind INTEGER NOT NULL,           -- 0 paper, 1 patent, 2 award, 3 project
	since INTEGER NOT NULL,
	until INTEGER NOT NULL,
	PRIMARY KEY(work, entry)
) STRICT, WITHOUT ROWID;

CREATE TABLE relation(
	id BLOB PRIMARY KEY,
	kind INTEGER NOT NULL,
	a BLOB NOT NULL,
	b BLOB NOT NULL,
	since INTEGER NOT NULL,
	until INTEGER NOT NULL,
	evidence INTEGER NOT NULL,       -- keyed digest of the sealed cell, 0: none
	UNIQUE(kind, a, b, since, evidence)
) STRICT, WITHOUT ROWID;

CREATE TABLE ban(
	id BLOB PRIMARY KEY,
	entry BLOB NOT NULL,
	since INTEGER NOT NULL,
	until INTEGER NOT NULL,
	UNIQUE(entry, since)
) STRICT, WITHOUT ROWID;

CREATE TABLE discipline(
	scheme TEXT NOT NULL,
	code TEXT NOT NULL,
	parent TEXT,
	id BLOB NOT NULL,                -- owner of the sealed name
	PRIMARY KEY(scheme, code)
) STRICT, WITHOUT ROWID;

-- owner: an entry or a project. An unknown code stays and counts nothing.
CREATE TABLE owner_discipline(
	owner BLOB NOT NULL,
	scheme TEXT NOT NULL,
	code TEXT NOT NULL,
	weight INTEGER NOT NULL,         -- millionths
	PRIMARY KEY(owner, scheme, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE batch(
	name TEXT PRIMARY KEY,
	state TEXT NOT NULL CHECK(state IN ('draft', 'freezing', 'frozen', 'closed')),
	policy TEXT NOT NULL,            -- canonical
	freezes INTEGER NOT NULL,
	freeze_id TEXT,
	as_of INTEGER,
	wrapped_key BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE project(
	id BLOB PRIMARY KEY,
	batch TEXT NOT NULL REFERENCES batch(name),
	source TEXT NOT NULL,
	token BLOB NOT NULL,
	key INTEGER NOT NULL,
	sealed_id BLOB NOT NULL,
	province TEXT,
	UNIQUE(batch, token)
) STRICT, WITHOUT ROWID;

CREATE TABLE project_org(
	project BLOB NOT NULL REFERENCES project(id),
	org BLOB NOT NULL REFERENCES org(id),
	role INTEGER NOT NULL,           -- 0 unit, 1 partner
	PRIMARY KEY(project, org, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE project_person(
	project BLOB NOT NULL REFERENCES project(id),
	entry BLOB NOT NULL REFERENCES entry(id),
	role INTEGER NOT NULL,           -- 0 applicant, 1 participant
	org BLOB REFERENCES org(id),     -- employer as the row says
	by_name INTEGER NOT NULL,        -- 1: no id was given; experts of this name and employer are meant too
	PRIMARY KEY(project, entry)
) STRICT, WITHOUT ROWID;

-- Whom the applicant asks to leave out: an id's entry, or a stub that stands for name@organisation.
CREATE TABLE project_exclude(
	project BLOB NOT NULL REFERENCES project(id),
	entry BLOB NOT NULL REFERENCES entry(id),
	org BLOB REFERENCES org(id),
	by_name INTEGER NOT NULL,
	PRIMARY KEY(project, entry)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 1;
