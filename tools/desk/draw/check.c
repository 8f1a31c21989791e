/* check.c - can the batch be filled? Supply and demand, and where it cannot: the witness and what would help, in words and for scripts.
 *
 * Nothing is drawn and nothing is written. What is said rests on the batch file alone: codes, lists, loads, classes.
 */
#include <stdio.h>
#include <string.h>

#include "site/batch-files.h"
#include "draw/check.h"
#include "solve/draw-places.h"
#include "solve/instance.h"
#include "freeze/minima.h"
#include "solve/relaxation.h"
#include "solve/solve.h"

/* One class of projects, or the whole batch. */
typedef struct {
	const char *name; /* "" = no class */
	guint32 n_projects, n_reviewers;
	guint64 demand, capacity, minimum;
	guint32 tightest; /* fewest candidates of a project, as listed */
} Supply;

typedef struct {
	VeilBatch *batch;
	VeilPolicy *policy;
	VeilBatchInstance instance;
	VeilMatch *match;
	GArray *relaxations; /* NULL: feasible */
	GArray *too_few;     /* guint32: projects that method draw would refuse for their few candidates */
	GArray *fields;	     /* Supply by class, in the order of names; the first is the whole batch */
	VeilNaming naming;
} Check;

static const char *
id_of(gpointer data, gboolean project, guint32 index)
{
	const Check *check = data;

	return project ? check->batch->projects[index].code : check->batch->reviewers[index].code;
}

static const char *
rule_of(gpointer data, guint32 bound)
{
	const Check *check = data;

	return bound < check->instance.bound_names->len ? g_ptr_array_index(check->instance.bound_names, bound) : "";
}

/* Demand of the class's projects, and the loads of everybody whom any of them lists (who may be listed by other classes too). */
static Supply
count_supply(const VeilBatch *batch, const char *name)
{
	Supply s = {.name = name ? name : "", .tightest = G_MAXUINT32};
	g_autofree guint8 *listed = g_malloc0((gsize)batch->n_reviewers + 1);

	for (guint32 p = 0; p < batch->n_projects; p++) {
		const char *of = batch->projects[p].project_class ? batch->projects[p].project_class : "";

		if (name != NULL && strcmp(of, name) != 0)
			continue;
		s.n_projects++;
		s.demand += batch->projects[p].demand;
		s.tightest = MIN(s.tightest, (guint32)(batch->offset[p + 1] - batch->offset[p]));
		for (guint64 i = batch->offset[p]; i < batch->offset[p + 1]; i++)
			listed[batch->reviewer[i]] = 1;
	}
	for (guint32 r = 0; r < batch->n_reviewers; r++) {
		if (name != NULL && !listed[r])
			continue;
		s.n_reviewers++;
		s.capacity += batch->reviewers[r].max_load;
		s.minimum += batch->reviewers[r].min_load;
	}
	if (s.n_projects == 0)
		s.tightest = 0;
	return s;
}

static int
by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
count_fields(Check *check)
{
	const VeilBatch *batch = check->batch;
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	Supply whole = count_supply(batch, NULL);

	g_array_append_val(check->fields, whole);
	for (guint32 p = 0; p < batch->n_projects; p++)
		g_ptr_array_add(names, (gpointer)(batch->projects[p].project_class ? batch->projects[p].project_class : ""));
	g_ptr_array_sort(names, by_name);
	for (guint i = 0; i < names->len; i++) {
		Supply s;

		if (i > 0 && strcmp(g_ptr_array_index(names, i), g_ptr_array_index(names, i - 1)) == 0)
			continue;
		s = count_supply(batch, g_ptr_array_index(names, i));
		if (s.n_projects < batch->n_projects) /* a batch without classes is one field */
			g_array_append_val(check->fields, s);
	}
}

