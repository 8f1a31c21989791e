/* seed.c - the steps of a seed ceremony.
 *
 * Every step is one record, and whether it may stand is asked inside the ledger's write transaction from the records themselves: two
 * parties at two terminals cannot both be first. Opens the ledger and the party's own secret, nothing else.
 *
 * Why commitments at all, when the beacon comes last: a party in league with whoever makes the beacon would otherwise choose its value after the
 * others'. Why a missing reveal is skipped and not waited for: a party that could stop the draw by silence could try again until it liked the outcome.
 */
#include "ceremony/seed.h"

#include <glib/gstdio.h>
#include <string.h>

#include "site/batch-files.h"
#include "site/found.h"
#include "site/operator.h"
#include "ceremony/seed-private.h"
#include "site/history.h"

#define MAX_PARTIES 16
#define MAX_DAYS_AHEAD 366

static gboolean
refuse(GError **error, const char *text)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, text);
	return FALSE;
}

static gboolean
misuse(GError **error, const char *text)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, text);
	return FALSE;
}

void
veil_seed__clear(Move *move)
{
	veil_log_free(move->log);
	g_free(move->freeze_id);
}

/* The batch's latest freeze. It is the ledger that knows it: a party needs no batch file. */
gboolean
veil_seed__begin(Move *move, const VeilStep *step, const char *name, guint draw, GError **error)
{
	g_autoptr(VeilFound) freeze = NULL;
	guint64 drawn = 0;

	if (!veil_site_check_name(name, "batch", error) || (move->log = veil_log_open(step->site->dir, step->operator_handle, error)) == NULL ||
	    !veil_log_find(move->log, "batch.freeze", "batch", name, &freeze, error))
		return FALSE;
	if (freeze == NULL) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "batch %s has no freeze here; a seed is made after `veil batch freeze %s`", name,
			    name);
		return FALSE;
	}
	move->step = step;
	move->batch = name;
	move->handle = veil_log_actor(move->log);
	move->freeze_id = g_strdup(veil_found_get(freeze, "freeze-id"));
	if (draw == 0 && !veil_ledger_count(veil_log_ledger(move->log), "batch.draw", "freeze-id", move->freeze_id, &drawn, error))
		return FALSE;
	move->draw = draw != 0 ? draw : (guint)drawn + 1;
	g_snprintf(move->number, sizeof move->number, "%u", move->draw);
	veil_log_set_now(move->log, step->now_unix_s);
	veil_log_now(move->log, move->now);
	return TRUE;
}

/* One record of this ceremony with two fields of its own. */
static gboolean
put(Move *move, const char *role, const char *act, const char *const *own, VeilLogCheck check, GError **error)
{
	g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(VeilField));
	VeilField common[] = {{"batch", move->batch}, {"freeze-id", move->freeze_id}, {"draw", move->number}};

	g_array_append_vals(fields, common, G_N_ELEMENTS(common));
	for (; own[0] != NULL; own += 2) {
		VeilField field = {own[0], own[1]};
		g_array_append_val(fields, field);
	}
	return veil_log_append_if(move->log, role, act, fields, check, move, NULL, error);
}

static VeilCeremony *
look(Move *move, VeilLedger *ledger, GError **error)
{
	return veil_ceremony_read(ledger, move->freeze_id, move->draw, error);
}

/* --- plan ---------------------------------------------------------------------------------------------------------------- */

static gboolean
may_plan(VeilLedger *ledger, gpointer data, GError **error)
{
	g_autoptr(VeilCeremony) c = look(data, ledger, error);

	if (c == NULL)
		return FALSE;
	if (c->planned)
		return refuse(error, "this draw's ceremony is planned already; `veil batch seed NAME status` shows it");
	if (c->draw_begun)
		return refuse(error, "this draw was begun without a ceremony; one draw a freeze");
	return TRUE;
}

