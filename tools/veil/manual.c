/* manual.c - help texts and man pages, printed from the command table.
 *
 * One source for `--help`, the man pages and the overview, so that none can be forgotten: a command that stands in the table
 * has its page. Texts in the table are plain: paragraphs are separated by an empty line, `words` between
 * backquotes are what one types, and a paragraph that opens with two spaces is printed as it stands.
 * Pages carry no date: the same program prints the same bytes.
 */
#include <string.h>

#include "manual.h"

#define HELP_WIDTH 80

static const struct {
	int status;
	const char *meaning;
} exit_table[] = {
	{VEIL_EXIT_DONE, "done"},
	{VEIL_EXIT_FAILURE, "failure: something outside gave way (disk, file, terminal)"},
	{VEIL_EXIT_USAGE, "usage: the command line is wrong"},
	{VEIL_EXIT_INPUT, "input rejected, nothing taken"},
	{VEIL_EXIT_INFEASIBLE, "infeasible: no legal assignment, the output names the shortage"},
	{VEIL_EXIT_VERIFY, "verification failed"},
	{VEIL_EXIT_REFUSED, "refused by policy, state or role"},
	{VEIL_EXIT_PARTLY, "taken, some rows rejected"},
};

static const struct {
	const char *name, *meaning;
} environment[] = {
	{"VEIL_SITE", "the site's folder, where --site is not given"},
	{"VEIL_PASSPHRASE_FILE", "a file whose first line is the passphrase; without it the passphrase is asked for on the terminal"},
	{"VEIL_OPERATOR", "your handle in the ledger, where --operator is not given; without either it is uid: and your user's number"},
};

/* Titles of the groups that have several commands; a group of one needs none. */
static const struct {
	const char *noun, *title;
} groups[] = {
	{"expert", "people of the pool"},
	{"batch", "a batch, from its projects to its minutes"},
	{"ledger", "the log of every step"},
	{"policy", "rules and parameters"},
};

static const struct {
	VeilOpens bit;
	const char *folder;
} opens_table[] = {
	{VEIL_OPENS_REGISTRY, "registry/"}, {VEIL_OPENS_BATCH, "draw/"},    {VEIL_OPENS_AUDIT, "audit/"},
	{VEIL_OPENS_LEDGER, "ledger/"},	    {VEIL_OPENS_NOTIFY, "notify/"}, {VEIL_OPENS_DESK, "desk/"},
};

static const char overview_text[] =
	"Veil assigns experts to projects for double-blind review and leaves files by which anyone can check that it did so fairly. "
	"Staff, experts and applicants stay isolated from one another: a role gets only the files it needs.\n\n"
	"The usual way: `veil init` makes a site; `veil import` takes lists of experts and facts; `veil batch new` takes projects; "
	"`veil batch freeze` fixes the date, finds conflicts and hands codes to the drawer; `veil batch check`, `draw` and `minutes` follow. "
	"`veil-verify` is the auditor's program and needs none of this one's secrets.";

static const char role_text_anyone[] = "anyone";

/* "batch" of "batch freeze". */
static char *
noun_of(const VeilCommand *command)
{
	return g_strndup(command->name, strcspn(command->name, " "));
}

static const char *
group_title(const char *noun)
{
	for (gsize i = 0; i < G_N_ELEMENTS(groups); i++)
		if (strcmp(groups[i].noun, noun) == 0)
			return groups[i].title;
	return NULL;
}

static gboolean
in_group(const VeilCommand *command, const char *noun)
{
	gsize n = strlen(noun);

	return strncmp(command->name, noun, n) == 0 && (command->name[n] == ' ' || command->name[n] == '\0');
}

static guint
group_size(const char *noun)
{
	guint n = 0;

	for (int i = 0; veil_commands[i] != NULL; i++)
		n += in_group(veil_commands[i], noun) ? 1 : 0;
	return n;
}

