/* test-vectors.c - published vectors: RFC 6962 trees (transparency-dev/merkle) and Ed25519 edge cases (C2SP/CCTV).
 *
 * The tree vectors are proofs over the well-known eight leaves. The checker needs no proofs, it has the log; so what it must know is which (size, root)
 * are prefixes of that log, and that a swapped, shifted or bit-flipped one is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <json-glib/json-glib.h>

#include "verify.h"

static const char *data;

static JsonNode *
load(const char *path)
{
	g_autoptr(JsonParser) parser = json_parser_new();

	assert_true(json_parser_load_from_file(parser, path, NULL));
	return json_parser_steal_root(parser);
}

static gsize
unhex(const char *hex, guint8 *out)
{
	gsize n = strlen(hex) / 2;

	for (gsize i = 0; i < n; i++)
		out[i] = (guint8)(g_ascii_xdigit_value(hex[2 * i]) << 4 | g_ascii_xdigit_value(hex[2 * i + 1]));
	return n;
}

/* Is root that of the first `size` of the eight leaves? */
static gboolean
is_prefix(gint64 size, const char *root64)
{
	static const char *const leaves[] = {"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
	g_autofree guint8 *root = NULL;
	guint8 bytes[16], mine[32];
	Tree tree = {0};
	gsize len = 0;

	if (size < 0 || size > 8)
		return FALSE;
	root = g_base64_decode(root64, &len);
	for (gint64 i = 0; i < size; i++)
		tree_add(&tree, bytes, unhex(leaves[i], bytes));
	tree_root(&tree, mine);
	return len == 32 && memcmp(mine, root, 32) == 0;
}

static void
test_tree_prefixes(void **state)
{
	g_autofree char *top = g_build_filename(data, "vectors", "merkle", "consistency", NULL);
	GDir *cases = g_dir_open(top, 0, NULL);
	const char *folder, *name;
	guint good = 0, bad = 0, all = 0;

	(void)state;
	assert_non_null(cases);
	while ((folder = g_dir_read_name(cases)) != NULL) {
		g_autofree char *path = g_build_filename(top, folder, NULL);
		GDir *dir = strcmp(folder, "additional") == 0 ? NULL : g_dir_open(path, 0, NULL);

		while (dir && (name = g_dir_read_name(dir)) != NULL) {
			g_autofree char *file = g_build_filename(path, name, NULL);
			g_autoptr(JsonNode) node = load(file);
			JsonObject *o = json_node_get_object(node);
			gint64 size1 = json_object_get_int_member(o, "size1"), size2 = json_object_get_int_member(o, "size2");
			gboolean both = size1 <= size2 && is_prefix(size1, json_object_get_string_member(o, "root1")) &&
					is_prefix(size2, json_object_get_string_member(o, "root2"));
			gboolean about_tree = g_str_has_prefix(name, "size") || g_str_has_prefix(name, "wrong-root") || g_str_has_prefix(name, "swapped");

			all++;
			if (!json_object_get_boolean_member_with_default(o, "wantErr", FALSE)) {
				good += both;
				if (!both)
					fail_msg("%s/%s: a good pair of roots is refused", folder, name);
			} else if (about_tree) {
				bad += !both;
				if (both)
					fail_msg("%s/%s: a bad pair of roots is taken", folder, name);
			}
		}
		if (dir)
			g_dir_close(dir);
	}
	g_dir_close(cases);
	assert_true(good >= 3);
	assert_true(bad >= 10);
	assert_true(all > good + bad);
}

/* What every reader takes is taken, and only that: 43 of 914 (THREATS 8), none of them with a small-order or unusual key or R. */
static void
test_ed25519_edges(void **state)
{
	g_autofree char *path = g_build_filename(data, "vectors", "ed25519.json", NULL);
	g_autoptr(JsonNode) node = load(path);
	JsonArray *array = json_node_get_array(node);
	guint taken = 0;

	(void)state;
	for (guint i = 0; i < json_array_get_length(array); i++) {
		JsonObject *o = json_array_get_object_element(array, i);
		JsonNode *flags_node = json_object_get_member(o, "flags");
		JsonArray *flags = flags_node && JSON_NODE_HOLDS_ARRAY(flags_node) ? json_node_get_array(flags_node) : NULL;
		const char *message = json_object_get_string_member(o, "msg");
		guint8 key[32], signature[64];

		unhex(json_object_get_string_member(o, "key"), key);
		unhex(json_object_get_string_member(o, "sig"), signature);
		if (!ed25519_verify(key, signature, message, strlen(message)))
			continue;
		taken++;
		for (guint f = 0; flags && f < json_array_get_length(flags); f++) {
			const char *flag = json_array_get_string_element(flags, f);

			if (strcmp(flag, "low_order_A") == 0 || strcmp(flag, "low_order_R") == 0 || strcmp(flag, "low_order_residue") == 0 ||
			    strcmp(flag, "non_canonical_A") == 0 || strcmp(flag, "non_canonical_R") == 0)
				fail_msg("vector %u is taken although %s", i, flag);
		}
	}
	assert_int_equal(json_array_get_length(array), 914);
	assert_int_equal(taken, 43);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_tree_prefixes), cmocka_unit_test(test_ed25519_edges)};

	data = g_getenv("VEIL_TEST_DATA");
	if (data == NULL || *data == '\0') {
		g_print("1..0 # SKIP VEIL_TEST_DATA is not set: the published vectors are not there\n");
		return 0;
	}
	return cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
}
