/* relaxation.c - what would make an infeasible batch or instance feasible, said to people and to scripts.
 *
 * Never a weaker conflict rule: the engine does not know of one, and no sentence here suggests it.
 */
#include "solve/relaxation.h"

enum { SHOWN = 5 };

const char *
veil_relaxation_name(VeilRelaxationKind kind)
{
	static const char *const names[] = {"raise", "max-load", "fewer-places", "min-loads", "min-load", "rule", "longer-lists"};

	return names[kind];
}

static gboolean
is_of_projects(VeilRelaxationKind kind)
{
	return kind == VEIL_RELAX_PLACES || kind == VEIL_RELAX_RULE || kind == VEIL_RELAX_LISTS;
}

static void
add_int(JsonBuilder *builder, const char *name, gint64 value)
{
	json_builder_set_member_name(builder, name);
	json_builder_add_int_value(builder, value);
}

static void
add_who(JsonBuilder *builder, const VeilRelaxation *x, const VeilNaming *naming)
{
	gboolean projects = is_of_projects(x->kind);

	json_builder_set_member_name(builder, projects ? "projects" : "reviewers");
	if (x->by == NULL) {
		json_builder_begin_array(builder);
		for (guint32 i = 0; i < x->n; i++)
			json_builder_add_string_value(builder, naming->id(naming->data, projects, x->who[i]));
		json_builder_end_array(builder);
		return;
	}
	json_builder_begin_object(builder);
	for (guint32 i = 0; i < x->n; i++)
		add_int(builder, naming->id(naming->data, projects, x->who[i]), x->by[i]);
	json_builder_end_object(builder);
}

void
veil_relaxations_json(JsonBuilder *builder, const GArray *relaxations, const VeilNaming *naming)
{
	json_builder_begin_array(builder);
	for (guint i = 0; relaxations != NULL && i < relaxations->len; i++) {
		const VeilRelaxation *x = &g_array_index(relaxations, VeilRelaxation, i);

		json_builder_begin_object(builder);
		json_builder_set_member_name(builder, "kind");
		json_builder_add_string_value(builder, veil_relaxation_name(x->kind));
		if (x->kind == VEIL_RELAX_MAX_LOAD || x->kind == VEIL_RELAX_MIN_LOAD_ALL) {
			add_int(builder, "load", x->load);
		} else {
			if (x->kind != VEIL_RELAX_LISTS)
				add_int(builder, "units", (gint64)x->units);
			if (x->kind == VEIL_RELAX_RULE && naming->rule != NULL) {
				json_builder_set_member_name(builder, "rule");
				json_builder_add_string_value(builder, naming->rule(naming->data, x->load));
			}
			add_who(builder, x, naming);
		}
		json_builder_set_member_name(builder, "exact");
		json_builder_add_boolean_value(builder, x->exact);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
}

guint64
veil_relaxations_shortage(const GArray *relaxations, gboolean loads)
{
	for (guint i = 0; relaxations != NULL && i < relaxations->len; i++) {
		const VeilRelaxation *x = &g_array_index(relaxations, VeilRelaxation, i);

		if (x->kind == (loads ? VEIL_RELAX_MIN_LOAD : VEIL_RELAX_PLACES))
			return x->units;
	}
	return 0;
}

char *
veil_count_words(guint64 n, const char *one, const char *many)
{
	return g_strdup_printf("%" G_GUINT64_FORMAT " %s", n, n == 1 ? one : many);
}

static void
append_who(GString *text, const VeilRelaxation *x, const VeilNaming *naming)
{
	for (guint32 i = 0; i < MIN(x->n, SHOWN); i++) {
		g_string_append_printf(text, "%s%s", i ? ", " : "", naming->id(naming->data, is_of_projects(x->kind), x->who[i]));
		if (x->by != NULL)
			g_string_append_printf(text, " by %u", x->by[i]);
	}
	if (x->n > SHOWN)
		g_string_append_printf(text, " and %u more", x->n - SHOWN);
}

char *
veil_relaxation_text(const VeilRelaxation *x, const VeilNaming *naming)
{
	GString *text = g_string_new(NULL);
	g_autofree char *reviewers = veil_count_words(x->n, "reviewer takes", "reviewers take"), *let_off = veil_count_words(x->n, "reviewer is", "reviewers are");
	g_autofree char *projects = veil_count_words(x->n, "project gives", "projects give"), *more = veil_count_words(x->units, "project", "projects");
	g_autofree char *places = veil_count_words(x->units, "place", "places");

	switch (x->kind) {
	case VEIL_RELAX_RAISE:
		g_string_append_printf(text, "%s %s more than the maximum: ", reviewers, more);
		break;
	case VEIL_RELAX_MAX_LOAD:
		g_string_append_printf(text, "nobody's maximum load is below %u (nobody is asked whose maximum is 0)", x->load);
		break;
	case VEIL_RELAX_PLACES:
		g_string_append_printf(text, "%s up %s: ", projects, places);
		break;
	case VEIL_RELAX_MIN_LOAD:
		g_string_append_printf(text, "%s let off %" G_GUINT64_FORMAT " of the minimum load%s: ", let_off, x->units, x->n == 1 ? "" : "s");
		break;
	case VEIL_RELAX_MIN_LOAD_ALL:
		g_string_append_printf(text, "nobody's minimum load is above %u", x->load);
		break;
	case VEIL_RELAX_RULE:
		g_string_append_printf(text, "panel rule %s asks for %" G_GUINT64_FORMAT " fewer in all in: ",
				       naming->rule ? naming->rule(naming->data, x->load) : "", x->units);
		break;
	case VEIL_RELAX_LISTS:
		g_string_append(text, "longer candidate lists or wider disciplines (their lists are cut) for: ");
		break;
	}
	append_who(text, x, naming);
	g_string_append(text, x->kind == VEIL_RELAX_LISTS ? "; may help" : x->exact ? "; that is enough, and less is not" : "; may not be enough by itself");
	return g_string_free(text, FALSE);
}
