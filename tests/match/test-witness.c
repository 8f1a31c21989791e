/* test-witness.c - why there is no assignment, and what would help: nothing that could be left out, nothing cheaper, by brute force. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "instance.h"

enum { MOST = 8 };

static Shape
scarce(GRand *random, gboolean minima)
{
	return (Shape){
		.projects = (guint32)g_rand_int_range(random, 1, 5), .reviewers = (guint32)g_rand_int_range(random, 1, 7),
		.demand = (guint32)g_rand_int_range(random, 1, 4), .max_load = (guint32)g_rand_int_range(random, 1, 3 + minima),
		.min_load = minima ? (guint32)g_rand_int_range(random, 1, 4) : 0,
		.groups = !minima && g_rand_boolean(random) ? (guint32)g_rand_int_range(random, 1, 5) : 0,
		.high = 9, .density = g_rand_double_range(random, 0.3, 1.1),
	};
}

static gboolean
feasible(const VeilInstance *in, const guint32 *demand, const guint32 *min_load, const guint32 *max_load)
{
	VeilInstance changed = *in;
	gint64 best;

	changed.demand = demand;
	changed.min_load = min_load;
	changed.max_load = max_load;
	return brute_force(&changed, &best);
}

/* Minimum loads alone, panels of any size up to the demand: Hall's condition over all subsets. */
static gboolean
loads_feasible(const VeilInstance *in, const guint32 *demand, const guint32 *min_load)
{
	VeilInstance changed = *in;
	guint32 all[MOST], members[MOST];

	changed.demand = demand;
	changed.min_load = min_load;
	for (guint32 p = 0; p < in->n_projects; p++)
		all[p] = p;
	for (guint32 mask = 1; mask < 1u << in->n_reviewers; mask++) {
		VeilWitness w = {.minimum = TRUE, .projects = all, .n_projects = in->n_projects, .reviewers = members};

		for (guint32 r = 0; r < in->n_reviewers; r++)
			if (mask >> r & 1)
				members[w.n_reviewers++] = r;
		if (witness_shortage(&changed, &w) > 0)
			return FALSE;
	}
	return TRUE;
}

/* No project can be left out: the others could be filled. No reviewer: fewer places would be short. */
static void
check_places_minimal(const VeilInstance *in, const VeilWitness *w, guint seed)
{
	guint32 demand[MOST] = {0}, none[MOST] = {0}, reviewers[MOST];

	for (guint32 i = 0; i < w->n_projects; i++)
		demand[w->projects[i]] = in->demand[w->projects[i]];
	if (feasible(in, demand, none, in->max_load))
		fail_msg("seed %u: the named projects can be filled", seed);
	for (guint32 i = 0; i < w->n_projects; i++) {
		demand[w->projects[i]] = 0;
		if (!feasible(in, demand, none, in->max_load))
			fail_msg("seed %u: project %u of the witness could be left out", seed, w->projects[i]);
		demand[w->projects[i]] = in->demand[w->projects[i]];
	}
	for (guint32 i = 0; i < w->n_reviewers; i++) {
		VeilWitness fewer = *w;

		fewer.reviewers = reviewers;
		fewer.n_reviewers = 0;
		for (guint32 k = 0; k < w->n_reviewers; k++)
			if (k != i)
				reviewers[fewer.n_reviewers++] = w->reviewers[k];
		if (witness_shortage(in, &fewer) >= (gint64)w->short_by)
			fail_msg("seed %u: reviewer %u of the witness could be left out", seed, w->reviewers[i]);
	}
}

static void
check_loads_minimal(const VeilInstance *in, const VeilWitness *w, guint seed)
{
	guint32 min_load[MOST] = {0};

	for (guint32 i = 0; i < w->n_reviewers; i++)
		min_load[w->reviewers[i]] = in->min_load[w->reviewers[i]];
	assert_false(loads_feasible(in, in->demand, min_load));
	for (guint32 i = 0; i < w->n_reviewers; i++) {
		min_load[w->reviewers[i]] = 0;
		if (!loads_feasible(in, in->demand, min_load))
			fail_msg("seed %u: reviewer %u of the witness could be left out", seed, w->reviewers[i]);
		min_load[w->reviewers[i]] = in->min_load[w->reviewers[i]];
	}
}

/* --- relaxations ------------------------------------------------------------------------------------------------- */

typedef struct {
	const VeilInstance *in;
	VeilRelaxationKind kind;
	guint32 demand[MOST], min_load[MOST], max_load[MOST];
} Change;

static gboolean
change_helps(const Change *c)
{
	return feasible(c->in, c->demand, c->min_load, c->max_load);
}