static gboolean
check_parties(Move *move, char **handles, GError **error)
{
	guint n = g_strv_length(handles), least = move->step->site->rehearsal ? 1 : 2;
	g_autoptr(VeilOperators) operators = NULL;

	if (n < least || n > MAX_PARTIES) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "a ceremony has %u to %u parties", least, MAX_PARTIES);
		return FALSE;
	}
	operators = veil_operators_read(veil_log_ledger(move->log), error);
	if (operators == NULL)
		return FALSE;
	for (guint i = 0; i < n; i++) {
		if (!veil_operator_check_handle(handles[i], error))
			return FALSE;
		for (guint k = 0; k < i; k++)
			if (strcmp(handles[i], handles[k]) == 0)
				return refuse(error, "a party is named twice");
		/* A rehearsal's operators come into being when they first act. */
		if (!operators->rehearsal && veil_operators_find(operators, handles[i]) == NULL) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "party %u is no operator of this site; `veil operator list` shows them", i + 1);
			return FALSE;
		}
	}
	return TRUE;
}

/* "a; b,c" as "a;b;c". */
static char *
party_list(const char *typed)
{
	g_auto(GStrv) words = g_strsplit_set(typed, ";,", -1);

	for (char **word = words; *word != NULL; word++)
		g_strstrip(*word);
	return g_strjoinv(";", words);
}

static gboolean
check_minute(const char *text, const char *option, GError **error)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autofree char *whole = strlen(text) == VEIL_MINUTE_BYTES - 1 ? g_strdup_printf("%.16s:00Z", text) : NULL;
	g_autoptr(GDateTime) when = whole != NULL && text[VEIL_MINUTE_BYTES - 2] == 'Z' ? g_date_time_new_from_iso8601(whole, utc) : NULL;
	g_autofree char *again = when != NULL ? g_date_time_format(when, "%Y-%m-%dT%H:%MZ") : NULL;

	if (again != NULL && strcmp(again, text) == 0)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_USAGE, "%s takes a minute in UTC, such as 2026-03-02T12:00Z", option);
	return FALSE;
}

/* Half-way to the beacon, at least a minute from now. */
static char *
half_way(const Move *move, const char *beacon_time)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autofree char *whole = g_strdup_printf("%.16s:00Z", beacon_time);
	g_autoptr(GDateTime) when = g_date_time_new_from_iso8601(whole, utc);
	gint64 minutes = (g_date_time_to_unix(when) - move->step->now_unix_s) / 60;
	char *text = g_malloc(VEIL_MINUTE_BYTES);

	veil_log_later(move->log, MAX(1, minutes / 2), text);
	return text;
}

static gboolean
check_times(const Move *move, const char *commit_until, const char *beacon_time, GError **error)
{
	char latest[VEIL_MINUTE_BYTES];

	veil_log_later(move->log, (gint64)MAX_DAYS_AHEAD * 24 * 60, latest);
	if (strcmp(beacon_time, move->now) <= 0)
		return refuse(error, "the beacon's time is not in the future: a number that is known already could have been chosen for");
	if (strcmp(beacon_time, latest) > 0)
		return refuse(error, "the beacon's time is more than a year away");
	if (strcmp(commit_until, move->now) <= 0 || strcmp(commit_until, beacon_time) > 0)
		return refuse(error, "--commit-until lies after now and not after the beacon's time");
	return TRUE;
}

