/* registry-features.c - term vectors and disciplines of persons and projects, from stored blobs to rows of VeilFeatures.
 *
 * A person's terms are those of his entries and of every work he has a share in. Vectors are kept per field, so that weights
 * are chosen here and nothing has to be opened when one field changes.
 */
#include <string.h>

#include "registry-load.h"

/* What a word in this field counts. A title and keywords are chosen with care; a profile and an abstract are running text. */
static const struct {
	const char *field;
	guint32 weight;
} field_weights[] = {{"title", 2}, {"keywords", 2}, {"profile", 1}, {"abstract", 1}};

typedef struct {
	guint32 target; /* person, or n_persons + project */
	guint32 weight, n_terms;
	gsize start; /* in bytes */
} Piece;

typedef struct {
	Load *load;
	GByteArray *bytes; /* vectors as stored */
	GArray *pieces;	   /* Piece */
	const guint64 *work_offset;
} TermScan;

static guint32
field_weight(const char *field)
{
	for (guint i = 0; i < G_N_ELEMENTS(field_weights); i++)
		if (strcmp(field_weights[i].field, field) == 0)
			return field_weights[i].weight;
	return 0;
}

static guint64 *
offsets_of_works(const VeilFacts *facts)
{
	guint64 *offset = g_new0(guint64, (gsize)facts->n_works + 1);

	for (guint i = 0; i < facts->authorships->len; i++)
		offset[veil_facts_at(facts->authorships, VeilAuthorship, i)->work + 1]++;
	for (guint32 w = 0; w < facts->n_works; w++)
		offset[w + 1] += offset[w];
	return offset;
}

static void
add_vector(TermScan *scan, const VeilId *owner, guint32 weight, const guint8 *vector, gsize len)
{
	const VeilFacts *facts = scan->load->facts;
	Piece piece = {.weight = weight, .n_terms = (guint32)(len / VEIL_TERM_BYTES), .start = scan->bytes->len};
	guint32 work;

	if ((piece.target = veil_id_map_get(&scan->load->entry_person, owner)) != VEIL_NONE) {
		if (veil_facts_at(facts->persons, VeilPerson, piece.target)->in_pool)
			g_array_append_val(scan->pieces, piece);
	} else if ((work = veil_id_map_get(&scan->load->work, owner)) != VEIL_NONE) {
		for (guint64 i = scan->work_offset[work]; i < scan->work_offset[work + 1]; i++) {
			piece.target = veil_facts_at(facts->authorships, VeilAuthorship, i)->person;
			if (veil_facts_at(facts->persons, VeilPerson, piece.target)->in_pool)
				g_array_append_val(scan->pieces, piece);
		}
	} else if ((piece.target = veil_id_map_get(&scan->load->project, owner)) != VEIL_NONE) {
		piece.target += facts->persons->len;
		g_array_append_val(scan->pieces, piece);
	} else {
		return;
	}
	g_byte_array_append(scan->bytes, vector, (guint)len);
}

static gboolean
scan_terms(TermScan *scan, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(scan->load->registry, VEIL_SQL_EACH_TERMS, error);
	VeilId owner;
	gsize len;
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		const guint8 *vector = veil_stmt_blob(stmt, 2, &len);
		guint32 weight = field_weight(veil_stmt_text(stmt, 1));

		veil_stmt_id(stmt, 0, &owner);
		if (weight > 0 && len > 0 && len % VEIL_TERM_BYTES == 0)
			add_vector(scan, &owner, weight, vector, len);
	}
	return got == 0;
}

static int
compare_terms(const void *a, const void *b)
{
	guint64 x = ((const VeilTermCount *)a)->term, y = ((const VeilTermCount *)b)->term;

	return x < y ? -1 : x > y;
}

static void
decode_piece(const TermScan *scan, const Piece *piece, GArray *terms)
{
	const guint8 *p = scan->bytes->data + piece->start;
	guint at = terms->len;

	g_array_set_size(terms, at + piece->n_terms);
	for (guint32 i = 0; i < piece->n_terms; i++, p += VEIL_TERM_BYTES) {
		VeilTermCount *term = &g_array_index(terms, VeilTermCount, at + i);

		term->term = veil_get_u64(p);
		term->weight = (guint32)(p[8] | p[9] << 8) * piece->weight;
	}
}

