/* draw-places.h - from a request and a seed to places: what a draw decides, without writing anything. */
#pragma once

#include "solve/solve.h"

typedef struct {
	guint32 n;	    /* which draw */
	const char *kind;   /* draw, top-up, round */
	guint32 *panel;	    /* n_projects: places asked for */
	guint32 *reserves;  /* n_projects */
	gboolean *excepted; /* n_projects, or NULL: their field is small, and three operators let them pass (RULES D06) */
	char *reason;	    /* of a top-up or a round */
	char *text;	    /* canonical (docs/design/formats.md 1.1), NULL for the first draw */
} VeilDrawRequest;

void veil_draw_request_clear(VeilDrawRequest *request);
/* What the first draw asks for: every demand, the policy's reserves. */
void veil_draw_request_first(VeilDrawRequest *out, const VeilBatch *batch, const VeilPolicy *policy);
/* The empty seats of projects that have no waiting reserve who may take them, and new reserves behind them. FALSE when there is none. */
gboolean veil_draw_request_top_up(VeilDrawRequest *out, const VeilBatch *batch, const VeilPolicy *policy, const char *reason);
/* add places more for the projects of these codes (NULL: all that are not withdrawn). VEIL_ERROR_NOT_AVAILABLE for a code that is none of them. */
gboolean veil_draw_request_round(VeilDrawRequest *out, const VeilBatch *batch, const VeilPolicy *policy, guint32 add, const char *const *codes,
				 const char *reason, GError **error);

/* What a stored request says: how many events the journal had, and why (transfer full). */
guint32 veil_draw_request_after(const char *text);
/* (transfer full) The same for every draw of the batch; 0 for the first. */
guint32 *veil_draw_requests_after(const VeilBatch *batch);
char *veil_draw_request_reason(const char *text);

/* The fewest candidates that a project asking for so many panel places is drawn from. */
guint32 veil_draw_smallest_set(const VeilPolicy *policy, guint32 panel);

/**
 * veil_draw_places:
 * Solves by the policy's method (a batch of format 1: by total) and orders panel and reserves by tickets. seed NULL: only whether there is a legal assignment; nothing is filled in then.
 * out_draw: objective, bound, method, certificate, prices, odds, lottery. out_places: project, reviewer, score, role, place, by project and reviewer.
 * out_short: reserve places that the pool leaves empty.
 * Errors: VEIL_ERROR_INFEASIBLE with the witness in words; VEIL_ERROR_REFUSED for what the method cannot hold (allowed set too small, odds cap, crossing rules).
 */
gboolean veil_draw_places(const VeilBatch *batch, const VeilPolicy *policy, const VeilDrawRequest *request, const guint8 *seed, VeilBatchDraw *out_draw,
			  GArray **out_places, guint64 *out_short, GError **error);
