/* match-read.c - the lists of a published instance.
 *
 * Whoever stands in scores, loads or attributes is a reviewer, whatever stands in scores or demands a project; conflicts with others say
 * nothing. Ids are bytes as typed. One bad row rejects the whole: an instance is evidence, not a delivery. Messages name file, line and
 * column, never an id: in a published instance ids may be names.
 */
#include <string.h>

#include "match.h"

enum { UNSET = -1 };

typedef struct {
	GHashTable *index; /* id -> number + 1 */
	GPtrArray *ids;
	GStringChunk *text;
	char *last; /* rows of one project mostly stand together */
	guint32 last_number;
} Ids;

typedef struct {
	guint32 reviewer;
	guint32 line; /* of its list; G_MAXUINT32 beyond */
	gint64 score;
} Pair;

typedef struct {
	guint32 project;
	Pair pair;
} Row;

typedef struct {
	const VeilMatchOptions *options;
	Ids projects, reviewers;
	GArray *rows, *conflicts;	      /* Row */
	GArray *demand, *min_load, *max_load; /* gint64 by number, UNSET where no row said so */
	GArray *group;			      /* guint32 by reviewer */
	GHashTable *values;		      /* attribute value -> group */
	char *attribute;		      /* of the panel rule, NULL: none */
	gint64 default_demand, default_min, default_max;
} Reader;

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
	int place[3];
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
	return list->row.field[list->place[i]];
}

static gboolean
find_columns(List *list, const char *const *columns, GError **error)
{
	guint n = veil_table_n_columns(list->table);

	list->columns = columns;
	for (guint i = 0; i < G_N_ELEMENTS(list->place) && columns[i] != NULL; i++) {
		list->place[i] = -1;
		for (guint k = 0; k < n && list->place[i] < 0; k++) {
			g_autofree char *name = g_strstrip(g_strdup(veil_table_column(list->table, k)));

			if (g_ascii_strcasecmp(name, columns[i]) == 0)
				list->place[i] = (int)k;
		}
		if (list->place[i] < 0) {
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

static gboolean
demand_row(Reader *reader, const List *list, GError **error)
{
	guint32 p = ids_add(&reader->projects, cell(list, 0), list->row.length[list->place[0]]);

	reach(reader->demand, p);
	if (g_array_index(reader->demand, gint64, p) != UNSET)
		return list_error(list, "project", "a line above has the demand of this project already", error);
	return count_cell(list, 1, &g_array_index(reader->demand, gint64, p), error);
}

static gboolean
attribute_row(Reader *reader, const List *list, GError **error)
{
	guint32 r = ids_add(&reader->reviewers, cell(list, 0), list->row.length[list->place[0]]), group = 0;
	const char *value = reader->attribute != NULL ? cell(list, 1) : "";

	while (reader->group->len <= r) {
		static const guint32 unset = G_MAXUINT32;

		g_array_append_val(reader->group, unset);
	}
	if (g_array_index(reader->group, guint32, r) != G_MAXUINT32)
		return list_error(list, "reviewer", "a line above has the attributes of this reviewer already", error);
	if (*value != '\0') { /* a missing attribute never equals another */
		group = GPOINTER_TO_UINT(g_hash_table_lookup(reader->values, value));
		if (group == 0) {
			group = g_hash_table_size(reader->values) + 1;
			g_hash_table_insert(reader->values, g_strdup(value), GUINT_TO_POINTER(group));
		}
	}
	g_array_index(reader->group, guint32, r) = group;
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

/* The panel rules a file asks for itself; what `standard` adds below it does not count here (CONTRACT: none unless asked for). */
static gboolean
read_panels(Reader *reader, const VeilPolicy *policy, GError **error)
{
	for (guint i = 0; i < policy->n_panel; i++) {
		const VeilPanelRule *rule = &policy->panel[i];

		if (!rule->given)
			continue;
		if (rule->max != 1 || rule->min >= 0 || rule->min_share_micro >= 0 || rule->max_share_micro >= 0 || rule->odd ||
		    *rule->value != '\0' || reader->attribute != NULL) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
				    "policy: [panel.%s] is a panel rule that match does not know yet; it knows one rule, max=1 of any value of one attribute",
				    rule->name);
			return FALSE;
		}
		reader->attribute = g_strdup(rule->attribute);
	}
	if (reader->attribute != NULL && reader->options->attributes == NULL) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_USAGE, "the policy has a panel rule on %s: give --attributes FILE with such a column",
			    reader->attribute);
		return FALSE;
	}
	return TRUE;
}

