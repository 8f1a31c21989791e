/* drawn.c - notify/NAME.drawn, format veil-drawn/3: "salt HEX", then one line a code of those who sit on a panel, "CODE EVENT", in the order in which they came in.
 *
 * EVENT counts what brings people in, lines of the journal and every draw after the first, and is that of when they last came in (who sits already and takes another seat has another
 * packet to be brought), so that whoever has contacted all of them up to one event finds the others behind it. The journal's length alone would not do: the people of a top-up would have
 * the number of the last vacancy before it, which a list may have gone up to already. The file is derived: written whole and renamed, and the same command run again writes it again.
 */
#include "handover/drawn.h"

#include <string.h>

#include <glib/gstdio.h>

#include "solve/draw-places.h"
#include "site/route.h"

#define FORMAT "veil-drawn/3\nsalt "
#define MAX_BYTES ((gsize)1 << 28)

typedef VeilDrawnLine Line;

static void
clear_line(gpointer data)
{
	g_free(((Line *)data)->code);
}

static int
compare_lines(const void *a, const void *b)
{
	const Line *x = a, *y = b;

	if (x->event != y->event)
		return x->event < y->event ? -1 : 1;
	return strcmp(x->code, y->code);
}

static void
add_line(GArray *lines, const char *code, guint64 event)
{
	Line line = {g_strdup(code), event};

	g_array_append_val(lines, line);
}

void
veil_handover_salt(const VeilBatch *batch, char out[65])
{
	g_autoptr(GString) text = g_string_new("veil/handover/1\n");
	guint8 digest[32];

	g_string_append_printf(text, "%s\n", veil_batch_get(batch, "freeze_id"));
	for (guint32 p = 0; p < batch->n_projects; p++)
		g_string_append_printf(text, "%s\n", batch->projects[p].code);
	for (guint32 r = 0; r < batch->n_reviewers; r++)
		g_string_append_printf(text, "%s\n", batch->reviewers[r].code);
	veil_sha256(text->str, text->len, digest);
	veil_hex_encode(digest, sizeof digest, out);
}

/* A file of another format is empty: it can be made again from the batch. NULL: no file that can be read. */
static GArray *
parse_file(const char *path, char out_salt[65], GError **error)
{
	g_autoptr(GBytes) bytes = veil_file_get(path, "list of those drawn", MAX_BYTES, error);
	g_autofree char *text = NULL;
	g_auto(GStrv) rows = NULL;
	GArray *lines;

	*out_salt = '\0';
	if (bytes == NULL)
		return NULL;
	lines = g_array_new(FALSE, FALSE, sizeof(Line));
	g_array_set_clear_func(lines, clear_line);
	text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	if (!g_str_has_prefix(text, FORMAT))
		return lines;
	rows = g_strsplit(text + strlen(FORMAT), "\n", -1);
	g_strlcpy(out_salt, rows[0], 65);
	for (guint i = 1; rows[0] != NULL && rows[i] != NULL; i++) {
		char *blank = strchr(rows[i], ' ');

		if (blank == NULL)
			continue;
		*blank = '\0';
		add_line(lines, rows[i], g_ascii_strtoull(blank + 1, NULL, 10));
	}
	return lines;
}

/* What the drawer has there himself; nothing is empty. */
static GArray *
read_lines(const char *path, char out_salt[65])
{
	GArray *lines = parse_file(path, out_salt, NULL);

	return lines != NULL ? lines : g_array_new(FALSE, FALSE, sizeof(Line));
}

static char *
drawn_path(const VeilSite *site, const char *name)
{
	g_autofree char *file = g_strconcat(name, ".drawn", NULL);

	return veil_route_path(site, VEIL_ROUTE_DRAWN, file);
}

