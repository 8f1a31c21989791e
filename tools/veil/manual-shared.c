/* manual-shared.c - what help texts and man pages say alike: exit statuses, variables, options. */
#include <string.h>

#include "manual-shared.h"

const VeilManualExit veil_manual__exits[] = {
	{VEIL_EXIT_DONE, "done"},
	{VEIL_EXIT_FAILURE, "failure: something outside gave way (disk, file, terminal)"},
	{VEIL_EXIT_USAGE, "usage: the command line is wrong"},
	{VEIL_EXIT_INPUT, "input rejected, nothing taken"},
	{VEIL_EXIT_INFEASIBLE, "infeasible: no legal assignment, the output names the shortage"},
	{VEIL_EXIT_VERIFY, "verification failed"},
	{VEIL_EXIT_REFUSED, "refused by policy, state or role"},
	{VEIL_EXIT_PARTLY, "taken, some rows rejected"},
	{-1, NULL},
};

const VeilManualVariable veil_manual__environment[] = {
	{"VEIL_SITE", "the site's folder, where --site is not given"},
	{"VEIL_PASSPHRASE_FILE", "a file whose first line is the passphrase; without it the passphrase is asked for on the terminal"},
	{"VEIL_PASSPHRASE_FILE_2", "the same for the second officer's, where a site's keys open to two together"},
	{"VEIL_NEW_PASSPHRASE_FILE", "the new passphrase where one is changed (and VEIL_NEW_PASSPHRASE_FILE_2)"},
	{"VEIL_OPERATOR", "your handle in the ledger, where --operator is not given; without either it is uid: and your user's number"},
	{"VEIL_OPERATOR_KEY", "the file of the key you sign with, where --operator-key is not given; without either ledger/operators/HANDLE.key in the site"},
	{"VEIL_OPERATOR_PASSPHRASE_FILE", "a file whose first line is the passphrase of that key; without it VEIL_PASSPHRASE_FILE, else the terminal"},
	{NULL, NULL},
};

static const struct {
	VeilOpens bit;
	const char *folder;
} opens_table[] = {
	{VEIL_OPENS_REGISTRY, "registry/"}, {VEIL_OPENS_BATCH, "draw/"},    {VEIL_OPENS_AUDIT, "audit/"},
	{VEIL_OPENS_LEDGER, "ledger/"},	    {VEIL_OPENS_NOTIFY, "notify/"}, {VEIL_OPENS_DESK, "desk/"},
};

const char veil_manual__overview_text[] =
	"Veil assigns experts to projects for double-blind review and leaves files by which anyone can check that it did so fairly. "
	"Staff, experts and applicants stay isolated from one another: a role gets only the files it needs.\n\n"
	"The usual way: `veil init` makes a site; `veil import` takes lists of experts and facts; `veil batch new` takes projects; "
	"`veil batch freeze` fixes the date, finds conflicts and hands codes to the drawer; `veil batch check`, `draw` and `minutes` follow. "
	"`veil-verify` is the auditor's program and needs none of this one's secrets.\n\n"
	"A file named with --out is there whole or not at all. A link is followed; what leads to a device or a pipe is written into as it stands, and a link to where standard output goes is standard output. "
	"A link, pipe or device of another user (root's are taken) and a link that leads nowhere are refused (6).";

/* "batch" of "batch freeze". */
char *
veil_manual__noun(const VeilCommand *command)
{
	return g_strndup(command->name, strcspn(command->name, " "));
}

gboolean
veil_manual__in_group(const VeilCommand *command, const char *noun)
{
	gsize n = strlen(noun);

	return strncmp(command->name, noun, n) == 0 && (command->name[n] == ' ' || command->name[n] == '\0');
}

char *
veil_manual__opens(guint opens)
{
	GString *text = g_string_new(NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(opens_table); i++)
		if (opens & opens_table[i].bit)
			g_string_append_printf(text, "%s%s", text->len ? ", " : "", opens_table[i].folder);
	return g_string_free(g_steal_pointer(&text), text->len == 0);
}

/* "-q, --quiet" or "--as-of DATE". */
char *
veil_manual__option_heading(const GOptionEntry *option)
{
	GString *text = g_string_new(NULL);

	if (option->short_name != 0)
		g_string_append_printf(text, "-%c, ", option->short_name);
	g_string_append_printf(text, "--%s", option->long_name);
	if (option->arg_description != NULL)
		g_string_append_printf(text, " %s", option->arg_description);
	return g_string_free(text, FALSE);
}

gboolean
veil_manual__option_shown(const GOptionEntry *option)
{
	return !(option->flags & G_OPTION_FLAG_HIDDEN) && option->long_name[0] != '\0';
}

/* Notes are separated by newlines or "; " before a digit; each opens with its number. */
char **
veil_manual__exit_notes(const char *notes)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new();
	const char *start = notes;

	for (const char *p = notes; p != NULL; p++) {
		gboolean semicolon = p[0] == ';' && p[1] == ' ' && g_ascii_isdigit(p[2]);

		if (*p != '\0' && *p != '\n' && !semicolon)
			continue;
		if (p > start)
			g_ptr_array_add(list, g_strndup(start, (gsize)(p - start)));
		if (*p == '\0')
			break;
		start = p + (semicolon ? 2 : 1);
	}
	g_ptr_array_add(list, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&list), FALSE);
}

int
veil_manual__written(FILE *out)
{
	if (fflush(out) == 0 && !ferror(out))
		return VEIL_EXIT_DONE;
	fprintf(stderr, "veil: cannot write the output: is the disk full?\n");
	return VEIL_EXIT_FAILURE;
}