static gboolean
check_method(const VeilMatchOptions *options, const VeilPolicy *policy, GError **error)
{
	static const char *const names[] = {"total", "fair", "draw"};
	const char *method = options->method ? options->method : policy && policy->method_given ? names[policy->method] : "total";

	if (strcmp(method, "fair") == 0 || strcmp(method, "draw") == 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "method %s is not there yet in this version; use --method total", method);
		return FALSE;
	}
	if (strcmp(method, "total") != 0) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--method is total, fair or draw");
		return FALSE;
	}
	if (options->odds != NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--odds belongs to --method draw, which is not there yet");
		return FALSE;
	}
	return TRUE;
}

static gboolean
read_options(Reader *reader, VeilPublished *x, GError **error)
{
	const VeilMatchOptions *options = reader->options;
	g_autoptr(VeilPolicy) policy = NULL;

	reader->default_demand = reader->default_max = UNSET;
	if (options->policy != NULL) {
		policy = veil_policy_load(options->policy, error);
		if (policy == NULL || !read_panels(reader, policy, error))
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
	if (!check_method(options, policy, error) || !count_option(options->demand, "demand", &reader->default_demand, error) ||
	    !count_option(options->min_load, "min-load", &reader->default_min, error) ||
	    !count_option(options->max_load, "max-load", &reader->default_max, error))
		return FALSE;
	if (options->min_load != NULL && reader->default_max != UNSET && reader->default_min > reader->default_max) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--min-load: it is above the maximum load");
		return FALSE;
	}
	return TRUE;
}

/* --- all together ------------------------------------------------------------------------------------------------ */

static int
compare_ids(gconstpointer a, gconstpointer b, gpointer data)
{
	char *const *ids = data;

	return strcmp(ids[*(const guint32 *)a], ids[*(const guint32 *)b]);
}

/* ids in the order of their bytes; *out_rank says where each number went. */
static char **
sorted_ids(const Ids *ids, guint32 **out_rank)
{
	guint32 n = ids->ids->len;
	g_autofree guint32 *order = g_new(guint32, (gsize)n + 1);
	char **sorted = g_new0(char *, (gsize)n + 1);

	*out_rank = g_new(guint32, (gsize)n + 1);
	for (guint32 i = 0; i < n; i++)
		order[i] = i;
	g_qsort_with_data(order, (gint)n, sizeof *order, compare_ids, ids->ids->pdata);
	for (guint32 i = 0; i < n; i++) {
		sorted[i] = g_strdup(g_ptr_array_index(ids->ids, order[i]));
		(*out_rank)[order[i]] = i;
	}
	return sorted;
}

