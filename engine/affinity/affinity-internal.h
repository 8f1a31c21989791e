/* affinity-internal.h - the parts of a score: integers, text, disciplines. */
#pragma once

#include <veil/affinity.h>

#define VEIL_ONE 1000000 /* a score of 1 */

/* --- fixed.c ------------------------------------------------------------------------------------------------------- */

/* floor(2^8 x log2(x)) up to one unit; x >= 1. */
guint32 veil_fixed_log2_q8(guint64 x);
/* The smallest r with r x r >= x. */
guint64 veil_fixed_sqrt_up(guint64 x);

/* --- text.c -------------------------------------------------------------------------------------------------------- */

typedef struct {
	guint64 *key; /* open addressing; id 0 is an empty slot, else id - 1 */
	guint32 *slot;
	guint64 n_slots; /* a power of two */
	guint32 n_terms;
} VeilTermTable;

typedef struct {
	const VeilFeatures *features;
	VeilTermTable table;
	guint16 *idf;	 /* of each term, 2^8 = 1; 0: in too many texts, dropped */
	guint64 *offset; /* n_terms + 1, into the two lists; empty for a term that no project has */
	guint32 *reviewer;
	guint16 *weight; /* of a vector of length at most 65,535 */
} VeilTextIndex;

gboolean veil_text_index_build(VeilTextIndex *index, const VeilFeatures *features, const guint32 *reviewers, guint32 n_reviewers,
			       GError **error);
void veil_text_index_clear(VeilTextIndex *index);
/* sums[n_reviewers] must be 0: becomes 65,535^2 x cosine at most. FALSE: the project has no word that the pool knows. */
gboolean veil_text_index_row(const VeilTextIndex *index, guint32 project, guint32 *sums);

/* --- discipline.c -------------------------------------------------------------------------------------------------- */

typedef struct {
	guint32 node;
	guint32 share; /* of the reviewer's largest weight, VEIL_ONE = 1 */
} VeilReviewerDiscipline;

typedef struct {
	const VeilFeatures *features;
	guint32 n_nodes;
	const guint32 *parent;
	guint32 *used; /* n_used: nodes that some reviewer has */
	guint32 n_used;
	guint32 *fit; /* n_fits: (1 - decay) to the power of i; 0 from there on */
	guint32 n_fits;
	guint32 n_reviewers;
	guint64 *offset; /* n_reviewers + 1 */
	VeilReviewerDiscipline *disciplines;
} VeilDisciplineIndex;

gboolean veil_discipline_index_build(VeilDisciplineIndex *index, const VeilFeatures *features, gint64 decay_micro,
				     const guint32 *reviewers, guint32 n_reviewers, GError **error);
void veil_discipline_index_clear(VeilDisciplineIndex *index);
/* The project's disciplines, for telling whether two projects have the same. */
const VeilDisciplineWeight *veil_discipline_index_of(const VeilDisciplineIndex *index, guint32 project, gsize *out_n);
/* fits[n_reviewers], 0..VEIL_ONE. scratch: 2 x n_nodes. FALSE (fits all 0): the project has no discipline. */
gboolean veil_discipline_index_row(const VeilDisciplineIndex *index, guint32 project, guint32 *scratch, guint32 *fits);

/* --- affinity.c ---------------------------------------------------------------------------------------------------- */

struct VeilAffinity {
	guint32 n_reviewers, n_projects, step;
	guint64 text, discipline; /* the policy's weights in millionths, together VEIL_ONE at most */
	VeilTextIndex index;
	VeilDisciplineIndex tree;
};

/* A thread's working memory. Between rows the fits are kept: projects with the same disciplines share them. */
typedef struct {
	const VeilAffinity *affinity;
	guint64 text, discipline; /* the weights that this project gets */
	guint32 *sums, *fits, *tree;
	gboolean has_fits, project_has_discipline;
	guint32 fits_of;
} VeilAffinityRow;

VeilAffinityRow *veil_affinity__row_new(const VeilAffinity *affinity);
void veil_affinity__row_free(VeilAffinityRow *row);
/* Text and disciplines of one project with everybody. */
void veil_affinity__row_load(VeilAffinityRow *row, guint32 project);

/* The score before rounding, in millionths of millionths; 65,535^2 x cosine to millionths: 1,000,030 / 2^32 is 10^6 / 65,535^2 from below. */
static inline guint64
veil_affinity__raw(const VeilAffinityRow *row, guint32 reviewer)
{
	return row->text * ((guint64)row->sums[reviewer] * 1000030 >> 32) + row->discipline * row->fits[reviewer];
}

static inline guint32
veil_affinity__score(const VeilAffinityRow *row, guint64 raw)
{
	guint32 score = (guint32)(raw / VEIL_ONE);

	return score - score % row->affinity->step;
}
