/* minutes.c - the record of a draw, from the batch file and the ledger alone: the drawer prints it, so it must not need more.
 *
 * Counts of exclusions come from the batch file, where the freeze wrote them over the whole batch with those under five suppressed.
 */
#include <stdio.h>
#include <string.h>

#include <json-glib/json-glib.h>

#include <veil/report.h>

#include "ceremony/approve.h"
#include "site/batch-files.h"
#include "site/committed.h"
#include "site/batch.h"
#include "ceremony/ceremony.h"
#include "solve/draw-places.h"
#include "site/found.h"
#include "site/history.h"
#include "solve/instance.h"
#include "freeze/minima.h"
#include "draw/minutes-journal.h"
#include "draw/show.h"
#include "solve/solve.h"

typedef struct {
	GArray *lines;	   /* VeilLine */
	GArray *counts;	   /* VeilCount */
	GPtrArray *owned;  /* char* */
} Bag;

static Bag
bag_new(void)
{
	return (Bag){g_array_new(FALSE, FALSE, sizeof(VeilLine)), g_array_new(FALSE, FALSE, sizeof(VeilCount)),
		     g_ptr_array_new_with_free_func(g_free)};
}

static void
bag_clear(Bag *bag)
{
	g_array_unref(bag->lines);
	g_array_unref(bag->counts);
	g_ptr_array_unref(bag->owned);
}

/* Takes value. */
static void
add_line(Bag *bag, const char *label, char *value)
{
	VeilLine line = {label, value};

	g_ptr_array_add(bag->owned, value);
	g_array_append_val(bag->lines, line);
}

/* Takes label. */
static void
add_count(Bag *bag, char *label, guint64 count)
{
	VeilCount row = {label, count};

	g_ptr_array_add(bag->owned, label);
	g_array_append_val(bag->counts, row);
}

static char *
micro_text(gint64 micro)
{
	char text[32];

	veil_micro_format(micro, text);
	return g_strdup(text);
}

static gboolean
add_ledger_facts(Bag *bag, VeilLog *log, const char *freeze_id, GError **error)
{
	g_autoptr(VeilFound) freeze = NULL, draw = NULL;

	if (!veil_log_find(log, "batch.freeze", "freeze-id", freeze_id, &freeze, error) ||
	    !veil_log_find(log, "batch.draw", "freeze-id", freeze_id, &draw, error))
		return FALSE;
	if (freeze != NULL) {
		add_line(bag, "Frozen (ledger record)", g_strdup_printf("%s, no. %" G_GUINT64_FORMAT ", operator %s", freeze->record.time,
									 freeze->record.seq, freeze->record.actor));
		add_line(bag, "Root of the batch file", g_strdup(veil_found_get(freeze, "batch-root")));
		add_line(bag, "Root of the audit file", g_strdup(veil_found_get(freeze, "audit-root")));
		add_line(bag, "Root of the registry", g_strdup(veil_found_get(freeze, "registry-root")));
		add_line(bag, "Policy (SHA-256)", g_strdup(veil_found_get(freeze, "policy-sha256")));
	}
	if (draw != NULL) {
		add_line(bag, "Drawn (ledger record)", g_strdup_printf("%s, no. %" G_GUINT64_FORMAT ", operator %s", draw->record.time,
									draw->record.seq, draw->record.actor));
		add_line(bag, "Root of the draw", g_strdup(veil_found_get(draw, "draw-root")));
	}
	return TRUE;
}

/* A waiver serves one freeze; the record that used it says which. */
static gboolean
is_used_by(VeilLog *log, const char *request, const char *freeze_id)
{
	g_autoptr(VeilFound) used = NULL;

	return veil_log_find(log, "batch.waiver", "request", request, &used, NULL) && used != NULL && strcmp(veil_found_get(used, "freeze-id"), freeze_id) == 0;
}

