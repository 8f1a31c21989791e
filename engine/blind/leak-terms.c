/* leak-terms.c - forty thousand names at once: Aho and Corasick's automaton over folded characters.
 *
 * One pass over a text finds every occurrence of every term. Edges lie in one open hash table keyed by (node, character); a node knows its first child and its next sibling for the
 * breadth-first pass that sets the failure links, and the nearest proper suffix that ends a term, so that a text without findings costs nothing but its length.
 */
#include "leak-internal.h"

#include <string.h>

#define NO_NODE G_MAXUINT32

typedef struct {
	guint32 c, first_child, next_sibling;
	guint32 fail, suffix; /* suffix: nearest node on the way of failures that ends a term; 0 none */
	guint32 term;	      /* first term that ends here, + 1 */
} Node;

typedef struct {
	VeilLeakKind kind;
	guint32 tag, n_chars, next;
	gboolean one_word; /* of Western letters: it must be written with a capital */
} Term;

struct VeilLeakTerms {
	GArray *nodes, *terms;
	guint64 *edge_key; /* 0: free */
	guint32 *edge_node;
	guint32 n_edges, size; /* size: a power of two */
};

static const char *const kind_names[VEIL_N_LEAKS] = {"person", "organisation", "phone", "e-mail", "id-number", "grant", "link", "self-reference"};

const char *
veil_leak_kind_name(VeilLeakKind kind)
{
	return kind_names[kind];
}

int
veil_leak_kind_parse(const char *name)
{
	for (int i = 0; i < VEIL_N_LEAKS; i++)
		if (strcmp(kind_names[i], name) == 0)
			return i;
	return -1;
}

static guint64
edge(guint32 node, guint32 c)
{
	return ((guint64)node << 21 | c) + 1;
}

static guint32
slot_of(const VeilLeakTerms *t, guint64 key)
{
	guint32 at = (guint32)((key * 0x9E3779B97F4A7C15u) >> 32) & (t->size - 1);

	while (t->edge_key[at] != 0 && t->edge_key[at] != key)
		at = (at + 1) & (t->size - 1);
	return at;
}

static guint32
child(const VeilLeakTerms *t, guint32 node, guint32 c)
{
	guint32 at = slot_of(t, edge(node, c));

	return t->edge_key[at] != 0 ? t->edge_node[at] : NO_NODE;
}

static void
resize(VeilLeakTerms *t, guint32 size)
{
	guint64 *keys = t->edge_key;
	guint32 *nodes = t->edge_node, before = t->size;

	t->size = size;
	t->edge_key = g_new0(guint64, size);
	t->edge_node = g_new(guint32, size);
	for (guint32 i = 0; i < before; i++)
		if (keys[i] != 0) {
			guint32 at = slot_of(t, keys[i]);

			t->edge_key[at] = keys[i];
			t->edge_node[at] = nodes[i];
		}
	g_free(keys);
	g_free(nodes);
}

static guint32
make_child(VeilLeakTerms *t, guint32 node, guint32 c)
{
	Node new_node = {.c = c, .first_child = NO_NODE};
	guint32 made = t->nodes->len, at;

	if (2 * (t->n_edges + 1) > t->size)
		resize(t, 2 * t->size);
	new_node.next_sibling = g_array_index(t->nodes, Node, node).first_child;
	g_array_index(t->nodes, Node, node).first_child = made;
	g_array_append_val(t->nodes, new_node);
	at = slot_of(t, edge(node, c));
	t->edge_key[at] = edge(node, c);
	t->edge_node[at] = made;
	t->n_edges++;
	return made;
}

VeilLeakTerms *
veil_leak_terms_new(void)
{
	VeilLeakTerms *t = g_new0(VeilLeakTerms, 1);
	Node root = {.first_child = NO_NODE, .next_sibling = NO_NODE};

	t->nodes = g_array_new(FALSE, FALSE, sizeof(Node));
	t->terms = g_array_new(FALSE, FALSE, sizeof(Term));
	g_array_append_val(t->nodes, root);
	resize(t, 1024);
	return t;
}

void
veil_leak_terms_free(VeilLeakTerms *t)
{
	if (t == NULL)
		return;
	g_array_unref(t->nodes);
	g_array_unref(t->terms);
	g_free(t->edge_key);
	g_free(t->edge_node);
	g_free(t);
}

typedef struct {
	guint chars, han, blanks;
} Shape;

static Shape
shape_of(const VeilFolded *f, guint n)
{
	Shape shape = {n, 0, 0};

	for (guint i = 0; i < n; i++) {
		shape.han += f[i].han;
		shape.blanks += f[i].c == ' ';
	}
	return shape;
}

static gboolean
means_somebody(VeilLeakKind kind, Shape s)
{
	guint letters = s.chars - s.blanks - s.han;

	if (s.han > 0)
		return s.han + letters >= (kind == VEIL_LEAK_PERSON ? 2u : 3u);
	return kind == VEIL_LEAK_PERSON ? s.blanks > 0 && letters >= 5 : letters >= 5;
}

