/* content.c - the handed-over texts as one file: written whole, sealed by a digest at its end, read strictly. */
#include "handover/content.h"

#include <string.h>

#include "site/batch-files.h"
#include "site/found.h"
#include "site/route.h"

#define HEAD "veil-content/1"
#define MAX_BYTES ((gsize)1 << 31)

static void
text_clear(gpointer data)
{
	VeilContentText *text = data;

	g_free(text->where);
	g_free(text->text);
}

static void
project_clear(gpointer data)
{
	VeilContentProject *project = data;

	g_array_unref(project->texts);
	g_array_unref(project->leaks);
}

VeilContent *
veil_content_new(const char *batch, const char *freeze_id)
{
	VeilContent *content = g_new0(VeilContent, 1);

	content->batch = g_strdup(batch);
	content->freeze_id = g_strdup(freeze_id);
	content->reviewers = g_array_new(FALSE, TRUE, sizeof(VeilCodePair));
	content->projects = g_array_new(FALSE, TRUE, sizeof(VeilContentProject));
	g_array_set_clear_func(content->projects, project_clear);
	return content;
}

void
veil_content_free(VeilContent *content)
{
	if (content == NULL)
		return;
	g_free(content->batch);
	g_free(content->freeze_id);
	g_array_unref(content->reviewers);
	g_array_unref(content->projects);
	g_free(content);
}

VeilContentProject *
veil_content_add_project(VeilContent *content, const char *drawer, const char *expert)
{
	VeilContentProject project = {.texts = g_array_new(FALSE, FALSE, sizeof(VeilContentText)), .leaks = g_array_new(FALSE, FALSE, sizeof(VeilContentLeak))};

	g_array_set_clear_func(project.texts, text_clear);
	g_strlcpy(project.code.drawer, drawer, sizeof project.code.drawer);
	g_strlcpy(project.code.expert, expert, sizeof project.code.expert);
	g_array_append_val(content->projects, project);
	return &g_array_index(content->projects, VeilContentProject, content->projects->len - 1);
}

void
veil_content_add_text(VeilContentProject *project, const char *where, const char *text)
{
	VeilContentText row = {g_strdup(where), g_strdup(text)};

	g_array_append_val(project->texts, row);
}

static int
compare_leaks(const void *a, const void *b)
{
	const VeilContentLeak *x = a, *y = b;

	if (x->text != y->text)
		return x->text < y->text ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return (int)x->kind - (int)y->kind;
}

void
veil_content_sort_leaks(GArray *leaks)
{
	guint kept = 0;

	g_array_sort(leaks, compare_leaks);
	for (guint i = 0; i < leaks->len; i++)
		if (i == 0 || compare_leaks(&g_array_index(leaks, VeilContentLeak, i), &g_array_index(leaks, VeilContentLeak, kept - 1)) != 0)
			g_array_index(leaks, VeilContentLeak, kept++) = g_array_index(leaks, VeilContentLeak, i);
	g_array_set_size(leaks, kept);
}

/* --- writing ----------------------------------------------------------------------------------------------------- */

/* On one line: "\\", "\n" and "\r" for backslash, line feed and carriage return. */
static void
put_escaped(GString *out, const char *text)
{
	for (; *text != '\0'; text++)
		switch (*text) {
		case '\\': g_string_append(out, "\\\\"); break;
		case '\n': g_string_append(out, "\\n"); break;
		case '\r': g_string_append(out, "\\r"); break;
		default: g_string_append_c(out, *text);
		}
}

static void
put_project(GString *out, const VeilContentProject *project)
{
	g_string_append_printf(out, "project %s %s\n", project->code.drawer, project->code.expert);
	for (guint i = 0; i < project->texts->len; i++) {
		const VeilContentText *text = &g_array_index(project->texts, VeilContentText, i);

		g_string_append_printf(out, "text %s ", text->where);
		put_escaped(out, text->text);
		g_string_append_c(out, '\n');
	}
	for (guint i = 0; i < project->leaks->len; i++) {
		const VeilContentLeak *leak = &g_array_index(project->leaks, VeilContentLeak, i);

		g_string_append_printf(out, "leak %s %s %u %u\n", veil_leak_kind_name(leak->kind), g_array_index(project->texts, VeilContentText, leak->text).where,
				       leak->line, leak->column);
	}
}

