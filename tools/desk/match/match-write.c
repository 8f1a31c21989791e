/* match-write.c - what `veil match` leaves: the assignment, the certificate (docs/design/formats.md, 4), the summary. */
#include <stdio.h>
#include <string.h>

#include <json-glib/json-glib.h>

#include <veil/hash.h>

#include "match/match.h"
#include "solve/relaxation.h"

static void
append_field(GString *text, const char *field)
{
	if (strpbrk(field, ",;\t\"\r\n") == NULL && *field != '\0' && *field != ' ') {
		g_string_append(text, field);
		return;
	}
	g_string_append_c(text, '"');
	for (; *field != '\0'; field++) {
		if (*field == '"')
			g_string_append_c(text, '"');
		g_string_append_c(text, *field);
	}
	g_string_append_c(text, '"');
}

static GString *
assignment_text(const VeilPublished *x, const VeilMatch *match)
{
	GString *text = g_string_new("project,reviewer,score\n");
	char score[32];

	for (guint32 p = 0; p < x->n_projects; p++)
		for (guint64 i = match->assigned_offset[p]; i < match->assigned_offset[p + 1]; i++) {
			append_field(text, x->project[p]);
			g_string_append_c(text, ',');
			append_field(text, x->reviewer[match->assigned[i]]);
			veil_micro_format(veil_published_score(x, p, match->assigned[i]), score);
			g_string_append_printf(text, ",%s\n", score);
		}
	return text;
}

/* --- certificate ------------------------------------------------------------------------------------------------- */

static const char *
status_name(const VeilMatch *match)
{
	return match->status == VEIL_MATCH_OPTIMAL ? "optimal" : match->status == VEIL_MATCH_FEASIBLE ? "feasible" : "infeasible";
}

static void
add_text(JsonBuilder *builder, const char *name, const char *value)
{
	json_builder_set_member_name(builder, name);
	json_builder_add_string_value(builder, value);
}

static void
add_int(JsonBuilder *builder, const char *name, gint64 value)
{
	json_builder_set_member_name(builder, name);
	json_builder_add_int_value(builder, value);
}

static void
add_ids(JsonBuilder *builder, const char *name, char **ids, const guint32 *index, guint32 n)
{
	json_builder_set_member_name(builder, name);
	json_builder_begin_array(builder);
	for (guint32 i = 0; i < n; i++)
		json_builder_add_string_value(builder, ids[index[i]]);
	json_builder_end_array(builder);
}

/* Those of n that are not 0, by id. */
static void
add_numbers(JsonBuilder *builder, const char *name, char *const *ids, const gint64 *value, guint32 n)
{
	json_builder_set_member_name(builder, name);
	json_builder_begin_object(builder);
	for (guint32 i = 0; value != NULL && i < n; i++)
		if (value[i] != 0)
			add_int(builder, ids[i], value[i]);
	json_builder_end_object(builder);
}

/* Prices of reviewers and, where there are shares, of these. */
static void
add_prices(JsonBuilder *builder, const VeilPublished *x, const gint64 *price, const gint64 *share_price)
{
	add_numbers(builder, "prices", x->reviewer, price, x->n_reviewers);
	if (x->shares->len > 0)
		add_numbers(builder, "share_prices", (char *const *)x->share_name->pdata, share_price, x->shares->len);
}

static void
add_witness(JsonBuilder *builder, const VeilPublished *x, const VeilWitness *witness)
{
	static const char *const kinds[] = {"places", "rule", "panel", "prices"};

	json_builder_begin_object(builder);
	add_text(builder, "kind", witness->minimum ? "minimum" : kinds[witness->kind]);
	if (witness->kind == VEIL_WITNESS_RULE)
		add_text(builder, "rule", g_ptr_array_index(x->bound_name, witness->rule));
	if (witness->kind == VEIL_WITNESS_PRICES)
		add_prices(builder, x, witness->price, witness->share_price);
	add_ids(builder, "projects", x->project, witness->projects, witness->n_projects);
	add_ids(builder, "reviewers", x->reviewer, witness->reviewers, witness->n_reviewers);
	add_int(builder, "short_by", (gint64)witness->short_by);
	json_builder_end_object(builder);
}

static char *
json_text(JsonBuilder *builder, gsize *out_length)
{
	g_autoptr(JsonGenerator) generator = json_generator_new();
	g_autoptr(JsonNode) root = json_builder_get_root(builder);

	json_generator_set_root(generator, root);
	return json_generator_to_data(generator, out_length);
}

