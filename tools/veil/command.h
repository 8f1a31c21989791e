/* command.h - what a command is.
 *
 * A command is one file with one VeilCommand; commands.c lists them. The table says which role runs it and which folders it may
 * open: main checks the role, tests trace the opens, the man pages are printed from it. A command holds no logic: it reads its options,
 * calls tools/desk, prints.
 */
#pragma once

#include <veil/base.h>

typedef enum {
	VEIL_OPENS_REGISTRY = 1 << 0,
	VEIL_OPENS_BATCH = 1 << 1,  /* draw/ */
	VEIL_OPENS_AUDIT = 1 << 2,
	VEIL_OPENS_LEDGER = 1 << 3,
	VEIL_OPENS_NOTIFY = 1 << 4,
	VEIL_OPENS_DESK = 1 << 5,
	VEIL_OPENS_NOTHING = 1 << 15, /* said, not left out: a row that says nothing of its files is refused */
} VeilOpens;

typedef struct {
	const char *site;     /* --site or VEIL_SITE, NULL when neither is given */
	const char *operator_handle; /* --operator, VEIL_OPERATOR, or uid:N */
	gboolean json, csv, for_spreadsheet, quiet;
	int argc;	      /* what follows the command's name, options removed; argv[0] is the first argument */
	char **argv;
} VeilContext;

typedef struct VeilCommand VeilCommand;
struct VeilCommand {
	const char *name;     /* "batch freeze" */
	const char *role;     /* "registrar", "drawer", "auditor", "anyone" */
	guint opens;	      /* VeilOpens */
	const char *arguments; /* "NAME [--as-of DATE]" */
	const char *summary;  /* one line, for the list and the man page's NAME */
	const char *description; /* paragraphs separated by an empty line, plain text; one that opens with two spaces is kept as it stands */
	const GOptionEntry *options; /* may be NULL; arg_data points to file-static variables */
	int min_args, max_args; /* -1: no limit */
	char *const *without_site; /* an option of the command (its arg_data), or NULL: when it is given, the command works on that file alone and no site is looked at */
	const char *exit_notes; /* "4 infeasible; 6 a second draw of one freeze", NULL for the usual ones */
	/* Returns an exit status; a set *error decides it (veil_exit_status) and is printed by main. */
	int (*run)(const VeilContext *context, GError **error);
};

extern const VeilCommand *const veil_commands[]; /* NULL-terminated, in the order of the manual */
extern const GOptionEntry veil_shared_options[]; /* options of every command, read by main */

enum {
	VEIL_EXIT_DONE = 0,
	VEIL_EXIT_FAILURE = 1,
	VEIL_EXIT_USAGE = 2,
	VEIL_EXIT_INPUT = 3,
	VEIL_EXIT_INFEASIBLE = 4,
	VEIL_EXIT_VERIFY = 5,
	VEIL_EXIT_REFUSED = 6,
	VEIL_EXIT_PARTLY = 7,
};

int veil_exit_status(const GError *error);
/* The site of the context, or VEIL_ERROR_USAGE that says how to name one. */
const char *veil_context_site(const VeilContext *context, GError **error);
