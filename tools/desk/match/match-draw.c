/* match-draw.c - `veil match --method draw`: odds of a published instance, one assignment drawn from them, and what the certificate says of both.
 *
 * The assignment is the draw's; objective and bound speak of the odds (their expected score). Nothing else is decided here: the odds follow from the instance, the people from
 * odds and seed (docs/design/draw.md).
 */
#include <stdio.h>
#include <string.h>

#include <veil/blind.h>
#include <veil/draw.h>

#include "match/match.h"

struct _VeilPublishedDraw {
	VeilOddsOptions options;
	int smallest_set; /* -1: not asked for */
	char seed[65];
	VeilOdds *odds;
	GArray *entries; /* Entry: pairs with odds, by project and reviewer */
	gint64 drawn_total;
	VeilPublishedLists *lists; /* while odds are being found */
};

typedef struct {
	guint32 project, reviewer, odds;
} Entry;

/* --- what was asked for ------------------------------------------------------------------------------------------- */

static gboolean
micro_option(const char *text, const char *name, gint64 low, gint64 high, gint64 *out, GError **error)
{
	if (text == NULL)
		return TRUE;
	if (veil_micro_parse(text, strlen(text), out) && *out >= low && *out <= high)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--%s: give a number from %g to %g", name, (double)low / 1e6, (double)high / 1e6);
	return FALSE;
}

gboolean
veil_published_draw_options(VeilPublished *x, const VeilMatchOptions *options, const VeilPolicy *policy, GError **error)
{
	gint64 odds = policy ? policy->odds_micro : 200000, band = policy ? policy->band_micro : 0;
	gint64 perturbation = policy ? policy->perturbation_micro : VEIL_ODDS_PERTURBATION;

	if (x->method != VEIL_METHOD_DRAW) {
		if (options->odds == NULL && options->band == NULL && options->perturbation == NULL)
			return TRUE;
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--odds, --band and --perturbation belong to --method draw");
		return FALSE;
	}
	if (!micro_option(options->odds, "odds", 1000000 / VEIL_ODDS_WHOLE, 1000000, &odds, error) ||
	    !micro_option(options->band, "band", 0, VEIL_MAX_SCORE, &band, error) ||
	    !micro_option(options->perturbation, "perturbation", 10000, 1000000, &perturbation, error))
		return FALSE;
	x->draw = g_new0(VeilPublishedDraw, 1);
	x->draw->options.cap = (guint32)(odds * VEIL_ODDS_WHOLE / 1000000);
	x->draw->options.band = band;
	x->draw->options.perturbation = (guint32)perturbation;
	x->draw->smallest_set = policy ? policy->smallest_set : -1;
	if (!x->has_seed)
		veil_random_system(x->seed, sizeof x->seed, NULL);
	veil_hex_encode(x->seed, sizeof x->seed, x->draw->seed);
	return TRUE;
}

void
veil_published_draw_free(VeilPublishedDraw *draw)
{
	if (draw == NULL)
		return;
	veil_odds_free(draw->odds);
	g_clear_pointer(&draw->entries, g_array_unref);
	g_free(draw);
}

/* --- odds --------------------------------------------------------------------------------------------------------- */

/* Chance among too few is none. */
static gboolean
check_smallest_set(const VeilPublished *x, GError **error)
{
	for (guint32 p = 0; x->draw->smallest_set >= 0 && p < x->n_projects; p++) {
		guint64 listed = x->offset[p + 1] - x->offset[p], barred = x->conflict_offset[p + 1] - x->conflict_offset[p];
		guint64 allowed = x->has_missing ? x->n_reviewers - barred : listed;

		if (x->demand[p] == 0 || allowed >= (guint64)x->draw->smallest_set)
			continue;
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
			    "project %s has %" G_GUINT64_FORMAT " allowed candidates, and the policy's smallest_set wants %d: nobody is drawn from so few; widen its field",
			    x->project[p], allowed, x->draw->smallest_set);
		return FALSE;
	}
	return TRUE;
}