static int
compare_pairs(const void *a, const void *b)
{
	const Pair *x = a, *y = b;

	if (x->reviewer != y->reviewer)
		return x->reviewer < y->reviewer ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* Rows by project, each sorted by reviewer. */
static Pair *
by_project(const GArray *rows, guint32 n_projects, const guint32 *project_rank, const guint32 *reviewer_rank, guint64 *offset)
{
	Pair *pair = g_new(Pair, (gsize)rows->len + 1);
	g_autofree guint64 *at = NULL;

	for (guint i = 0; i < rows->len; i++)
		offset[project_rank[g_array_index(rows, Row, i).project] + 1]++;
	for (guint32 p = 0; p < n_projects; p++)
		offset[p + 1] += offset[p];
	at = g_memdup2(offset, sizeof *at * ((gsize)n_projects + 1));
	for (guint i = 0; i < rows->len; i++) {
		const Row *row = &g_array_index(rows, Row, i);
		Pair *to = &pair[at[project_rank[row->project]]++];

		*to = row->pair;
		to->reviewer = reviewer_rank[row->pair.reviewer];
	}
	for (guint32 p = 0; p < n_projects; p++)
		qsort(pair + offset[p], offset[p + 1] - offset[p], sizeof *pair, compare_pairs);
	return pair;
}

static void
build_conflicts(VeilPublished *x, const Reader *reader, const guint32 *project_rank, const guint32 *reviewer_rank)
{
	g_autofree guint64 *offset = g_new0(guint64, (gsize)x->n_projects + 1);
	g_autofree Pair *all = by_project(reader->conflicts, x->n_projects, project_rank, reviewer_rank, offset);
	guint64 n = 0;

	x->conflict_offset = g_new0(guint64, (gsize)x->n_projects + 1);
	x->conflict = g_new(guint32, (gsize)reader->conflicts->len + 1);
	for (guint32 p = 0; p < x->n_projects; p++) {
		for (guint64 i = offset[p]; i < offset[p + 1]; i++)
			if (i == offset[p] || all[i].reviewer != all[i - 1].reviewer)
				x->conflict[n++] = all[i].reviewer;
		x->conflict_offset[p + 1] = n;
	}
}

/* Listed pairs without repeats and without conflicts. */
static gboolean
build_pairs(VeilPublished *x, const Reader *reader, const guint32 *project_rank, const guint32 *reviewer_rank, GError **error)
{
	g_autofree Pair *pairs = NULL;
	guint64 n = 0, from = 0;

	x->offset = g_new0(guint64, (gsize)x->n_projects + 1);
	x->listed = g_new(guint32, (gsize)reader->rows->len + 1);
	x->score = g_new(gint64, (gsize)reader->rows->len + 1);
	pairs = by_project(reader->rows, x->n_projects, project_rank, reviewer_rank, x->offset);
	for (guint32 p = 0; p < x->n_projects; p++) {
		guint64 end = x->offset[p + 1], c = x->conflict_offset[p];

		for (guint64 i = from; i < end; i++) {
			if (i > from && pairs[i].reviewer == pairs[i - 1].reviewer) {
				g_autofree char *name = g_path_get_basename(reader->options->scores);

				g_set_error(error, VEIL_ERROR, VEIL_ERROR_INPUT, "%s: lines %u and %u give the same pair a score", name,
					    pairs[i - 1].line, pairs[i].line);
				return FALSE;
			}
			while (c < x->conflict_offset[p + 1] && x->conflict[c] < pairs[i].reviewer)
				c++;
			if (c < x->conflict_offset[p + 1] && x->conflict[c] == pairs[i].reviewer)
				continue;
			x->listed[n] = pairs[i].reviewer;
			x->score[n++] = pairs[i].score;
		}
		from = end;
		x->offset[p + 1] = n;
	}
	x->n_pairs = x->has_missing ? (guint64)x->n_projects * x->n_reviewers - x->conflict_offset[x->n_projects] : n;
	return TRUE;
}

static gboolean
build_numbers(VeilPublished *x, Reader *reader, const guint32 *project_rank, const guint32 *reviewer_rank, GError **error)
{
	x->demand = g_new0(guint32, (gsize)x->n_projects + 1);
	x->min_load = g_new0(guint32, (gsize)x->n_reviewers + 1);
	x->max_load = g_new0(guint32, (gsize)x->n_reviewers + 1);
	x->group = reader->attribute != NULL ? g_new0(guint32, (gsize)x->n_reviewers + 1) : NULL;
	for (guint32 i = 0; i < x->n_projects; i++) {
		gint64 demand = i < reader->demand->len ? g_array_index(reader->demand, gint64, i) : UNSET;

		demand = demand == UNSET ? reader->default_demand : demand;
		if (demand == UNSET) {
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "a project has no demand; give --demand K, or all projects in --demands FILE");
			return FALSE;
		}
		x->demand[project_rank[i]] = (guint32)demand;
	}
	for (guint32 i = 0; i < x->n_reviewers; i++) {
		gint64 max = i < reader->max_load->len ? g_array_index(reader->max_load, gint64, i) : UNSET;
		gint64 min = max == UNSET ? reader->default_min : g_array_index(reader->min_load, gint64, i);
		guint32 group = i < reader->group->len ? g_array_index(reader->group, guint32, i) : 0, to = reviewer_rank[i];

		max = max == UNSET ? reader->default_max : max;
		if (max == UNSET) {
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "a reviewer has no maximum load; give --max-load U, or all reviewers in --loads FILE");
			return FALSE;
		}
		x->max_load[to] = (guint32)max;
		x->min_load[to] = (guint32)MIN(min, max);
		if (x->group != NULL)
			x->group[to] = group == G_MAXUINT32 ? 0 : group;
	}
	return TRUE;
}

