/* freeze-wide.h - lists of projects that a plain cut does not serve: minima of panel rules, and teams. Used by freeze-lists.c only. */
#pragma once

#include <veil/affinity.h>

#include "freeze/freeze-peers.h"

/* The list of one project, ascending reviewers. */
typedef struct {
	guint32 *reviewer;
	gint64 *score;
	guint32 n;
	gint32 cut; /* -1: complete */
} VeilWideList;

typedef struct VeilWide VeilWide;

/* NULL: no project needs it. Borrows everything. */
VeilWide *veil_wide_new(const VeilFreezeInput *input, const VeilExclusions *exclusions, const VeilPlaces *places, const guint32 *team,
			const VeilAffinity *affinity, const guint64 *spin, VeilPeers *peers, const VeilBatch *batch);
void veil_wide_free(VeilWide *wide);

gboolean veil_wide_serves(const VeilWide *wide, guint32 project);
/* The projects that share project's list: itself, or its team. (transfer none) in code order. */
const guint32 *veil_wide_mates(const VeilWide *wide, guint32 project, guint32 *out_n);
/**
 * veil_wide_list:
 * Lists for one project or all of its team: base (by mate) is what the plain cut lists; whoever is on one of them and allowed for every mate is on all, and
 * the best of each class that a minimum asks for join, most (of the class) as many as `room` says of a list of that many.
 * out: by mate, (transfer full) members.
 */
void veil_wide_lists(VeilWide *wide, const guint32 *mates, guint32 n_mates, const VeilWideList *base, guint32 want, VeilWideList *out);
void veil_wide_list_clear(VeilWideList *list);
