/* batch.c - `veil-verify batch`: is this draw the one that the log committed to, and did it obey the rules?
 *
 * The steps are those of docs/design/formats.md 3, in that order.
 */
#include <string.h>

#include "batch/batch.h"

/* --- 2, 3: commitments and policy --------------------------------------------------------------------------------- */

static gboolean
meta_check(const Check *c)
{
	static const char *const same[] = {"batch", "freeze_id", "freeze", "as_of", "policy", "policy_sha256", "engine", "origin"};
	GHashTable *batch = c->batch.meta, *audit = c->audit.meta;
	const char *policy = meta(batch, "policy");
	char digest[65];

	if (strcmp(meta(batch, "format"), c->batch.version == 1 ? "veil-batch/1" : "veil-batch/2") != 0)
		return verdict_reject("batch file: its format is not veil-batch/%d", c->batch.version);
	if (!c->blind && strcmp(meta(audit, "format"), "veil-audit/1") != 0)
		return verdict_reject("audit file: its format is not veil-audit/1");
	for (guint i = 0; i < G_N_ELEMENTS(same); i++) {
		if (meta(batch, same[i])[0] == '\0')
			return verdict_reject("batch file: meta has no %s", same[i]);
		if (!c->blind && strcmp(meta(batch, same[i]), meta(audit, same[i])) != 0)
			return verdict_reject("batch file and audit file differ in %s: they are not of one freeze", same[i]);
	}
	if (!is_hex(meta(batch, "freeze_id"), 32))
		return verdict_reject("batch file: its freeze_id is not 32 hex digits");
	if (strcmp(meta(batch, "rehearsal"), "0") != 0 && strcmp(meta(batch, "rehearsal"), "1") != 0)
		return verdict_reject("batch file: meta does not say whether this is a rehearsal");
	if (strcmp(meta(batch, "origin"), c->ledger.origin ? c->ledger.origin : "") != 0)
		return verdict_reject("batch file: it belongs to another log than this ledger");
	sha256_hex(policy, strlen(policy), digest);
	if (strcmp(digest, meta(batch, "policy_sha256")) != 0)
		return verdict_reject("batch file: the policy has not the digest that stands beside it");
	return TRUE;
}

/* What the registry had been told when it was read: so many records of each sort among the first `registry-size`. */
static gboolean
registry_check(const Check *c, const Record *freeze)
{
	static const char *const counted[][2] = {{"imports", "import"}, {"suspensions", "expert.suspend"}, {"merges", "expert.merge"}};
	const char *said = record_get(freeze, "registry-size");
	guint64 size, n[3] = {0};

	if (!is_hex(record_get(freeze, "registry-root"), 64))
		return verdict_reject("ledger record %" G_GUINT64_FORMAT " (batch.freeze): it has no registry-root", freeze->seq);
	if (said == NULL) {
		verdict_open("Which imports the frozen register rests on: a freeze by an older program does not say it.");
		return TRUE;
	}
	if (!g_ascii_string_to_unsigned(said, 10, 0, freeze->seq, &size, NULL))
		return verdict_reject("ledger record %" G_GUINT64_FORMAT " (batch.freeze): its registry-size is no number of records before it", freeze->seq);
	for (guint k = 0; k < G_N_ELEMENTS(counted); k++) {
		g_autofree char *number = NULL;

		for (guint i = 0; i < c->ledger.records->len; i++) {
			const Record *record = c->ledger.records->pdata[i];

			n[k] += record->seq < size && strcmp(record->act, counted[k][1]) == 0;
		}
		number = g_strdup_printf("%" G_GUINT64_FORMAT, n[k]);
		if (g_strcmp0(record_get(freeze, counted[k][0]), number) != 0)
			return verdict_reject("ledger record %" G_GUINT64_FORMAT " (batch.freeze): it counts other %s than the %s among the first %" G_GUINT64_FORMAT " records", freeze->seq,
					      counted[k][0], number, size);
	}
	verdict_ok("registry", "the register was read after %" G_GUINT64_FORMAT " records, with %" G_GUINT64_FORMAT " imports, %" G_GUINT64_FORMAT " suspensions and %" G_GUINT64_FORMAT
		   " mergers; its root is %.16s...", size, n[0], n[1], n[2], record_get(freeze, "registry-root"));
	return TRUE;
}

