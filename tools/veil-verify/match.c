/* match.c - `veil-verify match`: does this assignment obey the published instance, and do the prices prove its total?
 *
 * The people: whoever stands in scores, loads or attributes; the projects: whatever stands in scores or demands. Conflicts with others say nothing.
 * Messages name rows and projects, never a reviewer: a published instance may use names as ids.
 */
#include <string.h>

#include <json-glib/json-glib.h>

#include "verify.h"

typedef struct {
	Instance x;
	const MatchOptions *options;
	Policy policy;
	gint64 default_demand, default_min, default_max;
	GArray *demand, *min_load, *max_load; /* gint64, -1: the default; grow with the ids */
	GArray *group;			      /* guint32 */
	GHashTable *group_index, *seen;
	GArray *places; /* Pair */
	/* the certificate */
	gint64 objective, bound;
	gboolean infeasible, minimum;
	char *status, *digest;
	gint64 *prices, short_by;
	guint8 *project_in, *reviewer_in;
} Match;

static int
by_pair(gconstpointer a, gconstpointer b)
{
	const Pair *x = a, *y = b;

	return x->project != y->project ? (x->project > y->project ? 1 : -1) : (x->reviewer > y->reviewer) - (x->reviewer < y->reviewer);
}

const Pair *
instance_find(const GArray *pairs, const guint64 *start, guint32 project, guint32 reviewer)
{
	guint64 low = start[project], high = start[project + 1];

	while (low < high) {
		guint64 middle = low + (high - low) / 2;

		if (g_array_index(pairs, Pair, middle).reviewer < reviewer)
			low = middle + 1;
		else
			high = middle;
	}
	return low < start[project + 1] && g_array_index(pairs, Pair, low).reviewer == reviewer ? &g_array_index(pairs, Pair, low) : NULL;
}

/* --- the instance ------------------------------------------------------------------------------------------------- */

static guint32
intern(GHashTable *index, GPtrArray *ids, const char *id)
{
	guint32 known = GPOINTER_TO_UINT(g_hash_table_lookup(index, id));
	char *copy;

	if (known)
		return known - 1;
	copy = g_strdup(id);
	g_ptr_array_add(ids, copy);
	g_hash_table_insert(index, copy, GUINT_TO_POINTER(ids->len));
	return ids->len - 1;
}

static void
grow(Match *m)
{
	static const gint64 unset = -1;
	static const guint32 none = 0;

	while (m->demand->len < m->x.projects->len)
		g_array_append_val(m->demand, unset);
	while (m->min_load->len < m->x.reviewers->len) {
		g_array_append_val(m->min_load, unset);
		g_array_append_val(m->max_load, unset);
		g_array_append_val(m->group, none);
	}
}

static gboolean
score_row(char **field, guint64 row, gpointer data)
{
	Match *m = data;
	Pair pair = {.row = row};

	if (field[0][0] == '\0' || field[1][0] == '\0' || !micro_parse(field[2], &pair.score))
		return FALSE;
	pair.project = intern(m->x.project_index, m->x.projects, field[0]);
	pair.reviewer = intern(m->x.reviewer_index, m->x.reviewers, field[1]);
	g_array_append_val(m->x.scores, pair);
	return TRUE;
}

static gboolean
conflict_row(char **field, guint64 row, gpointer data)
{
	Match *m = data;
	guint32 p = GPOINTER_TO_UINT(g_hash_table_lookup(m->x.project_index, field[0]));
	guint32 r = GPOINTER_TO_UINT(g_hash_table_lookup(m->x.reviewer_index, field[1]));
	Pair pair = {p - 1, r - 1, 0, row};

	if (p && r)
		g_array_append_val(m->x.conflicts, pair);
	return field[0][0] != '\0' && field[1][0] != '\0';
}

static gboolean
load_row(char **field, guint64 row, gpointer data)
{
	Match *m = data;
	guint32 r;
	gint64 *min, *max;

	(void)row;
	if (field[0][0] == '\0')
		return FALSE;
	r = intern(m->x.reviewer_index, m->x.reviewers, field[0]);
	grow(m);
	min = &g_array_index(m->min_load, gint64, r);
	max = &g_array_index(m->max_load, gint64, r);
	return *max == -1 && count_parse(field[1], min) && count_parse(field[2], max) && *min <= *max;
}