static gboolean
read_lists(Reader *reader, GError **error)
{
	static const char *const scores[] = {"project", "reviewer", "score", NULL}, *const conflicts[] = {"project", "reviewer", NULL},
				 *const loads[] = {"reviewer", "min", "max", NULL}, *const demands[] = {"project", "k", NULL};
	const char *const attributes[] = {"reviewer", reader->attribute, NULL};
	const VeilMatchOptions *o = reader->options;

	return each_row(reader, o->scores, scores, 2, score_row, error) && (!o->loads || each_row(reader, o->loads, loads, 1, load_row, error)) &&
	       (!o->demands || each_row(reader, o->demands, demands, 1, demand_row, error)) &&
	       (!o->attributes || each_row(reader, o->attributes, attributes, 1, attribute_row, error)) &&
	       (!o->conflicts || each_row(reader, o->conflicts, conflicts, 2, conflict_row, error));
}

static gboolean
read_all(Reader *reader, VeilPublished *x, GError **error)
{
	g_autofree guint32 *project_rank = NULL, *reviewer_rank = NULL;

	if (!read_options(reader, x, error) || !read_lists(reader, error))
		return FALSE;
	x->n_projects = reader->projects.ids->len;
	x->n_reviewers = reader->reviewers.ids->len;
	x->project = sorted_ids(&reader->projects, &project_rank);
	x->reviewer = sorted_ids(&reader->reviewers, &reviewer_rank);
	build_conflicts(x, reader, project_rank, reviewer_rank);
	return build_numbers(x, reader, project_rank, reviewer_rank, error) && build_pairs(x, reader, project_rank, reviewer_rank, error);
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
	reader.group = g_array_new(FALSE, FALSE, sizeof(guint32));
	reader.values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	ok = read_all(&reader, x, error);
	ids_clear(&reader.projects);
	ids_clear(&reader.reviewers);
	g_array_unref(reader.rows);
	g_array_unref(reader.conflicts);
	g_array_unref(reader.demand);
	g_array_unref(reader.min_load);
	g_array_unref(reader.max_load);
	g_array_unref(reader.group);
	g_hash_table_unref(reader.values);
	g_free(reader.attribute);
	return ok ? g_steal_pointer(&x) : NULL;
}

void
veil_published_free(VeilPublished *x)
{
	if (x == NULL)
		return;
	g_strfreev(x->project);
	g_strfreev(x->reviewer);
	g_free(x->demand);
	g_free(x->min_load);
	g_free(x->max_load);
	g_free(x->group);
	g_free(x->offset);
	g_free(x->listed);
	g_free(x->score);
	g_free(x->conflict_offset);
	g_free(x->conflict);
	g_free(x);
}