/* The cap on loads, and why none below its bound leaves the worst-served project this much. */
static void
add_load_cap(JsonBuilder *builder, const VeilPublished *x, const VeilMatch *match)
{
	json_builder_set_member_name(builder, "load_cap");
	json_builder_begin_object(builder);
	add_int(builder, "value", match->load_cap);
	add_int(builder, "bound", match->load_cap_bound);
	add_numbers(builder, "weights", x->project, match->cap_weight, x->n_projects);
	add_prices(builder, x, match->cap_price, match->cap_share_price);
	json_builder_end_object(builder);
}

/* The floors' weights, and why no assignment gives the worst-served project more. */
static void
add_fairness(JsonBuilder *builder, const VeilPublished *x, const VeilMatch *match)
{
	json_builder_set_member_name(builder, "minimum");
	json_builder_begin_object(builder);
	add_int(builder, "value", match->minimum);
	add_int(builder, "bound", match->minimum_bound);
	add_numbers(builder, "weights", x->project, match->min_weight, x->n_projects);
	add_prices(builder, x, match->min_price, match->min_share_price);
	json_builder_end_object(builder);
	add_numbers(builder, "weights", x->project, match->weight, x->n_projects);
}

static char *
certificate_text(const VeilPublished *x, const VeilMatch *match, const GString *assignment)
{
	static const char *const methods[] = {"total", "fair", "draw"};
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_autofree char *text = NULL;
	guint8 digest[32];
	char hex[65];

	json_builder_begin_object(builder);
	add_text(builder, "format", x->ruled || x->method != VEIL_METHOD_TOTAL ? "veil-certificate/2" : "veil-certificate/1");
	add_text(builder, "method", methods[x->method]);
	add_text(builder, "status", status_name(match));
	if (match->status == VEIL_MATCH_INFEASIBLE) {
		json_builder_set_member_name(builder, "witness");
		add_witness(builder, x, &match->witness);
	} else {
		add_int(builder, "objective", match->objective);
		add_int(builder, "bound", match->bound);
		veil_sha256(assignment->str, assignment->len, digest);
		veil_hex_encode(digest, sizeof digest, hex);
		add_text(builder, "assignment_sha256", hex);
		add_prices(builder, x, match->price, match->share_price);
		if (x->method == VEIL_METHOD_FAIR)
			add_fairness(builder, x, match);
		if (match->even)
			add_load_cap(builder, x, match);
		if (x->method == VEIL_METHOD_DRAW)
			veil_published_draw_certify(x, builder);
	}
	json_builder_end_object(builder);
	text = json_text(builder, NULL);
	return g_strconcat(text, "\n", NULL);
}

/* --- files ------------------------------------------------------------------------------------------------------- */

gboolean
veil_published_write(const VeilPublished *x, const VeilMatch *match, const VeilMatchOptions *options, VeilMatchTimes *times, GError **error)
{
	gint64 start = g_get_monotonic_time();
	gboolean infeasible = match->status == VEIL_MATCH_INFEASIBLE;
	GString *assignment = infeasible ? NULL : assignment_text(x, match);
	gboolean ok = infeasible || veil_file_put_out(options->out, assignment->str, assignment->len, 0600, error);

	if (ok && options->certificate != NULL) {
		g_autofree char *certificate = certificate_text(x, match, assignment);

		ok = veil_file_put_out(options->certificate, certificate, strlen(certificate), 0600, error);
	}
	if (assignment != NULL)
		g_string_free(assignment, TRUE);
	times->write += (gdouble)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
	return ok;
}

/* --- summary ----------------------------------------------------------------------------------------------------- */

/* What the worst served project gets; projects that want nobody do not count. */
static gint64
min_project_score(const VeilPublished *x, const VeilMatch *match)
{
	gint64 worst = G_MAXINT64;

	for (guint32 p = 0; p < x->n_projects; p++) {
		gint64 sum = 0;

		for (guint64 i = match->assigned_offset[p]; i < match->assigned_offset[p + 1]; i++)
			sum += veil_published_score(x, p, match->assigned[i]);
		if (x->demand[p] > 0)
			worst = MIN(worst, sum);
	}
	return worst == G_MAXINT64 ? 0 : worst;
}

/* A decimal as it is, not through binary floating point. */
static void
append_micro(GString *json, const char *name, gint64 micro)
{
	char text[32];

	veil_micro_format(micro, text);
	g_string_append_printf(json, "\"%s\": %s, ", name, text);
}

static void
append_seconds(GString *json, const char *name, gdouble seconds, const char *behind)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append_printf(json, "\"%s\": %s%s", name, g_ascii_formatd(text, sizeof text, "%.6f", seconds), behind);
}

static const char *
id_of(gpointer data, gboolean project, guint32 index)
{
	const VeilPublished *x = data;

	return project ? x->project[index] : x->reviewer[index];
}

