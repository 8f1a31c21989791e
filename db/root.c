/* root.c - one hash for the rows of some tables.
 *
 * Over rows, not over file bytes: SQLite may lay the same rows out differently, and a freeze keeps its root when a draw is added beside it.
 */
#include <veil/ledger.h>

#include "root.h"

static gboolean
add_leaf(const guint8 *row, gsize len, gpointer data, GError **error)
{
	guint8 leaf[32];

	(void)error;
	veil_tree_leaf(row, len, leaf);
	veil_tree_add(data, leaf);
	return TRUE;
}

gboolean
veil_db_root(VeilDb *db, const VeilTableRows *tables, gsize n_tables, gint64 parameter, guint8 out_root[32], GError **error)
{
	g_autoptr(VeilTree) tree = veil_tree_new();

	for (gsize i = 0; i < n_tables; i++)
		if (!veil_db_table_leaves(db, tables[i].table, tables[i].select, parameter, add_leaf, tree, error))
			return FALSE;
	veil_tree_root(tree, out_root);
	return TRUE;
}