/* Two neighbouring ascending runs of terms become one. */
static void
merge_runs(GArray *terms, guint from, guint middle, VeilTermCount *scratch)
{
	VeilTermCount *t = &g_array_index(terms, VeilTermCount, 0);
	guint a = from, b = middle, n = 0, end = terms->len;

	while (a < middle || b < end) {
		VeilTermCount next = b == end || (a < middle && t[a].term <= t[b].term) ? t[a++] : t[b++];

		if (n > 0 && scratch[n - 1].term == next.term)
			scratch[n - 1].weight += next.weight;
		else
			scratch[n++] = next;
	}
	memcpy(t + from, scratch, n * sizeof *scratch);
	g_array_set_size(terms, from + n);
}

/* Many runs: sort them all, then join equals. */
static void
sort_run(GArray *terms, guint from)
{
	VeilTermCount *t = &g_array_index(terms, VeilTermCount, 0);
	guint n = from;

	if (terms->len - from > 1)
		qsort(t + from, terms->len - from, sizeof *t, compare_terms);
	for (guint i = from; i < terms->len; i++) {
		if (n > from && t[n - 1].term == t[i].term)
			t[n - 1].weight += t[i].weight;
		else
			t[n++] = t[i];
	}
	g_array_set_size(terms, n);
}

static void
gather(const TermScan *scan, const guint32 *order, guint64 from, guint64 to, GArray *terms, GArray *scratch)
{
	guint start = terms->len;

	for (guint64 i = from; i < to; i++) {
		guint middle = terms->len;

		decode_piece(scan, &g_array_index(scan->pieces, Piece, order[i]), terms);
		if (to - from <= 4 && i > from) {
			if (scratch->len < terms->len - start)
				g_array_set_size(scratch, terms->len - start);
			merge_runs(terms, start, middle, (VeilTermCount *)scratch->data);
		}
	}
	if (to - from > 4)
		sort_run(terms, start);
}

static void
build_rows(const TermScan *scan, guint32 first, guint32 n, const guint64 *place, const guint32 *order, GArray *offset, GArray *terms)
{
	g_autoptr(GArray) scratch = g_array_new(FALSE, FALSE, sizeof(VeilTermCount));
	guint64 at = 0;

	g_array_set_size(offset, 0);
	g_array_append_val(offset, at);
	for (guint32 i = first; i < first + n; i++) {
		gather(scan, order, place[i], place[i + 1], terms, scratch);
		at = terms->len;
		g_array_append_val(offset, at);
	}
}

/* Pieces by target, in the order they were read: a counting sort. */
static guint32 *
order_pieces(const TermScan *scan, guint64 *place, guint32 n_targets)
{
	guint32 *order = g_new(guint32, scan->pieces->len + 1);
	g_autofree guint64 *next = g_new(guint64, n_targets + 1);

	for (guint i = 0; i < scan->pieces->len; i++)
		place[g_array_index(scan->pieces, Piece, i).target + 1]++;
	for (guint32 t = 0; t < n_targets; t++)
		place[t + 1] += place[t];
	memcpy(next, place, (gsize)(n_targets + 1) * sizeof *next);
	for (guint i = 0; i < scan->pieces->len; i++)
		order[next[g_array_index(scan->pieces, Piece, i).target]++] = i;
	return order;
}

static gboolean
load_terms(Load *load, VeilFeatures *features, GError **error)
{
	guint32 n_persons = load->facts->persons->len, n_projects = load->facts->projects->len;
	g_autofree guint64 *work_offset = offsets_of_works(load->facts);
	g_autofree guint64 *place = g_new0(guint64, (gsize)n_persons + n_projects + 1);
	g_autofree guint32 *order = NULL;
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(GArray) pieces = g_array_new(FALSE, FALSE, sizeof(Piece));
	TermScan scan = {load, bytes, pieces, work_offset};

	if (!scan_terms(&scan, error))
		return FALSE;
	order = order_pieces(&scan, place, n_persons + n_projects);
	build_rows(&scan, 0, n_persons, place, order, features->person_offset, features->person_terms);
	build_rows(&scan, n_persons, n_projects, place, order, features->project_offset, features->project_terms);
	return TRUE;
}

/* --- disciplines --------------------------------------------------------------------------------------------------- */

typedef struct {
	GHashTable *nodes; /* "scheme\nCODE" -> node + 1 */
	GPtrArray *parents; /* key of the parent, or NULL */
	GArray *out;
} DisciplineScan;

static char *
node_key(const char *scheme, const char *code)
{
	return g_strconcat(scheme, "\n", code, NULL);
}

