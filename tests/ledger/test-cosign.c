/* test-cosign.c - witnesses' cosignatures: stale, replayed, of another key, by the same one twice; and one of C2SP's specification. */
#include "ledger-test.h"

#include <veil/hash.h>

#include "private.h"

static const char origin[] = "kjj.example.gov/veil";
static guint8 seed[32], seed_w[3][32], root[32];
static char *note, *vkey, *witness[4];

#define NOW 1772400000

static int
setup(void **state)
{
	(void)state;
	memset(seed, 3, sizeof seed);
	memset(root, 0xfb, sizeof root);
	note = veil_checkpoint_sign(origin, 18274, root, seed);
	vkey = veil_note_vkey(origin, seed);
	for (int i = 0; i < 3; i++) {
		g_autofree char *name = g_strdup_printf("w%d.example.gov", i);
		memset(seed_w[i], 10 + i, 32);
		witness[i] = veil_note_witness_vkey(name, seed_w[i]);
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		g_free(witness[i]);
	g_free(note), g_free(vkey);
	return 0;
}

static char *
line(const char *of, int w, guint64 when)
{
	g_autofree char *name = g_strdup_printf("w%d.example.gov", w);
	char *text = veil_checkpoint_cosign(of, strlen(of), name, seed_w[w], when, NULL);
	assert_non_null(text);
	return text;
}

/* -1: refused; else how many witnesses count. */
static int
count(const char *text)
{
	guint n = 99;
	guint64 size = 0;
	guint8 have[32];
	g_autoptr(GError) error = NULL;
	if (!veil_note_cosigned(text, strlen(text), vkey, (const char *const *)witness, NOW - 600, NOW, &n, &size, have, &error)) {
		assert_failed_with(error, VEIL_ERROR_VERIFY);
		assert_int_equal(n, 99);
		return -1;
	}
	assert_int_equal(size, 18274);
	assert_memory_equal(have, root, 32);
	return (int)n;
}

static void
each_witness_counts_once_and_in_time(void **state)
{
	(void)state;
	g_autofree char *a = line(note, 0, NOW - 600), *b = line(note, 1, NOW), *stale = line(note, 2, NOW - 601), *future = line(note, 2, NOW + 1);
	g_autofree char *again = line(note, 0, NOW - 5);
	g_autofree char *none = g_strdup(note), *one = g_strconcat(note, a, NULL), *two = g_strconcat(note, b, a, NULL);
	g_autofree char *same = g_strconcat(note, a, again, a, NULL), *late = g_strconcat(note, a, stale, future, NULL);
	assert_int_equal(count(none), 0);
	assert_int_equal(count(one), 1);
	assert_int_equal(count(two), 2);
	assert_int_equal(count(same), 1);
	assert_int_equal(count(late), 1);
}

static void
a_cosignature_of_another_checkpoint_is_refused(void **state)
{
	(void)state;
	guint8 other_root[32] = {1};
	g_autofree char *older = veil_checkpoint_sign(origin, 18273, root, seed), *fork = veil_checkpoint_sign(origin, 18274, other_root, seed);
	g_autofree char *from_older = line(older, 0, NOW), *from_fork = line(fork, 0, NOW);
	g_autofree char *replayed = g_strconcat(note, from_older, NULL), *forked = g_strconcat(note, from_fork, NULL);
	assert_int_equal(count(replayed), -1);
	assert_int_equal(count(forked), -1);
}

static void
every_changed_character_refuses_or_does_not_count(void **state)
{
	(void)state;
	g_autofree char *a = line(note, 0, NOW), *good = g_strconcat(note, a, NULL);
	for (char *c = good + strlen(note); *c != '\0'; c++) {
		char before = *c;
		*c = before == 'A' ? 'B' : 'A';
		assert_true(count(good) <= 0);
		*c = before;
	}
	assert_int_equal(count(good), 1);
	/* A time that is not the one signed. */
	g_autofree char *other_time = line(note, 0, NOW - 1);
	gsize at = strlen("\xE2\x80\x94 w0.example.gov ");
	g_autofree char *mixed = g_strdup_printf("%s%.*s%s", note, (int)(at + 16), other_time, a + at + 16);
	assert_int_equal(count(mixed), -1);
}

static void
short_and_long_lines_of_a_witness_are_refused(void **state)
{
	(void)state;
	g_autofree char *a = line(note, 0, NOW);
	gsize n;
	g_autofree guint8 *bytes = g_base64_decode(strrchr(a, ' ') + 1, &n);
	assert_int_equal(n, 76);
	guint8 longer[200] = {0};
	memcpy(longer, bytes, n);
	static const gsize sizes[] = {5, 12, 75, 77, 200};
	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autofree char *encoded = g_base64_encode(longer, sizes[i]);
		g_autofree char *text = g_strdup_printf("%s\xE2\x80\x94 w0.example.gov %s\n", note, encoded);
		assert_int_equal(count(text), -1);
		/* Under a name nobody knows it is nobody's. */
		g_autofree char *nobodys = g_strdup_printf("%s\xE2\x80\x94 w9.example.gov %s\n", note, encoded);
		assert_int_equal(count(nobodys), 0);
	}
}

