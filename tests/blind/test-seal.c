/* test-seal.c - sealed cells: what was moved, altered or opened with another key never opens. */
#include "blind-test.h"

typedef struct {
	char *dir, *path;
	VeilKeys *keys;
} Fixture;

static int
setup(void **state)
{
	Fixture *f = g_new0(Fixture, 1);
	guint64 seed = 1;
	f->dir = g_dir_make_tmp("veil-seal-XXXXXX", NULL);
	f->path = g_build_filename(f->dir, "registry.key", NULL);
	assert_true(veil_keys_create(f->path, &(VeilPassphrases){NULL, NULL}, seeded, &seed, NULL));
	f->keys = veil_keys_open(f->path, &(VeilPassphrases){NULL, NULL}, NULL);
	assert_non_null(f->keys);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	Fixture *f = *state;
	veil_keys_free(f->keys);
	g_unlink(f->path);
	g_rmdir(f->dir);
	g_free(f->dir), g_free(f->path), g_free(f);
	return 0;
}

static void
round_trip_of_any_text(void **state)
{
	Fixture *f = *state;
	guint64 seed = 7;
	guint8 wrapped[VEIL_SEALED_KEY_BYTES];
	VeilId row = {{1, 2, 3}};
	g_autoptr(VeilSealKey) key = veil_seal_key_new(f->keys, seeded, &seed, wrapped);
	g_autoptr(VeilSealKey) again = veil_seal_key_open(f->keys, wrapped, NULL);
	assert_non_null(again);
	gsize lengths[] = {0, 1, 15, 16, 17, 63, 64, 65, 1000, 1 << 20};
	for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++) {
		gsize len = lengths[i], got = 99;
		g_autofree char *text = g_malloc(len + 1);
		seeded(text, len, &seed); /* zeros and invalid UTF-8 included: sealing knows bytes */
		g_autofree guint8 *sealed = g_malloc(len + VEIL_SEAL_OVERHEAD);
		veil_seal(key, 5, "person", "name", &row, text, len, sealed);
		g_autofree char *opened = veil_unseal(again, 5, "person", "name", &row, sealed, len + VEIL_SEAL_OVERHEAD, &got, NULL);
		assert_non_null(opened);
		assert_int_equal(got, len);
		assert_memory_equal(opened, text, len);
		assert_int_equal(opened[len], 0);
	}
}

static void
moved_cells_do_not_open(void **state)
{
	Fixture *f = *state;
	guint64 seed = 8;
	guint8 wrapped[VEIL_SEALED_KEY_BYTES], other_wrapped[VEIL_SEALED_KEY_BYTES], sealed[5 + VEIL_SEAL_OVERHEAD];
	VeilId row = {{1}}, other_row = {{2}};
	g_autoptr(VeilSealKey) key = veil_seal_key_new(f->keys, seeded, &seed, wrapped);
	g_autoptr(VeilSealKey) other = veil_seal_key_new(f->keys, seeded, &seed, other_wrapped);
	veil_seal(key, 5, "person", "name", &row, "hello", 5, sealed);
	const struct {
		const char *what;
		const VeilSealKey *key;
		gint64 key_id;
		const char *table, *column;
		const VeilId *row;
	} moves[] = {
		{"row", key, 5, "person", "name", &other_row},
		{"column", key, 5, "person", "email", &row},
		{"table", key, 5, "project", "name", &row},
		{"table and column slid", key, 5, "personn", "ame", &row},
		{"key id", key, 6, "person", "name", &row},
		{"key", other, 5, "person", "name", &row},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(moves); i++) {
		g_autoptr(GError) error = NULL;
		gsize got = 99;
		if (veil_unseal(moves[i].key, moves[i].key_id, moves[i].table, moves[i].column, moves[i].row, sealed, sizeof sealed, &got, &error) != NULL)
			fail_msg("opened after a move of %s", moves[i].what);
		assert_failed_with(error, VEIL_ERROR_VERIFY);
		assert_int_equal(got, 99);
	}
}

static void
altered_or_cut_cells_do_not_open(void **state)
{
	Fixture *f = *state;
	guint64 seed = 9;
	guint8 wrapped[VEIL_SEALED_KEY_BYTES], sealed[5 + VEIL_SEAL_OVERHEAD];
	VeilId row = {{1}};
	g_autoptr(VeilSealKey) key = veil_seal_key_new(f->keys, seeded, &seed, wrapped);
	veil_seal(key, 5, "person", "name", &row, "hello", 5, sealed);
	for (gsize bit = 0; bit < 8 * sizeof sealed; bit++) {
		sealed[bit / 8] ^= (guint8)(1 << bit % 8);
		assert_null(veil_unseal(key, 5, "person", "name", &row, sealed, sizeof sealed, NULL, NULL));
		sealed[bit / 8] ^= (guint8)(1 << bit % 8);
	}
	for (gsize len = 0; len < sizeof sealed; len++)
		assert_null(veil_unseal(key, 5, "person", "name", &row, sealed, len, NULL, NULL));
	g_autofree char *still = veil_unseal(key, 5, "person", "name", &row, sealed, sizeof sealed, NULL, NULL);
	assert_string_equal(still, "hello");
}

