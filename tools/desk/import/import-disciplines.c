/* import-disciplines.c - discipline trees.
 *
 * A parent may stand further down in the file or in the registry already, so rows are judged when all are read: a row
 * whose parent is nowhere, or on the way to itself, is rejected, and so is what hangs below it. The parent column counts, not
 * the prefix of the code: in GB/T 13745 the two differ here and there.
 */
#include <string.h>

#include <veil/text.h>

#include "import/import-private.h"

enum { SCHEME, CODE, PARENT, NAME };

typedef struct {
	char *scheme, *code;	    /* interned */
	const char *parent;	    /* that the row says, or kept; NULL: a root */
	const char *known_parent;   /* in the registry */
	gboolean known, in_file, rejected;
	VeilId id;
	guint32 file, above; /* above: node of the parent */
	guint64 line, row_hash;
	gboolean name_changed;
	guint8 mark;
} Node;

typedef struct {
	GArray *nodes;	   /* Node */
	GHashTable *by_key; /* "scheme\ncode" -> node + 1 */
	GArray *known;	   /* KnownCell */
} Tree;

static Node *
node_at(const Tree *tree, guint32 i)
{
	return &g_array_index(tree->nodes, Node, i);
}

static guint32
find_node(const Tree *tree, const char *scheme, const char *code)
{
	g_autofree char *key = g_strconcat(scheme, "\n", code, NULL);

	return GPOINTER_TO_UINT(g_hash_table_lookup(tree->by_key, key)) - 1; /* absent: VEIL_NONE */
}

static guint32
add_node(Tree *tree, const char *scheme, const char *code)
{
	Node node = {.scheme = (char *)g_intern_string(scheme), .code = (char *)g_intern_string(code), .above = VEIL_NONE};

	g_array_append_val(tree->nodes, node);
	g_hash_table_insert(tree->by_key, g_strconcat(scheme, "\n", code, NULL), GUINT_TO_POINTER(tree->nodes->len));
	return tree->nodes->len - 1;
}

static gboolean
note_known(const VeilDisciplineRow *row, gpointer data, GError **error)
{
	Tree *tree = data;
	Node *node = node_at(tree, add_node(tree, row->scheme, row->code));

	(void)error;
	node->known = TRUE;
	node->id = row->id;
	node->parent = node->known_parent = row->parent ? g_intern_string(row->parent) : NULL;
	return TRUE;
}

static gboolean
begin(Import *import, GError **error)
{
	Tree *tree = g_new0(Tree, 1);

	tree->nodes = g_array_new(FALSE, TRUE, sizeof(Node));
	tree->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	tree->known = g_array_new(FALSE, FALSE, sizeof(KnownCell));
	import->state[VEIL_KIND_DISCIPLINES] = tree;
	return veil_registry_each_discipline(import->registry, note_known, tree, error);
}

static void
clear(Import *import)
{
	Tree *tree = g_steal_pointer(&import->state[VEIL_KIND_DISCIPLINES]);

	g_array_unref(tree->nodes);
	g_hash_table_unref(tree->by_key);
	g_array_unref(tree->known);
	g_free(tree);
}

/* A code is text; what breaks lists of "SCHEME:CODE=WEIGHT" is no code. */
static char *
read_code(Import *import, int column, const char *name)
{
	g_autofree char *text = veil_text_fold_id("id", veil_import_cell(import, column));

	if (*text != '\0' && strlen(text) <= 64 && strpbrk(text, ":=;\n") == NULL)
		return g_steal_pointer(&text);
	veil_import_reject(import, name, *text == '\0' ? "is empty" : "is no code: up to 64 bytes without ':', '=' and ';'");
	return NULL;
}

static gboolean
row(Import *import, GError **error)
{
	Tree *tree = import->state[VEIL_KIND_DISCIPLINES];
	const char *typed_parent = veil_import_cell(import, PARENT);
	g_autofree char *scheme = read_code(import, SCHEME, "scheme");
	g_autofree char *code = scheme ? read_code(import, CODE, "code") : NULL;
	g_autofree char *parent = NULL;
	guint64 hash = veil_import_row_hash(import);
	guint32 n;
	Node *node;

	if (code == NULL)
		return TRUE;
	if (veil_text_is_ruined_id(veil_import_cell(import, CODE)))
		return veil_import_reject(import, "code", "is a code that a spreadsheet has ruined; export the column as text");
	n = find_node(tree, scheme, code);
	if (n != VEIL_NONE && node_at(tree, n)->in_file) {
		g_autofree char *place = veil_import_place(import, node_at(tree, n)->file, node_at(tree, n)->line);

		if (node_at(tree, n)->row_hash != hash)
			return veil_import_reject(import, "code", "stands in %s with other content", place);
		veil_import_decide(import, ROW_DUPLICATE);
		return TRUE;
	}
	if (veil_import_cell_state(veil_import_cell(import, NAME)) != CELL_TEXT && (n == VEIL_NONE || !node_at(tree, n)->known))
		return veil_import_reject(import, "name", "is empty");
	if (n == VEIL_NONE) {
		n = add_node(tree, scheme, code);
		veil_import_new_id(import, &node_at(tree, n)->id);
	}
	node = node_at(tree, n);
	node->in_file = TRUE;
	node->file = import->file, node->line = import->row->line, node->row_hash = hash;
	if (veil_import_cell_state(typed_parent) == CELL_TEXT) {
		parent = veil_text_fold_id("id", typed_parent);
		node->parent = g_intern_string(parent);
	} else if (veil_import_cell_state(typed_parent) == CELL_CLEAR) {
		node->parent = NULL;
	}
	if (node->known && !veil_import_known_cells(import, &node->id, tree->known, error))
		return FALSE;
	node->name_changed = veil_import_put_cell(import, &node->id, node->known ? tree->known : NULL, "name", veil_import_cell(import, NAME));
	import->row_decided = TRUE; /* counted when the tree is judged */
	return TRUE;
}

