/* cmd-import.c - lists into the registry. */
#include "commands.h"
#include "import-command.h"

static VeilImportFlags flags;

static const GOptionEntry options[] = {
	VEIL_IMPORT_OPTIONS(flags),
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	const char *dir = veil_context_site(context, error);
	g_autoptr(VeilSite) site = dir ? veil_site_open(dir, error) : NULL;
	g_autoptr(VeilImportResult) result = NULL;
	VeilImportOptions import;
	gboolean ok;

	if (site == NULL || !veil_import_options(context, &flags, &import, error))
		return VEIL_EXIT_FAILURE;
	ok = veil_import_run(site, context->argv[0], (const char *const *)context->argv + 1, &import, &result, error);
	veil_import_progress_end();
	if (result != NULL && (ok || result->rejects->len > 0))
		veil_import_print(result, context->argv[0], &import, context->json);
	return ok ? veil_import_exit(result) : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_import = {
	.name = "import",
	.role = "registrar",
	.opens = VEIL_OPENS_REGISTRY | VEIL_OPENS_LEDGER,
	.arguments = "KIND FILE... [--source NAME] [--map FILE] [--encoding auto|utf-8|gb18030] [--dry-run] [--rejects FILE] [--strict]",
	.summary = "take lists into the registry",
	.description =
		"KIND is disciplines, organisations, experts, posts, works, relations, bans or staff. FILE is CSV (comma, TAB or semicolon), UTF-8 or GB18030, plain or "
		"gzip; `-` is standard input. Header names may be English or Chinese, in any order; unknown columns are ignored with a warning.\n\n"
		"Everything that may identify is sealed on the way in. All files of one call are one transaction: a call that fails or is killed leaves "
		"the registry as it was. The same list again changes nothing; a changed row updates. An empty cell keeps what is known, `-` clears it.\n\n"
		"Rows that cannot be right are rejected with line, column and reason, never with their content; the rest is taken and the exit status is "
		"7, or with --strict nothing is taken and it is 3. A row that repeats an id with other content is rejected and names both lines.\n\n"
		"staff has the columns handle and person: which operator is which person of the lists. It stays in the registry. An operator who stands behind a project of a "
		"batch, is tied to one, or is an expert of its pool does not act in that batch.\n\n"
		"Ids belong to their --source: the same id in another source is another person, unless id number or ORCID agrees, or phone or "
		"e-mail together with the name.",
	.options = options,
	.min_args = 2,
	.max_args = -1,
	.exit_notes = "3  nothing was taken: unreadable file, missing or lost column, --strict\n7  taken, some rows were rejected",
	.run = run,
};
