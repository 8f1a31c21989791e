/* freeze.c - from the registry to the two files of a batch, so that an interruption leaves nothing half-made.
 *
 * 1. The registry takes a fresh batch key, a freeze id and the date (state `freezing`), the ledger the intent.
 * 2. Both files are written under other names and synced. They are a function of the registry, the key and the date: written again, they are the same.
 * 3. The ledger takes the result with the roots: from here on the freeze exists.
 * 4. The files get their names, the registry the state `frozen`.
 * Interrupted before 3, a second run throws the files away and writes them again; after 3 it checks their roots and goes on with 4.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-glib/json-glib.h>

#include <veil/registry.h>

#include "site/auditors.h"
#include "site/batch-files.h"
#include "site/batch.h"
#include "custody/custody.h"
#include "site/found.h"
#include "ceremony/freeze-again.h"
#include "freeze/freeze-content.h"
#include "freeze/freeze-peers.h"
#include "solve/instance.h"
#include "freeze/minima.h"
#include "freeze/known.h"
#include "site/route.h"
#include "site/staff.h"
#include "ceremony/waive.h"
#include "solve/supported.h"

typedef struct {
	const VeilStep *step;
	const char *name;
	VeilKeys *keys;
	VeilRegistry *registry;
	VeilLog *log;
	VeilBatchRow *row;
	VeilBatchKey *key;
	char *freeze_id;
	VeilDay as_of;
	gint64 number; /* which freeze of this batch */
	char *draw_path, *audit_path, *content_path, *draw_part, *audit_part, *content_part;
	guint8 batch_root[32], audit_root[32], registry_root[32], content_sha256[32];
	VeilKnown known; /* when the registry was read */
} Freeze;

static gboolean
refuse(GError **error, const char *text)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, text);
	return FALSE;
}

static gboolean
parse_as_of(const char *text, gint64 now_unix_s, VeilDay *out, GError **error)
{
	VeilInterval day;

	if (text == NULL) {
		*out = (VeilDay)(now_unix_s / 86400);
		return TRUE;
	}
	if (!veil_interval_parse(text, &day) || day.since != day.until) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--as-of takes a whole date, e.g. 2026-03-01");
		return FALSE;
	}
	*out = day.since;
	return TRUE;
}

static gboolean
log_intent(Freeze *f, GError **error)
{
	g_autoptr(VeilFound) intent = NULL;
	char day[12], number[24];

	if (!veil_log_find(f->log, "batch.freeze.intent", "freeze-id", f->freeze_id, &intent, error))
		return FALSE;
	if (intent != NULL)
		return TRUE;
	veil_day_format(f->as_of, day);
	g_snprintf(number, sizeof number, "%" G_GINT64_FORMAT, f->number);
	return veil_log_append(f->log, "registrar", "batch.freeze.intent", error, "batch", f->name, "freeze-id", f->freeze_id, "freeze",
			       number, "as-of", day, NULL);
}

