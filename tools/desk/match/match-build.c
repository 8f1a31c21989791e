/* match-build.c - from the rows of published lists to a problem.
 *
 * Everything is put in the order of ids, so that the order of rows leaves no trace. A list may name a pair in any order and conflicts twice; a score once.
 */
#include <string.h>

#include "match/match-reader.h"

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
	return TRUE;
}

static gboolean
build_numbers(VeilPublished *x, const Reader *reader, const guint32 *project_rank, const guint32 *reviewer_rank, GError **error)
{
	x->demand = g_new0(guint32, (gsize)x->n_projects + 1);
	x->min_load = g_new0(guint32, (gsize)x->n_reviewers + 1);
	x->max_load = g_new0(guint32, (gsize)x->n_reviewers + 1);
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
		guint32 to = reviewer_rank[i];

		max = max == UNSET ? reader->default_max : max;
		if (max == UNSET) {
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "a reviewer has no maximum load; give --max-load U, or all reviewers in --loads FILE");
			return FALSE;
		}
		x->max_load[to] = (guint32)max;
		x->min_load[to] = (guint32)MIN(min, max);
	}
	return TRUE;
}

/* Class, team and attributes in the order of the ids; then the rules they make. */
static gboolean
build_rules(VeilPublished *x, const Reader *reader, const guint32 *project_rank, const guint32 *reviewer_rank, GError **error)
{
	guint32 n = reader->columns->len;
	g_autoptr(GPtrArray) values = g_ptr_array_new();
	g_autofree const char **class_name = g_new0(const char *, (gsize)x->n_projects + 1), **team_name = g_new0(const char *, (gsize)x->n_projects + 1);
	const VeilPublishedFacts facts = {reader->columns, values, class_name, team_name};

	g_ptr_array_set_size(values, (gint)(x->n_reviewers * n));
	for (guint32 i = 0; i < x->n_projects; i++) {
		class_name[project_rank[i]] = i < reader->project_class->len ? g_ptr_array_index(reader->project_class, i) : NULL;
		team_name[project_rank[i]] = i < reader->team->len ? g_ptr_array_index(reader->team, i) : NULL;
	}
	for (guint32 i = 0; i < reader->values->len; i++)
		values->pdata[reviewer_rank[i / n] * n + i % n] = g_ptr_array_index(reader->values, i);
	return veil_published_rules(x, reader->policy, &facts, error);
}

gboolean
veil_published_build(VeilPublished *x, const Reader *reader, GError **error)
{
	g_autofree guint32 *project_rank = NULL, *reviewer_rank = NULL;

	x->n_projects = reader->projects.ids->len;
	x->n_reviewers = reader->reviewers.ids->len;
	x->project = sorted_ids(&reader->projects, &project_rank);
	x->reviewer = sorted_ids(&reader->reviewers, &reviewer_rank);
	if (!build_numbers(x, reader, project_rank, reviewer_rank, error) || !build_rules(x, reader, project_rank, reviewer_rank, error))
		return FALSE;
	build_conflicts(x, reader, project_rank, reviewer_rank);
	if (!build_pairs(x, reader, project_rank, reviewer_rank, error))
		return FALSE;
	if (x->team != NULL)
		veil_published_close_teams(x);
	x->n_pairs = x->has_missing ? (guint64)x->n_projects * x->n_reviewers - x->conflict_offset[x->n_projects] : x->offset[x->n_projects];
	return TRUE;
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
	veil_published_draw_free(x->draw);
	veil_published_rules_free(x);
	g_free(x->offset);
	g_free(x->listed);
	g_free(x->score);
	g_free(x->conflict_offset);
	g_free(x->conflict);
	g_free(x);
}
