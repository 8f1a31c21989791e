/* witness.c - see witness.h.
 *
 * site.ini is a file of the site's owner. That he cannot quietly make himself the only witness is the ledger's affair: the record `site.witnesses` bears
 * the digest of keys and quorum, was approved by another operator, and is compared whenever something is to be opened.
 */
#include "witness/witness.h"

#include <string.h>

#include "ceremony/approve.h"
#include "site/found.h"

static int
by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* SHA-256 of "QUORUM LF KEY LF KEY LF ...", keys ascending. */
static void
digest_of(const char *const *keys, guint quorum, char out[65])
{
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();
	g_autoptr(GString) text = g_string_new(NULL);
	guint8 hash[32];

	for (guint i = 0; keys[i] != NULL; i++)
		g_ptr_array_add(sorted, (gpointer)keys[i]);
	g_ptr_array_sort(sorted, by_text);
	g_string_append_printf(text, "%u\n", quorum);
	for (guint i = 0; i < sorted->len; i++)
		g_string_append_printf(text, "%s\n", (const char *)sorted->pdata[i]);
	veil_sha256(text->str, text->len, hash);
	veil_hex_encode(hash, 32, out);
}

/* --- naming them ------------------------------------------------------------------------------------------------------- */

static gboolean
check_keys(const char *const *keys, guint quorum, gboolean rehearsal, GError **error)
{
	guint n = g_strv_length((char **)keys);

	for (guint i = 0; i < n; i++)
		if (!veil_note_witness_valid(keys[i]) || strchr(keys[i], ';') != NULL || g_strv_contains(keys + i + 1, keys[i])) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_USAGE, "witness %u: --key takes a witness's key line, name+hash+base64, each once", i + 1);
			return FALSE;
		}
	if (n == 0 && !rehearsal) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "no witness is named: give --key once for each, and --quorum, how many of them must cosign");
		return FALSE;
	}
	if (quorum > n || (quorum == 0 && !rehearsal)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_USAGE, "--quorum is from %u to %u, the number of witnesses", rehearsal ? 0 : 1, n);
		return FALSE;
	}
	return TRUE;
}

static gboolean
write_ini(const VeilSite *site, const char *const *keys, guint quorum, GError **error)
{
	g_autofree char *path = veil_site_witness_ini(site), *text = NULL;
	g_autoptr(GKeyFile) file = g_key_file_new();
	gsize len;

	if (site->users == NULL && !g_key_file_load_from_file(file, path, G_KEY_FILE_KEEP_COMMENTS, NULL)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "site.ini of the site is damaged");
		return FALSE;
	}
	g_key_file_set_integer(file, "witness", "quorum", (int)quorum);
	g_key_file_set_string_list(file, "witness", "keys", keys, g_strv_length((char **)keys));
	text = g_key_file_to_data(file, &len, NULL);
	return veil_file_put(path, text, len, 0644, error);
}

/* The record, unless the latest one says the same: then a run that was cut off is completed. */
static gboolean
log_witnesses(const VeilStep *step, const char *const *keys, guint quorum, GError **error)
{
	g_autoptr(VeilLog) log = veil_log_open(step->site->dir, step->operator_handle, error);
	g_autoptr(VeilFound) last = NULL;
	g_autoptr(VeilApproval) like = NULL;
	char digest[65], k[12], n[12], id[VEIL_REQUEST_ID_BYTES];

	digest_of(keys, quorum, digest);
	g_snprintf(k, sizeof k, "%u", quorum);
	g_snprintf(n, sizeof n, "%u", g_strv_length((char **)keys));
	if (log == NULL || !veil_log_find(log, "site.witnesses", NULL, NULL, &last, error))
		return FALSE;
	if (last != NULL && strcmp(veil_found_get(last, "witnesses-sha256"), digest) == 0)
		return TRUE;
	if (step->site->rehearsal)
		return veil_log_append(log, "registrar", "site.witnesses", error, "quorum", k, "witnesses", n, "witnesses-sha256", digest, NULL);
	if ((like = veil_approval_find_like(log, "witnesses", error, "witnesses-sha256", digest, NULL)) == NULL)
		return FALSE;
	if (like->state == VEIL_APPROVAL_GIVEN)
		return veil_approval_use(log, like->id, "registrar", "site.witnesses", error, "quorum", k, "witnesses", n, "witnesses-sha256", digest, NULL);
	g_strlcpy(id, like->id, sizeof id);
	if (like->state == VEIL_APPROVAL_NONE && !veil_request_log(log, "registrar", "witnesses", id, error, "quorum", k, "witnesses", n,
								   "witnesses-sha256", digest, "reason", "who cosigns this log", NULL))
		return FALSE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "this needs another operator: `veil approve %s`, then run it again", id);
	return FALSE;
}

