/* audit-file.c - the audit file into memory, with its root (docs/design/formats.md 1.2 and 2).
 *
 * Every reference between the tables is checked while it is read, so that the rules may index without asking.
 */
#include <string.h>

#include "freeze/freeze.h"

static const TableSpec audit_tables[] = {
	{"meta", "key value", "TT", "key"},
	{"rule", "bit id enabled severity window_months max_authors citation", "ITITiit", "bit"},
	{"label", "n value", "IT", "n"},
	{"person", "n code reviewer in_pool active max_load province rank kind", "ITtIIiiii", "n"},
	{"org", "n token", "IT", "n"},
	{"project", "n code demand", "ITi", "n"},
	{"post", "n person org kind since until", "IIIIii", "n"},
	{"authorship", "n work person since until", "IIIii", "n"},
	{"relation", "n kind a b since until", "IIIIii", "n"},
	{"ban", "n person since until", "IIii", "n"},
	{"avoid", "n person org", "III", "n"},
	{"project_person", "n project person role org", "IIIIi", "n"},
	{"project_org", "n project org role", "IIII", "n"},
	{"project_exclude", "n project person", "III", "n"},
	{"exclusion", "project pairs", "IB", "project"},
	{"flagged", "project pairs", "IB", "project"},
	{"everywhere", "person mask", "II", "person"},
	{NULL, NULL, NULL, NULL},
};

static gint64
or_else(sqlite3_stmt *row, int i, gint64 otherwise)
{
	return sqlite3_column_type(row, i) == SQLITE_NULL ? otherwise : row_int(row, i);
}

/* n counts from 0 without gaps. */
static gboolean
numbered(sqlite3_stmt *row, guint n)
{
	return row_int(row, 0) == (gint64)n;
}

/* An index into a table of n rows; *ok falls when it points outside. */
static guint32
link_to(sqlite3_stmt *row, int i, guint32 n, gboolean *ok)
{
	gint64 value = row_int(row, i);

	*ok = *ok && value >= 0 && value < (gint64)n;
	return (guint32)value;
}

static guint32
link_or_none(sqlite3_stmt *row, int i, guint32 n, gboolean *ok)
{
	return sqlite3_column_type(row, i) == SQLITE_NULL ? NONE : link_to(row, i, n, ok);
}

static Interval
interval(sqlite3_stmt *row, int i, gboolean *ok)
{
	Interval when = {or_else(row, i, G_MININT64), or_else(row, i + 1, G_MAXINT64)};

	*ok = *ok && when.since <= when.until;
	return when;
}

static gboolean
read_audit_rule(sqlite3_stmt *row, gpointer data)
{
	Audit *audit = data;
	gint64 bit = row_int(row, 0);
	Rule *rule;

	if (bit < 0 || bit >= N_RULES || strcmp((const char *)sqlite3_column_text(row, 1), rule_names[bit]) != 0)
		return verdict_reject("audit file: table rule has a rule that is not known, or in another place");
	rule = &audit->rule[bit];
	rule->enabled = row_int(row, 2) == 1;
	rule->severity = row_text(row, 3);
	rule->window = or_else(row, 4, -1);
	rule->max_authors = or_else(row, 5, 0);
	rule->citation = row_text(row, 6);
	rule->flag_only = strcmp(rule->severity, "flag") == 0;
	return row_int(row, 2) == 0 || row_int(row, 2) == 1;
}

static gboolean
read_label(sqlite3_stmt *row, gpointer data)
{
	Audit *audit = data;

	g_ptr_array_add(audit->labels, row_text(row, 1));
	return numbered(row, audit->labels->len - 1);
}

static gboolean
read_person(sqlite3_stmt *row, gpointer data)
{
	Audit *audit = data;
	guint32 n = audit->persons->len, labels = audit->labels->len;
	gboolean ok = numbered(row, n);
	Person person = {row_text(row, 1), row_text(row, 2), row_int(row, 3) == 1, row_int(row, 4) == 1, or_else(row, 5, -1),
			 link_or_none(row, 6, labels, &ok), link_or_none(row, 7, labels, &ok), link_or_none(row, 8, labels, &ok)};

	g_array_append_val(audit->persons, person);
	ok = ok && code_ok(person.code) && (person.in_pool == (person.reviewer != NULL)) && (!person.reviewer || code_ok(person.reviewer));
	ok = ok && (row_int(row, 3) & ~1) == 0 && (row_int(row, 4) & ~1) == 0 && person.max_load >= -1 && person.max_load <= G_MAXINT32;
	return ok && (n == 0 || strcmp(g_array_index(audit->persons, Person, n - 1).code, person.code) < 0);
}

static gboolean
read_org(sqlite3_stmt *row, gpointer data)
{
	Audit *audit = data;

	return numbered(row, audit->n_orgs++) && sqlite3_column_bytes(row, 1) > 0;
}

