/* procedure.c - see procedure.h.
 *
 * Whoever complains learns that the steps were taken, not who was where: counts of excluded people are told in fives and not at all under five, days instead of minutes, places given up
 * as numbers of records. Every line of the object is worked out again by veil-verify from the log and the files.
 */
#include "audit/procedure.h"

#include <string.h>

#include <veil/audit.h>
#include <veil/batch.h>
#include <veil/ledger-store.h>

#include "site/auditors.h"
#include "site/batch-files.h"
#include "site/committed.h"
#include "site/log.h"
#include "audit/tie.h"

typedef struct {
	VeilBatch *batch;
	VeilAudit *audit;
	guint32 project, audit_project;
	const char *code, *freeze_id, *name;
	guint64 size; /* of the checkpoint: later records are not spoken of */
	char *note;
	/* From the log: */
	char *freeze_line, *freeze_day;
	GPtrArray *draws, *vacancies; /* char*: JSON, by draw and by event */
	GString *told;		      /* the draws, for a person */
	guint waivers, openings;
	gboolean sound; /* the log has all that the files have */
} Procedure;

/* --- texts ------------------------------------------------------------------------------------------------------------- */

static char *
quoted(const char *text)
{
	GString *out = g_string_new("\"");

	for (const char *p = text ? text : ""; *p; p++) {
		if (*p == '"' || *p == '\\')
			g_string_append_c(out, '\\');
		if (*p == '\n')
			g_string_append(out, "\\n");
		else if ((guchar)*p < 0x20)
			g_string_append_printf(out, "\\u%04x", (guint)*p);
		else
			g_string_append_c(out, *p);
	}
	g_string_append_c(out, '"');
	return g_string_free(out, FALSE);
}

/* Under five not at all, the rest in fives. */
static char *
banded(guint64 n)
{
	return n < 5 ? g_strdup("\"<5\"") : g_strdup_printf("%" G_GUINT64_FORMAT, n / 5 * 5);
}

static void
line(GString *out, const char *key, const char *value)
{
	g_string_append_printf(out, "%s\"%s\":%s", out->len > 2 ? ",\n" : "", key, value);
}

static void
line_text(GString *out, const char *key, const char *value)
{
	g_autofree char *text = quoted(value);

	line(out, key, text);
}

static void
line_number(GString *out, const char *key, guint64 value)
{
	g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, value);

	line(out, key, text);
}

static char *
joined(const GPtrArray *list)
{
	GString *out = g_string_new("[");

	for (guint i = 0; i < list->len; i++)
		g_string_append_printf(out, "%s%s", i ? "," : "", (const char *)(list->pdata[i] ? list->pdata[i] : "null"));
	g_string_append_c(out, ']');
	return g_string_free(out, FALSE);
}

/* --- from the log ------------------------------------------------------------------------------------------------------ */

static void
take_freeze(Procedure *p, const VeilRecord *record, const char *audit_root)
{
	g_autoptr(GString) out = g_string_new("{\n");
	static const char *const keys[][2] = {{"as_of", "as-of"}, {"batch_root", "batch-root"}, {"audit_root", "audit-root"}, {"registry_root", "registry-root"}, {"policy_sha256", "policy-sha256"}};

	p->sound = p->sound && g_strcmp0(veil_record_get(record, "audit-root"), audit_root) == 0;
	g_free(p->freeze_day);
	p->freeze_day = g_strndup(record->time, 10);
	line_number(out, "freeze_record", record->seq);
	line_text(out, "freeze_day", p->freeze_day);
	for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
		line_text(out, keys[i][0], veil_record_get(record, keys[i][1]));
	g_free(p->freeze_line);
	p->freeze_line = g_strdup(out->str + 2);
}

static void
take_draw(Procedure *p, const VeilRecord *record)
{
	const char *n = veil_record_get(record, "draw"), *kind = veil_record_get(record, "kind");
	guint64 number = n ? g_ascii_strtoull(n, NULL, 10) : 0, panel = 0, reserves = 0;
	g_autofree char *seed = quoted(veil_record_get(record, "seed")), *source = quoted(veil_record_get(record, "seed-source"));
	g_autofree char *root = quoted(veil_record_get(record, "draw-root")), *what = quoted(kind ? kind : "draw"), *method = quoted(veil_record_get(record, "method"));

	if (number == 0 || number > p->batch->n_draws)
		return;
	for (guint64 i = p->batch->place_offset[p->project]; i < p->batch->place_offset[p->project + 1]; i++) {
		const VeilBatchPlace *place = &p->batch->places[i];

		panel += place->draw == number && place->role == VEIL_ROLE_PANEL;
		reserves += place->draw == number && place->role == VEIL_ROLE_RESERVE;
	}
	g_string_append_printf(p->told, "4. Draw %" G_GUINT64_FORMAT " (record %" G_GUINT64_FORMAT ", %.10s): %" G_GUINT64_FORMAT " panel members and %" G_GUINT64_FORMAT
			       " reserves by method %s, decided by the seed %s (%s).\n", number, record->seq, record->time, panel, reserves, veil_record_get(record, "method"),
			       veil_record_get(record, "seed"), veil_record_get(record, "seed-source"));
	g_free(p->draws->pdata[number - 1]);
	p->draws->pdata[number - 1] =
		g_strdup_printf("{\"draw\":%" G_GUINT64_FORMAT ",\"kind\":%s,\"record\":%" G_GUINT64_FORMAT ",\"day\":\"%.10s\",\"method\":%s,\"seed\":%s,\"seed_source\":%s,"
				"\"draw_root\":%s,\"panel\":%" G_GUINT64_FORMAT ",\"reserves\":%" G_GUINT64_FORMAT "}",
				number, what, record->seq, record->time, method, seed, source, root, panel, reserves);
}

