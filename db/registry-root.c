/* registry-root.c - the rows whose tree is the registry's root: what a freeze commits its source to.
 *
 * Facts, coarse attributes and digests of cells; not the ciphertexts, so that sealing a registry anew is no change. Up to 256 rows
 * make a leaf: nobody proves a single row of the registry to anybody, and a leaf a row would hash four times as long.
 */
#include <veil/ledger.h>

#include "registry-private.h"

#define ROWS_A_LEAF 256

static const struct {
	const char *table, *select;
} tables[] = {
	{"cell", "SELECT owner, field, digest FROM cell ORDER BY owner, field"},
	{"entry", "SELECT id, person, token, in_pool, status, max_load, confirmed_on, province, rank, kind, employer, city FROM entry ORDER BY id"},
	{"entry_token", "SELECT entry, kind, token FROM entry_token ORDER BY entry, kind, token"},
	{"org", "SELECT id, listed, same_as, parent, province, kind FROM org ORDER BY id"},
	{"org_token", "SELECT kind, token, org FROM org_token ORDER BY kind, token"},
	{"post", "SELECT entry, org, kind, since, until FROM post ORDER BY entry, org, kind, since"},
	{"avoid", "SELECT entry, org FROM avoid ORDER BY entry, org"},
	{"work", "SELECT id, token FROM work ORDER BY id"},
	{"authorship", "SELECT work, entry, kind, since, until FROM authorship ORDER BY work, entry"},
	{"relation", "SELECT id, kind, a, b, since, until, evidence FROM relation ORDER BY id"},
	{"ban", "SELECT id, entry, since, until FROM ban ORDER BY id"},
	{"discipline", "SELECT scheme, code, parent FROM discipline ORDER BY scheme, code"},
	{"owner_discipline", "SELECT owner, scheme, code, weight FROM owner_discipline ORDER BY owner, scheme, code"},
	{"project", "SELECT id, batch, token, province, class, team FROM project ORDER BY id"},
	{"project_org", "SELECT project, org, role FROM project_org ORDER BY project, org, role"},
	{"project_person", "SELECT project, entry, role, org, by_name FROM project_person ORDER BY project, entry"},
	{"project_exclude", "SELECT project, entry, org, by_name FROM project_exclude ORDER BY project, entry"},
};

typedef struct {
	GByteArray *leaf;
	guint n_rows;
	VeilTree *tree;
} Leaves;

static void
flush(Leaves *leaves)
{
	guint8 leaf[32];

	if (leaves->n_rows == 0)
		return;
	veil_tree_leaf(leaves->leaf->data, leaves->leaf->len, leaf);
	veil_tree_add(leaves->tree, leaf);
	g_byte_array_set_size(leaves->leaf, 0);
	leaves->n_rows = 0;
}

static gboolean
add_row(const guint8 *row, gsize len, gpointer data, GError **error)
{
	Leaves *leaves = data;

	(void)error;
	g_byte_array_append(leaves->leaf, row, (guint)len);
	if (++leaves->n_rows == ROWS_A_LEAF)
		flush(leaves);
	return TRUE;
}

gboolean
veil_registry_root(VeilRegistry *registry, guint8 out_root[32], GError **error)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(VeilTree) tree = veil_tree_new();
	Leaves leaves = {bytes, 0, tree};

	for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
		if (!veil_db_table_leaves(registry->db, tables[i].table, tables[i].select, 0, add_row, &leaves, error))
			return FALSE;
		flush(&leaves); /* a leaf holds rows of one table */
	}
	veil_tree_root(tree, out_root);
	return TRUE;
}