static void
insert(VeilLeakTerms *t, VeilLeakKind kind, const VeilFolded *f, guint n, guint32 tag, gboolean one_word)
{
	Term term = {kind, tag, n, 0, one_word};
	guint32 node = 0;

	for (guint i = 0; i < n; i++) {
		guint32 next = child(t, node, f[i].c);

		node = next != NO_NODE ? next : make_child(t, node, f[i].c);
	}
	/* The same name of the same owner, spelt twice. */
	for (guint32 k = g_array_index(t->nodes, Node, node).term; k != 0; k = g_array_index(t->terms, Term, k - 1).next)
		if (g_array_index(t->terms, Term, k - 1).tag == tag && g_array_index(t->terms, Term, k - 1).kind == kind)
			return;
	term.next = g_array_index(t->nodes, Node, node).term;
	g_array_append_val(t->terms, term);
	g_array_index(t->nodes, Node, node).term = t->terms->len;
}

/* "wei li" for "li wei": the last word first. */
static void
insert_turned(VeilLeakTerms *t, const VeilFolded *f, guint n, guint32 tag)
{
	g_autofree VeilFolded *turned = g_new(VeilFolded, n);
	guint cut = n - 1;

	while (f[cut].c != ' ')
		cut--;
	memcpy(turned, f + cut + 1, (n - cut - 1) * sizeof *f);
	turned[n - cut - 1] = f[cut];
	memcpy(turned + (n - cut), f, cut * sizeof *f);
	insert(t, VEIL_LEAK_PERSON, turned, n, tag, FALSE);
}

gboolean
veil_leak_terms_add(VeilLeakTerms *t, VeilLeakKind kind, const char *text, guint32 tag)
{
	g_autoptr(GArray) folded = veil_leak__fold(text);
	const VeilFolded *f = (const VeilFolded *)(gconstpointer)folded->data;
	Shape shape = shape_of(f, folded->len);

	if (folded->len == 0 || !means_somebody(kind, shape))
		return FALSE;
	insert(t, kind, f, folded->len, tag, shape.han == 0 && shape.blanks == 0);
	if (kind == VEIL_LEAK_PERSON && shape.han == 0 && shape.blanks > 0)
		insert_turned(t, f, folded->len, tag);
	return TRUE;
}

guint
veil_leak_weight(const char *text)
{
	g_autoptr(GArray) folded = veil_leak__fold(text);
	Shape shape = shape_of((const VeilFolded *)(gconstpointer)folded->data, folded->len);

	return shape.han > 0 ? shape.chars - shape.blanks : (shape.chars - shape.blanks) / 2;
}

static guint32
follow(const VeilLeakTerms *t, guint32 node, guint32 c)
{
	guint32 next;

	while ((next = child(t, node, c)) == NO_NODE && node != 0)
		node = g_array_index(t->nodes, Node, node).fail;
	return next != NO_NODE ? next : 0;
}

void
veil_leak_terms_ready(VeilLeakTerms *t)
{
	g_autofree guint32 *queue = g_new(guint32, t->nodes->len);
	Node *nodes = (Node *)(gpointer)t->nodes->data;
	guint32 head = 0, tail = 0;

	queue[tail++] = 0;
	while (head < tail) {
		guint32 node = queue[head++];

		for (guint32 k = nodes[node].first_child; k != NO_NODE; k = nodes[k].next_sibling) {
			nodes[k].fail = node == 0 ? 0 : follow(t, nodes[node].fail, nodes[k].c);
			nodes[k].suffix = nodes[nodes[k].fail].term != 0 ? nodes[k].fail : nodes[nodes[k].fail].suffix;
			queue[tail++] = k;
		}
	}
}

static gboolean
is_letter(const VeilFolded *f)
{
	return !f->han && f->c != ' ';
}

/* Western words only whole: "ling" is not in "spelling". */
static gboolean
stands_alone(const VeilFolded *f, guint n, guint start, guint end)
{
	return !(is_letter(&f[start]) && start > 0 && is_letter(&f[start - 1])) && !(is_letter(&f[end]) && end + 1 < n && is_letter(&f[end + 1]));
}

void
veil_leak_scan_terms(const VeilLeakTerms *t, const char *text, VeilLeakFunc func, gpointer data)
{
	g_autoptr(GArray) folded = veil_leak__fold(text);
	const VeilFolded *f = (const VeilFolded *)(gconstpointer)folded->data;
	const Node *nodes = (const Node *)(gconstpointer)t->nodes->data;
	guint32 node = 0;

	for (guint i = 0; i < folded->len; i++) {
		node = follow(t, node, f[i].c);
		for (guint32 k = nodes[node].term != 0 ? node : nodes[node].suffix; k != 0; k = nodes[k].suffix)
			for (guint32 n = nodes[k].term; n != 0; n = g_array_index(t->terms, Term, n - 1).next) {
				const Term *term = &g_array_index(t->terms, Term, n - 1);
				guint start = i + 1 - term->n_chars;
				VeilLeak leak = {term->kind, f[start].line, f[start].column, term->tag};

				if (stands_alone(f, folded->len, start, i) && (!term->one_word || f[start].upper))
					func(&leak, data);
			}
	}
}
