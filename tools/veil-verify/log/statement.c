/* statement.c - the statement that a batch was never opened (docs/design/formats.md 5).
 *
 * veil-openings/1, origin, batch, size, "openings 0", an empty line, the checkpoint of that size. Whoever states it can be held to it: the checkpoint is
 * the log's own signature over all records that the statement speaks of.
 *
 * A certificate of procedure carries a checkpoint in the same way: that, too, is taken out here. What else it says is judged in batch/procedure.c.
 */
#include <string.h>

#include <json-glib/json-glib.h>

#include "log/log.h"

gboolean
statement_parse(const char *file, const char *text, gsize len, const char *origin, Statement *out)
{
	g_auto(GStrv) line = NULL;
	g_autofree char *again = NULL;

	out->file = g_strdup(file);
	if (len > 1 << 20 || !g_utf8_validate(text, (gssize)len, NULL))
		return verdict_reject("%s: it is no statement of openings (too long, or no UTF-8 text)", file);
	line = g_strsplit(text, "\n", 7); /* five lines, an empty one, the checkpoint */
	if (g_strv_length(line) != 7 || strcmp(line[0], "veil-openings/1") != 0)
		return verdict_reject("%s: it is no statement of openings", file);
	if (!g_str_has_prefix(line[1], "origin ") || strcmp(line[1] + 7, origin) != 0)
		return verdict_reject("%s: it speaks of another log than the key", file);
	if (!g_str_has_prefix(line[3], "size ") || !g_ascii_string_to_unsigned(line[3] + 5, 10, 0, G_MAXINT64, &out->size, NULL))
		return verdict_reject("%s: its size is not a decimal number", file);
	if (strcmp(line[4], "openings 0") != 0)
		return verdict_reject("%s: it does not state that there was no opening", file);
	out->batch = g_strdup(g_str_has_prefix(line[2], "batch ") ? line[2] + 6 : "");
	out->note = g_strdup(line[6]);
	again = g_strdup_printf("veil-openings/1\norigin %s\nbatch %s\nsize %" G_GUINT64_FORMAT "\nopenings 0\n\n%s", origin, out->batch, out->size, out->note);
	if (strlen(again) != len || memcmp(again, text, len) != 0 || out->batch[0] == '\0')
		return verdict_reject("%s: it is not written as a statement must be", file);
	return TRUE;
}

void
statement_clear(Statement *statement)
{
	g_clear_pointer(&statement->file, g_free);
	g_clear_pointer(&statement->batch, g_free);
	g_clear_pointer(&statement->note, g_free);
}

char *
procedure_member(const char *text, gsize len, const char *name)
{
	g_autoptr(JsonParser) parser = json_parser_new_immutable();
	JsonNode *root, *node;

	if (len > 1 << 20 || !g_utf8_validate(text, (gssize)len, NULL) || !json_parser_load_from_data(parser, text, (gssize)len, NULL))
		return NULL;
	root = json_parser_get_root(parser);
	if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
		return NULL;
	node = json_object_get_member(json_node_get_object(root), name);
	return node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING ? json_node_dup_string(node) : NULL;
}

char *
procedure_note(const char *file, const char *text, gsize len)
{
	g_autofree char *format = procedure_member(text, len, "format"), *note = procedure_member(text, len, "checkpoint");

	if (g_strcmp0(format, "veil-procedure/1") != 0 || note == NULL) {
		verdict_reject("%s: it is no certificate of procedure", file);
		return NULL;
	}
	return g_steal_pointer(&note);
}