/* How often this batch was frozen and drawn before: whoever tries until he likes the outcome is seen here. And the small fields that were let pass. */
static gboolean
add_history(Bag *bag, VeilLog *log, const char *batch, const char *freeze_id, GError **error)
{
	g_autoptr(VeilFound) intent = NULL;
	g_autoptr(GPtrArray) requests = NULL;
	VeilHistory history;

	if (!veil_log_find(log, "batch.freeze.intent", "freeze-id", freeze_id, &intent, error) ||
	    !veil_history_read(veil_log_ledger(log), batch, &history, error))
		return FALSE;
	if (history.freezes > 1)
		add_line(bag, "Freezes of this batch", g_strdup_printf("%" G_GUINT64_FORMAT "; the earlier ones were drawn %" G_GUINT64_FORMAT " times",
									history.freezes, history.earlier_draws));
	veil_history_clear(&history);
	if (intent != NULL && *veil_found_get(intent, "reason") != '\0')
		add_line(bag, "Reason of this freeze", g_strdup_printf("%s (request %s)", veil_found_get(intent, "reason"), veil_found_get(intent, "request")));
	if ((requests = veil_approval_list(log, error)) == NULL)
		return FALSE;
	for (guint i = requests->len; i > 0; i--) {
		const VeilApproval *a = requests->pdata[i - 1];
		g_autofree char *by = g_strjoinv(", ", a->approvers);

		if (strcmp(a->purpose, "waiver") == 0 && is_used_by(log, a->id, freeze_id))
			add_line(bag, "Waiver", g_strdup_printf("%s: %s (request %s by %s, approved by %s)", veil_approval_get(a, "rule"), veil_approval_get(a, "reason"),
								a->id, a->requester, by));
		if (strcmp(a->purpose, "exception") == 0 && a->state == VEIL_APPROVAL_GIVEN && strcmp(veil_approval_get(a, "freeze-id"), freeze_id) == 0)
			add_line(bag, "Exception for a small field",
				 g_strdup_printf("project %s: %s (request %s by %s, approved by %s)", veil_approval_get(a, "project"),
						 veil_approval_get(a, "reason"), a->id, a->requester, by));
	}
	return TRUE;
}

static gboolean
add_ledger_head(Bag *bag, VeilLog *log, GError **error)
{
	guint8 root[32];
	guint64 size;
	char hex[65];

	if (!veil_ledger_size(veil_log_ledger(log), &size, root, error))
		return FALSE;
	veil_hex_encode(root, 32, hex);
	add_line(bag, "Ledger", g_strdup_printf("%s, %" G_GUINT64_FORMAT " records, root %s", veil_ledger_origin(veil_log_ledger(log)),
						 size, hex));
	return TRUE;
}

/* What a method promises, in one line. */
static const char *
method_words(const VeilBatchDraw *draw)
{
	const char *method = draw->method;

	if (strcmp(method, "draw") == 0 && draw->n_lottery > 0)
		return "draw: random selection by lottery, because panel rules cross, or there are teams or shares: one of several legal assignments by weight; no pair likelier "
		       "than the cap; equal odds for the equally fit were aimed at, not promised";
	if (strcmp(method, "draw") == 0)
		return "draw: random selection; no pair likelier than the cap, equal odds for the equally fit, one assignment sampled from exactly those odds";
	if (strcmp(method, "fair") == 0)
		return "fair: the worst-served project first, then the best total fit that the rules allow";
	return "total: the best total fit that the rules allow";
}

static const char *
seed_words(const char *source)
{
	if (strcmp(source, "ceremony") == 0)
		return "in a ceremony: commitments and reveals of several parties, a public number last; the ledger has every step";
	if (strcmp(source, "given") == 0)
		return "given on the command line (a rehearsal)";
	return "the system's randomness, logged before the assignment was computed (a rehearsal)";
}

/* Who took part in a draw's ceremony and what the beacon was. */
static gboolean
add_ceremony(Bag *bag, VeilLog *log, const char *freeze_id, const VeilBatchDraw *draw, GError **error)
{
	g_autoptr(VeilCeremony) ceremony = NULL;
	g_autoptr(GString) parties = g_string_new(NULL);

	if (strcmp(draw->seed_source, "ceremony") != 0)
		return TRUE;
	ceremony = veil_ceremony_read(veil_log_ledger(log), freeze_id, draw->n, error);
	if (ceremony == NULL)
		return FALSE;
	for (guint i = 0; i < ceremony->parties->len; i++) {
		const VeilParty *party = ceremony->parties->pdata[i];

		g_string_append_printf(parties, "%s%s (%s)", i ? "; " : "", party->handle,
				       party->value ? "committed and revealed" : party->commitment ? "committed, did not reveal" : "did not commit");
	}
	add_line(bag, "Parties of the seed", g_strdup(parties->str));
	add_line(bag, "Public beacon",
		 g_strdup_printf("%s, %s: %s", ceremony->beacon ? ceremony->beacon : "-", ceremony->beacon_time ? ceremony->beacon_time : "-",
				 ceremony->agreed ? ceremony->agreed : "-"));
	return TRUE;
}

