/* disciplines.h - who is near in the tree of disciplines. Inside engine/affinity only. */
#pragma once

#include <veil/facts.h>

typedef struct {
	guint32 n_nodes;
	const guint32 *parent;
	guint32 *child, *sibling; /* first child, next sibling; VEIL_NONE ends */
	guint64 *offset;	  /* CSR by node */
	guint32 *reviewer;
	guint32 *share; /* the reviewer's weight of this node by his largest, millionths */
	gint64 keep_micro; /* what is left of the fit after a step */
} VeilDisciplineIndex;

void veil_discipline_index_init(VeilDisciplineIndex *index, const VeilFeatures *features, gint64 decay_micro, const guint32 *reviewers,
				guint32 n_reviewers);
void veil_discipline_index_clear(VeilDisciplineIndex *index);

/* Raises out_fit[n_reviewers] (millionths) to the best match of any of the project's disciplines. FALSE when the project has none. */
gboolean veil_discipline_index_row(const VeilDisciplineIndex *index, const VeilFeatures *features, guint32 project, guint32 *out_fit);
