/* procedure.c - the certificate of procedure of one project (docs/design/bundle.md), worked out again from the log and the batch file.
 *
 * The object has one member a line and one spelling: every line is made here, too, and compared. What only the audit file can show (how many people each rule excluded)
 * is compared where there is one, and said to be unproved where there is none.
 */
#include <string.h>

#include "batch/batch.h"

/* --- the lines, as they must be ------------------------------------------------------------------------------------------ */

static void
add(GPtrArray *lines, const char *key, char *value)
{
	g_ptr_array_add(lines, g_strdup_printf("\"%s\":%s", key, value));
	g_free(value);
}

/* As JSON: a backslash before itself and quotes, \n for a new line, the other control characters by their number. */
static char *
quoted(const char *text)
{
	g_autoptr(GString) out = g_string_new(text);

	g_string_replace(out, "\\", "\\\\", 0);
	g_string_replace(out, "\"", "\\\"", 0);
	g_string_replace(out, "\n", "\\n", 0);
	for (char c = 1; c < 0x20; c++) {
		char number[8];

		g_snprintf(number, sizeof number, "\\u%04x", (guint)c);
		g_string_replace(out, (char[]){c, '\0'}, number, 0);
	}
	return g_strdup_printf("\"%s\"", out->str);
}

static char *
number(guint64 value)
{
	return g_strdup_printf("%" G_GUINT64_FORMAT, value);
}

static char *
in_fives(guint64 n)
{
	return n < 5 ? g_strdup("\"<5\"") : number(n / 5 * 5);
}

/* Draws and places given up that the log has behind the certificate's size are none of it. */
static char *
draws_text(const Check *c, guint32 project, guint64 size)
{
	GString *out = g_string_new("[");

	for (guint i = 0; i < c->batch.draws->len; i++) {
		const Draw *draw = &g_array_index(c->batch.draws, Draw, i);
		g_autofree char *n = g_strdup_printf("%" G_GINT64_FORMAT, draw->n);
		const Record *record = find_record(&c->ledger, "batch.draw", meta(c->batch.meta, "freeze_id"), n);
		g_autofree char *kind = quoted(record_get(record, "kind") ? record_get(record, "kind") : "draw"), *method = quoted(draw->method), *source = quoted(draw->seed_source);
		guint panel = 0, reserves = 0;

		if (record->seq >= size)
			continue;
		for (guint k = 0; k < c->batch.places->len; k++) {
			const Place *place = PLACE(c->batch.places, k);

			panel += place->project == project && place->draw == draw->n && !place->reserve;
			reserves += place->project == project && place->draw == draw->n && place->reserve;
		}
		g_string_append_printf(out, "%s{\"draw\":%s,\"kind\":%s,\"record\":%" G_GUINT64_FORMAT ",\"day\":\"%.10s\",\"method\":%s,\"seed\":\"%s\",\"seed_source\":%s,\"draw_root\":\"%s\",\"panel\":%u,\"reserves\":%u}",
				       out->len > 1 ? "," : "", n, kind, record->seq, record->time, method, draw->seed, source, record_get(record, "draw-root"), panel, reserves);
	}
	g_string_append_c(out, ']');
	return g_string_free(out, FALSE);
}

static char *
vacancies_text(const Check *c, const char *code, guint64 size)
{
	GString *out = g_string_new("[");

	for (guint i = 0; i < c->ledger.records->len; i++) {
		const Record *record = c->ledger.records->pdata[i];

		if (record->seq >= size || strcmp(record->act, "batch.vacancy") != 0 || g_strcmp0(record_get(record, "freeze-id"), meta(c->batch.meta, "freeze_id")) != 0 ||
		    g_strcmp0(record_get(record, "project"), code) != 0)
			continue;
		g_string_append_printf(out, "%s{\"record\":%" G_GUINT64_FORMAT ",\"kind\":\"%s\",\"promoted\":%s}", out->len > 1 ? "," : "", record->seq, record_get(record, "kind"),
				       record_get(record, "promoted") ? "true" : "false");
	}
	g_string_append_c(out, ']');
	return g_string_free(out, FALSE);
}

/* NULL: there is no audit file to count in. */
static char *
exclusions_text(const Check *c, guint32 project)
{
	const GArray *pairs = c->blind ? NULL : c->audit.exclusions[project]; /* the audit file has the projects in the batch file's order: lists_check */
	GString *out = g_string_new("{");

	for (int rule = 0; rule < N_RULES && !c->blind; rule++) {
		g_autofree char *text = NULL;
		guint64 n = 0;

		for (guint i = 0; pairs && i < pairs->len; i++)
			n += g_array_index(pairs, Exclusion, i).mask >> rule & 1;
		text = in_fives(n);
		if (rule != E04 && c->policy.rule[rule].enabled)
			g_string_append_printf(out, "%s\"%s\":%s", out->len > 1 ? "," : "", rule_names[rule], text);
	}
	g_string_append_c(out, '}');
	return c->blind ? (g_string_free(out, TRUE), NULL) : g_string_free(out, FALSE);
}