/* A new freeze, or the one that was interrupted. */
static gboolean
begin(Freeze *f, const VeilFreezeOptions *options, GError **error)
{
	const char *as_of = options->as_of;
	VeilDay day;

	if (!parse_as_of(as_of, f->step->now_unix_s, &day, error) || !veil_audit_can_seal(f->step->site, veil_log_ledger(f->log), error))
		return FALSE;
	if (strcmp(f->row->state, "freezing") == 0) {
		if (as_of != NULL && day != f->row->as_of)
			return refuse(error, "an interrupted freeze is completed with the date it began with; leave --as-of out");
		f->freeze_id = g_strdup(f->row->freeze_id);
		f->as_of = f->row->as_of;
		f->number = f->row->freezes;
		f->key = veil_live_key_open(f->step->site, f->keys, f->row, error);
		return f->key != NULL;
	}
	guint8 wrapped[VEIL_WRAPPED_BATCH_KEY_BYTES];
	char hex[33];

	if (options->again) {
		/* The live half of an interrupted run belongs to a key that no registry has: it is made anew. */
		if (!veil_refreeze_begin(f->log, f->row, day, as_of != NULL, options->reason, hex, &day, error) ||
		    !veil_live_key_destroy(f->step->site, hex, error))
			return FALSE;
	} else {
		guint8 id[16];

		if (strcmp(f->row->state, "draft") != 0)
			return refuse(error, "this batch is frozen already; a second freeze takes --again, a --reason and another operator's approval");
		veil_random_system(id, sizeof id, NULL);
		veil_hex_encode(id, sizeof id, hex);
	}
	f->freeze_id = g_strdup(hex);
	f->as_of = day;
	f->number = f->row->freezes + 1;
	f->key = veil_batch_key_new(veil_random_system, NULL);
	return veil_live_key_make(f->step->site, f->keys, f->key, f->name, f->freeze_id, wrapped, error) && veil_registry_begin(f->registry, error) &&
	       veil_registry_batch_set_freezing(f->registry, f->name, f->freeze_id, f->as_of, wrapped, sizeof wrapped, error) &&
	       veil_custody_escrow(f->registry, f->key, f->name, f->freeze_id, error) && veil_registry_commit(f->registry, error);
}

/* --- meta ------------------------------------------------------------------------------------------------------------ */

/* {"C01": 9340, "C12": "<5"}: counts over the whole batch, no project's own, of every rule that excludes: that there is none is a small count too. In fives, so that two freezes do
 * not show by how many pairs they differ. */
static char *
exclusion_counts(const VeilExclusions *e, const VeilPolicy *policy)
{
	guint64 count[VEIL_N_RULES] = {0};
	g_autoptr(JsonBuilder) json = json_builder_new();
	g_autoptr(JsonNode) root = NULL;

	for (guint64 i = 0; i < e->offset[e->n_projects]; i++)
		for (int rule = 0; rule < VEIL_N_RULES; rule++)
			count[rule] += e->pairs[i].mask >> rule & 1;
	for (guint32 i = 0; i < e->n_everywhere; i++)
		for (int rule = 0; rule < VEIL_N_RULES; rule++)
			count[rule] += e->everywhere[i].mask >> rule & 1;
	json_builder_begin_object(json);
	for (int rule = 0; rule < VEIL_N_RULES; rule++) {
		if (!policy->rules[rule].enabled || policy->rules[rule].severity == VEIL_SEVERITY_FLAG)
			continue;
		json_builder_set_member_name(json, veil_rule_name((VeilRuleId)rule));
		if (count[rule] < 5)
			json_builder_add_string_value(json, "<5");
		else
			json_builder_add_int_value(json, (gint64)(count[rule] / 5 * 5));
	}
	json_builder_end_object(json);
	root = json_builder_get_root(json);
	return json_to_string(root, FALSE);
}

typedef void (*SetFunc)(gpointer file, const char *key, const char *value);

static void
set_common(Freeze *f, const VeilPolicy *policy, SetFunc set, gpointer file)
{
	char day[12], number[24], hex[65];
	guint8 digest[32];

	veil_day_format(f->as_of, day);
	g_snprintf(number, sizeof number, "%" G_GINT64_FORMAT, f->number);
	veil_sha256(policy->canonical, strlen(policy->canonical), digest);
	veil_hex_encode(digest, sizeof digest, hex);
	set(file, "as_of", day);
	set(file, "batch", f->name);
	set(file, "engine", "veil " VEIL_VERSION);
	set(file, "freeze", number);
	set(file, "freeze_id", f->freeze_id);
	set(file, "origin", f->step->site->origin);
	set(file, "policy", policy->canonical);
	set(file, "policy_sha256", hex);
}