static void
take_vacancy(Procedure *p, const VeilRecord *record)
{
	const char *n = veil_record_get(record, "event");
	guint64 number = n ? g_ascii_strtoull(n, NULL, 10) : 0;
	g_autofree char *kind = quoted(veil_record_get(record, "kind"));

	if (number == 0 || number > p->vacancies->len || g_strcmp0(veil_record_get(record, "project"), p->code) != 0)
		return;
	g_free(p->vacancies->pdata[number - 1]);
	p->vacancies->pdata[number - 1] = g_strdup_printf("{\"record\":%" G_GUINT64_FORMAT ",\"kind\":%s,\"promoted\":%s}", record->seq, kind,
							  veil_record_get(record, "promoted") ? "true" : "false");
}

typedef struct {
	Procedure *p;
	char audit_root[65];
} Walk;

static gboolean
take_record(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	Walk *w = data;
	Procedure *p = w->p;

	(void)bytes, (void)len, (void)error;
	if (record->seq >= p->size || g_strcmp0(veil_record_get(record, "batch"), p->name) != 0)
		return TRUE;
	p->openings += strcmp(record->act, "batch.codes") == 0 || strcmp(record->act, "escrow.open") == 0 || strcmp(record->act, "unmask.open") == 0;
	if (g_strcmp0(veil_record_get(record, "freeze-id"), p->freeze_id) != 0)
		return TRUE;
	if (strcmp(record->act, "batch.freeze") == 0)
		take_freeze(p, record, w->audit_root);
	else if (strcmp(record->act, "batch.draw") == 0)
		take_draw(p, record);
	else if (strcmp(record->act, "batch.vacancy") == 0)
		take_vacancy(p, record);
	else if (strcmp(record->act, "batch.waiver") == 0)
		p->waivers += g_strcmp0(veil_record_get(record, "project"), p->code) == 0;
	return TRUE;
}

/* Lines of the journal that are another project's stay out. */
static GPtrArray *
without_gaps(const GPtrArray *list)
{
	GPtrArray *out = g_ptr_array_new();

	for (guint i = 0; i < list->len; i++)
		if (list->pdata[i] != NULL)
			g_ptr_array_add(out, list->pdata[i]);
	return out;
}

/* --- the object -------------------------------------------------------------------------------------------------------- */

static char *
exclusions_text(const Procedure *p, gboolean for_person)
{
	const VeilExclusions *e = p->audit->exclusions;
	guint64 count[VEIL_N_RULES] = {0};
	GString *out = g_string_new(for_person ? " " : "{");

	for (guint64 i = e->offset[p->audit_project]; i < e->offset[p->audit_project + 1]; i++)
		for (int rule = 0; rule < VEIL_N_RULES; rule++)
			count[rule] += e->pairs[i].mask >> rule & 1;
	for (int rule = 0; rule < VEIL_N_RULES; rule++) {
		g_autofree char *number = banded(count[rule]);

		if (for_person && rule != VEIL_RULE_E04 && p->audit->policy->rules[rule].enabled)
			g_string_append_printf(out, "%s%s %s", out->len > 1 ? ", " : "", veil_rule_name((VeilRuleId)rule), count[rule] < 5 ? "fewer than 5" : number);
		else if (rule != VEIL_RULE_E04 && p->audit->policy->rules[rule].enabled)
			g_string_append_printf(out, "%s\"%s\":%s", out->len > 1 ? "," : "", veil_rule_name((VeilRuleId)rule), number);
	}
	g_string_append(out, for_person ? "" : "}");
	return g_string_free(out, FALSE);
}

