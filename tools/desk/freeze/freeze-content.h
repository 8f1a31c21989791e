/* freeze-content.h - the third file of a freeze: the projects' texts under codes, and where they name who must not be named. */
#pragma once

#include "handover/content.h"
#include "freeze/freeze.h"

/* What a freeze reads of texts and names, in the same view of the registry as the facts. */
typedef struct VeilFrozenTexts VeilFrozenTexts;

VeilFrozenTexts *veil_frozen_texts_read(VeilRegistry *registry, const VeilKeys *keys, const VeilFacts *facts, GError **error);
void veil_frozen_texts_free(VeilFrozenTexts *texts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilFrozenTexts, veil_frozen_texts_free)

/* A function of its arguments: the same texts, codes and people behind the projects give the same bytes. out_others: how many places name somebody whom the registry
 * knows otherwise; the requester is not told of them, for he could ask that way who is in the pool. */
VeilContent *veil_freeze_content(const VeilFrozenTexts *texts, const VeilFacts *facts, const VeilPlaces *places, const VeilBatchKey *key, const char *batch,
				 const char *freeze_id, guint *out_others);

/* For tests: the same without a registry. */
VeilFrozenTexts *veil_frozen_texts_new(guint n_projects);
void veil_frozen_texts_add(VeilFrozenTexts *texts, guint32 project, const char *where, const char *text);
void veil_frozen_texts_name(VeilFrozenTexts *texts, VeilLeakKind kind, guint32 subject, const char *name);
void veil_frozen_texts_ready(VeilFrozenTexts *texts);
