/* certificate.c - what proves a result (docs/design/formats.md 4): one JSON object, every number a whole one. */
#include <string.h>

#include <json-glib/json-glib.h>

#include "problem/problem.h"

typedef struct {
	const Instance *x;
	const Names *names;
	Certificate *out;
} Reading;

static JsonNode *
member(JsonObject *object, const char *name, JsonNodeType type)
{
	JsonNode *node = json_object_get_member(object, name);

	return node && JSON_NODE_TYPE(node) == type ? node : NULL;
}

static gboolean
node_int(JsonNode *node, gint64 *out)
{
	if (node == NULL || !JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_INT64)
		return FALSE;
	*out = json_node_get_int(node);
	return TRUE;
}

static const char *
node_text(JsonNode *node)
{
	return node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING ? json_node_get_string(node) : NULL;
}

static gboolean
json_int(JsonObject *object, const char *name, gint64 *out)
{
	return node_int(json_object_get_member(object, name), out) || verdict_reject("certificate: %s is not a whole number", name);
}

static gboolean
json_text(JsonObject *object, const char *name, char **out)
{
	const char *text = node_text(json_object_get_member(object, name));

	*out = g_strdup(text);
	return text != NULL || verdict_reject("certificate: it does not say its %s", name);
}

/* Nothing stands there that nobody reads: `names` separated by blanks are all that may. */
static gboolean
only(JsonObject *object, const char *names, const char *what)
{
	g_auto(GStrv) known = g_strsplit(names, " ", -1);
	JsonObjectIter iter;
	JsonNode *value;
	const char *name;

	json_object_iter_init(&iter, object);
	while (json_object_iter_next(&iter, &name, &value))
		if (name[0] == '\0' || !g_strv_contains((const char *const *)known, name))
			return verdict_reject("certificate: %s has a member that is not known there", what);
	return TRUE;
}

static guint32
share_number(const Instance *x, const char *name)
{
	for (guint i = 0; i < x->shares->len; i++)
		if (strcmp(g_array_index(x->shares, Share, i).rule->name, name) == 0)
			return i;
	return NONE;
}

/* {"id": whole number, ...} into *out, n of them, 0 where nothing is said. index NULL: shares. */
static gboolean
json_map(const Reading *reading, JsonObject *object, const char *name, gboolean needed, GHashTable *index, guint n, gint64 **out)
{
	JsonNode *node = member(object, name, JSON_NODE_OBJECT), *value;
	JsonObjectIter iter;
	const char *id;

	*out = g_new0(gint64, n + 1);
	if (node == NULL)
		return (!needed && !json_object_has_member(object, name)) || verdict_reject("certificate: it has no %s", name);
	json_object_iter_init(&iter, json_node_get_object(node));
	while (json_object_iter_next(&iter, &id, &value)) {
		guint32 i = index ? instance_find(index, id) : share_number(reading->x, id);

		if (i == NONE)
			return verdict_reject("certificate: %s name somebody who is nobody in the inputs", name);
		if (!node_int(value, &(*out)[i]))
			return verdict_reject("certificate: one of the %s is not a whole number", name);
	}
	return TRUE;
}

static gboolean
json_prices(const Reading *reading, JsonObject *object, gint64 **out_prices, gint64 **out_shares)
{
	return json_map(reading, object, "prices", TRUE, reading->names->reviewers, reading->x->reviewers->len, out_prices) &&
	       json_map(reading, object, "share_prices", FALSE, NULL, reading->x->shares->len, out_shares);
}

/* A list of ids into a set. */
static gboolean
json_ids(JsonObject *object, const char *name, GHashTable *index, guint n, guint8 **out)
{
	JsonNode *node = member(object, name, JSON_NODE_ARRAY);
	JsonArray *array = node ? json_node_get_array(node) : NULL;

	*out = g_new0(guint8, n + 1);
	for (guint i = 0; array && i < json_array_get_length(array); i++) {
		const char *id = node_text(json_array_get_element(array, i));
		guint32 known = id ? instance_find(index, id) : NONE;

		if (known == NONE || (*out)[known])
			return verdict_reject("certificate: the witness names %s that are not in the inputs, or twice", name);
		(*out)[known] = 1;
	}
	return array != NULL || verdict_reject("certificate: the witness has no %s", name);
}

