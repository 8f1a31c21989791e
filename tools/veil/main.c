/* main.c - finds the command, reads the options, turns an error into one line and an exit status.
 *
 * Everything a command must not forget stands in the table (command.h) and is done here: help, the shared options,
 * the number of arguments, no core dumps, the exit status. Messages go to stderr, data to stdout.
 */
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <veil/blind.h>

#include "commands.h"
#include "manual.h"

static struct {
	char *site, *operator_handle;
	gboolean json, csv, for_spreadsheet, quiet;
} shared;

const GOptionEntry veil_shared_options[] = {
	{"site", 0, 0, G_OPTION_ARG_FILENAME, &shared.site, "the site's folder (or VEIL_SITE)", "DIR"},
	{"operator", 0, 0, G_OPTION_ARG_STRING, &shared.operator_handle, "your handle in the ledger (or VEIL_OPERATOR)", "HANDLE"},
	{"json", 0, 0, G_OPTION_ARG_NONE, &shared.json, "print one JSON object", NULL},
	{"csv", 0, 0, G_OPTION_ARG_NONE, &shared.csv, "print rows as CSV (UTF-8, LF)", NULL},
	{"for-spreadsheet", 0, 0, G_OPTION_ARG_NONE, &shared.for_spreadsheet, "CSV with BOM and CRLF, formulas neutralised", NULL},
	{"quiet", 'q', 0, G_OPTION_ARG_NONE, &shared.quiet, "no progress on stderr", NULL},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

int
veil_exit_status(const GError *error)
{
	if (error == NULL)
		return VEIL_EXIT_DONE;
	if (error->domain == G_OPTION_ERROR)
		return VEIL_EXIT_USAGE;
	if (error->domain != VEIL_ERROR)
		return VEIL_EXIT_FAILURE;
	switch ((VeilErrorCode)error->code) {
	case VEIL_ERROR_USAGE:
		return VEIL_EXIT_USAGE;
	case VEIL_ERROR_INPUT:
		return VEIL_EXIT_INPUT;
	case VEIL_ERROR_INFEASIBLE:
		return VEIL_EXIT_INFEASIBLE;
	case VEIL_ERROR_VERIFY:
		return VEIL_EXIT_VERIFY;
	case VEIL_ERROR_REFUSED:
	case VEIL_ERROR_NOT_AVAILABLE:
		return VEIL_EXIT_REFUSED;
	case VEIL_ERROR_FAILED:
	case VEIL_ERROR_DB:
		break;
	}
	return VEIL_EXIT_FAILURE;
}

const char *
veil_context_site(const VeilContext *context, GError **error)
{
	if (context->site == NULL || *context->site == '\0') {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "no site named; give --site DIR or set VEIL_SITE");
		return NULL;
	}
	return context->site;
}

/* The command whose words open argv; *out_words is how many. The longest name wins. */
static const VeilCommand *
find_command(int argc, char **argv, int *out_words)
{
	const VeilCommand *found = NULL;

	*out_words = 0;
	for (int i = 0; veil_commands[i] != NULL; i++) {
		g_auto(GStrv) words = g_strsplit(veil_commands[i]->name, " ", -1);
		int n = (int)g_strv_length(words), k = 0;

		while (k < n && k < argc && strcmp(words[k], argv[k]) == 0)
			k++;
		if (k == n && n > *out_words) {
			found = veil_commands[i];
			*out_words = n;
		}
	}
	return found;
}

static int
usage_error(const char *what, const char *word)
{
	fprintf(stderr, "veil: %s%s%s; `veil --help` lists the commands\n", what, word ? " " : "", word ? word : "");
	return VEIL_EXIT_USAGE;
}

static int
run_command(const VeilCommand *command, int argc, char **argv)
{
	g_autoptr(GOptionContext) parser = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autofree char *uid = g_strdup_printf("uid:%u", (unsigned)getuid());
	VeilContext context = {0};
	int status;

	g_option_context_set_help_enabled(parser, FALSE);
	g_option_context_add_main_entries(parser, veil_shared_options, NULL);
	if (command->options != NULL)
		g_option_context_add_main_entries(parser, command->options, NULL);
	if (!g_option_context_parse(parser, &argc, &argv, &error)) {
		fprintf(stderr, "veil: %s; `veil %s --help` shows the options\n", error->message, command->name);
		return VEIL_EXIT_USAGE;
	}
	argc--, argv++; /* the command's own word */
	if (argc > 0 && strcmp(argv[0], "--") == 0)
		argc--, argv++;
	if (argc < command->min_args || (command->max_args >= 0 && argc > command->max_args)) {
		fprintf(stderr, "veil: usage: veil %s %s\n", command->name, command->arguments);
		return VEIL_EXIT_USAGE;
	}
	context.site = shared.site ? shared.site : g_getenv("VEIL_SITE");
	context.operator_handle = shared.operator_handle ? shared.operator_handle : g_getenv("VEIL_OPERATOR");
	if (context.operator_handle == NULL || *context.operator_handle == '\0')
		context.operator_handle = uid;
	context.json = shared.json;
	context.csv = shared.csv || shared.for_spreadsheet;
	context.for_spreadsheet = shared.for_spreadsheet;
	context.quiet = shared.quiet;
	context.argc = argc;
	context.argv = argv;
	status = command->run(&context, &error);
	if (error != NULL) {
		fprintf(stderr, "veil: %s\n", error->message);
		return veil_exit_status(error);
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "veil: cannot write the output: is the disk full?\n");
		return VEIL_EXIT_FAILURE;
	}
	return status;
}

int
main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	const VeilCommand *command;
	int words;

	setlocale(LC_CTYPE, "C.UTF-8"); /* option parsing wants UTF-8; nothing else may depend on the locale */
	if (!veil_blind_init(&error)) {
		fprintf(stderr, "veil: %s\n", error->message);
		return VEIL_EXIT_FAILURE;
	}
	if (argc < 2)
		return usage_error("no command", NULL);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return veil_manual_overview(stdout);
	if (strcmp(argv[1], "--version") == 0) {
		printf("veil %s\n", VEIL_VERSION);
		return VEIL_EXIT_DONE;
	}
	if (strcmp(argv[1], "manual") == 0) /* hidden: for the man pages and the tests */
		return veil_manual_print(argc - 2, argv + 2);
	command = find_command(argc - 1, argv + 1, &words);
	if (command == NULL)
		return veil_manual_help_for_group(argc - 1, argv + 1) ? VEIL_EXIT_DONE : usage_error("unknown command", argv[1]);
	for (int i = 1 + words; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return veil_manual_help(stdout, command);
	return run_command(command, argc - words, argv + words);
}
