/* test-sealed.c - slips and answers: nothing but the very bytes of the writer opens, for the one key; sizes tell nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include <veil/handover.h>

static void
seeded(void *out, gsize n, gpointer data)
{
	for (gsize i = 0; i < n; i++)
		((guint8 *)out)[i] = (guint8)g_rand_int_range(data, 0, 256);
}

typedef struct {
	GRand *rand;
	VeilDeskKey *key, *other;
	guint8 to[32];
} Fixture;

static int
setup(void **state)
{
	Fixture *f = g_new0(Fixture, 1);
	g_autofree char *text = NULL;

	f->rand = g_rand_new_with_seed(1);
	f->key = veil_desk_key_new(seeded, f->rand);
	f->other = veil_desk_key_new(seeded, f->rand);
	text = veil_desk_public_format(f->key);
	assert_true(veil_desk_public_parse(text, f->to));
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	Fixture *f = *state;

	veil_desk_key_free(f->key);
	veil_desk_key_free(f->other);
	g_rand_free(f->rand);
	g_free(f);
	return 0;
}

static void
opens_as_written_and_only_so(void **state)
{
	Fixture *f = *state;
	g_autofree char *sealed = veil_letter_seal("veil-answer/1\nwords\n", f->to, seeded, f->rand);
	g_autofree char *again = veil_letter_seal("veil-answer/1\nwords\n", f->to, seeded, f->rand);
	g_autofree char *open = veil_letter_open(sealed, strlen(sealed), f->key);
	gsize len = strlen(sealed);

	assert_string_equal(open, "veil-answer/1\nwords\n");
	assert_string_not_equal(sealed, again);
	assert_null(veil_letter_open(sealed, len, f->other));
	for (guint i = 0; i < 400; i++) {
		g_autofree char *forged = g_strdup(sealed);
		gsize at = (gsize)g_rand_int_range(f->rand, 0, (gint32)len);
		char before = forged[at];

		forged[at] = i % 2 ? (char)(before ^ 1) : (char)g_rand_int_range(f->rand, 1, 128);
		if (forged[at] != before)
			assert_null(veil_letter_open(forged, strlen(forged), f->key));
	}
	/* Cut off, with something behind, with other line ends. */
	for (gsize cut = 0; cut < len; cut += 97)
		assert_null(veil_letter_open(sealed, cut, f->key));
	{
		g_autofree char *longer = g_strconcat(sealed, "\n", NULL), *twice = g_strconcat(sealed, sealed, NULL);
		g_autofree char *windows = g_strdup(sealed);

		g_strdelimit(windows, "\n", '\r');
		assert_null(veil_letter_open(longer, strlen(longer), f->key));
		assert_null(veil_letter_open(twice, strlen(twice), f->key));
		assert_null(veil_letter_open(windows, strlen(windows), f->key));
	}
}

static void
size_tells_nothing(void **state)
{
	Fixture *f = *state;
	gsize size = 0;

	for (guint n = 0; n <= 4000; n += 500) {
		g_autofree char *text = g_strnfill(n, 'x'), *sealed = veil_letter_seal(text, f->to, seeded, f->rand);

		assert_true(size == 0 || size == strlen(sealed));
		size = strlen(sealed);
	}
	assert_int_equal(veil_bucket(0, 0), 4096);
	assert_int_equal(veil_bucket(4096, 0), 4096);
	assert_int_equal(veil_bucket(4097, 0), 8192);
	assert_int_equal(veil_bucket(4096 - 48, 48), 4096 - 48);
	assert_int_equal(veil_bucket(4096 - 47, 48), 8192 - 48);
}

static const char answer_text[] = "veil-answer/1\nfreeze-id 0123456789abcdef0123456789abcdef\npacket %s\ntoken "
				  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n%s accept\n%s tie\n";

/* Two project codes in order, and a reviewer's. */
static void
codes(Fixture *f, char reviewer[VEIL_CODE_CHARS + 1], char a[VEIL_CODE_CHARS + 1], char b[VEIL_CODE_CHARS + 1])
{
	g_autoptr(VeilBatchKey) key = veil_batch_key_new(seeded, f->rand);
	VeilId one = {{1}}, two = {{2}};

	veil_code(key, VEIL_CODE_REVIEWER, VEIL_AUDIENCE_EXPERT, &one, reviewer);
	veil_code(key, VEIL_CODE_PROJECT, VEIL_AUDIENCE_EXPERT, &one, a);
	veil_code(key, VEIL_CODE_PROJECT, VEIL_AUDIENCE_EXPERT, &two, b);
	if (strcmp(a, b) > 0) {
		char swap[VEIL_CODE_CHARS + 1];

		memcpy(swap, a, sizeof swap);
		memcpy(a, b, sizeof swap);
		memcpy(b, swap, sizeof swap);
	}
}

