/* cycles.c - who of those that ask for money judges whom of them.
 *
 * People who stand behind projects and review in the same batch are the nodes; an arc runs from e to f for a panel seat of e on a project f stands behind. A favour
 * returned is a cycle of two, a ring of friends one of three or four. Reviewers have few seats, so cycles are counted by walking: from each
 * node over larger ones only, so that every cycle is met once.
 */
#include <stdio.h>
#include <string.h>

#include "draw/cycles.h"

enum { LONGEST = 4 };

typedef struct {
	guint32 n;			 /* seekers */
	guint32 *reviewer;		 /* seeker -> reviewer index */
	guint32 *seeker;		 /* reviewer index -> seeker or VEIL_NONE */
	guint32 *behind_start, *behind;	 /* project -> seekers behind it */
	guint32 *arc_start, *arc;	 /* seeker -> seekers whose projects he judges, ascending, each once */
	guint64 reviews;
} Graph;

static void
graph_clear(Graph *g)
{
	g_free(g->reviewer);
	g_free(g->seeker);
	g_free(g->behind_start);
	g_free(g->behind);
	g_free(g->arc_start);
	g_free(g->arc);
}

static void
find_seekers(Graph *g, const VeilBatch *batch, const VeilAudit *audit)
{
	const GArray *people = audit->facts->project_people;
	g_autofree guint32 *reviewer_of = g_new(guint32, MAX(audit->facts->persons->len, 1));

	g->seeker = g_new(guint32, MAX(batch->n_reviewers, 1));
	g->reviewer = g_new(guint32, MAX(batch->n_reviewers, 1));
	g->behind_start = g_new0(guint32, (gsize)batch->n_projects + 2);
	g->behind = g_new(guint32, MAX(people->len, 1));
	for (guint32 r = 0; r < batch->n_reviewers; r++)
		g->seeker[r] = VEIL_NONE;
	for (guint32 i = 0; i < audit->facts->persons->len; i++) {
		int r = *audit->persons[i].reviewer ? veil_batch_find_reviewer(batch, audit->persons[i].reviewer) : -1;

		reviewer_of[i] = r < 0 ? VEIL_NONE : (guint32)r;
	}
	/* Rows lie by project, and projects of both files in the order of the same codes. */
	for (guint i = 0, n = 0; i < people->len; i++) {
		const VeilProjectPerson *row = veil_facts_at(people, VeilProjectPerson, i);
		guint32 r = reviewer_of[row->person];

		if (r == VEIL_NONE)
			continue;
		if (g->seeker[r] == VEIL_NONE) {
			g->reviewer[g->n] = r;
			g->seeker[r] = g->n++;
		}
		g->behind[n++] = g->seeker[r];
		g->behind_start[row->project + 1] = n;
	}
	for (guint32 p = 0; p < batch->n_projects; p++)
		g->behind_start[p + 1] = MAX(g->behind_start[p + 1], g->behind_start[p]);
}

static int
compare_u64(const void *a, const void *b)
{
	guint64 x = *(const guint64 *)a, y = *(const guint64 *)b;

	return (x > y) - (x < y);
}

static gboolean
stands_behind(const Graph *g, guint32 project, guint32 seeker)
{
	for (guint32 i = g->behind_start[project]; i < g->behind_start[project + 1]; i++)
		if (g->behind[i] == seeker)
			return TRUE;
	return FALSE;
}

/* Arcs of one reviewer and project. */
static void
add_arcs(const Graph *g, guint32 project, guint32 reviewer, GArray *arcs)
{
	guint32 seeker = g->seeker[reviewer];

	if (seeker == VEIL_NONE || stands_behind(g, project, seeker))
		return;
	for (guint32 i = g->behind_start[project]; i < g->behind_start[project + 1]; i++) {
		guint64 arc = (guint64)seeker << 32 | g->behind[i];

		g_array_append_val(arcs, arc);
	}
}

static guint32
sort_and_merge(GArray *arcs)
{
	guint64 *arc = (guint64 *)(gpointer)arcs->data;
	guint32 n = 0;

	if (arcs->len > 0)
		qsort(arc, arcs->len, sizeof *arc, compare_u64);
	for (guint i = 0; i < arcs->len; i++)
		if (n == 0 || arc[i] != arc[n - 1])
			arc[n++] = arc[i];
	g_array_set_size(arcs, n);
	return n;
}

