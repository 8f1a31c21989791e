/* draw.c - one draw of one freeze: seed, assignment, certificate.
 *
 * Order of events, so that no interruption gives a second chance: the seed is logged (durable) before the solver starts; the assignment is committed
 * in one transaction; its root is logged. Run again after an interruption, the logged seed is found and the same assignment comes out; run again after the
 * commit, only the record is completed. An infeasible freeze keeps its seed and is never drawn. Opens the batch file, the ledger and notify/, and nothing else.
 */
#include <string.h>

#include <veil/draw.h>
#include <veil/hash.h>
#include <veil/io.h>

#include "batch-files.h"
#include "batch.h"
#include "found.h"
#include "instance.h"
#include "solve.h"

static gboolean
refuse(GError **error, const char *text)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, text);
	return FALSE;
}

/* The seed this freeze was given before, if a draw was begun; "" otherwise. */
static gboolean
find_begun(VeilLog *log, const char *freeze_id, char seed[65], char source[16], gboolean *out_finished, GError **error)
{
	g_autoptr(VeilFound) intent = NULL, result = NULL;

	seed[0] = source[0] = '\0';
	if (!veil_log_find(log, "batch.draw.intent", "freeze-id", freeze_id, &intent, error) ||
	    !veil_log_find(log, "batch.draw", "freeze-id", freeze_id, &result, error))
		return FALSE;
	*out_finished = result != NULL;
	if (intent != NULL) {
		g_strlcpy(seed, veil_found_get(intent, "seed"), 65);
		g_strlcpy(source, veil_found_get(intent, "seed-source"), 16);
	}
	return TRUE;
}

static gboolean
choose_seed(const VeilStep *step, const VeilBatch *batch, VeilLog *log, const char *given, char seed[65], char source[16],
	    GError **error)
{
	const char *freeze_id = veil_batch_get(batch, "freeze_id");
	guint8 bytes[32];

	if (*seed != '\0') {
		if (given != NULL && g_ascii_strcasecmp(given, seed) != 0)
			return refuse(error, "this draw was begun with another seed; run it again without --seed to complete it");
		return TRUE;
	}
	if (given != NULL && !step->site->rehearsal)
		return refuse(error, "--seed is for rehearsals; this site draws by its own seed");
	if (given != NULL && !veil_hex_decode(given, bytes, sizeof bytes)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--seed takes 64 hexadecimal digits");
		return FALSE;
	}
	if (given == NULL)
		veil_random_system(bytes, sizeof bytes, NULL);
	veil_hex_encode(bytes, sizeof bytes, seed);
	g_strlcpy(source, given ? "given" : "system", 16);
	return veil_log_append(log, "drawer", "batch.draw.intent", error, "batch", veil_batch_get(batch, "batch"), "freeze-id", freeze_id,
			       "draw", "1", "seed", seed, "seed-source", source, NULL);
}

static gboolean
log_result(VeilLog *log, const char *path, const VeilBatch *batch, const VeilBatchDraw *draw, GError **error)
{
	guint8 root[32], draw_root[32];
	char hex[65], objective[32], bound[32], number[16];

	if (!veil_batch_roots(path, draw->n, root, draw_root, error))
		return FALSE;
	veil_hex_encode(draw_root, sizeof draw_root, hex);
	g_snprintf(objective, sizeof objective, "%" G_GINT64_FORMAT, draw->objective);
	g_snprintf(bound, sizeof bound, "%" G_GINT64_FORMAT, draw->bound);
	g_snprintf(number, sizeof number, "%u", draw->n);
	return veil_log_append(log, "drawer", "batch.draw", error, "batch", veil_batch_get(batch, "batch"), "freeze-id",
			       veil_batch_get(batch, "freeze_id"), "draw", number, "kind", draw->kind, "seed", draw->seed, "seed-source", draw->seed_source,
			       "method", draw->method, "objective", objective, "bound", bound, "draw-root", hex, NULL);
}

