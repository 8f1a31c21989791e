/* freeze-lists.c - who is listed for each project: long enough for the bound, for the rules and for the draw.
 *
 * Lists are cut, and a cut list may cost quality without saying so. Here the freeze itself solves the batch: where the bound over all allowed pairs
 * does not close on the lists as they are, the projects concerned get lists twice as long, until it closes or the lists are whole. What is
 * written is therefore enough for the draw to prove its optimum over every allowed pair, without the draw ever seeing the others.
 * Where panel rules cut across each other a bound need not close on any list; there the lengthening ends with a budget of pairs, and the gap is what
 * the draw prints.
 */
#include <string.h>

#include <veil/odds.h>

#include "freeze/freeze-lists.h"
#include "freeze/freeze-wide.h"
#include "solve/instance.h"

/* With rules: no list is lengthened beyond so many pairs in all (160 MB of batch file). */
#define MOST_PAIRS G_GUINT64_CONSTANT(20000000)

/* Lists in the projects' own order (that of the facts), longer where `want` grew. */
typedef struct {
	const VeilFreezeInput *input;
	const VeilExclusions *exclusions;
	const VeilPlaces *places;
	VeilBatch *batch;
	VeilAffinity *affinity;
	VeilWide *wide;
	VeilPeers *peers; /* NULL: no rule counts pairs */
	guint32 *want;	/* by project of the facts; 0: as it is */
	guint32 *length; /* what was wanted last */
	guint64 *spin;
	VeilCandidates **piece; /* the call that holds the project's plain list */
	GPtrArray *calls;	/* VeilCandidates, owned */
	VeilWideList *own;	/* by project in code order: lists that are not plain */
} Lists;

/* The fewest to draw from, by method draw: the smallest set, and enough that the cap leaves room. */
static guint32
least_listed(const VeilPolicy *policy, guint32 demand)
{
	guint64 least = policy->smallest_set >= 0 ? (guint64)policy->smallest_set : veil_odds_smallest_set(demand);
	guint64 places = (guint64)demand + (guint64)policy->reserves;

	if (veil_policy_method(policy) != VEIL_METHOD_DRAW)
		return demand + (guint32)policy->reserves;
	return (guint32)MAX(least, 2 * (places * 1000000 / (guint64)policy->odds_micro));
}

static void
lists_init(Lists *lists)
{
	guint32 n = lists->places->n_projects;

	lists->want = g_new0(guint32, MAX(n, 1));
	lists->length = g_new0(guint32, MAX(n, 1));
	lists->spin = g_new(guint64, MAX(n, 1));
	lists->piece = g_new0(VeilCandidates *, MAX(n, 1));
	lists->own = g_new0(VeilWideList, MAX(n, 1));
	lists->calls = g_ptr_array_new_with_free_func((GDestroyNotify)veil_candidates_free);
	for (guint32 i = 0; i < n; i++) {
		guint32 p = lists->places->project_fact[i];

		lists->want[p] = MIN(MAX((guint32)lists->input->policy->candidates, least_listed(lists->input->policy, lists->batch->projects[i].demand)),
				     MAX(lists->places->n_reviewers, 1));
		lists->spin[p] = veil_batch_number(lists->input->key, "spin", &veil_facts_at(lists->input->facts->projects, VeilProject, p)->id);
	}
}

static void
lists_clear(Lists *lists)
{
	for (guint32 i = 0; i < lists->places->n_projects; i++)
		veil_wide_list_clear(&lists->own[i]);
	g_free(lists->own);
	veil_wide_free(lists->wide);
	veil_peers_free(lists->peers);
	veil_affinity_free(lists->affinity);
	g_free(lists->want);
	g_free(lists->length);
	g_free(lists->spin);
	g_free(lists->piece);
	g_ptr_array_unref(lists->calls);
}

/* A project's plain list, in memory of its own. */
static VeilWideList
plain_list(const Lists *lists, guint32 project)
{
	guint32 p = lists->places->project_fact[project];
	const VeilCandidates *piece = lists->piece[p];
	guint64 first = piece->offset[p], n = piece->offset[p + 1] - first;
	VeilWideList list = {g_new(guint32, n + 1), g_new(gint64, n + 1), (guint32)n, piece->cut[p]};

	for (guint64 k = 0; k < n; k++) {
		list.reviewer[k] = piece->reviewer[first + k];
		list.score[k] = piece->score[first + k];
	}
	return list;
}

/* Where one project of a team grew they all did, so the first of its mates speaks for them. */
static void
widen(Lists *lists)
{
	for (guint32 i = 0; i < lists->places->n_projects; i++) {
		guint32 n;
		const guint32 *mates;
		g_autofree VeilWideList *base = NULL, *made = NULL;

		if (!veil_wide_serves(lists->wide, i) || lists->want[lists->places->project_fact[i]] == 0)
			continue;
		mates = veil_wide_mates(lists->wide, i, &n);
		if (mates[0] != i)
			continue;
		base = g_new0(VeilWideList, n);
		made = g_new0(VeilWideList, n);
		for (guint32 m = 0; m < n; m++)
			base[m] = plain_list(lists, mates[m]);
		veil_wide_lists(lists->wide, mates, n, base, lists->want[lists->places->project_fact[i]], made);
		for (guint32 m = 0; m < n; m++) {
			veil_wide_list_clear(&base[m]);
			veil_wide_list_clear(&lists->own[mates[m]]);
			lists->own[mates[m]] = made[m];
		}
	}
}

