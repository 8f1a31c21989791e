/* test-codes.c - codes: unlinkable, in an order that says nothing, and with a check character that catches slips of the pen. */
#include "blind-test.h"

#include <stdlib.h>

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

typedef struct {
	VeilBatchKey *key, *other;
} Fixture;

static int
setup(void **state)
{
	Fixture *f = g_new0(Fixture, 1);
	guint64 seed = 1;
	f->key = veil_batch_key_new(seeded, &seed);
	f->other = veil_batch_key_new(seeded, &seed);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	Fixture *f = *state;
	veil_batch_key_free(f->key);
	veil_batch_key_free(f->other);
	g_free(f);
	return 0;
}

/* The least random ids there could be: counting. */
static VeilId
counted(guint i)
{
	VeilId id = {{0}};
	veil_put_u32(id.b, GUINT32_SWAP_LE_BE(i));
	return id;
}

static int
by_text(const void *a, const void *b)
{
	return memcmp(a, b, VEIL_CODE_CHARS);
}

static void
shape(void **state)
{
	Fixture *f = *state;
	static const char letters[] = "RPA";
	for (guint i = 0; i < 300; i++) {
		VeilId id = counted(i);
		char code[VEIL_CODE_CHARS + 1], read[VEIL_CODE_CHARS + 1];
		VeilCodeKind kind = (VeilCodeKind)(i % 3);
		veil_code(f->key, kind, (VeilAudience)(i % 5), &id, code);
		assert_int_equal(strlen(code), VEIL_CODE_CHARS);
		assert_int_equal(code[0], letters[kind]);
		assert_int_equal(strspn(code, alphabet), VEIL_CODE_CHARS);
		for (guint k = 0; k < 3; k++)
			assert_int_equal(veil_code_parse(code, (VeilCodeKind)k, read), k == (guint)kind);
	}
}

/* 200,000 people, no two codes alike; and as the code starts with 80 bits of a keyed hash, its order is a random order. */
static void
unique_and_in_no_order(void **state)
{
	Fixture *f = *state;
	enum { N = 200000 };
	char (*codes)[VEIL_CODE_CHARS + 1] = g_malloc(N * sizeof *codes);
	guint rises = 0;
	double sum = 0;
	for (guint i = 0; i < N; i++) {
		VeilId id = counted(i);
		veil_code(f->key, VEIL_CODE_REVIEWER, VEIL_AUDIENCE_DRAWER, &id, codes[i]);
		rises += i > 0 && strcmp(codes[i - 1], codes[i]) < 0;
		/* Correlation of the counted id with the first three characters, each uniform on [-1, 1). */
		double value = 0;
		for (guint k = 1; k <= 3; k++)
			value = value * 32 + (double)(strchr(alphabet, codes[i][k]) - alphabet);
		sum += (value / 16384 - 1) * ((double)i / (N / 2) - 1);
	}
	/* Five standard deviations: sqrt((N + 1) / 12) = 129 for the rises, 1 / (3 sqrt N) for the mean product. */
	assert_true(abs((int)rises - N / 2) < 5 * 129);
	double mean = sum / N;
	assert_true(mean < 5 * 0.00075 && mean > -5 * 0.00075);
	qsort(codes, N, sizeof *codes, by_text);
	for (guint i = 1; i < N; i++)
		assert_true(memcmp(codes[i - 1], codes[i], VEIL_CODE_CHARS) < 0);
	g_free(codes);
}

/* No code, and no body of a code, is shared between kinds, audiences or batches: lists cannot be joined. */
static void
audiences_kinds_and_batches_apart(void **state)
{
	Fixture *f = *state;
	g_autoptr(GHashTable) bodies = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	guint n = 0;
	for (guint i = 0; i < 500; i++) {
		VeilId id = counted(i);
		for (guint kind = 0; kind < 3; kind++)
			for (guint audience = 0; audience < 5; audience++)
				for (guint batch = 0; batch < 2; batch++) {
					char code[VEIL_CODE_CHARS + 1];
					veil_code(batch ? f->other : f->key, (VeilCodeKind)kind, (VeilAudience)audience, &id, code);
					code[VEIL_CODE_CHARS - 1] = '\0'; /* without letter and check character */
					g_hash_table_add(bodies, g_strdup(code + 1));
					n++;
				}
	}
	assert_int_equal(g_hash_table_size(bodies), n);
}

/* Every place, every other character. */
static void
every_substitution_is_noticed(void **state)
{
	Fixture *f = *state;
	for (guint i = 0; i < 200; i++) {
		VeilId id = counted(i);
		char code[VEIL_CODE_CHARS + 1], read[VEIL_CODE_CHARS + 1] = "untouched";
		VeilCodeKind kind = (VeilCodeKind)(i % 3);
		veil_code(f->key, kind, VEIL_AUDIENCE_DRAWER, &id, code);
		for (guint at = 0; at < VEIL_CODE_CHARS; at++) {
			char right = code[at];
			for (const char *c = alphabet; *c != '\0'; c++) {
				code[at] = *c;
				for (guint k = 0; k < 3 && *c != right; k++)
					assert_false(veil_code_parse(code, (VeilCodeKind)k, read));
			}
			code[at] = right;
		}
		assert_string_equal(read, "untouched");
		assert_true(veil_code_parse(code, kind, read));
	}
}

