/* freeze-peers.h - whom a rule on peer level (RULES K08) counts: experts of a project's own discipline, or of the field around it.
 *
 * A property of a pair, so it is written as marks of listed pairs (VEIL_MARK_*), for the projects that such a rule asks only. docs/decisions/0023 says what the
 * drawer learns; docs/design/formats.md 1.1 has the definition to the letter.
 */
#pragma once

#include "freeze/freeze.h"

typedef struct VeilPeers VeilPeers;

/* team: by project in code order, 0 none; or NULL. NULL: no rule asks. Borrows everything. */
VeilPeers *veil_peers_new(const VeilFreezeInput *input, const VeilExclusions *exclusions, const VeilPlaces *places, const guint32 *team, const VeilBatch *batch);
void veil_peers_free(VeilPeers *peers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilPeers, veil_peers_free)

/* (transfer full) What the auditor needs to mark them again, for meta `peers` of his file (formats.md 1.2): disciplines under numbers that say nothing, no others than
 * those that a mark rests on. */
char *veil_peers_facts(const VeilPeers *peers);

/* The marks of everybody for one project, by reviewer, until the next call; NULL: no rule asks there. */
const guint8 *veil_peers_of(VeilPeers *peers, guint32 project);
