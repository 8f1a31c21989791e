/* test-record.c - one record has one form of bytes; everything near it is refused. */
#include "ledger-test.h"

static const VeilField fields[] = {{"zeta", "z"}, {"batch", "2026A"}, {"as-of", "2026-03-01"}};

static VeilRecord
example(void)
{
	VeilRecord record = {
		.seq = 12,
		.time = "2026-03-02T01:22Z",
		.origin = "kjj.example.gov/veil",
		.actor = "op7",
		.role = "registrar",
		.act = "batch.freeze",
		.fields = fields,
		.n_fields = 3,
	};
	for (guint8 i = 0; i < 32; i++)
		record.blind[i] = i;
	return record;
}

static const char example_text[] = "veil-log/v1\nseq 12\ntime 2026-03-02T01:22Z\norigin kjj.example.gov/veil\nactor op7\nrole registrar\nact batch.freeze\n"
				   "as-of 2026-03-01\nbatch 2026A\nzeta z\n"
				   "blind 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

static gboolean
parses(const char *text, gsize len)
{
	VeilRecord record;
	gpointer storage = NULL;
	g_autoptr(GError) error = NULL;
	/* At the very end of an allocation, so that a read beyond it is seen by the sanitizer. */
	g_autofree guint8 *copy = g_malloc(len > 0 ? len : 1);
	memcpy(copy, text, len);
	gboolean ok = veil_record_parse(copy, len, &record, &storage, &error);
	if (ok)
		veil_record_storage_free(storage);
	else
		assert_failed_with(error, VEIL_ERROR_VERIFY);
	return ok;
}

static void
is_the_documented_text(void **state)
{
	(void)state;
	VeilRecord record = example(), back;
	gpointer storage = NULL;
	g_autoptr(GBytes) bytes = veil_record_encode(&record, NULL);
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);
	assert_int_equal(len, sizeof example_text - 1);
	assert_memory_equal(text, example_text, len);
	assert_true(veil_record_parse((const guint8 *)text, len, &back, &storage, NULL));
	assert_int_equal(back.seq, 12);
	assert_string_equal(back.role, "registrar");
	assert_string_equal(veil_record_get(&back, "batch"), "2026A");
	assert_null(veil_record_get(&back, "seq"));
	assert_null(veil_record_get(&back, "blind"));
	assert_memory_equal(back.blind, record.blind, 32);
	veil_record_storage_free(storage);
}

/* Every value that text can be goes there and back, and its line holds printable ASCII only. */
static void
values_round_trip(void **state)
{
	(void)state;
	static const char *const values[] = {" ", "  ", " a", "a ", "a b  c", "%", "%25", "%2", "a=b", "\n", "a\nbatch x", "\r\n", "\t", "中文 单位", "é", "\u202e", "\x7f", "\x01", "~!", "-"};
	for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
		VeilRecord record = example(), back;
		VeilField field = {"x", values[i]};
		gpointer storage = NULL;
		record.fields = &field;
		record.n_fields = 1;
		record.actor = values[i];
		g_autoptr(GBytes) bytes = veil_record_encode(&record, NULL);
		gsize len;
		const char *text = g_bytes_get_data(bytes, &len);
		for (gsize k = 0; k < len; k++)
			assert_true(text[k] == '\n' || (text[k] >= 0x20 && text[k] < 0x7f));
		assert_true(veil_record_parse((const guint8 *)text, len, &back, &storage, NULL));
		assert_string_equal(veil_record_get(&back, "x"), values[i]);
		assert_string_equal(back.actor, values[i]);
		veil_record_storage_free(storage);
	}
}

static void
encoder_refuses(void **state)
{
	(void)state;
	static const char *const keys[] = {"", "A", "aB", "1a", "-a", "a_b", "a b", "é", "seq", "time", "origin", "actor", "role", "act", "blind"};
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
		VeilRecord record = example();
		VeilField field = {keys[i], "v"};
		record.fields = &field;
		record.n_fields = 1;
		assert_null(veil_record_encode(&record, NULL));
	}
	VeilField twice[] = {{"a", "1"}, {"b", "2"}, {"a", "3"}};
	VeilRecord record = example();
	g_autoptr(GError) error = NULL;
	record.fields = twice;
	assert_null(veil_record_encode(&record, &error));
	assert_failed_with(error, VEIL_ERROR_FAILED);
	static const char *const times[] = {"", "2026-03-02", "2026-03-02T01:22", "2026-03-02T01:22:00Z", "2026-03-02 01:22Z", "2026-13-02T01:22Z",
					    "2026-02-30T01:22Z", "2026-03-02T24:00Z", "2026-03-02T01:60Z", "2026-3-002T01:22Z"};
	for (gsize i = 0; i < G_N_ELEMENTS(times); i++) {
		record = example();
		record.time = times[i];
		assert_null(veil_record_encode(&record, NULL));
	}
	record = example();
	record.role = "";
	assert_null(veil_record_encode(&record, NULL));
	record = example();
	record.act = "\xc3";
	assert_null(veil_record_encode(&record, NULL));
}

