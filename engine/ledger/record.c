/* record.c - records as bytes.
 *
 * The reader decodes leniently and then encodes again: whatever differs from the encoder's own bytes by a single bit is no record. So there
 * is one rule book, the encoder, and no second one that could disagree with it.
 */
#include "private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char first_line_v1[] = "veil-log/v1\n";
static const char first_line_v2[] = "veil-log/v2\n";
static const char *const head_keys[] = {"seq", "time", "origin", "actor", "role", "act"};
#define N_HEAD G_N_ELEMENTS(head_keys)

static gboolean
key_valid(const char *key, gboolean is_signed)
{
	if (!g_ascii_islower(key[0]))
		return FALSE;
	for (const char *c = key; *c != '\0'; c++)
		if (!g_ascii_islower(*c) && !g_ascii_isdigit(*c) && *c != '-')
			return FALSE;
	for (guint i = 0; i < N_HEAD; i++)
		if (strcmp(key, head_keys[i]) == 0)
			return FALSE;
	return strcmp(key, "blind") != 0 && !(is_signed && strcmp(key, "sig") == 0);
}

/* 2026-03-02T01:22Z, a minute that exists. */
static gboolean
time_valid(const char *time)
{
	static const char shape[] = "dddd-dd-ddTdd:ddZ";
	if (strlen(time) != sizeof shape - 1)
		return FALSE;
	for (gsize i = 0; i < sizeof shape - 1; i++)
		if (shape[i] == 'd' ? !g_ascii_isdigit(time[i]) : time[i] != shape[i])
			return FALSE;
	char date[11];
	VeilInterval day;
	memcpy(date, time, 10);
	date[10] = '\0';
	return veil_interval_parse(date, &day) && atoi(time + 11) < 24 && atoi(time + 14) < 60;
}

static void
append_value(GString *out, const char *value)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *plain = value; /* what is written as it is, in one piece */
	const char *c = value;
	for (; *c != '\0'; c++) {
		guint8 b = (guint8)*c;
		gboolean inner_space = b == ' ' && c > value && c[1] != '\0';
		if (inner_space || (b >= 0x21 && b <= 0x7E && b != '%'))
			continue;
		g_string_append_len(out, plain, c - plain);
		plain = c + 1;
		g_string_append_c(out, '%');
		g_string_append_c(out, digits[b >> 4]);
		g_string_append_c(out, digits[b & 15]);
	}
	g_string_append_len(out, plain, c - plain);
}

static gboolean
append_line(GString *out, const char *key, const char *value, GError **error)
{
	if (value == NULL || *value == '\0' || !g_utf8_validate(value, -1, NULL)) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "a ledger record needs a value for %s, in UTF-8", key);
		return FALSE;
	}
	g_string_append(out, key);
	g_string_append_c(out, ' ');
	append_value(out, value);
	g_string_append_c(out, '\n');
	return TRUE;
}

static int
by_key(const void *a, const void *b)
{
	return strcmp(((const VeilField *)a)->key, ((const VeilField *)b)->key);
}

static gboolean
append_fields(GString *out, const VeilRecord *record, GError **error)
{
	if (record->n_fields == 0)
		return TRUE;
	g_autofree VeilField *sorted = g_memdup2(record->fields, record->n_fields * sizeof *sorted);
	for (guint i = 0; i < record->n_fields; i++)
		if (!key_valid(sorted[i].key, record->is_signed)) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "field %u of a ledger record has a malformed or reserved key", i + 1);
			return FALSE;
		}
	qsort(sorted, record->n_fields, sizeof *sorted, by_key);
	for (guint i = 0; i < record->n_fields; i++) {
		if (i > 0 && strcmp(sorted[i - 1].key, sorted[i].key) == 0) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "a ledger record names %s twice", sorted[i].key);
			return FALSE;
		}
		if (!append_line(out, sorted[i].key, sorted[i].value, error))
			return FALSE;
	}
	return TRUE;
}

static GBytes *
encode(const VeilRecord *record, gboolean with_signature, GError **error)
{
	if (record->time == NULL || !time_valid(record->time)) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_FAILED, "the time of a ledger record must be a minute like 2026-03-02T01:22Z");
		return NULL;
	}
	g_autoptr(GString) out = g_string_sized_new(512);
	g_string_append(out, record->is_signed ? first_line_v2 : first_line_v1);
	g_string_append_printf(out, "seq %" G_GUINT64_FORMAT "\n", record->seq);
	if (!append_line(out, "time", record->time, error) || !append_line(out, "origin", record->origin, error) ||
	    !append_line(out, "actor", record->actor, error) || !append_line(out, "role", record->role, error) ||
	    !append_line(out, "act", record->act, error) || !append_fields(out, record, error))
		return NULL;
	if (with_signature) {
		char sig[sodium_base64_ENCODED_LEN(64, sodium_base64_VARIANT_ORIGINAL)];
		sodium_bin2base64(sig, sizeof sig, record->signature, sizeof record->signature, sodium_base64_VARIANT_ORIGINAL);
		g_string_append(out, "sig ");
		g_string_append(out, sig);
		g_string_append_c(out, '\n');
	}
	char blind[65];
	veil_hex_encode(record->blind, sizeof record->blind, blind);
	g_string_append(out, "blind ");
	g_string_append(out, blind);
	g_string_append_c(out, '\n');
	return g_string_free_to_bytes(g_steal_pointer(&out));
}

