/* answer.c - the requester's side of an answer.
 *
 * Everything that can be wrong with an answer has one text and one exit status: whoever tries answers learns nothing from their refusal. The ledger gets a keyed digest of the answer and
 * nothing of what it says, since the notifier reads the ledger too and knows when he carried which answer; the drawer gets the words in his own codes.
 *
 * Order: the record, then the list. A run that was cut off between them is completed by the same answer given again.
 */
#include "handover/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "site/batch-files.h"
#include "handover/content.h"
#include "site/fixed-file.h"
#include "site/found.h"
#include "handover/packets.h"
#include "handover/panels.h"
#include "site/route.h"

#define HEAD "veil-answers/1\nfreeze-id "
#define MAX_BYTES ((gsize)1 << 30)

static char *
path_of(const VeilSite *site, const char *name)
{
	g_autofree char *file = g_strconcat(name, ".answers", NULL);

	return veil_route_path(site, VEIL_ROUTE_VACANCIES, file);
}

static int
compare_answered(const void *a, const void *b)
{
	const VeilAnswered *x = a, *y = b;
	int order = strcmp(x->project, y->project);

	return order != 0 ? order : strcmp(x->reviewer, y->reviewer);
}

static gboolean
parse_answered(const char *row, VeilAnswered *out)
{
	g_auto(GStrv) part = g_strsplit(row, " ", 0);

	if (g_strv_length(part) != 4 || !veil_code_parse(part[0], VEIL_CODE_PROJECT, out->project) || !veil_code_parse(part[1], VEIL_CODE_REVIEWER, out->reviewer) ||
	    strlen(part[3]) != sizeof out->id - 1)
		return FALSE;
	g_strlcpy(out->id, part[3], sizeof out->id);
	for (guint i = 0; i < VEIL_N_ANSWERS; i++)
		if (strcmp(part[2], veil_answer_words[i]) == 0) {
			out->word = (VeilAnswerWord)i;
			return TRUE;
		}
	return FALSE;
}

GArray *
veil_answers_read(const VeilSite *site, const char *name, const char *freeze_id)
{
	g_autofree char *path = path_of(site, name), *text = NULL;
	g_autofree char *head = g_strdup_printf(HEAD "%s\n", freeze_id);
	g_autoptr(GBytes) bytes = veil_file_get(path, "list of answers", MAX_BYTES, NULL);
	GArray *found = g_array_new(FALSE, FALSE, sizeof(VeilAnswered));
	g_auto(GStrv) rows = NULL;
	VeilAnswered one;

	if (bytes == NULL)
		return found;
	text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	if (!g_str_has_prefix(text, head))
		return found;
	rows = g_strsplit(text + strlen(head), "\n", -1);
	for (guint i = 0; rows[i] != NULL; i++)
		if (parse_answered(rows[i], &one))
			g_array_append_val(found, one);
	return found;
}

static gboolean
write_answered(const VeilSite *site, const char *name, const char *freeze_id, GArray *lines, GError **error)
{
	g_autofree char *path = path_of(site, name);
	g_autoptr(GString) text = g_string_new(HEAD);

	g_string_append_printf(text, "%s\n", freeze_id);
	g_array_sort(lines, compare_answered);
	for (guint i = 0; i < lines->len; i++) {
		const VeilAnswered *one = &g_array_index(lines, VeilAnswered, i);

		g_string_append_printf(text, "%s %s %s %s\n", one->project, one->reviewer, veil_answer_words[one->word], one->id);
	}
	return veil_file_put(path, text->str, text->len, veil_route_mode(site), error);
}

/* --- one answer ------------------------------------------------------------------------------------------------------ */

typedef struct {
	const VeilStep *step;
	const char *name;
	VeilLog *log;
	VeilContent *content;
	VeilDeskKey *key;
	VeilAnswer answer;
	GArray *before, *taken; /* VeilAnswered */
	char digest[65];
} Taking;

static gboolean
not_taken(GError **error)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_INPUT,
			    "this answer is not taken: it is damaged, of another batch, no longer asked for, or was taken before; ask the expert for a new one");
	return FALSE;
}

/* Opens it and holds its token against the packet's. */
static gboolean
open_answer(Taking *t, const char *path)
{
	gsize len = 0;
	g_autofree char *sealed = veil_fixed_file_get(path, VEIL_LETTER_MAX, &len);
	g_autofree char *text = sealed ? veil_letter_open(sealed, len, t->key) : NULL;
	guint8 token[32], digest[32];
	guint differs = 0;

	if (text == NULL || !veil_answer_parse(text, &t->answer) || strcmp(t->answer.freeze_id, t->content->freeze_id) != 0)
		return FALSE;
	veil_packet_token(t->key, t->answer.packet, token);
	for (guint i = 0; i < 32; i++)
		differs |= (guint)(token[i] ^ t->answer.token[i]);
	veil_desk_key_mac(t->key, "veil/answer/1", text, strlen(text), digest);
	veil_hex_encode(digest, 32, t->digest);
	return differs == 0;
}

static const char *
drawers_reviewer(const Taking *t)
{
	for (guint i = 0; i < t->content->reviewers->len; i++) {
		const VeilCodePair *pair = &g_array_index(t->content->reviewers, VeilCodePair, i);

		if (strcmp(pair->expert, t->answer.packet) == 0)
			return pair->drawer;
	}
	return NULL;
}