gboolean
veil_witnesses_set(const VeilStep *step, const char *const *keys, guint quorum, GError **error)
{
	return check_keys(keys, quorum, step->site->rehearsal, error) && log_witnesses(step, keys, quorum, error) &&
	       write_ini(step->site, keys, quorum, error);
}

/* --- asking them ------------------------------------------------------------------------------------------------------- */

gboolean
veil_witnesses_logged(const VeilSite *site, VeilLog *log, GError **error)
{
	g_autoptr(VeilFound) last = NULL;
	char digest[65];

	if (!veil_log_find(log, "site.witnesses", NULL, NULL, &last, error))
		return FALSE;
	if (last == NULL && site->rehearsal && site->quorum == 0 && site->witnesses[0] == NULL)
		return TRUE;
	digest_of((const char *const *)site->witnesses, site->quorum, digest);
	if (last != NULL && strcmp(veil_found_get(last, "witnesses-sha256"), digest) == 0 && (site->quorum > 0 || site->rehearsal))
		return TRUE;
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
			    last == NULL ? "this site names no witnesses; `veil ledger witnesses` does, and without a quorum of them nothing is opened" :
					   "the witnesses in site.ini are not those the ledger names; `veil ledger witnesses` sets them right");
	return FALSE;
}

typedef struct {
	const VeilSite *site;
	VeilLog *log;
	guint64 seq;
	gint64 now;
	guint best; /* most witnesses on a note that covers seq */
} Search;

/* TRUE with *out_size > 0 when this note will do. */
static gboolean
try_note(Search *s, const char *path, guint64 *out_size, GError **error)
{
	g_autofree char *note = NULL, *name = g_path_get_basename(path);
	VeilLedger *ledger = veil_log_ledger(s->log);
	gsize len = 0;
	guint n = 0;
	guint64 size = 0;
	guint8 root[32];

	if (!g_file_test(path, G_FILE_TEST_IS_REGULAR) || !g_file_get_contents(path, &note, &len, NULL)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "%s: cannot be read or is no file", name);
		return FALSE;
	}
	if (!veil_note_cosigned(note, len, veil_ledger_vkey(ledger), (const char *const *)s->site->witnesses,
				(guint64)MAX(0, s->now - VEIL_WITNESS_FRESH_S), (guint64)(s->now + VEIL_WITNESS_AHEAD_S), &n, &size, root, error)) {
		g_prefix_error(error, "%s: ", name);
		return FALSE;
	}
	if (size <= s->seq)
		return TRUE;
	s->best = MAX(s->best, n);
	if (n < s->site->quorum)
		return TRUE;
	if (!veil_ledger_continues(ledger, size, root, name, error))
		return FALSE;
	*out_size = size;
	return TRUE;
}

static gboolean
search_all(Search *s, guint64 *out_size, GError **error)
{
	g_autofree char *latest = veil_site_path(s->site, VEIL_FOLDER_LEDGER, "checkpoint");
	g_autofree char *folder = veil_site_path(s->site, VEIL_FOLDER_LEDGER, "checkpoints");
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

	if (!try_note(s, latest, out_size, error))
		return FALSE;
	for (const char *name; *out_size == 0 && dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		if (name[0] != '.' && g_str_has_suffix(name, ".note") && !try_note(s, path, out_size, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
veil_witnessed(const VeilSite *site, VeilLog *log, const char *path, guint64 seq, gint64 now_unix_s, guint64 *out_size, GError **error)
{
	Search s = {.site = site, .log = log, .seq = seq, .now = now_unix_s};

	*out_size = 0;
	if (!veil_witnesses_logged(site, log, error) || !(path != NULL ? try_note(&s, path, out_size, error) : search_all(&s, out_size, error)))
		return FALSE;
	if (*out_size > 0)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED,
		    "%u of %u witnesses have cosigned a checkpoint that covers request and approval in the last ten minutes: `veil ledger checkpoint`, have it "
		    "cosigned (`veil ledger witness`), and take that in (`veil ledger cosign`)",
		    s.best, site->quorum);
	return FALSE;
}
