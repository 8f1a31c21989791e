/* match-read.c - the lists of a published instance.
 *
 * Whoever stands in scores, loads or attributes is a reviewer, whatever stands in scores or demands a project; conflicts with others say
 * nothing. Ids are bytes as typed. One bad row rejects the whole: an instance is evidence, not a delivery. Messages name file, line and
 * column, never an id: in a published instance ids may be names.
 */
#include <string.h>

#include "match/match-reader.h"

enum { MAX_COLUMNS = 40 };

/* --- ids ------------------------------------------------------------------------------------------------------- */

static void
ids_init(Ids *ids)
{
	*ids = (Ids){g_hash_table_new(g_str_hash, g_str_equal), g_ptr_array_new(), g_string_chunk_new(1 << 16), NULL, 0};
}

static void
ids_clear(Ids *ids)
{
	g_hash_table_unref(ids->index);
	g_ptr_array_unref(ids->ids);
	g_string_chunk_free(ids->text);
}

static guint32
ids_add(Ids *ids, const char *id, gsize length)
{
	guint32 known;

	if (ids->last != NULL && strcmp(ids->last, id) == 0)
		return ids->last_number;
	known = GPOINTER_TO_UINT(g_hash_table_lookup(ids->index, id));
	if (known == 0) {
		char *copy = g_string_chunk_insert_len(ids->text, id, (gssize)length);

		g_ptr_array_add(ids->ids, copy);
		known = ids->ids->len;
		g_hash_table_insert(ids->index, copy, GUINT_TO_POINTER(known));
	}
	ids->last = g_ptr_array_index(ids->ids, known - 1);
	ids->last_number = known - 1;
	return known - 1;
}

static void
reach(GArray *values, guint32 number)
{
	static const gint64 unset = UNSET;

	while (values->len <= number)
		g_array_append_val(values, unset);
}

/* --- one list -------------------------------------------------------------------------------------------------- */

typedef struct {
	VeilTable *table;
	VeilRow row;
	int place[MAX_COLUMNS]; /* -1: an optional column that is not there */
	const char *const *columns;
} List;

static gboolean
list_error(const List *list, const char *column, const char *what, GError **error)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: line %" G_GUINT64_FORMAT "%s%s: %s", veil_table_name(list->table), list->row.line,
		    column ? ", column " : "", column ? column : "", what);
	return FALSE;
}

static const char *
cell(const List *list, guint i)
{
	return list->place[i] < 0 ? "" : list->row.field[list->place[i]];
}

/* A name that begins with ? may be missing. */
static gboolean
find_columns(List *list, const char *const *columns, GError **error)
{
	guint n = veil_table_n_columns(list->table);

	list->columns = columns;
	for (guint i = 0; i < G_N_ELEMENTS(list->place) && columns[i] != NULL; i++) {
		const char *wanted = columns[i] + (*columns[i] == '?');

		list->place[i] = -1;
		for (guint k = 0; k < n && list->place[i] < 0; k++) {
			g_autofree char *name = g_strstrip(g_strdup(veil_table_column(list->table, k)));

			if (g_ascii_strcasecmp(name, wanted) == 0)
				list->place[i] = (int)k;
		}
		if (list->place[i] < 0 && wanted == columns[i]) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: line 1: there is no column %s", veil_table_name(list->table), columns[i]);
			return FALSE;
		}
	}
	return TRUE;
}

typedef gboolean (*RowFunc)(Reader *reader, const List *list, GError **error);

static gboolean
each_row(Reader *reader, const char *path, const char *const *columns, guint n_ids, RowFunc func, GError **error)
{
	g_autoptr(VeilTable) table = veil_table_open(path, VEIL_ENCODING_AUTO, error);
	List list = {.table = table};
	int more;

	if (table == NULL || !find_columns(&list, columns, error))
		return FALSE;
	while ((more = veil_table_next(table, &list.row, error)) == 1) {
		if (list.row.defect != NULL)
			return list_error(&list, NULL, list.row.defect, error);
		for (guint i = 0; i < n_ids; i++)
			if (*cell(&list, i) == '\0')
				return list_error(&list, columns[i], "it is empty", error);
		if (!func(reader, &list, error))
			return FALSE;
	}
	return more == 0;
}

/* 0 .. 2^31 - 1, blanks around it allowed. */
static gboolean
count_parse(const char *text, gint64 *out)
{
	g_autofree char *clean = g_strstrip(g_strdup(text));

	return g_ascii_isdigit(*clean) && g_ascii_string_to_signed(clean, 10, 0, G_MAXINT32, out, NULL);
}

static gboolean
count_cell(const List *list, guint i, gint64 *out, GError **error)
{
	return count_parse(cell(list, i), out) || list_error(list, list->columns[i], "it is not a whole number from 0 to 2147483647", error);
}