/* Equity of loads: what the certificate says of the cap. */
static void
add_load_cap(Bag *bag, const VeilBatchDraw *draw)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	JsonObject *object, *cap;
	gint64 value, bound;

	if (draw->certificate == NULL || !json_parser_load_from_data(parser, draw->certificate, -1, NULL) || !JSON_NODE_HOLDS_OBJECT(json_parser_get_root(parser)))
		return;
	object = json_node_get_object(json_parser_get_root(parser));
	if (!json_object_has_member(object, "load_cap"))
		return;
	cap = json_object_get_object_member(object, "load_cap");
	value = json_object_get_int_member(cap, "value");
	bound = json_object_get_int_member(cap, "bound");
	add_line(bag, "Cap on loads (panel places)",
		 value == bound ? g_strdup_printf("%" G_GINT64_FORMAT ", the smallest that leaves the worst-served project as much", value) :
				  g_strdup_printf("%" G_GINT64_FORMAT "; none below %" G_GINT64_FORMAT " leaves the worst-served project as much", value, bound));
}

static void
add_result(Bag *bag, const VeilBatch *batch, const VeilPolicy *policy)
{
	const VeilBatchDraw *draw = &batch->draws[0];
	gboolean by_odds = strcmp(draw->method, "draw") == 0;
	char bound[32];
	guint32 highest = 0;

	add_line(bag, by_odds ? "Expected total fit" : "Total fit", micro_text(draw->objective));
	veil_micro_format(draw->bound, bound);
	add_line(bag, by_odds ? "Upper bound under the odds cap" : "Upper bound over all allowed pairs",
		 g_strconcat(bound, !by_odds && draw->bound == draw->objective ? " (no assignment is better)" : "", NULL));
	add_load_cap(bag, draw);
	if (!by_odds)
		return;
	for (guint64 k = 0; draw->odds_offset != NULL && k < draw->odds_offset[batch->n_projects]; k++)
		highest = MAX(highest, draw->odds[k]);
	if (draw->n_lottery > 0)
		add_line(bag, "Assignments in the lottery", g_strdup_printf("%u", draw->n_lottery));
	add_line(bag, "Odds cap of the policy", micro_text(policy->odds_micro));
	add_line(bag, "Highest odds of a pair", g_strdup_printf("%.4f (panel and reserves together)", highest / (double)VEIL_ODDS_WHOLE));
}

static void
add_reserves(Bag *bag, const VeilBatch *batch, const VeilPolicy *policy)
{
	guint64 drawn, missing;
	guint32 projects;

	veil_minutes_reserves(batch, (guint32)policy->reserves, &drawn, &missing, &projects);
	if (policy->reserves == 0)
		return;
	add_line(bag, "Reserves",
		 missing == 0 ? g_strdup_printf("%" G_GUINT64_FORMAT " places, sealed until a vacancy is logged", drawn) :
				g_strdup_printf("%" G_GUINT64_FORMAT " places, sealed until a vacancy is logged; the pool left %" G_GUINT64_FORMAT
						" places of %u projects empty",
						drawn, missing, projects));
}

static void
add_replacements(Bag *bag, const VeilBatch *batch)
{
	guint32 left = 0, came = 0;

	for (guint32 e = 0; e < batch->n_events; e++) {
		left += *batch->events[e].project != '\0' && *batch->events[e].reviewer != '\0';
		came += *batch->events[e].promoted != '\0';
	}
	if (batch->n_events > 0)
		add_line(bag, "Replacements", g_strdup_printf("%u events: %u places vacated, %u reserves came in; listed in the annex", batch->n_events, left, came));
}

