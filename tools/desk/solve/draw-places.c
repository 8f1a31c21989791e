/* draw-places.c - solving what was asked for, and who sits where.
 *
 * Methods total and fair: panels first, with their proof; then reserves by total on what is left, each place of them a unit of load, and nobody a reserve whose entry could break
 * a maximum that panel and reserves have together. A place that nobody can fill goes to a stand-in whose score is so low that as few of them as possible are taken; they are then
 * left out. Method draw: panel and reserves come from the same odds.
 */
#include <string.h>

#include <veil/draw.h>

#include "solve/certificate.h"
#include "solve/draw-places.h"
#include "solve/instance.h"

typedef struct {
	const VeilBatch *batch;
	const VeilPolicy *policy;
	const VeilDrawRequest *request;
	const guint8 *seed; /* NULL: a trial */
	VeilMethod method;
	VeilBatchInstance full, now; /* all seats and rules; what is to be drawn */
	const VeilBatchInstance *in; /* full for the first draw, else now */
	GArray *held;		     /* VeilHeld: who is out of the question, and why; by project, reviewer */
	guint32 *left;		     /* loads */
	const char **codes;	     /* of reviewers */
	const char **leader;	     /* of projects: the code whose tickets count */
	GArray *places;
	guint64 short_of;
} Drawing;

static int
compare_held(const void *a, const void *b)
{
	const VeilHeld *x = a, *y = b;

	if (x->project != y->project)
		return x->project < y->project ? -1 : 1;
	return x->reviewer < y->reviewer ? -1 : x->reviewer > y->reviewer;
}

static int
compare_places(const void *a, const void *b)
{
	const VeilBatchPlace *x = a, *y = b;

	if (x->project != y->project)
		return x->project < y->project ? -1 : 1;
	return x->reviewer < y->reviewer ? -1 : x->reviewer > y->reviewer;
}

static void
hold(Drawing *d, guint32 project, guint32 reviewer, int as)
{
	VeilHeld held = {.project = project, .reviewer = reviewer};

	held.as = as;
	g_array_append_val(d->held, held);
}

/* --- who is out of the question ------------------------------------------------------------------------------------ */

/* Conflicts found late, by project; who has withdrawn altogether, as if he had no load. */
static void
hold_events(Drawing *d)
{
	for (guint32 e = 0; e < d->batch->n_events; e++) {
		const VeilBatchEvent *event = &d->batch->events[e];
		int p = veil_batch_find_project(d->batch, event->project), r = veil_batch_find_reviewer(d->batch, event->reviewer);
		gboolean placed = FALSE;

		if (strcmp(event->kind, "withdraw") == 0 && r >= 0)
			d->left[r] = 0;
		if (strcmp(event->kind, "strike") != 0 || p < 0 || r < 0)
			continue;
		for (guint64 i = d->batch->place_offset[p]; i < d->batch->place_offset[p + 1]; i++)
			placed = placed || d->batch->places[i].reviewer == (guint32)r;
		if (!placed)
			hold(d, (guint32)p, (guint32)r, VEIL_HELD_BARRED);
	}
}

static void
hold_places(Drawing *d)
{
	for (guint64 i = 0; i < d->batch->n_places; i++) {
		const VeilBatchPlace *place = &d->batch->places[i];

		hold(d, place->project, place->reviewer,
		     place->seat == VEIL_SEAT_SITTING ? VEIL_HELD_PANEL : place->seat == VEIL_SEAT_WAITING ? VEIL_HELD_RESERVE : VEIL_HELD_BARRED);
		d->left[place->reviewer] -= MIN(d->left[place->reviewer], 1);
	}
}

