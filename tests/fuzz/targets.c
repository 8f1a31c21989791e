/* targets.c - see targets.h. Everything is made from a seeded random source: a run can be repeated. */
#include "targets.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include <veil/ledger.h>

#include "escrow-private.h"

#define NOW 1772400000

static VeilKeys *keys;
static VeilBatchKey *batch_key;
static VeilCustodianKey *custodian[3];
static VeilCustodian public[3];
static guint8 pad[VEIL_ESCROW_PAD_BYTES];
static char *escrow_text, *part_text[3], *note, *vkey, *witness[3], *key_path;
static VeilEscrow *escrow;
static const VeilPassphrases by = {"correct horse", "battery staple"};
static const VeilHardness least = {1, 8192};

static void
make_note(void)
{
	guint8 seed[32], root[32];
	memset(seed, 3, sizeof seed);
	memset(root, 0xfb, sizeof root);
	g_autofree char *plain = veil_checkpoint_sign("kjj.example.gov/veil", 18274, root, seed);
	vkey = veil_note_vkey("kjj.example.gov/veil", seed);
	GString *all = g_string_new(plain);
	for (int i = 0; i < 2; i++) {
		g_autofree char *name = g_strdup_printf("w%d.example.gov", i);
		memset(seed, 10 + i, sizeof seed);
		g_autofree char *line = veil_checkpoint_cosign(plain, strlen(plain), name, seed, NOW - (guint64)i, NULL);
		g_string_append(all, line);
		witness[i] = veil_note_witness_vkey(name, seed);
	}
	note = g_string_free(all, FALSE);
}

void
fuzz_set_up(void)
{
	guint64 state = 42;
	guint8 secret[VEIL_KEYS_SECRET_BYTES], to[32];
	g_autofree char *dir = g_dir_make_tmp("veil-fuzz-XXXXXX", NULL);

	g_assert(veil_blind_init(NULL));
	fuzz_seeded(secret, sizeof secret, &state);
	keys = veil_keys__from_secret(secret);
	batch_key = veil_batch_key_new(fuzz_seeded, &state);
	veil_keys_public(keys, to);
	for (int i = 0; i < 3; i++) {
		g_autofree char *path = g_build_filename(dir, "c.key", NULL), *line = NULL;
		g_assert(veil_custodian_key_create(path, NULL, TRUE, fuzz_seeded, &state, &line, NULL));
		custodian[i] = veil_custodian_key_open(path, NULL, NULL);
		g_unlink(path);
		public[i].handle = g_strdup_printf("c%d", i);
		veil_custodian_key_public(custodian[i], public[i].public_key);
	}
	escrow_text = veil_escrow_make_batch(batch_key, "2026A", "00112233445566778899aabbccddeeff", public, 3, 2, fuzz_seeded, &state, pad, NULL);
	escrow = veil_escrow_parse(escrow_text, strlen(escrow_text), "x", NULL);
	for (int i = 0; i < 3; i++)
		part_text[i] = veil_escrow_open_part(escrow, custodian[i], to, fuzz_seeded, &state, NULL);
	make_note();
	key_path = g_build_filename(dir, "registry.key", NULL);
}

/* --- wrapped keys ---------------------------------------------------------------------------------------------------- */

static void
seed_key(GByteArray *out)
{
	guint64 state = 7;
	g_autofree char *bytes = NULL;
	gsize len;
	g_unlink(key_path);
	g_assert(veil_keys__create_with(key_path, &by, &least, fuzz_seeded, &state, NULL));
	g_assert(g_file_get_contents(key_path, &bytes, &len, NULL));
	g_byte_array_append(out, (const guint8 *)bytes, (guint)len);
}