static gboolean
add_later_draws(Bag *bag, const VeilBatch *batch, VeilLog *log, GError **error)
{
	for (guint32 d = 1; d < batch->n_draws; d++) {
		const VeilBatchDraw *draw = &batch->draws[d];
		g_autofree char *reason = veil_draw_request_reason(draw->request);
		guint places = 0;

		for (guint64 i = 0; i < batch->n_places; i++)
			places += batch->places[i].draw == draw->n && batch->places[i].role == VEIL_ROLE_PANEL;
		add_line(bag, strcmp(draw->kind, "top-up") == 0 ? "Top-up draw" : "Further round",
			 g_strdup_printf("draw %u, %s, %u places; reason: %s; seed %s, %s", draw->n, draw->time, places, reason, draw->seed,
					 seed_words(draw->seed_source)));
		if (!add_ceremony(bag, log, veil_batch_get(batch, "freeze_id"), draw, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
add_facts(Bag *bag, const VeilBatch *batch, const VeilPolicy *policy, VeilLog *log, GError **error)
{
	const char *freeze_id = veil_batch_get(batch, "freeze_id");

	add_line(bag, "Facts as of", g_strdup(veil_batch_get(batch, "as_of")));
	add_line(bag, "Experts in the pool (rounded down)", g_strdup(veil_batch_get(batch, "experts")));
	add_line(bag, "Freeze", g_strdup_printf("no. %s of this batch, id %s", veil_batch_get(batch, "freeze"), freeze_id));
	add_line(bag, "Draws of this freeze", g_strdup_printf("%u", batch->n_draws));
	if (batch->n_draws > 0) {
		add_line(bag, "Method", g_strdup(method_words(&batch->draws[0])));
		add_line(bag, "Seed", g_strdup(batch->draws[0].seed));
		add_line(bag, "How the seed was made", g_strdup(seed_words(batch->draws[0].seed_source)));
		if (!add_ceremony(bag, log, freeze_id, &batch->draws[0], error))
			return FALSE;
		add_result(bag, batch, policy);
		add_reserves(bag, batch, policy);
		add_replacements(bag, batch);
		if (!add_later_draws(bag, batch, log, error))
			return FALSE;
	}
	if (!add_history(bag, log, veil_batch_get(batch, "batch"), freeze_id, error) || !add_ledger_facts(bag, log, freeze_id, error) ||
	    !add_ledger_head(bag, log, error))
		return FALSE;
	add_line(bag, "Program", g_strdup(veil_batch_get(batch, "engine")));
	return TRUE;
}

/* "of kind finance: at least 1; of the class key". */
static char *
panel_words(const VeilPanelRule *rule)
{
	GString *text = g_string_new(NULL);
	const char *value = rule->value;

	if (veil_peer_mark(rule) != 0)
		g_string_append_printf(text, "experts of the project's own %s:", strcmp(value, "leaf") == 0 ? "discipline" : "field");
	else if (*value == '\0')
		g_string_append_printf(text, "reviewers of one %s:", rule->attribute);
	else
		g_string_append_printf(text, "reviewers with %s %s%s:", rule->attribute, *value == '!' ? "other than " : "", *value == '!' ? value + 1 : value);
	if (rule->min >= 0)
		g_string_append_printf(text, " at least %d", rule->min);
	if (rule->min_share_micro >= 0)
		g_string_append_printf(text, " at least %.4g of the panel", (double)rule->min_share_micro / 1e6);
	if (rule->max >= 0)
		g_string_append_printf(text, " at most %d", rule->max);
	if (rule->max_share_micro >= 0)
		g_string_append_printf(text, " at most %.4g of the panel", (double)rule->max_share_micro / 1e6);
	if (rule->odd)
		g_string_append(text, " odd size");
	if (*rule->classes != NULL) {
		g_autofree char *classes = g_strjoinv(", ", rule->classes);

		g_string_append_printf(text, "; projects of class %s", classes);
	}
	return g_string_free(text, FALSE);
}

static void
add_rules(Bag *bag, const VeilBatch *batch, const VeilPolicy *policy)
{
	g_autoptr(GPtrArray) warnings = veil_minima_warnings(batch, policy);
	static const char *const severities[] = {"excludes", "excludes, may be waived by two", "listed only"};

	for (int i = 0; i < VEIL_N_RULES; i++) {
		const VeilRule *rule = &policy->rules[i];
		g_autofree char *window = rule->window_months < 0  ? g_strdup("without limit") :
					  rule->window_months == 0 ? g_strdup("on the day") :
								     g_strdup_printf("%d months", rule->window_months);

		if (rule->enabled)
			add_line(bag, veil_rule_name((VeilRuleId)i),
				 g_strdup_printf("%s; %s; %s", severities[rule->severity], window,
						 rule->citation && *rule->citation ? rule->citation : "-"));
	}
	for (guint i = 0; i < policy->n_panel; i++)
		add_line(bag, policy->panel[i].name, panel_words(&policy->panel[i]));
	for (guint i = 0; i < warnings->len; i++)
		add_line(bag, "Minimum at risk", g_strdup(g_ptr_array_index(warnings, i)));
}

/* The freeze wrote {"C01": 9340, "C12": "<5"}; a suppressed count is passed on as 1, which prints as "<5". */
static void
add_exclusions(Bag *bag, const VeilBatch *batch)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	const char *text = veil_batch_get(batch, "exclusions");

	if (text == NULL || strlen(text) > 4096 || !json_parser_load_from_data(parser, text, -1, NULL) || !JSON_NODE_HOLDS_OBJECT(json_parser_get_root(parser)))
		return;
	for (int i = 0; i < VEIL_N_RULES; i++) {
		JsonObject *counts = json_node_get_object(json_parser_get_root(parser));
		const char *name = veil_rule_name((VeilRuleId)i);
		JsonNode *node = json_object_get_member(counts, name);

		if (node != NULL && JSON_NODE_HOLDS_VALUE(node))
			add_count(bag, g_strdup(name), json_node_get_value_type(node) == G_TYPE_INT64 ? (guint64)json_node_get_int(node) : 1);
	}
}

static void
add_loads(Bag *bag, const VeilBatch *batch)
{
	g_autofree guint32 *loads = veil_batch_loads(batch);
	g_autoptr(GArray) count = g_array_new(FALSE, TRUE, sizeof(guint64));

	for (guint32 r = 0; r < batch->n_reviewers; r++) {
		if (loads[r] >= count->len)
			g_array_set_size(count, loads[r] + 1);
		g_array_index(count, guint64, loads[r])++;
	}
	for (guint i = 0; i < count->len; i++)
		add_count(bag, g_strdup_printf("%u", i), g_array_index(count, guint64, i));
}

enum { BANDS = 10 };

static void
add_fit(Bag *bag, const VeilBatch *batch)
{
	guint64 count[BANDS] = {0};

	for (guint64 i = 0; i < batch->n_places; i++)
		if (batch->places[i].seat == VEIL_SEAT_SITTING) {
			gint64 score = batch->places[i].score;

			count[CLAMP(score / (1000000 / BANDS), 0, BANDS - 1)]++;
		}
	for (int i = 0; i < BANDS; i++)
		add_count(bag, g_strdup_printf("%.1f-%.1f", i / (double)BANDS, (i + 1) / (double)BANDS), count[i]);
}

/* Only kinds: they are what panels are asked for, and few. */
static void
add_mix(Bag *bag, const VeilBatch *batch)
{
	g_autoptr(GHashTable) count = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GList) keys = NULL;

	for (guint64 i = 0; i < batch->n_places; i++) {
		const char *kind = batch->reviewers[batch->places[i].reviewer].kind;

		if (batch->places[i].seat != VEIL_SEAT_SITTING)
			continue;
		kind = kind ? kind : "not said";
		g_hash_table_replace(count, (gpointer)kind, GUINT_TO_POINTER(GPOINTER_TO_UINT(g_hash_table_lookup(count, kind)) + 1));
	}
	keys = g_list_sort(g_hash_table_get_keys(count), (GCompareFunc)strcmp);
	if (keys == NULL || keys->next == NULL)
		return;
	for (GList *l = keys; l; l = l->next)
		add_count(bag, g_strdup(l->data), GPOINTER_TO_UINT(g_hash_table_lookup(count, l->data)));
}

static GArray *
places(const VeilBatch *batch)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(VeilMinutesPlace));

	for (guint64 i = 0; i < batch->n_places; i++) {
		const VeilBatchPlace *seat = &batch->places[i];
		VeilMinutesPlace place = {batch->projects[seat->project].code, batch->reviewers[seat->reviewer].code, seat->score, "panel"};

		if (seat->seat == VEIL_SEAT_SITTING)
			g_array_append_val(out, place);
	}
	return out;
}