/* Nonces are a function of place and text: different cells never share one, equal cells are equal bytes. */
static void
nonces_differ_between_cells(void **state)
{
	Fixture *f = *state;
	guint64 seed = 10;
	guint8 wrapped[VEIL_SEALED_KEY_BYTES];
	g_autoptr(VeilSealKey) key = veil_seal_key_new(f->keys, seeded, &seed, wrapped);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
	guint n = 0;
	for (guint8 r = 0; r < 100; r++)
		for (char text = 'a'; text <= 'j'; text++) {
			guint8 sealed[1 + VEIL_SEAL_OVERHEAD], twice[1 + VEIL_SEAL_OVERHEAD];
			VeilId row = {{r}};
			veil_seal(key, 1, "t", "c", &row, &text, 1, sealed);
			veil_seal(key, 1, "t", "c", &row, &text, 1, twice);
			assert_memory_equal(sealed, twice, sizeof sealed);
			g_hash_table_add(seen, g_bytes_new(sealed, 24));
			n++;
		}
	assert_int_equal(g_hash_table_size(seen), n);
}

static void
import_keys_open_only_with_their_registry(void **state)
{
	Fixture *f = *state;
	guint64 seed = 11;
	guint8 wrapped[VEIL_SEALED_KEY_BYTES];
	g_autoptr(VeilSealKey) key = veil_seal_key_new(f->keys, seeded, &seed, wrapped);
	g_autofree char *path = g_build_filename(f->dir, "other.key", NULL);
	assert_true(veil_keys_create(path, &(VeilPassphrases){NULL, NULL}, seeded, &seed, NULL));
	g_autoptr(VeilKeys) stranger = veil_keys_open(path, &(VeilPassphrases){NULL, NULL}, NULL);
	g_autoptr(GError) error = NULL;
	assert_null(veil_seal_key_open(stranger, wrapped, &error));
	assert_failed_with(error, VEIL_ERROR_VERIFY);
	for (gsize bit = 0; bit < 8 * sizeof wrapped; bit++) {
		/* The top bit of an X25519 public key is ignored by the curve, but not by the nonce. */
		wrapped[bit / 8] ^= (guint8)(1 << bit % 8);
		assert_null(veil_seal_key_open(f->keys, wrapped, NULL));
		wrapped[bit / 8] ^= (guint8)(1 << bit % 8);
	}
	g_unlink(path);
}

static void
batch_keys_wrap_under_their_name(void **state)
{
	Fixture *f = *state;
	guint64 seed = 12;
	guint8 wrapped[VEIL_WRAPPED_BATCH_KEY_BYTES];
	VeilId id = {{9}};
	char a[VEIL_CODE_CHARS + 1], b[VEIL_CODE_CHARS + 1];
	g_autoptr(VeilBatchKey) key = veil_batch_key_new(seeded, &seed);
	veil_batch_key_wrap(key, f->keys, NULL, "2026A", seeded, &seed, wrapped);
	g_autoptr(VeilBatchKey) again = veil_batch_key_unwrap(f->keys, NULL, "2026A", wrapped, NULL);
	veil_code(key, VEIL_CODE_REVIEWER, VEIL_AUDIENCE_DRAWER, &id, a);
	veil_code(again, VEIL_CODE_REVIEWER, VEIL_AUDIENCE_DRAWER, &id, b);
	assert_string_equal(a, b);
	g_autoptr(GError) error = NULL;
	assert_null(veil_batch_key_unwrap(f->keys, NULL, "2026B", wrapped, &error));
	assert_failed_with(error, VEIL_ERROR_VERIFY);
	for (gsize bit = 0; bit < 8 * sizeof wrapped; bit++) {
		wrapped[bit / 8] ^= (guint8)(1 << bit % 8);
		assert_null(veil_batch_key_unwrap(f->keys, NULL, "2026A", wrapped, NULL));
		wrapped[bit / 8] ^= (guint8)(1 << bit % 8);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip_of_any_text),
		cmocka_unit_test(moved_cells_do_not_open),
		cmocka_unit_test(altered_or_cut_cells_do_not_open),
		cmocka_unit_test(nonces_differ_between_cells),
		cmocka_unit_test(import_keys_open_only_with_their_registry),
		cmocka_unit_test(batch_keys_wrap_under_their_name),
	};
	if (!veil_blind_init(NULL))
		return 99;
	return cmocka_run_group_tests_name("blind-seal", tests, setup, teardown);
}
