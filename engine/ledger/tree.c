/* tree.c - the Merkle tree of RFC 6962 over SHA-256: roots as a stream, proofs made and verified.
 *
 * A stream keeps one hash for each full subtree, that is for each bit set in the size. Proofs are made by the recursions of RFC 6962 2.1.1 and 2.1.2,
 * from the stored roots of full subtrees or, as the plain text of the RFC has it, from all leaf hashes; they are verified by the loops of RFC 9162
 * 2.1.3.2 and 2.1.4.2: different ways, so that each tests the others. One deviation: a consistency proof from size 0 is refused, because it proves nothing and callers mistake it for something.
 */
#include <sodium.h>
#include <string.h>

#include <veil/ledger.h>

void
veil_tree_leaf(const void *bytes, gsize len, guint8 out[32])
{
	crypto_hash_sha256_state state;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const guint8 *)"\0", 1);
	crypto_hash_sha256_update(&state, bytes, len);
	crypto_hash_sha256_final(&state, out);
}

void
veil_tree_node(const guint8 left[32], const guint8 right[32], guint8 out[32])
{
	guint8 input[65] = {1};
	memcpy(input + 1, left, 32);
	memcpy(input + 33, right, 32);
	crypto_hash_sha256(out, input, sizeof input);
}

struct VeilTree {
	guint64 size;
	guint8 full[64][32]; /* full[k]: root of the full subtree of 2^k leaves, valid where bit k of size is set */
};

VeilTree *
veil_tree_new(void)
{
	return g_new0(VeilTree, 1);
}

void
veil_tree_free(VeilTree *tree)
{
	g_free(tree);
}

static void
tree_add(VeilTree *tree, const guint8 leaf[32])
{
	guint8 hash[32];
	guint level = 0;
	memcpy(hash, leaf, 32);
	for (guint64 rest = tree->size; rest & 1; rest >>= 1, level++)
		veil_tree_node(tree->full[level], hash, hash);
	memcpy(tree->full[level], hash, 32);
	tree->size++;
}

static void
tree_root(const VeilTree *tree, guint8 out[32])
{
	gboolean any = FALSE;
	if (tree->size == 0) {
		crypto_hash_sha256(out, NULL, 0);
		return;
	}
	for (guint level = 0; level < 64; level++) {
		if (!(tree->size >> level & 1))
			continue;
		if (any)
			veil_tree_node(tree->full[level], out, out);
		else
			memcpy(out, tree->full[level], 32);
		any = TRUE;
	}
}

void
veil_tree_add(VeilTree *tree, const guint8 leaf[32])
{
	tree_add(tree, leaf);
}

guint64
veil_tree_size(const VeilTree *tree)
{
	return tree->size;
}

void
veil_tree_root(const VeilTree *tree, guint8 out[32])
{
	tree_root(tree, out);
}

/* --- proofs verified --------------------------------------------------------------------------------------------- */

gboolean
veil_tree_verify_inclusion(guint64 index, guint64 size, const guint8 leaf[32], const guint8 *proof, gsize n_hashes, const guint8 root[32])
{
	guint8 hash[32];
	guint64 fn = index, sn = size - 1;

	if (index >= size)
		return FALSE;
	memcpy(hash, leaf, 32);
	for (gsize i = 0; i < n_hashes; i++) {
		const guint8 *p = proof + 32 * i;
		if (sn == 0)
			return FALSE;
		if (fn & 1 || fn == sn) {
			veil_tree_node(p, hash, hash);
			while (!(fn & 1) && fn != 0)
				fn >>= 1, sn >>= 1;
		} else {
			veil_tree_node(hash, p, hash);
		}
		fn >>= 1, sn >>= 1;
	}
	return sn == 0 && memcmp(hash, root, 32) == 0;
}

gboolean
veil_tree_verify_consistency(guint64 size1, guint64 size2, const guint8 root1[32], const guint8 root2[32], const guint8 *proof, gsize n_hashes)
{
	if (size1 == 0 || size1 > size2)
		return FALSE;
	if (size1 == size2)
		return n_hashes == 0 && memcmp(root1, root2, 32) == 0;
	/* Where the first tree is one full subtree its root stands for the first hash. */
	gboolean whole = (size1 & (size1 - 1)) == 0;
	if (!whole && n_hashes == 0)
		return FALSE;
	guint64 fn = size1 - 1, sn = size2 - 1;
	while (fn & 1)
		fn >>= 1, sn >>= 1;
	guint8 fr[32], sr[32];
	memcpy(fr, whole ? root1 : proof, 32);
	memcpy(sr, fr, 32);
	for (gsize i = whole ? 0 : 1; i < n_hashes; i++) {
		const guint8 *p = proof + 32 * i;
		if (sn == 0)
			return FALSE;
		if (fn & 1 || fn == sn) {
			veil_tree_node(p, fr, fr);
			veil_tree_node(p, sr, sr);
			while (!(fn & 1) && fn != 0)
				fn >>= 1, sn >>= 1;
		} else {
			veil_tree_node(sr, p, sr);
		}
		fn >>= 1, sn >>= 1;
	}
	return sn == 0 && memcmp(fr, root1, 32) == 0 && memcmp(sr, root2, 32) == 0;
}

/* --- proofs made from stored hashes -------------------------------------------------------------------------------- */