static void
begin(Drawing *d)
{
	const VeilBatch *batch = d->batch;
	g_autofree guint32 *seats = g_new(guint32, batch->n_projects + 1);
	g_autoptr(GHashTable) teams = g_hash_table_new(g_str_hash, g_str_equal);

	d->method = veil_batch_is_current(batch) ? veil_policy_method(d->policy) : VEIL_METHOD_TOTAL;
	d->held = g_array_new(FALSE, TRUE, sizeof(VeilHeld));
	d->places = g_array_new(FALSE, TRUE, sizeof(VeilBatchPlace));
	d->left = g_new(guint32, batch->n_reviewers + 1);
	d->codes = g_new(const char *, batch->n_reviewers + 1);
	d->leader = g_new(const char *, batch->n_projects + 1);
	for (guint32 r = 0; r < batch->n_reviewers; r++) {
		d->left[r] = batch->reviewers[r].max_load;
		d->codes[r] = batch->reviewers[r].code;
	}
	for (guint32 p = 0; p < batch->n_projects; p++) {
		const char *team = batch->projects[p].team;

		if (team != NULL && !g_hash_table_contains(teams, team))
			g_hash_table_insert(teams, (gpointer)team, (gpointer)batch->projects[p].code);
		d->leader[p] = team ? g_hash_table_lookup(teams, team) : batch->projects[p].code;
		seats[p] = batch->n_draws == 0 ? d->request->panel[p] :
						 veil_batch_seats(batch, p) + (strcmp(d->request->kind, "round") == 0 ? d->request->panel[p] : 0);
	}
	veil_batch_instance_init(&d->full, batch, d->policy, seats);
	d->in = &d->full;
	if (batch->n_draws > 0) {
		hold_places(d);
		hold_events(d);
		g_array_sort(d->held, compare_held);
		veil_batch_instance_rest(&d->now, &d->full, d->request->panel, d->left, (const VeilHeld *)(gpointer)d->held->data, d->held->len, TRUE);
		d->in = &d->now;
	}
}

static void
end(Drawing *d)
{
	veil_batch_instance_clear(&d->full);
	if (d->in == &d->now)
		veil_batch_instance_clear(&d->now);
	g_array_unref(d->held);
	g_clear_pointer(&d->places, g_array_unref);
	g_free(d->left);
	g_free(d->codes);
	g_free(d->leader);
}

/* --- places -------------------------------------------------------------------------------------------------------- */

typedef struct {
	guint64 ticket;
	guint32 reviewer;
} Ticket;

static int
compare_tickets(const void *a, const void *b)
{
	const Ticket *x = a, *y = b;

	if (x->ticket != y->ticket)
		return x->ticket < y->ticket ? -1 : 1;
	return x->reviewer < y->reviewer ? -1 : x->reviewer > y->reviewer; /* codes ascend with positions */
}

static void
add_place(Drawing *d, guint32 p, guint32 reviewer, VeilRole role, guint32 number)
{
	VeilBatchPlace place = {.project = p, .reviewer = reviewer, .role = role, .place = number, .draw = d->request->n};

	place.score = veil_batch_score(d->batch, p, reviewer);
	g_array_append_val(d->places, place);
}

/* People of one role, numbered in the order of their tickets. */
static void
add_by_ticket(Drawing *d, guint32 p, const guint32 *people, guint32 n, VeilRole role)
{
	g_autofree Ticket *tickets = g_new(Ticket, n + 1);

	for (guint32 i = 0; i < n; i++)
		tickets[i] = (Ticket){veil_draw_ticket(d->seed, d->leader[p], d->codes[people[i]]), people[i]};
	qsort(tickets, n, sizeof *tickets, compare_tickets);
	for (guint32 i = 0; i < n; i++)
		add_place(d, p, tickets[i].reviewer, role, i + 1);
}

static gboolean
infeasible(const VeilBatch *batch, const VeilWitness *witness, GError **error)
{
	g_autofree char *why = veil_witness_text(batch, witness);

	g_set_error(error, VEIL_ERROR, VEIL_ERROR_INFEASIBLE, "no legal assignment: %s", why);
	return FALSE;
}

/* --- reserves of methods total and fair ---------------------------------------------------------------------------- */

