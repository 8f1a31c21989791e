/* escrow.c - a key in the hands of k of n custodians: split, sealed, put together again.
 *
 * For every k of the n custodians the key (under a pad, below) is split into k parts that give it only by XOR of all, and each part is sealed to
 * its custodian. 3 of 5 are ten subsets, thirty boxes. No ceremony is needed, custodians take no part until an inquiry, and opening the escrow
 * of one batch says nothing of another's. Why not Shamir's scheme: its shares are the same for every subset, but a wrong share, a repeated one or
 * one too few give a wrong secret without a word (THREATS 8), and a field's arithmetic is one more thing to read; XOR has no wrong index, and
 * each part is checked by itself, so that a bad one has a name. For n <= 7 the price is at most 140 boxes.
 *
 * The pad is random and stays at the site. Custodians' copies of an escrow file alone therefore open nothing, and whoever destroys the pad ends
 * every copy of the file.
 *
 * Commitment: SHA-256("veil/kc/1" 0x00 lp(batch) lp(id) key), lp = u32 LE length and bytes; it stands in the ledger, and a key that does not
 * have it is not handed out. Mask: bit i is custodian i, in the order of handles. Context of a part: the first 16 bytes of
 * SHA-256("veil/part/1" 0x00 commitment u32 LE mask u32 LE i). In the box: context, part. Check of a part: SHA-256("veil/part-check/1" 0x00
 * context part). What a custodian hands over is one box to the recipient, with SHA-256("veil/parts/1" 0x00 commitment u32 LE i), 16 bytes, and
 * his parts by ascending mask.
 */
#include "escrow-private.h"

#include <string.h>

/* --- hashes ---------------------------------------------------------------------------------------------------------- */

static void
hash_lp(crypto_hash_sha256_state *state, const char *text)
{
	guint8 len[4];
	veil_put_u32(len, (guint32)strlen(text));
	crypto_hash_sha256_update(state, len, sizeof len);
	crypto_hash_sha256_update(state, (const guint8 *)text, strlen(text));
}

static void
commit(const char *batch, const char *id, const guint8 *secret, gsize n_secret, guint8 out[32])
{
	static const char label[] = "veil/kc/1";
	crypto_hash_sha256_state state;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const guint8 *)label, sizeof label);
	hash_lp(&state, batch);
	hash_lp(&state, id);
	crypto_hash_sha256_update(&state, secret, n_secret);
	crypto_hash_sha256_final(&state, out);
	sodium_memzero(&state, sizeof state);
}

static void
context_of(const char *label, const guint8 commitment[32], const guint32 *numbers, guint n, guint8 out[16])
{
	crypto_hash_sha256_state state;
	guint8 bytes[4], full[32];
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const guint8 *)label, strlen(label) + 1);
	crypto_hash_sha256_update(&state, commitment, 32);
	for (guint i = 0; i < n; i++) {
		veil_put_u32(bytes, numbers[i]);
		crypto_hash_sha256_update(&state, bytes, sizeof bytes);
	}
	crypto_hash_sha256_final(&state, full);
	memcpy(out, full, 16);
}

static void
check_of(const guint8 context[16], const guint8 *part, gsize n_secret, guint8 out[32])
{
	static const char label[] = "veil/part-check/1";
	crypto_hash_sha256_state state;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const guint8 *)label, sizeof label);
	crypto_hash_sha256_update(&state, context, 16);
	crypto_hash_sha256_update(&state, part, n_secret);
	crypto_hash_sha256_final(&state, out);
	sodium_memzero(&state, sizeof state);
}

static void
xor_into(guint8 *to, const guint8 *from, gsize n)
{
	for (gsize i = 0; i < n; i++)
		to[i] ^= from[i];
}

/* --- subsets --------------------------------------------------------------------------------------------------------- */

static guint
bits(guint32 mask)
{
	guint n = 0;
	for (; mask != 0; mask &= mask - 1)
		n++;
	return n;
}

