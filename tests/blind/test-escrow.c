/* test-escrow.c - custodians: too few, twice, damaged, of another batch, false; k of n in every combination. */
#include "escrow-private.h"

#include "blind-test.h"

#define N 5

typedef struct {
	char *dir;
	VeilKeys *keys;
	VeilCustodianKey *custodian[N];
	VeilCustodian public[N];
	VeilBatchKey *key;
	guint64 seed;
} Fixture;

static VeilCustodianKey *
new_custodian(Fixture *f, const char *name, char **out_public)
{
	g_autofree char *path = g_build_filename(f->dir, name, NULL);
	assert_true(veil_custodian_key_create(path, "pass", TRUE, seeded, &f->seed, out_public, NULL));
	VeilCustodianKey *key = veil_custodian_key_open(path, "pass", NULL);
	assert_non_null(key);
	g_unlink(path);
	return key;
}

static int
setup(void **state)
{
	Fixture *f = g_new0(Fixture, 1);
	f->seed = 1;
	f->dir = g_dir_make_tmp("veil-escrow-XXXXXX", NULL);
	guint8 secret[96];
	seeded(secret, sizeof secret, &f->seed);
	f->keys = veil_keys__from_secret(secret);
	f->key = veil_batch_key_new(seeded, &f->seed);
	for (int i = 0; i < N; i++) {
		g_autofree char *line = NULL;
		f->custodian[i] = new_custodian(f, "one.key", &line);
		f->public[i].handle = g_strdup_printf("c%d", i);
		assert_true(veil_custodian_public_parse(line, f->public[i].public_key));
	}
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	Fixture *f = *state;
	assert_int_equal(g_rmdir(f->dir), 0);
	for (int i = 0; i < N; i++) {
		veil_custodian_key_free(f->custodian[i]);
		g_free(f->public[i].handle);
	}
	veil_keys_free(f->keys);
	veil_batch_key_free(f->key);
	g_free(f->dir), g_free(f);
	return 0;
}

static VeilEscrow *
escrow_of(Fixture *f, const VeilBatchKey *key, const char *batch, guint n, guint k, guint8 *pad)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = veil_escrow_make_batch(key, batch, "00ff", f->public, n, k, seeded, &f->seed, pad, &error);
	assert_null(error);
	VeilEscrow *escrow = veil_escrow_parse(text, strlen(text), "x.escrow", &error);
	assert_null(error);
	return escrow;
}

static char *
part_of(Fixture *f, const VeilEscrow *escrow, int custodian)
{
	guint8 to[32];
	g_autoptr(GError) error = NULL;
	veil_keys_public(f->keys, to);
	char *text = veil_escrow_open_part(escrow, f->custodian[custodian], to, seeded, &f->seed, &error);
	assert_null(error);
	return text;
}

/* Joins; on failure the message must hold both fragments. */
static VeilBatchKey *
join(Fixture *f, const VeilEscrow *escrow, const guint8 *pad, char *const *texts, guint n, VeilErrorCode code, const char *one, const char *other)
{
	VeilPartFile files[N + 2];
	g_autoptr(GError) error = NULL;
	for (guint i = 0; i < n; i++)
		files[i] = (VeilPartFile){"p.part", texts[i], strlen(texts[i])};
	VeilBatchKey *key = veil_escrow_join_batch(escrow, pad, files, n, f->keys, &error);
	if (key == NULL) {
		assert_failed_with(error, code);
		if (strstr(error->message, one) == NULL || strstr(error->message, other) == NULL)
			fail_msg("\"%s\" lacks \"%s\" or \"%s\"", error->message, one, other);
	} else {
		assert_null(error);
	}
	return key;
}