/* notify/NAME.drawn: the codes of those who were drawn, sorted, nothing else. */
static gboolean
hand_over(const VeilSite *site, const char *name, const VeilBatch *batch, GError **error)
{
	g_autofree char *path = veil_batch_path(site, VEIL_FOLDER_NOTIFY, name, "drawn");
	g_autofree gboolean *drawn = g_new0(gboolean, MAX(batch->n_reviewers, 1));
	g_autoptr(GString) text = g_string_new("veil-drawn/1\n");

	for (guint64 i = 0; i < batch->n_places; i++)
		if (batch->places[i].seat == VEIL_SEAT_SITTING)
			drawn[batch->places[i].reviewer] = TRUE;
	for (guint32 r = 0; r < batch->n_reviewers; r++)
		if (drawn[r])
			g_string_append_printf(text, "%s\n", batch->reviewers[r].code);
	return veil_file_put(path, text->str, text->len, 0600, error);
}

/* The panels of a match, numbered in code order. */
static GArray *
list_panels(const VeilBatch *batch, const VeilMatch *match)
{
	GArray *places = g_array_new(FALSE, FALSE, sizeof(VeilBatchPlace));

	for (guint32 p = 0; p < batch->n_projects; p++)
		for (guint64 k = match->assigned_offset[p]; k < match->assigned_offset[p + 1]; k++) {
			VeilBatchPlace place = {.project = p,
						.reviewer = match->assigned[k],
						.score = veil_batch_score(batch, p, match->assigned[k]),
						.role = VEIL_ROLE_PANEL,
						.place = (guint32)(k - match->assigned_offset[p]) + 1};

			g_array_append_val(places, place);
		}
	return places;
}

static gboolean
assign(const VeilStep *step, const VeilBatch *batch, const char *path, const char *seed, const char *source, GError **error)
{
	g_autoptr(VeilPolicy) policy = veil_batch_policy(batch, error);
	g_autoptr(VeilMatch) match = NULL;
	g_autofree char *time = veil_minute(step->now_unix_s);
	g_autoptr(GArray) places = NULL;
	VeilBatchDraw draw = {.n = 1, .kind = "draw"};
	guint8 bytes[32];

	if (policy == NULL || !veil_hex_decode(seed, bytes, sizeof bytes))
		return FALSE;
	match = veil_batch_solve(batch, policy, bytes, error);
	if (match == NULL)
		return FALSE;
	if (match->status == VEIL_MATCH_INFEASIBLE) {
		g_autofree char *why = veil_witness_text(batch, &match->witness);

		g_set_error(error, VEIL_ERROR, VEIL_ERROR_INFEASIBLE, "no legal assignment: %s", why);
		return FALSE;
	}
	g_strlcpy(draw.seed, seed, sizeof draw.seed);
	g_strlcpy(draw.seed_source, source, sizeof draw.seed_source);
	g_strlcpy(draw.method, "total", sizeof draw.method);
	g_strlcpy(draw.time, time, sizeof draw.time);
	draw.operator_handle = (char *)step->operator_handle;
	draw.objective = match->objective;
	draw.bound = match->bound;
	draw.prices = match->price;
	places = list_panels(batch, match);
	return veil_batch_store_draw(path, batch, &draw, (const VeilBatchPlace *)(gpointer)places->data, places->len, error);
}

gboolean
veil_step_draw(const VeilStep *step, const char *name, const char *seed_hex, GError **error)
{
	g_autofree char *path = veil_batch_find(step->site, VEIL_FOLDER_DRAW, name, "veil", error);
	g_autoptr(VeilBatch) batch = path ? veil_batch_read(path, error) : NULL;
	g_autoptr(VeilPolicy) policy = batch ? veil_batch_policy(batch, error) : NULL;
	g_autoptr(VeilLog) log = NULL;
	char seed[65], source[16];
	gboolean finished;

	if (policy == NULL || !veil_policy_check_supported(policy, error))
		return FALSE;
	log = veil_log_open(step->site->dir, step->operator_handle, error);
	if (log == NULL || !find_begun(log, veil_batch_get(batch, "freeze_id"), seed, source, &finished, error))
		return FALSE;
	if (finished)
		return refuse(error, "this freeze has been drawn already; one draw a freeze: `veil batch show NAME --assignments` prints it");
	if (batch->n_draws == 0) {
		if (!choose_seed(step, batch, log, seed_hex, seed, source, error) ||
		    !assign(step, batch, path, seed, source, error))
			return FALSE;
		veil_batch_free(batch);
		if ((batch = veil_batch_read(path, error)) == NULL)
			return FALSE;
	}
	return hand_over(step->site, name, batch, error) && log_result(log, path, batch, &batch->draws[0], error);
}
