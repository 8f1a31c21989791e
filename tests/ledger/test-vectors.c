/* test-vectors.c - published vectors, good and forged: VEIL_TEST_DATA/vectors. Merkle proofs of transparency-dev, Ed25519 edge cases of C2SP. */
#include "private.h"

#include "ledger-test.h"

#include <json-glib/json-glib.h>

static char *folder;

/* Base 64 of 32 bytes. Some vectors write words where only equality matters ("don't care 1"): any other length counts as its hash. */
static gboolean
hash_of(JsonNode *node, guint8 out[32])
{
	gsize n = 0;
	if (node == NULL || JSON_NODE_HOLDS_NULL(node))
		return FALSE;
	g_autofree guint8 *bytes = g_base64_decode(json_node_get_string(node), &n);
	if (n == 0)
		return FALSE;
	if (n == 32)
		memcpy(out, bytes, 32);
	else
		veil_tree_leaf(bytes, n, out);
	return TRUE;
}

static gboolean
proof_of(JsonObject *object, GByteArray *out)
{
	JsonNode *node = json_object_get_member(object, "proof");
	if (node == NULL || JSON_NODE_HOLDS_NULL(node))
		return TRUE;
	JsonArray *list = json_node_get_array(node);
	for (guint i = 0; i < json_array_get_length(list); i++) {
		guint8 hash[32];
		if (!hash_of(json_array_get_element(list, i), hash))
			return FALSE;
		g_byte_array_append(out, hash, 32);
	}
	return TRUE;
}

/* json-glib has signed integers only; the vectors hold sizes up to 2^64 - 1. */
static guint64
number_of(const char *text, const char *key)
{
	g_autofree char *quoted = g_strdup_printf("\"%s\":", key);
	const char *at = strstr(text, quoted);
	return at != NULL ? g_ascii_strtoull(at + strlen(quoted), NULL, 10) : 0;
}

static gboolean
accepts(const char *text, JsonObject *object, gboolean inclusion)
{
	g_autoptr(GByteArray) proof = g_byte_array_new();
	guint8 a[32], b[32];
	if (!proof_of(object, proof))
		return FALSE;
	if (inclusion)
		return hash_of(json_object_get_member(object, "root"), a) && hash_of(json_object_get_member(object, "leafHash"), b) &&
		       veil_tree_verify_inclusion(number_of(text, "leafIdx"), number_of(text, "treeSize"), b, proof->data, proof->len / 32, a);
	return hash_of(json_object_get_member(object, "root1"), a) && hash_of(json_object_get_member(object, "root2"), b) &&
	       veil_tree_verify_consistency(number_of(text, "size1"), number_of(text, "size2"), a, b, proof->data, proof->len / 32);
}

static void
walk(const char *path, gboolean inclusion, guint *n_good, guint *n_forged)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	assert_non_null(dir);
	for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
		g_autofree char *inside = g_build_filename(path, name, NULL);
		if (g_file_test(inside, G_FILE_TEST_IS_DIR)) {
			walk(inside, inclusion, n_good, n_forged);
			continue;
		}
		g_autofree char *text = NULL;
		assert_true(g_file_get_contents(inside, &text, NULL, NULL));
		/* The numbers that json-glib cannot hold are read apart. */
		g_autoptr(GRegex) big = g_regex_new(":\\s*\\d{19,}", 0, 0, NULL);
		g_autofree char *small = g_regex_replace(big, text, -1, 0, ": 0", 0, NULL);
		g_autoptr(JsonParser) parser = json_parser_new();
		assert_true(json_parser_load_from_data(parser, small, -1, NULL));
		JsonObject *object = json_node_get_object(json_parser_get_root(parser));
		gboolean forged = json_object_get_boolean_member(object, "wantErr");
		if (accepts(text, object, inclusion) == forged)
			fail_msg("%s: %s", inside, forged ? "a forged proof is accepted" : "a good proof is refused");
		*(forged ? n_forged : n_good) += 1;
	}
}

static void
merkle(void **state)
{
	(void)state;
	guint good = 0, forged = 0;
	g_autofree char *inclusion = g_build_filename(folder, "merkle", "inclusion", NULL);
	g_autofree char *consistency = g_build_filename(folder, "merkle", "consistency", NULL);
	walk(inclusion, TRUE, &good, &forged);
	walk(consistency, FALSE, &good, &forged);
	print_message("# %u good and %u forged proofs\n", good, forged);
	assert_true(good > 5 && forged > 100);
}

/* What is accepted has neither a key nor an R of small order or in another form than the canonical one. */
static void
ed25519(void **state)
{
	(void)state;
	g_autofree char *path = g_build_filename(folder, "ed25519.json", NULL);
	g_autoptr(JsonParser) parser = json_parser_new();
	assert_true(json_parser_load_from_file(parser, path, NULL));
	JsonArray *list = json_node_get_array(json_parser_get_root(parser));
	guint n_accepted = 0;
	for (guint i = 0; i < json_array_get_length(list); i++) {
		JsonObject *object = json_array_get_object_element(list, i);
		const char *message = json_object_get_string_member(object, "msg");
		guint8 key[32], signature[64];
		assert_true(veil_hex_decode(json_object_get_string_member(object, "key"), key, 32));
		assert_true(veil_hex_decode(json_object_get_string_member(object, "sig"), signature, 64));
		if (!veil_ledger__verify(key, signature, message, strlen(message)))
			continue;
		n_accepted++;
		JsonNode *node = json_object_get_member(object, "flags");
		JsonArray *flags = node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
		for (guint k = 0; flags != NULL && k < json_array_get_length(flags); k++) {
			const char *flag = json_array_get_string_element(flags, k);
			static const char *const never[] = {"low_order_R", "low_order_A", "non_canonical_R", "non_canonical_A", "low_order_residue"};
			for (gsize j = 0; j < G_N_ELEMENTS(never); j++)
				if (strcmp(flag, never[j]) == 0)
					fail_msg("vector %u is accepted in spite of %s", i, flag);
		}
	}
	assert_int_equal(json_array_get_length(list), 914);
	assert_int_equal(n_accepted, 43);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(merkle), cmocka_unit_test(ed25519)};
	const char *data = g_getenv("VEIL_TEST_DATA");
	if (data == NULL) {
		g_print("1..0 # SKIP VEIL_TEST_DATA is not set: no published vectors\n");
		return 0;
	}
	folder = g_build_filename(data, "vectors", NULL);
	int failed = cmocka_run_group_tests_name("ledger-vectors", tests, NULL, NULL);
	g_free(folder);
	return failed;
}
