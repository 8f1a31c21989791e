/* cmd-batch-show.c - the drawer's view of a batch. */
#include "handover/answer.h"
#include "batch-command.h"
#include "site/batch-files.h"
#include "commands.h"
#include "draw/show.h"

static gboolean summary, assignments, candidates, answers;

static const GOptionEntry options[] = {
	{"summary", 0, 0, G_OPTION_ARG_NONE, &summary, "counts, loads, quality (the default)", NULL},
	{"assignments", 0, 0, G_OPTION_ARG_NONE, &assignments, "project, reviewer, score, role of everybody who sits on a panel now", NULL},
	{"candidates", 0, 0, G_OPTION_ARG_NONE, &candidates, "project, reviewer, score of every listed pair", NULL},
	{"answers", 0, 0, G_OPTION_ARG_NONE, &answers, "project, reviewer, answer, record of what experts answered (veil batch answer)", NULL},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

/* What the requester handed over, in the drawer's codes. */
static gboolean
show_answers(const VeilSite *site, const char *name, const VeilBatch *batch, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"project", "reviewer", "answer", "record"};
	g_autoptr(GArray) found = veil_answers_read(site, name, veil_batch_get(batch, "freeze_id"));
	VeilRows rows;

	if (!veil_rows_begin(&rows, how, "answers", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	for (guint i = 0; i < found->len; i++) {
		const VeilAnswered *one = &g_array_index(found, VeilAnswered, i);
		g_autofree char *record = g_strconcat(VEIL_ANSWER_RECORD, one->id, NULL);

		veil_rows_add(&rows, (const char *const[]){one->project, one->reviewer, veil_answer_words[one->word], record});
	}
	return veil_rows_end(&rows, error);
}

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = NULL;
	g_autofree char *path = NULL;
	g_autoptr(VeilBatch) batch = NULL;

	if (summary + assignments + candidates + answers > 1) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "give one of --summary, --assignments, --candidates and --answers");
		return VEIL_EXIT_USAGE;
	}
	site = veil_context_open_site(context, error);
	path = site ? veil_batch_find(site, VEIL_FOLDER_DRAW, context->argv[0], "veil", error) : NULL;
	batch = path ? veil_batch_read(path, error) : NULL;
	if (batch != NULL && answers)
		return show_answers(site, context->argv[0], batch, veil_context_print(context), error) ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
	if (batch == NULL || !veil_show(batch, assignments ? VEIL_SHOW_ASSIGNMENTS : candidates ? VEIL_SHOW_CANDIDATES : VEIL_SHOW_SUMMARY,
					veil_context_print(context), error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_batch_show = {
	.name = "batch show",
	.role = "drawer",
	.opens = VEIL_OPENS_BATCH,
	.arguments = "NAME --summary|--assignments|--candidates|--answers",
	.summary = "print the drawer's view of a batch",
	.description = "Codes only, in the order of codes. Panels are those who sit now, after every replacement. Reserves stay sealed until a vacancy is logged: they are counted, not listed. Rows are tab-separated, or CSV with --csv, or one JSON object with --json.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "6  the batch is not frozen, or (--assignments) not drawn",
	.run = run,
};
