/* seed-private.h - what the steps of a seed ceremony and its printing share. */
#pragma once

#include "ceremony/ceremony.h"
#include "ceremony/seed.h"

typedef struct {
	const VeilStep *step;
	VeilLog *log;
	const char *batch;
	char *freeze_id;
	guint draw;
	char number[16];	     /* the draw, in decimal */
	char now[VEIL_MINUTE_BYTES];
	const char *handle;	     /* the operator's */
	const VeilSeedPlan *plan;
	const char *offered;	     /* commitment, value or beacon of this step */
} Move;

/* Opens the ledger and finds the batch's latest freeze; draw 0: the next one. */
gboolean veil_seed__begin(Move *move, const VeilStep *step, const char *name, guint draw, GError **error);
void veil_seed__clear(Move *move);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Move, veil_seed__clear)