static gboolean
target_key(const guint8 *bytes, gsize len)
{
	static GByteArray *good;
	g_autoptr(GError) error = NULL;
	if (good == NULL) {
		good = g_byte_array_new();
		seed_key(good);
	}
	g_unlink(key_path); /* it would be written over in place, and what is longer stay */
	g_assert(g_file_set_contents_full(key_path, (const char *)bytes, (gssize)len, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
	g_autoptr(VeilKeys) opened = veil_keys_open(key_path, &by, &error);
	g_assert((opened != NULL) == (error == NULL));
	g_assert(opened == NULL || (len == good->len && memcmp(bytes, good->data, len) == 0));
	g_assert(error == NULL || (error->domain == VEIL_ERROR && strchr(error->message, '\n') == NULL));
	return opened != NULL;
}

/* --- escrow and parts ------------------------------------------------------------------------------------------------ */

static void
seed_escrow(GByteArray *out)
{
	g_byte_array_append(out, (const guint8 *)escrow_text, (guint)strlen(escrow_text));
}

/* What is taken is canonical; and whatever a taken escrow says, custodian 0 gives his true part of it or none. */
static gboolean
target_escrow(const guint8 *bytes, gsize len)
{
	g_autoptr(GError) error = NULL;
	guint64 state = 1;
	guint8 to[32];
	g_autofree char *copy = g_memdup2(len > 0 ? bytes : (const guint8 *)"", MAX(len, 1)); /* no zero behind it */
	g_autoptr(VeilEscrow) parsed = veil_escrow_parse(copy, len, "x", &error);
	g_assert((parsed != NULL) == (error == NULL));
	if (parsed == NULL)
		return FALSE;
	g_autofree char *again = veil_escrow__text(parsed);
	g_assert(strlen(again) == len && memcmp(again, bytes, len) == 0);
	veil_keys_public(keys, to);
	g_autofree char *part = veil_escrow_open_part(parsed, custodian[0], to, fuzz_seeded, &state, NULL);
	return part != NULL;
}

static void
seed_part(GByteArray *out)
{
	g_byte_array_append(out, (const guint8 *)part_text[1], (guint)strlen(part_text[1]));
}

/* Two parts, one of them these bytes: the key that was split, or none. */
static gboolean
target_part(const guint8 *bytes, gsize len)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *copy = g_strndup((const char *)bytes, len);
	VeilPartFile files[2] = {{"a", part_text[0], strlen(part_text[0])}, {"b", copy, len}};
	/* g_strndup stops at a zero; a text with one is no part, which the length shows. */
	files[1].text = len > 0 ? (const char *)bytes : "";
	g_autoptr(VeilBatchKey) key = veil_escrow_join_batch(escrow, pad, files, 2, keys, &error);
	g_assert((key != NULL) == (error == NULL));
	g_assert(key == NULL || memcmp(key->key, batch_key->key, 32) == 0);
	return key != NULL;
}

/* --- notes ----------------------------------------------------------------------------------------------------------- */

static void
seed_note(GByteArray *out)
{
	g_byte_array_append(out, (const guint8 *)note, (guint)strlen(note));
}

/* Never more witnesses than signed, never another size or root. */
static gboolean
target_note(const guint8 *bytes, gsize len)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *copy = g_memdup2(len > 0 ? bytes : (const guint8 *)"", MAX(len, 1));
	guint n = 0;
	guint64 size = 0;
	guint8 root[32], right[32];
	memset(right, 0xfb, sizeof right);
	gboolean ok = veil_note_cosigned(copy, len, vkey, (const char *const *)witness, NOW - 600, NOW, &n, &size, root, &error);
	g_assert(ok == (error == NULL));
	g_assert(!ok || (n <= 2 && size == 18274 && memcmp(root, right, 32) == 0));
	return ok && n == 2;
}

const FuzzKind fuzz_kinds[] = {
	{"key", target_key, seed_key, FALSE}, {"escrow", target_escrow, seed_escrow, FALSE}, {"part", target_part, seed_part, FALSE}, {"note", target_note, seed_note, TRUE},
	{NULL, NULL, NULL, FALSE},
};