static const char *
drawers_project(const Taking *t, const char *expert)
{
	for (guint i = 0; i < t->content->projects->len; i++) {
		const VeilContentProject *project = &g_array_index(t->content->projects, VeilContentProject, i);

		if (strcmp(project->code.expert, expert) == 0)
			return project->code.drawer;
	}
	return NULL;
}

static gboolean
is_answered(const GArray *lines, const VeilAnswered *one)
{
	for (guint i = 0; i < lines->len; i++)
		if (compare_answered(&g_array_index(lines, VeilAnswered, i), one) == 0)
			return TRUE;
	return FALSE;
}

/* Seats that he has now and has not answered for; a project that was taken from him since is passed over. */
static gboolean
match_seats(Taking *t, GError **error)
{
	g_autoptr(GPtrArray) seats = veil_panels_read(t->step->site, t->name, t->content->freeze_id, NULL, error);
	g_autoptr(GHashTable) sitting = NULL;
	const char *reviewer = drawers_reviewer(t);

	if (seats == NULL || reviewer == NULL)
		return seats != NULL;
	sitting = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < seats->len; i++)
		g_hash_table_add(sitting, g_ptr_array_index(seats, i));
	for (guint i = 0; i < t->answer.lines->len; i++) {
		const VeilAnswerLine *line = &g_array_index(t->answer.lines, VeilAnswerLine, i);
		const char *project = drawers_project(t, line->project);
		g_autofree char *seat = project ? g_strdup_printf("%s %s", project, reviewer) : NULL;
		VeilAnswered one = {.word = line->word};

		if (seat == NULL || !g_hash_table_contains(sitting, seat))
			continue;
		g_strlcpy(one.project, project, sizeof one.project);
		g_strlcpy(one.reviewer, reviewer, sizeof one.reviewer);
		/* In fours, so that it is no telephone number by chance. */
		g_snprintf(one.id, sizeof one.id, "%.4s-%.4s-%.4s-%.4s", t->digest, t->digest + 4, t->digest + 8, t->digest + 12);
		if (!is_answered(t->before, &one))
			g_array_append_val(t->taken, one);
	}
	return TRUE;
}

static gboolean
print(const Taking *t, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"packet", "project", "answer"};
	VeilRows rows;

	if (!veil_rows_begin(&rows, how, "answers", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	for (guint i = 0; i < t->answer.lines->len; i++) {
		const VeilAnswerLine *line = &g_array_index(t->answer.lines, VeilAnswerLine, i);
		const char *project = drawers_project(t, line->project);

		for (guint k = 0; project != NULL && k < t->taken->len; k++)
			if (strcmp(g_array_index(t->taken, VeilAnswered, k).project, project) == 0)
				veil_rows_add(&rows, (const char *const[]){t->answer.packet, line->project, veil_answer_words[line->word]});
	}
	return veil_rows_end(&rows, error);
}

static gboolean
record(Taking *t, GError **error)
{
	g_autoptr(VeilFound) found = NULL;

	if (!veil_log_find(t->log, "batch.answer", "answer", t->digest, &found, error))
		return FALSE;
	/* The record of a run that was cut off before its list. */
	return found != NULL || veil_log_append(t->log, "requester", "batch.answer", error, "batch", t->name, "freeze-id", t->content->freeze_id, "answer", t->digest, NULL);
}

static gboolean
take(Taking *t, const char *path, VeilPrint how, GError **error)
{
	t->before = veil_answers_read(t->step->site, t->name, t->content->freeze_id);
	t->taken = g_array_new(FALSE, FALSE, sizeof(VeilAnswered));
	if (!open_answer(t, path))
		return not_taken(error);
	if (!match_seats(t, error))
		return FALSE;
	if (t->taken->len == 0)
		return not_taken(error);
	g_array_append_vals(t->before, t->taken->data, t->taken->len);
	return record(t, error) && write_answered(t->step->site, t->name, t->content->freeze_id, t->before, error) && print(t, how, error);
}

/* One answer at a time: two of one packet must not both find its seats unanswered. */
static int
lock(const Taking *t, GError **error)
{
	g_autofree char *path = veil_batch_path(t->step->site, VEIL_FOLDER_DESK, t->name, "key");
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && flock(fd, LOCK_EX) != 0)
		if (errno != EINTR)
			break;
	if (fd < 0)
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot read the requester's key of this batch");
	return fd;
}

gboolean
veil_step_answer(const VeilStep *step, const char *name, const char *path, VeilPrint how, GError **error)
{
	Taking t = {.step = step, .name = name};
	gboolean done = FALSE;
	int fd = -1;

	if ((t.log = veil_log_open(step->site->dir, step->operator_handle, error)) != NULL && (t.content = veil_content_open(step->site, name, t.log, error)) != NULL &&
	    (t.key = veil_desk_key_open(step->site, name, t.content->freeze_id, FALSE, error)) != NULL && (fd = lock(&t, error)) >= 0) {
		veil_log_set_now(t.log, step->now_unix_s);
		done = take(&t, path, how, error);
	}
	if (fd >= 0)
		close(fd);
	g_clear_pointer(&t.before, g_array_unref);
	g_clear_pointer(&t.taken, g_array_unref);
	veil_answer_clear(&t.answer);
	veil_desk_key_free(t.key);
	veil_content_free(t.content);
	veil_log_free(t.log);
	return done;
}