static void
set_batch_meta(Freeze *f, const VeilFreezeInput *input, const VeilExclusions *exclusions, VeilBatch *batch)
{
	static const char *const methods[] = {[VEIL_METHOD_TOTAL] = "total", [VEIL_METHOD_FAIR] = "fair", [VEIL_METHOD_DRAW] = "draw"};
	g_autofree char *counts = exclusion_counts(exclusions, input->policy), *experts = NULL;
	guint64 pool = 0;
	char day[12];

	for (guint i = 0; i < input->facts->persons->len; i++)
		pool += veil_facts_at(input->facts->persons, VeilPerson, i)->in_pool;
	experts = g_strdup_printf("%" G_GUINT64_FORMAT, pool / 10 * 10);
	/* To the day: a file made again after an interruption must be the same, so the date is the freeze's own. */
	veil_day_format(f->as_of, day);
	veil_batch_set(batch, "format", VEIL_BATCH_FORMAT);
	veil_batch_set(batch, "exclusions", counts);
	veil_batch_set(batch, "experts", experts);
	veil_batch_set(batch, "method", methods[veil_policy_method(input->policy)]);
	veil_batch_set(batch, "rehearsal", f->step->site->rehearsal ? "1" : "0");
	set_common(f, input->policy, (SetFunc)veil_batch_set, batch);
}

/* --- the two files ----------------------------------------------------------------------------------------------------- */

static void
report_stage(const char *stage, gpointer data)
{
	const Freeze *f = data;

	if (!f->step->quiet && isatty(STDERR_FILENO))
		g_printerr("freeze: %s\n", stage);
}

/* Under the name of a part, which an interrupted run leaves and the next one writes over: no name of chance that nobody would remove. */
static gboolean
write_part(const char *path, const void *bytes, gsize len, GError **error)
{
	return g_file_set_contents_full(path, bytes, (gssize)len, G_FILE_SET_CONTENTS_DURABLE, 0600, error) && veil_file_sync_folder(path, error);
}

/* Only sealed bytes reach the disk. */
static gboolean
write_audit(Freeze *f, const VeilAudit *audit, GError **error)
{
	g_autoptr(GBytes) plain = veil_audit_format(audit, f->audit_root, error);
	g_autoptr(GBytes) sealed = plain ? veil_audit_seal(f->step->site, veil_log_ledger(f->log), f->keys, plain, error) : NULL;
	gsize len = 0;

	if (sealed == NULL)
		return FALSE;
	gconstpointer bytes = g_bytes_get_data(sealed, &len);
	return write_part(f->audit_part, bytes, len, error);
}

/* The requester's file. The one that stands last in the ledger before the freeze's result counts. */
static gboolean
write_content(Freeze *f, const VeilFreezeInput *input, const VeilPlaces *places, const VeilFrozenTexts *texts, GError **error)
{
	g_autoptr(VeilContent) content = NULL;
	g_autofree char *bytes = NULL;
	char hex[65];
	guint others;
	gsize len;

	content = veil_freeze_content(texts, input->facts, places, f->key, f->name, f->freeze_id, &others);
	bytes = veil_content_format(content, &len);
	veil_sha256(bytes, len, f->content_sha256);
	veil_hex_encode(f->content_sha256, 32, hex);
	if (others > 0 && !f->step->quiet)
		g_printerr("veil: the projects' texts name people whom the registry knows and who stand behind no project, in %u places; the requester is not told where\n", others);
	return write_part(f->content_part, bytes, len, error) &&
	       veil_log_append(f->log, "registrar", "batch.content", error, "batch", f->name, "freeze-id", f->freeze_id, "content-sha256", hex, NULL);
}