guint
veil_escrow__n_parts(guint k, guint n)
{
	guint total = 0;
	for (guint32 mask = 0; mask < 1u << n; mask++)
		total += bits(mask) == k ? k : 0;
	return total;
}

gsize
veil_escrow__n_secret(VeilEscrowKind kind)
{
	return kind == VEIL_ESCROW_BATCH ? 32 : VEIL_KEYS_SECRET_BYTES;
}

void
veil_escrow_free(VeilEscrow *escrow)
{
	if (escrow == NULL)
		return;
	for (guint i = 0; i < escrow->n; i++)
		g_free(escrow->custodian[i].handle);
	g_free(escrow->batch);
	g_free(escrow->id);
	g_free(escrow->part);
	g_free(escrow);
}

/* --- making ---------------------------------------------------------------------------------------------------------- */

static int
by_handle(gconstpointer a, gconstpointer b)
{
	return strcmp(((const VeilCustodian *)a)->handle, ((const VeilCustodian *)b)->handle);
}

static gboolean
check_custodians(const VeilCustodian *custodian, guint n, guint k, GError **error)
{
	if (n < 1 || n > VEIL_ESCROW_MAX_CUSTODIANS || k < 1 || k > n) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "escrow to %u of %u custodians: there may be 1 to %d, and of those 1 to all are needed", k, n,
			    VEIL_ESCROW_MAX_CUSTODIANS);
		return FALSE;
	}
	for (guint i = 0; i < n; i++)
		for (guint j = 0; j < i; j++)
			if (strcmp(custodian[i].handle, custodian[j].handle) == 0 || memcmp(custodian[i].public_key, custodian[j].public_key, 32) == 0) {
				g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "custodians %s and %s are one: each needs a handle and a key of his own",
					    custodian[j].handle, custodian[i].handle);
				return FALSE;
			}
	return TRUE;
}

/* Splits masked for one subset and seals each part. */
static gboolean
split_for(VeilEscrow *escrow, guint32 mask, const guint8 *masked, gsize n_secret, guint8 *work, VeilRandomFunc random, gpointer data)
{
	guint8 *last = work, *plain = work + VEIL_KEYS_SECRET_BYTES;
	guint left = escrow->k;

	memcpy(last, masked, n_secret);
	for (guint i = 0; i < escrow->n; i++) {
		if (!(mask >> i & 1))
			continue;
		VeilEscrowPart *part = &escrow->part[escrow->n_parts++];
		part->mask = mask;
		part->custodian = i;
		context_of("veil/part/1", escrow->commitment, (const guint32[]){mask, i}, 2, plain);
		if (--left > 0) {
			random(plain + 16, n_secret, data);
			xor_into(last, plain + 16, n_secret);
		} else {
			memcpy(plain + 16, last, n_secret);
		}
		check_of(plain, plain + 16, n_secret, part->check);
		if (!veil_blind__box_seal(part->box, plain, 16 + n_secret, escrow->custodian[i].public_key, random, data))
			return FALSE;
	}
	return TRUE;
}