char *
veil_content_format(const VeilContent *content, gsize *out_len)
{
	GString *out = g_string_new(HEAD "\n");
	guint8 digest[32];
	char hex[65];

	g_string_append_printf(out, "batch %s\nfreeze-id %s\n", content->batch, content->freeze_id);
	for (guint i = 0; i < content->reviewers->len; i++) {
		const VeilCodePair *pair = &g_array_index(content->reviewers, VeilCodePair, i);

		g_string_append_printf(out, "reviewer %s %s\n", pair->drawer, pair->expert);
	}
	for (guint i = 0; i < content->projects->len; i++)
		put_project(out, &g_array_index(content->projects, VeilContentProject, i));
	veil_sha256(out->str, out->len, digest);
	veil_hex_encode(digest, sizeof digest, hex);
	g_string_append_printf(out, "end %s\n", hex);
	*out_len = out->len;
	return g_string_free(out, FALSE);
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

/* In place; NULL for a backslash that stands for nothing. */
static char *
unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; from++) {
		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		from++;
		if (*from != '\\' && *from != 'n' && *from != 'r')
			return NULL;
		*to++ = *from == 'n' ? '\n' : *from == 'r' ? '\r' : '\\';
	}
	*to = '\0';
	return text;
}

static gboolean
parse_pair(char *text, VeilCodeKind kind, VeilCodePair *out)
{
	if (strlen(text) != 2 * VEIL_CODE_CHARS + 1 || text[VEIL_CODE_CHARS] != ' ')
		return FALSE;
	text[VEIL_CODE_CHARS] = '\0';
	return veil_code_parse(text, kind, out->drawer) && veil_code_parse(text + VEIL_CODE_CHARS + 1, kind, out->expert);
}

static int
find_text(const VeilContentProject *project, const char *where)
{
	for (guint i = 0; i < project->texts->len; i++)
		if (strcmp(g_array_index(project->texts, VeilContentText, i).where, where) == 0)
			return (int)i;
	return -1;
}

static gboolean
parse_leak(VeilContentProject *project, const char *line)
{
	g_auto(GStrv) part = g_strsplit(line, " ", 0);
	VeilContentLeak leak;
	guint64 row, column;
	int kind, text;

	if (g_strv_length(part) != 4 || (kind = veil_leak_kind_parse(part[0])) < 0 || (text = find_text(project, part[1])) < 0 ||
	    !g_ascii_string_to_unsigned(part[2], 10, 1, G_MAXUINT32, &row, NULL) || !g_ascii_string_to_unsigned(part[3], 10, 1, G_MAXUINT32, &column, NULL))
		return FALSE;
	leak = (VeilContentLeak){(VeilLeakKind)kind, (guint32)text, (guint32)row, (guint32)column};
	g_array_append_val(project->leaks, leak);
	return TRUE;
}

static gboolean
parse_line(VeilContent *content, char *line)
{
	VeilContentProject *project =
		content->projects->len > 0 ? &g_array_index(content->projects, VeilContentProject, content->projects->len - 1) : NULL;
	VeilCodePair pair;
	char *blank;

	if (g_str_has_prefix(line, "reviewer ") && project == NULL) {
		if (!parse_pair(line + 9, VEIL_CODE_REVIEWER, &pair))
			return FALSE;
		g_array_append_val(content->reviewers, pair);
		return TRUE;
	}
	if (g_str_has_prefix(line, "project ")) {
		if (!parse_pair(line + 8, VEIL_CODE_PROJECT, &pair))
			return FALSE;
		veil_content_add_project(content, pair.drawer, pair.expert);
		return TRUE;
	}
	if (project != NULL && g_str_has_prefix(line, "text ") && (blank = strchr(line + 5, ' ')) != NULL) {
		*blank = '\0';
		if (unescape(blank + 1) == NULL)
			return FALSE;
		veil_content_add_text(project, line + 5, blank + 1);
		return TRUE;
	}
	return project != NULL && g_str_has_prefix(line, "leak ") && parse_leak(project, line + 5);
}