/* Without the cap: a witness when there is nothing even then; else it is the cap alone that stands in the way, and that is refused. */
static gboolean
explain(const VeilPublished *x, const VeilInstance *in, VeilMatch *match, GError **error)
{
	const VeilWitness *witness = &x->draw->odds->witness;
	VeilOddsOptions options = x->draw->options;
	g_autoptr(VeilOdds) uncapped = NULL;
	char cap[32];

	options.cap = VEIL_ODDS_WHOLE;
	uncapped = veil_odds_solve(in, &options, error);
	if (uncapped == NULL)
		return FALSE;
	if (uncapped->status == VEIL_MATCH_INFEASIBLE) {
		match->status = VEIL_MATCH_INFEASIBLE;
		match->witness = uncapped->witness;
		memset(&uncapped->witness, 0, sizeof uncapped->witness);
		if (match->witness.kind == VEIL_WITNESS_PANEL) { /* says no more than that there is no panel (formats.md 4.1) */
			match->witness.n_reviewers = 0;
			match->witness.short_by = 1;
		}
		return TRUE;
	}
	veil_micro_format((gint64)x->draw->options.cap * (1000000 / VEIL_ODDS_WHOLE), cap);
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
		    "no odds of at most %s exist: %u project%s, among them %s, would be %" G_GUINT64_FORMAT " places short; more candidates or load, or larger --odds", cap,
		    witness->n_projects, witness->n_projects == 1 ? "" : "s", witness->n_projects > 0 ? x->project[witness->projects[0]] : "-", witness->short_by);
	return FALSE;
}

static VeilOdds *
solve_lists(const VeilPublished *x, VeilInstance *in, GError **error)
{
	g_autofree guint32 *want = g_new(guint32, (gsize)x->n_projects + 1);
	VeilPublishedLists *lists = NULL;
	VeilOdds *odds = NULL;

	if (!x->has_missing)
		return veil_odds_solve(in, &x->draw->options, error);
	x->draw->lists = lists = veil_published_lists_new(x, want);
	for (guint32 p = 0; p < x->n_projects; p++) /* whoever may be drawn, and as many again */
		want[p] = (guint32)MIN(MAX(want[p], 2 * (guint64)x->demand[p] * VEIL_ODDS_WHOLE / x->draw->options.cap + 16), x->n_reviewers);
	for (;;) {
		if (!veil_published_lists_lengthen(lists, want, in, error))
			return NULL;
		odds = veil_odds_solve(in, &x->draw->options, error);
		if (odds == NULL || odds->n_open == 0 || (odds->status == VEIL_MATCH_INFEASIBLE && odds->witness.complete))
			return odds;
		for (guint32 i = 0; i < odds->n_open; i++)
			want[odds->open[i]] = (guint32)MIN(2 * (guint64)want[odds->open[i]], x->n_reviewers);
		veil_odds_free(odds);
	}
}

/* Pairs with odds leave the lists they were found in. */
static void
keep_entries(VeilPublishedDraw *draw, const VeilInstance *in)
{
	draw->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
	for (guint32 p = 0; p < in->n_projects; p++)
		for (guint64 i = in->offset[p]; i < in->offset[p + 1]; i++) {
			Entry entry = {p, in->reviewer[i], draw->odds->odds[i]};

			if (entry.odds > 0)
				g_array_append_val(draw->entries, entry);
		}
}

static gboolean
draw_people(const VeilPublished *x, const VeilInstance *in, VeilMatch *match, GError **error)
{
	VeilOdds *odds = x->draw->odds;
	guint64 places = 0;
	__int128 total = 0;

	for (guint32 p = 0; p < x->n_projects; p++)
		places += odds->places[p];
	match->assigned_offset = g_new0(guint64, (gsize)x->n_projects + 1);
	match->assigned = g_new0(guint32, places + 1);
	if (!veil_draw_odds(in, odds, x->seed, match->assigned_offset, match->assigned, error))
		return FALSE;
	for (guint32 p = 0; p < x->n_projects; p++)
		for (guint64 i = match->assigned_offset[p]; i < match->assigned_offset[p + 1]; i++)
			total += veil_published_score(x, p, match->assigned[i]);
	if (total > G_MAXINT64 || total < G_MININT64) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_INPUT, "instance: the total does not fit 64 bits");
		return FALSE;
	}
	x->draw->drawn_total = (gint64)total;
	match->price = g_memdup2(odds->price, sizeof *odds->price * ((gsize)x->n_reviewers + 1));
	match->objective = odds->expected;
	match->bound = odds->bound;
	match->status = odds->bound == odds->expected ? VEIL_MATCH_OPTIMAL : VEIL_MATCH_FEASIBLE;
	return TRUE;
}