static gboolean
write_files(Freeze *f, const VeilFreezeInput *input, const VeilExclusions *exclusions, const VeilFrozenTexts *texts, GError **error)
{
	g_autoptr(VeilPlaces) places = veil_places_new(input, exclusions);
	g_autoptr(VeilBatch) batch = NULL;
	g_autoptr(VeilAudit) audit = NULL;
	g_autoptr(VeilPeers) peers = NULL;

	if (places->n_projects == 0)
		return refuse(error, "this batch has no projects");
	report_stage("affinity and candidate lists", f);
	batch = veil_freeze_batch(input, exclusions, places, error);
	if (batch == NULL)
		return FALSE;
	set_batch_meta(f, input, exclusions, batch);
	if (!f->step->quiet)
		veil_minima_warn(batch, input->policy);
	report_stage("the auditor's facts", f);
	audit = veil_freeze_audit(input, exclusions, places, error);
	if (audit == NULL)
		return FALSE;
	veil_audit_set(audit, "format", VEIL_AUDIT_FORMAT);
	peers = veil_peers_new(input, exclusions, places, NULL, batch);
	if (peers != NULL) {
		g_autofree char *facts = veil_peers_facts(peers);

		veil_audit_set(audit, "peers", facts);
	}
	set_common(f, input->policy, (SetFunc)veil_audit_set, audit);
	audit->policy = veil_policy_parse(input->policy->canonical, strlen(input->policy->canonical), "policy", error);
	report_stage("writing", f);
	return audit->policy != NULL && write_content(f, input, places, texts, error) && veil_batch_write(f->draw_part, batch, f->batch_root, error) && write_audit(f, audit, error);
}

/* With its journal: what an interrupted run left there would be rolled back into the new file. */
static void
remove_part(const char *path)
{
	g_autofree char *journal = g_strconcat(path, "-journal", NULL);

	unlink(path);
	unlink(journal);
}

/* R05 asks for the auditor's codes of those behind projects; for nobody else is one made here. */
static VeilExclusions *
find_conflicts(const Freeze *f, const VeilFacts *facts, const VeilPolicy *policy, GError **error)
{
	g_autofree char(*text)[VEIL_CODE_CHARS + 1] = g_malloc0_n(facts->project_people->len + 1, VEIL_CODE_CHARS + 1);
	g_autofree const char **code = g_new0(const char *, MAX(facts->persons->len, 1));
	VeilCoin coin = {f->freeze_id, code};

	for (guint i = 0; i < facts->project_people->len; i++) {
		guint32 person = veil_facts_at(facts->project_people, VeilProjectPerson, i)->person;

		if (code[person] != NULL)
			continue;
		veil_code(f->key, VEIL_CODE_PERSON, VEIL_AUDIENCE_AUDITOR, &veil_facts_at(facts->persons, VeilPerson, person)->id, text[i]);
		code[person] = text[i];
	}
	return veil_conflict_find(facts, policy, f->as_of, &coin, error);
}

static gboolean
make_files(Freeze *f, GError **error)
{
	g_autoptr(VeilPolicy) policy = veil_policy_parse(f->row->policy, strlen(f->row->policy), "policy", error);
	g_autoptr(VeilFacts) facts = NULL;
	g_autoptr(VeilFeatures) features = NULL;
	g_autoptr(VeilExclusions) exclusions = NULL;
	g_autoptr(VeilFrozenTexts) texts = NULL;
	VeilFreezeInput input = {
		.policy = policy,
		.key = f->key,
		.keys = f->keys,
		.as_of = f->as_of,
		.n_threads = MAX(1, g_get_num_processors()),
		.progress = report_stage,
		.progress_data = f,
	};

	if (policy == NULL || !veil_policy_check_supported(policy, error))
		return FALSE;
	report_stage("reading the registry", f);
	if (!veil_registry_begin(f->registry, error) || !veil_known_read(f->log, &f->known, error) || !veil_registry_load(f->registry, f->name, &facts, &features, error) ||
	    !veil_registry_root(f->registry, f->registry_root, error) || (texts = veil_frozen_texts_read(f->registry, f->keys, facts, error)) == NULL)
		return FALSE;
	veil_registry_rollback(f->registry); /* nothing was changed: one view of the data was read */
	input.facts = facts;
	input.features = features;
	report_stage("conflicts of interest", f);
	if (!veil_staff_bar(f->log, f->registry, f->name, f->freeze_id, policy, facts, f->as_of, error))
		return FALSE;
	exclusions = find_conflicts(f, facts, policy, error);
	if (exclusions == NULL ||
	    !veil_waivers_apply(f->log, f->registry, f->row, f->freeze_id, policy, f->key, facts, exclusions, error))
		return FALSE;
	remove_part(f->draw_part);
	remove_part(f->audit_part);
	return write_files(f, &input, exclusions, texts, error);
}