static gboolean
read_witness(const Reading *reading, JsonObject *object)
{
	static const char *const kinds[N_WITNESSES] = {"places", "minimum", "rule", "panel", "prices"};
	JsonNode *node = member(object, "witness", JSON_NODE_OBJECT);
	JsonObject *witness = node ? json_node_get_object(node) : NULL;
	Witness *out = &reading->out->witness;
	g_autofree char *kind = NULL;

	if (witness == NULL)
		return verdict_reject("certificate: it says infeasible and shows no witness");
	if (!json_text(witness, "kind", &kind))
		return FALSE;
	for (out->kind = 0; out->kind < N_WITNESSES && strcmp(kind, kinds[out->kind]) != 0; out->kind++)
		;
	if (out->kind == N_WITNESSES)
		return verdict_reject("certificate: a witness of this kind is not known");
	if (!only(witness, out->kind == WITNESS_PRICES ? "kind projects reviewers short_by prices share_prices" :
			   out->kind == WITNESS_RULE ? "kind projects reviewers short_by rule" : "kind projects reviewers short_by", "its witness"))
		return FALSE;
	if (out->kind == WITNESS_PRICES)
		return json_int(witness, "short_by", &out->short_by) && json_prices(reading, witness, &out->price, &out->share_price);
	if (!json_ids(witness, "projects", reading->names->projects, reading->x->projects->len, &out->project_in) ||
	    !json_int(witness, "short_by", &out->short_by) ||
	    !json_ids(witness, "reviewers", reading->names->reviewers, reading->x->reviewers->len, &out->reviewer_in))
		return FALSE;
	return out->kind != WITNESS_RULE || json_text(witness, "rule", &out->rule);
}

static gboolean
read_load_cap(const Reading *reading, JsonObject *object)
{
	Certificate *out = reading->out;
	JsonNode *node = member(object, "load_cap", JSON_NODE_OBJECT);
	JsonObject *cap = node ? json_node_get_object(node) : NULL;

	if (cap == NULL)
		return verdict_reject("certificate: its cap on loads is malformed");
	return only(cap, "value bound weights prices share_prices", "its cap on loads") && json_int(cap, "value", &out->load_cap) &&
	       json_int(cap, "bound", &out->load_cap_bound) &&
	       json_map(reading, cap, "weights", TRUE, reading->names->projects, reading->x->projects->len, &out->cap_weight) &&
	       json_prices(reading, cap, &out->cap_price, &out->cap_share_price);
}

static gboolean
read_fair(const Reading *reading, JsonObject *object)
{
	Certificate *out = reading->out;
	JsonNode *node = member(object, "minimum", JSON_NODE_OBJECT);
	JsonObject *minimum = node ? json_node_get_object(node) : NULL;
	guint n = reading->x->projects->len;

	if (minimum == NULL)
		return verdict_reject("certificate: it has no minimum");
	if (json_object_has_member(object, "load_cap") && !read_load_cap(reading, object))
		return FALSE;
	return only(minimum, "value bound weights prices share_prices", "its minimum") &&
	       json_map(reading, object, "weights", TRUE, reading->names->projects, n, &out->lambda) && json_int(minimum, "value", &out->minimum) &&
	       json_int(minimum, "bound", &out->minimum_bound) &&
	       json_map(reading, minimum, "weights", TRUE, reading->names->projects, n, &out->min_weight) &&
	       json_prices(reading, minimum, &out->min_price, &out->min_share_price);
}

/* [["P", "R", number], ...] or pairs without a number. */
static gboolean
json_places(const Reading *reading, JsonNode *node, guint length, GArray **out)
{
	JsonArray *array = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

	*out = g_array_new(FALSE, FALSE, sizeof(Place));
	for (guint i = 0; array && i < json_array_get_length(array); i++) {
		JsonNode *item = json_array_get_element(array, i);
		JsonArray *part = JSON_NODE_HOLDS_ARRAY(item) ? json_node_get_array(item) : NULL;
		const char *p = part && json_array_get_length(part) == length ? node_text(json_array_get_element(part, 0)) : NULL;
		const char *r = p ? node_text(json_array_get_element(part, 1)) : NULL;
		Place place = {.project = p ? instance_find(reading->names->projects, p) : NONE,
			       .reviewer = r ? instance_find(reading->names->reviewers, r) : NONE, .row = i + 1};

		if (place.project == NONE || place.reviewer == NONE || (length == 3 && !node_int(json_array_get_element(part, 2), &place.score)))
			return verdict_reject("certificate: entry %u of its odds or panels is malformed or of nobody in the inputs", i + 1);
		g_array_append_val(*out, place);
	}
	g_array_sort(*out, place_compare);
	return array != NULL || verdict_reject("certificate: its odds or panels are no list");
}

static void
clear_ticket(gpointer data)
{
	g_clear_pointer(&((Ticket *)data)->places, g_array_unref);
}

