/* registry-names.c - rows of people and of excluded experts that give a name and an employer and no id.
 *
 * They are resolved when facts are loaded and not when they are imported: whoever of that name and employer is in the pool by then is meant.
 */
#include <string.h>

#include "registry-load.h"

typedef struct {
	Load *load;
	VeilIdMap rows;    /* name token -> first of `next`; stub entry id -> the same while tokens are gathered */
	GArray *named; /* NamedRow */
	GArray *links; /* guint32 pairs: named row, next link */
	gboolean gathering;
} NameScan;

static gboolean
works_at(const VeilFacts *facts, guint32 person, guint32 org)
{
	guint lo = 0, hi = facts->posts->len;

	while (lo < hi) { /* posts are sorted by person */
		guint mid = lo + (hi - lo) / 2;

		if (veil_facts_at(facts->posts, VeilPost, mid)->person < person)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < facts->posts->len && veil_facts_at(facts->posts, VeilPost, lo)->person == person; lo++)
		if (veil_facts_at(facts->posts, VeilPost, lo)->org == org)
			return TRUE;
	return FALSE;
}

/* The employer of the row, or where it gives none the project's own unit. */
static gboolean
same_employer(const VeilFacts *facts, const NamedRow *row, guint32 person)
{
	if (row->org != VEIL_NONE)
		return works_at(facts, person, row->org);
	for (guint i = 0; i < facts->project_orgs->len; i++) {
		const VeilProjectOrg *org = veil_facts_at(facts->project_orgs, VeilProjectOrg, i);

		if (org->project == row->project && org->role == VEIL_ORG_UNIT && works_at(facts, person, org->org))
			return TRUE;
	}
	return FALSE;
}

static void
add_named(Load *load, const NamedRow *row, guint32 person)
{
	VeilProjectPerson behind = {row->project, person, row->role, row->org};
	VeilProjectExclude exclude = {row->project, person};

	if (row->exclude)
		g_array_append_val(load->facts->project_excludes, exclude);
	else
		g_array_append_val(load->facts->project_people, behind);
}

static gboolean
see_name(const VeilId *entry, VeilTokenKind kind, const VeilToken *token, gpointer data, GError **error)
{
	NameScan *scan = data;
	VeilId key;
	guint32 link;

	(void)error;
	if (kind != VEIL_TOKEN_NAME)
		return TRUE;
	memcpy(key.b, token->b, sizeof key.b);
	if (scan->gathering) { /* the tokens of the stubs: one stub may stand in several rows */
		for (guint i = 0; i < scan->named->len; i++) {
			guint32 pair[2] = {i, veil_id_map_get(&scan->rows, &key)};

			if (!veil_id_equal(&g_array_index(scan->named, NamedRow, i).stub, entry))
				continue;
			veil_id_map_put(&scan->rows, &key, scan->links->len / 2);
			g_array_append_vals(scan->links, pair, 2);
		}
		return TRUE;
	}
	for (link = veil_id_map_get(&scan->rows, &key); link != VEIL_NONE;
	     link = g_array_index(scan->links, guint32, 2 * link + 1)) {
		NamedRow *row = &g_array_index(scan->named, NamedRow, g_array_index(scan->links, guint32, (gsize)2 * link));
		guint32 person = veil_id_map_get(&scan->load->entry_person, entry);

		if (person == VEIL_NONE || !veil_facts_at(scan->load->facts->persons, VeilPerson, person)->in_pool ||
		    !same_employer(scan->load->facts, row, person))
			continue;
		row->found = TRUE;
		add_named(scan->load, row, person);
	}
	return TRUE;
}

static int
compare_posts(const void *a, const void *b)
{
	const VeilPost *x = a, *y = b;

	return x->person < y->person ? -1 : x->person > y->person;
}

/* Every expert of that name and employer is meant (conservative); when there is none, the stub itself stands behind the project. */
gboolean
veil_registry__resolve_names(Load *load, GArray *named, GError **error)
{
	NameScan scan = {.load = load, .named = named, .gathering = TRUE};
	gboolean ok = TRUE;

	if (named->len == 0)
		return TRUE;
	g_array_sort(load->facts->posts, compare_posts);
	veil_id_map_init(&scan.rows, named->len);
	scan.links = g_array_new(FALSE, FALSE, sizeof(guint32));
	for (int pass = 0; pass < 2 && ok; pass++) {
		scan.gathering = pass == 0;
		ok = veil_registry_each_entry_token(load->registry, see_name, &scan, error);
	}
	for (guint i = 0; i < named->len && ok; i++) {
		const NamedRow *row = &g_array_index(named, NamedRow, i);

		if (!row->found)
			add_named(load, row, veil_id_map_get(&load->entry_person, &row->stub));
	}
	g_array_unref(scan.links);
	veil_id_map_clear(&scan.rows);
	return ok;
}