/* All but the last line, which says what the others hash to. */
static char *
checked_body(const char *text, gsize len)
{
	const gsize n_end = strlen("end ") + 64 + 1;
	guint8 digest[32];
	char hex[65];

	if (strlen(text) != len || len <= n_end || strncmp(text + len - n_end, "end ", 4) != 0 || text[len - n_end - 1] != '\n' || text[len - 1] != '\n')
		return NULL;
	veil_sha256(text, len - n_end, digest);
	veil_hex_encode(digest, sizeof digest, hex);
	return strncmp(text + len - n_end + 4, hex, 64) == 0 ? g_strndup(text, len - n_end) : NULL;
}

VeilContent *
veil_content_parse(const char *text, gsize len, GError **error)
{
	g_autofree char *body = checked_body(text, len);
	g_auto(GStrv) lines = body ? g_strsplit(body, "\n", -1) : NULL;
	guint n = lines ? g_strv_length(lines) : 0;
	g_autoptr(VeilContent) content = NULL;
	gboolean good = n > 3 && strcmp(lines[0], HEAD) == 0 && g_str_has_prefix(lines[1], "batch ") && g_str_has_prefix(lines[2], "freeze-id ");

	if (good)
		content = veil_content_new(lines[1] + 6, lines[2] + 10);
	for (guint i = 3; good && i + 1 < n; i++)
		good = parse_line(content, lines[i]);
	if (good)
		return g_steal_pointer(&content);
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the handed-over content of this batch is damaged; a freeze writes it anew, or put it back from a copy");
	return NULL;
}

VeilContent *
veil_content_open(const VeilSite *site, const char *name, VeilLog *log, GError **error)
{
	g_autofree char *file = g_strconcat(name, ".content", NULL), *path = NULL, *text = NULL;
	g_autoptr(VeilContent) content = NULL;
	g_autoptr(VeilFound) found = NULL;
	g_autoptr(GError) inner = NULL;
	g_autoptr(GBytes) bytes = NULL;
	guint8 digest[32];
	char hex[65];
	gsize len;

	if (!veil_site_check_name(name, "batch", error))
		return NULL;
	path = veil_route_path(site, VEIL_ROUTE_CONTENT, file);
	bytes = veil_file_get(path, "handed-over content of this batch", MAX_BYTES, &inner);
	if (g_error_matches(inner, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE))
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "batch %s is not available here; `veil batch status %s` says its state", name, name);
	else if (bytes == NULL)
		g_propagate_error(error, g_steal_pointer(&inner));
	if (bytes == NULL)
		return NULL;
	len = g_bytes_get_size(bytes);
	text = g_malloc0(len + 1);
	memcpy(text, g_bytes_get_data(bytes, NULL), len);
	if ((content = veil_content_parse(text, len, error)) == NULL || !veil_log_find(log, "batch.content", "batch", name, &found, error))
		return NULL;
	veil_sha256(text, len, digest);
	veil_hex_encode(digest, sizeof digest, hex);
	if (found != NULL && strcmp(veil_found_get(found, "content-sha256"), hex) == 0 && strcmp(veil_found_get(found, "freeze-id"), content->freeze_id) == 0 &&
	    strcmp(content->batch, name) == 0)
		return g_steal_pointer(&content);
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the handed-over content is not that of this batch's freeze; the ledger names another");
	return NULL;
}

static int
compare_pair(const void *key, const void *member)
{
	return strcmp(key, ((const VeilCodePair *)member)->drawer);
}

const VeilCodePair *
veil_content_reviewer(const VeilContent *content, const char *drawer)
{
	return bsearch(drawer, content->reviewers->data, content->reviewers->len, sizeof(VeilCodePair), compare_pair);
}

/* The pair is the project's first member. */
const VeilContentProject *
veil_content_project(const VeilContent *content, const char *drawer)
{
	return bsearch(drawer, content->projects->data, content->projects->len, sizeof(VeilContentProject), compare_pair);
}