static gboolean
read_draw(const Reading *reading, JsonObject *object)
{
	Certificate *out = reading->out;
	JsonNode *lottery = json_object_get_member(object, "lottery");
	JsonArray *array = lottery && JSON_NODE_HOLDS_ARRAY(lottery) ? json_node_get_array(lottery) : NULL;

	if (!json_text(object, "seed", &out->seed) || !json_int(object, "odds_cap", &out->odds_cap) || !json_int(object, "band", &out->band) ||
	    !json_int(object, "perturbation", &out->perturbation) || !json_int(object, "expected", &out->expected) ||
	    !json_int(object, "drawn_total", &out->drawn_total))
		return FALSE;
	if (!is_hex(out->seed, 64))
		return verdict_reject("certificate: its seed is not 64 hex digits");
	if (lottery == NULL)
		return json_places(reading, json_object_get_member(object, "odds"), 3, &out->odds);
	if (json_object_has_member(object, "odds"))
		return verdict_reject("certificate: it has odds and a lottery");
	out->tickets = g_array_new(FALSE, TRUE, sizeof(Ticket));
	g_array_set_clear_func(out->tickets, clear_ticket);
	for (guint i = 0; array && i < json_array_get_length(array); i++) {
		JsonNode *item = json_array_get_element(array, i);
		JsonObject *one = JSON_NODE_HOLDS_OBJECT(item) ? json_node_get_object(item) : NULL;
		Ticket *ticket;

		g_array_set_size(out->tickets, i + 1);
		ticket = &g_array_index(out->tickets, Ticket, i);
		if (one == NULL || !only(one, "weight panels", "its lottery") || !json_int(one, "weight", &ticket->weight) ||
		    !json_places(reading, json_object_get_member(one, "panels"), 2, &ticket->places))
			return verdict_reject("certificate: its lottery is malformed");
	}
	return array != NULL || verdict_reject("certificate: its lottery is no list");
}

static gboolean
read_members(const Reading *reading, JsonObject *object)
{
	g_autofree char *format = NULL;
	Certificate *out = reading->out;
	gboolean total, fair, draw;

	if (!json_text(object, "format", &format) || !json_text(object, "method", &out->method) || !json_text(object, "status", &out->status))
		return FALSE;
	total = strcmp(out->method, "total") == 0, fair = strcmp(out->method, "fair") == 0, draw = strcmp(out->method, "draw") == 0;
	if (strcmp(format, "veil-certificate/2") != 0 && (strcmp(format, "veil-certificate/1") != 0 || !total))
		return verdict_reject("certificate: its format is not veil-certificate/2, nor veil-certificate/1 of method total");
	if (!total && !fair && !draw)
		return verdict_reject("certificate: this checker knows the methods total, fair and draw only");
	if (!only(object, strcmp(out->status, "infeasible") == 0 ? "format method status witness" :
		  draw ? "format method status objective bound assignment_sha256 prices share_prices seed odds_cap band perturbation expected drawn_total odds lottery" :
		  fair ? "format method status objective bound assignment_sha256 prices share_prices minimum weights load_cap" :
			 "format method status objective bound assignment_sha256 prices share_prices", "it"))
		return FALSE;
	if (strcmp(out->status, "infeasible") == 0)
		return read_witness(reading, object);
	if (strcmp(out->status, "optimal") != 0 && strcmp(out->status, "feasible") != 0)
		return verdict_reject("certificate: its status is not known");
	return json_int(object, "objective", &out->objective) && json_int(object, "bound", &out->bound) &&
	       json_text(object, "assignment_sha256", &out->digest) && json_prices(reading, object, &out->price, &out->share_price) &&
	       (!fair || read_fair(reading, object)) && (!draw || read_draw(reading, object));
}

/*
 * The JSON library descends by recursion and takes more than JSON, so a few kilobytes of brackets could end the checker.
 * Outside strings only what JSON has may stand, and no deeper than a certificate ever goes. It keeps the last of two equal keys, which
 * no honest writer makes: they are refused.
 */
static gboolean
is_shallow(const char *text, gsize len)
{
	g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref); /* of the objects around, by depth */
	int depth = 0;

	for (int i = 0; i <= 8; i++)
		g_ptr_array_add(keys, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL));

	for (gsize i = 0; i < len; i++) {
		char c = text[i];

		if (c == '"') {
			gsize start = ++i, next;

			for (; i < len && text[i] != '"'; i++)
				i += text[i] == '\\';
			for (next = i + 1; next < len && g_ascii_isspace(text[next]); next++)
				;
			if (next < len && text[next] == ':' && !g_hash_table_add(keys->pdata[MAX(depth, 0)], g_strndup(text + start, i - start)))
				return FALSE;
		} else if (c == '{' || c == '[') {
			if (++depth > 8)
				return FALSE;
			g_hash_table_remove_all(keys->pdata[MAX(depth, 0)]);
		} else if (c == '}' || c == ']') {
			depth--;
		} else if (!g_ascii_isalnum(c) && !g_ascii_isspace(c) && strchr(":,+-.", c) == NULL) {
			return FALSE;
		}
	}
	return TRUE;
}