/* --- judging ------------------------------------------------------------------------------------------------------- */

static void
reject_node(Import *import, Tree *tree, Node *node, const char *reason)
{
	veil_import_reject_at(import, node->file, node->line, "parent", "%s", reason);
	node->rejected = TRUE;
	node->parent = node->known_parent;
	node->above = node->parent ? find_node(tree, node->scheme, node->parent) : VEIL_NONE;
}

static gboolean
is_there(const Tree *tree, guint32 n)
{
	return n != VEIL_NONE && (node_at(tree, n)->known || !node_at(tree, n)->rejected);
}

/* TRUE when following parents from n comes back to n. mark 1: under way, 2: leads to a root or into a ring that does not hold it. */
static gboolean
is_on_ring(const Tree *tree, guint32 n)
{
	guint32 at = node_at(tree, n)->above;

	for (guint steps = 0; at != VEIL_NONE && at != n && steps <= tree->nodes->len; steps++) {
		if (node_at(tree, at)->mark == 2)
			return FALSE;
		at = node_at(tree, at)->above;
	}
	return at == n;
}

static gboolean
reject_rings(Import *import, Tree *tree)
{
	g_autoptr(GArray) ring = g_array_new(FALSE, FALSE, sizeof(guint32));

	for (guint32 i = 0; i < tree->nodes->len; i++)
		node_at(tree, i)->mark = 0;
	for (guint32 i = 0; i < tree->nodes->len; i++) {
		if (is_on_ring(tree, i)) {
			if (node_at(tree, i)->in_file && !node_at(tree, i)->rejected)
				g_array_append_val(ring, i);
		} else {
			node_at(tree, i)->mark = 2;
		}
	}
	for (guint k = 0; k < ring->len; k++)
		reject_node(import, tree, node_at(tree, g_array_index(ring, guint32, k)), "leads back to this code: a cycle");
	return ring->len > 0;
}

static gboolean
reject_orphans(Import *import, Tree *tree)
{
	gboolean any = FALSE;

	for (guint32 i = 0; i < tree->nodes->len; i++) {
		Node *node = node_at(tree, i);

		node->above = node->parent ? find_node(tree, node->scheme, node->parent) : VEIL_NONE;
		if (!node->in_file || node->rejected || node->parent == NULL || is_there(tree, node->above))
			continue;
		reject_node(import, tree, node,
			    node->above == VEIL_NONE ? "is in neither this list nor the registry" : "is a code whose row was rejected");
		any = TRUE;
	}
	return any;
}

static gboolean
end(Import *import, GError **error)
{
	Tree *tree = import->state[VEIL_KIND_DISCIPLINES];

	(void)error;
	while (reject_orphans(import, tree) || reject_rings(import, tree))
		;
	for (guint32 i = 0; i < tree->nodes->len; i++) {
		const Node *node = node_at(tree, i);
		VeilRow row = {.line = node->line};

		if (!node->in_file)
			continue;
		if (node->rejected) { /* its name was staged; a dropped cell behind it stands */
			if (!node->known)
				veil_import_drop_cell(import, &node->id, "name");
			continue;
		}
		g_string_truncate(import->columns, 0);
		if (node->known && g_strcmp0(node->parent, node->known_parent) != 0)
			veil_import_changes(import, "parent");
		if (node->known && node->name_changed)
			veil_import_changes(import, "name");
		import->file = node->file;
		import->row = &row;
		veil_import_decide(import, !node->known ? ROW_NEW : import->columns->len > 0 ? ROW_CHANGED : ROW_UNCHANGED);
		import->row = NULL;
	}
	return TRUE;
}

static gboolean
write_rows(Import *import, GError **error)
{
	Tree *tree = import->state[VEIL_KIND_DISCIPLINES];

	for (guint32 i = 0; i < tree->nodes->len; i++) {
		const Node *node = node_at(tree, i);
		VeilDisciplineRow row = {node->scheme, node->code, node->parent, node->id};

		if (!node->in_file || node->rejected || (node->known && g_strcmp0(node->parent, node->known_parent) == 0))
			continue;
		if (!veil_registry_put_discipline(import->registry, &row, error))
			return FALSE;
	}
	return TRUE;
}

const KindOps veil_import_disciplines = {.begin = begin, .row = row, .end = end, .write = write_rows, .clear = clear};