static gboolean
freeze_check(const Check *c)
{
	GHashTable *table = c->batch.meta;
	const char *id = meta(table, "freeze_id");
	const Record *freeze = find_record(&c->ledger, "batch.freeze", id, NULL);
	char batch_root[65], audit_root[65];
	guint later = 0;

	if (freeze == NULL)
		return verdict_reject("ledger: it has no batch.freeze with the freeze-id of the batch file");
	hex_of(c->batch.root, 32, batch_root);
	hex_of(c->audit.root, 32, audit_root);
	if (!field_is(freeze, "batch", meta(table, "batch"), "batch file") || !field_is(freeze, "freeze", meta(table, "freeze"), "batch file") ||
	    !field_is(freeze, "as-of", meta(table, "as_of"), "batch file") || !field_is(freeze, "engine", meta(table, "engine"), "batch file") ||
	    !field_is(freeze, "policy-sha256", meta(table, "policy_sha256"), "batch file") ||
	    !field_is(freeze, "batch-root", batch_root, "batch file") || (!c->blind && !field_is(freeze, "audit-root", audit_root, "audit file")))
		return FALSE;
	for (guint i = 0; i < c->ledger.records->len; i++) {
		const Record *record = c->ledger.records->pdata[i];

		later += record->seq > freeze->seq && strcmp(record->act, "batch.freeze") == 0 &&
			 g_strcmp0(record_get(record, "batch"), meta(table, "batch")) == 0;
	}
	verdict_ok("freeze", "batch %s, freeze %s, as of %s: %s of ledger record %" G_GUINT64_FORMAT " (%s)", meta(table, "batch"), meta(table, "freeze"),
		   meta(table, "as_of"), c->blind ? "the batch file is that" : "batch file and audit file are those", freeze->seq, freeze->time);
	if (c->blind)
		verdict_open("There is no audit file: that every conflict of interest was found and excluded, that nobody was excluded without one, who could be drawn, and who counts as a peer, was not checked.");
	if (!registry_check(c, freeze))
		return FALSE;
	if (strcmp(meta(table, "freeze"), "1") != 0)
		verdict_note("this batch was frozen more than once: this is freeze %s", meta(table, "freeze"));
	if (later > 0)
		verdict_note("the ledger has %u later freeze(s) of this batch: this file is not the last word", later);
	if (strcmp(meta(table, "rehearsal"), "1") == 0)
		verdict_note("this is a rehearsal");
	return TRUE;
}

static gboolean
policy_check(Check *c)
{
	const char *text = meta(c->batch.meta, "policy");
	guint enabled = 0;

	if (!policy_parse(text, strlen(text), "batch file", FALSE, &c->policy))
		return FALSE;
	for (int i = 0; i < N_RULES; i++) {
		const Rule *says = &c->policy.rule[i], *has = c->blind ? says : &c->audit.rule[i];

		if (has->severity == NULL && says->severity == NULL)
			continue; /* a file from before there was this rule */
		if (has->severity == NULL)
			return verdict_reject("audit file: table rule lacks %s", rule_names[i]);
		if (says->enabled != has->enabled)
			return verdict_reject("audit file: rule %s is %s, the policy says otherwise", rule_names[i], has->enabled ? "on" : "off");
		if (!has->enabled)
			continue;
		enabled++;
		if (strcmp(says->severity, has->severity) != 0)
			return verdict_reject("audit file: rule %s has another severity than the policy", rule_names[i]);
		if (says->window != has->window || says->max_authors != has->max_authors)
			return verdict_reject("audit file: rule %s has another window or author cap than the policy", rule_names[i]);
		if (g_strcmp0(says->citation ? says->citation : "", has->citation ? has->citation : "") != 0)
			return verdict_reject("audit file: rule %s has another citation than the policy", rule_names[i]);
	}
	verdict_ok("policy", "its digest is the committed one; %u conflict rules on, demand %" G_GINT64_FORMAT ", load at most %" G_GINT64_FORMAT ", %u rules on panels",
		   enabled, c->policy.demand, c->policy.max_load, c->policy.panels->len + c->policy.shares->len);
	return TRUE;
}

/* --- 4: exclusions ------------------------------------------------------------------------------------------------ */