static char *
make(VeilEscrowKind kind, const guint8 *secret, const char *batch, const char *id, const VeilCustodian *custodian, guint n, guint k,
     VeilRandomFunc random, gpointer data, guint8 out_pad[VEIL_ESCROW_PAD_BYTES], GError **error)
{
	gsize n_secret = veil_escrow__n_secret(kind);
	if (!check_custodians(custodian, n, k, error))
		return NULL;
	g_autoptr(VeilEscrow) escrow = g_new0(VeilEscrow, 1);
	escrow->kind = kind;
	escrow->batch = g_strdup(batch);
	escrow->id = g_strdup(id);
	escrow->k = k;
	escrow->n = n;
	for (guint i = 0; i < n; i++) {
		escrow->custodian[i] = custodian[i];
		escrow->custodian[i].handle = g_strdup(custodian[i].handle);
	}
	qsort(escrow->custodian, n, sizeof *escrow->custodian, by_handle);
	escrow->part = g_new0(VeilEscrowPart, veil_escrow__n_parts(k, n));
	commit(batch, id, secret, n_secret, escrow->commitment);

	/* The key under its pad, one part in the making (part, context). */
	guint8 *masked = veil_secret_new(3 * VEIL_KEYS_SECRET_BYTES + 16);
	gboolean ok = TRUE;
	random(out_pad, VEIL_ESCROW_PAD_BYTES, data);
	memcpy(masked, secret, n_secret);
	xor_into(masked, out_pad, n_secret);
	for (guint32 mask = 0; mask < 1u << n && ok; mask++)
		if (bits(mask) == k)
			ok = split_for(escrow, mask, masked, n_secret, masked + VEIL_KEYS_SECRET_BYTES, random, data);
	veil_secret_free(masked);
	if (ok)
		return veil_escrow__text(escrow);
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "a custodian's public key is of small order: he makes another with `veil custodian key`");
	return NULL;
}

char *
veil_escrow_make_batch(const VeilBatchKey *key, const char *batch, const char *id, const VeilCustodian *custodian, guint n, guint k,
		       VeilRandomFunc random, gpointer data, guint8 out_pad[VEIL_ESCROW_PAD_BYTES], GError **error)
{
	return make(VEIL_ESCROW_BATCH, key->key, batch, id, custodian, n, k, random, data, out_pad, error);
}

char *
veil_escrow_make_registry(const VeilKeys *keys, const char *id, const VeilCustodian *custodian, guint n, guint k, VeilRandomFunc random,
			  gpointer data, guint8 out_pad[VEIL_ESCROW_PAD_BYTES], GError **error)
{
	return make(VEIL_ESCROW_REGISTRY, keys->box_secret, "-", id, custodian, n, k, random, data, out_pad, error);
}

/* --- a custodian's side ---------------------------------------------------------------------------------------------- */

static int
find_custodian(const VeilEscrow *escrow, const guint8 public[32])
{
	for (guint i = 0; i < escrow->n; i++)
		if (memcmp(escrow->custodian[i].public_key, public, 32) == 0)
			return (int)i;
	return -1;
}

static gboolean
open_box(const VeilEscrow *escrow, const VeilEscrowPart *part, const VeilCustodianKey *key, gsize n_secret, guint8 *plain)
{
	guint8 context[16], check[32];
	context_of("veil/part/1", escrow->commitment, (const guint32[]){part->mask, part->custodian}, 2, context);
	if (crypto_box_seal_open(plain, part->box, 16 + n_secret + crypto_box_SEALBYTES, key->public, key->secret) != 0)
		return FALSE;
	check_of(context, plain + 16, n_secret, check);
	return memcmp(plain, context, 16) == 0 && memcmp(check, part->check, 32) == 0;
}

char *
veil_escrow_open_part(const VeilEscrow *escrow, const VeilCustodianKey *key, const guint8 to[32], VeilRandomFunc random, gpointer data, GError **error)
{
	gsize n_secret = veil_escrow__n_secret(escrow->kind), n = 16;
	int me = find_custodian(escrow, key->public);
	if (me < 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "this key is no custodian's of the escrow of %s%s: name the key it was sealed to",
			    strcmp(escrow->batch, "-") == 0 ? "the registry" : "batch ", strcmp(escrow->batch, "-") == 0 ? "" : escrow->batch);
		return NULL;
	}
	guint8 *plain = veil_secret_new(16 + escrow->n_parts * n_secret + 16 + n_secret), *one = plain + 16 + escrow->n_parts * n_secret;
	g_autofree guint8 *box = NULL;
	char *text = NULL;
	gboolean ok = TRUE;

	context_of("veil/parts/1", escrow->commitment, (const guint32[]){(guint32)me}, 1, plain);
	for (guint i = 0; i < escrow->n_parts && ok; i++) {
		if (escrow->part[i].custodian != (guint)me)
			continue;
		ok = open_box(escrow, &escrow->part[i], key, n_secret, one);
		memcpy(plain + n, one + 16, n_secret);
		n += n_secret;
	}
	box = g_malloc(n + crypto_box_SEALBYTES);
	if (!ok)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the parts of custodian %s were altered: take the escrow file from the site again",
			    escrow->custodian[me].handle);
	else if (!veil_blind__box_seal(box, plain, n, to, random, data))
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the recipient's public key is of small order");
	else
		text = veil_part__text(escrow, (guint)me, to, box, n + crypto_box_SEALBYTES);
	veil_secret_free(plain);
	return text;
}