static char *
object_text(const Procedure *p, const char *origin)
{
	GString *out = g_string_new("{\n");
	const VeilBatch *b = p->batch;
	g_autofree char *exclusions = exclusions_text(p, FALSE), *waivers = p->waivers ? banded(p->waivers) : g_strdup("0"), *draws = joined(p->draws), *vacancies = NULL;
	g_autoptr(GPtrArray) own = without_gaps(p->vacancies);

	vacancies = joined(own);
	line_text(out, "format", "veil-procedure/1");
	line_text(out, "origin", origin);
	line_text(out, "batch", p->name);
	line_text(out, "project", p->code);
	line(out, "rehearsal", g_strcmp0(veil_batch_get(b, "rehearsal"), "1") == 0 ? "true" : "false");
	line_text(out, "freeze_id", p->freeze_id);
	line(out, "freeze", veil_batch_get(b, "freeze"));
	g_string_append_printf(out, ",\n%s", p->freeze_line);
	line_number(out, "demand", b->projects[p->project].demand);
	line_number(out, "candidates", (b->offset[p->project + 1] - b->offset[p->project]) / 10 * 10);
	line(out, "exclusions", exclusions);
	line(out, "waivers", waivers);
	line(out, "draws", draws);
	line(out, "vacancies", vacancies);
	line_number(out, "openings", p->openings);
	line_number(out, "size", p->size);
	line_text(out, "checkpoint", p->note);
	g_string_append(out, "\n}\n");
	return g_string_free(out, FALSE);
}

static char *
person_text(const Procedure *p, const char *origin, const char *object, const char *name)
{
	GString *out = g_string_new(NULL);
	g_autoptr(GPtrArray) own = without_gaps(p->vacancies);
	g_autofree char *exclusions = exclusions_text(p, TRUE);
	guint8 digest[32];
	char hex[65];

	veil_sha256(object, strlen(object), digest);
	veil_hex_encode(digest, 32, hex);
	g_string_append_printf(out, "CERTIFICATE OF PROCEDURE%s\n\nProject %s of batch %s, log %s\n\n", g_strcmp0(veil_batch_get(p->batch, "rehearsal"), "1") == 0 ? " (a rehearsal)" : "", p->code,
			       p->name, origin);
	g_string_append_printf(out, "1. Freeze. On %s, before anything was drawn, register, rules and lists were fixed as of %s and the log was bound to them (freeze number %s of this batch).\n", p->freeze_day,
			       veil_batch_get(p->batch, "as_of"), veil_batch_get(p->batch, "freeze"));
	g_string_append_printf(out, "2. Conflicts of interest. People excluded from this project, by rule, in fives and not told under five:%s. %s\n", exclusions,
			       p->waivers ? "At least one pair was let pass by two persons; the log says by whom." : "No rule was waived for this project.");
	g_string_append_printf(out, "3. Candidates. %u reviewers were due; at least %" G_GUINT64_FORMAT " candidates stood on the list.\n", p->batch->projects[p->project].demand,
			       (p->batch->offset[p->project + 1] - p->batch->offset[p->project]) / 10 * 10);
	if (p->draws->len == 0)
		g_string_append(out, "4. Draw. Nothing is drawn yet.\n");
	g_string_append(out, p->told->str);
	g_string_append_printf(out, "5. Afterwards. %u place(s) were given up or released since; each stands in the log with its reason before it took effect, and whoever moved up was the reserve whose turn it was.\n",
			       own->len);
	g_string_append_printf(out, "6. Identities. Up to record %" G_GUINT64_FORMAT " of the log %s\n", p->size,
			       p->openings ? "names of this batch were asked for by the ways that leave a record; the log says by whom and under which file number." :
					     "nobody asked for a name behind a code of this batch by the ways that leave a record.");
	g_string_append_printf(out, "\nThis certificate says that the steps were taken, and names nobody. Whether the facts in the register were true it cannot say.\n"
				    "Checked by: veil-verify batch FILE.veil --procedure %s.json (SHA-256 %s)\n\n%s", name, hex, p->note);
	return g_string_free(out, FALSE);
}

/* --- the whole --------------------------------------------------------------------------------------------------------- */

static void
procedure_clear(Procedure *p)
{
	g_clear_pointer(&p->batch, veil_batch_free);
	g_clear_pointer(&p->audit, veil_audit_free);
	if (p->told != NULL)
		g_string_free(p->told, TRUE);
	g_clear_pointer(&p->draws, g_ptr_array_unref);
	g_clear_pointer(&p->vacancies, g_ptr_array_unref);
	g_free(p->note), g_free(p->freeze_line), g_free(p->freeze_day);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Procedure, procedure_clear)

static gboolean
not_available(GError **error)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "not available");
	return FALSE;
}