gboolean
veil_seed_plan(const VeilStep *step, const char *name, guint draw_n, const VeilSeedPlan *plan, GError **error)
{
	g_auto(Move) move = {0};
	g_autofree char *parties = NULL, *beacon = NULL, *until = NULL;

	if (plan->parties == NULL || plan->beacon == NULL || plan->beacon_time == NULL)
		return misuse(error, "a plan names --parties, --beacon and --beacon-time");
	if (!veil_seed__begin(&move, step, name, draw_n, error) || !veil_history_check_unsettled(move.log, move.freeze_id, error) || !check_minute(plan->beacon_time, "--beacon-time", error) ||
	    (plan->commit_until != NULL && !check_minute(plan->commit_until, "--commit-until", error)))
		return FALSE;
	beacon = veil_seed_beacon_text(plan->beacon);
	if (beacon == NULL)
		return misuse(error, "--beacon says in up to 200 bytes which public number it will be, e.g. \"welfare lottery 3D, draw 2026060\"");
	parties = party_list(plan->parties);
	g_auto(GStrv) handles = g_strsplit(parties, ";", -1);
	until = plan->commit_until != NULL ? g_strdup(plan->commit_until) : half_way(&move, plan->beacon_time);
	if (!check_parties(&move, handles, error) || !check_times(&move, until, plan->beacon_time, error))
		return FALSE;
	const char *own[] = {"parties", parties, "beacon", beacon, "beacon-time", plan->beacon_time, "commit-until", until, NULL};
	return put(&move, "drawer", "batch.seed.plan", own, may_plan, error);
}

/* --- a party's secret ---------------------------------------------------------------------------------------------------- */

char *
veil_seed_default_path(const VeilStep *step, const char *name, guint draw_n, GError **error)
{
	g_auto(Move) move = {0};

	if (!veil_seed__begin(&move, step, name, draw_n, error))
		return NULL;
	return g_strdup_printf("veil-%s-%.8s-%s-%s.secret", name, move.freeze_id, move.number, move.handle);
}

static gboolean
read_secret(const char *path, guint8 secret[VEIL_SEED_BYTES], GError **error)
{
	g_autofree char *name = g_path_get_basename(path), *text = NULL;
	GStatBuf info;
	gsize len = 0;

	if (g_stat(path, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > 200 || !g_file_get_contents(path, &text, &len, NULL)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: cannot read the secret: a file of 64 hexadecimal digits is needed", name);
		return FALSE;
	}
	g_strchomp(text);
	gboolean good = strlen(text) <= len && veil_hex_decode(text, secret, VEIL_SEED_BYTES);
	explicit_bzero(text, len);
	if (!good)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "%s: damaged or no secret: it holds 64 hexadecimal digits", name);
	return good;
}

/* The party's secret; a new one is on disk before it is committed to. */
static gboolean
take_secret(const char *path, guint8 secret[VEIL_SEED_BYTES], GError **error)
{
	char hex[2 * VEIL_SEED_BYTES + 2];

	if (g_file_test(path, G_FILE_TEST_EXISTS))
		return read_secret(path, secret, error);
	veil_random_system(secret, VEIL_SEED_BYTES, NULL);
	veil_hex_encode(secret, VEIL_SEED_BYTES, hex);
	hex[(gsize)2 * VEIL_SEED_BYTES] = '\n';
	gboolean ok = veil_file_put_new(path, hex, sizeof hex - 1, 0600, error);
	explicit_bzero(hex, sizeof hex);
	return ok;
}

static void
commitment_of(const Move *move, const guint8 secret[VEIL_SEED_BYTES], char out[65])
{
	guint8 digest[32];

	veil_seed_commitment(move->batch, move->freeze_id, move->handle, secret, digest);
	veil_hex_encode(digest, sizeof digest, out);
}

/* --- commit -------------------------------------------------------------------------------------------------------------- */

static const char *
commit_fault(const VeilCeremony *c, const Move *move)
{
	const VeilParty *party = veil_ceremony_party(c, move->handle);

	if (!c->planned)
		return "this draw has no plan yet: `veil batch seed NAME plan`";
	if (party == NULL)
		return "this operator is no party of the ceremony";
	if (party->commitment != NULL)
		return "this party has committed already";
	if (c->seed != NULL || strcmp(move->now, c->commit_until) >= 0)
		return "the time for commitments is over";
	if (veil_ceremony_n_revealed(c) > 0)
		return "a party has revealed already: no commitment comes after that";
	if (move->offered != NULL && g_hash_table_contains(c->commitments, move->offered))
		return "this commitment stands in the ledger already: a secret serves once; draw a new one";
	return NULL;
}