static gboolean
write_lines(const VeilSite *site, const char *path, const char *salt, GArray *lines, GError **error)
{
	g_autoptr(GString) text = g_string_new(FORMAT);

	g_string_append_printf(text, "%s\n", salt);
	g_array_sort(lines, compare_lines);
	for (guint i = 0; i < lines->len; i++)
		g_string_append_printf(text, "%s %" G_GUINT64_FORMAT "\n", g_array_index(lines, Line, i).code, g_array_index(lines, Line, i).event);
	return veil_file_put(path, text->str, text->len, veil_route_mode(site), error);
}

/* When the seat of a place was taken: 0 by the first draw. */
static gint64
event_of(const VeilBatchPlace *place, const guint32 *after, guint32 n_draws)
{
	guint32 earlier = 0; /* later draws than the first, before that line */

	if (place->since == 0)
		return place->draw > 1 ? (gint64)after[place->draw - 1] + place->draw - 1 : 0;
	for (guint32 d = 1; d < n_draws; d++)
		earlier += after[d] < place->since;
	return (gint64)place->since + earlier;
}

gboolean
veil_drawn_write(const VeilSite *site, const char *name, const VeilBatch *batch, GError **error)
{
	g_autofree char *path = drawn_path(site, name);
	g_autofree gint64 *event = g_new(gint64, batch->n_reviewers + 1); /* -1: does not sit */
	g_autofree guint32 *after = veil_draw_requests_after(batch);
	char salt[65];
	g_autoptr(GArray) before = read_lines(path, salt), now = g_array_new(FALSE, FALSE, sizeof(Line));

	g_array_set_clear_func(now, clear_line);
	for (guint32 r = 0; r < batch->n_reviewers; r++)
		event[r] = -1;
	for (guint64 i = 0; i < batch->n_places; i++) {
		const VeilBatchPlace *place = &batch->places[i];

		if (place->seat == VEIL_SEAT_SITTING)
			event[place->reviewer] = MAX(event[place->reviewer], event_of(place, after, batch->n_draws));
	}
	for (guint i = 0; i < before->len; i++) {
		int r = veil_batch_find_reviewer(batch, g_array_index(before, Line, i).code);

		if (r >= 0 && event[r] >= 0)
			event[r] = MAX(event[r], (gint64)g_array_index(before, Line, i).event);
	}
	for (guint32 r = 0; r < batch->n_reviewers; r++)
		if (event[r] >= 0)
			add_line(now, batch->reviewers[r].code, (guint64)event[r]);
	veil_handover_salt(batch, salt);
	return write_lines(site, path, salt, now, error);
}

void
veil_drawn_forget(const VeilSite *site, const char *name)
{
	g_autofree char *path = drawn_path(site, name);

	g_unlink(path);
}

gboolean
veil_drawn_change(const VeilSite *site, const char *name, guint32 line, guint32 n_draws, const char *came, const char *left, GError **error)
{
	g_autofree char *path = drawn_path(site, name);
	guint64 event = (guint64)line + MAX(n_draws, 1) - 1;
	char salt[65];
	g_autoptr(GArray) lines = read_lines(path, salt);
	gboolean there = FALSE;

	for (guint i = 0; i < lines->len;) {
		const char *code = g_array_index(lines, Line, i).code;

		if (g_strcmp0(code, came) == 0) {
			g_array_index(lines, Line, i).event = MAX(g_array_index(lines, Line, i).event, event);
			there = TRUE;
		}
		if (g_strcmp0(code, left) == 0)
			g_array_remove_index(lines, i);
		else
			i++;
	}
	if (came != NULL && !there)
		add_line(lines, came, event);
	return write_lines(site, path, salt, lines, error);
}

GArray *
veil_drawn_read(const VeilSite *site, const char *name, char out_salt[65], GError **error)
{
	g_autofree char *path = drawn_path(site, name);
	g_autoptr(GError) inner = NULL;
	GArray *lines = parse_file(path, out_salt, &inner);

	if (g_error_matches(inner, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE))
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "batch %s is not drawn yet; `veil batch status %s` says its state", name, name);
	else if (inner != NULL)
		g_propagate_error(error, g_steal_pointer(&inner));
	return lines;
}
