/* certificate.c - the certificate of `veil match` (docs/design/formats.md 4): one JSON object, every number a whole one. */
#include <string.h>

#include <json-glib/json-glib.h>

#include "verify.h"

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

/*
 * The JSON library descends by recursion and takes more than JSON, so a few kilobytes of brackets could end the checker.
 * Outside strings only what JSON has may stand, and no deeper than a certificate ever goes (it needs three).
 */
static gboolean
is_shallow(const char *text, gsize len)
{
	int depth = 0;

	for (gsize i = 0; i < len; i++) {
		char c = text[i];

		if (c == '"') {
			for (i++; i < len && text[i] != '"'; i++)
				i += text[i] == '\\';
		} else if (c == '{' || c == '[') {
			if (++depth > 8)
				return FALSE;
		} else if (c == '}' || c == ']') {
			depth--;
		} else if (!g_ascii_isalnum(c) && !g_ascii_isspace(c) && strchr(":,+-.", c) == NULL) {
			return FALSE;
		}
	}
	return TRUE;
}

gboolean
certificate_read(Match *m)
{
	g_autoptr(JsonParser) parser = json_parser_new_immutable();
	g_autofree char *text = NULL;
	JsonNode *root;
	gsize len = 0;

	m->prices = g_new0(gint64, m->x.reviewers->len + 1);
	if (!read_whole_file(m->options->certificate, &text, &len))
		return FALSE;
	if (!g_utf8_validate(text, (gssize)len, NULL) || !is_shallow(text, len) ||
	    !json_parser_load_from_data(parser, text, (gssize)len, NULL))
		return verdict_reject("certificate: it is no JSON text");
	root = json_parser_get_root(parser);
	if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
		return verdict_reject("certificate: it is no JSON object");
	return read_members(m, json_node_get_object(root));
}