static gboolean
read_files(Procedure *p, const char *draw, GBytes *facts, GError **error)
{
	int project;

	p->batch = veil_batch_read(draw, error);
	p->audit = p->batch ? veil_audit_parse(facts, error) : NULL;
	if (p->audit == NULL)
		return FALSE;
	project = veil_batch_find_project(p->batch, p->code);
	p->freeze_id = veil_batch_get(p->batch, "freeze_id");
	p->audit_project = VEIL_NONE;
	for (guint32 i = 0; i < p->audit->facts->projects->len; i++)
		if (strcmp(p->audit->projects[i], p->code) == 0)
			p->audit_project = i;
	if (project < 0 || p->audit_project == VEIL_NONE)
		return not_available(error);
	p->project = (guint32)project;
	p->told = g_string_new(NULL);
	p->draws = g_ptr_array_new_with_free_func(g_free);
	p->vacancies = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_set_size(p->draws, (gint)p->batch->n_draws);
	g_ptr_array_set_size(p->vacancies, (gint)p->batch->n_events);
	return TRUE;
}

/* The record that it was asked, then the signed state that covers it. */
static gboolean
read_log(Procedure *p, VeilLog *log, const char *ledger_dir, const char *draw, GBytes *facts, GError **error)
{
	static const char *const concerned[] = {"\nact batch.", "\nact escrow.open\n", "\nact unmask.open\n", NULL};
	g_autofree char *latest = g_build_filename(ledger_dir, "checkpoint", NULL);
	VeilLedger *ledger = veil_log_ledger(log);
	Walk walk = {.p = p};
	guint8 audit_root[32];
	gsize len;

	if (!veil_log_append(log, "auditor", "audit.project", error, "batch", p->name, "freeze-id", p->freeze_id, "project", p->code, NULL) || !veil_ledger_checkpoint(ledger, error) ||
	    !g_file_get_contents(latest, &p->note, &len, error) || !veil_checkpoint_open(p->note, len, veil_ledger_vkey(ledger), NULL, &p->size, NULL, error) ||
	    !veil_batch_check_committed(ledger, draw, p->batch, p->batch->n_draws, error) || !veil_audit_root(facts, audit_root, error))
		return FALSE;
	veil_hex_encode(audit_root, 32, walk.audit_root);
	p->sound = TRUE;
	if (!veil_ledger_each_with(ledger, concerned, take_record, &walk, error))
		return FALSE;
	for (guint i = 0; i < p->draws->len; i++)
		p->sound = p->sound && p->draws->pdata[i] != NULL;
	for (guint i = 0; i < p->batch->n_events; i++)
		p->sound = p->sound && (strcmp(p->batch->events[i].project, p->code) != 0 || p->vacancies->pdata[i] != NULL);
	if (p->sound && p->freeze_line != NULL)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the files of batch %s are not what the ledger says: there is no certificate of that; `veil-verify batch` says where", p->name);
	return FALSE;
}

gboolean
veil_procedure_write(const VeilStep *step, const char *batch, const char *project, const char *auditor_key, const char *path, GError **error)
{
	g_auto(Procedure) p = {0};
	g_autoptr(GBytes) facts = NULL;
	g_autoptr(VeilLog) log = NULL;
	g_autofree char *name = NULL, *draw = NULL, *dir = veil_site_path(step->site, VEIL_FOLDER_LEDGER, NULL), *base = g_path_get_basename(path);
	g_autofree char *object_path = g_strconcat(path, ".json", NULL), *object = NULL, *text = NULL;
	char code[VEIL_CODE_CHARS + 1];
	GError *inner = NULL;

	if (!veil_code_parse(project, VEIL_CODE_PROJECT, code)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "this is no code of a project: a character is mistyped");
		return FALSE;
	}
	if (g_file_test(path, G_FILE_TEST_EXISTS) || g_file_test(object_path, G_FILE_TEST_EXISTS)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "%s or %s.json exists already and is not overwritten", base, base);
		return FALSE;
	}
	if (batch != NULL && !veil_site_check_name(batch, "batch", error))
		return FALSE;
	name = batch ? g_strdup(batch) : veil_batch_of_project(step->site, code, &inner);
	if (inner != NULL)
		return g_propagate_error(error, inner), FALSE;
	if (name == NULL)
		return not_available(error);
	p.code = code;
	p.name = name;
	if ((draw = veil_batch_find(step->site, VEIL_FOLDER_DRAW, name, "veil", error)) == NULL || (facts = veil_audit_load(step->site, name, auditor_key, error)) == NULL ||
	    !read_files(&p, draw, facts, error) || (log = veil_log_open(step->site->dir, step->operator_handle, error)) == NULL)
		return FALSE;
	veil_log_set_now(log, step->now_unix_s);
	if (!read_log(&p, log, dir, draw, facts, error))
		return FALSE;
	object = object_text(&p, step->site->origin);
	text = person_text(&p, step->site->origin, object, base);
	return veil_file_put_new(object_path, object, strlen(object), 0644, error) && veil_file_put_new(path, text, strlen(text), 0644, error);
}
