/* test-note.c - signed checkpoints, good and forged by name. */
#include "ledger-test.h"

static const char origin[] = "kjj.example.gov/veil";
static guint8 seed[32], stranger_seed[32], root[32];
static char *note, *vkey, *stranger_vkey;

#define DASH "\xE2\x80\x94 "

static int
setup(void **state)
{
	(void)state;
	memset(seed, 3, sizeof seed);
	memset(stranger_seed, 4, sizeof stranger_seed);
	memset(root, 0xfb, sizeof root);
	note = veil_checkpoint_sign(origin, 18274, root, seed);
	vkey = veil_note_vkey(origin, seed);
	stranger_vkey = veil_note_vkey(origin, stranger_seed);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	g_free(note), g_free(vkey), g_free(stranger_vkey);
	return 0;
}

static gboolean
opens(const char *text, gsize len, const char *key)
{
	g_autofree char *name = NULL;
	guint64 size = 77;
	guint8 have[32];
	g_autoptr(GError) error = NULL;
	g_autofree char *copy = g_malloc(len > 0 ? len : 1); /* no zero behind it */
	memcpy(copy, text, len);
	gboolean ok = veil_checkpoint_open(copy, len, key, &name, &size, have, &error);
	if (!ok) {
		assert_failed_with(error, VEIL_ERROR_VERIFY);
		assert_null(name);
		assert_int_equal(size, 77);
	}
	return ok;
}

static char *
with(const char *find, const char *put)
{
	const char *where = strstr(note, find);
	assert_non_null(where);
	return g_strdup_printf("%.*s%s%s", (int)(where - note), note, put, where + strlen(find));
}

static void
good_notes_open(void **state)
{
	(void)state;
	g_autofree char *name = NULL;
	guint64 size = 0;
	guint8 have[32];
	g_autoptr(GError) error = NULL;
	assert_ok(veil_checkpoint_open(note, strlen(note), vkey, &name, &size, have, &error), error);
	assert_string_equal(name, origin);
	assert_int_equal(size, 18274);
	assert_memory_equal(have, root, 32);
	assert_true(opens(note, strlen(note), NULL));
	/* A key line as it lies in a file, with its LF. */
	g_autofree char *line = g_strconcat(vkey, "\n", NULL);
	assert_true(opens(note, strlen(note), line));
	/* Sizes from one end to the other. */
	const guint64 sizes[] = {0, 1, G_MAXINT64, G_MAXUINT64};
	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autofree char *other = veil_checkpoint_sign(origin, sizes[i], root, seed);
		assert_true(veil_checkpoint_open(other, strlen(other), vkey, NULL, &size, NULL, NULL));
		assert_true(size == sizes[i]);
	}
}