static gboolean
lists_grow(Lists *lists, GError **error)
{
	VeilCandidates *call = veil_affinity_candidates(lists->affinity, lists->exclusions, lists->places->person_reviewer, lists->want, lists->spin,
							lists->input->n_threads, error);

	if (call == NULL)
		return FALSE;
	g_ptr_array_add(lists->calls, call);
	for (guint32 p = 0; p < lists->places->n_projects; p++)
		if (lists->want[p] > 0) {
			lists->piece[p] = call;
			lists->length[p] = lists->want[p];
		}
	if (lists->wide != NULL)
		widen(lists);
	return TRUE;
}

static guint32
list_length(const Lists *lists, guint32 project)
{
	guint32 p = lists->places->project_fact[project];

	return veil_wide_serves(lists->wide, project) ? lists->own[project].n
						      : (guint32)(lists->piece[p]->offset[p + 1] - lists->piece[p]->offset[p]);
}

/* Who of the listed a rule on pairs counts. */
static void
mark_lists(const Lists *lists)
{
	VeilBatch *batch = lists->batch;

	g_clear_pointer(&batch->mark, g_free);
	if (lists->peers == NULL)
		return;
	batch->mark = g_new0(guint8, batch->offset[batch->n_projects] + 1);
	for (guint32 p = 0; p < batch->n_projects; p++) {
		const guint8 *mark = veil_peers_of(lists->peers, p);

		for (guint64 k = batch->offset[p]; mark != NULL && k < batch->offset[p + 1]; k++)
			batch->mark[k] = mark[batch->reviewer[k]];
	}
}

/* Copies the lists into the batch, projects in code order. */
static void
place_lists(const Lists *lists)
{
	VeilBatch *batch = lists->batch;
	guint32 n = lists->places->n_projects;
	guint64 at = 0;

	g_free(batch->offset);
	g_free(batch->reviewer);
	g_free(batch->score);
	batch->offset = g_new0(guint64, n + 1);
	for (guint32 i = 0; i < n; i++)
		batch->offset[i + 1] = batch->offset[i] + list_length(lists, i);
	batch->reviewer = g_new(guint32, batch->offset[n] + 1);
	batch->score = g_new(gint64, batch->offset[n] + 1);
	for (guint32 i = 0; i < n; i++) {
		guint32 p = lists->places->project_fact[i], length = list_length(lists, i);
		const VeilCandidates *piece = lists->piece[p];

		if (veil_wide_serves(lists->wide, i)) {
			memcpy(batch->reviewer + at, lists->own[i].reviewer, sizeof(guint32) * length);
			memcpy(batch->score + at, lists->own[i].score, sizeof(gint64) * length);
			batch->projects[i].cut = lists->own[i].cut;
			at += length;
			continue;
		}
		batch->projects[i].cut = piece->cut[p];
		for (guint64 k = piece->offset[p]; k < piece->offset[p + 1]; k++, at++) {
			batch->reviewer[at] = piece->reviewer[k];
			batch->score[at] = piece->score[k];
		}
	}
	mark_lists(lists);
}

/* Doubles the lists of the projects whose bound is open, and of their mates; FALSE when none of them can grow. */
static gboolean
lengthen(Lists *lists, const guint32 *open, guint32 n_open, gboolean ruled)
{
	guint64 pairs = lists->batch->offset[lists->places->n_projects], more = 0;
	gboolean any = FALSE;

	memset(lists->want, 0, sizeof(guint32) * lists->places->n_projects);
	for (guint32 i = 0; i < n_open; i++) {
		const guint32 *mates = &open[i];
		guint32 n = 1;

		if (lists->batch->projects[open[i]].cut < 0)
			continue;
		if (lists->wide != NULL)
			mates = veil_wide_mates(lists->wide, open[i], &n);
		for (guint32 m = 0; m < n; m++) {
			guint32 p = lists->places->project_fact[mates[m]];

			if (lists->want[p] > 0)
				continue;
			lists->want[p] = (guint32)MIN(MAX((guint64)lists->length[p], 8) * 2, lists->places->n_reviewers);
			more += lists->want[p] - MIN(lists->want[p], lists->length[p]);
		}
		any = TRUE;
	}
	return any && (!ruled || pairs + more <= MOST_PAIRS);
}

