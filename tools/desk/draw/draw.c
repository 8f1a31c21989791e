/* draw.c - a draw: seed, places, certificate; the first one, a top-up, a further round.
 *
 * Order of events, so that no interruption gives a second chance: seed and request are logged (durable) before the solver starts; the places are committed
 * in one transaction; their root is logged. Run again after an interruption, the logged seed is found and the same places come out; run again after the
 * commit, only the record is completed. Whether a top-up or a round can be filled at all is found out before its seed exists. An infeasible freeze keeps its seed and is
 * never drawn. Opens the batch file, the ledger and notify/, and nothing else.
 */
#include <string.h>

#include <veil/hash.h>

#include "ceremony/approve.h"
#include "site/batch-files.h"
#include "site/committed.h"
#include "site/batch.h"
#include "solve/draw-places.h"
#include "draw/draw.h"
#include "handover/drawn.h"
#include "handover/handed.h"
#include "handover/panels.h"
#include "site/found.h"
#include "site/history.h"
#include "solve/instance.h"
#include "site/route.h"
#include "ceremony/seed.h"
#include "site/words.h"

typedef struct {
	const VeilStep *step;
	const VeilDrawOptions *options;
	char *path;
	VeilBatch *batch;
	VeilPolicy *policy;
	VeilLog *log;
	VeilDrawRequest request;
	char seed[65], source[16];
} Draw;

static gboolean
refuse(GError **error, const char *text)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, text);
	return FALSE;
}

/* --- what was begun ------------------------------------------------------------------------------------------------ */

/* The record of this act for draw n of the freeze; the latest of a freeze is that of its latest draw. */
static gboolean
find_of_draw(VeilLog *log, const char *act, const char *freeze_id, guint32 n, VeilFound **out, GError **error)
{
	g_autofree char *number = g_strdup_printf("%u", n);
	g_autoptr(VeilFound) found = NULL;

	if (!veil_log_find(log, act, "freeze-id", freeze_id, &found, error))
		return FALSE;
	*out = found != NULL && strcmp(veil_found_get(found, "draw"), number) == 0 ? g_steal_pointer(&found) : NULL;
	return TRUE;
}

gboolean
veil_draw_is_begun(VeilLog *log, const char *freeze_id, guint32 n, gboolean *out_begun, GError **error)
{
	g_autoptr(VeilFound) intent = NULL;

	if (!find_of_draw(log, "batch.draw.intent", freeze_id, n, &intent, error))
		return FALSE;
	*out_begun = intent != NULL;
	return TRUE;
}

static const char *
freeze_id_of(const Draw *d)
{
	return veil_batch_get(d->batch, "freeze_id");
}

/* A draw that is in the file and whose record an interruption cost. */
static gboolean
is_unrecorded(const Draw *d, gboolean *out, GError **error)
{
	g_autoptr(VeilFound) result = NULL;

	*out = FALSE;
	if (d->batch->n_draws == 0)
		return TRUE;
	if (!find_of_draw(d->log, "batch.draw", freeze_id_of(d), d->batch->n_draws, &result, error))
		return FALSE;
	*out = result == NULL;
	return TRUE;
}

static gboolean
log_result(const Draw *d, const VeilBatchDraw *draw, GError **error)
{
	guint8 root[32], draw_root[32];
	char hex[65], objective[32], bound[32], number[16];

	if (!veil_batch_roots(d->path, draw->n, root, draw_root, error))
		return FALSE;
	veil_hex_encode(draw_root, sizeof draw_root, hex);
	g_snprintf(objective, sizeof objective, "%" G_GINT64_FORMAT, draw->objective);
	g_snprintf(bound, sizeof bound, "%" G_GINT64_FORMAT, draw->bound);
	g_snprintf(number, sizeof number, "%u", draw->n);
	return veil_log_append(d->log, "drawer", "batch.draw", error, "batch", veil_batch_get(d->batch, "batch"), "freeze-id", freeze_id_of(d), "draw",
			       number, "kind", draw->kind, "seed", draw->seed, "seed-source", draw->seed_source, "method", draw->method, "objective",
			       objective, "bound", bound, "draw-root", hex, NULL);
}

/* --- request and seed ---------------------------------------------------------------------------------------------- */

/* A round is asked for again when its command was cut off after its end, or by mistake: the same places for the same reason, and nothing has happened since. */
static gboolean
is_drawn_already(const Draw *d)
{
	const VeilBatchDraw *last = &d->batch->draws[d->batch->n_draws - 1];

	return strcmp(last->kind, "round") == 0 && g_strcmp0(last->request, d->request.text) == 0;
}

static gboolean
make_round(Draw *d, GError **error)
{
	const VeilDrawOptions *o = d->options;

	if (!veil_reason_check(o->reason, error) ||
	    !veil_draw_request_round(&d->request, d->batch, d->policy, o->add, (const char *const *)o->projects, o->reason, error))
		return FALSE;
	return !is_drawn_already(d) || refuse(error, "this very round was drawn last; a further one for the same projects needs a reason of its own");
}

