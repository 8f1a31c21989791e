/* verdict.c - what was checked, what failed, and how it is told.
 *
 * One run gives one verdict, so it lives in one place and not in every signature. The first reason stands: what follows a failed step would
 * be judged on ground that has given way.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <json-glib/json-glib.h>

#include "base/base.h"

typedef struct {
	char *step, *text;
} Line;

/* Not steps: what is told beside them. */
static const char note_step[] = "", open_step[] = "-";

/* What a step means, for somebody who reads no code; what was found stands behind it. */
static const struct {
	const char *step, *title, *says;
} meanings[] = {
	{"bundle", "The bundle", "These are the files of its list, none more, none less, and each has the length and the digest that the list states."},
	{"records", "The log", "No record is missing, stands in another place or is written in a second way; where operators have keys, each record is signed by one who then held the role, "
			       "and whatever takes a second person was approved by one, in time and once."},
	{"checkpoints", "Signed states of the log", "The log continues every signed state that was shown to this program: of what was signed for, nothing was altered or taken away since."},
	{"witnesses", "Outside witnesses", "People outside signed for the log. As far as they did, its owner cannot have rewritten it without being found out."},
	{"seeds", "Chance", "The numbers that decided the draws were made from values to which several parties were bound beforehand and from a public number that came last. None of them could choose the outcome."},
	{"openings", "Identities", "For this batch no name was asked for behind a code, by any of the ways that leave a record, up to the state of the log that the statement names."},
	{"registry", "What was known", "The log says how many imports, suspensions and mergers had been made when the batch was frozen; the records before the freeze are as many."},
	{"freeze", "The frozen files", "The files under examination are those to which the log committed before anything was drawn."},
	{"policy", "The rules", "The rules that were applied are those to which the log committed."},
	{"exclusions", "Conflicts of interest", "Every exclusion follows from a fact on record, and every fact on record that excludes somebody has excluded him."},
	{"eligibility", "Who could be drawn", "Nobody who could have been drawn was left out, and nobody was let in who could not."},
	{"candidates", "Lists of candidates", "No excluded person stands on a project's list."},
	{"cells", "What the drawer saw", "Nothing that the drawer was shown of a reviewer is true of fewer than five."},
	{"draw", "The draw", "Method, seed and result are those of the log's record; there is one draw for each record and none besides."},
	{"panels", "The panels", "Every project has the reviewers it was due, within everybody's load, and every rule on the composition of panels is obeyed."},
	{"odds", "The odds", "No reviewer was drawn for a project with odds above the limit."},
	{"equal odds", "Equal odds", "Reviewers who are equally fit for a project had equal odds, but for loads and rules that say otherwise."},
	{"expected", "Quality", "The odds are those of the best expected fitness under the stated rules, to within the stated difference."},
	{"lottery", "The lottery", "Each ticket is a lawful assignment, and the weights give the stated odds."},
	{"replay", "The draw again", "Drawn again from the odds and the seed, the same people come out."},
	{"minimum", "The worst-served project", "No other assignment would serve the worst-served project better than the stated bound."},
	{"optimum", "Quality", "No other lawful assignment is better in sum."},
	{"bound", "Quality", "No other lawful assignment is better in sum by more than the stated difference."},
	{"infeasible", "Impossible", "There is no lawful assignment at all."},
	{"journal", "Afterwards", "Every place that was given up stands in the log with its reason, and whoever moved up was the one whose turn it was."},
	{"inclusion", "One record", "This record stands in the log, at this place, as the log's owner signed it."},
	{"procedure", "The certificate", "What the certificate says of the project is what the log and the batch file say."},
};

static GPtrArray *lines; /* Line */
static GPtrArray *numbers; /* Line */
static char *reason, *about; /* about: the batch in question, where there are several */
static int status = EXIT_VERIFIED;

/* Files under test may hold anything: a terminal must not obey it. */
static char *G_GNUC_PRINTF(1, 0)
printable(const char *format, va_list args)
{
	g_autofree char *plain = g_strdup_vprintf(format, args), *raw = g_strconcat(about ? about : "", plain, NULL);
	char *text = g_utf8_make_valid(raw, -1);

	for (char *p = text; *p; p++)
		if ((guchar)*p < 0x20 || *p == 0x7f)
			*p = '?';
	return text;
}

