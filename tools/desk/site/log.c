/* log.c - a command's record: one call, and it is durable and under a signature.
 *
 * The checkpoint follows each record and not the end of a command, so that a command that is killed between two records leaves no
 * tail that could be cut unseen.
 */
#include "site/log.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <time.h>

#include "site/operator.h"
#include "site/staff.h"

struct VeilLog {
	VeilLedger *ledger;
	char *site, *actor;
	const VeilOperatorKey *key; /* NULL until the first record; borrowed */
	VeilOperators *operators;
	gint64 now_unix_s; /* G_MININT64: the system's */
	gboolean lifts;	   /* records stand although the ledger is read-only */
	gboolean grouped;  /* between veil_log_group_begin and _end: the checkpoint follows the last record */
	char *asked;	   /* the batch for which the operator was found not to be barred */
};

VeilLog *
veil_log_open(const char *site, const char *actor, GError **error)
{
	g_autofree char *dir = g_build_filename(site, "ledger", NULL);
	VeilLedger *ledger = veil_ledger_open(dir, error);
	if (ledger == NULL)
		return NULL;
	VeilLog *log = g_new0(VeilLog, 1);
	log->ledger = ledger;
	log->site = g_strdup(site);
	log->actor = g_strdup(actor);
	log->now_unix_s = G_MININT64;
	return log;
}

void
veil_log_free(VeilLog *log)
{
	if (log == NULL)
		return;
	veil_ledger_free(log->ledger);
	veil_operators_free(log->operators);
	g_free(log->asked);
	g_free(log->site);
	g_free(log->actor);
	g_free(log);
}

VeilLedger *
veil_log_ledger(VeilLog *log)
{
	return log->ledger;
}

const char *
veil_log_actor(const VeilLog *log)
{
	return log->actor;
}

void
veil_log_set_now(VeilLog *log, gint64 now_unix_s)
{
	log->now_unix_s = now_unix_s;
}

void
veil_log_lift_read_only(VeilLog *log)
{
	log->lifts = TRUE;
}

void
veil_log_later(const VeilLog *log, gint64 minutes, char out[VEIL_MINUTE_BYTES])
{
	time_t when = (log->now_unix_s == G_MININT64 ? time(NULL) : (time_t)log->now_unix_s) + (time_t)(minutes * 60);
	struct tm tm;
	gmtime_r(&when, &tm);
	strftime(out, VEIL_MINUTE_BYTES, "%Y-%m-%dT%H:%MZ", &tm);
}

void
veil_log_now(const VeilLog *log, char out[VEIL_MINUTE_BYTES])
{
	veil_log_later(log, 0, out);
}

GArray *
veil_log_fields(const char *first_key, va_list pairs)
{
	GArray *fields = g_array_new(FALSE, FALSE, sizeof(VeilField));
	for (const char *key = first_key; key != NULL; key = va_arg(pairs, const char *)) {
		VeilField field = {key, va_arg(pairs, const char *)};
		if (field.value != NULL)
			g_array_append_val(fields, field);
	}
	return fields;
}

static gboolean
sign(const guint8 *text, gsize len, guint8 out_signature[64], gpointer data, GError **error)
{
	(void)error;
	veil_operator_key_sign(data, text, len, out_signature);
	return TRUE;
}

static gboolean
put(VeilLog *log, const VeilLedgerTerms *terms, const char *role, const char *act, const GArray *fields, guint64 *out_seq, GError **error)
{
	VeilLedgerTerms ours = *terms;
	char now[VEIL_MINUTE_BYTES];
	guint8 blind[32];

	ours.lifts_read_only = log->lifts;
	veil_log_now(log, now);
	veil_random_system(blind, sizeof blind, NULL);
	return veil_ledger_append_under(log->ledger, &ours, log->actor, role, act, (const VeilField *)(gconstpointer)fields->data, fields->len, now, blind,
					out_seq, error) &&
	       (log->grouped || veil_ledger_checkpoint_quick(log->ledger, error));
}

gboolean
veil_log_group_begin(VeilLog *log, GError **error)
{
	log->grouped = veil_ledger_group_begin(log->ledger, error);
	return log->grouped;
}