static void
every_k_of_n_gives_the_key_and_fewer_give_nothing(void **state)
{
	Fixture *f = *state;
	for (guint n = 1; n <= N; n++)
		for (guint k = 1; k <= n; k++) {
			guint8 pad[VEIL_ESCROW_PAD_BYTES];
			g_autoptr(VeilEscrow) escrow = escrow_of(f, f->key, "2026A", n, k, pad);
			g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
			for (guint i = 0; i < n; i++)
				g_ptr_array_add(all, part_of(f, escrow, (int)i));
			for (guint mask = 0; mask < 1u << n; mask++) {
				char *some[N];
				guint have = 0;
				/* From the last to the first: the order in which files are named says nothing. */
				for (guint i = n; i-- > 0;)
					if (mask >> i & 1)
						some[have++] = g_ptr_array_index(all, i);
				g_autoptr(VeilBatchKey) key = join(f, escrow, pad, some, have, VEIL_ERROR_REFUSED, "gave their parts", "are needed");
				assert_true((key != NULL) == (have >= k));
				if (key != NULL)
					assert_memory_equal(key->key, f->key->key, 32);
			}
		}
}

static void
a_bad_part_is_named_with_its_custodian(void **state)
{
	Fixture *f = *state;
	guint8 pad[VEIL_ESCROW_PAD_BYTES], other_pad[VEIL_ESCROW_PAD_BYTES];
	g_autoptr(VeilBatchKey) other_key = veil_batch_key_new(seeded, &f->seed);
	g_autoptr(VeilEscrow) escrow = escrow_of(f, f->key, "2026A", N, 3, pad);
	g_autoptr(VeilEscrow) other = escrow_of(f, other_key, "2026B", N, 3, other_pad);
	g_autoptr(VeilEscrow) again = escrow_of(f, f->key, "2026A", N, 3, other_pad);
	g_autofree char *a = part_of(f, escrow, 0), *b = part_of(f, escrow, 1), *c = part_of(f, escrow, 2), *d = part_of(f, escrow, 3);
	g_autofree char *c_other = part_of(f, other, 2), *c_again = part_of(f, again, 2);

	assert_null(join(f, escrow, pad, (char *[]){a, b, b}, 3, VEIL_ERROR_REFUSED, "custodian c1", "twice"));
	assert_null(join(f, escrow, pad, (char *[]){a, b, c_other}, 3, VEIL_ERROR_REFUSED, "custodian c2", "of another batch"));
	/* Split anew: same key, same commitment, other parts. A mixture would give a wrong key, so it must not get that far. */
	assert_null(join(f, escrow, pad, (char *[]){a, b, c_again}, 3, VEIL_ERROR_VERIFY, "custodian c2", "damaged or false"));
	g_autofree char *cut = g_strndup(c, strlen(c) - 70);
	assert_null(join(f, escrow, pad, (char *[]){a, b, cut}, 3, VEIL_ERROR_VERIFY, "custodian c2", "p.part"));
	/* k good ones and one bad one: still named, not passed over. */
	assert_null(join(f, escrow, pad, (char *[]){a, b, d, cut}, 4, VEIL_ERROR_VERIFY, "custodian c2", "p.part"));
	/* One custodian's box under another's name, with `end` repaired. */
	g_autofree char *swapped = g_strdup(c);
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilPart) part = veil_part__parse(c, strlen(c), "c", &error);
	assert_non_null(part);
	g_free(swapped);
	swapped = veil_part__text(escrow, 3, part->to, part->box, part->n_box);
	assert_null(join(f, escrow, pad, (char *[]){a, b, swapped}, 3, VEIL_ERROR_VERIFY, "custodian c3", "damaged or false"));
	/* A custodian who lies within his own box. */
	guint8 to[32];
	veil_keys_public(f->keys, to);
	gsize n = part->n_box - crypto_box_SEALBYTES;
	g_autofree guint8 *plain = g_malloc(n), *box = g_malloc(part->n_box);
	assert_int_equal(crypto_box_seal_open(plain, part->box, part->n_box, f->keys->box_public, f->keys->box_secret), 0);
	for (gsize at = 0; at < n; at += 7) {
		plain[at] ^= 1;
		assert_true(veil_blind__box_seal(box, plain, n, to, seeded, &f->seed));
		plain[at] ^= 1;
		g_autofree char *lie = veil_part__text(escrow, 2, to, box, part->n_box);
		assert_null(join(f, escrow, pad, (char *[]){a, b, lie}, 3, VEIL_ERROR_VERIFY, "custodian c2", "damaged or false"));
	}
	/* And everything right still opens. */
	g_autoptr(VeilBatchKey) key = join(f, escrow, pad, (char *[]){c, a, b, d}, 4, VEIL_ERROR_VERIFY, "", "");
	assert_non_null(key);
}