static gboolean
read_audit_project(sqlite3_stmt *row, gpointer data)
{
	Audit *audit = data;
	Project project = {.id = row_text(row, 1), .demand = or_else(row, 2, -1)};

	g_array_append_val(audit->projects, project);
	return numbered(row, audit->projects->len - 1) && code_ok(project.id);
}

/* Fact tables: after n, a letter a column. p person, o org, j project, w work: the first of them is a, the second b; O org or NULL;
 * a digit: an enumeration of so many; d: since and until. */
typedef struct {
	const char *columns;
	gsize list; /* GArray * of Audit */
} Shape;

typedef struct {
	Audit *audit;
	const Shape *shape;
	gint64 work; /* of the row before */
} FactReading;

/* Works are renumbered from 0; the rows of a work lie together, by person. */
static guint32
take_work(sqlite3_stmt *row, FactReading *reading, gboolean *ok)
{
	Audit *audit = reading->audit;

	*ok = *ok && row_int(row, 1) >= 0 && (audit->n_works == 0 || row_int(row, 1) >= reading->work);
	audit->n_works += audit->n_works == 0 || row_int(row, 1) != reading->work;
	reading->work = row_int(row, 1);
	return audit->n_works - 1;
}

static gboolean
read_fact(sqlite3_stmt *row, gpointer data)
{
	FactReading *reading = data;
	Audit *audit = reading->audit;
	GArray *list = G_STRUCT_MEMBER(GArray *, audit, reading->shape->list);
	const Fact *before = list->len ? &g_array_index(list, Fact, list->len - 1) : NULL;
	gboolean ok = numbered(row, list->len), first = TRUE;
	Fact fact = {.org = NONE};
	int i = 1;

	for (const char *c = reading->shape->columns; *c; c++, i++) {
		guint32 *link = first ? &fact.a : &fact.b;

		if (g_ascii_isdigit(*c))
			fact.kind = link_to(row, i, (guint32)(*c - '0'), &ok);
		else if (*c == 'd')
			fact.when = interval(row, i, &ok);
		else if (*c == 'O')
			fact.org = link_or_none(row, i, audit->n_orgs, &ok);
		else if (*c == 'w')
			*link = take_work(row, reading, &ok), first = FALSE;
		else
			*link = link_to(row, i, *c == 'p' ? audit->persons->len : *c == 'o' ? audit->n_orgs : audit->projects->len, &ok), first = FALSE;
	}
	if (reading->shape->columns[0] == 'w' && before && before->a == fact.a)
		ok = ok && fact.b >= before->b;
	g_array_append_val(list, fact);
	return ok;
}

static gboolean
read_pairs(sqlite3_stmt *row, Audit *audit, const char *table, GArray **lists)
{
	gboolean ok = TRUE;
	guint32 project = link_to(row, 0, audit->projects->len, &ok), bytes = (guint32)sqlite3_column_bytes(row, 1);
	const guint8 *blob = sqlite3_column_blob(row, 1);
	GArray *list;

	if (!ok)
		return FALSE;
	list = lists[project] = g_array_sized_new(FALSE, FALSE, sizeof(Exclusion), bytes / 8);
	for (guint32 i = 0; i < bytes / 8; i++) {
		Exclusion pair = {read_u32(blob + (gsize)8 * i), read_u32(blob + (gsize)8 * i + 4)};

		if (pair.person >= audit->persons->len || pair.mask == 0 || pair.mask >> N_RULES != 0 ||
		    (i > 0 && pair.person <= g_array_index(list, Exclusion, i - 1).person))
			return verdict_reject("audit file: table %s: project %s: the pairs are malformed at entry %u", table,
					      g_array_index(audit->projects, Project, project).id, i);
		g_array_append_val(list, pair);
	}
	if (bytes % 8 != 0)
		return verdict_reject("audit file: table %s: project %s: the pairs do not end with a whole entry", table,
				      g_array_index(audit->projects, Project, project).id);
	return TRUE;
}

static gboolean
read_exclusion(sqlite3_stmt *row, gpointer data)
{
	Audit *audit = data;

	return read_pairs(row, audit, "exclusion", audit->exclusions);
}

static gboolean
read_flagged(sqlite3_stmt *row, gpointer data)
{
	Audit *audit = data;

	return read_pairs(row, audit, "flagged", audit->flags);
}

static gboolean
read_everywhere(sqlite3_stmt *row, gpointer data)
{
	Audit *audit = data;
	gboolean ok = TRUE;
	guint32 person = link_to(row, 0, audit->persons->len, &ok);

	if (!ok || row_int(row, 1) <= 0 || row_int(row, 1) >> N_RULES != 0)
		return FALSE;
	audit->everywhere[person] = (guint32)row_int(row, 1);
	return TRUE;
}

