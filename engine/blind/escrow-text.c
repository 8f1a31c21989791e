/* escrow-text.c - escrow files and part files as text, one canonical spelling each.
 *
 *	veil-escrow/1                          veil-part/1
 *	suite veil-s1                          suite veil-s1
 *	kind batch                             kind batch
 *	batch NAME                             batch NAME
 *	id HEX                                 id HEX
 *	commitment HEX                         commitment HEX
 *	k 3                                    custodian HANDLE
 *	n 5                                    to KEY
 *	custodian HANDLE KEY     (n lines)     box BASE64
 *	part MASK I HEX BASE64   (k C(n, k))   end HEX
 *	end HEX
 *
 * KEY is the line of custodian.c, the HEX of a part its check, the HEX of `end` the SHA-256 of all before that line. Whoever reads one writes
 * what he has understood and compares: what is not byte for byte the same is damaged.
 */
#include "escrow-private.h"

#include <string.h>

#define MAX_TEXT 100000

static const char *const kind_name[] = {"batch", "registry"};

/* --- writing --------------------------------------------------------------------------------------------------------- */

static void
put_hex(GString *out, const char *key, const guint8 *bytes, gsize n)
{
	char hex[2 * 32 + 1];
	veil_hex_encode(bytes, n, hex);
	g_string_append_printf(out, "%s %s\n", key, hex);
}

static void
put_end(GString *out)
{
	guint8 hash[32];
	veil_sha256(out->str, out->len, hash);
	put_hex(out, "end", hash, 32);
}

static char *
base64(const guint8 *bytes, gsize n)
{
	gsize room = sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_ORIGINAL);
	char *text = g_malloc(room);
	return sodium_bin2base64(text, room, bytes, n, sodium_base64_VARIANT_ORIGINAL);
}

static GString *
begin(const char *what, VeilEscrowKind kind, const char *batch, const char *id, const guint8 commitment[32])
{
	GString *out = g_string_new(NULL);
	g_string_append_printf(out, "%s\nsuite veil-s1\nkind %s\nbatch %s\nid %s\n", what, kind_name[kind], batch, id);
	put_hex(out, "commitment", commitment, 32);
	return out;
}

char *
veil_escrow__text(const VeilEscrow *escrow)
{
	GString *out = begin("veil-escrow/1", escrow->kind, escrow->batch, escrow->id, escrow->commitment);
	gsize n_box = 16 + veil_escrow__n_secret(escrow->kind) + crypto_box_SEALBYTES;

	g_string_append_printf(out, "k %u\nn %u\n", escrow->k, escrow->n);
	for (guint i = 0; i < escrow->n; i++) {
		g_autofree char *key = veil_custodian_public_format(escrow->custodian[i].public_key);
		g_string_append_printf(out, "custodian %s %s\n", escrow->custodian[i].handle, key);
	}
	for (guint i = 0; i < escrow->n_parts; i++) {
		const VeilEscrowPart *part = &escrow->part[i];
		g_autofree char *box = base64(part->box, n_box);
		char check[65];
		veil_hex_encode(part->check, 32, check);
		g_string_append_printf(out, "part %u %u %s %s\n", part->mask, part->custodian, check, box);
	}
	put_end(out);
	return g_string_free(out, FALSE);
}

static char *
part_text(const VeilPart *part)
{
	GString *out = begin("veil-part/1", part->kind, part->batch, part->id, part->commitment);
	g_autofree char *to = veil_custodian_public_format(part->to), *box = base64(part->box, part->n_box);
	g_string_append_printf(out, "custodian %s\nto %s\nbox %s\n", part->handle, to, box);
	put_end(out);
	return g_string_free(out, FALSE);
}

char *
veil_part__text(const VeilEscrow *escrow, guint custodian, const guint8 to[32], const guint8 *box, gsize n_box)
{
	VeilPart part = {
		.kind = escrow->kind,
		.batch = escrow->batch,
		.id = escrow->id,
		.handle = escrow->custodian[custodian].handle,
		.box = (guint8 *)box,
		.n_box = n_box,
	};
	memcpy(part.commitment, escrow->commitment, 32);
	memcpy(part.to, to, 32);
	return part_text(&part);
}