/* The same problem with one more reviewer for each reserve place that a project can have, who may stand in everywhere at a forbidding score. */
static void
add_stand_ins(VeilBatchInstance *rest, guint32 n_stand_ins)
{
	guint32 n_p = rest->instance.n_projects, n_r = rest->instance.n_reviewers;
	guint64 total = rest->offset[n_p] + (guint64)n_p * n_stand_ins, kept = 0;
	guint64 *offset = g_new0(guint64, n_p + 1);
	guint32 *reviewer = g_new(guint32, total + 1);
	gint64 *score = g_new(gint64, total + 1);
	guint8 *mark = rest->mark ? g_new0(guint8, total + 1) : NULL; /* no rule on pairs counts a stand-in */

	for (guint32 p = 0; p < n_p; p++) {
		for (guint64 k = rest->offset[p]; k < rest->offset[p + 1]; k++, kept++) {
			reviewer[kept] = rest->reviewer[k];
			score[kept] = rest->score[k];
			if (mark != NULL)
				mark[kept] = rest->mark[k];
		}
		for (guint32 i = 0; rest->demand[p] > 0 && i < n_stand_ins; i++, kept++) {
			reviewer[kept] = n_r + i;
			score[kept] = -VEIL_MAX_SCORE / 1000;
		}
		offset[p + 1] = kept;
		rest->cut[p] = VEIL_NO_CUT; /* no bound over all pairs is claimed for reserves */
	}
	g_free(rest->offset);
	g_free(rest->reviewer);
	g_free(rest->score);
	g_free(rest->mark);
	rest->mark = mark;
	rest->offset = offset;
	rest->reviewer = reviewer;
	rest->score = score;
	rest->max_load = g_renew(guint32, rest->max_load, n_r + n_stand_ins);
	rest->min_load = g_renew(guint32, rest->min_load, n_r + n_stand_ins);
	if (rest->group != NULL)
		rest->group = g_renew(guint32, rest->group, n_r + n_stand_ins);
	for (guint32 i = n_r; i < n_r + n_stand_ins; i++) {
		rest->max_load[i] = n_p;
		rest->min_load[i] = 0;
		if (rest->group != NULL)
			rest->group[i] = 0;
	}
	for (guint32 b = 0; b < rest->instance.n_bounds; b++) {
		guint32 *label;

		if (rest->bounds[b].pairs != 0)
			continue;
		label = g_new0(guint32, n_r + n_stand_ins);
		memcpy(label, rest->bounds[b].label, sizeof *label * n_r);
		g_ptr_array_add(rest->arrays, label);
		rest->bounds[b].label = label;
	}
	rest->instance.n_reviewers = n_r + n_stand_ins;
	rest->instance.offset = rest->offset;
	rest->instance.reviewer = rest->reviewer;
	rest->instance.score = rest->score;
	rest->instance.mark = rest->mark;
	rest->instance.max_load = rest->max_load;
	rest->instance.min_load = rest->min_load;
	rest->instance.group = rest->group;
}

static void
take_reserves(Drawing *d, const VeilMatch *match)
{
	for (guint32 p = 0; p < d->batch->n_projects; p++) {
		guint64 start = match->assigned_offset[p];
		guint32 n = 0;

		while (start + n < match->assigned_offset[p + 1] && match->assigned[start + n] < d->batch->n_reviewers)
			n++; /* ascending: stand-ins come last */
		d->short_of += match->assigned_offset[p + 1] - start - n;
		add_by_ticket(d, p, match->assigned + start, n, VEIL_ROLE_RESERVE);
	}
}

static gboolean
draw_reserves(Drawing *d, const guint32 *order, GError **error)
{
	VeilBatchInstance rest;
	g_autoptr(VeilMatch) match = NULL;
	g_autofree guint32 *longer = NULL;
	guint32 most = 0;

	for (guint32 p = 0; p < d->batch->n_projects; p++)
		most = MAX(most, d->request->reserves[p]);
	if (most == 0)
		return TRUE;
	for (guint i = 0; i < d->places->len; i++) {
		const VeilBatchPlace *place = &g_array_index(d->places, VeilBatchPlace, i);

		hold(d, place->project, place->reviewer, VEIL_HELD_PANEL);
		d->left[place->reviewer] -= MIN(d->left[place->reviewer], 1);
	}
	g_array_sort(d->held, compare_held);
	veil_batch_instance_rest(&rest, &d->full, d->request->reserves, d->left, (const VeilHeld *)(gpointer)d->held->data, d->held->len, FALSE);
	add_stand_ins(&rest, most);
	longer = g_new(guint32, rest.instance.n_reviewers);
	memcpy(longer, order, sizeof *longer * d->batch->n_reviewers);
	for (guint32 r = d->batch->n_reviewers; r < rest.instance.n_reviewers; r++)
		longer[r] = r;
	match = veil_match_total(&rest.instance, longer, error);
	veil_batch_instance_clear(&rest);
	if (match == NULL)
		return FALSE;
	if (match->status == VEIL_MATCH_INFEASIBLE) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_FAILED, "reserves could not be drawn beside their stand-ins; please report this");
		return FALSE;
	}
	take_reserves(d, match);
	return TRUE;
}

