/* tie.h - is this project tied, by this rule, to somebody who reviews it? Yes or no, and nothing else: approved, few, logged. */
#pragma once

#include "ceremony/approve.h"
#include "site/batch.h"

typedef struct {
	const char *batch;		 /* NULL: the one that has the project */
	const char *project, *rule;	 /* as typed */
	const char *reviewer, *person;	 /* a drawer's or an auditor's code; both NULL: whoever was ever given a place of the project */
	const char *reference;		 /* the file number of the case */
	const char *auditor_key;	 /* file of the key that opens the audit file; NULL: as veil_audit_open looks for one */
} VeilTieQuestion;

typedef enum { VEIL_TIE_NO, VEIL_TIE_YES, VEIL_TIE_NOT_ASKED /* the rule was off when the batch was frozen */ } VeilTie;

/**
 * veil_tie_ask:
 * Answers from the frozen facts, waived pairs and pairs that were only flagged included. The first run logs the request (purpose `tie`) and is refused with its id;
 * approved by another operator, a second one writes `audit.tie` and answers. The answer is in no record: others read the log.
 * VEIL_ERROR_NOT_AVAILABLE, after the same steps and with the same words, for a project, reviewer or person that there is not. VEIL_ERROR_USAGE: no code, no rule, no file
 * number; VEIL_ERROR_REFUSED: asked too often.
 */
gboolean veil_tie_ask(const VeilStep *step, const VeilTieQuestion *question, VeilTie *out, GError **error);
/* (transfer full) The batch whose file in draw/ has this project's code; NULL without *error when there is none. */
char *veil_batch_of_project(const VeilSite *site, const char *project, GError **error);