/* --- reading: lines `key value`, consumed in order --------------------------------------------------------------------- */

typedef struct {
	char **line; /* the next one */
} Lines;

/* The value of the next line if it has this key. */
static const char *
take(Lines *lines, const char *key)
{
	gsize n = strlen(key);
	const char *line = *lines->line;
	if (line == NULL || strncmp(line, key, n) != 0 || line[n] != ' ')
		return NULL;
	lines->line++;
	return line + n + 1;
}

static gboolean
take_number(Lines *lines, const char *key, guint max, guint *out)
{
	const char *value = take(lines, key);
	guint64 number;
	if (value == NULL || !g_ascii_string_to_unsigned(value, 10, 0, max, &number, NULL))
		return FALSE;
	*out = (guint)number;
	return TRUE;
}

static gboolean
take_head(Lines *lines, const char *what, VeilEscrowKind *out_kind, char **out_batch, char **out_id, guint8 out_commitment[32])
{
	const char *kind, *batch, *id, *commitment;
	if (*lines->line == NULL || strcmp(*lines->line++, what) != 0 || g_strcmp0(take(lines, "suite"), "veil-s1") != 0 ||
	    (kind = take(lines, "kind")) == NULL || (batch = take(lines, "batch")) == NULL || (id = take(lines, "id")) == NULL ||
	    (commitment = take(lines, "commitment")) == NULL)
		return FALSE;
	if (strcmp(kind, kind_name[VEIL_ESCROW_BATCH]) == 0)
		*out_kind = VEIL_ESCROW_BATCH;
	else if (strcmp(kind, kind_name[VEIL_ESCROW_REGISTRY]) == 0)
		*out_kind = VEIL_ESCROW_REGISTRY;
	else
		return FALSE;
	*out_batch = g_strdup(batch);
	*out_id = g_strdup(id);
	return *batch != '\0' && strlen(batch) <= 64 && *id != '\0' && strlen(id) <= 64 && veil_hex_decode(commitment, out_commitment, 32);
}

/* The lines of a text that may be one at all. */
static char **
split(const char *text, gsize len)
{
	if (len == 0 || len > MAX_TEXT || text[len - 1] != '\n' || memchr(text, '\0', len) != NULL || !g_utf8_validate(text, (gssize)len, NULL))
		return NULL;
	g_autofree char *copy = g_strndup(text, len - 1);
	return g_strsplit(copy, "\n", -1);
}

static gboolean
same(const char *text, gsize len, char *again)
{
	gboolean equal = strlen(again) == len && memcmp(again, text, len) == 0;
	g_free(again);
	return equal;
}

