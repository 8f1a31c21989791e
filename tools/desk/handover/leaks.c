/* leaks.c - findings, waivers, and the gate in front of the packets.
 *
 * Nothing is stored: findings follow from the content, waivers from the ledger. A finding's name is its place, so a record that waives it tells nobody what stands there.
 */
#include "handover/leaks.h"

#include <string.h>

#include <veil/ledger-store.h>

#include "site/words.h"

#define PER_RECORD 200 /* findings of one record */

typedef struct {
	const VeilContentProject *project;
	GArray *leaks; /* VeilContentLeak */
	guint32 text;
} Look;

typedef struct {
	const char *freeze_id;
	GHashTable *ids;
} Waived;

static void
finding_clear(gpointer data)
{
	g_free(((VeilLeakFinding *)data)->id);
}

static void
keep(const VeilLeak *leak, gpointer data)
{
	Look *look = data;
	VeilContentLeak found = {leak->kind, look->text, leak->line, leak->column};

	g_array_append_val(look->leaks, found);
}

static gboolean
take_waiver(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	Waived *waived = data;
	const char *ids = veil_record_get(record, "findings");

	(void)bytes, (void)len, (void)error;
	if (strcmp(record->act, "batch.leaks.waive") == 0 && ids != NULL && g_strcmp0(veil_record_get(record, "freeze-id"), waived->freeze_id) == 0) {
		g_auto(GStrv) list = g_strsplit(ids, ";", -1);

		for (guint i = 0; list[i] != NULL; i++)
			g_hash_table_add(waived->ids, g_strdup(list[i]));
	}
	return TRUE;
}

static int
compare_findings(const void *a, const void *b)
{
	return strcmp(((const VeilLeakFinding *)a)->project->code.expert, ((const VeilLeakFinding *)b)->project->code.expert);
}

/* One project's, sorted; of the same place and reason one. */
static void
look_through(const VeilContentProject *project, GHashTable *waived, GArray *out)
{
	Look look = {project, g_array_new(FALSE, FALSE, sizeof(VeilContentLeak)), 0};

	g_array_append_vals(look.leaks, project->leaks->data, project->leaks->len);
	for (look.text = 0; look.text < project->texts->len; look.text++)
		veil_leak_scan_patterns(g_array_index(project->texts, VeilContentText, look.text).text, keep, &look);
	veil_content_sort_leaks(look.leaks);
	for (guint i = 0; i < look.leaks->len; i++) {
		VeilLeakFinding finding = {.project = project, .leak = g_array_index(look.leaks, VeilContentLeak, i)};
		const VeilContentLeak *l = &finding.leak;

		finding.id = g_strdup_printf("%s:%s:%u:%u:%s", project->code.expert, g_array_index(project->texts, VeilContentText, l->text).where, l->line,
					     l->column, veil_leak_kind_name(l->kind));
		finding.waived = g_hash_table_contains(waived, finding.id);
		g_array_append_val(out, finding);
	}
	g_array_unref(look.leaks);
}

GArray *
veil_leaks_find(const VeilContent *content, VeilLog *log, GError **error)
{
	static const char *const concerned[] = {"\nact batch.leaks.waive\n", NULL};
	g_autoptr(GHashTable) ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	Waived waived = {content->freeze_id, ids};
	GArray *found;

	if (!veil_ledger_each_with(veil_log_ledger(log), concerned, take_waiver, &waived, error))
		return NULL;
	found = g_array_new(FALSE, FALSE, sizeof(VeilLeakFinding));
	g_array_set_clear_func(found, finding_clear);
	for (guint i = 0; i < content->projects->len; i++)
		look_through(&g_array_index(content->projects, VeilContentProject, i), ids, found);
	g_array_sort(found, compare_findings); /* stable */
	return found;
}

static guint
standing(const GArray *found)
{
	guint n = 0;

	for (guint i = 0; i < found->len; i++)
		n += !g_array_index(found, VeilLeakFinding, i).waived;
	return n;
}