static char *
opens_text(guint opens)
{
	GString *text = g_string_new(NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(opens_table); i++)
		if (opens & opens_table[i].bit)
			g_string_append_printf(text, "%s%s", text->len ? ", " : "", opens_table[i].folder);
	return g_string_free(g_steal_pointer(&text), text->len == 0);
}

/* "-q, --quiet" or "--as-of DATE". */
static char *
option_heading(const GOptionEntry *option)
{
	GString *text = g_string_new(NULL);

	if (option->short_name != 0)
		g_string_append_printf(text, "-%c, ", option->short_name);
	g_string_append_printf(text, "--%s", option->long_name);
	if (option->arg_description != NULL)
		g_string_append_printf(text, " %s", option->arg_description);
	return g_string_free(text, FALSE);
}

static gboolean
option_shown(const GOptionEntry *option)
{
	return !(option->flags & G_OPTION_FLAG_HIDDEN) && option->long_name[0] != '\0';
}

/* --- plain text ------------------------------------------------------------------------------------------------ */

static int
columns_of(const char *text, const char *end)
{
	int columns = 0;

	for (const char *p = text; p < end; p = g_utf8_next_char(p))
		columns += g_unichar_iswide(g_utf8_get_char(p)) ? 2 : 1;
	return columns;
}

/* Words of one paragraph between two margins; the cursor stands at column `at`. */
static void
print_words(FILE *out, const char *text, const char *end, int indent, int at)
{
	gboolean first = TRUE;

	while (text < end) {
		const char *stop = text;
		int width;

		while (stop < end && *stop != ' ' && *stop != '\n')
			stop++;
		width = columns_of(text, stop);
		if (stop > text) {
			if (!first && at + 1 + width > HELP_WIDTH) {
				fprintf(out, "\n%*s", indent, "");
				at = indent;
			} else if (!first) {
				fputc(' ', out);
				at++;
			}
			fwrite(text, 1, (gsize)(stop - text), out);
			at += width;
			first = FALSE;
		}
		text = stop < end ? stop + 1 : stop;
	}
	fputc('\n', out);
}

static void
print_paragraphs(FILE *out, const char *text)
{
	g_auto(GStrv) paragraphs = g_strsplit(text, "\n\n", -1);

	for (char **p = paragraphs; *p != NULL; p++) {
		if (p != paragraphs)
			fputc('\n', out);
		if (g_str_has_prefix(*p, "  "))
			fprintf(out, "%s\n", *p);
		else
			print_words(out, *p, *p + strlen(*p), 0, 0);
	}
}

/* "  heading   text", the text on its own line where the heading is too long. */
static void
print_item(FILE *out, const char *heading, const char *text, int column)
{
	int width = columns_of(heading, heading + strlen(heading));

	fprintf(out, "  %s", heading);
	if (2 + width + 2 > column)
		fprintf(out, "\n%*s", column, "");
	else
		fprintf(out, "%*s", column - 2 - width, "");
	print_words(out, text, text + strlen(text), column, column);
}

static void
print_options(FILE *out, const char *title, const GOptionEntry *options)
{
	gboolean titled = FALSE;

	for (; options != NULL && options->long_name != NULL; options++) {
		g_autofree char *heading = NULL;

		if (!option_shown(options))
			continue;
		if (!titled)
			fprintf(out, "\n%s:\n", title);
		titled = TRUE;
		heading = option_heading(options);
		print_item(out, heading, options->description ? options->description : "", 26);
	}
}

static int
written(FILE *out)
{
	if (fflush(out) == 0 && !ferror(out))
		return VEIL_EXIT_DONE;
	fprintf(stderr, "veil: cannot write the output: is the disk full?\n");
	return VEIL_EXIT_FAILURE;
}