/* Can `units` single steps of this kind, anywhere, make it feasible? */
static gboolean
any_helps(Change *c, guint32 from, guint64 units)
{
	guint32 n = c->kind == VEIL_RELAX_PLACES ? c->in->n_projects : c->in->n_reviewers;

	if (units == 0)
		return change_helps(c);
	for (guint32 i = from; i < n; i++) {
		guint32 *value = c->kind == VEIL_RELAX_PLACES ? &c->demand[i] : c->kind == VEIL_RELAX_RAISE ? &c->max_load[i] : &c->min_load[i];
		guint32 before = *value;
		gboolean helps;

		if (before == 0 || (c->kind == VEIL_RELAX_RAISE && c->in->max_load[i] == 0))
			continue;
		*value = c->kind == VEIL_RELAX_RAISE ? before + 1 : before - 1;
		helps = any_helps(c, i, units - 1);
		*value = before;
		if (helps)
			return TRUE;
	}
	return FALSE;
}

static Change
change_of(const VeilInstance *in, VeilRelaxationKind kind)
{
	Change c = {.in = in, .kind = kind};

	memcpy(c.demand, in->demand, sizeof(guint32) * in->n_projects);
	memcpy(c.min_load, in->min_load, sizeof(guint32) * in->n_reviewers);
	memcpy(c.max_load, in->max_load, sizeof(guint32) * in->n_reviewers);
	return c;
}

static void
apply(Change *c, const VeilRelaxation *x, guint32 load)
{
	for (guint32 i = 0; i < x->n && x->by != NULL; i++)
		*(x->kind == VEIL_RELAX_PLACES ? &c->demand[x->who[i]] : x->kind == VEIL_RELAX_RAISE ? &c->max_load[x->who[i]] : &c->min_load[x->who[i]]) +=
			x->kind == VEIL_RELAX_RAISE ? x->by[i] : -x->by[i];
	for (guint32 r = 0; r < c->in->n_reviewers; r++) {
		if (x->kind == VEIL_RELAX_MAX_LOAD && c->max_load[r] > 0)
			c->max_load[r] = MAX(c->max_load[r], load);
		if (x->kind == VEIL_RELAX_MIN_LOAD_ALL)
			c->min_load[r] = MIN(c->min_load[r], load);
	}
}

static void
check_relaxation(const VeilInstance *in, const VeilRelaxation *x, guint seed)
{
	Change changed = change_of(in, x->kind), less = changed;
	guint64 sum = 0;

	for (guint32 i = 0; i < x->n; i++) {
		assert_true(i == 0 || x->who[i - 1] < x->who[i]);
		sum += x->by[i];
	}
	assert_int_equal(sum, x->units);
	apply(&changed, x, x->load);
	if (!change_helps(&changed))
		fail_msg("seed %u: relaxation %d does not help", seed, x->kind);
	if (x->kind == VEIL_RELAX_MAX_LOAD || x->kind == VEIL_RELAX_MIN_LOAD_ALL) {
		apply(&less, x, x->kind == VEIL_RELAX_MAX_LOAD ? x->load - 1 : x->load + 1);
		if (change_helps(&less))
			fail_msg("seed %u: relaxation %d asks for more than it needs", seed, x->kind);
	} else if (x->units <= 4 && any_helps(&less, 0, x->units - 1)) {
		fail_msg("seed %u: relaxation %d is not the cheapest", seed, x->kind);
	}
}

/* Where loads are the trouble, loads without end must help exactly when a relaxation by load is offered. */
static void
check_offers(const VeilInstance *in, const GArray *found, guint seed)
{
	Change c = change_of(in, VEIL_RELAX_RAISE);
	gboolean offered = FALSE;

	for (guint i = 0; i < found->len; i++)
		offered |= g_array_index(found, VeilRelaxation, i).kind == VEIL_RELAX_RAISE && g_array_index(found, VeilRelaxation, i).exact;
	for (guint32 r = 0; r < in->n_reviewers; r++)
		c.max_load[r] = c.max_load[r] > 0 ? in->n_projects : 0;
	if (change_helps(&c) != offered)
		fail_msg("seed %u: more load %s, and it is%s offered", seed, offered ? "does not help" : "helps", offered ? "" : " not");
}