/* Method draw refuses a project whose list is below the smallest set, or so short that the cap on the odds leaves places to nobody. */
static void
find_too_few(Check *check)
{
	const VeilBatch *batch = check->batch;

	for (guint32 p = 0; veil_policy_method(check->policy) == VEIL_METHOD_DRAW && p < batch->n_projects; p++) {
		guint64 listed = batch->offset[p + 1] - batch->offset[p], demand = batch->projects[p].demand;

		if (demand > 0 && (listed < veil_draw_smallest_set(check->policy, (guint32)demand) ||
				   listed * (guint64)check->policy->odds_micro < demand * 1000000))
			g_array_append_val(check->too_few, p);
	}
}

static const char *
witness_kind(const VeilWitness *w)
{
	switch (w->kind) {
	case VEIL_WITNESS_RULE:
		return "rule";
	case VEIL_WITNESS_PANEL:
		return "panel";
	case VEIL_WITNESS_PRICES:
		return "prices";
	case VEIL_WITNESS_PLAIN:
		break;
	}
	return w->minimum ? "minimum" : "places";
}

/* --- JSON -------------------------------------------------------------------------------------------------------- */

static void
add_int(JsonBuilder *json, const char *name, guint64 value)
{
	json_builder_set_member_name(json, name);
	json_builder_add_int_value(json, (gint64)value);
}

static void
add_text(JsonBuilder *json, const char *name, const char *value)
{
	json_builder_set_member_name(json, name);
	json_builder_add_string_value(json, value);
}

static void
add_codes(JsonBuilder *json, const char *member, const Check *check, const guint32 *indexes, guint32 n, gboolean projects)
{
	json_builder_set_member_name(json, member);
	json_builder_begin_array(json);
	for (guint32 i = 0; i < n; i++)
		json_builder_add_string_value(json, id_of((gpointer)check, projects, indexes[i]));
	json_builder_end_array(json);
}

static void
add_supply(JsonBuilder *json, const Supply *s)
{
	add_int(json, "demand", s->demand);
	add_int(json, "capacity", s->capacity);
	add_int(json, "minimum", s->minimum);
	add_int(json, "fewest_candidates", s->tightest);
}

static void
add_fields(JsonBuilder *json, const Check *check)
{
	json_builder_set_member_name(json, "fields");
	json_builder_begin_array(json);
	for (guint i = 1; i < check->fields->len; i++) {
		const Supply *s = &g_array_index(check->fields, Supply, i);

		json_builder_begin_object(json);
		add_text(json, "class", s->name);
		add_int(json, "projects", s->n_projects);
		add_int(json, "reviewers", s->n_reviewers);
		add_supply(json, s);
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
}

static void
add_witness(JsonBuilder *json, const Check *check)
{
	const VeilWitness *w = &check->match->witness;

	json_builder_set_member_name(json, "witness");
	json_builder_begin_object(json);
	add_text(json, "kind", witness_kind(w));
	if (w->kind == VEIL_WITNESS_RULE)
		add_text(json, "rule", rule_of((gpointer)check, w->rule));
	add_codes(json, "projects", check, w->projects, w->n_projects, TRUE);
	add_codes(json, "reviewers", check, w->reviewers, w->n_reviewers, FALSE);
	add_int(json, "short_by", w->short_by);
	json_builder_set_member_name(json, "complete");
	json_builder_add_boolean_value(json, w->complete);
	json_builder_end_object(json);
}

static void
print_json(const Check *check)
{
	JsonBuilder *json = json_builder_new();
	g_autoptr(GPtrArray) warnings = veil_minima_warnings(check->batch, check->policy);

	json_builder_begin_object(json);
	add_text(json, "status", check->relaxations == NULL ? "feasible" : "infeasible");
	add_supply(json, &g_array_index(check->fields, Supply, 0));
	if (check->fields->len > 1)
		add_fields(json, check);
	add_codes(json, "too_few_to_draw", check, (const guint32 *)(gpointer)check->too_few->data, check->too_few->len, TRUE);
	json_builder_set_member_name(json, "warnings");
	json_builder_begin_array(json);
	for (guint i = 0; i < warnings->len; i++)
		json_builder_add_string_value(json, g_ptr_array_index(warnings, i));
	json_builder_end_array(json);
	if (check->relaxations != NULL) {
		add_witness(json, check);
		json_builder_set_member_name(json, "relaxations");
		veil_relaxations_json(json, check->relaxations, &check->naming);
	}
	json_builder_end_object(json);
	veil_json_print(json);
}

/* --- CSV --------------------------------------------------------------------------------------------------------- */

static void
add_row(VeilRows *rows, const char *what, const char *item, const char *code, guint64 number)
{
	g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, number);
	const char *cells[] = {what, item, code, text};

	veil_rows_add(rows, cells);
}

