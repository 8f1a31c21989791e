/* writer.c - rows out.
 *
 * Written by hand rather than with csv_write, which quotes every cell: scripts compare these files byte for byte and people read them.
 * A spreadsheet runs what it takes for a formula, and cells here come from applicants; the spreadsheet style therefore puts an apostrophe
 * before every start that a spreadsheet may act on (full-width forms included: East Asian locales fold them).
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "put.h"

enum { FLUSH_BYTES = 64 << 10 };

struct VeilWriter {
	VeilTarget target;
	char *draft; /* NULL: written into the target (standard output, pipes, devices) */
	int fd;
	int failed; /* errno of the first failure */
	gboolean spreadsheet;
	guint n_fields; /* of the open row */
	gboolean row_is_blank;
	GString *buffer;
};

static gboolean
open_target(VeilWriter *writer, const char *path, GError **error)
{
	if (!veil_target_find(path, &writer->target, error))
		return FALSE;
	writer->fd = writer->target.fd;
	if (writer->target.path == NULL)
		return TRUE;
	writer->draft = veil_put_begin(writer->target.path, 0600, &writer->fd, error);
	return writer->draft != NULL;
}

static void
free_writer(VeilWriter *writer)
{
	g_string_free(writer->buffer, TRUE);
	g_free(writer->draft);
	veil_target_close(&writer->target, NULL);
	g_free(writer);
}

VeilWriter *
veil_writer_open(const char *path, VeilCsvStyle style, GError **error)
{
	VeilWriter *writer = g_new0(VeilWriter, 1);

	writer->buffer = g_string_sized_new(FLUSH_BYTES + 4096);
	writer->spreadsheet = style == VEIL_CSV_SPREADSHEET;
	if (!open_target(writer, path, error)) {
		free_writer(writer);
		return NULL;
	}
	if (writer->spreadsheet)
		g_string_append(writer->buffer, "\xef\xbb\xbf");
	return writer;
}

const char *
veil_writer_path(const VeilWriter *writer)
{
	return writer->target.path;
}

static void
flush_buffer(VeilWriter *writer)
{
	if (writer->failed == 0 && !veil_put_write(writer->fd, writer->buffer->str, writer->buffer->len))
		writer->failed = errno;
	g_string_truncate(writer->buffer, 0);
}

static gboolean
may_be_a_formula(const char *text)
{
	static const char *const wide[] = {"＝", "＋", "－", "＠"};

	if (*text != '\0' && strchr("=+-@\t\r", *text) != NULL)
		return TRUE;
	for (guint i = 0; i < G_N_ELEMENTS(wide); i++)
		if (g_str_has_prefix(text, wide[i]))
			return TRUE;
	return FALSE;
}

void
veil_writer_field(VeilWriter *writer, const char *text)
{
	gboolean neutralise = writer->spreadsheet && may_be_a_formula(text);

	if (writer->n_fields++ > 0)
		g_string_append_c(writer->buffer, ',');
	writer->row_is_blank = writer->n_fields == 1 && *text == '\0';
	if (text[strcspn(text, ",\"\r\n")] == '\0') {
		if (neutralise)
			g_string_append_c(writer->buffer, '\'');
		g_string_append(writer->buffer, text);
		return;
	}
	g_string_append_c(writer->buffer, '"');
	if (neutralise)
		g_string_append_c(writer->buffer, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			g_string_append_c(writer->buffer, '"');
		g_string_append_c(writer->buffer, *text);
	}
	g_string_append_c(writer->buffer, '"');
}

void
veil_writer_end_row(VeilWriter *writer)
{
	/* A row of one empty cell would be a blank line, which readers skip. */
	if (writer->row_is_blank)
		g_string_append(writer->buffer, "\"\"");
	g_string_append(writer->buffer, writer->spreadsheet ? "\r\n" : "\n");
	writer->n_fields = 0;
	writer->row_is_blank = FALSE;
	if (writer->buffer->len >= FLUSH_BYTES)
		flush_buffer(writer);
}

gboolean
veil_writer_close(VeilWriter *writer, GError **error)
{
	gboolean done;

	flush_buffer(writer);
	if (writer->failed != 0) {
		done = veil_put_fail(writer->target.name, writer->failed, error);
		veil_writer_abandon(writer);
		return done;
	}
	if (writer->draft != NULL)
		done = veil_put_end(writer->draft, writer->target.path, writer->fd, error);
	else
		done = veil_target_close(&writer->target, error);
	free_writer(writer);
	return done;
}

void
veil_writer_abandon(VeilWriter *writer)
{
	if (writer == NULL)
		return;
	if (writer->draft != NULL) {
		close(writer->fd);
		unlink(writer->draft);
	}
	free_writer(writer);
}
