/* manpage.c - man pages in roff, printed from the command table. Pages carry no date: the same program prints the same bytes. */
#include <string.h>

#include "manual-shared.h"

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

		if (!veil_manual__option_shown(options))
			continue;
		if (!titled)
			fprintf(out, ".SH %s\n", title);
		titled = TRUE;
		heading = veil_manual__option_heading(options);
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
	g_autofree char *noun = self ? veil_manual__noun(self) : NULL;

	fputs(".SH SEE ALSO\n", out);
	if (self != NULL)
		fputs(".BR veil (1),\n", out);
	for (int i = 0; veil_commands[i] != NULL; i++) {
		g_autofree char *page = page_name(veil_commands[i]->name);

		if (veil_commands[i] == self || (noun != NULL && !veil_manual__in_group(veil_commands[i], noun)))
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
	g_autofree char *page = page_name(command->name), *opens = veil_manual__opens(command->opens);
	g_auto(GStrv) notes = veil_manual__exit_notes(command->exit_notes);

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
	g_autofree char *role = g_strdup_printf("Role: %s. Of the site's folders it opens %s.", command->role ? command->role : "anyone",
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
	roff_paragraphs(out, veil_manual__overview_text);
	fputs(".SH COMMANDS\n", out);
	for (int i = 0; veil_commands[i] != NULL; i++)
		roff_item(out, veil_commands[i]->name, veil_commands[i]->summary);
	roff_options(out, "SHARED OPTIONS", veil_shared_options);
	fputs(".SH ENVIRONMENT\n", out);
	for (gsize i = 0; veil_manual__environment[i].name != NULL; i++)
		roff_item(out, veil_manual__environment[i].name, veil_manual__environment[i].meaning);
	fputs(".SH EXIT STATUS\n", out);
	for (gsize i = 0; veil_manual__exits[i].status >= 0; i++)
		roff_item(out, (char[]){(char)('0' + veil_manual__exits[i].status), '\0'}, veil_manual__exits[i].meaning);
	roff_see_also(out, NULL);
}

/* docs/design/roles.md has these rows; a test compares them. */
static int
print_roles(void)
{
	printf("| command | role | folders it may open |\n| --- | --- | --- |\n");
	for (int i = 0; veil_commands[i] != NULL; i++) {
		const VeilCommand *command = veil_commands[i];
		g_autofree char *opens = veil_manual__opens(command->opens);

		printf("| `%s` | %s | %s |\n", command->name, command->role ? command->role : "NOT SAID", opens ? opens : command->opens == VEIL_OPENS_NOTHING ? "none" : "NOT SAID");
	}
	return veil_manual__written(stdout);
}

int
veil_manual_print(int argc, char **argv)
{
	g_autofree char *name = NULL;

	if (argc == 1 && strcmp(argv[0], "list") == 0) {
		for (int i = 0; veil_commands[i] != NULL; i++)
			printf("%s\n", veil_commands[i]->name);
		return veil_manual__written(stdout);
	}
	if (argc == 1 && strcmp(argv[0], "roles") == 0)
		return print_roles();
	if (argc < 2 || (strcmp(argv[0], "page") != 0 && strcmp(argv[0], "arguments") != 0)) {
		fprintf(stderr, "veil: usage: veil manual list | roles | page veil | page COMMAND\n");
		return VEIL_EXIT_USAGE;
	}
	gboolean page = strcmp(argv[0], "page") == 0;
	argv++, argc--;
	name = g_strdup(argv[0]);
	for (int i = 1; i < argc; i++) {
		char *longer = g_strconcat(name, " ", argv[i], NULL);

		g_free(name);
		name = longer;
	}
	if (strcmp(name, "veil") == 0) {
		roff_overview(stdout);
		return veil_manual__written(stdout);
	}
	for (int i = 0; veil_commands[i] != NULL; i++) {
		if (strcmp(veil_commands[i]->name, name) != 0)
			continue;
		if (page)
			roff_command(stdout, veil_commands[i]);
		else
			printf("%d\n", veil_commands[i]->min_args); /* for the tests */
		return veil_manual__written(stdout);
	}
	fprintf(stderr, "veil: no such page; `veil manual list` lists them\n");
	return VEIL_EXIT_USAGE;
}