static void
find_arcs(Graph *g, const VeilBatch *batch)
{
	g_autoptr(GArray) arcs = g_array_new(FALSE, FALSE, sizeof(guint64));
	guint32 n;

	for (guint64 i = 0; i < batch->n_places; i++) {
		const VeilBatchPlace *place = &batch->places[i];
		guint before = arcs->len;

		if (place->seat != VEIL_SEAT_SITTING)
			continue;
		add_arcs(g, place->project, place->reviewer, arcs);
		g->reviews += arcs->len > before;
	}
	n = sort_and_merge(arcs);
	g->arc_start = g_new0(guint32, (gsize)g->n + 1);
	g->arc = g_new(guint32, MAX(n, 1));
	for (guint32 i = 0; i < n; i++) {
		guint64 arc = g_array_index(arcs, guint64, i);

		g->arc[i] = (guint32)arc;
		g->arc_start[(arc >> 32) + 1]++;
	}
	for (guint32 s = 0; s < g->n; s++)
		g->arc_start[s + 1] += g->arc_start[s];
}

/* Pairs of seekers each of whom is on a list of the other's projects. */
static guint64
count_possible(const Graph *g, const VeilBatch *batch)
{
	g_autoptr(GArray) arcs = g_array_new(FALSE, FALSE, sizeof(guint64));
	g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(guint64));
	guint64 both = 0;

	for (guint32 p = 0; p < batch->n_projects; p++)
		for (guint64 k = batch->offset[p]; k < batch->offset[p + 1]; k++)
			add_arcs(g, p, batch->reviewer[k], arcs);
	sort_and_merge(arcs);
	/* Each pair under its lesser seeker, with one bit for the direction: two different directions are neighbours. */
	for (guint i = 0; i < arcs->len; i++) {
		guint64 arc = g_array_index(arcs, guint64, i), from = arc >> 32, to = (guint32)arc, least = MIN(from, to), most = MAX(from, to);
		guint64 key = least << 32 | most << 1 | (from > to);

		g_array_append_val(pairs, key);
	}
	sort_and_merge(pairs);
	for (guint i = 1; i < pairs->len; i++)
		both += g_array_index(pairs, guint64, i) >> 1 == g_array_index(pairs, guint64, i - 1) >> 1;
	return both;
}

/* Paths from first over larger nodes; every return to first is a cycle. */
static void
walk(const Graph *g, guint32 first, guint32 *path, guint length, guint64 *cycles)
{
	for (guint32 i = g->arc_start[path[length - 1]]; i < g->arc_start[path[length - 1] + 1]; i++) {
		guint32 next = g->arc[i];
		gboolean seen = FALSE;

		if (next == first && length >= 2)
			cycles[length - 2]++;
		for (guint k = 0; k < length; k++)
			seen |= path[k] == next;
		if (next <= first || seen || length == LONGEST)
			continue;
		path[length] = next;
		walk(g, first, path, length + 1, cycles);
	}
}

static gboolean
check_freeze(const VeilBatch *batch, const VeilAudit *audit, GError **error)
{
	if (g_strcmp0(veil_batch_get(batch, "freeze_id"), veil_audit_get(audit, "freeze_id")) == 0 &&
	    batch->n_projects == audit->facts->projects->len)
		return TRUE;
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "batch file and audit file are of different freezes");
	return FALSE;
}

static void
find_odds(const Graph *g, const VeilBatch *batch, const VeilPolicy *policy, VeilCycles *out)
{
	for (guint32 d = 0; d < batch->n_draws; d++) {
		const VeilBatchDraw *draw = &batch->draws[d];

		if (draw->odds_offset == NULL)
			continue;
		out->has_odds = TRUE;
		for (guint64 k = 0; k < draw->odds_offset[batch->n_projects]; k++)
			if (g->seeker[draw->odds_reviewer[k]] != VEIL_NONE)
				out->highest = MAX(out->highest, draw->odds[k]);
	}
	out->cap = (guint32)(policy->odds_micro / (1000000 / VEIL_ODDS_WHOLE));
}

gboolean
veil_cycles_count(const VeilBatch *batch, const VeilAudit *audit, VeilCycles *out, GError **error)
{
	VeilCycles found = {0};
	guint32 path[LONGEST];
	Graph g = {0};

	if (!check_freeze(batch, audit, error))
		return FALSE;
	find_seekers(&g, batch, audit);
	find_arcs(&g, batch);
	found.seekers = g.n;
	found.reviews = g.reviews;
	found.possible = count_possible(&g, batch);
	for (guint32 s = 0; s < g.n; s++) {
		path[0] = s;
		walk(&g, s, path, 1, found.cycles);
	}
	find_odds(&g, batch, audit->policy, &found);
	graph_clear(&g);
	*out = found;
	return TRUE;
}

/* --- printing -------------------------------------------------------------------------------------------------------- */

