/* import-rows.c - what the handlers of all kinds ask of the present row: its cells, its dates, its fate; ids and bytes for what becomes of it. */
#include "import/import-private.h"

#include <string.h>

#include <veil/text.h>

/* --- small things -------------------------------------------------------------------------------------------------- */

guint8 *
veil_arena_take(Arena *arena, gsize len)
{
	guint8 *bytes;

	if (arena->blocks == NULL)
		arena->blocks = g_ptr_array_new_with_free_func(g_free);
	if (arena->used + len > arena->size) {
		arena->size = MAX((gsize)1 << 20, len);
		arena->used = 0;
		g_ptr_array_add(arena->blocks, g_malloc(arena->size));
	}
	bytes = (guint8 *)g_ptr_array_index(arena->blocks, arena->blocks->len - 1) + arena->used;
	arena->used += len;
	return bytes;
}

char *
veil_arena_text(Arena *arena, const char *text)
{
	gsize n = strlen(text) + 1;

	return memcpy(veil_arena_take(arena, n), text, n);
}

void
veil_import_new_id(Import *import, VeilId *out)
{
	if (import->pool_left < sizeof out->b) {
		import->options->random(import->pool, sizeof import->pool, import->options->random_data);
		import->pool_left = sizeof import->pool;
	}
	import->pool_left -= sizeof out->b;
	memcpy(out->b, import->pool + import->pool_left, sizeof out->b);
}

/* --- rows ---------------------------------------------------------------------------------------------------------- */

const char *
veil_import_cell(const Import *import, int column)
{
	return veil_mapping_get(import->mapping, import->row, (guint)column);
}

/* ASCII white space, the ideographic space and the no-break space. */
static const char *
skip_blanks(const char *p)
{
	for (;;) {
		if (g_ascii_isspace(*p))
			p++;
		else if (strncmp(p, "\xe3\x80\x80", 3) == 0)
			p += 3;
		else if (strncmp(p, "\xc2\xa0", 2) == 0)
			p += 2;
		else
			return p;
	}
}

CellState
veil_import_cell_state(const char *typed)
{
	const char *p = skip_blanks(typed);

	if (*p == '\0')
		return CELL_EMPTY;
	return *p == '-' && *skip_blanks(p + 1) == '\0' ? CELL_CLEAR : CELL_TEXT;
}

/* FNV-1a over the mapped cells in the order of the kind's columns: two rows that say the same have the same, however columns are ordered. */
guint64
veil_import_row_hash(const Import *import)
{
	guint64 h = 0xcbf29ce484222325u;

	for (guint i = 0; i < import->mapping->kind->n_columns; i++) {
		for (const char *p = veil_import_cell(import, (int)i); *p != '\0'; p++)
			h = (h ^ (guint8)*p) * 0x100000001b3u;
		h = (h ^ 0xff) * 0x100000001b3u; /* no byte of UTF-8 */
	}
	return h;
}

static guint64 *
counter(VeilImportResult *result, RowOutcome outcome)
{
	switch (outcome) {
	case ROW_NEW:
		return &result->new_rows;
	case ROW_CHANGED:
		return &result->changed;
	case ROW_UNCHANGED:
		return &result->unchanged;
	case ROW_DUPLICATE:
		break;
	}
	return &result->duplicates;
}

const char *
veil_import_file_name(const Import *import, guint32 file)
{
	return g_ptr_array_index(import->result->files, file - 1);
}

void
veil_import_decide(Import *import, RowOutcome outcome)
{
	++*counter(import->result, outcome);
	import->row_decided = TRUE;
	if (import->options->dry_run && (outcome == ROW_NEW || outcome == ROW_CHANGED)) {
		VeilImportNote note = {veil_import_file_name(import, import->file), import->row->line, outcome == ROW_NEW ? "new" : "changed",
				       g_strdup(outcome == ROW_NEW ? "" : import->columns->str)};

		g_array_append_val(import->result->differences, note);
	}
}

