/* main.c - finds the command, reads the options, turns an error into one line and an exit status.
 *
 * Everything a command must not forget stands in the table (command.h) and is done here: help, the shared options,
 * the number of arguments, no core dumps, the exit status. Messages go to stderr, data to stdout.
 */
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <veil/blind.h>

#include "commands.h"
#include "manual.h"
#include "site/operator.h"
#include "site/site.h"
#include "site/staff.h"

static struct {
	char *site, *operator_handle, *operator_key;
	gboolean json, csv, for_spreadsheet, quiet;
} shared;

const GOptionEntry veil_shared_options[] = {
	{"site", 0, 0, G_OPTION_ARG_FILENAME, &shared.site, "the site's folder (or VEIL_SITE)", "DIR"},
	{"operator", 0, 0, G_OPTION_ARG_STRING, &shared.operator_handle, "your handle in the ledger (or VEIL_OPERATOR)", "HANDLE"},
	{"operator-key", 0, 0, G_OPTION_ARG_FILENAME, &shared.operator_key, "the key you sign with (or VEIL_OPERATOR_KEY)", "FILE"},
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

/* A noun without its verb, or with one that there is not, is not unknown: its group has the verbs. */
static int
unknown_command(int argc, char **argv)
{
	gsize n = strlen(argv[0]);

	if (argv[0][0] == '-')
		return usage_error("options of one command stand after it, not before: veil COMMAND", argv[0]);
	for (gsize i = 0; veil_commands[i] != NULL; i++) {
		const char *name = veil_commands[i]->name;

		if (strncmp(name, argv[0], n) != 0 || name[n] != ' ')
			continue;
		if (argc > 1 && argv[1][0] != '-')
			fprintf(stderr, "veil: %s has no command %s; `veil %s --help` lists them\n", argv[0], argv[1], argv[0]);
		else
			fprintf(stderr, "veil: %s takes a further word; `veil %s --help` lists them\n", argv[0], argv[0]);
		return VEIL_EXIT_USAGE;
	}
	return usage_error("unknown command", argv[0]);
}

/* Who acts: the handle that was given, else the owner of the key that was named, else the system's user. */
static gboolean
find_operator(VeilContext *context, VeilLedger *ledger, char **out_handle, GError **error)
{
	const char *given = shared.operator_handle != NULL ? shared.operator_handle : g_getenv("VEIL_OPERATOR");
	g_autoptr(GError) inner = NULL;

	*out_handle = given != NULL && *given != '\0' ? g_strdup(given) : NULL;
	if (*out_handle == NULL && ledger != NULL)
		*out_handle = veil_operator_handle_of_key(ledger, &inner);
	if (inner != NULL) {
		g_propagate_error(error, g_steal_pointer(&inner));
		return FALSE;
	}
	if (*out_handle == NULL)
		*out_handle = g_strdup_printf("uid:%u", (unsigned)getuid());
	context->operator_handle = *out_handle;
	return TRUE;
}

/* Outside a rehearsal a command is for those who hold its role. Which files a role can open at all is the system's affair: this refuses by name what the
 * ledger would refuse to record. */
static gboolean
check_operator(const VeilCommand *command, VeilContext *context, char **out_handle, GError **error)
{
	g_autoptr(VeilSite) site = context->site != NULL && *context->site != '\0' && command->opens != VEIL_OPENS_NOTHING ?
					   veil_site_open(context->site, NULL) :
					   NULL;
	g_autofree char *dir = site != NULL ? veil_site_path(site, VEIL_FOLDER_LEDGER, NULL) : NULL;
	g_autoptr(VeilLedger) ledger = NULL;
	g_autoptr(VeilOperators) operators = NULL;

	if (command->role == NULL || command->opens == 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the table of commands does not say who may run %s and what it may open: nobody may", command->name);
		return FALSE;
	}
	if (site != NULL && site->users != NULL && strcmp(command->name, "init") != 0 && !veil_users_check(site->users, command->role, error))
		return FALSE;
	/* No site, or a damaged one: the command itself says so, in its own words. */
	if (site == NULL || site->rehearsal || strcmp(command->name, "init") == 0)
		return find_operator(context, NULL, out_handle, error);
	if ((ledger = veil_ledger_open_read(dir, error)) == NULL || !find_operator(context, ledger, out_handle, error))
		return FALSE;
	/* Who has a stake in a batch does not look into it either: commands that leave no record are refused here. */
	if (command->arguments != NULL && g_str_has_prefix(command->arguments, "NAME") && context->argc > 0 && strcmp(command->role, "anyone") != 0 &&
	    !veil_staff_check(ledger, context->argv[0], context->operator_handle, error))
		return FALSE;
	if (strcmp(command->role, "anyone") == 0)
		return TRUE;
	operators = veil_operators_read(ledger, error);
	return operators != NULL && veil_operators_check_role(operators, context->operator_handle, command->role, error);
}

static int
run_command(const VeilCommand *command, int argc, char **argv)
{
	g_autoptr(GOptionContext) parser = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autofree char *handle = NULL;
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
	if (command->without_site == NULL || *command->without_site == NULL)
		context.site = shared.site ? shared.site : g_getenv("VEIL_SITE");
	context.json = shared.json;
	context.csv = shared.csv || shared.for_spreadsheet;
	context.for_spreadsheet = shared.for_spreadsheet;
	context.quiet = shared.quiet;
	context.argc = argc;
	context.argv = argv;
	veil_operator_use_key_file(shared.operator_key ? shared.operator_key : g_getenv("VEIL_OPERATOR_KEY"));
	status = check_operator(command, &context, &handle, &error) ? command->run(&context, &error) : VEIL_EXIT_FAILURE;
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

/* How many of argv are a shared option and what it takes; 0: none. Whoever names the site first and the command then is understood. */
static int
shared_option(int argc, char **argv)
{
	for (const GOptionEntry *o = veil_shared_options; o->long_name != NULL; o++) {
		gsize n = strlen(o->long_name);
		gboolean flag = o->arg == G_OPTION_ARG_NONE;

		if (o->short_name != 0 && argv[0][0] == '-' && argv[0][1] == o->short_name && argv[0][2] == '\0')
			return 1;
		if (strncmp(argv[0], "--", 2) != 0 || strncmp(argv[0] + 2, o->long_name, n) != 0)
			continue;
		if (argv[0][2 + n] == '\0')
			return flag ? 1 : MIN(argc, 2);
		if (argv[0][2 + n] == '=' && !flag)
			return 1;
	}
	return 0;
}

/* A copy of argv in which shared options that stood before the command stand after its words, where the others are read. */
static char **
command_first(int argc, char **argv)
{
	char **sorted = g_new0(char *, (gsize)argc + 1);
	int options = 1, words, step;

	while (options < argc && (step = shared_option(argc - options, argv + options)) > 0)
		options += step;
	if (find_command(argc - options, argv + options, &words) == NULL)
		words = argc - options;
	sorted[0] = argv[0];
	memcpy(sorted + 1, argv + options, sizeof *argv * (gsize)words);
	memcpy(sorted + 1 + words, argv + 1, sizeof *argv * (gsize)(options - 1));
	memcpy(sorted + words + options, argv + options + words, sizeof *argv * (gsize)(argc - options - words));
	return sorted;
}

int
main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_autofree char **sorted = NULL;
	const VeilCommand *command;
	int words;

	umask(077); /* what a file is to be beyond that, is said where it is written */
	setlocale(LC_CTYPE, "C.UTF-8"); /* option parsing wants UTF-8; nothing else may depend on the locale */
	if (!veil_blind_init(&error)) {
		fprintf(stderr, "veil: %s\n", error->message);
		return VEIL_EXIT_FAILURE;
	}
	if (argc >= 2)
		argv = sorted = command_first(argc, argv);
	if (argc < 2 || shared_option(argc - 1, argv + 1) > 0)
		return usage_error("no command", NULL);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
		return veil_manual_overview(stdout);
	if (strcmp(argv[1], "--version") == 0) {
		printf("veil %s\n", VEIL_VERSION);
		return VEIL_EXIT_DONE;
	}
	if (strcmp(argv[1], "manual") == 0) /* hidden: for the man pages and the tests */
		return veil_manual_print(argc - 2, argv + 2);
	command = find_command(argc - 1, argv + 1, &words);
	if (command == NULL)
		return veil_manual_help_for_group(argc - 1, argv + 1) ? VEIL_EXIT_DONE : unknown_command(argc - 1, argv + 1);
	for (int i = 1 + words; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return veil_manual_help(stdout, command);
	return run_command(command, argc - words, argv + words);
}
