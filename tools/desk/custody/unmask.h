/* unmask.h - who is behind one code: asked, approved, witnessed, shown once. */
#pragma once

#include "ceremony/approve.h"
#include "site/batch.h"
#include "site/rows.h"

typedef struct {
	const char *batch;
	const char *project, *reviewer; /* one of them, as typed */
	const char *field;		/* id, title, name, organisation, phone, email */
	const char *purpose;		/* one of veil_unmask_purposes */
	const char *reference;		/* the file number of the case */
} VeilUnmaskRequest;

extern const char *const veil_unmask_purposes[]; /* NULL-terminated */
extern const char *const veil_unmask_fields[];

/* Ledger only. What is refused for its content, or because there were too many, is logged as unmask.refused. */
gboolean veil_unmask_request(const VeilStep *step, const VeilUnmaskRequest *request, char out_id[VEIL_REQUEST_ID_BYTES], GError **error);

/**
 * veil_unmask_open:
 * Prints one field of one subject, after everything that can refuse has been asked and the record unmask.open is durable; then unmask.done. note_path: the
 * witnessed checkpoint (nullable: those in ledger/). part_paths: custodians' parts, for a closed batch; NULL else.
 */
gboolean veil_unmask_open(const VeilStep *step, const char *id, const char *note_path, const char *const *part_paths, VeilPrint how, GError **error);

/* --- the value itself (unmask-value.c) */
typedef enum { VEIL_SUBJECT_REVIEWER, VEIL_SUBJECT_PROJECT } VeilSubject;
/* (transfer full) The value of one field of who or what bears this drawer's code; several people or delivered values are joined by "; ". "" when nothing
 * is known. VEIL_ERROR_NOT_AVAILABLE when nobody bears the code, or a reviewer is asked for what only projects have. */
char *veil_unmask_value(VeilRegistry *registry, const VeilKeys *keys, const VeilBatchKey *key, const char *batch, VeilSubject subject, const char *code,
			const char *field, GError **error);