void
veil_import_recount(Import *import, RowOutcome was, RowOutcome is)
{
	--*counter(import->result, was);
	++*counter(import->result, is);
}

void
veil_import_changes(Import *import, const char *column)
{
	if (import->columns->len > 0)
		g_string_append(import->columns, ", ");
	g_string_append(import->columns, column);
}

static void
add_reject(Import *import, guint32 file, guint64 line, const char *column, char *reason)
{
	VeilImportNote note = {veil_import_file_name(import, file), line, g_intern_string(column ? column : ""), reason};

	g_array_append_val(import->result->rejects, note);
	import->result->rejected++;
}

gboolean
veil_import_reject(Import *import, const char *column, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_reject(import, import->file, import->row->line, column, g_strdup_vprintf(format, args));
	va_end(args);
	import->row_decided = TRUE;
	return TRUE;
}

void
veil_import_reject_at(Import *import, guint32 file, guint64 line, const char *column, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_reject(import, file, line, column, g_strdup_vprintf(format, args));
	va_end(args);
}

char *
veil_import_place(const Import *import, guint32 file, guint64 line)
{
	if (file == import->file)
		return g_strdup_printf("line %" G_GUINT64_FORMAT, line);
	return g_strdup_printf("line %" G_GUINT64_FORMAT " of %s", line, veil_import_file_name(import, file));
}

void
veil_import_warn(Import *import, const char *text)
{
	Warning *found = NULL;

	for (guint i = 0; i < import->warnings->len && found == NULL; i++)
		if (g_array_index(import->warnings, Warning, i).text == text)
			found = &g_array_index(import->warnings, Warning, i);
	if (found == NULL) {
		Warning warning = {.text = text};

		g_array_append_val(import->warnings, warning);
		found = &g_array_index(import->warnings, Warning, import->warnings->len - 1);
	}
	if (found->n < G_N_ELEMENTS(found->lines))
		found->lines[found->n] = import->row != NULL ? import->row->line : 0;
	found->n++;
}

gboolean
veil_import_interval(Import *import, int column, const char *name, VeilInterval *out, gboolean *given)
{
	const char *typed = veil_import_cell(import, column);

	*given = veil_import_cell_state(typed) == CELL_TEXT;
	if (!*given || veil_interval_parse(typed, out))
		return TRUE;
	veil_import_reject(import, name, "is no date; write 2024, 2024-05 or 2024-05-01");
	return FALSE;
}

static gboolean
one_side(Import *import, int column, const char *name, gboolean later, VeilDay known, VeilDay *out)
{
	VeilInterval interval;
	gboolean given;

	*out = known;
	if (veil_import_cell_state(veil_import_cell(import, column)) == CELL_CLEAR)
		*out = later ? VEIL_DAY_MAX : VEIL_DAY_MIN;
	if (!veil_import_interval(import, column, name, &interval, &given))
		return FALSE;
	if (given)
		*out = later ? interval.until : interval.since;
	return TRUE;
}

gboolean
veil_import_since_until(Import *import, int since, int until, const VeilInterval *known, VeilInterval *out)
{
	VeilInterval when;

	if (!one_side(import, since, "since", FALSE, known ? known->since : VEIL_DAY_MIN, &when.since) ||
	    !one_side(import, until, "until", TRUE, known ? known->until : VEIL_DAY_MAX, &when.until))
		return FALSE;
	if (when.since > when.until) {
		veil_import_reject(import, "since", "lies after until");
		return FALSE;
	}
	*out = when;
	return TRUE;
}

int
veil_import_word(const char *typed, const char *const *words, int n)
{
	g_autofree char *folded = veil_text_fold_id("id", typed);
	g_autofree char *lower = g_ascii_strdown(folded, -1);

	for (int i = 0; i < n; i++) {
		g_auto(GStrv) spellings = g_strsplit(words[i], "|", -1);

		if (g_strv_contains((const char *const *)spellings, lower))
			return i;
	}
	return -1;
}