/* Counts in the drawer's file, of every rule that excludes: nothing under five, not even none; the rest rounded down to fives. */
static gboolean
counts_check(const Check *c)
{
	g_autoptr(GString) given = g_string_new(NULL);
	const char *p = meta(c->batch.meta, "exclusions");

	for (; *p; p++) /* {"C01": 12, "C04": "<5"} -> C01:12,C04:<5 */
		if (!strchr(" {}\"", *p))
			g_string_append_c(given, *p);
	for (int i = 0; i < N_RULES; i++) {
		g_autofree char *name = g_strdup_printf("%s:", rule_names[i]);
		const char *at = strstr(given->str, name);
		g_autofree char *wanted = !c->audit.rule[i].enabled || c->audit.rule[i].flag_only ? g_strdup("0") : c->counts[i] < 5 ? g_strdup("<5") : g_strdup_printf("%" G_GUINT64_FORMAT, c->counts[i] / 5 * 5);
		g_autofree char *said = at ? g_strndup(at + strlen(name), strcspn(at + strlen(name), ",")) : g_strdup("0");

		if (strcmp(said, wanted) != 0)
			return verdict_reject("batch file: meta counts exclusions by %s otherwise than the audit file holds them", rule_names[i]);
	}
	return TRUE;
}

static gboolean
exclusions_check(Check *c)
{
	guint64 pairs = 0, flags = 0, facts = c->audit.posts->len + c->audit.authorships->len + c->audit.relations->len + c->audit.bans->len +
					      c->audit.avoids->len + c->audit.project_people->len + c->audit.project_orgs->len +
					      c->audit.project_excludes->len;

	if (!waivers_read(&c->ledger, meta(c->batch.meta, "freeze_id"), &c->policy, &c->audit))
		return FALSE;
	if (!conflicts_verify(&c->audit, c->as_of, c->counts) || !counts_check(c))
		return FALSE;
	for (guint i = 0; i < c->audit.projects->len; i++) {
		pairs += c->audit.exclusions[i] ? c->audit.exclusions[i]->len : 0;
		flags += c->audit.flags[i] ? c->audit.flags[i]->len : 0;
	}
	verdict_ok("exclusions", "%" G_GUINT64_FORMAT " excluded pairs, %" G_GUINT64_FORMAT " flagged, %" G_GUINT64_FORMAT
		   " people excluded everywhere: each follows from the %" G_GUINT64_FORMAT " facts, and every fact that makes one has made it",
		   pairs, flags, c->counts[E04], facts);
	verdict_number("excluded_pairs", (gint64)pairs);
	verdict_number("flagged_pairs", (gint64)flags);
	verdict_number("facts", (gint64)facts);
	return TRUE;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

/* SITE/draw/NAME.veil has SITE/FOLDER/NAME; a copy may lie beside it. */
static char *
look_for(const char *file, const char *folder, const char *name)
{
	g_autofree char *dir = g_path_get_dirname(file);
	char *path = g_build_filename(dir, "..", folder, name, NULL);
	g_autofree char *beside = g_build_filename(dir, name, NULL);

	if (!g_file_test(path, G_FILE_TEST_EXISTS) && g_file_test(beside, G_FILE_TEST_EXISTS)) {
		g_free(path);
		return g_steal_pointer(&beside);
	}
	return path;
}

gboolean
batch_verify(const BatchFiles *files, LedgerOptions *options, const Ledger *given)
{
	const char *file = files->file;
	g_autofree char *base = g_path_get_basename(file), *name = NULL, *audit_path = NULL, *ledger_path = NULL;
	Check c = {.blind = files->without_audit};
	gboolean ok;

	if (g_str_has_suffix(base, ".veil"))
		base[strlen(base) - strlen(".veil")] = '\0';
	name = g_strconcat(base, ".audit", NULL);
	audit_path = files->audit ? g_strdup(files->audit) : look_for(file, "audit", name);
	ledger_path = options->ledger ? g_strdup(options->ledger) : look_for(file, "ledger", "ledger.db");
	options->ledger = ledger_path;
	ok = batch_read(file, &c.batch) && (given ? (c.ledger = *given, TRUE) : ledger_verify(options, &c.ledger)) && (c.blind || audit_read(audit_path, files->audit_key, &c.audit)) &&
	     meta_check(&c) && freeze_check(&c);
	if (ok && !read_day(meta(c.batch.meta, "as_of"), &c.as_of))
		ok = verdict_reject("batch file: its as_of is no date");
	ok = ok && policy_check(&c) && (c.blind || (exclusions_check(&c) && reviewers_check(&c) && lists_check(&c))) && cells_check(&c) && rules_check(&c) &&
	     (c.blind || marks_check(&c)) && draw_check(&c) && journal_check(&c) && (options->procedure == NULL || procedure_check(&c, options->procedure));
	options->ledger = NULL;
	batch_clear(&c.batch);
	audit_clear(&c.audit);
	if (given == NULL)
		ledger_clear(&c.ledger);
	policy_clear(&c.policy);
	g_free(c.person_reviewer);
	return ok;
}