static gboolean
score_row(Reader *reader, const List *list, GError **error)
{
	Row row = {.pair.line = (guint32)MIN(list->row.line, G_MAXUINT32)};

	if (!veil_micro_parse(cell(list, 2), list->row.length[list->place[2]], &row.pair.score))
		return list_error(list, "score", "it is not a number from -1000000 to 1000000", error);
	row.project = ids_add(&reader->projects, cell(list, 0), list->row.length[list->place[0]]);
	row.pair.reviewer = ids_add(&reader->reviewers, cell(list, 1), list->row.length[list->place[1]]);
	g_array_append_val(reader->rows, row);
	return TRUE;
}

static gboolean
conflict_row(Reader *reader, const List *list, GError **error)
{
	guint32 p = GPOINTER_TO_UINT(g_hash_table_lookup(reader->projects.index, cell(list, 0)));
	guint32 r = GPOINTER_TO_UINT(g_hash_table_lookup(reader->reviewers.index, cell(list, 1)));
	Row row = {.project = p - 1, .pair.reviewer = r - 1};

	(void)error;
	if (p != 0 && r != 0)
		g_array_append_val(reader->conflicts, row);
	return TRUE;
}

static gboolean
load_row(Reader *reader, const List *list, GError **error)
{
	guint32 r = ids_add(&reader->reviewers, cell(list, 0), list->row.length[list->place[0]]);
	gint64 min, max;

	reach(reader->min_load, r);
	reach(reader->max_load, r);
	if (g_array_index(reader->max_load, gint64, r) != UNSET)
		return list_error(list, "reviewer", "a line above has the loads of this reviewer already", error);
	if (!count_cell(list, 1, &min, error) || !count_cell(list, 2, &max, error))
		return FALSE;
	if (min > max)
		return list_error(list, "min", "it is above max", error);
	g_array_index(reader->min_load, gint64, r) = min;
	g_array_index(reader->max_load, gint64, r) = max;
	return TRUE;
}

static void
put(GPtrArray *list, guint32 number, const char *text)
{
	if (list->len <= number)
		g_ptr_array_set_size(list, (gint)number + 1);
	g_ptr_array_index(list, number) = (gpointer)text;
}

/* NULL for an empty cell. */
static const char *
keep(Ids *ids, const char *text)
{
	return *text != '\0' ? g_string_chunk_insert_const(ids->text, text) : NULL;
}

static gboolean
demand_row(Reader *reader, const List *list, GError **error)
{
	guint32 p = ids_add(&reader->projects, cell(list, 0), list->row.length[list->place[0]]);

	reach(reader->demand, p);
	if (g_array_index(reader->demand, gint64, p) != UNSET)
		return list_error(list, "project", "a line above has the demand of this project already", error);
	put(reader->project_class, p, keep(&reader->projects, cell(list, 2)));
	put(reader->team, p, keep(&reader->projects, cell(list, 3)));
	return count_cell(list, 1, &g_array_index(reader->demand, gint64, p), error);
}

static gboolean
attribute_row(Reader *reader, const List *list, GError **error)
{
	guint32 r = ids_add(&reader->reviewers, cell(list, 0), list->row.length[list->place[0]]), n = reader->columns->len;

	if (reader->described->len <= r) {
		guint old = reader->described->len;

		g_byte_array_set_size(reader->described, r + 1);
		memset(reader->described->data + old, 0, r + 1 - old);
	}
	if (reader->described->data[r])
		return list_error(list, "reviewer", "a line above has the attributes of this reviewer already", error);
	reader->described->data[r] = 1;
	for (guint32 i = 0; i < n; i++)
		put(reader->values, r * n + i, keep(&reader->reviewers, cell(list, i + 1)));
	return TRUE;
}

/* --- options ---------------------------------------------------------------------------------------------------- */

static gboolean
count_option(const char *text, const char *name, gint64 *out, GError **error)
{
	if (text == NULL || count_parse(text, out))
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--%s: give a whole number from 0 to 2147483647", name);
	return FALSE;
}

static gboolean
want_column(Reader *reader, const char *attribute, const char *rule, GError **error)
{
	if (reader->options->attributes == NULL) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_USAGE, "the policy has a rule on %s, [%s]: give --attributes FILE with such a column", attribute, rule);
		return FALSE;
	}
	for (guint i = 0; i < reader->columns->len; i++)
		if (g_str_equal(g_ptr_array_index(reader->columns, i), attribute))
			return TRUE;
	if (reader->columns->len + 2 >= MAX_COLUMNS) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the policy's rules speak of too many attributes");
		return FALSE;
	}
	g_ptr_array_add(reader->columns, g_strdup(attribute));
	return TRUE;
}

/* The attributes of the rules a file asks for itself; what `standard` adds below it does not count here (CONTRACT: none unless asked for). */
static gboolean
want_columns(Reader *reader, const VeilPolicy *policy, GError **error)
{
	for (guint i = 0; i < policy->n_panel; i++)
		if (policy->panel[i].given && !want_column(reader, policy->panel[i].attribute, policy->panel[i].name, error))
			return FALSE;
	for (guint i = 0; i < policy->n_share; i++)
		if (!want_column(reader, policy->share[i].attribute, policy->share[i].name, error))
			return FALSE;
	return TRUE;
}

