/* instance.h - small random instances and checkers that share nothing with the solver. */
#pragma once

#include <veil/match.h>

typedef struct {
	VeilInstance in; /* points to the arrays below */
	guint32 *demand, *min_load, *max_load, *reviewer, *group;
	guint64 *offset;
	gint64 *score, *cut;
} Instance;

typedef struct {
	guint32 projects, reviewers, demand, max_load, min_load, groups;
	gint64 low, high; /* scores */
	gdouble density;
	gboolean cuts;
} Shape;

Instance *instance_random(GRand *random, const Shape *shape);
void instance_free(Instance *instance);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Instance, instance_free)

/* Every legal assignment is tried: FALSE when there is none. At most 16 reviewers. */
gboolean brute_force(const VeilInstance *in, gint64 *out_best);
/* The rules of match.h, the objective, the bound by sorting; fails the running test. */
void assert_legal(const VeilInstance *in, const VeilMatch *match);
__int128 bound_by_sorting(const VeilInstance *in, const gint64 *price, gboolean *out_dummy_enters);
/* Places short by the witness's own words, counted from the instance alone. */
gint64 witness_shortage(const VeilInstance *in, const VeilWitness *witness);
