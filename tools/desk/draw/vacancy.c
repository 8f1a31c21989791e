/* vacancy.c - one place is vacated, the next reserve takes it.
 *
 * Order of events: the batch file is opened for writing and stays locked; the ledger's record is durable; the journal's line, which is that record's fields and nothing else, is
 * committed. A record whose line is missing (an interruption) is written into the journal by whichever of these commands comes next, before it does anything itself.
 *
 * Panel and reserves obey every maximum together and each reserve holds his place of a load already, so a promotion never depends on other projects, nor on the order of
 * vacancies: the panel is the first of those who are left, in the order of the draw. Only where a rule has a minimum can the next in order be passed over.
 */
#include "draw/vacancy.h"

#include <string.h>

#include "handover/answer.h"
#include "site/batch-files.h"
#include "draw/draw.h"
#include "draw/next-reserve.h"
#include "handover/drawn.h"
#include "site/found.h"
#include "site/history.h"
#include "handover/handed.h"
#include "handover/panels.h"
#include "site/route.h"
#include "ceremony/seed.h"
#include "solve/solve.h"
#include "site/words.h"

const char veil_vacancy_reasons[] = "declined|no-reply|ill|declared|found|withdrawn|void";

typedef struct {
	const VeilStep *step;
	const char *name;
	const VeilVacancy *what;
	const char *record;
	char *path;
	VeilLog *log;
	VeilBatchDesk *desk; /* open only while one line is written */
	VeilPrint how;
	VeilRows rows; /* begun with the first line: a refusal prints nothing */
	gboolean printing;
} Vacancy;

/* One answer for a code that does not exist, a pair that is excluded, a reserve who is sealed, and a seat that somebody else has. */
static gboolean
not_available(const Vacancy *v, GError **error)
{
	if (v->what->project == NULL)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "reviewer %s is not available here", v->what->reviewer);
	else if (v->what->reviewer == NULL)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "project %s is not available here", v->what->project);
	else
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "reviewer %s has no seat on the panel of project %s", v->what->reviewer,
			    v->what->project);
	return FALSE;
}

static gboolean
refuse(GError **error, const char *text)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, text);
	return FALSE;
}

/* --- the journal --------------------------------------------------------------------------------------------------- */

/* The line that a record stands for. */
static void
line_of(const VeilFound *found, VeilBatchEvent *out)
{
	memset(out, 0, sizeof *out);
	out->seq = (guint32)g_ascii_strtoull(veil_found_get(found, "event"), NULL, 10);
	g_strlcpy(out->kind, veil_found_get(found, "kind"), sizeof out->kind);
	g_strlcpy(out->project, veil_found_get(found, "project"), sizeof out->project);
	g_strlcpy(out->reviewer, veil_found_get(found, "reviewer"), sizeof out->reviewer);
	g_strlcpy(out->reason, veil_found_get(found, "reason"), sizeof out->reason);
	g_strlcpy(out->promoted, veil_found_get(found, "promoted"), sizeof out->promoted);
	g_strlcpy(out->time, found->record.time, sizeof out->time);
	out->record = g_strdup(veil_found_get(found, "record"));
	out->operator_handle = g_strdup(found->record.actor);
}

/* The last record's line into the journal, if it is not there; *out_written (nullable) is that line. */
static gboolean
write_line(Vacancy *v, gboolean *out_any, VeilBatchEvent *out_line, GError **error)
{
	g_autoptr(VeilFound) found = NULL;
	VeilBatchEvent line;
	gboolean good = TRUE;

	*out_any = FALSE;
	if (!veil_log_find(v->log, "batch.vacancy", "freeze-id", veil_batch_desk_get(v->desk, "freeze_id"), &found, error))
		return FALSE;
	if (found == NULL)
		return TRUE;
	line_of(found, &line);
	if (line.seq > veil_batch_desk_events(v->desk)) {
		good = veil_batch_desk_add(v->desk, &line, error);
		*out_any = good;
	}
	if (good && *out_any && out_line != NULL)
		*out_line = line;
	else
		veil_batch_event_clear(&line);
	return good;
}

static void
close_desk(Vacancy *v)
{
	g_clear_pointer(&v->desk, veil_batch_desk_free);
}