/* A group of several under its title; those of one stand together. */
static void
print_group(FILE *out, const char *noun, gboolean after_single)
{
	const char *title = group_title(noun);

	if (group_size(noun) > 1)
		fprintf(out, "\n%s%s%s:\n", noun, title ? ": " : "", title ? title : "");
	else if (!after_single)
		fputc('\n', out);
	for (int i = 0; veil_commands[i] != NULL; i++)
		if (in_group(veil_commands[i], noun))
			print_item(out, veil_commands[i]->name, veil_commands[i]->summary, 22);
}

int
veil_manual_overview(FILE *out)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	gboolean after_single = FALSE;

	fprintf(out, "usage: veil COMMAND [ARGUMENT...]\n\n");
	print_paragraphs(out, overview_text);
	for (int i = 0; veil_commands[i] != NULL; i++) {
		g_autofree char *noun = noun_of(veil_commands[i]);

		if (g_hash_table_contains(seen, noun))
			continue;
		print_group(out, noun, after_single);
		after_single = group_size(noun) == 1;
		g_hash_table_add(seen, g_steal_pointer(&noun));
	}
	fprintf(out, "\nEnvironment:\n");
	for (gsize i = 0; i < G_N_ELEMENTS(environment); i++)
		print_item(out, environment[i].name, environment[i].meaning, 26);
	fprintf(out, "\nExit status:\n");
	for (gsize i = 0; i < G_N_ELEMENTS(exit_table); i++)
		fprintf(out, "  %d  %s\n", exit_table[i].status, exit_table[i].meaning);
	fprintf(out, "\n`veil COMMAND --help` says more, `veil NOUN --help` lists a group.\n");
	return written(out);
}

/* Notes are separated by newlines or "; " before a digit; each opens with its number. */
static char **
split_exit_notes(const char *notes)
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
veil_manual_help(FILE *out, const VeilCommand *command)
{
	g_autofree char *opens = opens_text(command->opens);
	g_auto(GStrv) notes = split_exit_notes(command->exit_notes);

	fprintf(out, "usage: veil %s%s%s\n\n", command->name, command->arguments && *command->arguments ? " " : "",
		command->arguments ? command->arguments : "");
	print_paragraphs(out, command->description ? command->description : command->summary);
	print_options(out, "Options", command->options);
	print_options(out, "Shared options", veil_shared_options);
	fprintf(out, "\nExit status: 0 done, 1 failure, 2 usage\n");
	for (char **note = notes; *note != NULL; note++)
		print_item(out, (char[]){(*note)[0], '\0'}, g_strstrip(*note + 1), 5);
	fprintf(out, "\nRole: %s. Opens: %s.\n", command->role ? command->role : role_text_anyone, opens ? opens : "no folder of the site");
	return written(out);
}

gboolean
veil_manual_help_for_group(int argc, char **argv)
{
	if (argc < 2 || (strcmp(argv[1], "--help") != 0 && strcmp(argv[1], "-h") != 0) || group_size(argv[0]) == 0)
		return FALSE;
	fprintf(stdout, "usage: veil %s COMMAND [ARGUMENT...]\n", argv[0]);
	print_group(stdout, argv[0], FALSE);
	fprintf(stdout, "\n`veil %s COMMAND --help` says more.\n", argv[0]);
	return written(stdout) == VEIL_EXIT_DONE;
}

/* --- roff ------------------------------------------------------------------------------------------------------- */

/* Text that roff prints as it stands: characters that it would take for commands or typographic ones are named. */
static void
roff_char(FILE *out, char c)
{
	switch (c) {
	case '\\':
		fputs("\\e", out);
		break;
	case '-':
		fputs("\\-", out);
		break;
	case '\'':
		fputs("\\(aq", out);
		break;
	case '^':
		fputs("\\(ha", out);
		break;
	case '~':
		fputs("\\(ti", out);
		break;
	case '"':
		fputs("\\(dq", out);
		break;
	default:
		fputc(c, out);
	}
}

