/* manual.c - help texts, printed from the command table; manpage.c prints the man pages from the same.
 *
 * One source for `--help`, the man pages and the overview, so that none can be forgotten: a command that stands in the table
 * has its page. Texts in the table are plain: paragraphs are separated by an empty line, `words` between
 * backquotes are what one types, and a paragraph that opens with two spaces is printed as it stands.
 */
#include <string.h>

#include "manual-shared.h"

#define HELP_WIDTH 80

/* Titles of the groups that have several commands; a group of one needs none. */
static const struct {
	const char *noun, *title;
} groups[] = {
	{"expert", "people of the pool"},
	{"batch", "a batch, from its projects to its minutes"},
	{"ledger", "the log of every step"},
	{"policy", "rules and parameters"},
};

static const char *
group_title(const char *noun)
{
	for (gsize i = 0; i < G_N_ELEMENTS(groups); i++)
		if (strcmp(groups[i].noun, noun) == 0)
			return groups[i].title;
	return NULL;
}

static guint
group_size(const char *noun)
{
	guint n = 0;

	for (int i = 0; veil_commands[i] != NULL; i++)
		n += veil_manual__in_group(veil_commands[i], noun) ? 1 : 0;
	return n;
}

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

		if (!veil_manual__option_shown(options))
			continue;
		if (!titled)
			fprintf(out, "\n%s:\n", title);
		titled = TRUE;
		heading = veil_manual__option_heading(options);
		print_item(out, heading, options->description ? options->description : "", 26);
	}
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
		if (veil_manual__in_group(veil_commands[i], noun))
			print_item(out, veil_commands[i]->name, veil_commands[i]->summary, 22);
}

int
veil_manual_overview(FILE *out)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	gboolean after_single = FALSE;

	fprintf(out, "usage: veil COMMAND [ARGUMENT...]\n\n");
	print_paragraphs(out, veil_manual__overview_text);
	for (int i = 0; veil_commands[i] != NULL; i++) {
		g_autofree char *noun = veil_manual__noun(veil_commands[i]);

		if (g_hash_table_contains(seen, noun))
			continue;
		print_group(out, noun, after_single);
		after_single = group_size(noun) == 1;
		g_hash_table_add(seen, g_steal_pointer(&noun));
	}
	fprintf(out, "\nEnvironment:\n");
	for (gsize i = 0; veil_manual__environment[i].name != NULL; i++)
		print_item(out, veil_manual__environment[i].name, veil_manual__environment[i].meaning, 26);
	fprintf(out, "\nExit status:\n");
	for (gsize i = 0; veil_manual__exits[i].status >= 0; i++)
		fprintf(out, "  %d  %s\n", veil_manual__exits[i].status, veil_manual__exits[i].meaning);
	fprintf(out, "\n`veil COMMAND --help` says more, `veil NOUN --help` lists a group.\n");
	return veil_manual__written(out);
}

int
veil_manual_help(FILE *out, const VeilCommand *command)
{
	g_autofree char *opens = veil_manual__opens(command->opens);
	g_auto(GStrv) notes = veil_manual__exit_notes(command->exit_notes);

	fprintf(out, "usage: veil %s%s%s\n\n", command->name, command->arguments && *command->arguments ? " " : "",
		command->arguments ? command->arguments : "");
	print_paragraphs(out, command->description ? command->description : command->summary);
	print_options(out, "Options", command->options);
	print_options(out, "Shared options", veil_shared_options);
	fprintf(out, "\nExit status: 0 done, 1 failure, 2 usage\n");
	for (char **note = notes; *note != NULL; note++)
		print_item(out, (char[]){(*note)[0], '\0'}, g_strstrip(*note + 1), 5);
	fprintf(out, "\nRole: %s. Opens: %s.\n", command->role ? command->role : "anyone", opens ? opens : "no folder of the site");
	return veil_manual__written(out);
}

gboolean
veil_manual_help_for_group(int argc, char **argv)
{
	if (argc < 2 || (strcmp(argv[1], "--help") != 0 && strcmp(argv[1], "-h") != 0) || group_size(argv[0]) == 0)
		return FALSE;
	fprintf(stdout, "usage: veil %s COMMAND [ARGUMENT...]\n", argv[0]);
	print_group(stdout, argv[0], FALSE);
	fprintf(stdout, "\n`veil %s COMMAND --help` says more.\n", argv[0]);
	return veil_manual__written(stdout) == VEIL_EXIT_DONE;
}