GBytes *
veil_record_encode(const VeilRecord *record, GError **error)
{
	return encode(record, record->is_signed, error);
}

GBytes *
veil_record_signed_text(const VeilRecord *record, GError **error)
{
	VeilRecord copy = *record;
	copy.is_signed = TRUE;
	return encode(&copy, FALSE, error);
}

gboolean
veil_record_signed_by(const VeilRecord *record, const guint8 public_key[32])
{
	if (!record->is_signed)
		return FALSE;
	g_autoptr(GBytes) text = veil_record_signed_text(record, NULL);
	gsize len = 0;
	const void *bytes = text != NULL ? g_bytes_get_data(text, &len) : NULL;
	return bytes != NULL && veil_ledger__verify(public_key, record->signature, bytes, len);
}

/* A copy of the record's text, decoded in place, and the fields that point into it. */
typedef struct {
	char *text;
	VeilField *fields;
} Storage;

void
veil_record_storage_free(gpointer storage)
{
	Storage *s = storage;
	if (s == NULL)
		return;
	g_free(s->text);
	g_free(s->fields);
	g_free(s);
}

/* Decodes %XX in place; whatever the encoder would not write is left for the comparison to find. */
static void
decode_value(char *value)
{
	char *to = strchr(value, '%');
	if (to == NULL)
		return;
	for (const char *c = to; *c != '\0'; c++) {
		if (*c == '%' && g_ascii_isxdigit(c[1]) && g_ascii_isxdigit(c[2])) {
			*to++ = (char)(g_ascii_xdigit_value(c[1]) << 4 | g_ascii_xdigit_value(c[2]));
			c += 2;
		} else {
			*to++ = *c;
		}
	}
	*to = '\0';
}

/* Cuts the next "key SP value LF" off; FALSE at the end or at a line of another shape. */
static gboolean
next_line(char **cursor, VeilField *out)
{
	char *line = *cursor, *end = strchr(line, '\n');
	char *space = end != NULL ? memchr(line, ' ', (gsize)(end - line)) : NULL;
	if (space == NULL)
		return FALSE;
	*space = *end = '\0';
	*cursor = end + 1;
	decode_value(space + 1);
	out->key = line;
	out->value = space + 1;
	return TRUE;
}

/* The line `sig` of version 2, last but one. */
static gboolean
take_signature(const VeilField *line, VeilRecord *record)
{
	gsize n = 0;
	return strcmp(line->key, "sig") == 0 &&
	       sodium_base642bin(record->signature, sizeof record->signature, line->value, strlen(line->value), NULL, &n, NULL,
				 sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       n == sizeof record->signature;
}

static gboolean
parse_into(Storage *s, gsize len, VeilRecord *record)
{
	record->is_signed = g_str_has_prefix(s->text, first_line_v2);
	if (memchr(s->text, '\0', len) != NULL || (!record->is_signed && !g_str_has_prefix(s->text, first_line_v1)))
		return FALSE;
	char *cursor = s->text + sizeof first_line_v1 - 1;
	VeilField head[N_HEAD];
	for (guint i = 0; i < N_HEAD; i++)
		if (!next_line(&cursor, &head[i]) || strcmp(head[i].key, head_keys[i]) != 0)
			return FALSE;
	if (!g_ascii_string_to_unsigned(head[0].value, 10, 0, G_MAXUINT64, &record->seq, NULL))
		return FALSE;
	record->time = head[1].value;
	record->origin = head[2].value;
	record->actor = head[3].value;
	record->role = head[4].value;
	record->act = head[5].value;

	guint n_lines = 0, n_tail = record->is_signed ? 2 : 1;
	for (const char *c = cursor; *c != '\0'; c++)
		n_lines += *c == '\n';
	if (n_lines < n_tail)
		return FALSE;
	s->fields = g_new(VeilField, n_lines);
	for (guint i = 0; i < n_lines; i++)
		if (!next_line(&cursor, &s->fields[i]))
			return FALSE;
	record->n_fields = n_lines - n_tail;
	record->fields = s->fields;
	const VeilField *last = &s->fields[n_lines - 1];
	return (!record->is_signed || take_signature(last - 1, record)) && strcmp(last->key, "blind") == 0 &&
	       veil_hex_decode(last->value, record->blind, sizeof record->blind);
}

gboolean
veil_record_parse(const guint8 *bytes, gsize len, VeilRecord *out_record, gpointer *out_storage, GError **error)
{
	Storage *s = g_new0(Storage, 1);
	VeilRecord record = {0};
	/* The text keeps its length, so that a zero inside is seen. */
	s->text = g_malloc(len + 1);
	if (len > 0)
		memcpy(s->text, bytes, len);
	s->text[len] = '\0';

	gboolean ok = parse_into(s, len, &record);
	if (ok) {
		g_autoptr(GBytes) again = veil_record_encode(&record, NULL);
		gsize n = 0;
		const void *encoded = again != NULL ? g_bytes_get_data(again, &n) : NULL;
		ok = encoded != NULL && n == len && memcmp(encoded, bytes, len) == 0;
	}
	if (!ok) {
		veil_record_storage_free(s);
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "a ledger record is not in its canonical form");
		return FALSE;
	}
	*out_record = record;
	*out_storage = s;
	return TRUE;
}

const char *
veil_record_get(const VeilRecord *record, const char *key)
{
	for (guint i = 0; i < record->n_fields; i++)
		if (strcmp(record->fields[i].key, key) == 0)
			return record->fields[i].value;
	return NULL;
}