static gboolean
make_request(Draw *d, GError **error)
{
	const VeilDrawOptions *o = d->options;

	if (!o->top_up && o->add == 0) {
		if (d->batch->n_draws > 0)
			return refuse(error, "this freeze has been drawn already; one draw a freeze: `veil batch show NAME --assignments` prints it");
		veil_draw_request_first(&d->request, d->batch, d->policy);
		return TRUE;
	}
	if (!veil_batch_is_current(d->batch))
		return refuse(error, "this batch was frozen by an older version, which draws once; freeze it again");
	if (d->batch->n_draws == 0)
		return refuse(error, "this batch is not drawn yet; run `veil batch draw NAME` first");
	if (o->add > 0)
		return make_round(d, error);
	if (o->reason != NULL && !veil_reason_check(o->reason, error))
		return FALSE;
	if (!veil_draw_request_top_up(&d->request, d->batch, d->policy, o->reason ? o->reason : "reserves exhausted"))
		return refuse(error, "no seat is empty: there is nothing to top up");
	return TRUE;
}

/* A rehearsal may draw without a ceremony; nobody else. */
static gboolean
choose_seed(Draw *d, GError **error)
{
	const char *given = d->options->seed_hex;
	char state[VEIL_SEED_STATE_BYTES];
	guint8 bytes[32];

	if (!veil_seed_find(d->log, freeze_id_of(d), d->request.n, d->seed, state, error))
		return FALSE;
	if (given != NULL && (!d->step->site->rehearsal || *d->seed != '\0'))
		return refuse(error, "--seed is for rehearsals without a seed ceremony; this draw has its seed from the ceremony");
	if (*d->seed != '\0') {
		g_strlcpy(d->source, "ceremony", sizeof d->source);
		return TRUE;
	}
	if (strcmp(state, "none") != 0)
		return refuse(error, "the seed ceremony of this draw is not finished; `veil batch seed NAME status` says what is awaited");
	if (!d->step->site->rehearsal)
		return refuse(error, "this draw has no seed: `veil batch seed NAME plan` begins its ceremony; only a rehearsal draws without one");
	if (given != NULL && !veil_hex_decode(given, bytes, sizeof bytes)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--seed takes 64 hexadecimal digits");
		return FALSE;
	}
	if (given == NULL)
		veil_random_system(bytes, sizeof bytes, NULL);
	veil_hex_encode(bytes, sizeof bytes, d->seed);
	g_strlcpy(d->source, given ? "given" : "system", sizeof d->source);
	return TRUE;
}

/* Projects whose lists are too short anyway, and that three operators let pass. In a top-up others may be short too, of those who are left: hence twice the size. */
static gboolean
find_exceptions(Draw *d, GError **error)
{
	const VeilBatch *batch = d->batch;

	d->request.excepted = g_new0(gboolean, MAX(batch->n_projects, 1));
	for (guint32 p = 0; veil_policy_method(d->policy) == VEIL_METHOD_DRAW && p < batch->n_projects; p++) {
		char id[VEIL_REQUEST_ID_BYTES] = "";

		if (d->request.panel[p] == 0 || batch->offset[p + 1] - batch->offset[p] >= 2 * (guint64)veil_draw_smallest_set(d->policy, d->request.panel[p]))
			continue;
		if (!veil_exception_find(d->log, freeze_id_of(d), batch->projects[p].code, id, error))
			return FALSE;
		d->request.excepted[p] = *id != '\0';
	}
	return TRUE;
}

static gboolean
begin_draw(Draw *d, GError **error)
{
	g_autofree char *number = g_strdup_printf("%u", d->request.n);
	VeilBatchDraw none = {0};
	GArray *places = NULL;
	guint64 short_of;

	if (!veil_history_check_latest(veil_log_ledger(d->log), veil_batch_get(d->batch, "batch"), freeze_id_of(d), error) ||
	    !veil_history_check_unsettled(d->log, freeze_id_of(d), error))
		return FALSE;
	if (d->request.n > 1 && !veil_draw_places(d->batch, d->policy, &d->request, NULL, &none, &places, &short_of, error))
		return FALSE;
	return choose_seed(d, error) &&
	       veil_log_append(d->log, "drawer", "batch.draw.intent", error, "batch", veil_batch_get(d->batch, "batch"), "freeze-id", freeze_id_of(d),
			       "draw", number, "seed", d->seed, "seed-source", d->source, "asked", d->request.text, NULL);
}