void
veil_log_group_undo(VeilLog *log)
{
	log->grouped = FALSE;
	veil_ledger_group_undo(log->ledger);
}

gboolean
veil_log_group_end(VeilLog *log, GError **error)
{
	log->grouped = FALSE;
	return veil_ledger_group_end(log->ledger, error) && veil_ledger_checkpoint_quick(log->ledger, error);
}

gboolean
veil_log_append_self(VeilLog *log, const VeilOperatorKey *key, const char *role, const char *act, const GArray *fields, VeilLogCheck check,
		     gpointer data, GError **error)
{
	VeilLedgerTerms terms = {.sign = sign, .sign_data = (gpointer)key, .check = check, .check_data = data};

	return put(log, &terms, role, act, fields, NULL, error);
}

/* --- who signs --------------------------------------------------------------------------------------------------------- */

static gboolean
not_there_yet(VeilLedger *ledger, gpointer data, GError **error)
{
	const VeilLog *log = data;
	g_autoptr(VeilOperators) operators = veil_operators_read(ledger, error);

	if (operators == NULL)
		return FALSE;
	for (guint i = 0; i < operators->list->len; i++)
		if (strcmp(((const VeilOperator *)operators->list->pdata[i])->handle, log->actor) == 0) {
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "this operator was revoked; take another handle");
			return FALSE;
		}
	return TRUE;
}

/* A rehearsal's operator adds himself; his key is made first, if it is not there. */
static gboolean
add_self(VeilLog *log, GError **error)
{
	g_autofree char *path = veil_operator_key_file(log->site, log->actor), *dir = g_path_get_dirname(path);
	g_autoptr(VeilOperatorKey) made = NULL;
	guint8 public_key[32];

	if (!veil_operator_check_handle(log->actor, error))
		return FALSE;
	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		if (g_mkdir(dir, 0700) != 0 && errno != EEXIST) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot make the folder of the operators' keys: %s", g_strerror(errno));
			return FALSE;
		}
		if ((made = veil_operator_make_key(path, NULL, error)) == NULL)
			return FALSE;
	}
	const VeilOperatorKey *key = veil_operator_key_of_file(path, error);
	if (key == NULL)
		return FALSE;
	veil_operator_key_public(key, public_key);
	g_autofree char *text = veil_operator_public_format(public_key), *roles = veil_roles_text(VEIL_ROLES_ALL);
	const VeilField own[] = {{"handle", log->actor}, {"operator-key", text}, {"roles", roles}};
	g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(VeilField));
	g_array_append_vals(fields, own, G_N_ELEMENTS(own));
	return veil_log_append_self(log, key, "registrar", "operator.add", fields, not_there_yet, log, error);
}

static gboolean
read_operators(VeilLog *log, GError **error)
{
	g_clear_pointer(&log->operators, veil_operators_free);
	log->operators = veil_operators_read(log->ledger, error);
	return log->operators != NULL;
}

/* Whether the ledger names this key for the operator. */
static gboolean
is_his(const VeilLog *log, const VeilOperatorKey *key, GError **error)
{
	const VeilOperator *who = veil_operators_find(log->operators, log->actor);
	guint8 public_key[32];

	veil_operator_key_public(key, public_key);
	if (who != NULL && memcmp(public_key, who->key, 32) == 0)
		return TRUE;
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the key is not the one the ledger names for this operator");
	return FALSE;
}

/* The key that signs, found to be the one the ledger names. */
static gboolean
ready_to_sign(VeilLog *log, GError **error)
{
	if (log->key != NULL)
		return TRUE;
	if (!read_operators(log, error))
		return FALSE;
	if (log->operators->rehearsal && veil_operators_find(log->operators, log->actor) == NULL && (!add_self(log, error) || !read_operators(log, error)))
		return FALSE;
	if (!veil_operators_check_role(log->operators, log->actor, "anyone", error))
		return FALSE;
	g_autofree char *path = veil_operator_key_file(log->site, log->actor);
	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
				    "records of this site are signed: name your key with --operator-key FILE or in VEIL_OPERATOR_KEY");
		return FALSE;
	}
	const VeilOperatorKey *key = veil_operator_key_of_file(path, error);
	if (key == NULL || !is_his(log, key, error))
		return FALSE;
	log->key = key;
	return TRUE;
}