static void
line_free(gpointer data)
{
	g_free(((Line *)data)->step), g_free(((Line *)data)->text), g_free(data);
}

static void
add(GPtrArray **list, const char *step, char *text)
{
	Line *line = g_new(Line, 1);

	if (*list == NULL)
		*list = g_ptr_array_new_with_free_func(line_free);
	line->step = g_strdup(step); /* of a step: its name */
	line->text = text;
	g_ptr_array_add(*list, line);
}

/* "batch NAME: " in front of what is said from now on. */
void
verdict_about(const char *batch)
{
	g_free(about);
	about = batch ? g_strdup_printf("batch %s: ", batch) : NULL;
}

void
verdict_ok(const char *step, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(&lines, step, printable(format, args));
	va_end(args);
}

void
verdict_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(&lines, note_step, printable(format, args));
	va_end(args);
}

void
verdict_open(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(&lines, open_step, printable(format, args));
	va_end(args);
}

void
verdict_number(const char *name, gint64 value)
{
	add(&numbers, name, g_strdup_printf("%" G_GINT64_FORMAT, value));
}

static void G_GNUC_PRINTF(2, 0)
fail(int code, const char *format, va_list args)
{
	if (reason != NULL)
		return;
	reason = printable(format, args);
	status = code;
}

gboolean
verdict_reject(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fail(EXIT_REJECTED, format, args);
	va_end(args);
	return FALSE;
}

gboolean
verdict_unreadable(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fail(EXIT_UNREADABLE, format, args);
	va_end(args);
	return FALSE;
}

const char *
verdict_reason(void)
{
	return reason;
}

void
verdict_forget(void)
{
	g_clear_pointer(&reason, g_free);
	g_clear_pointer(&about, g_free);
	g_clear_pointer(&lines, g_ptr_array_unref);
	g_clear_pointer(&numbers, g_ptr_array_unref);
	status = EXIT_VERIFIED;
}

/* What no file can show. */
void
verdict_limits(void)
{
	verdict_open("That the facts in the register were true and complete (who works where, who wrote what with whom): opening a sample, drawn by chance, tests that.");
	verdict_open("That whoever was left off a list of candidates was no better than the list states (the cut): the same sample tests it.");
	verdict_open("That an operator's key was used by nobody but him, and that two operators were two persons.");
	verdict_open("That the public number typed into the log is the one that was announced: compare it with the announcement.");
	verdict_open("That nobody was told outside the program who reviews what.");
}

gboolean
read_whole_file(const char *path, char **out_bytes, gsize *out_len)
{
	g_autoptr(GError) error = NULL;

	if (g_file_get_contents(path, out_bytes, out_len, &error))
		return TRUE;
	return verdict_unreadable("cannot read %s: %s", path, g_strerror(errno));
}

static gboolean
is_of(const Line *line, const char *step)
{
	return strcmp(line->step, step) == 0;
}

static gboolean
is_step(const Line *line)
{
	return !is_of(line, note_step) && !is_of(line, open_step);
}

static void
json_texts(JsonBuilder *builder, const char *name, const char *step)
{
	json_builder_begin_array(json_builder_set_member_name(builder, name));
	for (guint i = 0; lines && i < lines->len; i++)
		if (is_of(lines->pdata[i], step))
			json_builder_add_string_value(builder, ((const Line *)lines->pdata[i])->text);
	json_builder_end_array(builder);
}