/* The seed as it was logged, if this draw was begun; another request than that one is refused. */
static gboolean
resume(Draw *d, gboolean *out_begun, GError **error)
{
	g_autoptr(VeilFound) intent = NULL;
	const char *given = d->options->seed_hex;

	if (!find_of_draw(d->log, "batch.draw.intent", freeze_id_of(d), d->request.n, &intent, error))
		return FALSE;
	*out_begun = intent != NULL;
	if (intent == NULL)
		return TRUE;
	g_strlcpy(d->seed, veil_found_get(intent, "seed"), sizeof d->seed);
	g_strlcpy(d->source, veil_found_get(intent, "seed-source"), sizeof d->source);
	if (given != NULL && g_ascii_strcasecmp(given, d->seed) != 0)
		return refuse(error, "this draw was begun with another seed; run it again without --seed to complete it");
	if (strcmp(veil_found_get(intent, "asked"), d->request.text ? d->request.text : "") != 0)
		return refuse(error, "another draw of this batch was begun; run that command again first, with the options it had");
	return TRUE;
}

/* --- the draw ------------------------------------------------------------------------------------------------------ */

static gboolean
place(Draw *d, GError **error)
{
	g_autofree char *time = veil_minute(d->step->now_unix_s);
	g_autoptr(GArray) places = NULL;
	VeilBatchDraw draw = {0};
	guint64 short_of = 0;
	guint8 bytes[32];
	gboolean stored;

	if (!veil_hex_decode(d->seed, bytes, sizeof bytes)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the ledger's seed of this draw is not 64 hexadecimal digits");
		return FALSE;
	}
	if (!veil_draw_places(d->batch, d->policy, &d->request, bytes, &draw, &places, &short_of, error))
		return FALSE;
	g_strlcpy(draw.seed, d->seed, sizeof draw.seed);
	g_strlcpy(draw.seed_source, d->source, sizeof draw.seed_source);
	g_strlcpy(draw.time, time, sizeof draw.time);
	draw.operator_handle = g_strdup(d->step->operator_handle);
	stored = veil_batch_store_draw(d->path, d->batch, &draw, (const VeilBatchPlace *)(gpointer)places->data, places->len, error);
	veil_batch_draw_clear(&draw);
	if (stored && short_of > 0 && !d->step->quiet)
		g_printerr("veil: the pool leaves %" G_GUINT64_FORMAT " %s empty; the minutes count them\n", short_of, short_of == 1 ? "reserve place" : "reserve places");
	return stored;
}

static gboolean
draw_new(Draw *d, GError **error)
{
	gboolean begun;

	if (!make_request(d, error) || !find_exceptions(d, error) || !resume(d, &begun, error) || (!begun && !begin_draw(d, error)) || !place(d, error))
		return FALSE;
	g_clear_pointer(&d->batch, veil_batch_free);
	return (d->batch = veil_batch_read(d->path, error)) != NULL;
}

static gboolean
finish(const Draw *d, const char *name, GError **error)
{
	return veil_drawn_write(d->step->site, name, d->batch, error) && veil_panels_write(d->step->site, name, d->batch, error) &&
	       veil_handed_log(d->log, d->step->site, name, freeze_id_of(d), error) && log_result(d, &d->batch->draws[d->batch->n_draws - 1], error);
}

/* The last draw is the file's and was asked for by this very command: what an interrupted one left to be done. */
static gboolean
is_same_command(const Draw *d)
{
	static const char *const kinds[] = {"draw", "top-up", "round"};
	const char *kind = d->batch->draws[d->batch->n_draws - 1].kind;

	return strcmp(kind, kinds[d->options->top_up ? 1 : d->options->add > 0 ? 2 : 0]) == 0;
}

static gboolean
run(Draw *d, const char *name, GError **error)
{
	gboolean unrecorded;

	if (!is_unrecorded(d, &unrecorded, error) ||
	    !veil_batch_check_committed(veil_log_ledger(d->log), d->path, d->batch, d->batch->n_draws - (unrecorded ? 1 : 0), error))
		return FALSE;
	if (unrecorded && is_same_command(d))
		return finish(d, name, error);
	if (unrecorded && !finish(d, name, error))
		return FALSE;
	return draw_new(d, error) && finish(d, name, error);
}

gboolean
veil_step_draw(const VeilStep *step, const char *name, const VeilDrawOptions *options, GError **error)
{
	Draw d = {.step = step, .options = options};
	gboolean done = (d.path = veil_batch_find(step->site, VEIL_FOLDER_DRAW, name, "veil", error)) != NULL &&
			(d.batch = veil_batch_read(d.path, error)) != NULL && (d.policy = veil_batch_policy(d.batch, error)) != NULL &&
			(d.log = veil_log_open(step->site->dir, step->operator_handle, error)) != NULL && run(&d, name, error) &&
			veil_handover_sync(step->site, name, error);

	veil_draw_request_clear(&d.request);
	veil_log_free(d.log);
	veil_policy_free(d.policy);
	veil_batch_free(d.batch);
	g_free(d.path);
	return done;
}