static void
a_log_key_is_no_witness_key_and_none_counts_twice(void **state)
{
	(void)state;
	guint n;
	guint8 have[32];
	guint64 size;
	const char *log_key[] = {vkey, NULL}, *twice[] = {witness[0], witness[0], NULL};
	g_autofree char *damaged = g_strdup(witness[0]);
	damaged[strlen(damaged) - 3] ^= 1;
	const char *broken[] = {damaged, NULL};
	assert_false(veil_note_cosigned(note, strlen(note), vkey, log_key, 0, NOW, &n, &size, have, NULL));
	assert_false(veil_note_cosigned(note, strlen(note), vkey, twice, 0, NOW, &n, &size, have, NULL));
	assert_false(veil_note_cosigned(note, strlen(note), vkey, broken, 0, NOW, &n, &size, have, NULL));
	assert_false(veil_note_witness_valid(vkey));
	assert_true(veil_note_witness_valid(witness[0]));
	/* One key under two names would be a quorum of one person. */
	g_autofree char *alias = veil_note_witness_vkey("other.example.gov", seed_w[0]);
	const char *two_names[] = {witness[0], alias, NULL};
	assert_false(veil_note_cosigned(note, strlen(note), vkey, two_names, 0, NOW, &n, &size, have, NULL));
}

/* The message put together by hand from the text of C2SP tlog-cosignature. */
static void
the_message_is_that_of_the_specification(void **state)
{
	(void)state;
	g_autofree char *a = line(note, 0, 1679315147);
	gsize n;
	g_autofree guint8 *bytes = g_base64_decode(strrchr(a, ' ') + 1, &n);
	const char *end = strstr(note, "\n\n");
	g_autofree char *text = g_strndup(note, (gsize)(end + 1 - note));
	g_autofree char *message = g_strconcat("cosignature/v1\ntime 1679315147\n", text, NULL);
	guint8 typed[33], hash[32];
	g_autofree guint8 *key = g_base64_decode(strchr(strchr(witness[0], '+') + 1, '+') + 1, &n);
	memcpy(typed, key, 33);
	assert_int_equal(typed[0], 4);
	assert_true(veil_ledger__verify(typed + 1, bytes + 12, message, strlen(message)));
	g_autoptr(GByteArray) id = g_byte_array_new();
	g_byte_array_append(id, (const guint8 *)"w0.example.gov\n", 15);
	g_byte_array_append(id, typed, 33);
	veil_sha256(id->data, id->len, hash);
	assert_memory_equal(hash, bytes, 4);
	static const guint8 be[8] = {0, 0, 0, 0, 0x64, 0x18, 0x50, 0xcb};
	assert_memory_equal(bytes + 4, be, 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_witness_counts_once_and_in_time),
		cmocka_unit_test(a_cosignature_of_another_checkpoint_is_refused),
		cmocka_unit_test(every_changed_character_refuses_or_does_not_count),
		cmocka_unit_test(short_and_long_lines_of_a_witness_are_refused),
		cmocka_unit_test(a_log_key_is_no_witness_key_and_none_counts_twice),
		cmocka_unit_test(the_message_is_that_of_the_specification),
	};
	return cmocka_run_group_tests_name("ledger-cosign", tests, setup, teardown);
}
