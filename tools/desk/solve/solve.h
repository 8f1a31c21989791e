/* solve.h - a frozen batch, solved: what check shows and draw writes down. */
#pragma once

#include <veil/batch.h>
#include <veil/match.h>
#include <veil/policy.h>

/* The policy that the batch file carries. */
VeilPolicy *veil_batch_policy(const VeilBatch *batch, GError **error);

/* Solves by method total. seed (nullable, 32 bytes) orders reviewers where assignments tie. */
VeilMatch *veil_batch_solve(const VeilBatch *batch, const VeilPolicy *policy, const guint8 *seed, GError **error);

/* One line for people: which projects, which reviewers, how many places short, what could be done. (transfer full) */
char *veil_witness_text(const VeilBatch *batch, const VeilWitness *witness);