static gboolean
check_method(const VeilMatchOptions *options, const VeilPolicy *policy, VeilPublished *x, GError **error)
{
	static const char *const names[] = {"total", "fair", "draw"};
	const char *method = options->method ? options->method : policy && policy->method_given ? names[policy->method] : "total";
	guint known = 0;

	while (known < G_N_ELEMENTS(names) && strcmp(method, names[known]) != 0)
		known++;
	if (known == G_N_ELEMENTS(names)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--method is total, fair or draw");
		return FALSE;
	}
	x->method = (VeilMethod)known;
	x->equity = policy != NULL && policy->equity && x->method == VEIL_METHOD_FAIR;
	return veil_published_draw_options(x, options, policy, error);
}

static gboolean
read_options(Reader *reader, VeilPublished *x, GError **error)
{
	const VeilMatchOptions *options = reader->options;
	VeilPolicy *policy = NULL;

	reader->default_demand = reader->default_max = UNSET;
	if (options->policy != NULL) {
		policy = reader->policy = veil_policy_load(options->policy, error);
		if (policy == NULL || !want_columns(reader, policy, error))
			return FALSE;
		reader->default_demand = policy->demand;
		reader->default_min = policy->min_load;
		reader->default_max = policy->max_load;
	}
	if (options->missing_score != NULL && !veil_micro_parse(options->missing_score, strlen(options->missing_score), &x->missing)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--missing-score: give a number from -1000000 to 1000000");
		return FALSE;
	}
	x->has_missing = options->missing_score != NULL;
	if (options->seed != NULL && !veil_hex_decode(options->seed, x->seed, sizeof x->seed)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--seed: give 64 hex digits");
		return FALSE;
	}
	x->has_seed = options->seed != NULL;
	if (!check_method(options, policy, x, error) || !count_option(options->demand, "demand", &reader->default_demand, error) ||
	    !count_option(options->min_load, "min-load", &reader->default_min, error) ||
	    !count_option(options->max_load, "max-load", &reader->default_max, error))
		return FALSE;
	if (options->min_load != NULL && reader->default_max != UNSET && reader->default_min > reader->default_max) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--min-load: it is above the maximum load");
		return FALSE;
	}
	return TRUE;
}

static gboolean
read_lists(Reader *reader, GError **error)
{
	static const char *const scores[] = {"project", "reviewer", "score", NULL}, *const conflicts[] = {"project", "reviewer", NULL},
				 *const loads[] = {"reviewer", "min", "max", NULL}, *const demands[] = {"project", "k", "?class", "?team", NULL};
	const char *attributes[MAX_COLUMNS] = {"reviewer"};
	const VeilMatchOptions *o = reader->options;

	for (guint i = 0; i < reader->columns->len; i++)
		attributes[i + 1] = g_ptr_array_index(reader->columns, i);
	return each_row(reader, o->scores, scores, 2, score_row, error) && (!o->loads || each_row(reader, o->loads, loads, 1, load_row, error)) &&
	       (!o->demands || each_row(reader, o->demands, demands, 1, demand_row, error)) &&
	       (!o->attributes || each_row(reader, o->attributes, attributes, 1, attribute_row, error)) &&
	       (!o->conflicts || each_row(reader, o->conflicts, conflicts, 2, conflict_row, error));
}

VeilPublished *
veil_published_read(const VeilMatchOptions *options, GError **error)
{
	g_autoptr(VeilPublished) x = g_new0(VeilPublished, 1);
	Reader reader = {.options = options};
	gboolean ok;

	ids_init(&reader.projects);
	ids_init(&reader.reviewers);
	reader.rows = g_array_new(FALSE, FALSE, sizeof(Row));
	reader.conflicts = g_array_new(FALSE, FALSE, sizeof(Row));
	reader.demand = g_array_new(FALSE, FALSE, sizeof(gint64));
	reader.min_load = g_array_new(FALSE, FALSE, sizeof(gint64));
	reader.max_load = g_array_new(FALSE, FALSE, sizeof(gint64));
	reader.project_class = g_ptr_array_new();
	reader.team = g_ptr_array_new();
	reader.columns = g_ptr_array_new_with_free_func(g_free);
	reader.values = g_ptr_array_new();
	reader.described = g_byte_array_new();
	ok = read_options(&reader, x, error) && read_lists(&reader, error) && veil_published_build(x, &reader, error);
	ids_clear(&reader.projects);
	ids_clear(&reader.reviewers);
	g_array_unref(reader.rows);
	g_array_unref(reader.conflicts);
	g_array_unref(reader.demand);
	g_array_unref(reader.min_load);
	g_array_unref(reader.max_load);
	g_ptr_array_unref(reader.project_class);
	g_ptr_array_unref(reader.team);
	g_ptr_array_unref(reader.columns);
	g_ptr_array_unref(reader.values);
	g_byte_array_unref(reader.described);
	veil_policy_free(reader.policy);
	return ok ? g_steal_pointer(&x) : NULL;
}
