/* packets.h - what each reviewer receives. Requester's side: texts by code, no names, nothing of the drawer's file but who gets what. */
#pragma once

#include <veil/handover.h>

#include "site/batch.h"
#include "handover/content.h"
#include "site/rows.h"

/* desk/NAME.key of this freeze; make: when there is none, or one of an earlier freeze, it is made. VEIL_ERROR_NOT_AVAILABLE: there is none. */
VeilDeskKey *veil_desk_key_open(const VeilSite *site, const char *name, const char *freeze_id, gboolean make, GError **error);
/* The secret that a packet bears, by which an answer shows that it comes from whoever had the packet. */
void veil_packet_token(const VeilDeskKey *key, const char *packet, guint8 out[32]);

/**
 * veil_step_packets:
 * Writes folder out (which must not exist, or be empty): a file a reviewer, named by the code experts go by, padded, with fixed times and modes; whole or not at all. slips: only the packets that
 * these belong to (paths, NULL-terminated; NULL: all). Prints packet,project. Logged before the folder has its name.
 * Errors: VEIL_ERROR_REFUSED while a finding of `batch leaks` stands; VEIL_ERROR_NOT_AVAILABLE before the draw; VEIL_ERROR_INPUT for a slip that is none of this batch's, whatever is wrong with it.
 */
gboolean veil_step_packets(const VeilStep *step, const char *name, const char *out, char **slips, VeilPrint how, GError **error);