static gboolean
may_commit(VeilLedger *ledger, gpointer data, GError **error)
{
	g_autoptr(VeilCeremony) c = look(data, ledger, error);
	const char *fault = c != NULL ? commit_fault(c, data) : NULL;

	return c != NULL && (fault == NULL || refuse(error, fault));
}

gboolean
veil_seed_commit(const VeilStep *step, const char *name, guint draw_n, const char *path, GError **error)
{
	g_auto(Move) move = {0};
	guint8 secret[VEIL_SEED_BYTES];
	char commitment[65];

	/* Asked before a secret is made as well, so that a refusal leaves no file. */
	if (!veil_seed__begin(&move, step, name, draw_n, error) || !may_commit(veil_log_ledger(move.log), &move, error) || !take_secret(path, secret, error))
		return FALSE;
	commitment_of(&move, secret, commitment);
	explicit_bzero(secret, sizeof secret);
	move.offered = commitment;
	const char *own[] = {"party", move.handle, "commitment", commitment, NULL};
	return put(&move, "anyone", "batch.seed.commit", own, may_commit, error);
}

/* --- reveal -------------------------------------------------------------------------------------------------------------- */

static const char *
reveal_fault(const VeilCeremony *c, const Move *move)
{
	const VeilParty *party = veil_ceremony_party(c, move->handle);

	if (!c->planned)
		return "this draw has no plan yet: `veil batch seed NAME plan`";
	if (party == NULL)
		return "this operator is no party of the ceremony";
	if (party->commitment == NULL)
		return "this party has not committed: what was not committed to is not revealed";
	if (party->value != NULL)
		return "this party has revealed already";
	if (c->seed != NULL || strcmp(move->now, c->beacon_time) >= 0)
		return "the beacon's time has come: what is revealed now could have been chosen for it, and is not taken";
	if (veil_ceremony_n_committed(c) < c->parties->len && strcmp(move->now, c->commit_until) < 0)
		return "a party has not committed yet: reveal when all have, or when the time for commitments is over";
	return NULL;
}

static gboolean
may_reveal(VeilLedger *ledger, gpointer data, GError **error)
{
	g_autoptr(VeilCeremony) c = look(data, ledger, error);
	const char *fault = c != NULL ? reveal_fault(c, data) : NULL;

	return c != NULL && (fault == NULL || refuse(error, fault));
}

gboolean
veil_seed_reveal(const VeilStep *step, const char *name, guint draw_n, const char *path, GError **error)
{
	g_auto(Move) move = {0};
	g_autoptr(VeilCeremony) c = NULL;
	guint8 secret[VEIL_SEED_BYTES];
	char commitment[65], value[65];

	if (!veil_seed__begin(&move, step, name, draw_n, error) || !may_reveal(veil_log_ledger(move.log), &move, error) || !read_secret(path, secret, error) ||
	    (c = look(&move, veil_log_ledger(move.log), error)) == NULL)
		return FALSE;
	commitment_of(&move, secret, commitment);
	veil_hex_encode(secret, sizeof secret, value);
	explicit_bzero(secret, sizeof secret);
	if (strcmp(veil_ceremony_party(c, move.handle)->commitment, commitment) != 0) {
		const char *why = "what was offered does not fit the party's commitment";
		const char *own[] = {"party", move.handle, "offered", commitment, "why", why, NULL};
		return put(&move, "anyone", "batch.seed.refused", own, NULL, error) &&
		       refuse(error, "this is not the secret that was committed to; the try is in the ledger");
	}
	const char *own[] = {"party", move.handle, "value", value, NULL};
	return put(&move, "anyone", "batch.seed.reveal", own, may_reveal, error);
}

/* --- beacon -------------------------------------------------------------------------------------------------------------- */