static VeilOdds *
solve_odds(const VeilPolicy *policy, const VeilInstance *instance, gboolean lottery, gboolean with_reserves, GError **error)
{
	g_autofree guint32 *reserves = g_new(guint32, MAX(instance->n_projects, 1));
	VeilOddsOptions options = {
		.cap = (guint32)CLAMP(policy->odds_micro / (1000000 / VEIL_ODDS_WHOLE), 1, VEIL_ODDS_WHOLE),
		.band = policy->band_micro,
		.perturbation = (guint32)policy->perturbation_micro,
		.reserves = reserves,
		.no_lottery = !lottery,
	};

	for (guint32 p = 0; p < instance->n_projects; p++)
		reserves[p] = with_reserves ? (guint32)policy->reserves : 0;
	return veil_odds_solve(instance, &options, error);
}

/* Rules that cross, teams and shares need a lottery, which may not be found: then the freeze says so, and not the draw weeks later. That there are no odds at all is for check to say. */
static gboolean
lottery_exists(const Lists *lists, const VeilInstance *instance, GError **error)
{
	const VeilPolicy *policy = lists->input->policy;
	g_autoptr(GError) refused = NULL;
	g_autoptr(VeilOdds) odds = NULL;

	if (lists->input->progress)
		lists->input->progress("looking for a lottery of legal panels", lists->input->progress_data);
	odds = solve_odds(policy, instance, TRUE, TRUE, &refused);
	if (odds == NULL && policy->reserves > 0 && g_error_matches(refused, VEIL_ERROR, VEIL_ERROR_REFUSED)) {
		g_clear_error(&refused);
		odds = solve_odds(policy, instance, TRUE, FALSE, &refused);
	}
	if (odds == NULL)
		g_propagate_prefixed_error(error, g_steal_pointer(&refused), "[batch] method=draw: ");
	return odds != NULL;
}

/* Solves as the draw will. A lottery draws on the lists of the best total. *out_open: (transfer full). */
static gboolean
solve(const Lists *lists, const VeilInstance *instance, guint32 **out_open, guint32 *out_n_open, gboolean *out_lottery, GError **error)
{
	const VeilPolicy *policy = lists->input->policy;
	g_autoptr(VeilMatch) match = NULL;

	if (veil_policy_method(policy) == VEIL_METHOD_DRAW) {
		g_autoptr(GError) refused = NULL;
		g_autoptr(VeilOdds) odds = solve_odds(policy, instance, FALSE, TRUE, &refused);

		if (odds != NULL) {
			*out_open = g_steal_pointer(&odds->open);
			*out_n_open = odds->n_open;
			return TRUE;
		}
		if (!g_error_matches(refused, VEIL_ERROR, VEIL_ERROR_REFUSED)) {
			g_propagate_error(error, g_steal_pointer(&refused));
			return FALSE;
		}
		*out_lottery = TRUE;
	}
	match = veil_policy_method(policy) != VEIL_METHOD_FAIR ? veil_match_total(instance, NULL, error) :
		policy->equity				       ? veil_match_fair_even(instance, NULL, NULL, error) :
								 veil_match_fair(instance, NULL, error);
	if (match == NULL)
		return FALSE;
	*out_open = g_steal_pointer(&match->open);
	*out_n_open = match->n_open;
	return TRUE;
}

static gboolean
fill(Lists *lists, GError **error)
{
	for (;;) {
		g_autofree guint32 *open = NULL;
		guint32 n_open = 0;
		VeilBatchInstance instance;
		gboolean ruled, solved, longer, lottery = FALSE;

		if (!lists_grow(lists, error))
			return FALSE;
		place_lists(lists);
		if (lists->input->progress)
			lists->input->progress("solving, to see whether the lists are long enough", lists->input->progress_data);
		veil_batch_instance_init(&instance, lists->batch, lists->input->policy, NULL);
		ruled = instance.instance.n_bounds > 0 || instance.instance.n_shares > 0 || instance.instance.team != NULL;
		solved = solve(lists, &instance.instance, &open, &n_open, &lottery, error);
		longer = solved && lengthen(lists, open, n_open, ruled);
		if (solved && !longer && lottery)
			solved = lottery_exists(lists, &instance.instance, error);
		veil_batch_instance_clear(&instance);
		if (!solved || !longer)
			return solved;
	}
}

gboolean
veil_freeze_lists(const VeilFreezeInput *input, const VeilExclusions *exclusions, const VeilPlaces *places, const guint32 *team,
		  VeilBatch *batch, GError **error)
{
	Lists lists = {.input = input, .exclusions = exclusions, .places = places, .batch = batch};
	gboolean done = FALSE;

	lists_init(&lists);
	lists.affinity = veil_affinity_new(input->features, input->policy, places->reviewer_person, places->n_reviewers, error);
	if (lists.affinity != NULL) {
		lists.peers = veil_peers_new(input, exclusions, places, team, batch);
		lists.wide = veil_wide_new(input, exclusions, places, team, lists.affinity, lists.spin, lists.peers, batch);
		done = fill(&lists, error);
	}
	lists_clear(&lists);
	return done;
}