gboolean
veil_handle_valid(const char *handle)
{
	gsize n = strspn(handle, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-");
	return n > 0 && n <= 64 && handle[n] == '\0';
}

static gboolean
take_custodians(Lines *lines, VeilEscrow *escrow)
{
	for (guint i = 0; i < escrow->n; i++) {
		const char *value = take(lines, "custodian"), *space = value != NULL ? strchr(value, ' ') : NULL;
		if (space == NULL)
			return FALSE;
		escrow->custodian[i].handle = g_strndup(value, (gsize)(space - value));
		if (!veil_handle_valid(escrow->custodian[i].handle) || !veil_custodian_public_parse(space + 1, escrow->custodian[i].public_key) ||
		    (i > 0 && strcmp(escrow->custodian[i - 1].handle, escrow->custodian[i].handle) >= 0))
			return FALSE;
	}
	return TRUE;
}

/* The masks are those with k bits, ascending; in each its custodians, ascending: so a part's place says what it is. */
static gboolean
take_parts(Lines *lines, VeilEscrow *escrow)
{
	gsize n_box = 16 + veil_escrow__n_secret(escrow->kind) + crypto_box_SEALBYTES, n;
	guint total = veil_escrow__n_parts(escrow->k, escrow->n);
	escrow->part = g_new0(VeilEscrowPart, total);
	for (guint32 mask = 0; mask < 1u << escrow->n; mask++) {
		guint bits = 0;
		for (guint i = 0; i < escrow->n; i++)
			bits += mask >> i & 1;
		for (guint i = 0; bits == escrow->k && i < escrow->n; i++) {
			if (!(mask >> i & 1))
				continue;
			VeilEscrowPart *part = &escrow->part[escrow->n_parts++];
			const char *value = take(lines, "part"), *end = NULL;
			g_auto(GStrv) word = g_strsplit(value != NULL ? value : "", " ", 5);
			if (g_strv_length(word) != 4 || !veil_hex_decode(word[2], part->check, 32) ||
			    sodium_base642bin(part->box, sizeof part->box, word[3], strlen(word[3]), NULL, &n, &end, sodium_base64_VARIANT_ORIGINAL) != 0 ||
			    n != n_box || *end != '\0')
				return FALSE;
			part->mask = mask;
			part->custodian = i;
		}
	}
	return TRUE;
}

VeilEscrow *
veil_escrow_parse(const char *text, gsize len, const char *name, GError **error)
{
	g_autoptr(VeilEscrow) escrow = g_new0(VeilEscrow, 1);
	g_auto(GStrv) all = split(text, len);
	Lines lines = {all};
	guint n = 0;

	gboolean ok = all != NULL && take_head(&lines, "veil-escrow/1", &escrow->kind, &escrow->batch, &escrow->id, escrow->commitment) &&
		      take_number(&lines, "k", VEIL_ESCROW_MAX_CUSTODIANS, &escrow->k) && take_number(&lines, "n", VEIL_ESCROW_MAX_CUSTODIANS, &n) &&
		      n >= 1 && escrow->k >= 1 && escrow->k <= n;
	if (ok) {
		escrow->n = n;
		/* A part is unlike another only by its numbers: that they are right, and `end`, the comparison finds. */
		ok = take_custodians(&lines, escrow) && take_parts(&lines, escrow) && same(text, len, veil_escrow__text(escrow));
	}
	if (ok)
		return g_steal_pointer(&escrow);
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "%s: damaged or not an escrow file: take it from the site again", name);
	return NULL;
}

void
veil_part__free(VeilPart *part)
{
	if (part == NULL)
		return;
	g_free(part->batch);
	g_free(part->id);
	g_free(part->handle);
	g_free(part->box);
	g_free(part);
}

/* (nullable) Whose part a damaged file claims to be, so that one knows whom to ask. */
static char *
claimed_handle(const char *text, gsize len)
{
	static const char key[] = "\ncustodian ";
	g_autofree char *copy = g_strndup(text, MIN(len, 2000));
	const char *at = strstr(copy, key);
	char *handle = at != NULL ? g_strndup(at + sizeof key - 1, strcspn(at + sizeof key - 1, "\n")) : NULL;
	if (handle != NULL && !veil_handle_valid(handle))
		g_clear_pointer(&handle, g_free);
	return handle;
}

VeilPart *
veil_part__parse(const char *text, gsize len, const char *name, GError **error)
{
	g_autoptr(VeilPart) part = g_new0(VeilPart, 1);
	g_auto(GStrv) all = split(text, len);
	Lines lines = {all};
	const char *handle = NULL, *to, *box = NULL, *end = NULL;

	gboolean ok = all != NULL && take_head(&lines, "veil-part/1", &part->kind, &part->batch, &part->id, part->commitment) &&
		      (handle = take(&lines, "custodian")) != NULL && veil_handle_valid(handle) && (to = take(&lines, "to")) != NULL &&
		      veil_custodian_public_parse(to, part->to) && (box = take(&lines, "box")) != NULL;
	if (ok) {
		part->handle = g_strdup(handle);
		part->box = g_malloc(strlen(box) + 1);
		ok = sodium_base642bin(part->box, strlen(box), box, strlen(box), NULL, &part->n_box, &end, sodium_base64_VARIANT_ORIGINAL) == 0 &&
		     *end == '\0' && same(text, len, part_text(part));
	}
	if (ok)
		return g_steal_pointer(&part);
	g_autofree char *claimed = claimed_handle(text, len);
	if (claimed != NULL)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "%s: damaged part of custodian %s: he makes it again", name, claimed);
	else
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "%s: damaged or no custodian's part: whoever gave it makes it again", name);
	return NULL;
}