/* The first project of f's that e sits on. */
static const char *
judged_project(const Graph *g, const VeilBatch *batch, guint32 e, guint32 f)
{
	for (guint64 i = 0; i < batch->n_places; i++)
		if (batch->places[i].seat == VEIL_SEAT_SITTING && batch->places[i].reviewer == g->reviewer[e] &&
		    stands_behind(g, batch->places[i].project, f) && !stands_behind(g, batch->places[i].project, e))
			return batch->projects[batch->places[i].project].code;
	return "";
}

static gboolean
has_arc(const Graph *g, guint32 from, guint32 to)
{
	for (guint32 i = g->arc_start[from]; i < g->arc_start[from + 1]; i++)
		if (g->arc[i] == to)
			return TRUE;
	return FALSE;
}

static gboolean
print_pairs(const VeilBatch *batch, const VeilAudit *audit, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"reviewer", "project", "other_reviewer", "other_project"};
	Graph g = {0};
	VeilRows rows;

	if (!check_freeze(batch, audit, error) || !veil_rows_begin(&rows, how, "pairs", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	find_seekers(&g, batch, audit);
	find_arcs(&g, batch);
	for (guint32 e = 0; e < g.n; e++)
		for (guint32 i = g.arc_start[e]; i < g.arc_start[e + 1]; i++) {
			guint32 f = g.arc[i];

			if (f > e && has_arc(&g, f, e))
				veil_rows_add(&rows, (const char *const[]){batch->reviewers[g.reviewer[e]].code, judged_project(&g, batch, e, f),
									   batch->reviewers[g.reviewer[f]].code, judged_project(&g, batch, f, e)});
		}
	graph_clear(&g);
	return veil_rows_end(&rows, error);
}

static void
print_json(const VeilCycles *c)
{
	static const char *const names[] = {"reciprocal_pairs", "cycles_of_three", "cycles_of_four"};
	JsonBuilder *json = json_builder_new();

	json_builder_begin_object(json);
	json_builder_set_member_name(json, "seekers");
	json_builder_add_int_value(json, c->seekers);
	json_builder_set_member_name(json, "possible_pairs");
	json_builder_add_int_value(json, (gint64)c->possible);
	json_builder_set_member_name(json, "reviews");
	json_builder_add_int_value(json, (gint64)c->reviews);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		json_builder_set_member_name(json, names[i]);
		json_builder_add_int_value(json, (gint64)c->cycles[i]);
	}
	json_builder_set_member_name(json, "odds_cap");
	json_builder_add_int_value(json, c->has_odds ? c->cap : VEIL_ODDS_WHOLE);
	json_builder_set_member_name(json, "highest_odds");
	if (c->has_odds)
		json_builder_add_int_value(json, c->highest);
	else
		json_builder_add_null_value(json);
	json_builder_end_object(json);
	veil_json_print(json);
}

static gboolean
print_figures(const VeilCycles *c, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"figure", "value"};
	VeilRows rows;
	char text[32];

	if (!veil_rows_begin(&rows, how, "cycles", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
#define FIGURE(name, format, value)                                                                                                                            \
	do {                                                                                                                                                   \
		g_snprintf(text, sizeof text, format, value);                                                                                                  \
		veil_rows_add(&rows, (const char *const[]){name, text});                                                                                       \
	} while (0)
	FIGURE("reviewers who stand behind projects", "%u", c->seekers);
	FIGURE("pairs of them who could review each other", "%" G_GUINT64_FORMAT, c->possible);
	FIGURE("their reviews of each other's projects", "%" G_GUINT64_FORMAT, c->reviews);
	FIGURE("reciprocal pairs", "%" G_GUINT64_FORMAT, c->cycles[0]);
	FIGURE("cycles of three", "%" G_GUINT64_FORMAT, c->cycles[1]);
	FIGURE("cycles of four", "%" G_GUINT64_FORMAT, c->cycles[2]);
	if (c->has_odds) {
		FIGURE("odds cap", "%.4f", (double)c->cap / VEIL_ODDS_WHOLE);
		FIGURE("highest odds of one of them", "%.4f", (double)c->highest / VEIL_ODDS_WHOLE);
	} else {
		veil_rows_add(&rows, (const char *const[]){"odds", "not drawn by odds"});
	}
	return veil_rows_end(&rows, error);
}

gboolean
veil_cycles_print(const VeilBatch *batch, const VeilAudit *audit, gboolean pairs, VeilPrint how, GError **error)
{
	VeilCycles found;

	if (pairs)
		return print_pairs(batch, audit, how, error);
	if (!veil_cycles_count(batch, audit, &found, error))
		return FALSE;
	if (how == VEIL_PRINT_JSON) {
		print_json(&found);
		return TRUE;
	}
	return print_figures(&found, how, error);
}
