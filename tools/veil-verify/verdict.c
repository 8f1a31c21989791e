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

#include "verify.h"

typedef struct {
	char *step, *text;
} Line;

static GPtrArray *lines; /* Line; step NULL: a note */
static GPtrArray *numbers; /* Line */
static char *reason;
static int status = EXIT_VERIFIED;

/* Files under test may hold anything: a terminal must not obey it. */
static char *
printable(const char *format, va_list args)
{
	g_autofree char *raw = g_strdup_vprintf(format, args);
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
	line->step = g_strdup(step);
	line->text = text;
	g_ptr_array_add(*list, line);
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
	add(&lines, NULL, printable(format, args));
	va_end(args);
}

void
verdict_number(const char *name, gint64 value)
{
	add(&numbers, name, g_strdup_printf("%" G_GINT64_FORMAT, value));
}

static void
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
	g_clear_pointer(&lines, g_ptr_array_unref);
	g_clear_pointer(&numbers, g_ptr_array_unref);
	status = EXIT_VERIFIED;
}

gboolean
read_whole_file(const char *path, char **out_bytes, gsize *out_len)
{
	g_autoptr(GError) error = NULL;

	if (g_file_get_contents(path, out_bytes, out_len, &error))
		return TRUE;
	return verdict_unreadable("cannot read %s: %s", path, g_strerror(errno));
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

		if (line->step == NULL)
			continue;
		json_builder_begin_object(builder);
		json_builder_add_string_value(json_builder_set_member_name(builder, "step"), line->step);
		json_builder_add_string_value(json_builder_set_member_name(builder, "checked"), line->text);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	json_builder_begin_array(json_builder_set_member_name(builder, "notes"));
	for (guint i = 0; lines && i < lines->len; i++)
		if (((const Line *)lines->pdata[i])->step == NULL)
			json_builder_add_string_value(builder, ((const Line *)lines->pdata[i])->text);
	json_builder_end_array(builder);
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

int
verdict_print(const char *command, gboolean as_json)
{
	if (as_json) {
		print_json(command);
	} else {
		for (guint i = 0; lines && i < lines->len; i++) {
			const Line *line = lines->pdata[i];

			if (line->step)
				printf("ok    %-12s %s\n", line->step, line->text);
			else
				printf("note  %-12s %s\n", "", line->text);
		}
		if (reason)
			printf("FAIL  %s\n", reason);
		printf("%s %s\n", command,
		       status == EXIT_VERIFIED ? "VERIFIED" : status == EXIT_REJECTED ? "NOT VERIFIED" : "NOT CHECKED");
	}
	if (reason)
		fprintf(stderr, "veil-verify: %s\n", reason);
	return fflush(stdout) == 0 ? status : EXIT_UNREADABLE;
}