gboolean
veil_leaks_check(const VeilContent *content, VeilLog *log, GError **error)
{
	g_autoptr(GArray) found = veil_leaks_find(content, log, error);

	if (found == NULL || standing(found) == 0)
		return found != NULL;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
		    "%u places in the texts may say who wrote them; `veil batch leaks %s` lists them: mend the list and freeze again, or waive each with --waive and --reason", standing(found),
		    content->batch);
	return FALSE;
}

/* --- waiving --------------------------------------------------------------------------------------------------------- */

static gboolean
check_reason(const char *reason, GError **error)
{
	if (reason != NULL)
		return veil_reason_check(reason, error);
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--waive takes a --reason; it is logged, and is no place for a name");
	return FALSE;
}

/* Those that are to be waived and are not yet. */
static GPtrArray *
chosen(const GArray *found, char **waive, GError **error)
{
	g_autoptr(GPtrArray) out = g_ptr_array_new();

	for (guint k = 0; waive[k] != NULL; k++) {
		gboolean all = strcmp(waive[k], "all") == 0, known = all;

		for (guint i = 0; i < found->len; i++) {
			VeilLeakFinding *finding = &g_array_index(found, VeilLeakFinding, i);
			gboolean meant = all || strcmp(finding->id, waive[k]) == 0;

			known |= meant;
			if (meant && !finding->waived) {
				finding->waived = TRUE;
				g_ptr_array_add(out, finding->id);
			}
		}
		if (!known) {
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "a finding that is to be waived is not available here");
			return NULL;
		}
	}
	return g_steal_pointer(&out);
}

static gboolean
log_waivers(VeilLog *log, const VeilContent *content, const GPtrArray *ids, const char *reason, GError **error)
{
	for (guint i = 0; i < ids->len; i += PER_RECORD) {
		g_autoptr(GString) list = g_string_new(NULL);

		for (guint k = i; k < ids->len && k < i + PER_RECORD; k++)
			g_string_append_printf(list, "%s%s", k > i ? ";" : "", (const char *)g_ptr_array_index(ids, k));
		if (!veil_log_append(log, "requester", "batch.leaks.waive", error, "batch", content->batch, "freeze-id", content->freeze_id, "findings", list->str,
				     "reason", reason, NULL))
			return FALSE;
	}
	return TRUE;
}

static gboolean
print(const GArray *found, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"finding", "project", "where", "line", "column", "reason", "waived"};
	VeilRows rows;

	if (!veil_rows_begin(&rows, how, "findings", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	for (guint i = 0; i < found->len; i++) {
		const VeilLeakFinding *f = &g_array_index(found, VeilLeakFinding, i);
		char line[16], column[16];

		g_snprintf(line, sizeof line, "%u", f->leak.line);
		g_snprintf(column, sizeof column, "%u", f->leak.column);
		veil_rows_add(&rows, (const char *const[]){f->id, f->project->code.expert, g_array_index(f->project->texts, VeilContentText, f->leak.text).where, line,
							   column, veil_leak_kind_name(f->leak.kind), f->waived ? "yes" : "no"});
	}
	return veil_rows_end(&rows, error);
}

gboolean
veil_step_leaks(const VeilStep *step, const char *name, char **waive, const char *reason, VeilPrint how, guint *out_standing, GError **error)
{
	g_autoptr(VeilLog) log = NULL;
	g_autoptr(VeilContent) content = NULL;
	g_autoptr(GArray) found = NULL;
	g_autoptr(GPtrArray) ids = NULL;

	if ((waive != NULL && !check_reason(reason, error)) || (log = veil_log_open(step->site->dir, step->operator_handle, error)) == NULL ||
	    (content = veil_content_open(step->site, name, log, error)) == NULL || (found = veil_leaks_find(content, log, error)) == NULL)
		return FALSE;
	veil_log_set_now(log, step->now_unix_s);
	if (waive != NULL && ((ids = chosen(found, waive, error)) == NULL || !log_waivers(log, content, ids, reason, error)))
		return FALSE;
	*out_standing = standing(found);
	return print(found, how, error);
}