static void
print_json(const char *command)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_autoptr(JsonGenerator) generator = json_generator_new();
	g_autoptr(JsonNode) root = NULL;
	g_autofree char *text = NULL;

	json_builder_begin_object(builder);
	json_builder_add_string_value(json_builder_set_member_name(builder, "command"), command);
	json_builder_add_boolean_value(json_builder_set_member_name(builder, "verified"), status == EXIT_VERIFIED);
	json_builder_add_int_value(json_builder_set_member_name(builder, "exit"), status);
	json_builder_set_member_name(builder, "reason");
	if (reason)
		json_builder_add_string_value(builder, reason);
	else
		json_builder_add_null_value(builder);
	json_builder_begin_array(json_builder_set_member_name(builder, "steps"));
	for (guint i = 0; lines && i < lines->len; i++) {
		const Line *line = lines->pdata[i];

		if (!is_step(line))
			continue;
		json_builder_begin_object(builder);
		json_builder_add_string_value(json_builder_set_member_name(builder, "step"), line->step);
		json_builder_add_string_value(json_builder_set_member_name(builder, "checked"), line->text);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	json_texts(builder, "unproved", open_step);
	json_texts(builder, "notes", note_step);
	json_builder_begin_object(json_builder_set_member_name(builder, "numbers"));
	for (guint i = 0; numbers && i < numbers->len; i++) {
		const Line *line = numbers->pdata[i];

		json_builder_set_member_name(builder, line->step);
		json_builder_add_int_value(builder, g_ascii_strtoll(line->text, NULL, 10));
	}
	json_builder_end_object(builder);
	json_builder_end_object(builder);
	root = json_builder_get_root(builder);
	json_generator_set_root(generator, root);
	text = json_generator_to_data(generator, NULL);
	puts(text);
}

static void
print_lines(const char *command)
{
	for (guint i = 0; lines && i < lines->len; i++) {
		const Line *line = lines->pdata[i];

		if (!is_of(line, open_step))
			printf("%s %-12s %s\n", is_step(line) ? "ok   " : "note ", line->step, line->text);
	}
	for (guint i = 0; lines && i < lines->len; i++)
		if (is_of(lines->pdata[i], open_step))
			printf("open  %-12s %s\n", "", ((const Line *)lines->pdata[i])->text);
	if (reason)
		printf("FAIL  %s\n", reason);
	printf("%s %s\n", command, status == EXIT_VERIFIED ? "VERIFIED" : status == EXIT_REJECTED ? "NOT VERIFIED" : "NOT CHECKED");
}

static void
print_texts(const char *title, const char *step)
{
	for (guint i = 0; lines && i < lines->len; i++) {
		if (!is_of(lines->pdata[i], step))
			continue;
		if (title)
			printf("\n%s\n\n", title);
		title = NULL;
		printf("  - %s\n", ((const Line *)lines->pdata[i])->text);
	}
}

/* For somebody who is to rely on it: what holds, what does not follow from it, and in what words. */
static void
print_sentences(const char *command)
{
	guint n = 0;

	printf("%s\n\n", command);
	if (status == EXIT_VERIFIED)
		puts("VERIFIED. Everything that can be checked in these files was checked, and holds.");
	else if (status == EXIT_REJECTED)
		printf("NOT VERIFIED. At this point the files do not hold, and nothing behind it was judged:\n\n  %s\n", reason);
	else
		printf("NOT CHECKED. A file cannot be read; this says nothing for or against it:\n\n  %s\n", reason);
	for (guint i = 0; lines && i < lines->len; i++) {
		const Line *line = lines->pdata[i];
		guint m = 0;

		if (!is_step(line))
			continue;
		if (n++ == 0)
			puts("\nWhat was proved\n");
		while (m < G_N_ELEMENTS(meanings) && strcmp(meanings[m].step, line->step) != 0)
			m++;
		if (m < G_N_ELEMENTS(meanings))
			printf("  %u. %s. %s\n     Found: %s.\n", n, meanings[m].title, meanings[m].says, line->text);
		else
			printf("  %u. %s: %s.\n", n, line->step, line->text);
	}
	print_texts("What was not proved", open_step);
	print_texts("To be known besides", note_step);
}

int
verdict_print(const char *command, PrintAs how)
{
	if (how == PRINT_JSON)
		print_json(command);
	else if (how == PRINT_SENTENCES)
		print_sentences(command);
	else
		print_lines(command);
	if (reason)
		fprintf(stderr, "veil-verify: %s\n", reason);
	return fflush(stdout) == 0 ? status : EXIT_UNREADABLE;
}