/* The note and key of the C2SP signed-note text's own tests would need its text; here is RFC 8032's first key instead. */
static void
key_lines_are_the_published_form(void **state)
{
	(void)state;
	guint8 rfc_seed[32];
	assert_true(veil_hex_decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", rfc_seed, 32));
	g_autofree char *line = veil_note_vkey("a.example/log", rfc_seed);
	g_auto(GStrv) parts = g_strsplit(line, "+", 3);
	gsize n;
	g_autofree guint8 *key = g_base64_decode(parts[2], &n);
	char hex[65];
	assert_string_equal(parts[0], "a.example/log");
	assert_int_equal(n, 33);
	assert_int_equal(key[0], 1);
	veil_hex_encode(key + 1, 32, hex);
	assert_string_equal(hex, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
	/* Key id: SHA-256(name LF 01 key), first four bytes. */
	guint8 input[64];
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	gsize len = (gsize)g_snprintf((char *)input, sizeof input, "a.example/log\n");
	memcpy(input + len, key, 33);
	g_checksum_update(sum, input, (gssize)len + 33);
	assert_memory_equal(g_checksum_get_string(sum), parts[1], 8);
}

static void
forgeries_by_name(void **state)
{
	(void)state;
	g_autofree char *root64 = g_base64_encode(root, 32);
	const struct {
		const char *name, *find, *put;
		gboolean shape_holds;
	} forgeries[] = {
		{"another size", "18274", "18275", TRUE},
		{"another origin", "kjj.example.gov/veil\n1", "kjj.example.gov/evil\n1", TRUE},
		{"another root", "+/v7", "+/v8", TRUE},
		{"leading zero in size", "18274", "018274", FALSE},
		{"plus in size", "18274", "+18274", FALSE},
		{"space in size", "18274", "18274 ", FALSE},
		{"size over 2^64", "18274", "18446744073709551616", FALSE},
		{"empty size", "18274", "", FALSE},
		{"hexadecimal size", "18274", "0x18274", FALSE},
		{"carriage returns", "18274\n", "18274\r\n", FALSE},
		{"tab", "18274", "\t18274", FALSE},
		{"control character in a signature", DASH, DASH "\x01", FALSE},
		{"extension line", "=\n\n", "=\nextension\n\n", FALSE},
		{"empty extension line", "=\n\n", "=\n\n\n", FALSE},
		{"duplicate origin line", "18274", "kjj.example.gov/veil\n18274", FALSE},
		{"no origin", "kjj.example.gov/veil\n1", "1", FALSE},
		{"empty origin", "kjj.example.gov/veil\n1", "\n1", FALSE},
		{"space in origin", "kjj.example.gov/veil\n1", "kjj example\n1", FALSE},
		{"wide space in origin", "kjj.example.gov/veil\n1", "kjj\u3000example\n1", FALSE},
		{"plus in origin", "kjj.example.gov/veil\n1", "kjj+example\n1", FALSE},
		{"hyphen for a dash", DASH, "- ", FALSE},
		{"no dash", DASH, "", FALSE},
		{"two spaces", DASH, DASH " ", FALSE},
		{"signature missing", DASH "kjj.example.gov/veil ", DASH "kjj.example.gov/veil\n" DASH, FALSE},
		{"bad UTF-8", "kjj.example.gov/veil\n1", "kjj\xff\n1", FALSE},
		{"text swapped for another blank line", "\n\n", "\n", FALSE},
		{"name of another key", DASH "kjj", DASH "kjk", TRUE},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(forgeries); i++) {
		g_autofree char *forged = with(forgeries[i].find, forgeries[i].put);
		if (opens(forged, strlen(forged), vkey))
			fail_msg("accepted: %s", forgeries[i].name);
		if (opens(forged, strlen(forged), NULL) != forgeries[i].shape_holds)
			fail_msg("%s: the shape is judged wrongly", forgeries[i].name);
	}
	/* Base 64 that decodes to the same root in another spelling. */
	g_autofree char *sloppy = g_strdup(root64);
	gsize last = strlen(sloppy) - 2;
	assert_int_equal(sloppy[last], 's'); /* 0xfb & 0xf -> 1011 00 */
	sloppy[last] = 't';
	g_autofree char *other = with(root64, sloppy);
	assert_false(opens(other, strlen(other), NULL));
}

static void
damage_anywhere(void **state)
{
	(void)state;
	gsize len = strlen(note);
	g_autofree char *copy = g_strdup(note);
	for (gsize cut = 0; cut < len; cut++)
		assert_false(opens(note, cut, vkey));
	for (gsize i = 0; i < len; i++)
		for (int bit = 0; bit < 8; bit++) {
			copy[i] ^= (char)(1 << bit);
			assert_false(opens(copy, len, vkey));
			copy[i] ^= (char)(1 << bit);
		}
	/* A zero, and something behind the end. */
	g_autofree char *longer = g_malloc0(len + 2);
	memcpy(longer, note, len);
	assert_false(opens(longer, len + 1, vkey));
	longer[len] = '\n';
	assert_false(opens(longer, len + 1, vkey));
}

static char *
signature_line(const char *name, const guint8 *bytes, gsize n)
{
	g_autofree char *encoded = g_base64_encode(bytes, n);
	return g_strdup_printf(DASH "%s %s\n", name, encoded);
}

static void
strangers_are_ignored(void **state)
{
	(void)state;
	/* The key id of ours, as the note's own line has it. */
	const char *line = strstr(note, DASH);
	gsize n;
	g_autofree char *own64 = g_strndup(strrchr(line, ' ') + 1, strlen(strrchr(line, ' ')) - 2);
	g_autofree guint8 *own = g_base64_decode(own64, &n);
	assert_int_equal(n, 68);
	guint8 bytes[100];
	memset(bytes, 1, sizeof bytes);

	const struct {
		const char *what, *name;
		gboolean our_id;
		gsize n;
		gboolean opens;
	} lines[] = {
		{"a witness", "witness.example/w1", FALSE, 76, TRUE},
		{"another name with our key id", "witness.example/w1", TRUE, 68, TRUE},
		{"our name with another key id", origin, FALSE, 68, TRUE},
		{"our name and id, signature of nothing", origin, TRUE, 68, FALSE},
		{"our name and id, too short", origin, TRUE, 67, FALSE},
		{"our name and id, too long", origin, TRUE, 76, FALSE},
		{"a short one", "witness.example/w1", FALSE, 5, TRUE},
		{"no signature behind the id", "witness.example/w1", FALSE, 4, FALSE},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
		memset(bytes, 1, 4);
		if (lines[i].our_id)
			memcpy(bytes, own, 4);
		g_autofree char *extra = signature_line(lines[i].name, bytes, lines[i].n);
		g_autofree char *behind = g_strconcat(note, extra, NULL);
		g_autofree char *before = with(DASH, extra);
		g_autofree char *in_front = g_strconcat(before, NULL);
		/* `with` replaced the dash of our own line; put it back. */
		char *at = strstr(in_front, extra) + strlen(extra);
		g_autofree char *front = g_strdup_printf("%.*s" DASH "%s", (int)(at - in_front), in_front, at);
		if (opens(behind, strlen(behind), vkey) != lines[i].opens || opens(front, strlen(front), vkey) != lines[i].opens)
			fail_msg("%s is %s", lines[i].what, lines[i].opens ? "not ignored" : "accepted");
	}
	/* Ours twice is ours. Somebody else's alone is nobody's. */
	g_autofree char *twice = g_strconcat(note, line, NULL);
	assert_true(opens(twice, strlen(twice), vkey));
	assert_false(opens(note, strlen(note), stranger_vkey));
	g_autofree char *theirs = veil_checkpoint_sign(origin, 18274, root, stranger_seed);
	assert_false(opens(theirs, strlen(theirs), vkey));
	g_autofree char *both = g_strconcat(theirs, line, NULL);
	assert_true(opens(both, strlen(both), vkey));
	assert_true(opens(both, strlen(both), stranger_vkey));
}

static void
many_signatures(void **state)
{
	(void)state;
	guint8 bytes[76];
	memset(bytes, 9, sizeof bytes);
	g_autofree char *extra = signature_line("witness.example/w1", bytes, sizeof bytes);
	g_autoptr(GString) text = g_string_new(note);
	for (guint i = 1; i < 100; i++)
		g_string_append(text, extra);
	assert_true(opens(text->str, text->len, vkey)); /* 100, our own among them */
	g_string_append(text, extra);
	assert_false(opens(text->str, text->len, vkey));
	/* Ten megabytes of them, and one of ten megabytes. */
	while (text->len < 10000000)
		g_string_append(text, extra);
	assert_false(opens(text->str, text->len, vkey));
	g_autofree char *long_name = g_strnfill(10000000, 'A');
	g_autofree char *huge = g_strdup_printf("%s" DASH "w %s\n", note, long_name);
	assert_false(opens(huge, strlen(huge), vkey));
}

static void
damaged_keys(void **state)
{
	(void)state;
	g_autofree char *copy = g_strdup(vkey);
	for (gsize i = 0; copy[i] != '\0'; i++) {
		copy[i] ^= 1;
		assert_false(opens(note, strlen(note), copy));
		copy[i] ^= 1;
	}
	for (gsize cut = 0; cut < strlen(vkey); cut++) {
		g_autofree char *shorter = g_strndup(vkey, cut);
		assert_false(opens(note, strlen(note), shorter));
	}
	static const char *const names[] = {"", " ", "a b", "a+b", "a\nb", "\xff", "a\u00a0b", "a\u2003b", "a\tb"};
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		assert_false(veil_note_name_valid(names[i]));
	assert_true(veil_note_name_valid("科技局.example/veil"));
}

static void
signing_keys(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;
	char *skey = veil_note_skey(origin, seed);
	gsize len = strlen(skey);
	assert_true(g_str_has_prefix(skey, "PRIVATE+KEY+kjj.example.gov/veil+"));
	g_autofree char *again = veil_checkpoint_sign_as(skey, len, vkey, 18274, root, &error);
	assert_ok(again != NULL, error);
	assert_string_equal(again, note);
	assert_null(veil_checkpoint_sign_as(skey, len, stranger_vkey, 18274, root, &error));
	assert_failed_with(error, VEIL_ERROR_VERIFY);
	g_clear_error(&error);
	g_autofree char *renamed = veil_note_vkey("kjj.example.gov/evil", seed);
	assert_null(veil_checkpoint_sign_as(skey, len, renamed, 18274, root, &error));
	g_clear_error(&error);
	g_autofree char *copy = g_strdup(skey);
	for (gsize i = 0; i < len; i++) {
		copy[i] ^= 1;
		assert_null(veil_checkpoint_sign_as(copy, len, vkey, 18274, root, NULL));
		copy[i] ^= 1;
		assert_null(veil_checkpoint_sign_as(copy, i, vkey, 18274, root, NULL));
	}
	veil_note_skey_free(skey);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_notes_open),	 cmocka_unit_test(key_lines_are_the_published_form),
		cmocka_unit_test(forgeries_by_name),	 cmocka_unit_test(damage_anywhere),
		cmocka_unit_test(strangers_are_ignored), cmocka_unit_test(many_signatures),
		cmocka_unit_test(damaged_keys),		 cmocka_unit_test(signing_keys),
	};
	return cmocka_run_group_tests_name("ledger-note", tests, setup, teardown);
}