static JsonObject *
json_object(JsonParser *parser, const char *text, gsize len)
{
	JsonNode *root;

	if (!g_utf8_validate(text, (gssize)len, NULL) || !is_shallow(text, len) || !json_parser_load_from_data(parser, text, (gssize)len, NULL))
		return NULL;
	root = json_parser_get_root(parser);
	return root && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root) : NULL;
}

gboolean
attributes_set(Instance *x, guint32 reviewer, const char *json)
{
	g_autoptr(JsonParser) parser = json_parser_new_immutable();
	JsonObject *object = json_object(parser, json, strlen(json));
	JsonObjectIter iter;
	const char *name;
	JsonNode *value;

	if (object == NULL)
		return FALSE;
	json_object_iter_init(&iter, object);
	while (json_object_iter_next(&iter, &name, &value)) {
		if (node_text(value) == NULL)
			return FALSE;
		attribute_set(instance_attribute(x, name), reviewer, node_text(value));
	}
	return TRUE;
}

gboolean
certificate_parse(const char *text, gsize len, const Instance *x, const Names *names, Certificate *out)
{
	g_autoptr(JsonParser) parser = json_parser_new_immutable();
	Reading reading = {x, names, out};
	JsonObject *object = json_object(parser, text, len);

	return object ? read_members(&reading, object) : verdict_reject("certificate: it is no JSON object");
}

gboolean
certificate_add(const char *text, const Instance *x, Certificate *out)
{
	g_autoptr(JsonParser) parser = json_parser_new_immutable();
	JsonObject *object = json_object(parser, text, strlen(text));
	Names names = {x->project_index, x->reviewer_index};
	Reading reading = {x, &names, out};

	if (object == NULL)
		return verdict_reject("batch file: the certificate of its draw is no JSON object");
	if (!only(object, strcmp(out->method, "draw") == 0 ? "odds_cap band perturbation expected drawn_total" :
		  strcmp(out->method, "fair") == 0 ? "share_prices minimum weights load_cap" : "share_prices", "that of a draw"))
		return FALSE;
	if (strcmp(out->method, "draw") == 0)
		return json_int(object, "odds_cap", &out->odds_cap) && json_int(object, "band", &out->band) && json_int(object, "perturbation", &out->perturbation) &&
		       json_int(object, "expected", &out->expected) && json_int(object, "drawn_total", &out->drawn_total);
	return json_map(&reading, object, "share_prices", FALSE, NULL, x->shares->len, &out->share_price) &&
	       (strcmp(out->method, "fair") != 0 || read_fair(&reading, object));
}

gboolean
request_parse(const char *text, const Instance *x, gint64 *out_after, gint64 **out_panel, gint64 **out_reserves)
{
	g_autoptr(JsonParser) parser = json_parser_new_immutable();
	JsonObject *object = text ? json_object(parser, text, strlen(text)) : NULL;
	JsonNode *places = object ? member(object, "places", JSON_NODE_OBJECT) : NULL, *value;
	JsonObjectIter iter;
	const char *id;

	*out_panel = g_new0(gint64, x->projects->len + 1);
	*out_reserves = g_new0(gint64, x->projects->len + 1);
	if (places == NULL || !node_int(json_object_get_member(object, "after"), out_after))
		return verdict_reject("batch file: what a later draw was asked for is malformed");
	json_object_iter_init(&iter, json_node_get_object(places));
	while (json_object_iter_next(&iter, &id, &value)) {
		guint32 p = instance_find(x->project_index, id);
		JsonArray *pair = JSON_NODE_HOLDS_ARRAY(value) ? json_node_get_array(value) : NULL;

		if (p == NONE || pair == NULL || json_array_get_length(pair) != 2 || !node_int(json_array_get_element(pair, 0), &(*out_panel)[p]) ||
		    !node_int(json_array_get_element(pair, 1), &(*out_reserves)[p]) || (*out_panel)[p] < 0 || (*out_reserves)[p] < 0)
			return verdict_reject("batch file: what a later draw was asked for is malformed");
	}
	return TRUE;
}

void
certificate_clear(Certificate *c)
{
	g_free(c->method), g_free(c->status), g_free(c->digest), g_free(c->seed), g_free(c->price), g_free(c->share_price), g_free(c->lambda);
	g_free(c->min_weight), g_free(c->min_price), g_free(c->min_share_price);
	g_free(c->cap_weight), g_free(c->cap_price), g_free(c->cap_share_price);
	g_free(c->witness.rule), g_free(c->witness.project_in), g_free(c->witness.reviewer_in), g_free(c->witness.price), g_free(c->witness.share_price);
	g_clear_pointer(&c->odds, g_array_unref);
	g_clear_pointer(&c->tickets, g_array_unref);
}