static void
check_infeasible(const VeilInstance *in, guint seed, guint tally[VEIL_RELAX_LISTS + 1])
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilMatch) match = veil_match_total(in, NULL, &error);
	g_autoptr(GArray) found = NULL;

	assert_non_null(match);
	if (match->status != VEIL_MATCH_INFEASIBLE)
		return;
	assert_true(witness_shortage(in, &match->witness) == (gint64)match->witness.short_by);
	if (!match->witness.minimum)
		check_places_minimal(in, &match->witness, seed);
	else if (in->group == NULL)
		check_loads_minimal(in, &match->witness, seed);
	found = veil_match_relax(in, &match->witness, &error);
	assert_non_null(found);
	assert_true(found->len > 0);
	for (guint i = 0; i < found->len; i++) {
		const VeilRelaxation *x = &g_array_index(found, VeilRelaxation, i);

		assert_true(i == 0 || g_array_index(found, VeilRelaxation, i - 1).kind < x->kind);
		if (!x->exact)
			continue;
		tally[x->kind]++;
		check_relaxation(in, x, seed);
	}
	if (!match->witness.minimum && in->group == NULL && loads_feasible(in, in->demand, in->min_load))
		check_offers(in, found, seed);
}

static void
test_witness__nothing_to_leave_out_nothing_cheaper(void **state)
{
	guint tally[VEIL_RELAX_LISTS + 1] = {0};

	(void)state;
	for (guint seed = 0; seed < 12000; seed++) {
		g_autoptr(GRand) random = g_rand_new_with_seed(seed);
		Shape shape = scarce(random, seed % 3 == 0);
		g_autoptr(Instance) x = instance_random(random, &shape);

		check_infeasible(&x->in, seed, tally);
	}
	print_message("# exact: %u by raising some, %u by a maximum for all, %u by fewer places, %u by lower minima, %u by a minimum for all\n",
		      tally[VEIL_RELAX_RAISE], tally[VEIL_RELAX_MAX_LOAD], tally[VEIL_RELAX_PLACES], tally[VEIL_RELAX_MIN_LOAD], tally[VEIL_RELAX_MIN_LOAD_ALL]);
	for (guint kind = 0; kind <= VEIL_RELAX_MIN_LOAD_ALL; kind++)
		assert_true(tally[kind] > 100);
}

/* A field of few reviewers inside a large batch: the witness is the field, found while the auction is still at it. */
static void
test_witness__a_short_field_is_found_in_a_large_batch(void **state)
{
	enum { P = 3000, R = 4000, FIELD = 40, ROW = 60 };
	g_autoptr(GRand) random = g_rand_new_with_seed(7);
	g_autofree guint32 *demand = g_new(guint32, P), *load = g_new(guint32, R), *row = g_new(guint32, P * ROW);
	g_autofree guint64 *offset = g_new0(guint64, P + 1);
	g_autofree gint64 *score = g_new(gint64, P * ROW);
	VeilInstance in = {.n_projects = P, .n_reviewers = R, .demand = demand, .max_load = load, .offset = offset, .reviewer = row, .score = score};
	g_autoptr(VeilMatch) match = NULL;
	g_autoptr(GArray) found = NULL;
	guint64 n = 0;

	(void)state;
	for (guint32 r = 0; r < R; r++)
		load[r] = 4;
	for (guint32 p = 0; p < P; p++) {
		demand[p] = 3;
		/* the first 60 projects know the first 40 reviewers only: 180 places, 160 there; the others all but them */
		for (guint32 i = 0, r = p < 60 ? 0 : FIELD + p * 37 % 2000; i < (p < 60 ? FIELD : ROW); i++, r += p < 60 ? 1 : 1 + (guint32)g_rand_int_range(random, 0, 29)) {
			row[n] = r;
			score[n++] = g_rand_int_range(random, 0, 1000000);
		}
		offset[p + 1] = n;
	}
	match = veil_match_total(&in, NULL, NULL);
	assert_non_null(match);
	assert_int_equal(match->status, VEIL_MATCH_INFEASIBLE);
	/* 54 projects of 3 want 162 of 160: one of them less, and they could be filled */
	assert_int_equal(match->witness.n_projects, 54);
	assert_int_equal(match->witness.n_reviewers, FIELD);
	assert_int_equal(match->witness.short_by, 2);
	found = veil_match_relax(&in, &match->witness, NULL);
	assert_non_null(found);
	assert_int_equal(found->len, 3);
	assert_int_equal(g_array_index(found, VeilRelaxation, 0).units, 20);
	assert_int_equal(g_array_index(found, VeilRelaxation, 1).load, 5);
	assert_int_equal(g_array_index(found, VeilRelaxation, 2).units, 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_witness__nothing_to_leave_out_nothing_cheaper),
		cmocka_unit_test(test_witness__a_short_field_is_found_in_a_large_batch),
	};

	return cmocka_run_group_tests_name("witness", tests, NULL, NULL);
}