static const char *
beacon_fault(const VeilCeremony *c, const Move *move)
{
	if (!c->planned)
		return "this draw has no plan yet: `veil batch seed NAME plan`";
	if (c->seed != NULL)
		return "the seed of this draw is made already";
	if (strcmp(move->now, c->beacon_time) < 0)
		return "the beacon's time has not come: a number known before would be no beacon";
	if (c->agreed != NULL)
		return NULL;
	for (guint i = c->entries->len; i > 0; i--) {
		const VeilBeaconEntry *entry = c->entries->pdata[i - 1];
		if (strcmp(entry->actor, move->handle) != 0)
			continue;
		if (strcmp(entry->value, move->offered) == 0)
			return "this operator has entered this value already: another one has to enter it too";
		break;
	}
	return NULL;
}

static gboolean
may_enter(VeilLedger *ledger, gpointer data, GError **error)
{
	g_autoptr(VeilCeremony) c = look(data, ledger, error);
	const char *fault = c != NULL ? beacon_fault(c, data) : NULL;

	if (c != NULL && fault == NULL && c->agreed != NULL)
		fault = "two operators have agreed on the beacon already";
	return c != NULL && (fault == NULL || refuse(error, fault));
}

/* A seed once, and only from what stands at that moment. */
static gboolean
may_seal(VeilLedger *ledger, gpointer data, GError **error)
{
	g_autoptr(VeilCeremony) c = look(data, ledger, error);

	if (c == NULL)
		return FALSE;
	if (c->seed != NULL)
		return refuse(error, "the seed of this draw is made already");
	return c->agreed != NULL || refuse(error, "two operators have not agreed on the beacon yet");
}

static gboolean
log_missing(Move *move, const VeilCeremony *c, GError **error)
{
	for (guint i = 0; i < c->parties->len; i++) {
		const VeilParty *party = c->parties->pdata[i];
		const char *own[] = {"party", party->handle, NULL};
		if (party->value == NULL && !party->missing && !put(move, "anyone", "batch.seed.missing", own, NULL, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
seal(Move *move, GError **error)
{
	g_autoptr(VeilCeremony) c = look(move, veil_log_ledger(move->log), error);
	g_autofree char *revealed = NULL;
	char seed[65];

	if (c == NULL)
		return FALSE;
	veil_ceremony_derive(c, seed, &revealed);
	const char *own[] = {"seed", seed, "revealed", revealed, NULL};
	return put(move, "anyone", "batch.seed", own, may_seal, error);
}

static gboolean
differs(const VeilCeremony *c, const Move *move)
{
	gboolean other = FALSE;

	for (guint i = 0; i < c->entries->len; i++)
		other |= strcmp(((const VeilBeaconEntry *)c->entries->pdata[i])->actor, move->handle) != 0;
	return other;
}

gboolean
veil_seed_beacon(const VeilStep *step, const char *name, guint draw_n, const char *value, gboolean *out_ready, GError **error)
{
	g_auto(Move) move = {0};
	g_autofree char *text = veil_seed_beacon_text(value);
	g_autoptr(VeilCeremony) c = NULL;
	const char *fault;

	if (text == NULL)
		return misuse(error, "a beacon is the public value as it was published: up to 200 bytes of text without control characters");
	if (!veil_seed__begin(&move, step, name, draw_n, error))
		return FALSE;
	move.offered = text;
	if ((c = look(&move, veil_log_ledger(move.log), error)) == NULL)
		return FALSE;
	if ((fault = beacon_fault(c, &move)) != NULL)
		return refuse(error, fault);
	if (!log_missing(&move, c, error))
		return FALSE;
	/* Agreed but without a seed: the run that would have made it was interrupted. */
	if (c->agreed == NULL) {
		const char *own[] = {"value", text, NULL};
		if (!put(&move, "anyone", "batch.seed.beacon", own, may_enter, error))
			return FALSE;
		g_clear_pointer(&c, veil_ceremony_free);
		if ((c = look(&move, veil_log_ledger(move.log), error)) == NULL)
			return FALSE;
	}
	*out_ready = c->agreed != NULL;
	if (c->agreed != NULL)
		return seal(&move, error);
	return !differs(c, &move) || refuse(error, "another operator has entered another value; both stand in the ledger: compare with what was published, and who "
						   "erred enters again");
}