static void
point_counts(const Bag *bag, const VeilCount **out, guint *out_n)
{
	*out = (const VeilCount *)(gpointer)bag->counts->data;
	*out_n = bag->counts->len;
}

static char *
render(const VeilBatch *batch, const VeilPolicy *policy, const Bag *facts)
{
	Bag rules = bag_new(), exclusions = bag_new(), loads = bag_new(), fit = bag_new(), mix = bag_new();
	g_autoptr(GArray) rows = places(batch), events = veil_minutes_events(batch);
	g_autoptr(GArray) odds = veil_minutes_odds(batch, (guint32)(policy->odds_micro / (1000000 / VEIL_ODDS_WHOLE)));
	guint64 missing;
	guint32 projects;
	VeilMinutes m = {
		.batch = veil_batch_get(batch, "batch"),
		.rehearsal = g_strcmp0(veil_batch_get(batch, "rehearsal"), "1") == 0,
		.state = batch->n_draws > 0 ? "drawn" : "frozen, not drawn",
		.n_projects = batch->n_projects,
		.n_reviewers = batch->n_reviewers,
		.policy_text = policy->canonical,
		.facts = (const VeilLine *)(gpointer)facts->lines->data,
		.n_facts = facts->lines->len,
		.places = (const VeilMinutesPlace *)(gpointer)rows->data,
		.n_places = rows->len,
		.events = (const VeilMinutesEvent *)(gpointer)events->data,
		.n_events = events->len,
		.odds = (const VeilCount *)(gpointer)odds->data,
		.n_odds = odds->len,
	};
	char *html;

	veil_minutes_reserves(batch, 0, &m.n_reserves, &missing, &projects);
	add_rules(&rules, batch, policy);
	m.rules = (const VeilLine *)(gpointer)rules.lines->data;
	m.n_rules = rules.lines->len;
	add_exclusions(&exclusions, batch);
	point_counts(&exclusions, &m.exclusions, &m.n_exclusions);
	if (batch->n_draws > 0) {
		add_loads(&loads, batch);
		add_fit(&fit, batch);
		add_mix(&mix, batch);
		point_counts(&loads, &m.loads, &m.n_loads);
		point_counts(&fit, &m.fit, &m.n_fit);
		point_counts(&mix, &m.mix, &m.n_mix);
	}
	html = veil_minutes_html(&m);
	for (guint i = 0; i < odds->len; i++)
		g_free((char *)g_array_index(odds, VeilCount, i).label);
	bag_clear(&rules);
	bag_clear(&exclusions);
	bag_clear(&loads);
	bag_clear(&fit);
	bag_clear(&mix);
	return html;
}

char *
veil_step_minutes(const VeilStep *step, const char *name, GError **error)
{
	g_autofree char *path = veil_batch_find(step->site, VEIL_FOLDER_DRAW, name, "veil", error);
	g_autoptr(VeilBatch) batch = path ? veil_batch_read(path, error) : NULL;
	g_autoptr(VeilPolicy) policy = batch ? veil_batch_policy(batch, error) : NULL;
	g_autoptr(VeilLog) log = policy ? veil_log_open(step->site->dir, step->operator_handle, error) : NULL;
	Bag facts = bag_new();
	char *html = NULL;

	if (log != NULL && veil_batch_check_committed(veil_log_ledger(log), path, batch, batch->n_draws, error) && veil_log_append(log, "drawer", "batch.minutes", error, "batch", name, "freeze-id",
					   veil_batch_get(batch, "freeze_id"), NULL) &&
	    add_facts(&facts, batch, policy, log, error))
		html = render(batch, policy, &facts);
	bag_clear(&facts);
	return html;
}
