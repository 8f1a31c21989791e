/* test-tree.c - the tree against the known answers of RFC 6962 implementations, against itself, and against forged proofs. */
#include "ledger-test.h"

#include <veil/hash.h>

#define N_LEAVES 70

static guint8 leaves[N_LEAVES][32];

static void
root_of(guint64 n, guint8 out[32])
{
	g_autoptr(VeilTree) tree = veil_tree_new();
	for (guint64 i = 0; i < n; i++)
		veil_tree_add(tree, leaves[i]);
	assert_int_equal(veil_tree_size(tree), n);
	veil_tree_root(tree, out);
}

/* The definition, word for word: a split at the largest power of two below n. */
static void
root_by_definition(const guint8 (*leaf)[32], guint64 n, guint8 out[32])
{
	guint8 left[32], right[32];
	guint64 k = 1;
	if (n == 1) {
		memcpy(out, leaf[0], 32);
		return;
	}
	while (2 * k < n)
		k *= 2;
	root_by_definition(leaf, k, left);
	root_by_definition(leaf + k, n - k, right);
	veil_tree_node(left, right, out);
}

static int
setup(void **state)
{
	(void)state;
	for (guint64 i = 0; i < N_LEAVES; i++) {
		char text[32];
		counted(i, text);
		veil_tree_leaf(text, strlen(text), leaves[i]);
	}
	return 0;
}

static void
assert_hex(const guint8 *bytes, const char *hex)
{
	char have[65];
	veil_hex_encode(bytes, 32, have);
	assert_string_equal(have, hex);
}

static void
known_roots(void **state)
{
	(void)state;
	/* The eight leaves that certificate-transparency implementations test with. */
	static const struct {
		const char *hex;
	} data[] = {{""}, {"00"}, {"10"}, {"2021"}, {"3031"}, {"40414243"}, {"5051525354555657"}, {"606162636465666768696a6b6c6d6e6f"}};
	static const char *const roots[] = {
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
	g_autoptr(VeilTree) tree = veil_tree_new();
	guint8 root[32], leaf[32], bytes[32];
	veil_tree_root(tree, root);
	assert_hex(root, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	for (guint i = 0; i < G_N_ELEMENTS(data); i++) {
		gsize n = strlen(data[i].hex) / 2;
		assert_true(veil_hex_decode(data[i].hex, bytes, n));
		veil_tree_leaf(bytes, n, leaf);
		veil_tree_add(tree, leaf);
		veil_tree_root(tree, root);
		assert_hex(root, roots[i]);
	}
}

static void
streaming_is_the_definition(void **state)
{
	(void)state;
	guint8 have[32], want[32];
	for (guint64 n = 1; n <= N_LEAVES; n++) {
		root_of(n, have);
		root_by_definition((const guint8 (*)[32])leaves, n, want);
		assert_memory_equal(have, want, 32);
	}
}

/* Every index of every size: accepted as made, refused for every neighbour and every damage. */
static void
inclusion(void **state)
{
	(void)state;
	guint8 root[32], other[32];
	for (guint64 n = 1; n <= 34; n++) {
		root_of(n, root);
		root_of(n + 1, other);
		for (guint64 i = 0; i < n; i++) {
			g_autoptr(GByteArray) proof = veil_tree_prove_inclusion(leaves[0], n, i);
			gsize m = proof->len / 32;
			assert_true(veil_tree_verify_inclusion(i, n, leaves[i], proof->data, m, root));
			assert_false(veil_tree_verify_inclusion(i, n, leaves[i], proof->data, m, other));
			assert_false(veil_tree_verify_inclusion(i, n, leaves[i + 1], proof->data, m, root));
			assert_false(veil_tree_verify_inclusion(n, n, leaves[i], proof->data, m, root));
			assert_false(veil_tree_verify_inclusion(G_MAXUINT64, n, leaves[i], proof->data, m, root));
			assert_false(veil_tree_verify_inclusion(i, 0, leaves[i], proof->data, m, root));
			for (guint64 k = 0; k < n; k++)
				if (k != i)
					assert_false(veil_tree_verify_inclusion(k, n, leaves[i], proof->data, m, root));
			for (gsize cut = 0; cut < m; cut++)
				assert_false(veil_tree_verify_inclusion(i, n, leaves[i], proof->data, cut, root));
			for (gsize h = 0; h < m; h++) {
				proof->data[32 * h + i % 32] ^= 1;
				assert_false(veil_tree_verify_inclusion(i, n, leaves[i], proof->data, m, root));
				proof->data[32 * h + i % 32] ^= 1;
			}
			g_byte_array_append(proof, root, 32);
			assert_false(veil_tree_verify_inclusion(i, n, leaves[i], proof->data, m + 1, root));
		}
	}
}

static void
consistency(void **state)
{
	(void)state;
	guint8 root1[32], root2[32], other[32];
	for (guint64 n = 1; n <= 34; n++) {
		root_of(n, root2);
		root_of(n + 1, other);
		for (guint64 m = 1; m <= n; m++) {
			root_of(m, root1);
			g_autoptr(GByteArray) proof = veil_tree_prove_consistency(leaves[0], m, n);
			gsize k = proof->len / 32;
			assert_true(veil_tree_verify_consistency(m, n, root1, root2, proof->data, k));
			assert_false(veil_tree_verify_consistency(m, n, root1, other, proof->data, k));
			assert_false(veil_tree_verify_consistency(m, n, other, root2, proof->data, k));
			assert_false(veil_tree_verify_consistency(0, n, root1, root2, proof->data, k));
			assert_false(veil_tree_verify_consistency(n + 1, n, root1, root2, proof->data, k));
			if (m < n)
				assert_false(veil_tree_verify_consistency(m, n, root2, root1, proof->data, k));
			for (gsize cut = 0; cut < k; cut++)
				assert_false(veil_tree_verify_consistency(m, n, root1, root2, proof->data, cut));
			for (gsize h = 0; h < k; h++) {
				proof->data[32 * h + m % 32] ^= 0x80;
				assert_false(veil_tree_verify_consistency(m, n, root1, root2, proof->data, k));
				proof->data[32 * h + m % 32] ^= 0x80;
			}
			g_byte_array_append(proof, root2, 32);
			assert_false(veil_tree_verify_consistency(m, n, root1, root2, proof->data, k + 1));
		}
	}
	/* The empty tree proves nothing, not even of itself. */
	root_of(0, root1);
	assert_false(veil_tree_verify_consistency(0, 0, root1, root1, NULL, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_roots),
		cmocka_unit_test(streaming_is_the_definition),
		cmocka_unit_test(inclusion),
		cmocka_unit_test(consistency),
	};
	return cmocka_run_group_tests_name("ledger-tree", tests, setup, NULL);
}