static gboolean
log_result(Freeze *f, GError **error)
{
	g_autoptr(VeilPolicy) policy = veil_policy_parse(f->row->policy, strlen(f->row->policy), "policy", error);
	char batch_root[65], audit_root[65], state_root[65], policy_digest[65], day[12], number[24], known[4][24];
	const guint64 counts[] = {f->known.size, f->known.imports, f->known.suspensions, f->known.merges};
	guint8 digest[32];

	if (policy == NULL)
		return FALSE;
	veil_sha256(policy->canonical, strlen(policy->canonical), digest);
	veil_hex_encode(digest, 32, policy_digest);
	veil_hex_encode(f->batch_root, 32, batch_root);
	veil_hex_encode(f->audit_root, 32, audit_root);
	veil_hex_encode(f->registry_root, 32, state_root);
	veil_day_format(f->as_of, day);
	g_snprintf(number, sizeof number, "%" G_GINT64_FORMAT, f->number);
	for (guint i = 0; i < G_N_ELEMENTS(counts); i++)
		g_snprintf(known[i], sizeof known[i], "%" G_GUINT64_FORMAT, counts[i]);
	return veil_log_append(f->log, "registrar", "batch.freeze", error, "batch", f->name, "freeze-id", f->freeze_id, "freeze", number,
			       "as-of", day, "batch-root", batch_root, "audit-root", audit_root, "registry-root", state_root,
			       "registry-size", known[0], "imports", known[1], "suspensions", known[2], "merges", known[3], "policy-sha256", policy_digest, "engine", "veil " VEIL_VERSION, NULL);
}

/* --- putting them in place --------------------------------------------------------------------------------------------- */

/* Lasting before the registry calls the batch frozen: a run after that does not look here again. */
static gboolean
put_in_place(const Freeze *f, const char *part, const char *path, GError **error)
{
	gboolean done_before = access(path, F_OK) == 0 && access(part, F_OK) != 0;

	if (!done_before && (chmod(part, (mode_t)veil_route_mode(f->step->site)) != 0 || rename(part, path) != 0)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot put a batch file in its place: %s", g_strerror(errno));
		return FALSE;
	}
	remove_part(part);
	return veil_file_sync_folder(path, error);
}

static gboolean
root_is(const VeilFound *record, const char *field, const guint8 root[32])
{
	char hex[65];

	veil_hex_encode(root, 32, hex);
	return g_strcmp0(veil_found_get(record, field), hex) == 0;
}

static gboolean
check_roots(const Freeze *f, const VeilFound *record, GError **error)
{
	g_autoptr(GBytes) audit = veil_audit_unseal(f->audit_path, f->keys, error);
	guint8 batch_root[32], audit_root[32];

	if (audit == NULL || !veil_batch_roots(f->draw_path, 0, batch_root, NULL, error) || !veil_audit_root(audit, audit_root, error))
		return FALSE;
	if (root_is(record, "batch-root", batch_root) && root_is(record, "audit-root", audit_root))
		return TRUE;
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the files of the interrupted freeze are not those the ledger names");
	return FALSE;
}

/* From now on the codes of the freeze that was replaced open with the custodians only, as those of a closed batch do. */
static gboolean
retire_older(Freeze *f, GError **error)
{
	g_autofree char *older = f->number > 1 ? veil_refreeze_replaced(f->log, f->freeze_id, error) : g_strdup("");

	return older != NULL && (*older == '\0' || veil_live_key_destroy(f->step->site, older, error));
}

