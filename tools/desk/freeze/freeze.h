/* freeze.h - the steps of a freeze: codes, the drawer's view, the auditor's view. Used by freeze.c only.
 *
 * All of it is a function of facts, features, policy, as_of and the batch key: run again with the same, it gives the same bytes.
 */
#pragma once

#include <veil/affinity.h>
#include <veil/audit.h>
#include <veil/batch.h>
#include <veil/blind.h>

typedef struct {
	const VeilFacts *facts;
	const VeilFeatures *features;
	const VeilPolicy *policy;
	const VeilBatchKey *key;
	const VeilKeys *keys; /* the registry's: for tokens of cities */
	VeilDay as_of;
	guint n_threads;
	void (*progress)(const char *stage, gpointer data);
	gpointer progress_data;
} VeilFreezeInput;

/* Who gets which place: reviewers by the drawer's code, projects by the drawer's code. */
typedef struct {
	guint32 n_reviewers, n_projects;
	guint32 *reviewer_person;    /* reviewer index -> person */
	guint32 *person_reviewer;    /* person -> reviewer index or VEIL_NONE */
	guint32 *project_fact;	     /* project index (code order) -> project of the facts */
	char (*reviewer_code)[VEIL_CODE_CHARS + 1]; /* by person; "" for stubs */
	char (*project_code)[VEIL_CODE_CHARS + 1];  /* by project of the facts */
} VeilPlaces;

VeilPlaces *veil_places_new(const VeilFreezeInput *input, const VeilExclusions *exclusions);
void veil_places_free(VeilPlaces *places);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilPlaces, veil_places_free)

/* The drawer's view: loads, coarse attributes, employer tokens, candidate lists long enough for the bound over all pairs. No meta yet. */
VeilBatch *veil_freeze_batch(const VeilFreezeInput *input, const VeilExclusions *exclusions, const VeilPlaces *places, GError **error);
/* The auditor's view: the facts that bear on the batch, in the order of codes, with the exclusions. No meta yet. */
VeilAudit *veil_freeze_audit(const VeilFreezeInput *input, const VeilExclusions *exclusions, const VeilPlaces *places, GError **error);
