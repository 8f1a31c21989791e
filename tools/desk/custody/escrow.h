/* escrow.h - keys in the hands of custodians: who they are, what each hands over, what k of them open. */
#pragma once

#include "site/batch.h"
#include "site/log.h"
#include "site/rows.h"

#define VEIL_REGISTRY_ESCROW "registry" /* the id under which the registry's own keys lie */

/* --- custodians */
/* threshold 0: stays. VEIL_ERROR_REFUSED: there is one of this handle, or there are seven. */
gboolean veil_custodian_add(const VeilStep *step, const char *handle, const char *public_line, guint threshold, GError **error);
/* Another key (and, as not NULL, another handle) for a custodian; all live batches, and the registry's keys if they are in escrow, are split
 * anew, so that the old key opens none of them. */
gboolean veil_custodian_replace(const VeilStep *step, const char *handle, const char *public_line, const char *as, guint threshold, GError **error);
gboolean veil_custodian_print(const VeilSite *site, VeilPrint how, GError **error);

/* --- a custodian's machine: no site is needed */
/* Asks for the passphrase when the file is wrapped. */
VeilCustodianKey *veil_escrow_open_key(const char *path, GError **error);
/* to_line NULL: the registry's key, which the escrow file names. out_to: to whom it was sealed, for the custodian to compare. */
gboolean veil_escrow_part_write(const char *escrow_path, const char *key_path, const char *to_line, const char *out_path, char **out_to,
				GError **error);

/* --- the site */
/* Inside the registry's transaction. VEIL_ERROR_REFUSED when there are no custodians. */
gboolean veil_escrow_registry_keys(VeilRegistry *registry, const VeilKeys *keys, GError **error);
/* A failure of the parts is logged as escrow.refused. out_custodians: "a;b;c". */
VeilBatchKey *veil_escrow_join_key(VeilRegistry *registry, const VeilKeys *keys, VeilLog *log, const VeilBatchRow *row, const char *const *part_paths,
				   char **out_custodians, GError **error);
VeilKeys *veil_escrow_join_keys(VeilRegistry *registry, VeilLog *log, const char *const *part_paths, const VeilCustodianKey *recipient,
				char **out_custodians, GError **error);

typedef enum { VEIL_ESCROW_CHECK, VEIL_ESCROW_RESTORE, VEIL_ESCROW_RESEAL } VeilEscrowUse;
/* Puts the parts together, logs escrow.open and shows nothing. RESTORE: makes the live key of a batch that is not closed again. RESEAL: splits the
 * key among the present custodians. */
gboolean veil_escrow_use(const VeilStep *step, const char *name, const char *const *part_paths, VeilEscrowUse use, char **out_custodians, GError **error);
