-- What panel rules look at: classes of projects, teams that share a panel, the city of an expert.
-- A class is a label of the programme, in the clear like a province; of a team and of a city only a keyed token is kept.

ALTER TABLE project ADD COLUMN class TEXT;
ALTER TABLE project ADD COLUMN team BLOB;
ALTER TABLE entry ADD COLUMN city BLOB;

PRAGMA user_version = 3;