static gboolean
reopen(Vacancy *v, GError **error)
{
	close_desk(v);
	return (v->desk = veil_batch_desk_open(v->path, error)) != NULL;
}

/* Opens the file, completes what was interrupted, and looks whether the journal may go on. */
static gboolean
open_desk(Vacancy *v, GError **error)
{
	char seed[65], state[VEIL_SEED_STATE_BYTES];
	const char *freeze_id;
	gboolean any, begun;
	guint32 draws;

	if (!reopen(v, error) || !write_line(v, &any, NULL, error))
		return FALSE;
	if (any && (!veil_batch_desk_commit(v->desk, error) || !reopen(v, error)))
		return FALSE;
	draws = veil_batch_desk_draws(v->desk);
	freeze_id = veil_batch_desk_get(v->desk, "freeze_id");
	if (draws == 0)
		return refuse(error, "this batch is not drawn yet; run `veil batch draw`");
	if (!veil_draw_is_begun(v->log, freeze_id, draws + 1, &begun, error) || !veil_seed_find(v->log, freeze_id, draws + 1, seed, state, error))
		return FALSE;
	if (!veil_history_check_unsettled(v->log, freeze_id, error))
		return FALSE;
	/* Whoever knows the seed of the next draw could choose what it is drawn from. */
	if (begun || strcmp(state, "ready") == 0 || strcmp(state, "beacon") == 0)
		return refuse(error, "the seed of this batch's next draw is known; finish `veil batch draw NAME --top-up` (or --round) first");
	return TRUE;
}

