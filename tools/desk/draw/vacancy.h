/* vacancy.h - what becomes of places after a draw: declines, conflicts found late, withdrawals. Drawer's side. */
#pragma once

#include "site/batch.h"
#include "site/rows.h"

typedef enum { VEIL_VACANCY_REPLACE, VEIL_VACANCY_STRIKE, VEIL_VACANCY_WITHDRAW } VeilVacancyKind;

typedef struct {
	VeilVacancyKind kind;
	const char *project;  /* replace and strike: both; withdraw: one of them */
	const char *reviewer;
	const char *reason;   /* replace only: of the closed list */
	const char *record;   /* what it rests on; NULL: a rehearsal says so, a real site refuses */
} VeilVacancy;

/* "declined|no-reply|ill|declared|found|withdrawn|void" */
extern const char veil_vacancy_reasons[];

/**
 * veil_step_vacancy:
 * Each vacancy is logged, then written into the journal; the first waiting reserve whose entry keeps the panel legal takes the seat, and nothing else moves. A project of a team
 * stands for its team. The same command run again completes what an interruption cut off and changes nothing more. Prints event, project, reviewer, promoted.
 * Errors: VEIL_ERROR_NOT_AVAILABLE for a pair that has no seat, whoever is asked for; VEIL_ERROR_REFUSED before the draw, and while another draw is begun;
 * VEIL_ERROR_USAGE for a reason or record that is none.
 */
gboolean veil_step_vacancy(const VeilStep *step, const char *name, const VeilVacancy *vacancy, VeilPrint how, GError **error);
