/* freeze-teams.c - which projects of a batch share one panel (K03).
 *
 * Either the list of projects says so, or projects of the very same disciplines are put together, in code order, in as many teams of nearly equal size as the
 * bound on their size asks for. The drawer learns which projects belong together, by a token of this batch, and not why.
 */
#include <string.h>

#include <veil/hash.h>

#include "freeze/freeze-teams.h"

/* What projects of one team have in common, 16 bytes; FALSE: the project stands by itself. */
static gboolean
common_id(const VeilFreezeInput *input, guint32 fact, VeilId *out)
{
	const VeilProject *project = veil_facts_at(input->facts->projects, VeilProject, fact);
	const guint64 *offset = (const guint64 *)(gpointer)input->features->project_disc_offset->data;
	g_autoptr(GArray) nodes = g_array_new(FALSE, FALSE, sizeof(guint32));
	guint8 digest[32];

	if (input->policy->team_by == VEIL_TEAM_COLUMN) {
		*out = project->team;
		return project->has_team;
	}
	for (guint64 i = offset[fact]; i < offset[fact + 1]; i++)
		g_array_append_val(nodes, veil_facts_at(input->features->project_disc, VeilDisciplineWeight, i)->node);
	if (nodes->len == 0)
		return FALSE;
	/* Nodes are numbered by scheme and code and lie in that order: the same disciplines are the same bytes. */
	veil_sha256(nodes->data, (gsize)nodes->len * sizeof(guint32), digest);
	memcpy(out->b, digest, sizeof out->b);
	return TRUE;
}

typedef struct {
	VeilId common;
	guint32 project; /* in code order */
} Member;

static int
compare_members(const void *a, const void *b)
{
	const Member *x = a, *y = b;
	int by = memcmp(x->common.b, y->common.b, sizeof x->common.b);

	return by != 0 ? by : (x->project > y->project) - (x->project < y->project);
}

static guint
most_projects(const VeilPolicy *policy)
{
	return (guint)(policy->team_size > 0 ? policy->team_size : policy->max_load);
}

/* A token of its own for each part of a class of projects. */
static const char *
team_token(const VeilFreezeInput *input, VeilBatch *batch, const VeilId *common, guint part)
{
	g_autofree char *label = g_strdup_printf("team %u", part);
	char text[24];

	g_snprintf(text, sizeof text, "%016" G_GINT64_MODIFIER "x", veil_batch_number(input->key, label, common));
	return g_string_chunk_insert_const(batch->strings, text);
}

/* Members [first, first + n) into parts of nearly equal size. */
static void
divide(const VeilFreezeInput *input, VeilBatch *batch, const Member *first, guint n, guint32 *team, guint32 *n_teams)
{
	guint parts = (n + most_projects(input->policy) - 1) / most_projects(input->policy);

	for (guint part = 0; part < parts; part++) {
		guint from = (guint)((guint64)n * part / parts), to = (guint)((guint64)n * (part + 1) / parts);

		if (to - from < 2)
			continue;
		++*n_teams;
		for (guint i = from; i < to; i++) {
			batch->projects[first[i].project].team = team_token(input, batch, &first->common, part);
			team[first[i].project] = *n_teams;
		}
	}
}

gboolean
veil_freeze_teams(const VeilFreezeInput *input, const VeilPlaces *places, VeilBatch *batch, guint32 **out_team, GError **error)
{
	g_autofree Member *members = g_new(Member, places->n_projects + 1);
	g_autofree guint32 *team = g_new0(guint32, places->n_projects + 1);
	guint32 n = 0, n_teams = 0;

	*out_team = NULL;
	if (input->policy->team_by == VEIL_TEAM_NONE)
		return TRUE;
	for (guint32 p = 0; p < places->n_projects; p++) {
		members[n].project = p;
		n += common_id(input, places->project_fact[p], &members[n].common);
	}
	qsort(members, n, sizeof *members, compare_members);
	for (guint32 i = 0, end; i < n; i = end) {
		for (end = i; end < n && veil_id_equal(&members[i].common, &members[end].common); end++)
			;
		if (input->policy->team_by == VEIL_TEAM_COLUMN && end - i > most_projects(input->policy)) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "a team has %u projects and one panel may review %u at most", end - i,
				    most_projects(input->policy));
			return FALSE;
		}
		divide(input, batch, members + i, end - i, team, &n_teams);
	}
	if (n_teams > 0)
		*out_team = g_steal_pointer(&team);
	return TRUE;
}
