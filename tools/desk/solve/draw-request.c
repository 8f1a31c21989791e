/* draw-request.c - what a draw is asked for: places of each project, and why.
 *
 * A request is decided before its seed is known and stands in the ledger with it; the canonical text is what the intent, the file and the checker compare.
 */
#include <string.h>

#include <json-glib/json-glib.h>

#include "solve/draw-places.h"
#include "solve/instance.h"

void
veil_draw_request_clear(VeilDrawRequest *request)
{
	g_free(request->panel);
	g_free(request->reserves);
	g_free(request->excepted);
	g_free(request->reason);
	g_free(request->text);
	memset(request, 0, sizeof *request);
}

static void
begin(VeilDrawRequest *out, const VeilBatch *batch, const char *kind, const char *reason)
{
	*out = (VeilDrawRequest){
		.n = batch->n_draws + 1,
		.kind = kind,
		.panel = g_new0(guint32, MAX(batch->n_projects, 1)),
		.reserves = g_new0(guint32, MAX(batch->n_projects, 1)),
		.reason = g_strdup(reason),
	};
}

void
veil_draw_request_first(VeilDrawRequest *out, const VeilBatch *batch, const VeilPolicy *policy)
{
	begin(out, batch, "draw", NULL);
	for (guint32 p = 0; p < batch->n_projects; p++) {
		out->panel[p] = batch->projects[p].demand;
		out->reserves[p] = out->panel[p] > 0 && veil_batch_is_current(batch) ? (guint32)policy->reserves : 0;
	}
}

static void
append_string(GString *out, const char *text)
{
	g_autoptr(JsonNode) node = json_node_init_string(json_node_alloc(), text);
	g_autofree char *json = json_to_string(node, FALSE);

	g_string_append(out, json);
}

/* {"after":3,"places":{"P..":[1,2]},"reason":"..."} */
static void
write_text(VeilDrawRequest *request, const VeilBatch *batch)
{
	GString *text = g_string_new(NULL);
	gboolean first = TRUE;

	g_string_append_printf(text, "{\"after\":%u,\"places\":{", batch->n_events);
	for (guint32 p = 0; p < batch->n_projects; p++) {
		if (request->panel[p] == 0)
			continue;
		g_string_append_printf(text, "%s\"%s\":[%u,%u]", first ? "" : ",", batch->projects[p].code, request->panel[p], request->reserves[p]);
		first = FALSE;
	}
	g_string_append(text, "},\"reason\":");
	append_string(text, request->reason);
	g_string_append_c(text, '}');
	request->text = g_string_free(text, FALSE);
}

static guint32
count_seats(const VeilBatch *batch, guint32 project, VeilSeat seat)
{
	guint32 n = 0;

	for (guint64 i = batch->place_offset[project]; i < batch->place_offset[project + 1]; i++)
		n += batch->places[i].seat == seat;
	return n;
}

static gboolean
is_withdrawn(const VeilBatch *batch, guint32 project)
{
	for (guint32 e = 0; e < batch->n_events; e++)
		if (strcmp(batch->events[e].kind, "withdraw-project") == 0 && strcmp(batch->events[e].project, batch->projects[project].code) == 0)
			return TRUE;
	return FALSE;
}

gboolean
veil_draw_request_top_up(VeilDrawRequest *out, const VeilBatch *batch, const VeilPolicy *policy, const char *reason)
{
	gboolean any = FALSE;

	begin(out, batch, "top-up", reason);
	for (guint32 p = 0; p < batch->n_projects; p++) {
		guint32 seats = veil_batch_seats(batch, p), sitting = count_seats(batch, p, VEIL_SEAT_SITTING);

		/* A seat stays empty only when nobody who waits may take it. */
		if (sitting >= seats || is_withdrawn(batch, p))
			continue;
		out->panel[p] = seats - sitting;
		out->reserves[p] = (guint32)policy->reserves;
		any = TRUE;
	}
	write_text(out, batch);
	return any;
}

static gboolean
not_there(const char *code, GError **error)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "project %s is not available here", code);
	return FALSE;
}

gboolean
veil_draw_request_round(VeilDrawRequest *out, const VeilBatch *batch, const VeilPolicy *policy, guint32 add, const char *const *codes,
			const char *reason, GError **error)
{
	begin(out, batch, "round", reason);
	for (guint32 i = 0; codes != NULL && codes[i] != NULL; i++) {
		int p = veil_batch_find_project(batch, codes[i]);

		if (p < 0 || is_withdrawn(batch, (guint32)p))
			return not_there(codes[i], error);
		out->panel[p] = add;
	}
	for (guint32 p = 0; p < batch->n_projects; p++) {
		const char *team = batch->projects[p].team;

		if (codes == NULL && !is_withdrawn(batch, p))
			out->panel[p] = add;
		for (guint32 q = 0; out->panel[p] > 0 && team != NULL && q < batch->n_projects; q++)
			if (g_strcmp0(batch->projects[q].team, team) == 0 && !is_withdrawn(batch, q)) /* a team has one panel: all of it or none */
				out->panel[q] = add;
	}
	for (guint32 p = 0; p < batch->n_projects; p++)
		out->reserves[p] = out->panel[p] > 0 ? (guint32)policy->reserves : 0;
	write_text(out, batch);
	return TRUE;
}

/* --- reading one back ---------------------------------------------------------------------------------------------- */

static JsonObject *
parse(JsonParser *parser, const char *text)
{
	JsonNode *root;

	if (text == NULL || !json_parser_load_from_data(parser, text, -1, NULL) || (root = json_parser_get_root(parser)) == NULL || !JSON_NODE_HOLDS_OBJECT(root))
		return NULL;
	return json_node_get_object(root);
}

guint32
veil_draw_request_after(const char *text)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	JsonObject *object = parse(parser, text);

	return object ? (guint32)MAX(json_object_get_int_member_with_default(object, "after", 0), 0) : 0;
}

guint32 *
veil_draw_requests_after(const VeilBatch *batch)
{
	guint32 *after = g_new(guint32, (gsize)batch->n_draws + 1);

	for (guint32 d = 0; d < batch->n_draws; d++)
		after[d] = veil_draw_request_after(batch->draws[d].request);
	return after;
}

char *
veil_draw_request_reason(const char *text)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	JsonObject *object = parse(parser, text);

	return g_strdup(object ? json_object_get_string_member_with_default(object, "reason", "") : "");
}
