/* instance.h - a batch file as the problem that match and draw solve, with every panel rule of the policy. */
#pragma once

#include <veil/batch.h>
#include <veil/match.h>
#include <veil/policy.h>

typedef struct {
	VeilInstance instance; /* borrows from here and, where nothing had to change, from the batch */
	guint32 *demand, *min_load, *max_load, *group, *team;
	gint64 *cut;
	guint64 *offset; /* NULL: the batch's own lists */
	guint32 *reviewer;
	gint64 *score;
	guint8 *mark; /* NULL: none, or the batch's own */
	VeilPanelBound *bounds;
	VeilBatchShare *shares;
	GPtrArray *arrays;	 /* owns what bounds and shares point to */
	GPtrArray *bound_names;	 /* const char*, of the policy: which rule each bound is */
	GPtrArray *share_names;
} VeilBatchInstance;

/* demand (nullable): places of each panel, in place of the batch's own. The policy must live as long as the instance. */
void veil_batch_instance_init(VeilBatchInstance *out, const VeilBatch *batch, const VeilPolicy *policy, const guint32 *demand);
void veil_batch_instance_clear(VeilBatchInstance *instance);

/* What a reviewer says of an attribute (employer, kind, province, rank or a further column); NULL: nothing. Lives as long as the batch. */
const char *veil_batch_said(const VeilBatch *batch, guint32 reviewer, const char *attribute);

/* Peer level (RULES K08) is a property of the pair: the mark that such a rule counts; 0: the rule asks something else. */
#define VEIL_MARK_NOBODY 0x80
guint8 veil_peer_mark(const VeilPanelRule *rule);

/* Somebody who is out of the question for a project, and what he is to it. */
typedef struct {
	guint32 project, reviewer;
	enum { VEIL_HELD_BARRED, VEIL_HELD_RESERVE, VEIL_HELD_PANEL } as; /* barred: counts for no rule */
} VeilHeld;

/**
 * veil_batch_instance_rest:
 * What is left to be drawn beside places that are there: demand now, loads as they are left, candidates without those who are held, maxima less what panel and
 * reserves hold, minima (if asked for) less what the panel holds. A rule that bounds each value by more than one is tightened to what the fullest value that is
 * not full leaves: never illegal, sometimes stricter than need be.
 * held: by project, then reviewer; each pair once. out borrows from full.
 */
void veil_batch_instance_rest(VeilBatchInstance *out, const VeilBatchInstance *full, const guint32 *demand, const guint32 *loads_left,
			      const VeilHeld *held, guint64 n_held, gboolean minima);

/* Whether people may sit on a panel of demand[p] together: no maximum is passed, and what minima lack still fits into the seats that are free. */
gboolean veil_panel_fits(const VeilInstance *instance, guint32 p, const guint32 *people, guint32 n);