static void
add_relaxation_rows(VeilRows *rows, const VeilRelaxation *x, const VeilNaming *naming)
{
	gboolean load = x->kind == VEIL_RELAX_MAX_LOAD || x->kind == VEIL_RELAX_MIN_LOAD_ALL;
	gboolean projects = x->kind == VEIL_RELAX_PLACES || x->kind == VEIL_RELAX_RULE || x->kind == VEIL_RELAX_LISTS;

	add_row(rows, "relaxation", veil_relaxation_name(x->kind), x->exact ? "exact" : "", load ? x->load : x->units);
	for (guint32 i = 0; i < x->n; i++)
		add_row(rows, veil_relaxation_name(x->kind), projects ? "project" : "reviewer", naming->id(naming->data, projects, x->who[i]), x->by ? x->by[i] : 0);
}

static gboolean
print_csv(const Check *check, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"what", "item", "code", "number"};
	const VeilWitness *w = &check->match->witness;
	VeilRows rows;

	if (!veil_rows_begin(&rows, how, "check", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	add_row(&rows, "feasible", "", "", check->relaxations == NULL);
	for (guint i = 0; i < check->fields->len; i++) {
		const Supply *s = &g_array_index(check->fields, Supply, i);
		const char *what = i == 0 ? "batch" : "class", *code = s->name;

		add_row(&rows, what, "projects", code, s->n_projects);
		add_row(&rows, what, "demand", code, s->demand);
		add_row(&rows, what, "capacity", code, s->capacity);
		add_row(&rows, what, "minimum", code, s->minimum);
		add_row(&rows, what, "fewest_candidates", code, s->tightest);
	}
	for (guint i = 0; i < check->too_few->len; i++) {
		guint32 p = g_array_index(check->too_few, guint32, i);

		add_row(&rows, "draw", "too_few_to_draw", id_of((gpointer)check, TRUE, p), check->batch->offset[p + 1] - check->batch->offset[p]);
	}
	if (check->relaxations != NULL) {
		add_row(&rows, "witness", witness_kind(w), w->kind == VEIL_WITNESS_RULE ? rule_of((gpointer)check, w->rule) : "", w->short_by);
		for (guint32 i = 0; i < w->n_projects; i++)
			add_row(&rows, "witness", "project", id_of((gpointer)check, TRUE, w->projects[i]), check->instance.instance.demand[w->projects[i]]);
		for (guint32 i = 0; i < w->n_reviewers; i++)
			add_row(&rows, "witness", "reviewer", id_of((gpointer)check, FALSE, w->reviewers[i]), check->instance.instance.max_load[w->reviewers[i]]);
		for (guint i = 0; i < check->relaxations->len; i++)
			add_relaxation_rows(&rows, &g_array_index(check->relaxations, VeilRelaxation, i), &check->naming);
	}
	return veil_rows_end(&rows, error);
}

/* --- text -------------------------------------------------------------------------------------------------------- */

static void
print_too_few(const Check *check)
{
	guint n = check->too_few->len, shown = MIN(n, 5);

	if (n == 0)
		return;
	printf("draw      would be refused: too few candidates under [batch] smallest_set or odds for %u %s: ", n, n == 1 ? "project" : "projects");
	for (guint i = 0; i < shown; i++) {
		guint32 p = g_array_index(check->too_few, guint32, i);

		printf("%s%s (%" G_GUINT64_FORMAT ")", i ? ", " : "", id_of((gpointer)check, TRUE, p), check->batch->offset[p + 1] - check->batch->offset[p]);
	}
	if (n > shown)
		printf(" and %u more", n - shown);
	printf("; `veil batch exception` lets one be drawn all the same\n");
}

/* A witness is a smallest group that lacks something; this is what the whole batch lacks. */
static void
print_shortage(const Check *check)
{
	guint64 places = veil_relaxations_shortage(check->relaxations, FALSE), loads = veil_relaxations_shortage(check->relaxations, TRUE);
	g_autofree char *words = veil_count_words(places, "place", "places");

	if (places > 0)
		printf("in all    %s cannot be filled, whoever is chosen\n", words);
	if (loads > 0)
		printf("in all    %" G_GUINT64_FORMAT " of the minimum loads cannot be met, whoever is chosen\n", loads);
}

static void
print_text(const Check *check, const char *why)
{
	const Supply *whole = &g_array_index(check->fields, Supply, 0);

	printf("demand    %" G_GUINT64_FORMAT " places in %u projects\n", whole->demand, whole->n_projects);
	printf("capacity  %" G_GUINT64_FORMAT " places of %u reviewers\n", whole->capacity, whole->n_reviewers);
	printf("lists     at least %u candidates a project\n", whole->tightest);
	for (guint i = 1; i < check->fields->len; i++) {
		const Supply *s = &g_array_index(check->fields, Supply, i);

		printf("class     %s: %" G_GUINT64_FORMAT " places in %u projects, %" G_GUINT64_FORMAT " places of %u candidates, at least %u a project\n",
		       *s->name ? s->name : "(none)", s->demand, s->n_projects, s->capacity, s->n_reviewers, s->tightest);
	}
	printf("feasible  %s\n", check->relaxations == NULL ? "yes" : "no");
	print_too_few(check);
	if (check->relaxations == NULL)
		return;
	print_shortage(check);
	printf("because   %s\n", why);
	for (guint i = 0; i < check->relaxations->len; i++) {
		g_autofree char *line = veil_relaxation_text(&g_array_index(check->relaxations, VeilRelaxation, i), &check->naming);

		printf("%s %s\n", i == 0 ? "if       " : "or if    ", line);
	}
}

/* --- all of it --------------------------------------------------------------------------------------------------- */

static gboolean
print_all(const Check *check, VeilPrint how, GError **error)
{
	g_autofree char *why = check->relaxations ? veil_witness_text(check->batch, &check->match->witness) : NULL;
	gboolean printed = TRUE;

	if (how == VEIL_PRINT_JSON)
		print_json(check);
	else if (how == VEIL_PRINT_TEXT)
		print_text(check, why);
	else
		printed = print_csv(check, how, error);
	if (printed && why != NULL)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INFEASIBLE, "no legal assignment: %s", why);
	return printed && why == NULL;
}