static void
without_the_pad_all_parts_open_nothing(void **state)
{
	Fixture *f = *state;
	guint8 pad[VEIL_ESCROW_PAD_BYTES];
	g_autoptr(VeilEscrow) escrow = escrow_of(f, f->key, "2026A", 3, 2, pad);
	g_autofree char *a = part_of(f, escrow, 0), *b = part_of(f, escrow, 1), *c = part_of(f, escrow, 2);
	memset(pad, 0, sizeof pad);
	assert_null(join(f, escrow, pad, (char *[]){a, b, c}, 3, VEIL_ERROR_VERIFY, "registry keeps", "altered"));
}

static void
a_stranger_is_no_custodian_and_another_recipient_cannot_read(void **state)
{
	Fixture *f = *state;
	guint8 pad[VEIL_ESCROW_PAD_BYTES], to[32];
	g_autofree char *line = NULL;
	g_autoptr(VeilCustodianKey) stranger = new_custodian(f, "stranger.key", &line);
	g_autoptr(VeilEscrow) escrow = escrow_of(f, f->key, "2026A", 3, 2, pad);
	g_autoptr(GError) error = NULL;
	veil_custodian_key_public(stranger, to);
	assert_null(veil_escrow_open_part(escrow, stranger, to, seeded, &f->seed, &error));
	assert_failed_with(error, VEIL_ERROR_REFUSED);
	g_clear_error(&error);
	g_autofree char *to_stranger = veil_escrow_open_part(escrow, f->custodian[0], to, seeded, &f->seed, &error);
	g_autofree char *b = part_of(f, escrow, 1);
	assert_null(join(f, escrow, pad, (char *[]){to_stranger, b}, 2, VEIL_ERROR_REFUSED, "custodian c0", "sealed to another key"));
}

static void
custodians_that_are_one_are_refused(void **state)
{
	Fixture *f = *state;
	guint8 pad[VEIL_ESCROW_PAD_BYTES];
	VeilCustodian two[2] = {f->public[0], f->public[0]};
	static const guint bad[][2] = {{0, 0}, {3, 0}, {2, 3}, {8, 2}};
	g_autoptr(GError) error = NULL;
	assert_null(veil_escrow_make_batch(f->key, "A", "00", two, 2, 1, seeded, &f->seed, pad, &error));
	assert_failed_with(error, VEIL_ERROR_REFUSED);
	g_clear_error(&error);
	two[1].handle = (char *)"other";
	assert_null(veil_escrow_make_batch(f->key, "A", "00", two, 2, 1, seeded, &f->seed, pad, &error));
	assert_failed_with(error, VEIL_ERROR_REFUSED);
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_clear_error(&error);
		assert_null(veil_escrow_make_batch(f->key, "A", "00", f->public, bad[i][0], bad[i][1], seeded, &f->seed, pad, &error));
		assert_failed_with(error, VEIL_ERROR_REFUSED);
	}
}

static void
the_registrys_keys_come_back_too(void **state)
{
	Fixture *f = *state;
	guint8 pad[VEIL_ESCROW_PAD_BYTES], to[32];
	g_autofree char *line = NULL;
	g_autoptr(VeilCustodianKey) officer = new_custodian(f, "officer.key", &line);
	g_autoptr(GError) error = NULL;
	g_autofree char *text = veil_escrow_make_registry(f->keys, "77", f->public, 3, 2, seeded, &f->seed, pad, &error);
	g_autoptr(VeilEscrow) escrow = veil_escrow_parse(text, strlen(text), "registry.escrow", &error);
	VeilPartFile files[2];
	char *texts[2];
	assert_null(error);
	veil_custodian_key_public(officer, to);
	for (int i = 0; i < 2; i++) {
		texts[i] = veil_escrow_open_part(escrow, f->custodian[i + 1], to, seeded, &f->seed, &error);
		files[i] = (VeilPartFile){"p", texts[i], strlen(texts[i])};
	}
	g_autoptr(VeilKeys) keys = veil_escrow_join_registry(escrow, pad, files, 2, officer, &error);
	assert_null(error);
	assert_memory_equal(keys->box_secret, f->keys->box_secret, 32);
	assert_memory_equal(keys->wrap, f->keys->wrap, 32);
	g_free(texts[0]), g_free(texts[1]);
}