typedef struct {
	VeilTreeNodeFunc node;
	gpointer data;
	GByteArray *proof;
	GError **error;
} Maker;

/* The root of the n leaves from begin on, a multiple of the largest power of two in n: full subtrees, joined from the right. */
static gboolean
stored_root(const Maker *maker, guint64 begin, guint64 n, guint8 out[32])
{
	guint8 left[32];
	guint64 end = begin + n;
	gboolean any = FALSE;

	for (guint level = 0; n >> level != 0; level++) {
		if (!(n >> level & 1))
			continue;
		if (!maker->node(level, (end >> level) - 1, left, maker->data, maker->error))
			return FALSE;
		end -= G_GUINT64_CONSTANT(1) << level;
		if (any)
			veil_tree_node(left, out, out);
		else
			memcpy(out, left, 32);
		any = TRUE;
	}
	return TRUE;
}

static gboolean
append_stored(const Maker *maker, guint64 begin, guint64 n)
{
	guint8 root[32];

	if (!stored_root(maker, begin, n, root))
		return FALSE;
	g_byte_array_append(maker->proof, root, 32);
	return TRUE;
}

static guint64 split(guint64 n);

static gboolean
stored_path(const Maker *maker, guint64 begin, guint64 n, guint64 index)
{
	if (n == 1)
		return TRUE;
	guint64 k = split(n);
	if (index < k)
		return stored_path(maker, begin, k, index) && append_stored(maker, begin + k, n - k);
	return stored_path(maker, begin + k, n - k, index - k) && append_stored(maker, begin, k);
}

static gboolean
stored_subproof(const Maker *maker, guint64 begin, guint64 n, guint64 m, gboolean complete)
{
	if (m == n)
		return complete || append_stored(maker, begin, n);
	guint64 k = split(n);
	if (m <= k)
		return stored_subproof(maker, begin, k, m, complete) && append_stored(maker, begin + k, n - k);
	return stored_subproof(maker, begin + k, n - k, m - k, FALSE) && append_stored(maker, begin, k);
}

GByteArray *
veil_tree_inclusion(guint64 size, guint64 index, VeilTreeNodeFunc node, gpointer data, GError **error)
{
	g_autoptr(GByteArray) proof = g_byte_array_new();
	Maker maker = {node, data, proof, error};
	g_return_val_if_fail(index < size, NULL);
	return stored_path(&maker, 0, size, index) ? g_steal_pointer(&proof) : NULL;
}

GByteArray *
veil_tree_consistency(guint64 size1, guint64 size2, VeilTreeNodeFunc node, gpointer data, GError **error)
{
	g_autoptr(GByteArray) proof = g_byte_array_new();
	Maker maker = {node, data, proof, error};
	g_return_val_if_fail(size1 > 0 && size1 <= size2, NULL);
	return stored_subproof(&maker, 0, size2, size1, TRUE) ? g_steal_pointer(&proof) : NULL;
}

/* --- proofs made from all leaves ----------------------------------------------------------------------------------- */

static void
range_root(const guint8 *leaves, guint64 n, guint8 out[32])
{
	VeilTree tree = {0};
	for (guint64 i = 0; i < n; i++)
		tree_add(&tree, leaves + 32 * i);
	tree_root(&tree, out);
}

/* The largest power of two smaller than n, n >= 2. */
static guint64
split(guint64 n)
{
	guint64 k = 1;
	while (k < n - k)
		k <<= 1;
	return k;
}

static void
append_root(GByteArray *proof, const guint8 *leaves, guint64 n)
{
	guint8 root[32];
	range_root(leaves, n, root);
	g_byte_array_append(proof, root, 32);
}

static void
path(GByteArray *proof, const guint8 *leaves, guint64 n, guint64 index)
{
	if (n == 1)
		return;
	guint64 k = split(n);
	if (index < k) {
		path(proof, leaves, k, index);
		append_root(proof, leaves + 32 * k, n - k);
	} else {
		path(proof, leaves + 32 * k, n - k, index - k);
		append_root(proof, leaves, k);
	}
}

GByteArray *
veil_tree_prove_inclusion(const guint8 *leaves, guint64 size, guint64 index)
{
	g_return_val_if_fail(index < size, NULL);
	GByteArray *proof = g_byte_array_new();
	path(proof, leaves, size, index);
	return proof;
}

/* complete: is the first tree so far one whole subtree, whose root the verifier knows? */
static void
subproof(GByteArray *proof, const guint8 *leaves, guint64 n, guint64 m, gboolean complete)
{
	if (m == n) {
		if (!complete)
			append_root(proof, leaves, n);
		return;
	}
	guint64 k = split(n);
	if (m <= k) {
		subproof(proof, leaves, k, m, complete);
		append_root(proof, leaves + 32 * k, n - k);
	} else {
		subproof(proof, leaves + 32 * k, n - k, m - k, FALSE);
		append_root(proof, leaves, k);
	}
}

GByteArray *
veil_tree_prove_consistency(const guint8 *leaves, guint64 size1, guint64 size2)
{
	g_return_val_if_fail(size1 > 0 && size1 <= size2, NULL);
	GByteArray *proof = g_byte_array_new();
	subproof(proof, leaves, size2, size1, TRUE);
	return proof;
}