/* With equity places of earlier draws count under the cap, whoever sits there now. */
static VeilMatch *
solve_best(const Drawing *d, const guint32 *order, GError **error)
{
	const VeilInstance *in = &d->in->instance;
	g_autofree guint32 *held = NULL;

	if (d->method != VEIL_METHOD_FAIR)
		return veil_match_total(in, order, error);
	if (!d->policy->equity)
		return veil_match_fair(in, order, error);
	held = g_new0(guint32, d->batch->n_reviewers + 1);
	for (guint64 i = 0; d->batch->n_draws > 0 && i < d->batch->n_places; i++)
		held[d->batch->places[i].reviewer]++;
	return veil_match_fair_even(in, held, order, error);
}

static gboolean
draw_best(Drawing *d, VeilBatchDraw *out, GError **error)
{
	g_autofree guint32 *order = g_new(guint32, d->batch->n_reviewers + 1);
	g_autoptr(VeilMatch) match = NULL;

	if (d->seed != NULL)
		veil_draw_order(d->seed, "veil/order/reviewers", order, d->batch->n_reviewers);
	match = solve_best(d, d->seed ? order : NULL, error);
	if (match == NULL)
		return FALSE;
	if (match->status == VEIL_MATCH_INFEASIBLE)
		return infeasible(d->batch, &match->witness, error);
	if (d->seed == NULL)
		return TRUE;
	for (guint32 p = 0; p < d->batch->n_projects; p++)
		add_by_ticket(d, p, match->assigned + match->assigned_offset[p], (guint32)(match->assigned_offset[p + 1] - match->assigned_offset[p]),
			      VEIL_ROLE_PANEL);
	out->objective = match->objective;
	out->bound = match->bound;
	out->prices = g_steal_pointer(&match->price);
	out->certificate = veil_certificate_of_match(d->batch, d->in, match, d->method == VEIL_METHOD_FAIR);
	return draw_reserves(d, order, error);
}

/* --- method draw --------------------------------------------------------------------------------------------------- */

guint32
veil_draw_smallest_set(const VeilPolicy *policy, guint32 panel)
{
	return policy->smallest_set >= 0 ? (guint32)policy->smallest_set : veil_odds_smallest_set(panel);
}

/* DESIGN 4: a draw among few is no draw. */
static gboolean
check_smallest_set(const Drawing *d, GError **error)
{
	const VeilInstance *in = &d->in->instance;

	for (guint32 p = 0; p < d->batch->n_projects; p++) {
		guint64 listed = in->offset[p + 1] - in->offset[p];
		guint32 least = veil_draw_smallest_set(d->policy, in->demand[p]);

		if (in->demand[p] == 0 || listed >= least || (d->request->excepted != NULL && d->request->excepted[p]))
			continue;
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
			    "project %s has %" G_GUINT64_FORMAT " allowed candidates to draw %u from, [batch] smallest_set asks for %u; widen its disciplines, "
			    "add experts in its field, ask for an exception (`veil batch exception`), or draw by another method",
			    d->batch->projects[p].code, listed, in->demand[p], least);
		return FALSE;
	}
	return TRUE;
}

/* Projects of a team share their reserves too: what one gives up all give up. Returns how many places that were. */
static guint64
share_out(const VeilInstance *in, guint32 *reserves)
{
	g_autofree guint32 *least = NULL;
	guint64 given = 0;

	if (in->team == NULL)
		return 0;
	least = g_new(guint32, (gsize)in->n_projects + 1); /* by team, whose numbers begin at 1 */
	memset(least, 0xff, sizeof *least * ((gsize)in->n_projects + 1));
	for (guint32 p = 0; p < in->n_projects; p++)
		if (in->team[p] != 0)
			least[in->team[p]] = MIN(least[in->team[p]], reserves[p]);
	for (guint32 p = 0; p < in->n_projects; p++)
		if (in->team[p] != 0) {
			given += reserves[p] - least[in->team[p]];
			reserves[p] = least[in->team[p]];
		}
	return given;
}