gboolean
veil_check_print(const VeilSite *site, const char *name, VeilPrint how, GError **error)
{
	g_autofree char *path = veil_batch_find(site, VEIL_FOLDER_DRAW, name, "veil", error);
	g_autoptr(VeilBatch) batch = path ? veil_batch_read(path, error) : NULL;
	g_autoptr(VeilPolicy) policy = batch ? veil_batch_policy(batch, error) : NULL;
	g_autoptr(VeilMatch) match = policy ? veil_batch_solve(batch, policy, NULL, error) : NULL;
	g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(Supply)), relaxations = NULL;
	g_autoptr(GArray) too_few = g_array_new(FALSE, FALSE, sizeof(guint32));
	Check check = {.batch = batch, .policy = policy, .match = match, .fields = fields, .too_few = too_few};
	gboolean ok = TRUE;

	if (match == NULL)
		return FALSE;
	check.naming = (VeilNaming){&check, id_of, rule_of};
	veil_batch_instance_init(&check.instance, batch, policy, NULL);
	count_fields(&check);
	find_too_few(&check);
	if (match->status == VEIL_MATCH_INFEASIBLE) {
		check.relaxations = relaxations = veil_match_relax(&check.instance.instance, &match->witness, error);
		ok = relaxations != NULL;
	}
	veil_minima_warn(batch, policy);
	ok = ok && print_all(&check, how, error);
	veil_batch_instance_clear(&check.instance);
	return ok;
}
