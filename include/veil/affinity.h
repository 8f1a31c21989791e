/* veil/affinity.h - how well an expert fits a project: disciplines and text, in fixed point.
 *
 * score = text x cosine + discipline x fit, weights from the policy, 0..1,000,000, rounded down to a multiple of the policy's step.
 * Text is tf-idf over keyed terms (the engine never sees a word), idf over the pool, integers from counts to score, so that every
 * compiler gives the same bytes. Discipline fit falls with each step up the tree to the common ancestor (policy: decay).
 * Where a project or a person has no discipline (no text), the other part stands alone with its full weight... per project, never per pair.
 * No dense experts x projects table: an inverted index and one row of sums a thread.
 */
#pragma once

#include <veil/conflict.h>
#include <veil/facts.h>
#include <veil/policy.h>

G_BEGIN_DECLS

typedef struct VeilAffinity VeilAffinity;

/* Refused: weights that together pass 1 [INPUT], features with missing or disordered rows, unknown nodes or a cyclic tree [FAILED].
 * features must outlive the result. reviewers: the persons (indexes into VeilFacts) that may be drawn, in the order whose
 * positions the results use ("reviewer index"). */
VeilAffinity *veil_affinity_new(const VeilFeatures *features, const VeilPolicy *policy,
				const guint32 *reviewers, guint32 n_reviewers, GError **error);
void veil_affinity_free(VeilAffinity *affinity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilAffinity, veil_affinity_free)

/* Scores of one project with every reviewer: out_scores[n_reviewers], millionths. Thread-safe with distinct outputs. */
void veil_affinity_row(const VeilAffinity *affinity, guint32 project, gint32 *out_scores);

typedef struct {
	guint32 n_projects;
	guint64 *offset;   /* n_projects + 1 */
	guint32 *reviewer; /* per project ascending reviewer index */
	gint32 *score;
	gint32 *cut;	   /* at least every unlisted allowed score; -1: the list is complete */
} VeilCandidates;

/**
 * veil_affinity_candidates:
 * The want[p] best allowed reviewers of each project. Equal scores at the end of a list are taken in the cyclic order of
 * reviewer index that starts at `spin[p] % n_reviewers`, so that ties do not all fall on the same people.
 * want[p] 0: the project is passed over, its list empty, its cut 1,000,000.
 * excluded: (person -> per project) exclusions; person_to_reviewer maps VeilFacts persons to reviewer index or VEIL_NONE.
 * n_threads >= 1; the result does not depend on it.
 */
VeilCandidates *veil_affinity_candidates(const VeilAffinity *affinity, const VeilExclusions *exclusions,
					 const guint32 *person_to_reviewer, const guint32 *want, const guint64 *spin,
					 guint n_threads, GError **error);
void veil_candidates_free(VeilCandidates *candidates);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilCandidates, veil_candidates_free)

G_END_DECLS