static gboolean
demand_row(char **field, guint64 row, gpointer data)
{
	Match *m = data;
	guint32 p;
	gint64 *demand;

	(void)row;
	if (field[0][0] == '\0')
		return FALSE;
	p = intern(m->x.project_index, m->x.projects, field[0]);
	grow(m);
	demand = &g_array_index(m->demand, gint64, p);
	return *demand == -1 && count_parse(field[1], demand);
}

static gboolean
attribute_row(char **field, guint64 row, gpointer data)
{
	Match *m = data;
	guint32 r, group;

	(void)row;
	if (field[0][0] == '\0')
		return FALSE;
	r = intern(m->x.reviewer_index, m->x.reviewers, field[0]);
	grow(m);
	if (!g_hash_table_add(m->seen, GUINT_TO_POINTER(r + 1)))
		return FALSE; /* twice */
	if (field[1] == NULL || field[1][0] == '\0')
		return TRUE; /* a missing attribute never equals another */
	group = GPOINTER_TO_UINT(g_hash_table_lookup(m->group_index, field[1]));
	if (group == 0)
		g_hash_table_insert(m->group_index, g_strdup(field[1]), GUINT_TO_POINTER(group = ++m->x.n_groups));
	g_array_index(m->group, guint32, r) = group;
	return TRUE;
}