/* The order in which fields are given does not matter. */
static void
order_does_not_matter(void **state)
{
	(void)state;
	VeilField other[] = {fields[1], fields[2], fields[0]};
	VeilRecord a = example(), b = example();
	b.fields = other;
	g_autoptr(GBytes) x = veil_record_encode(&a, NULL), y = veil_record_encode(&b, NULL);
	assert_true(g_bytes_equal(x, y));
}

static void
forgeries_by_name(void **state)
{
	(void)state;
	static const struct {
		const char *name, *find, *put;
	} forgeries[] = {
		{"another version", "veil-log/v1", "veil-log/v2"},
		{"leading zero in seq", "seq 12", "seq 012"},
		{"plus in seq", "seq 12", "seq +12"},
		{"negative seq", "seq 12", "seq -12"},
		{"seq out of range", "seq 12", "seq 18446744073709551616"},
		{"no seq", "seq 12\n", ""},
		{"seq twice", "seq 12\n", "seq 12\nseq 12\n"},
		{"head out of order", "actor op7\nrole registrar\n", "role registrar\nactor op7\n"},
		{"fields out of order", "as-of 2026-03-01\nbatch 2026A\n", "batch 2026A\nas-of 2026-03-01\n"},
		{"field twice", "batch 2026A\n", "batch 2026A\nbatch 2026B\n"},
		{"empty value", "batch 2026A", "batch "},
		{"no value", "batch 2026A", "batch"},
		{"space in front", "batch 2026A", "batch  2026A"},
		{"space at the end", "batch 2026A", "batch 2026A "},
		{"escape that is none", "batch 2026A", "batch 2026%A"},
		{"needless escape", "batch 2026A", "batch 2026%41"},
		{"lower-case escape", "batch 2026A", "batch 2026%c3%a9"},
		{"escape of half a character", "batch 2026A", "batch 2026%C3"},
		{"escaped zero", "batch 2026A", "batch 2026%00A"},
		{"raw UTF-8", "batch 2026A", "batch 2026é"},
		{"carriage return", "batch 2026A\n", "batch 2026A\r\n"},
		{"tab", "batch 2026A", "batch\t2026A"},
		{"upper-case key", "batch 2026A", "Batch 2026A"},
		{"head among the fields", "batch 2026A", "role x"},
		{"blank line", "zeta z\n", "zeta z\n\n"},
		{"seconds", "01:22Z", "01:22:05Z"},
		{"upper-case blind", "0a0b0c", "0A0B0C"},
		{"short blind", "1e1f\n", "1e\n"},
		{"no blind", "blind 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n", ""},
		{"blind twice", "zeta z\n", "blind 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\nzeta z\n"},
		{"no LF at the end", "1e1f\n", "1e1f"},
		{"something behind", "1e1f\n", "1e1f\nx y\n"},
	};
	assert_true(parses(example_text, strlen(example_text)));
	for (gsize i = 0; i < G_N_ELEMENTS(forgeries); i++) {
		const char *where = strstr(example_text, forgeries[i].find);
		assert_non_null(where);
		g_autofree char *forged = g_strdup_printf("%.*s%s%s", (int)(where - example_text), example_text, forgeries[i].put,
							  where + strlen(forgeries[i].find));
		if (parses(forged, strlen(forged)))
			fail_msg("accepted: %s", forgeries[i].name);
	}
}

/* Cut anywhere, or with any byte replaced: either refused or the form of another record. */
static void
damage_anywhere(void **state)
{
	(void)state;
	gsize len = strlen(example_text);
	g_autofree char *copy = g_strdup(example_text);
	for (gsize cut = 0; cut < len; cut++)
		assert_false(parses(example_text, cut));
	for (gsize i = 0; i < len; i++)
		for (int byte = 0; byte < 256; byte++) {
			VeilRecord record;
			gpointer storage = NULL;
			copy[i] = (char)byte;
			if (byte == 0 || byte == '\r' || byte >= 0x7f)
				assert_false(parses(copy, len));
			else if (veil_record_parse((const guint8 *)copy, len, &record, &storage, NULL)) {
				g_autoptr(GBytes) again = veil_record_encode(&record, NULL);
				assert_memory_equal(g_bytes_get_data(again, NULL), copy, len);
				veil_record_storage_free(storage);
			}
			copy[i] = example_text[i];
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_the_documented_text), cmocka_unit_test(values_round_trip), cmocka_unit_test(encoder_refuses),
		cmocka_unit_test(order_does_not_matter),  cmocka_unit_test(forgeries_by_name), cmocka_unit_test(damage_anywhere),
	};
	return cmocka_run_group_tests_name("ledger-record", tests, NULL, NULL);
}
