/* contacts.h - the drawn people, for the notifier: names and phones under invitation numbers, no projects. Registrar's side. */
#pragma once

#include "site/batch.h"
#include "site/rows.h"

typedef struct {
	const char *out;   /* CSV: invitation,name,phone,email; whole or not at all, mode 0600 */
	const char *slips; /* folder of slips for the experts, sealed to the requester's key; NULL: none */
	gint64 since;	   /* only who came in after this event of the journal; -1: everybody */
	gboolean for_spreadsheet;
} VeilContactsOptions;

/**
 * veil_step_contacts:
 * From the drawer's NAME.drawn and the registry; never the batch file. Logged before a name is written. *out_last: the latest event in NAME.drawn, for the next --since.
 * Errors: VEIL_ERROR_NOT_AVAILABLE before the draw; VEIL_ERROR_REFUSED: closed, wrong passphrase, slips before the requester has made packets, an --out that is there already as a folder;
 * VEIL_ERROR_VERIFY: NAME.drawn is of another freeze.
 */
gboolean veil_step_contacts(const VeilStep *step, const char *name, const VeilContactsOptions *options, guint64 *out_last, GError **error);
