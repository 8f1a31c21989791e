/* verify.h - what the auditor's checker is made of.
 *
 * veil-verify reads what `veil` wrote and believes nothing of it. It shares no code with the engine: own hashing (OpenSSL), own rules, own
 * bound; it knows no solver. What it demands is written in docs/design/ledger-format.md and docs/design/formats.md.
 *
 * Read in this order; each room uses only what stands above it, and its header has the contracts.
 *
 *   base     verdict.c what was checked, what failed, the exit status; hash.c SHA-256, HMAC, tree, random stream; csv.c rows and numbers; table.c SQLite files and roots
 *   log      record.c canonical records; note.c signed checkpoints, witnesses; operators.c who signed, who approved; seed.c ceremonies; statement.c that there was no opening;
 *            ledger.c the whole; inclusion.c one record without the log
 *   problem  policy.c the policy text; instance.c projects, reviewers, rules worked out; certificate.c what proves a result
 *   judge    legal.c does an assignment obey the rules; bound.c what none can exceed; proof.c total, fair, infeasible; odds.c are the odds right;
 *            replay.c from odds and seed to people; draw.c are these they
 *   match    lists.c published lists; match.c `veil-verify match`
 *   freeze   batch-file.c, audit-file.c, sealed.c the two files of a freeze; conflicts.c, waivers.c exclusions from facts; pool.c, peers.c who may be drawn
 *   batch    draws.c the draws; rest.c what a later one chose from; journal.c what came after; procedure.c the certificate of one project; batch.c `veil-verify batch`
 *   bundle   a folder of all of it
 *
 * How many lines each part has and which are enough for one question: docs/design/bundle.md.
 *
 * Every function that returns gboolean returns FALSE only after it has told the verdict why.
 */
#pragma once

#include "base/base.h"
#include "log/log.h"
#include "problem/problem.h"
#include "judge/judge.h"
#include "match/match.h"
#include "freeze/freeze.h"
#include "batch/batch.h"
#include "bundle/bundle.h"