static gboolean
print_line(Vacancy *v, const VeilBatchEvent *line, GError **error)
{
	static const char *const columns[] = {"event", "project", "reviewer", "promoted"};
	g_autofree char *number = g_strdup_printf("%u", line->seq);
	const char *cells[] = {number, line->project, line->reviewer, line->promoted};

	if (!v->printing && !veil_rows_begin(&v->rows, v->how, "events", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	v->printing = TRUE;
	veil_rows_add(&v->rows, cells);
	return TRUE;
}

/* Somebody without a seat anywhere need not be contacted any more. */
static gboolean
sits_nowhere(Vacancy *v, const char *reviewer, gboolean *out, GError **error)
{
	g_autoptr(GPtrArray) projects = veil_batch_desk_places_of(v->desk, reviewer, error);

	*out = TRUE;
	for (guint i = 0; projects != NULL && i < projects->len; i++) {
		g_autoptr(VeilBatch) one = veil_batch_desk_project(v->desk, g_ptr_array_index(projects, i), error);

		if (one == NULL)
			return FALSE;
		for (guint64 k = 0; k < one->n_places; k++)
			if (one->places[k].seat == VEIL_SEAT_SITTING && strcmp(one->reviewers[one->places[k].reviewer].code, reviewer) == 0)
				*out = FALSE;
	}
	return projects != NULL;
}

static gboolean
hand_over(Vacancy *v, const VeilBatchEvent *line, GError **error)
{
	gboolean gone = FALSE, absent = TRUE;

	if (*line->project != '\0' && !veil_panels_update(v->step->site, v->name, v->desk, line->project, error))
		return FALSE;
	if (*line->reviewer == '\0')
		return TRUE;
	/* Of an event that is completed late: whoever came in may have left since. */
	if (*line->promoted != '\0' && !sits_nowhere(v, line->promoted, &absent, error))
		return FALSE;
	return sits_nowhere(v, line->reviewer, &gone, error) &&
	       (!(gone || !absent) || veil_drawn_change(v->step->site, v->name, line->seq, veil_batch_desk_draws(v->desk), absent ? NULL : line->promoted,
							gone ? line->reviewer : NULL, error));
}

/* Record, line, and who is to be contacted. The desk is open and is left open anew. */
static gboolean
add_event(Vacancy *v, const char *kind, const char *project, const char *reviewer, const char *reason, const char *promoted, GError **error)
{
	g_autofree char *number = g_strdup_printf("%u", veil_batch_desk_events(v->desk) + 1);
	VeilBatchEvent line = {0};
	gboolean any, good;

	if (!veil_log_append(v->log, "drawer", "batch.vacancy", error, "batch", v->name, "freeze-id", veil_batch_desk_get(v->desk, "freeze_id"), "event",
			     number, "kind", kind, "project", project, "reviewer", reviewer, "reason", reason, "record", v->record, "promoted", promoted, NULL) ||
	    !write_line(v, &any, &line, error) || !veil_batch_desk_commit(v->desk, error) || !reopen(v, error))
		return FALSE;
	good = hand_over(v, &line, error) && print_line(v, &line, error);
	veil_batch_event_clear(&line);
	return good;
}

/* A list that is not the one signed last (changed on a desk, lost, of before there was a record) is not built upon: both are made anew from the batch file. */
static gboolean
restore_lists(Vacancy *v, GError **error)
{
	const char *freeze_id = veil_batch_desk_get(v->desk, "freeze_id");
	g_autoptr(GArray) drawn = veil_handed_drawn(v->log, v->step->site, v->name, freeze_id, NULL);
	g_autoptr(GPtrArray) panels = drawn != NULL ? veil_handed_panels(v->log, v->step->site, v->name, freeze_id, NULL) : NULL;
	g_autoptr(VeilBatch) batch = NULL;

	if (panels != NULL)
		return TRUE;
	veil_drawn_forget(v->step->site, v->name);
	return (batch = veil_batch_read(v->path, error)) != NULL && veil_drawn_write(v->step->site, v->name, batch, error) &&
	       veil_panels_write(v->step->site, v->name, batch, error);
}

/* --- one project ----------------------------------------------------------------------------------------------------- */

static VeilBatchPlace *
place_of(VeilBatch *one, const char *reviewer)
{
	for (guint64 i = 0; i < one->n_places; i++)
		if (strcmp(one->reviewers[one->places[i].reviewer].code, reviewer) == 0)
			return &one->places[i];
	return NULL;
}

static VeilPolicy *
policy_of(Vacancy *v, GError **error)
{
	const char *text = veil_batch_desk_get(v->desk, "policy");

	return text ? veil_policy_parse(text, strlen(text), "batch file", error) : NULL;
}

/* Has this very line been written? Then the command is run again. */
static const VeilBatchEvent *
find_line(const VeilBatch *one, const char *kind, const char *reviewer, const char *reason)
{
	for (guint32 e = 0; e < one->n_events; e++)
		if (strcmp(one->events[e].kind, kind) == 0 && strcmp(one->events[e].reviewer, reviewer) == 0 && strcmp(one->events[e].reason, reason) == 0)
			return &one->events[e];
	return NULL;
}

static gboolean
again(Vacancy *v, const VeilBatchEvent *line, GError **error)
{
	if (!hand_over(v, line, error))
		return FALSE;
	if (!v->step->quiet)
		g_printerr("veil: this was logged already as event %u; nothing changed\n", line->seq);
	return print_line(v, line, error);
}

/* One project: a seat is vacated (replace), or a reviewer barred (strike, whether or not he has a place). waiting: whether sealed reserves are meant as well. */
static gboolean
vacate(Vacancy *v, const char *kind, const char *project, const char *reviewer, const char *reason, gboolean waiting, GError **error)
{
	g_autoptr(VeilBatch) one = veil_batch_desk_project(v->desk, project, error);
	g_autoptr(VeilPolicy) policy = one ? policy_of(v, error) : NULL;
	const VeilBatchEvent *line;
	g_autofree char *promoted = NULL;
	VeilBatchPlace *place;
	gboolean ok = TRUE;

	if (policy == NULL)
		return one == NULL && *error == NULL ? not_available(v, error) : FALSE;
	if ((line = find_line(one, kind, reviewer, reason)) != NULL)
		return again(v, line, error);
	if (find_line(one, "withdraw-project", "", "withdrawn") != NULL)
		return not_available(v, error);
	place = place_of(one, reviewer);
	if (place != NULL && place->seat == VEIL_SEAT_SITTING)
		ok = veil_next_reserve(v->desk, one, policy, place, &promoted, error);
	else if (!waiting || (place != NULL && place->seat != VEIL_SEAT_WAITING))
		return not_available(v, error);
	return ok && add_event(v, kind, project, reviewer, reason, promoted, error);
}

/* --- the commands -------------------------------------------------------------------------------------------------- */

/* The project, or the projects of its team that are still in the batch. */
static GPtrArray *
team_of(Vacancy *v, const char *project, GError **error)
{
	g_autoptr(VeilBatch) one = veil_batch_desk_project(v->desk, project, error);
	GPtrArray *alone;

	if (one == NULL) {
		if (*error == NULL)
			not_available(v, error);
		return NULL;
	}
	if (one->projects[0].team != NULL && find_line(one, "withdraw-project", "", "withdrawn") == NULL)
		return veil_batch_desk_team(v->desk, one->projects[0].team, error);
	alone = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(alone, g_strdup(project));
	return alone;
}

/* "answer-1/ID" is held against what the requester handed over: this expert's word on this project, and the reason it is for. Any other record is somebody's reference. */
static gboolean
rests_on_answer(const Vacancy *v)
{
	const char *id = g_str_has_prefix(v->record, VEIL_ANSWER_RECORD) ? v->record + strlen(VEIL_ANSWER_RECORD) : NULL;
	g_autoptr(GArray) answers = NULL;

	if (id == NULL)
		return TRUE;
	answers = veil_answers_read(v->step->site, v->name, veil_batch_desk_get(v->desk, "freeze_id"));
	for (guint i = 0; i < answers->len; i++) {
		const VeilAnswered *one = &g_array_index(answers, VeilAnswered, i);
		const char *reason = one->word == VEIL_ANSWER_DECLINE ? "declined" : one->word == VEIL_ANSWER_TIE ? "declared" : "";

		if (strcmp(one->id, id) == 0 && strcmp(one->project, v->what->project) == 0 && strcmp(one->reviewer, v->what->reviewer) == 0)
			return strcmp(reason, v->what->reason) == 0;
	}
	return FALSE;
}

static gboolean
replace(Vacancy *v, GError **error)
{
	g_autoptr(GPtrArray) projects = rests_on_answer(v) ? team_of(v, v->what->project, error) : NULL;

	if (projects == NULL && *error == NULL)
		return not_available(v, error);

	for (guint i = 0; projects != NULL && i < projects->len; i++)
		if (!vacate(v, "vacate", g_ptr_array_index(projects, i), v->what->reviewer, v->what->reason, FALSE, error))
			return FALSE;
	return projects != NULL;
}

static gboolean
strike(Vacancy *v, GError **error)
{
	g_autoptr(GPtrArray) projects = team_of(v, v->what->project, error);
	gboolean listed = FALSE;

	for (guint i = 0; projects != NULL && i < projects->len; i++) {
		if (!veil_batch_desk_lists(v->desk, g_ptr_array_index(projects, i), v->what->reviewer, &listed, error))
			return FALSE;
		if (!listed && i == 0)
			return not_available(v, error);
		if (!vacate(v, "strike", g_ptr_array_index(projects, i), v->what->reviewer, "found", TRUE, error))
			return FALSE;
	}
	return projects != NULL;
}

static gboolean
withdraw_project(Vacancy *v, GError **error)
{
	g_autoptr(VeilBatch) one = veil_batch_desk_project(v->desk, v->what->project, error);
	const VeilBatchEvent *line;

	if (one == NULL)
		return *error == NULL ? not_available(v, error) : FALSE;
	if ((line = find_line(one, "withdraw-project", "", "withdrawn")) != NULL) {
		if (!again(v, line, error))
			return FALSE;
	} else if (!add_event(v, "withdraw-project", v->what->project, NULL, "withdrawn", NULL, error)) {
		return FALSE;
	}
	/* Who sat there alone is out of the list of those to contact. */
	for (guint64 i = 0; i < one->n_places; i++) {
		VeilBatchEvent gone = {0};

		g_strlcpy(gone.reviewer, one->reviewers[one->places[i].reviewer].code, sizeof gone.reviewer);
		if (!hand_over(v, &gone, error))
			return FALSE;
	}
	return TRUE;
}

/* One place of somebody who leaves the batch, if he still sits or waits there. */
static gboolean
give_back(Vacancy *v, const char *project, const char *reviewer, GError **error)
{
	g_autoptr(VeilBatch) one = veil_batch_desk_project(v->desk, project, error);
	VeilBatchPlace *place = one ? place_of(one, reviewer) : NULL;

	if (place == NULL || (place->seat != VEIL_SEAT_SITTING && place->seat != VEIL_SEAT_WAITING))
		return one != NULL;
	return vacate(v, "vacate", project, reviewer, "withdrawn", TRUE, error);
}

/* The expert leaves the batch first, so that no draw in between may name him; then his places, in code order of their projects, a team's one after the other. */
static gboolean
withdraw_reviewer(Vacancy *v, GError **error)
{
	const char *reviewer = v->what->reviewer;
	g_autoptr(GPtrArray) projects = NULL;
	gboolean there, withdrawn;

	if (!veil_batch_desk_has_reviewer(v->desk, reviewer, &there, &withdrawn, error))
		return FALSE;
	if (!there)
		return not_available(v, error);
	if (!withdrawn && !add_event(v, "withdraw", NULL, reviewer, "withdrawn", NULL, error))
		return FALSE;
	projects = veil_batch_desk_places_of(v->desk, reviewer, error);
	for (guint i = 0; projects != NULL && i < projects->len; i++) {
		g_autoptr(GPtrArray) team = team_of(v, g_ptr_array_index(projects, i), error);

		for (guint k = 0; team != NULL && k < team->len; k++)
			if (!give_back(v, g_ptr_array_index(team, k), reviewer, error))
				return FALSE;
		if (team == NULL)
			return FALSE;
	}
	return projects != NULL;
}

static gboolean
check_words(Vacancy *v, GError **error)
{
	g_auto(GStrv) reasons = g_strsplit(veil_vacancy_reasons, "|", -1);

	if (v->what->kind == VEIL_VACANCY_REPLACE && !g_strv_contains((const char *const *)reasons, v->what->reason)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--reason is one of %s", veil_vacancy_reasons);
		return FALSE;
	}
	v->record = v->what->record;
	if (v->record == NULL && v->step->site->rehearsal)
		v->record = "rehearsal";
	if (v->record == NULL)
		return refuse(error, "a vacancy rests on a record: name it with --record, e.g. a letter's or a call's number");
	if (v->what->record != NULL && !veil_reference_valid(v->record)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE,
				    "--record is the number of a file, a letter or a call: up to 64 letters, digits and ./_-()[], no telephone and nobody's name");
		return FALSE;
	}
	return TRUE;
}

gboolean
veil_step_vacancy(const VeilStep *step, const char *name, const VeilVacancy *vacancy, VeilPrint how, GError **error)
{
	Vacancy v = {.step = step, .name = name, .what = vacancy, .how = how};
	g_autoptr(GError) inner = NULL;
	gboolean done = FALSE, sound = FALSE;

	if (check_words(&v, &inner) && (v.path = veil_batch_find(step->site, VEIL_FOLDER_DRAW, name, "veil", &inner)) != NULL &&
	    (v.log = veil_log_open(step->site->dir, step->operator_handle, &inner)) != NULL && open_desk(&v, &inner) &&
	    (sound = restore_lists(&v, &inner)))
		done = vacancy->kind == VEIL_VACANCY_REPLACE ? replace(&v, &inner) :
		       vacancy->kind == VEIL_VACANCY_STRIKE  ? strike(&v, &inner) :
		       vacancy->project			     ? withdraw_project(&v, &inner) :
							       withdraw_reviewer(&v, &inner);
	/* Whatever was done is signed, even where something after it was refused; what was not looked at is not. */
	if (sound && v.desk != NULL)
		done = veil_handed_log(v.log, step->site, name, veil_batch_desk_get(v.desk, "freeze_id"), inner ? NULL : &inner) && done;
	if (v.printing)
		done = veil_rows_end(&v.rows, inner ? NULL : &inner) && done;
	close_desk(&v);
	done = done && veil_handover_sync(step->site, name, &inner);
	veil_log_free(v.log);
	g_free(v.path);
	if (inner != NULL)
		g_propagate_error(error, g_steal_pointer(&inner));
	return done;
}