/* --- putting it together --------------------------------------------------------------------------------------------- */

typedef struct {
	const guint8 *public, *secret; /* the recipient's */
	guint8 *plain[VEIL_ESCROW_MAX_CUSTODIANS]; /* opened content by custodian, guarded */
	guint n_given;
} Join;

static gboolean
refuse_part(const char *file, const char *handle, VeilErrorCode code, const char *why, GError **error)
{
	g_set_error(error, VEIL_ERROR, code, "%s: the part of custodian %s %s", file, handle, why);
	return FALSE;
}

/* Each of his parts against the check that stands in the escrow. */
static gboolean
parts_hold(const VeilEscrow *escrow, guint me, const guint8 *plain, gsize n_secret)
{
	guint8 context[16], check[32];
	const guint8 *at = plain + 16;
	context_of("veil/parts/1", escrow->commitment, (const guint32[]){me}, 1, context);
	if (memcmp(context, plain, 16) != 0)
		return FALSE;
	for (guint i = 0; i < escrow->n_parts; i++) {
		if (escrow->part[i].custodian != me)
			continue;
		context_of("veil/part/1", escrow->commitment, (const guint32[]){escrow->part[i].mask, me}, 2, context);
		check_of(context, at, n_secret, check);
		if (memcmp(check, escrow->part[i].check, 32) != 0)
			return FALSE;
		at += n_secret;
	}
	return TRUE;
}

static gboolean
take_part(Join *join, const VeilEscrow *escrow, const VeilPartFile *file, gsize n_secret, GError **error)
{
	g_autoptr(VeilPart) part = veil_part__parse(file->text, file->len, file->name, error);
	guint me = 0;
	if (part == NULL)
		return FALSE;
	while (me < escrow->n && strcmp(escrow->custodian[me].handle, part->handle) != 0)
		me++;
	if (part->kind != escrow->kind || strcmp(part->batch, escrow->batch) != 0)
		return refuse_part(file->name, part->handle, VEIL_ERROR_REFUSED, "is of another batch: he makes one from this batch's escrow file", error);
	if (strcmp(part->id, escrow->id) != 0 || memcmp(part->commitment, escrow->commitment, 32) != 0)
		return refuse_part(file->name, part->handle, VEIL_ERROR_REFUSED,
				   "is of another escrow of this batch: he makes one from the present escrow file", error);
	if (me == escrow->n)
		return refuse_part(file->name, part->handle, VEIL_ERROR_REFUSED, "does not belong here: he is no custodian of this batch", error);
	if (join->plain[me] != NULL)
		return refuse_part(file->name, part->handle, VEIL_ERROR_REFUSED, "was given twice: each custodian counts once", error);
	if (memcmp(part->to, join->public, 32) != 0)
		return refuse_part(file->name, part->handle, VEIL_ERROR_REFUSED,
				   "was sealed to another key: he makes one from the present escrow file", error);
	gsize n_parts = veil_escrow__n_parts(escrow->k, escrow->n) / escrow->n, n = 16 + n_parts * n_secret;
	if (part->n_box == n + crypto_box_SEALBYTES) {
		join->plain[me] = veil_secret_new(n);
		if (crypto_box_seal_open(join->plain[me], part->box, part->n_box, join->public, join->secret) == 0 &&
		    parts_hold(escrow, me, join->plain[me], n_secret)) {
			join->n_given++;
			return TRUE;
		}
	}
	return refuse_part(file->name, part->handle, VEIL_ERROR_VERIFY, "is damaged or false: he makes it again", error);
}