static guint
waivers_of(const Check *c, const char *code)
{
	guint n = 0;

	for (guint i = 0; i < c->ledger.records->len; i++) {
		const Record *record = c->ledger.records->pdata[i];

		n += strcmp(record->act, "batch.waiver") == 0 && g_strcmp0(record_get(record, "freeze-id"), meta(c->batch.meta, "freeze_id")) == 0 && g_strcmp0(record_get(record, "project"), code) == 0;
	}
	return n;
}

static GPtrArray *
lines_of(const Check *c, guint32 p, guint64 size, const char *note)
{
	static const char *const of_freeze[][2] = {{"as_of", "as-of"}, {"batch_root", "batch-root"}, {"audit_root", "audit-root"}, {"registry_root", "registry-root"}, {"policy_sha256", "policy-sha256"}};
	GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
	GHashTable *table = c->batch.meta;
	const Record *freeze = find_record(&c->ledger, "batch.freeze", meta(table, "freeze_id"), NULL);
	const Project *project = PROJECT(&c->batch.x, p);
	char *exclusions = exclusions_text(c, p);
	guint waivers = waivers_of(c, project->id);

	add(lines, "format", quoted("veil-procedure/1"));
	add(lines, "origin", quoted(meta(table, "origin")));
	add(lines, "batch", quoted(meta(table, "batch")));
	add(lines, "project", quoted(project->id));
	add(lines, "rehearsal", g_strdup(strcmp(meta(table, "rehearsal"), "1") == 0 ? "true" : "false"));
	add(lines, "freeze_id", quoted(meta(table, "freeze_id")));
	add(lines, "freeze", g_strdup(meta(table, "freeze")));
	add(lines, "freeze_record", number(freeze->seq));
	add(lines, "freeze_day", g_strdup_printf("\"%.10s\"", freeze->time));
	for (guint i = 0; i < G_N_ELEMENTS(of_freeze); i++)
		add(lines, of_freeze[i][0], quoted(record_get(freeze, of_freeze[i][1])));
	add(lines, "demand", number((guint64)project->demand));
	add(lines, "candidates", number(project->n_offers / 10 * 10));
	add(lines, "exclusions", exclusions ? exclusions : g_strdup(""));
	add(lines, "waivers", waivers ? in_fives(waivers) : g_strdup("0"));
	add(lines, "draws", draws_text(c, p, size));
	add(lines, "vacancies", vacancies_text(c, project->id, size));
	add(lines, "openings", number(ledger_openings(&c->ledger, meta(table, "batch"), size, NULL)));
	add(lines, "size", number(size));
	add(lines, "checkpoint", quoted(note));
	return lines;
}

/* The size that its checkpoint signs; the note was opened and compared when the log was read. */
static guint64
size_of(const char *note)
{
	g_auto(GStrv) line = g_strsplit(note, "\n", 3);

	return g_strv_length(line) > 1 ? g_ascii_strtoull(line[1], NULL, 10) : 0;
}

gboolean
procedure_check(const Check *c, const char *path)
{
	g_autofree char *text = NULL, *note = NULL, *code = NULL, *file = g_path_get_basename(path);
	g_autoptr(GPtrArray) wanted = NULL;
	g_auto(GStrv) said = NULL;
	guint32 project;
	gsize len = 0;

	if (!read_whole_file(path, &text, &len) || (note = procedure_note(file, text, len)) == NULL)
		return FALSE;
	code = procedure_member(text, len, "project");
	project = code ? instance_find(c->batch.x.project_index, code) : NONE;
	if (project == NONE)
		return verdict_reject("%s: its project is not in the batch file", file);
	wanted = lines_of(c, project, size_of(note), note);
	said = g_strsplit(text, "\n", -1);
	for (guint i = 0; i < wanted->len; i++) {
		const char *must = wanted->pdata[i], *has = g_strv_length(said) > i + 1 ? said[i + 1] : "";
		gsize n = strlen(has) - (g_str_has_suffix(has, ",") && i + 1 < wanted->len), key = strcspn(must, ":") + 1;
		gboolean unseen = c->blind && g_str_has_prefix(must, "\"exclusions\":");

		if ((!unseen && (strlen(must) != n || memcmp(must, has, n) != 0)) || (unseen && strncmp(must, has, key) != 0))
			return verdict_reject("%s: its %.*s is not what the log and the files say", file, (int)key - 3, must + 1);
		if ((i + 1 < wanted->len) != g_str_has_suffix(has, ","))
			return verdict_reject("%s: it is not written as a certificate must be", file);
	}
	if (g_strv_length(said) != wanted->len + 3 || strcmp(said[0], "{") != 0 || strcmp(said[wanted->len + 1], "}") != 0 || said[wanted->len + 2][0] != '\0')
		return verdict_reject("%s: it is not written as a certificate must be", file);
	if (c->blind)
		verdict_open("There is no audit file: how many people each rule excluded from the project is the certificate's word.");
	verdict_ok("procedure", "project %s: %u lines, each worked out again, up to record %" G_GUINT64_FORMAT, code, wanted->len, size_of(note));
	return TRUE;
}
