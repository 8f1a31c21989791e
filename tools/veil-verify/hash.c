/* hash.c - SHA-256 and the tree of RFC 6962: leaf H(00 | bytes), node H(01 | left | right), empty H("").
 *
 * The tree is kept as the roots of its full subtrees, like the digits of a binary counter, so that the root of every prefix
 * is at hand while the log is read once.
 */
#include <string.h>

#include <openssl/evp.h>

#include "verify.h"

static void
digest(const void *a, gsize n_a, const void *b, gsize n_b, const void *c, gsize n_c, guint8 out[32])
{
	static EVP_MD_CTX *context;
	static EVP_MD *sha;

	if (context == NULL) {
		context = EVP_MD_CTX_new();
		sha = EVP_MD_fetch(NULL, "SHA256", NULL);
	}
	if (context == NULL || sha == NULL || !EVP_DigestInit_ex2(context, sha, NULL) || !EVP_DigestUpdate(context, a, n_a) ||
	    !EVP_DigestUpdate(context, b, n_b) || !EVP_DigestUpdate(context, c, n_c) || !EVP_DigestFinal_ex(context, out, NULL))
		g_error("OpenSSL has no SHA-256");
}

void
sha256(const void *bytes, gsize len, guint8 out[32])
{
	digest(bytes, len, NULL, 0, NULL, 0, out);
}

void
hex_of(const guint8 *bytes, gsize n, char *out)
{
	for (gsize i = 0; i < n; i++)
		g_snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

void
sha256_hex(const void *bytes, gsize len, char out[65])
{
	guint8 hash[32];

	sha256(bytes, len, hash);
	hex_of(hash, 32, out);
}

gboolean
is_hex(const char *text, gsize n)
{
	return text != NULL && strlen(text) == n && strspn(text, "0123456789abcdef") == n;
}

void
tree_add(Tree *tree, const void *leaf, gsize len)
{
	guint8 hash[32];
	guint k;

	digest("\0", 1, leaf, len, NULL, 0, hash);
	for (k = 0; tree->size >> k & 1; k++)
		digest("\1", 1, tree->node[k], 32, hash, 32, hash);
	memcpy(tree->node[k], hash, 32);
	tree->size++;
}

void
tree_root(const Tree *tree, guint8 out[32])
{
	gboolean any = FALSE;

	for (guint k = 0; k < 64; k++) {
		if (!(tree->size >> k & 1))
			continue;
		if (any)
			digest("\1", 1, tree->node[k], 32, out, 32, out);
		else
			memcpy(out, tree->node[k], 32);
		any = TRUE;
	}
	if (!any)
		sha256("", 0, out);
}