/* Neighbours, and any other two places as well. */
static void
every_swap_is_noticed(void **state)
{
	Fixture *f = *state;
	for (guint i = 0; i < 500; i++) {
		VeilId id = counted(i);
		char code[VEIL_CODE_CHARS + 1], read[VEIL_CODE_CHARS + 1];
		veil_code(f->key, VEIL_CODE_REVIEWER, VEIL_AUDIENCE_DRAWER, &id, code);
		for (guint a = 0; a < VEIL_CODE_CHARS; a++)
			for (guint b = a + 1; b < VEIL_CODE_CHARS; b++) {
				if (code[a] == code[b])
					continue;
				char swapped[VEIL_CODE_CHARS + 1];
				memcpy(swapped, code, sizeof swapped);
				swapped[a] = code[b], swapped[b] = code[a];
				for (guint k = 0; k < 3; k++)
					assert_false(veil_code_parse(swapped, (VeilCodeKind)k, read));
			}
	}
}

static void
reads_what_people_type(void **state)
{
	Fixture *f = *state;
	char code[VEIL_CODE_CHARS + 1], read[VEIL_CODE_CHARS + 1];
	guint looked_like = 0;
	for (guint i = 0; i < 200; i++) {
		VeilId id = counted(i);
		veil_code(f->key, VEIL_CODE_PROJECT, VEIL_AUDIENCE_DRAWER, &id, code);
		g_autofree char *lower = g_ascii_strdown(code, -1);
		g_autofree char *spaced = g_strdup_printf(" %.6s-%.6s %s\t\n", lower, lower + 6, lower + 12);
		assert_true(veil_code_parse(spaced, VEIL_CODE_PROJECT, read));
		assert_string_equal(read, code);
		for (char *c = lower; *c != '\0'; c++) {
			looked_like += *c == '0' || *c == '1';
			*c = *c == '0' ? "oO"[i % 2] : *c == '1' ? "ilIL"[i % 4] : *c;
		}
		assert_true(veil_code_parse(lower, VEIL_CODE_PROJECT, read));
		assert_string_equal(read, code);
		/* Full width, as an input method writes it, with an ideographic space. */
		g_autoptr(GString) wide = g_string_new("\u3000");
		for (const char *c = i % 2 ? code : spaced + 1; *c != '\0' && *c != '\t'; c++)
			if (*c == ' ')
				g_string_append(wide, "\u3000");
			else
				g_string_append_unichar(wide, 0xFF01 + (gunichar)(*c - '!'));
		assert_true(veil_code_parse(wide->str, VEIL_CODE_PROJECT, read));
		assert_string_equal(read, code);
	}
	assert_true(looked_like > 100);
	static const char *const never[] = {"", "P", "-", "PPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPP", "\xEF", "\xEF\xBC", "\xE3\x80", "P\xFF", "U000000000000000000"};
	for (gsize i = 0; i < G_N_ELEMENTS(never); i++)
		assert_false(veil_code_parse(never[i], VEIL_CODE_PROJECT, read));
	g_autofree char *longer = g_strconcat(code, "0", NULL);
	assert_false(veil_code_parse(longer, VEIL_CODE_PROJECT, read));
	code[5] = 'U';
	assert_false(veil_code_parse(code, VEIL_CODE_PROJECT, read));
}

static void
tokens_and_numbers_are_keyed(void **state)
{
	Fixture *f = *state;
	VeilId a = counted(1), b = counted(2);
	char one[17], two[17];
	veil_org_token(f->key, &a, one);
	assert_int_equal(strspn(one, "0123456789abcdef"), 16);
	veil_org_token(f->key, &b, two);
	assert_string_not_equal(one, two);
	veil_org_token(f->other, &a, two);
	assert_string_not_equal(one, two);
	assert_true(veil_batch_number(f->key, "x", &a) != veil_batch_number(f->key, "y", &a));
	assert_true(veil_batch_number(f->key, "x", &a) != veil_batch_number(f->key, "x", &b));
	assert_true(veil_batch_number(f->key, "x", &a) != veil_batch_number(f->other, "x", &a));
	assert_true(veil_batch_number(f->key, "x", &a) == veil_batch_number(f->key, "x", &a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shape),
		cmocka_unit_test(unique_and_in_no_order),
		cmocka_unit_test(audiences_kinds_and_batches_apart),
		cmocka_unit_test(every_substitution_is_noticed),
		cmocka_unit_test(every_swap_is_noticed),
		cmocka_unit_test(reads_what_people_type),
		cmocka_unit_test(tokens_and_numbers_are_keyed),
	};
	if (!veil_blind_init(NULL))
		return 99;
	return cmocka_run_group_tests_name("blind-codes", tests, setup, teardown);
}