/* One run of text, newlines as spaces; `words` in bold. */
static void
roff_text(FILE *out, const char *text)
{
	gboolean bold = FALSE;

	if (*text == '.')
		fputs("\\&", out);
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '`' && (bold || strchr(p + 1, '`') != NULL)) {
			bold = !bold;
			fputs(bold ? "\\fB" : "\\fR", out);
		} else if (*p == '`') {
			fputs("\\(ga", out);
		} else {
			roff_char(out, *p == '\n' ? ' ' : *p);
		}
	}
}

static void
roff_paragraphs(FILE *out, const char *text)
{
	g_auto(GStrv) paragraphs = g_strsplit(text, "\n\n", -1);

	for (char **p = paragraphs; *p != NULL; p++) {
		if (p != paragraphs)
			fputs(".PP\n", out);
		if (!g_str_has_prefix(*p, "  ")) {
			roff_text(out, *p);
			fputc('\n', out);
			continue;
		}
		fputs(".RS 4\n.nf\n", out);
		g_auto(GStrv) lines = g_strsplit(*p, "\n", -1);

		for (char **line = lines; *line != NULL; line++) {
			roff_text(out, g_str_has_prefix(*line, "  ") ? *line + 2 : *line);
			fputc('\n', out);
		}
		fputs(".fi\n.RE\n", out);
	}
}

/* The argument, if the heading names one ("--as-of DATE"), is italic. */
static void
roff_item(FILE *out, const char *heading, const char *text)
{
	const char *space = strrchr(heading, ' ');
	gboolean argument = heading[0] == '-' && space != NULL && space[1] != '-';
	g_autofree char *word = argument ? g_strndup(heading, (gsize)(space - heading)) : g_strdup(heading);

	fputs(".TP\n\\fB", out);
	roff_text(out, word);
	fputs("\\fR", out);
	if (argument) {
		fputs(" \\fI", out);
		roff_text(out, space + 1);
		fputs("\\fR", out);
	}
	fputc('\n', out);
	roff_text(out, text);
	fputc('\n', out);
}

static void
roff_options(FILE *out, const char *title, const GOptionEntry *options)
{
	gboolean titled = FALSE;

	for (; options != NULL && options->long_name != NULL; options++) {
		g_autofree char *heading = NULL;

		if (!option_shown(options))
			continue;
		if (!titled)
			fprintf(out, ".SH %s\n", title);
		titled = TRUE;
		heading = option_heading(options);
		roff_item(out, heading, options->description ? options->description : "");
	}
}

/* "veil-batch-freeze" */
static char *
page_name(const char *command_name)
{
	char *name = g_strconcat("veil-", command_name, NULL);

	return g_strdelimit(name, " ", '-');
}

static void
roff_head(FILE *out, const char *page, const char *summary)
{
	g_autofree char *upper = g_ascii_strup(page, -1);

	fputs(".TH ", out);
	roff_text(out, upper);
	fprintf(out, " 1 \"\" \"veil %s\" \"Veil\"\n.nh\n.ad l\n.SH NAME\n", VEIL_VERSION);
	roff_text(out, page);
	fputs(" \\- ", out);
	roff_text(out, summary);
	fputc('\n', out);
}

static void
roff_see_also(FILE *out, const VeilCommand *self)
{
	g_autofree char *noun = self ? noun_of(self) : NULL;

	fputs(".SH SEE ALSO\n", out);
	if (self != NULL)
		fputs(".BR veil (1),\n", out);
	for (int i = 0; veil_commands[i] != NULL; i++) {
		g_autofree char *page = page_name(veil_commands[i]->name);

		if (veil_commands[i] == self || (noun != NULL && !in_group(veil_commands[i], noun)))
			continue;
		fputs(".BR ", out);
		roff_text(out, page);
		fputs(" (1),\n", out);
	}
	fputs(".BR veil\\-verify (1),\n.BR veil\\-policy (5)\n", out);
}