static const char *
rule_of(gpointer data, guint32 bound)
{
	const VeilPublished *x = data;

	return g_ptr_array_index(x->bound_name, bound);
}

static void
append_relaxations(GString *json, const VeilPublished *x, const GArray *relaxations)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	VeilNaming naming = {(gpointer)x, id_of, rule_of};
	g_autofree char *text = NULL;

	veil_relaxations_json(builder, relaxations, &naming);
	text = json_text(builder, NULL);
	g_string_append_printf(json, ", \"relaxations\": %s", text);
}

static void
print_json(const VeilPublished *x, const VeilMatch *match, const GArray *relaxations, const VeilMatchTimes *times)
{
	GString *json = g_string_new("{");

	g_string_append_printf(json, "\"status\": \"%s\", ", status_name(match));
	if (match->status != VEIL_MATCH_INFEASIBLE) {
		append_micro(json, "objective", match->objective);
		append_micro(json, "bound", match->bound);
		append_micro(json, "gap", match->bound - match->objective);
		append_micro(json, "min_project_score", min_project_score(x, match));
		if (x->method == VEIL_METHOD_FAIR)
			append_micro(json, "min_project_bound", match->minimum_bound);
		if (match->even)
			g_string_append_printf(json, "\"load_cap\": %u, \"load_cap_bound\": %u, ", match->load_cap, match->load_cap_bound);
		if (x->method == VEIL_METHOD_DRAW)
			veil_published_draw_json(x, json);
	} else {
		g_string_append(json, "\"objective\": null, \"bound\": null, \"gap\": null, \"min_project_score\": null, ");
	}
	g_string_append_printf(json, "\"projects\": %u, \"reviewers\": %u, \"pairs\": %" G_GUINT64_FORMAT ", \"seconds\": {", x->n_projects,
			       x->n_reviewers, x->n_pairs);
	append_seconds(json, "read", times->read, ", ");
	append_seconds(json, "solve", times->solve, ", ");
	append_seconds(json, "write", times->write, "}");
	if (match->status == VEIL_MATCH_INFEASIBLE) {
		g_autoptr(JsonBuilder) builder = json_builder_new();
		g_autofree char *witness = NULL;

		add_witness(builder, x, &match->witness);
		witness = json_text(builder, NULL);
		g_string_append_printf(json, ", \"witness\": %s", witness);
		append_relaxations(json, x, relaxations);
	}
	g_string_append(json, "}\n");
	fputs(json->str, stdout);
	g_string_free(json, TRUE);
}

static void
print_load_cap(const VeilMatch *match)
{
	printf("nobody has more than %u %s; ", match->load_cap, match->load_cap == 1 ? "project" : "projects");
	if (match->load_cap == match->load_cap_bound)
		printf("with this worst served project no smaller cap is possible, and the total's bound is for this cap\n");
	else
		printf("a cap below %u is proved impossible with this worst served project, between the two nothing was found; the total's bound is for this cap\n",
		       match->load_cap_bound);
}

void
veil_published_print(const VeilPublished *x, const VeilMatch *match, const GArray *relaxations, gboolean json, const VeilMatchTimes *times)
{
	char objective[32], bound[32], worst[32];

	if (json) {
		print_json(x, match, relaxations, times);
		return;
	}
	printf("%u projects, %u reviewers, %" G_GUINT64_FORMAT " allowed pairs\n", x->n_projects, x->n_reviewers, x->n_pairs);
	if (match->status != VEIL_MATCH_INFEASIBLE && x->method == VEIL_METHOD_DRAW) {
		veil_published_draw_print(x, match);
	} else if (match->status != VEIL_MATCH_INFEASIBLE) {
		veil_micro_format(match->objective, objective);
		veil_micro_format(match->bound, bound);
		veil_micro_format(min_project_score(x, match), worst);
		printf("%s: total %s, no assignment can exceed %s, worst served project %s\n", status_name(match), objective, bound, worst);
		if (x->method == VEIL_METHOD_FAIR) {
			veil_micro_format(match->minimum_bound, bound);
			printf("no assignment gives its worst served project more than %s; the total's bound is for assignments that give it what this one does\n", bound);
			if (match->even)
				print_load_cap(match);
		}
	}
	for (guint i = 0; relaxations != NULL && i < relaxations->len; i++) {
		VeilNaming naming = {(gpointer)x, id_of, rule_of};
		g_autofree char *line = veil_relaxation_text(&g_array_index(relaxations, VeilRelaxation, i), &naming);

		printf("feasible %sif %s\n", i ? "or " : "", line);
	}
	printf("read %.2f s, solve %.2f s, write %.2f s\n", times->read, times->solve, times->write);
}