/* No sealed part is the same twice, and the key stands in none of the texts. */
static void
nothing_shows_in_the_texts(void **state)
{
	Fixture *f = *state;
	guint8 pad[VEIL_ESCROW_PAD_BYTES];
	g_autofree char *text = veil_escrow_make_batch(f->key, "2026A", "00", f->public, N, 3, seeded, &f->seed, pad, NULL);
	char hex[65];
	g_autofree char *b64 = g_base64_encode(f->key->key, 32);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	veil_hex_encode(f->key->key, 32, hex);
	assert_null(strstr(text, hex));
	assert_null(strstr(text, b64));
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	guint parts = 0;
	for (guint i = 0; lines[i] != NULL; i++)
		if (g_str_has_prefix(lines[i], "part ")) {
			assert_true(g_hash_table_add(seen, g_strdup(strrchr(lines[i], ' '))));
			parts++;
		}
	assert_int_equal(parts, 30);
}

static void
public_keys_mistyped_or_weak_are_refused(void **state)
{
	Fixture *f = *state;
	g_autofree char *line = veil_custodian_public_format(f->public[0].public_key);
	guint8 out[32], weak[32] = {1};
	assert_true(veil_custodian_public_parse(line, out));
	for (gsize i = 0; line[i] != '\0'; i++) {
		g_autofree char *typo = g_strdup(line);
		typo[i] = typo[i] == 'A' ? 'B' : 'A';
		assert_false(veil_custodian_public_parse(typo, out));
		typo[i] = '\0';
		assert_false(veil_custodian_public_parse(typo, out));
	}
	g_autofree char *one = veil_custodian_public_format(weak);
	assert_false(veil_custodian_public_parse(one, out));
	memset(weak, 0, sizeof weak);
	g_autofree char *zero = veil_custodian_public_format(weak);
	assert_false(veil_custodian_public_parse(zero, out));
	assert_false(veil_custodian_public_parse("", out));
}

static void
a_live_key_opens_with_its_live_half_only(void **state)
{
	Fixture *f = *state;
	guint8 live[32] = {1}, other[32] = {2}, wrapped[VEIL_WRAPPED_BATCH_KEY_BYTES];
	veil_batch_key_wrap(f->key, f->keys, live, "A", seeded, &f->seed, wrapped);
	g_autoptr(VeilBatchKey) key = veil_batch_key_unwrap(f->keys, live, "A", wrapped, NULL);
	assert_memory_equal(key->key, f->key->key, 32);
	assert_null(veil_batch_key_unwrap(f->keys, other, "A", wrapped, NULL));
	assert_null(veil_batch_key_unwrap(f->keys, NULL, "A", wrapped, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_k_of_n_gives_the_key_and_fewer_give_nothing),
		cmocka_unit_test(a_bad_part_is_named_with_its_custodian),
		cmocka_unit_test(without_the_pad_all_parts_open_nothing),
		cmocka_unit_test(a_stranger_is_no_custodian_and_another_recipient_cannot_read),
		cmocka_unit_test(custodians_that_are_one_are_refused),
		cmocka_unit_test(the_registrys_keys_come_back_too),
		cmocka_unit_test(nothing_shows_in_the_texts),
		cmocka_unit_test(public_keys_mistyped_or_weak_are_refused),
		cmocka_unit_test(a_live_key_opens_with_its_live_half_only),
	};
	if (!veil_blind_init(NULL))
		return 99;
	return cmocka_run_group_tests_name("blind-escrow", tests, setup, teardown);
}