/* A file that is not sealed is one of a rehearsal of the first versions, or was opened already. */
static sqlite3 *
audit_open(const char *path, const char *key)
{
	g_autofree char *text = NULL, *dir = g_path_get_dirname(path), *beside = g_build_filename(dir, "auditor.key", NULL);
	gsize len = 0, plain_len = 0;

	if (!g_file_test(path, G_FILE_TEST_IS_REGULAR) || !g_file_get_contents(path, &text, &len, NULL)) {
		verdict_unreadable("cannot read %s: there is no such file, or not for this user", path);
		return NULL;
	}
	if (!sealed_is((const guint8 *)text, len))
		return db_open(path, "audit file", audit_tables, NULL, TRUE);
	if (key == NULL)
		key = g_file_test(beside, G_FILE_TEST_EXISTS) ? beside : g_getenv("VEIL_AUDITOR_KEY");
	if (key == NULL || *key == '\0') {
		verdict_unreadable("the audit file is sealed: name the auditor's key with --audit-key FILE");
		return NULL;
	}
	g_autofree guint8 *plain = sealed_open((const guint8 *)text, len, key, &plain_len);
	return plain ? db_open_bytes(plain, plain_len, "audit file", audit_tables) : NULL;
}

gboolean
audit_read(const char *path, const char *key, Audit *out)
{
	static const RowFunc read[] = {read_meta, read_audit_rule, read_label, read_person, read_org, read_audit_project, [14] = read_exclusion,
				       read_flagged, read_everywhere};
	static const Shape shapes[] = {[6] = {"po7d", G_STRUCT_OFFSET(Audit, posts)}, {"wpd", G_STRUCT_OFFSET(Audit, authorships)},
				       {"5ppd", G_STRUCT_OFFSET(Audit, relations)}, {"pd", G_STRUCT_OFFSET(Audit, bans)},
				       {"po", G_STRUCT_OFFSET(Audit, avoids)}, {"jp2O", G_STRUCT_OFFSET(Audit, project_people)},
				       {"jo2", G_STRUCT_OFFSET(Audit, project_orgs)}, {"jp", G_STRUCT_OFFSET(Audit, project_excludes)}};
	GArray **facts[] = {&out->posts, &out->authorships, &out->relations, &out->bans, &out->avoids, &out->project_people,
			    &out->project_orgs, &out->project_excludes};
	Tree tree = {0};
	sqlite3 *db = audit_open(path, key);
	gboolean ok = db != NULL;

	out->meta = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	out->labels = g_ptr_array_new_with_free_func(g_free);
	out->persons = g_array_new(FALSE, FALSE, sizeof(Person));
	out->projects = g_array_new(FALSE, FALSE, sizeof(Project));
	for (guint i = 0; i < G_N_ELEMENTS(facts); i++)
		*facts[i] = g_array_new(FALSE, FALSE, sizeof(Fact));
	for (guint i = 0; ok && audit_tables[i].name; i++) {
		if (i == 6) { /* all persons and projects are known now */
			out->exclusions = g_new0(GArray *, out->projects->len + 1);
			out->flags = g_new0(GArray *, out->projects->len + 1);
			out->everywhere = g_new0(guint32, out->persons->len + 1);
		}
		if (read[i] != NULL)
			ok = table_read(db, "audit file", &audit_tables[i], NULL, &tree, read[i], i == 0 ? (gpointer)out->meta : out);
		else
			ok = table_read(db, "audit file", &audit_tables[i], NULL, &tree, read_fact, &(FactReading){out, &shapes[i], 0});
	}
	tree_root(&tree, out->root);
	sqlite3_close(db);
	return ok;
}

void
audit_clear(Audit *audit)
{
	GArray *facts[] = {audit->posts, audit->authorships, audit->relations, audit->bans, audit->avoids, audit->project_people,
			   audit->project_orgs, audit->project_excludes};

	for (guint i = 0; i < G_N_ELEMENTS(facts); i++)
		g_clear_pointer(&facts[i], g_array_unref);
	g_clear_pointer(&audit->waivers, g_array_unref);
	for (guint i = 0; audit->persons && i < audit->persons->len; i++) {
		g_free(g_array_index(audit->persons, Person, i).code);
		g_free(g_array_index(audit->persons, Person, i).reviewer);
	}
	for (guint i = 0; audit->projects && i < audit->projects->len; i++) {
		g_free(g_array_index(audit->projects, Project, i).id);
		if (audit->exclusions) {
			g_clear_pointer(&audit->exclusions[i], g_array_unref);
			g_clear_pointer(&audit->flags[i], g_array_unref);
		}
	}
	for (int i = 0; i < N_RULES; i++) {
		g_free(audit->rule[i].severity);
		g_free(audit->rule[i].citation);
	}
	g_free(audit->exclusions), g_free(audit->flags), g_free(audit->everywhere);
	g_clear_pointer(&audit->meta, g_hash_table_unref);
	g_clear_pointer(&audit->labels, g_ptr_array_unref);
	g_clear_pointer(&audit->persons, g_array_unref);
	g_clear_pointer(&audit->projects, g_array_unref);
}
