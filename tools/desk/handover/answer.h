/* answer.h - the expert's answer: made where the packet is, carried sealed, taken in by the requester, acted upon by the drawer.
 *
 * draw/NAME.answers, format veil-answers/1: the freeze's id, then a line "PROJECT REVIEWER WORD ID" an answered seat, ascending, in the drawer's codes. ID (16 hex digits in fours, "3f2a-…") is what a
 * vacancy's record names as "answer-1/ID".

 */
#pragma once

#include <veil/handover.h>

#include "site/batch.h"
#include "site/rows.h"

/* What an expert says; VEIL_N_ANSWERS words, each with the codes it is for ("all": every one that no other names). */
typedef struct {
	char **projects[VEIL_N_ANSWERS];
} VeilAnswerChoice;

/* Reads the head of a packet, seals the answer to its key, writes out (never over anything). Opens nothing of a site.
 * Errors: VEIL_ERROR_INPUT (no packet), VEIL_ERROR_USAGE (a project that is not in it, one answered twice or not at all). */
gboolean veil_answer_make(const char *packet, const VeilAnswerChoice *choice, const char *out, GError **error);

/* One sealed answer; prints packet,project,answer. VEIL_ERROR_INPUT, in one text, for everything that is wrong with it. */
gboolean veil_step_answer(const VeilStep *step, const char *name, const char *path, VeilPrint how, GError **error);

typedef struct {
	char project[VEIL_CODE_CHARS + 1], reviewer[VEIL_CODE_CHARS + 1], id[20];
	VeilAnswerWord word;
} VeilAnswered;

#define VEIL_ANSWER_RECORD "answer-1/"

/* (transfer full) of VeilAnswered, ascending: what stands there for this freeze; empty when nothing does. */
GArray *veil_answers_read(const VeilSite *site, const char *name, const char *freeze_id);