/* Fewer reserves for the projects that a witness names, until the odds exist or they have none left. FALSE: nothing can be given up. */
static gboolean
give_up_reserves(const VeilInstance *in, const VeilWitness *witness, guint32 *reserves, guint64 *short_of)
{
	guint64 wanted = MAX(witness->short_by, 1), given = 0;

	for (gboolean any = TRUE; any && given < wanted;) {
		any = FALSE;
		for (guint32 i = 0; i < witness->n_projects && given < wanted; i++)
			if (reserves[witness->projects[i]] > 0) {
				reserves[witness->projects[i]]--;
				given++;
				any = TRUE;
			}
	}
	for (guint32 p = 0; witness->n_projects == 0 && p < in->n_projects; p++) {
		given += reserves[p];
		reserves[p] = 0;
	}
	given += share_out(in, reserves);
	*short_of += given;
	return given > 0;
}

/* One reserve less for those who have most, so that nobody loses his last before all others are down to one. FALSE: there were none. */
static gboolean
drop_reserves(Drawing *d, guint32 *reserves)
{
	guint32 most = 0;

	for (guint32 p = 0; p < d->batch->n_projects; p++)
		most = MAX(most, reserves[p]);
	for (guint32 p = 0; most > 0 && p < d->batch->n_projects; p++)
		if (reserves[p] == most) {
			reserves[p]--;
			d->short_of++;
		}
	return most > 0;
}

static VeilOdds *
solve_odds(Drawing *d, VeilOddsOptions *options, guint32 *reserves, GError **error)
{
	for (;;) {
		g_autoptr(GError) refused = NULL;
		g_autoptr(VeilOdds) odds = veil_odds_solve(&d->in->instance, options, &refused);

		if (odds == NULL && g_error_matches(refused, VEIL_ERROR, VEIL_ERROR_REFUSED) && drop_reserves(d, reserves))
			continue; /* no lottery with so many reserves was found */
		if (odds == NULL) {
			g_propagate_error(error, g_steal_pointer(&refused));
			return NULL;
		}
		if (odds->status != VEIL_MATCH_INFEASIBLE)
			return g_steal_pointer(&odds);
		if (!give_up_reserves(&d->in->instance, &odds->witness, reserves, &d->short_of)) {
			g_autofree char *why = veil_witness_text(d->batch, &odds->witness);

			g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "no odds of at most %.4g exist: %s", options->cap / (double)VEIL_ODDS_WHOLE, why);
			return NULL;
		}
	}
}

static gboolean
seat_drawn(Drawing *d, const VeilOdds *odds, GError **error)
{
	const VeilInstance *in = &d->in->instance;
	g_autofree guint64 *offset = g_new0(guint64, in->n_projects + 1);
	guint64 total = 0;
	g_autofree guint32 *drawn = NULL;

	for (guint32 p = 0; p < in->n_projects; p++)
		total += odds->places[p];
	drawn = g_new0(guint32, total + 1);
	if (!veil_draw_odds(in, odds, d->seed, offset, drawn, error))
		return FALSE;
	for (guint32 p = 0; p < in->n_projects; p++) {
		guint32 n = (guint32)(offset[p + 1] - offset[p]), *people = drawn + offset[p];

		if (!veil_draw_panel(in, p, d->seed, d->leader[p], d->codes, people, n)) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "the people drawn for project %s are no legal panel; please report this",
				    d->batch->projects[p].code);
			return FALSE;
		}
		for (guint32 i = 0; i < n; i++)
			add_place(d, p, people[i], i < in->demand[p] ? VEIL_ROLE_PANEL : VEIL_ROLE_RESERVE,
				  i < in->demand[p] ? i + 1 : i - in->demand[p] + 1);
	}
	return TRUE;
}

/* Odds above 0, by position in the lists of the instance. */
static void
keep_odds(const Drawing *d, const VeilOdds *odds, VeilBatchDraw *out)
{
	const VeilInstance *in = &d->in->instance;
	guint64 kept = 0, all = in->offset[in->n_projects];

	out->odds_offset = g_new0(guint64, in->n_projects + 1);
	out->odds_reviewer = g_new(guint32, all + 1);
	out->odds = g_new(guint32, all + 1);
	for (guint32 p = 0; p < in->n_projects; p++) {
		for (guint64 k = in->offset[p]; k < in->offset[p + 1]; k++)
			if (odds->odds[k] > 0) {
				out->odds_reviewer[kept] = in->reviewer[k];
				out->odds[kept++] = odds->odds[k];
			}
		out->odds_offset[p + 1] = kept;
		out->lottery_places += odds->places[p];
	}
	out->n_lottery = odds->n_lottery;
	if (odds->n_lottery == 0)
		return;
	out->lottery_weight = g_memdup2(odds->weight, sizeof *odds->weight * odds->n_lottery);
	out->lottery_reviewer = g_memdup2(odds->panels, sizeof *odds->panels * odds->n_lottery * out->lottery_places);
}

