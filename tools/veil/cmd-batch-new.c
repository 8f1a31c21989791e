/* cmd-batch-new.c - a batch from a policy, its projects and the people behind them. */
#include <stdio.h>

#include "commands.h"
#include "import-command.h"
#include "import/intake.h"

static VeilImportFlags flags;
static char *policy, *projects, *people;

static const GOptionEntry options[] = {
	{"policy", 0, 0, G_OPTION_ARG_FILENAME, &policy, "the batch's policy, or `standard`", "FILE"},
	{"projects", 0, 0, G_OPTION_ARG_FILENAME, &projects, "list of projects", "FILE"},
	{"people", 0, 0, G_OPTION_ARG_FILENAME, &people, "list of who stands behind them", "FILE"},
	VEIL_IMPORT_OPTIONS(flags),
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static void
print_result(const VeilContext *context, const char *name, const VeilIntakeResult *result)
{
	if (!context->json) {
		printf("batch %s: %" G_GUINT64_FORMAT " projects, %" G_GUINT64_FORMAT " people behind them%s\n", name, result->projects, result->people,
		       flags.dry_run ? " (dry run: nothing was written)" : "");
		return;
	}
	printf("{\"batch\": \"%s\", \"projects\": %" G_GUINT64_FORMAT ", \"people\": %" G_GUINT64_FORMAT ", ", name, result->projects, result->people);
	veil_import_print_counts(result->rows);
	printf("}\n");
}

static int
run(const VeilContext *context, GError **error)
{
	const char *dir = veil_context_site(context, error), *name = context->argv[0];
	g_autoptr(VeilSite) site = dir ? veil_site_open(dir, error) : NULL;
	VeilIntakeResult result = {0};
	VeilImportOptions import;
	int status = VEIL_EXIT_FAILURE;

	if (site == NULL || !veil_import_options(context, &flags, &import, error))
		return VEIL_EXIT_FAILURE;
	if (policy == NULL || projects == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "give --policy FILE (or standard) and --projects FILE");
		return VEIL_EXIT_USAGE;
	}
	if (veil_intake_run(site, name, policy, projects, people, &import, &result, error))
		status = veil_import_exit(result.rows);
	veil_import_progress_end();
	if (result.rows != NULL && (status != VEIL_EXIT_FAILURE || result.rows->rejects->len > 0))
		veil_import_print_messages(result.rows, &import);
	if (status != VEIL_EXIT_FAILURE)
		print_result(context, name, &result);
	veil_intake_result_clear(&result);
	return status;
}

const VeilCommand veil_command_batch_new = {
	.name = "batch new",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.arguments = "NAME --policy FILE --projects FILE [--people FILE] [--source NAME]",
	.summary = "make a batch from a policy, projects and the people behind them",
	.description =
		"Takes the projects and the people behind them into the registry, sealed, as the batch NAME under the policy in FILE (`standard` for the shipped "
		"one). Everything is one transaction. The rules of `veil import` hold: rejected rows, --strict, --rejects, --dry-run, --map.\n\n"
		"A row of people names a person by id, or by name and organisation when it has no id: then every expert of that name and employer is taken "
		"to stand behind the project. A row that names a project outside the batch is rejected.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "3  no project, or no row of the list of people, could be taken: nothing is made\n6  there is a batch of that name, or its policy asks for what this version cannot draw by\n7  taken, some rows were rejected",
	.run = run,
};