static void
roff_command(FILE *out, const VeilCommand *command)
{
	g_autofree char *page = page_name(command->name), *opens = opens_text(command->opens);
	g_auto(GStrv) notes = split_exit_notes(command->exit_notes);

	roff_head(out, page, command->summary);
	fputs(".SH SYNOPSIS\n.B veil ", out);
	roff_text(out, command->name);
	fputc('\n', out);
	if (command->arguments != NULL && *command->arguments != '\0') {
		roff_text(out, command->arguments);
		fputc('\n', out);
	}
	fputs(".SH DESCRIPTION\n", out);
	roff_paragraphs(out, command->description ? command->description : command->summary);
	roff_options(out, "OPTIONS", command->options);
	roff_options(out, "SHARED OPTIONS", veil_shared_options);
	fputs(".SH EXIT STATUS\n", out);
	roff_item(out, "0", "done");
	roff_item(out, "1", "failure");
	roff_item(out, "2", "usage");
	for (char **note = notes; *note != NULL; note++)
		roff_item(out, (char[]){(*note)[0], '\0'}, g_strstrip(*note + 1));
	fputs(".PP\n.BR veil (1)\nhas the whole table.\n.SH ROLE AND FILES\n", out);
	g_autofree char *role = g_strdup_printf("Role: %s. Of the site's folders it opens %s.", command->role ? command->role : role_text_anyone,
						opens ? opens : "none");
	roff_text(out, role);
	fputc('\n', out);
	roff_see_also(out, command);
}

static void
roff_overview(FILE *out)
{
	roff_head(out, "veil", "double-blind review assignment that can be checked");
	fputs(".SH SYNOPSIS\n.B veil\n.I COMMAND\n", out);
	roff_text(out, "[ARGUMENT...]");
	fputs("\n.SH DESCRIPTION\n", out);
	roff_paragraphs(out, overview_text);
	fputs(".SH COMMANDS\n", out);
	for (int i = 0; veil_commands[i] != NULL; i++)
		roff_item(out, veil_commands[i]->name, veil_commands[i]->summary);
	roff_options(out, "SHARED OPTIONS", veil_shared_options);
	fputs(".SH ENVIRONMENT\n", out);
	for (gsize i = 0; i < G_N_ELEMENTS(environment); i++)
		roff_item(out, environment[i].name, environment[i].meaning);
	fputs(".SH EXIT STATUS\n", out);
	for (gsize i = 0; i < G_N_ELEMENTS(exit_table); i++)
		roff_item(out, (char[]){(char)('0' + exit_table[i].status), '\0'}, exit_table[i].meaning);
	roff_see_also(out, NULL);
}

int
veil_manual_print(int argc, char **argv)
{
	g_autofree char *name = NULL;

	if (argc == 1 && strcmp(argv[0], "list") == 0) {
		for (int i = 0; veil_commands[i] != NULL; i++)
			printf("%s\n", veil_commands[i]->name);
		return written(stdout);
	}
	if (argc < 2 || strcmp(argv[0], "page") != 0) {
		fprintf(stderr, "veil: usage: veil manual list | page veil | page COMMAND\n");
		return VEIL_EXIT_USAGE;
	}
	argv++, argc--;
	name = g_strdup(argv[0]);
	for (int i = 1; i < argc; i++) {
		char *longer = g_strconcat(name, " ", argv[i], NULL);

		g_free(name);
		name = longer;
	}
	if (strcmp(name, "veil") == 0) {
		roff_overview(stdout);
		return written(stdout);
	}
	for (int i = 0; veil_commands[i] != NULL; i++) {
		if (strcmp(veil_commands[i]->name, name) != 0)
			continue;
		roff_command(stdout, veil_commands[i]);
		return written(stdout);
	}
	fprintf(stderr, "veil: no such page; `veil manual list` lists them\n");
	return VEIL_EXIT_USAGE;
}