static gboolean
draw_by_odds(Drawing *d, VeilBatchDraw *out, GError **error)
{
	g_autofree guint32 *reserves = g_memdup2(d->request->reserves, sizeof *reserves * MAX(d->batch->n_projects, 1));
	VeilOddsOptions options = {
		.cap = (guint32)CLAMP(d->policy->odds_micro / (1000000 / VEIL_ODDS_WHOLE), 1, VEIL_ODDS_WHOLE),
		.band = d->policy->band_micro,
		.perturbation = (guint32)d->policy->perturbation_micro,
		.reserves = reserves,
	};
	g_autoptr(VeilOdds) odds = NULL;
	gint64 total = 0;

	if (!check_smallest_set(d, error))
		return FALSE;
	odds = solve_odds(d, &options, reserves, error);
	if (odds == NULL)
		return FALSE;
	if (d->seed == NULL)
		return TRUE;
	if (!seat_drawn(d, odds, error))
		return FALSE;
	for (guint i = 0; i < d->places->len; i++)
		if (g_array_index(d->places, VeilBatchPlace, i).role == VEIL_ROLE_PANEL)
			total += g_array_index(d->places, VeilBatchPlace, i).score;
	keep_odds(d, odds, out);
	out->objective = odds->expected;
	out->bound = odds->bound;
	out->prices = g_steal_pointer(&odds->price);
	out->certificate = g_strdup_printf("{\"band\":%" G_GINT64_FORMAT ",\"drawn_total\":%" G_GINT64_FORMAT ",\"expected\":%" G_GINT64_FORMAT
					   ",\"odds_cap\":%u,\"perturbation\":%u}",
					   options.band, total, odds->expected, options.cap,
					   options.perturbation ? options.perturbation : VEIL_ODDS_PERTURBATION);
	return TRUE;
}

/* What the policy's cap, its smallest set or rules that cross leave no odds for is refused; where there is no assignment at all, whatever the odds, that is the answer, with
 * the witness that `batch check` gives. */
static gboolean
draw_or_witness(Drawing *d, VeilBatchDraw *out, GError **error)
{
	g_autoptr(GError) refused = NULL;
	g_autoptr(VeilMatch) match = NULL;

	if (draw_by_odds(d, out, &refused))
		return TRUE;
	if (g_error_matches(refused, VEIL_ERROR, VEIL_ERROR_REFUSED))
		match = veil_match_total(&d->in->instance, NULL, NULL);
	if (match != NULL && match->status == VEIL_MATCH_INFEASIBLE)
		return infeasible(d->batch, &match->witness, error);
	g_propagate_error(error, g_steal_pointer(&refused));
	return FALSE;
}

/* --- the whole ----------------------------------------------------------------------------------------------------- */

gboolean
veil_draw_places(const VeilBatch *batch, const VeilPolicy *policy, const VeilDrawRequest *request, const guint8 *seed, VeilBatchDraw *out_draw,
		 GArray **out_places, guint64 *out_short, GError **error)
{
	static const char *const names[] = {[VEIL_METHOD_TOTAL] = "total", [VEIL_METHOD_FAIR] = "fair", [VEIL_METHOD_DRAW] = "draw"};
	Drawing d = {.batch = batch, .policy = policy, .request = request, .seed = seed};
	VeilBatchDraw draw = {.n = request->n};
	gboolean good;

	begin(&d);
	g_strlcpy(draw.kind, request->kind, sizeof draw.kind);
	g_strlcpy(draw.method, names[d.method], sizeof draw.method);
	good = d.method == VEIL_METHOD_DRAW ? draw_or_witness(&d, &draw, error) : draw_best(&d, &draw, error);
	if (good && seed != NULL) {
		g_array_sort(d.places, compare_places);
		draw.request = g_strdup(request->text);
		*out_draw = draw;
		*out_places = g_steal_pointer(&d.places);
		*out_short = d.short_of;
	} else {
		veil_batch_draw_clear(&draw);
	}
	end(&d);
	return good;
}