static gboolean
add_discipline(const VeilDisciplineRow *row, gpointer data, GError **error)
{
	DisciplineScan *scan = data;

	(void)error;
	g_hash_table_insert(scan->nodes, node_key(row->scheme, row->code), GUINT_TO_POINTER(scan->parents->len + 1));
	g_ptr_array_add(scan->parents, row->parent ? node_key(row->scheme, row->parent) : NULL);
	return TRUE;
}

typedef struct {
	guint32 target;
	VeilDisciplineWeight share;
} Share;

static int
compare_shares(const void *a, const void *b)
{
	const Share *x = a, *y = b;

	if (x->target != y->target)
		return x->target < y->target ? -1 : 1;
	if (x->share.node != y->share.node)
		return x->share.node < y->share.node ? -1 : 1;
	return x->share.weight_micro > y->share.weight_micro ? -1 : x->share.weight_micro < y->share.weight_micro;
}

static gboolean
collect_shares(Load *load, GHashTable *nodes, GArray *shares, GError **error)
{
	VeilStmt *stmt = veil_registry__stmt(load->registry, VEIL_SQL_EACH_OWNER_DISCIPLINE, error);
	g_autoptr(GString) key = g_string_new(NULL);
	VeilId owner;
	int got;

	if (stmt == NULL)
		return FALSE;
	while ((got = veil_stmt_step(stmt, error)) == 1) {
		Share share = {.share = {0, (guint32)CLAMP(veil_stmt_int(stmt, 3), 0, G_MAXUINT32)}};
		guint node;

		g_string_printf(key, "%s\n%s", veil_stmt_text(stmt, 1), veil_stmt_text(stmt, 2));
		node = GPOINTER_TO_UINT(g_hash_table_lookup(nodes, key->str));
		veil_stmt_id(stmt, 0, &owner);
		share.target = veil_id_map_get(&load->entry_person, &owner);
		if (share.target == VEIL_NONE) {
			share.target = veil_id_map_get(&load->project, &owner);
			if (share.target != VEIL_NONE)
				share.target += load->facts->persons->len;
		}
		if (node == 0 || share.target == VEIL_NONE)
			continue; /* a code of no tree counts nothing */
		share.share.node = node - 1;
		g_array_append_val(shares, share);
	}
	return got == 0;
}

static void
build_shares(GArray *shares, guint *at, guint32 first, guint32 n, GArray *offset, GArray *out)
{
	guint64 end = 0;

	g_array_set_size(offset, 0);
	g_array_append_val(offset, end);
	for (guint32 t = first; t < first + n; t++) {
		guint32 last = VEIL_NONE; /* of equal nodes the larger weight stands, it comes first */

		for (; *at < shares->len && g_array_index(shares, Share, *at).target == t; ++*at) {
			const Share *share = &g_array_index(shares, Share, *at);

			if (share->share.node != last)
				g_array_append_val(out, share->share);
			last = share->share.node;
		}
		end = out->len;
		g_array_append_val(offset, end);
	}
}

static gboolean
load_disciplines(Load *load, VeilFeatures *features, GError **error)
{
	g_autoptr(GHashTable) nodes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) parents = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GArray) shares = g_array_new(FALSE, FALSE, sizeof(Share));
	DisciplineScan scan = {nodes, parents, NULL};
	guint at = 0;

	if (!veil_registry_each_discipline(load->registry, add_discipline, &scan, error) ||
	    !collect_shares(load, nodes, shares, error))
		return FALSE;
	for (guint i = 0; i < parents->len; i++) {
		const char *key = g_ptr_array_index(parents, i);
		guint node = key ? GPOINTER_TO_UINT(g_hash_table_lookup(nodes, key)) : 0;
		guint32 parent = node ? node - 1 : VEIL_NONE;

		g_array_append_val(features->discipline_parent, parent);
	}
	g_array_sort(shares, compare_shares);
	build_shares(shares, &at, 0, load->facts->persons->len, features->person_disc_offset, features->person_disc);
	build_shares(shares, &at, load->facts->persons->len, load->facts->projects->len, features->project_disc_offset,
		     features->project_disc);
	return TRUE;
}

gboolean
veil_registry__load_features(Load *load, VeilFeatures **out_features, GError **error)
{
	g_autoptr(VeilFeatures) features = veil_features_new();

	if (!load_terms(load, features, error) || !load_disciplines(load, features, error))
		return FALSE;
	*out_features = g_steal_pointer(&features);
	return TRUE;
}