static gboolean
finish(Freeze *f, GError **error)
{
	g_autoptr(VeilFound) result = NULL;

	if (!veil_log_find(f->log, "batch.freeze", "freeze-id", f->freeze_id, &result, error))
		return FALSE;
	if (result == NULL) {
		if (!log_intent(f, error) || !veil_custody_publish(f->step->site, f->registry, f->keys, f->log, f->freeze_id, error) ||
		    !make_files(f, error) || !log_result(f, error) ||
		    !veil_log_find(f->log, "batch.freeze", "freeze-id", f->freeze_id, &result, error))
			return FALSE;
	}
	return (f->number == 1 || veil_refreeze_keep_older(f->step->site, f->name, f->number, error)) &&
	       put_in_place(f, f->draw_part, f->draw_path, error) && put_in_place(f, f->audit_part, f->audit_path, error) &&
	       put_in_place(f, f->content_part, f->content_path, error) &&
	       check_roots(f, result, error) && retire_older(f, error) && veil_registry_begin(f->registry, error) &&
	       veil_registry_batch_set_frozen(f->registry, f->name, f->freeze_id, error) && veil_registry_commit(f->registry, error);
}

static gboolean
open_all(Freeze *f, GError **error)
{
	const VeilSite *site = f->step->site;

	g_autofree char *draw_name = g_strconcat(f->name, ".veil", NULL), *audit_name = g_strconcat(f->name, ".audit", NULL);
	g_autofree char *content_name = g_strconcat(f->name, ".content", NULL);

	f->draw_path = veil_route_path(site, VEIL_ROUTE_BATCH, draw_name);
	f->audit_path = veil_route_path(site, VEIL_ROUTE_AUDIT, audit_name);
	f->content_path = veil_route_path(site, VEIL_ROUTE_CONTENT, content_name);
	f->draw_part = g_strconcat(f->draw_path, ".part", NULL);
	f->audit_part = g_strconcat(f->audit_path, ".part", NULL);
	f->content_part = g_strconcat(f->content_path, ".part", NULL);
	return (f->keys = veil_site_open_keys(site, error)) != NULL &&
	       (f->registry = veil_site_open_registry(site, VEIL_REGISTRY_WRITE, error)) != NULL &&
	       (f->log = veil_log_open(site->dir, f->step->operator_handle, error)) != NULL &&
	       (veil_log_set_now(f->log, f->step->now_unix_s), TRUE) && (f->row = veil_registry_batch_get(f->registry, f->name, error)) != NULL;
}

/* Known before it is too late: what closes without custodians never opens again. Said, not refused: a site may want just that. */
static gboolean
warn_of_no_custodians(const Freeze *f, GError **error)
{
	g_autoptr(VeilCustodians) custodians = NULL;

	if (f->step->site->rehearsal)
		return TRUE;
	custodians = veil_custodians_read(f->registry, error);
	if (custodians != NULL && custodians->list->len == 0)
		g_printerr("veil: warning: there are no custodians: once this batch is closed nobody can ever say who is behind its codes, and a lost live key cannot be made again; "
			   "`veil custodian add` names them for the freezes that follow\n");
	return custodians != NULL;
}

static void
clear(Freeze *f)
{
	veil_keys_free(f->keys);
	veil_registry_free(f->registry);
	veil_log_free(f->log);
	veil_batch_row_free(f->row);
	veil_batch_key_free(f->key);
	g_free(f->freeze_id);
	g_free(f->draw_path);
	g_free(f->audit_path);
	g_free(f->draw_part);
	g_free(f->audit_part);
	g_free(f->content_path);
	g_free(f->content_part);
}

gboolean
veil_step_freeze(const VeilStep *step, const char *name, const VeilFreezeOptions *options, GError **error)
{
	Freeze f = {.step = step, .name = name};
	gboolean done;

	done = veil_site_check_name(name, "batch", error) && open_all(&f, error) && warn_of_no_custodians(&f, error) && begin(&f, options, error) && finish(&f, error);
	clear(&f);
	return done;
}