/* Sorts by project and reviewer, marks where each project begins; repeats are dropped or, for scores, an error. */
static gboolean
index_pairs(GArray *pairs, guint32 n_projects, gboolean unique, guint64 **out_start)
{
	guint64 *start = g_new0(guint64, n_projects + 1), kept = 0;

	g_array_sort(pairs, by_pair);
	for (guint64 i = 0; i < pairs->len; i++) {
		Pair pair = g_array_index(pairs, Pair, i);

		if (kept > 0 && by_pair(&pair, &g_array_index(pairs, Pair, kept - 1)) == 0) {
			if (unique)
				verdict_reject("scores: rows %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " give the same pair", g_array_index(pairs, Pair, kept - 1).row, pair.row);
			continue;
		}
		g_array_index(pairs, Pair, kept++) = pair;
		start[pair.project + 1]++;
	}
	g_array_set_size(pairs, (guint)kept);
	for (guint32 p = 0; p < n_projects; p++)
		start[p + 1] += start[p];
	*out_start = start;
	return verdict_reason() == NULL;
}

static gboolean
number_option(const char *text, const char *name, gint64 *out)
{
	return text == NULL || count_parse(text, out) || verdict_reject("--%s is not a number that makes sense", name);
}

static gboolean
read_policy(Match *m)
{
	g_autofree char *text = NULL, *label = NULL;
	gsize len = 0;

	m->default_demand = m->default_max = -1;
	if (m->options->policy != NULL) {
		gboolean standard = strcmp(m->options->policy, "standard") == 0; /* shipped with veil; it asks for no panel rule here */

		label = g_path_get_basename(m->options->policy);
		if ((!standard && !read_whole_file(m->options->policy, &text, &len)) ||
		    !policy_parse(standard ? "" : text, len, label, TRUE, &m->policy))
			return FALSE;
		m->default_demand = m->policy.demand;
		m->default_min = m->policy.min_load;
		m->default_max = m->policy.max_load;
	}
	if (m->policy.group_attribute != NULL && m->options->attributes == NULL)
		return verdict_reject("the policy has a panel rule on %s: give --attributes", m->policy.group_attribute);
	if (m->options->missing_score != NULL && !micro_parse(m->options->missing_score, &m->x.missing))
		return verdict_reject("--missing-score is not a number that makes sense");
	m->x.has_missing = m->options->missing_score != NULL;
	return number_option(m->options->demand, "demand", &m->default_demand) &&
	       number_option(m->options->min_load, "min-load", &m->default_min) && number_option(m->options->max_load, "max-load", &m->default_max);
}

static gboolean
settle(GArray *values, gint64 otherwise, const char *what)
{
	for (guint i = 0; i < values->len; i++) {
		if (g_array_index(values, gint64, i) != -1)
			continue;
		if (otherwise == -1)
			return verdict_reject("%s is given neither in a list nor by an option", what);
		g_array_index(values, gint64, i) = otherwise;
	}
	return TRUE;
}

static gboolean
read_instance(Match *m)
{
	static const char *const scores[] = {"project", "reviewer", "score", NULL}, *const conflicts[] = {"project", "reviewer", NULL};
	static const char *const loads[] = {"reviewer", "min", "max", NULL}, *const demands[] = {"project", "k", NULL};
	static const char *const attributes[] = {"reviewer", NULL};
	const MatchOptions *o = m->options;
	Instance *x = &m->x;

	if (!read_policy(m) || !csv_each(o->scores, scores, score_row, m) || (o->loads && !csv_each(o->loads, loads, load_row, m)) ||
	    (o->demands && !csv_each(o->demands, demands, demand_row, m)) ||
	    (o->attributes && !csv_each_with(o->attributes, attributes, m->policy.group_attribute, attribute_row, m)) ||
	    (o->conflicts && !csv_each(o->conflicts, conflicts, conflict_row, m)))
		return FALSE;
	grow(m);
	if (!settle(m->demand, m->default_demand, "a project's demand") || !settle(m->max_load, m->default_max, "a reviewer's maximum load"))
		return FALSE;
	for (guint r = 0; r < m->min_load->len; r++)
		if (g_array_index(m->min_load, gint64, r) == -1)
			g_array_index(m->min_load, gint64, r) = MIN(m->default_min, g_array_index(m->max_load, gint64, r));
	x->demand = (gint64 *)(gpointer)m->demand->data;
	x->min_load = (gint64 *)(gpointer)m->min_load->data;
	x->max_load = (gint64 *)(gpointer)m->max_load->data;
	x->group = (guint32 *)(gpointer)m->group->data;
	return index_pairs(x->scores, x->projects->len, TRUE, &x->score_start) &&
	       index_pairs(x->conflicts, x->projects->len, FALSE, &x->conflict_start);
}

/* --- the certificate ---------------------------------------------------------------------------------------------- */

static gboolean
json_int(JsonObject *object, const char *name, gint64 *out)
{
	JsonNode *node = json_object_get_member(object, name);

	if (node == NULL || !JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_INT64)
		return verdict_reject("certificate: %s is not a whole number", name);
	*out = json_node_get_int(node);
	return TRUE;
}

static gboolean
json_text(JsonObject *object, const char *name, char **out)
{
	JsonNode *node = json_object_get_member(object, name);

	if (node == NULL || !JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING)
		return verdict_reject("certificate: it does not say its %s", name);
	*out = g_strdup(json_node_get_string(node));
	return TRUE;
}

/* A list of ids into a set. */
static gboolean
json_ids(JsonObject *object, const char *name, GHashTable *index, guint n, guint8 **out)
{
	JsonNode *node = json_object_get_member(object, name);
	JsonArray *array = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

	*out = g_new0(guint8, n + 1);
	for (guint i = 0; array && i < json_array_get_length(array); i++) {
		JsonNode *item = json_array_get_element(array, i);
		const char *id = JSON_NODE_HOLDS_VALUE(item) && json_node_get_value_type(item) == G_TYPE_STRING ? json_node_get_string(item) : NULL;
		guint32 known = id ? GPOINTER_TO_UINT(g_hash_table_lookup(index, id)) : 0;

		if (known == 0 || (*out)[known - 1])
			return verdict_reject("certificate: the witness names %s that are not in the inputs, or twice", name);
		(*out)[known - 1] = 1;
	}
	return array != NULL || verdict_reject("certificate: the witness has no %s", name);
}

static gboolean
read_prices(Match *m, JsonObject *object)
{
	JsonNode *node = json_object_get_member(object, "prices");
	JsonObjectIter iter;
	JsonNode *value;
	const char *id;

	if (node == NULL || !JSON_NODE_HOLDS_OBJECT(node))
		return verdict_reject("certificate: it has no prices");
	json_object_iter_init(&iter, json_node_get_object(node));
	while (json_object_iter_next(&iter, &id, &value)) {
		guint32 r = GPOINTER_TO_UINT(g_hash_table_lookup(m->x.reviewer_index, id));

		if (r == 0)
			return verdict_reject("certificate: a price is that of nobody in the inputs");
		if (!JSON_NODE_HOLDS_VALUE(value) || json_node_get_value_type(value) != G_TYPE_INT64)
			return verdict_reject("certificate: a price is not a whole number");
		m->prices[r - 1] = json_node_get_int(value);
	}
	return TRUE;
}

static gboolean
read_witness(Match *m, JsonObject *object)
{
	JsonNode *node = json_object_get_member(object, "witness");
	JsonObject *witness = node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
	g_autofree char *kind = NULL;

	if (witness == NULL)
		return verdict_reject("certificate: it says infeasible and shows no witness");
	if (!json_text(witness, "kind", &kind) || !json_int(witness, "short_by", &m->short_by) ||
	    !json_ids(witness, "projects", m->x.project_index, m->x.projects->len, &m->project_in) ||
	    !json_ids(witness, "reviewers", m->x.reviewer_index, m->x.reviewers->len, &m->reviewer_in))
		return FALSE;
	m->minimum = strcmp(kind, "minimum") == 0;
	return m->minimum || strcmp(kind, "places") == 0 || verdict_reject("certificate: a witness of this kind is not known");
}

static gboolean
read_members(Match *m, JsonObject *object)
{
	g_autofree char *format = NULL, *method = NULL;

	if (!json_text(object, "format", &format) || !json_text(object, "method", &method) || !json_text(object, "status", &m->status))
		return FALSE;
	if (strcmp(format, "veil-certificate/1") != 0)
		return verdict_reject("certificate: its format is not veil-certificate/1");
	if (strcmp(method, "total") != 0)
		return verdict_reject("certificate: this checker knows the method total only");
	if (m->options->method && strcmp(m->options->method, method) != 0)
		return verdict_reject("certificate: it is of another method than --method says");
	m->infeasible = strcmp(m->status, "infeasible") == 0;
	if (m->infeasible)
		return read_witness(m, object);
	if (strcmp(m->status, "optimal") != 0 && strcmp(m->status, "feasible") != 0)
		return verdict_reject("certificate: its status is not known");
	return json_int(object, "objective", &m->objective) && json_int(object, "bound", &m->bound) &&
	       json_text(object, "assignment_sha256", &m->digest) && read_prices(m, object);
}

static gboolean
read_certificate(Match *m)
{
	g_autoptr(JsonParser) parser = json_parser_new_immutable();
	g_autofree char *text = NULL;
	JsonNode *root;
	gsize len = 0;

	m->prices = g_new0(gint64, m->x.reviewers->len + 1);
	if (!read_whole_file(m->options->certificate, &text, &len))
		return FALSE;
	if (!g_utf8_validate(text, (gssize)len, NULL) || !json_parser_load_from_data(parser, text, (gssize)len, NULL))
		return verdict_reject("certificate: it is no JSON text");
	root = json_parser_get_root(parser);
	if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
		return verdict_reject("certificate: it is no JSON object");
	return read_members(m, json_node_get_object(root));
}

/* --- the assignment ----------------------------------------------------------------------------------------------- */

static gboolean
place_row(char **field, guint64 row, gpointer data)
{
	Match *m = data;
	guint32 p = GPOINTER_TO_UINT(g_hash_table_lookup(m->x.project_index, field[0]));
	guint32 r = GPOINTER_TO_UINT(g_hash_table_lookup(m->x.reviewer_index, field[1]));
	Pair place = {p - 1, r - 1, 0, row};
	const Pair *listed;

	if (p == 0 || r == 0)
		return verdict_reject("assignment: row %" G_GUINT64_FORMAT " names a project or a reviewer that is not in the inputs", row);
	if (!micro_parse(field[2], &place.score))
		return verdict_reject("assignment: row %" G_GUINT64_FORMAT ": its score is no number", row);
	listed = instance_find(m->x.scores, m->x.score_start, place.project, place.reviewer);
	if (instance_find(m->x.conflicts, m->x.conflict_start, place.project, place.reviewer))
		return verdict_reject("assignment: row %" G_GUINT64_FORMAT " (project %s): this pair is in conflict", row, field[0]);
	if (listed == NULL && !m->x.has_missing)
		return verdict_reject("assignment: row %" G_GUINT64_FORMAT " (project %s): this pair is not allowed, it has no score", row, field[0]);
	if (place.score != (listed ? listed->score : m->x.missing))
		return verdict_reject("assignment: row %" G_GUINT64_FORMAT " (project %s): the score is not that of the inputs", row, field[0]);
	g_array_append_val(m->places, place);
	return TRUE;
}

static gboolean
check_places(Match *m, Wide *out_objective)
{
	const Instance *x = &m->x;
	g_autofree guint64 *load = g_new0(guint64, x->reviewers->len + 1), *panel = g_new0(guint64, x->projects->len + 1);
	g_autofree guint32 *taken = g_new0(guint32, x->n_groups + 1);

	g_array_sort(m->places, by_pair);
	for (guint i = 0; i < m->places->len; i++) {
		const Pair *place = &g_array_index(m->places, Pair, i);
		guint32 group = x->group[place->reviewer];

		if (i > 0 && by_pair(place, place - 1) == 0)
			return verdict_reject("assignment: rows %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " give the same pair", place[-1].row, place->row);
		if (group != 0 && taken[group] == place->project + 1)
			return verdict_reject("assignment: row %" G_GUINT64_FORMAT ": project %s has two reviewers of one %s", place->row,
					      (const char *)x->projects->pdata[place->project], m->policy.group_attribute);
		taken[group] = place->project + 1;
		panel[place->project]++;
		load[place->reviewer]++;
		*out_objective += place->score;
	}
	for (guint p = 0; p < x->projects->len; p++)
		if ((gint64)panel[p] != x->demand[p])
			return verdict_reject("assignment: project %s has %" G_GUINT64_FORMAT " reviewers, its demand is %" G_GINT64_FORMAT,
					      (const char *)x->projects->pdata[p], panel[p], x->demand[p]);
	for (guint r = 0; r < x->reviewers->len; r++)
		if ((gint64)load[r] > x->max_load[r] || (gint64)load[r] < x->min_load[r])
			return verdict_reject("assignment: a reviewer has %" G_GUINT64_FORMAT " projects; the bounds are %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT,
					      load[r], x->min_load[r], x->max_load[r]);
	return TRUE;
}

static gboolean
check_bound(Match *m, Wide objective)
{
	const Instance *x = &m->x;
	g_autoptr(GArray) offers = g_array_new(FALSE, FALSE, sizeof(Offer)), barred = g_array_new(FALSE, FALSE, sizeof(guint32));
	Prices prices;
	Wide bound = 0, value = 0;
	gboolean ok = prices_init(&prices, x->reviewers->len, m->prices, x->group, x->n_groups);

	for (guint32 p = 0; ok && p < x->projects->len; p++) {
		g_array_set_size(offers, 0);
		g_array_set_size(barred, 0);
		for (guint64 i = x->conflict_start[p]; i < x->conflict_start[p + 1]; i++)
			g_array_append_val(barred, g_array_index(x->conflicts, Pair, i).reviewer);
		for (guint64 i = x->score_start[p]; i < x->score_start[p + 1]; i++) {
			const Pair *pair = &g_array_index(x->scores, Pair, i);
			Offer offer = {pair->reviewer, pair->score};

			if (!instance_find(x->conflicts, x->conflict_start, p, pair->reviewer))
				g_array_append_val(offers, offer);
		}
		if (!prices_best_panel(&prices, (const Offer *)(gpointer)offers->data, offers->len, (const guint32 *)(gpointer)barred->data,
				       barred->len, (guint64)x->demand[p], x->has_missing ? REST_REAL : REST_NONE, x->missing, &value))
			ok = verdict_reject("project %s has fewer allowed reviewers than its demand", (const char *)x->projects->pdata[p]);
		bound += value;
	}
	for (guint32 r = 0; ok && r < x->reviewers->len; r++)
		bound += prices_load_term(m->prices[r], x->min_load[r], x->max_load[r]);
	prices_clear(&prices);
	if (!ok)
		return FALSE;
	if (!fits_int64(objective) || (gint64)objective != m->objective)
		return verdict_reject("certificate: its objective is not the sum of the assignment's scores");
	if (!fits_int64(bound) || (gint64)bound != m->bound)
		return verdict_reject("certificate: its prices do not give its bound");
	if (bound < objective)
		return verdict_reject("certificate: its bound is below its objective");
	if (strcmp(m->status, "optimal") == 0 && bound != objective)
		return verdict_reject("certificate: it says optimal, but the prices leave a gap");
	return TRUE;
}

static gboolean
verify_assignment(Match *m)
{
	static const char *const columns[] = {"project", "reviewer", "score", NULL};
	const Instance *x = &m->x;
	g_autofree char *bytes = NULL;
	gsize len = 0;
	char digest[65];
	Wide objective = 0;

	if (m->options->assignment == NULL)
		return verdict_reject("the certificate is that of an assignment: give --assignment");
	if (!read_whole_file(m->options->assignment, &bytes, &len))
		return FALSE;
	if (!csv_each(m->options->assignment, columns, place_row, m) || !check_places(m, &objective))
		return FALSE;
	verdict_ok("assignment", "%u places: every project has its demand, loads hold, no pair is in conflict, scores are those of the inputs%s",
		   m->places->len, m->policy.group_attribute ? ", panel rule holds" : "");
	sha256_hex(bytes, len, digest);
	if (strcmp(digest, m->digest) != 0)
		return verdict_reject("certificate: it is that of another assignment");
	if (!check_bound(m, objective))
		return FALSE;
	if (m->bound == m->objective)
		verdict_ok("optimum", "objective %" G_GINT64_FORMAT " millionths = price bound over all allowed pairs: no legal assignment has a better total",
			   m->objective);
	else
		verdict_ok("bound", "objective %" G_GINT64_FORMAT " millionths, no legal assignment can have more than %" G_GINT64_FORMAT ": gap %" G_GINT64_FORMAT,
			   m->objective, m->bound, m->bound - m->objective);
	verdict_number("objective", m->objective);
	verdict_number("bound", m->bound);
	verdict_number("projects", x->projects->len);
	verdict_number("reviewers", x->reviewers->len);
	return TRUE;
}

static void
match_init(Match *m)
{
	m->x.project_index = g_hash_table_new(g_str_hash, g_str_equal);
	m->x.reviewer_index = g_hash_table_new(g_str_hash, g_str_equal);
	m->x.projects = g_ptr_array_new_with_free_func(g_free);
	m->x.reviewers = g_ptr_array_new_with_free_func(g_free);
	m->x.scores = g_array_new(FALSE, FALSE, sizeof(Pair));
	m->x.conflicts = g_array_new(FALSE, FALSE, sizeof(Pair));
	m->demand = g_array_new(FALSE, FALSE, sizeof(gint64));
	m->min_load = g_array_new(FALSE, FALSE, sizeof(gint64));
	m->max_load = g_array_new(FALSE, FALSE, sizeof(gint64));
	m->group = g_array_new(FALSE, FALSE, sizeof(guint32));
	m->places = g_array_new(FALSE, FALSE, sizeof(Pair));
	m->group_index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	m->seen = g_hash_table_new(NULL, NULL);
}

static void
match_clear(Match *m)
{
	GArray *arrays[] = {m->x.scores, m->x.conflicts, m->demand, m->min_load, m->max_load, m->group, m->places};
	GHashTable *tables[] = {m->x.project_index, m->x.reviewer_index, m->group_index, m->seen};

	for (guint i = 0; i < G_N_ELEMENTS(arrays); i++)
		g_array_unref(arrays[i]);
	for (guint i = 0; i < G_N_ELEMENTS(tables); i++)
		g_hash_table_unref(tables[i]);
	g_ptr_array_unref(m->x.projects);
	g_ptr_array_unref(m->x.reviewers);
	g_free(m->x.score_start), g_free(m->x.conflict_start);
	g_free(m->prices), g_free(m->project_in), g_free(m->reviewer_in), g_free(m->status), g_free(m->digest);
	policy_clear(&m->policy);
}

gboolean
match_verify(const MatchOptions *options)
{
	Match m = {.options = options};
	gboolean ok;

	match_init(&m);
	ok = read_instance(&m);
	if (ok)
		verdict_ok("inputs", "%u projects, %u reviewers, %u scores, %u conflicts", m.x.projects->len, m.x.reviewers->len, m.x.scores->len,
			   m.x.conflicts->len);
	ok = ok && read_certificate(&m);
	if (ok && m.infeasible && options->assignment && g_file_test(options->assignment, G_FILE_TEST_EXISTS))
		ok = verdict_reject("certificate: it says infeasible, and yet there is an assignment");
	if (ok)
		ok = m.infeasible ? witness_verify(&m.x, m.minimum, m.project_in, m.reviewer_in, m.short_by) : verify_assignment(&m);
	match_clear(&m);
	return ok;
}
