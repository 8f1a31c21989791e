/* text-index.h - tf-idf of the pool as an inverted index, and the weighted terms of a project. Inside engine/affinity only. */
#pragma once

#include <veil/facts.h>

typedef struct {
	/* term hash -> term number; power of two, linear probing */
	guint64 *keys;
	guint32 *numbers;
	guint64 mask;
	guint32 n_terms;
	guint32 *document_count; /* by term number: how many reviewers use it */
	guint32 n_documents;
	/* CSR by term number, only terms some project uses */
	guint64 *offset;
	guint32 *reviewer;
	guint16 *weight; /* unit vectors: 1.0 = 2^15 */
} VeilTextIndex;

void veil_text_index_init(VeilTextIndex *index, const VeilFeatures *features, const guint32 *reviewers, guint32 n_reviewers);
void veil_text_index_clear(VeilTextIndex *index);

/* Adds 2^30 x cosine of this project with every reviewer to out_sums[n_reviewers]. Returns FALSE when the project has no term that the pool knows. */
gboolean veil_text_index_row(const VeilTextIndex *index, const VeilFeatures *features, guint32 project, guint32 *out_sums);