static void
one_spelling_of_an_answer(void **state)
{
	Fixture *f = *state;
	char r[VEIL_CODE_CHARS + 1], a[VEIL_CODE_CHARS + 1], b[VEIL_CODE_CHARS + 1];
	VeilAnswer answer = {0};

	codes(f, r, a, b);
	g_autofree char *good = g_strdup_printf(answer_text, r, a, b), *turned = g_strdup_printf(answer_text, r, b, a), *twice = g_strdup_printf(answer_text, r, a, a);
	g_autofree char *swapped = g_strdup_printf(answer_text, a, a, b), *upper = g_ascii_strup(good, -1), *more = g_strconcat(good, "\n", NULL);
	g_autofree char *other = g_strdup_printf("%s%s maybe\n", good, b), *none = g_strndup(good, (gsize)(strstr(good, a) - good));
	g_autofree char *cut = g_strndup(good, strlen(good) - 1);

	assert_true(veil_answer_parse(good, &answer));
	assert_int_equal(answer.lines->len, 2);
	assert_int_equal(g_array_index(answer.lines, VeilAnswerLine, 1).word, VEIL_ANSWER_TIE);
	{
		g_autofree char *text = veil_answer_format(&answer);
		assert_string_equal(text, good);
	}
	veil_answer_clear(&answer);
	const char *bad[] = {turned, twice, swapped, upper, more, other, none, cut, "", "veil-answer/1\n"};
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
		if (veil_answer_parse(bad[i], &answer))
			fail_msg("text %u is taken", i);
}

static void
slips_and_keys(void **state)
{
	Fixture *f = *state;
	char r[VEIL_CODE_CHARS + 1], a[VEIL_CODE_CHARS + 1], b[VEIL_CODE_CHARS + 1];
	VeilSlip slip = {.freeze_id = "0123456789abcdef0123456789abcdef"}, got;
	gboolean other;
	guint8 mac[2][32];

	codes(f, r, a, b);
	g_strlcpy(slip.invitation, r, sizeof slip.invitation);
	g_strlcpy(slip.packet, r, sizeof slip.packet);
	g_autofree char *text = veil_slip_format(&slip), *key = veil_desk_key_format(f->key, slip.freeze_id), *cut = g_strndup(text, strlen(text) - 1);
	assert_true(veil_slip_parse(text, &got));
	assert_memory_equal(&got, &slip, sizeof slip);
	assert_false(veil_slip_parse(cut, &got));
	{
		g_autoptr(VeilDeskKey) again = veil_desk_key_parse(key, strlen(key), slip.freeze_id, &other, NULL);

		assert_non_null(again);
		veil_desk_key_mac(f->key, "a", "x", 1, mac[0]);
		veil_desk_key_mac(again, "a", "x", 1, mac[1]);
		assert_memory_equal(mac[0], mac[1], 32);
		veil_desk_key_mac(again, "b", "x", 1, mac[1]);
		assert_memory_not_equal(mac[0], mac[1], 32);
	}
	assert_null(veil_desk_key_parse(key, strlen(key), "ffffffffffffffffffffffffffffffff", &other, NULL));
	assert_true(other);
	for (gsize n = 0; n < strlen(key); n += 7) {
		g_autofree char *part = g_strndup(key, n);
		g_autoptr(GError) error = NULL;

		assert_null(veil_desk_key_parse(part, n, slip.freeze_id, &other, &error));
		assert_int_equal(error->code, VEIL_ERROR_VERIFY);
		assert_null(strstr(error->message, key + 60));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(opens_as_written_and_only_so, setup, teardown),
		cmocka_unit_test_setup_teardown(size_tells_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(one_spelling_of_an_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(slips_and_keys, setup, teardown),
	};

	return cmocka_run_group_tests_name("sealed", tests, NULL, NULL);
}