/* The key by the first k custodians whose parts are there. out: guarded. */
static gboolean
put_together(const Join *join, const VeilEscrow *escrow, const guint8 *pad, gsize n_secret, guint8 *out, GError **error)
{
	guint32 mask = 0;
	guint8 commitment[32];
	guint nth[VEIL_ESCROW_MAX_CUSTODIANS] = {0};

	for (guint i = 0, left = escrow->k; i < escrow->n && left > 0; i++)
		if (join->plain[i] != NULL)
			mask |= 1u << i, left--;
	memcpy(out, pad, n_secret);
	for (guint i = 0; i < escrow->n_parts; i++) {
		const VeilEscrowPart *part = &escrow->part[i];
		if (part->mask == mask)
			xor_into(out, join->plain[part->custodian] + 16 + nth[part->custodian] * n_secret, n_secret);
		nth[part->custodian]++;
	}
	commit(escrow->batch, escrow->id, out, n_secret, commitment);
	if (memcmp(commitment, escrow->commitment, 32) == 0)
		return TRUE;
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY,
			    "the parts are good but do not give the key that was committed: what the registry keeps of this escrow was altered, restore it from a copy");
	return FALSE;
}

static gboolean
join_all(const VeilEscrow *escrow, const guint8 *pad, const VeilPartFile *files, guint n_files, Join *join, guint8 *out, GError **error)
{
	gsize n_secret = veil_escrow__n_secret(escrow->kind);
	gboolean ok = TRUE;

	for (guint i = 0; i < n_files && ok; i++)
		ok = take_part(join, escrow, &files[i], n_secret, error);
	if (ok && join->n_given < escrow->k) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "%u custodians gave their parts, %u of %u are needed", join->n_given, escrow->k, escrow->n);
		ok = FALSE;
	}
	ok = ok && put_together(join, escrow, pad, n_secret, out, error);
	for (guint i = 0; i < escrow->n; i++)
		veil_secret_free(join->plain[i]);
	return ok;
}

VeilBatchKey *
veil_escrow_join_batch(const VeilEscrow *escrow, const guint8 pad[VEIL_ESCROW_PAD_BYTES], const VeilPartFile *files, guint n_files,
		       const VeilKeys *recipient, GError **error)
{
	g_return_val_if_fail(escrow->kind == VEIL_ESCROW_BATCH, NULL);
	Join join = {.public = recipient->box_public, .secret = recipient->box_secret};
	guint8 *secret = veil_secret_new(32);
	VeilBatchKey *key = join_all(escrow, pad, files, n_files, &join, secret, error) ? veil_batch_key__from(secret) : NULL;
	veil_secret_free(secret);
	return key;
}

VeilKeys *
veil_escrow_join_registry(const VeilEscrow *escrow, const guint8 pad[VEIL_ESCROW_PAD_BYTES], const VeilPartFile *files, guint n_files,
			  const VeilCustodianKey *recipient, GError **error)
{
	g_return_val_if_fail(escrow->kind == VEIL_ESCROW_REGISTRY, NULL);
	Join join = {.public = recipient->public, .secret = recipient->secret};
	guint8 *secret = veil_secret_new(VEIL_KEYS_SECRET_BYTES);
	VeilKeys *keys = join_all(escrow, pad, files, n_files, &join, secret, error) ? veil_keys__from_secret(secret) : NULL;
	veil_secret_free(secret);
	return keys;
}