typedef struct {
	const char *actor, *batch, *role;
	char *other; /* a role in which he has acted there */
} Hats;

static gboolean
find_other_hat(const VeilRecord *record, const guint8 *bytes, gsize len, gpointer data, GError **error)
{
	Hats *hats = data;

	(void)bytes, (void)len, (void)error;
	if (hats->other == NULL && strcmp(record->actor, hats->actor) == 0 && strcmp(record->role, "anyone") != 0 && strcmp(record->role, hats->role) != 0 &&
	    g_strcmp0(veil_record_get(record, "batch"), hats->batch) == 0)
		hats->other = g_strdup(record->role);
	return TRUE;
}

/* One person, one role in a batch, however many he holds: who took a batch in does not draw from it. */
static gboolean
check_one_hat(VeilLog *log, const char *batch, const char *role, GError **error)
{
	g_autofree char *by_him = g_strdup_printf("\nactor %s\n", log->actor);
	const char *const concerned[] = {by_him, NULL};
	Hats hats = {log->actor, batch, role, NULL};

	if (log->operators->rehearsal || strcmp(role, "anyone") == 0)
		return TRUE;
	if (!veil_ledger_each_with(log->ledger, concerned, find_other_hat, &hats, error))
		return FALSE;
	if (hats.other == NULL)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "operator %s has acted in this batch as %s: nobody has two roles in one batch; another operator of the role %s does this",
		    log->actor, hats.other, role);
	g_free(hats.other);
	return FALSE;
}

/* Who has a stake in a batch leaves no record in it. Asked once a batch and log: what bars somebody is a freeze, which is another command. */
static gboolean
check_barred(VeilLog *log, const char *role, const GArray *fields, GError **error)
{
	const char *batch = NULL;

	for (guint i = 0; i < fields->len; i++)
		if (strcmp(g_array_index(fields, VeilField, i).key, "batch") == 0)
			batch = g_array_index(fields, VeilField, i).value;
	if (batch == NULL || strcmp(batch, "-") == 0)
		return TRUE;
	if (!check_one_hat(log, batch, role, error))
		return FALSE;
	if (g_strcmp0(batch, log->asked) == 0)
		return TRUE;
	if (!veil_staff_check(log->ledger, batch, log->actor, error))
		return FALSE;
	g_free(log->asked);
	log->asked = g_strdup(batch);
	return TRUE;
}

typedef struct {
	VeilLog *log;
	const char *role;
	const GArray *fields;
	VeilLogCheck check;
	gpointer data;
} Checked;

/* Inside the write transaction: of two commands at once by one person in two roles the second sees what the first has done, and nobody signs who was revoked a moment ago (his
 * record would make the ledger fail for ever). */
static gboolean
check_all(VeilLedger *ledger, gpointer data, GError **error)
{
	const Checked *x = data;

	if (!x->log->operators->rehearsal && (!read_operators(x->log, error) || !veil_operators_check_role(x->log->operators, x->log->actor, x->role, error) ||
					      !is_his(x->log, x->log->key, error)))
		return FALSE;
	return check_barred(x->log, x->role, x->fields, error) && (x->check == NULL || x->check(ledger, x->data, error));
}

gboolean
veil_log_append_if(VeilLog *log, const char *role, const char *act, const GArray *fields, VeilLogCheck check, gpointer data, guint64 *out_seq,
		   GError **error)
{
	if (!ready_to_sign(log, error) || !veil_operators_check_role(log->operators, log->actor, role, error))
		return FALSE;
	Checked checked = {log, role, fields, check, data};
	VeilLedgerTerms terms = {.sign = sign, .sign_data = (gpointer)log->key, .check = check_all, .check_data = &checked};
	return put(log, &terms, role, act, fields, out_seq, error);
}

gboolean
veil_log_append(VeilLog *log, const char *role, const char *act, GError **error, ...)
{
	va_list pairs;
	va_start(pairs, error);
	const char *first = va_arg(pairs, const char *);
	g_autoptr(GArray) fields = veil_log_fields(first, pairs);
	va_end(pairs);
	return veil_log_append_if(log, role, act, fields, NULL, NULL, NULL, error);
}