VeilMatch *
veil_published_draw(const VeilPublished *x, GError **error)
{
	VeilPublishedDraw *draw = x->draw;
	g_autoptr(VeilMatch) match = g_new0(VeilMatch, 1);
	VeilInstance in;
	gboolean ok;

	if (!check_smallest_set(x, error))
		return NULL;
	veil_published_instance(x, &in);
	draw->odds = solve_lists(x, &in, error);
	ok = draw->odds != NULL;
	if (ok && draw->odds->status == VEIL_MATCH_INFEASIBLE) {
		ok = explain(x, &in, match, error);
	} else if (ok) {
		keep_entries(draw, &in);
		ok = draw_people(x, &in, match, error);
	}
	g_clear_pointer(&draw->lists, veil_published_lists_free);
	return ok ? g_steal_pointer(&match) : NULL;
}

/* --- what is said of it ------------------------------------------------------------------------------------------- */

static void
add_int(JsonBuilder *builder, const char *name, gint64 value)
{
	json_builder_set_member_name(builder, name);
	json_builder_add_int_value(builder, value);
}

static void
add_pair(JsonBuilder *builder, const VeilPublished *x, guint32 p, guint32 r, gint64 odds)
{
	json_builder_begin_array(builder);
	json_builder_add_string_value(builder, x->project[p]);
	json_builder_add_string_value(builder, x->reviewer[r]);
	if (odds > 0)
		json_builder_add_int_value(builder, odds);
	json_builder_end_array(builder);
}

static void
add_lottery(JsonBuilder *builder, const VeilPublished *x)
{
	const VeilOdds *odds = x->draw->odds;
	const guint32 *seat = odds->panels;

	json_builder_set_member_name(builder, "lottery");
	json_builder_begin_array(builder);
	for (guint32 t = 0; t < odds->n_lottery; t++) {
		json_builder_begin_object(builder);
		add_int(builder, "weight", odds->weight[t]);
		json_builder_set_member_name(builder, "panels");
		json_builder_begin_array(builder);
		for (guint32 p = 0; p < x->n_projects; p++)
			for (guint32 i = 0; i < odds->places[p]; i++)
				add_pair(builder, x, p, *seat++, 0);
		json_builder_end_array(builder);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
}

void
veil_published_draw_certify(const VeilPublished *x, JsonBuilder *builder)
{
	const VeilPublishedDraw *draw = x->draw;

	json_builder_set_member_name(builder, "seed");
	json_builder_add_string_value(builder, draw->seed);
	add_int(builder, "odds_cap", draw->options.cap);
	add_int(builder, "band", draw->options.band);
	add_int(builder, "perturbation", draw->options.perturbation);
	add_int(builder, "expected", draw->odds->expected);
	add_int(builder, "drawn_total", draw->drawn_total);
	if (draw->odds->n_lottery > 0) {
		add_lottery(builder, x);
		return;
	}
	json_builder_set_member_name(builder, "odds");
	json_builder_begin_array(builder);
	for (guint i = 0; i < draw->entries->len; i++) {
		const Entry *entry = &g_array_index(draw->entries, Entry, i);

		add_pair(builder, x, entry->project, entry->reviewer, entry->odds);
	}
	json_builder_end_array(builder);
}

static guint32
largest_odds(const VeilPublishedDraw *draw)
{
	guint32 largest = 0;

	for (guint i = 0; i < draw->entries->len; i++)
		largest = MAX(largest, g_array_index(draw->entries, Entry, i).odds);
	return largest;
}

void
veil_published_draw_json(const VeilPublished *x, GString *json)
{
	char total[32], largest[32];

	veil_micro_format(x->draw->drawn_total, total);
	veil_micro_format((gint64)largest_odds(x->draw) * (1000000 / VEIL_ODDS_WHOLE), largest);
	g_string_append_printf(json, "\"drawn_total\": %s, \"lottery\": %u, \"odds_max\": %s, \"seed\": \"%s\", ", total, x->draw->odds->n_lottery, largest, x->draw->seed);
}

void
veil_published_draw_print(const VeilPublished *x, const VeilMatch *match)
{
	char expected[32], bound[32], total[32], largest[32];

	veil_micro_format(match->objective, expected);
	veil_micro_format(match->bound, bound);
	veil_micro_format(x->draw->drawn_total, total);
	veil_micro_format((gint64)largest_odds(x->draw) * (1000000 / VEIL_ODDS_WHOLE), largest);
	printf("odds of at most %s for %u pairs: expected score %s, no odds under the cap can exceed %s\n", largest, x->draw->entries->len, expected, bound);
	if (x->draw->odds->n_lottery > 0)
		printf("rules cross: a lottery of %u legal assignments; equal odds of equally fit reviewers are aimed at, not promised\n", x->draw->odds->n_lottery);
	printf("drawn with seed %s: score %s\n", x->draw->seed, total);
}
