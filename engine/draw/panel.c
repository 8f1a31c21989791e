/* panel.c - tickets, and which of the drawn are the panel: docs/design/draw.md, 3.
 *
 * A ticket depends on the seed and its own pair alone, so striking one reviewer moves nobody else in the order.
 */
#include <stdlib.h>
#include <string.h>

#include <veil/draw.h>
#include <veil/hash.h>

guint64
veil_draw_ticket(const guint8 seed[32], const char *project, const char *reviewer)
{
	g_autoptr(GByteArray) text = g_byte_array_new();
	const char *part[2] = {project, reviewer};
	guint8 digest[32];
	guint64 ticket = 0;

	g_byte_array_append(text, (const guint8 *)"veil/ticket/1", strlen("veil/ticket/1"));
	for (guint i = 0; i < 2; i++) {
		guint8 length[4];

		veil_put_u32(length, (guint32)strlen(part[i]));
		g_byte_array_append(text, length, sizeof length);
		g_byte_array_append(text, (const guint8 *)part[i], (guint)strlen(part[i]));
	}
	veil_hmac_sha256(seed, 32, text->data, text->len, digest);
	for (guint i = 0; i < 8; i++)
		ticket = ticket << 8 | digest[i];
	return ticket;
}

/* --- legal panels ------------------------------------------------------------------------------------------------- */

static guint32
bound_min(const VeilPanelBound *bound, guint32 p)
{
	return bound->min != NULL && !bound->each ? bound->min[p] : 0;
}

static guint32
bound_max(const VeilPanelBound *bound, guint32 p)
{
	return bound->max != NULL ? bound->max[p] : G_MAXUINT32;
}

/* How many of people have the last one's group. */
static guint32
of_last_group(const guint32 *group, const guint32 *people, guint32 n)
{
	guint32 count = 0;

	for (guint32 i = 0; i < n && group[people[n - 1]] != 0; i++)
		count += group[people[i]] == group[people[n - 1]];
	return count;
}

/* How many of people count where the last of them counts. */
static guint32
beside_last(const VeilInstance *in, const VeilPanelBound *bound, guint32 p, const guint32 *people, guint32 n)
{
	guint32 value = veil_bound_of(in, bound, p, people[n - 1]), count = 0;

	if (value == 0)
		return 0;
	for (guint32 i = 0; i < n; i++) {
		guint32 other = veil_bound_of(in, bound, p, people[i]);

		count += bound->each ? other == value : other != 0;
	}
	return count;
}

/* Whether the last of n people breaks no maximum. */
static gboolean
last_fits(const VeilInstance *in, guint32 p, const guint32 *people, guint32 n)
{
	if (in->group != NULL && of_last_group(in->group, people, n) > 1)
		return FALSE;
	for (guint32 b = 0; b < in->n_bounds; b++)
		if (bound_max(&in->bounds[b], p) < n && beside_last(in, &in->bounds[b], p, people, n) > bound_max(&in->bounds[b], p))
			return FALSE;
	return TRUE;
}

static guint32
count_members(const VeilInstance *in, const VeilPanelBound *bound, guint32 p, const guint32 *people, guint32 n)
{
	guint32 count = 0;

	for (guint32 i = 0; i < n; i++)
		count += veil_bound_of(in, bound, p, people[i]) != 0;
	return count;
}

gboolean
veil_draw_legal(const VeilInstance *in, guint32 p, const guint32 *people, guint32 n)
{
	for (guint32 i = 1; i <= n; i++)
		if (!last_fits(in, p, people, i))
			return FALSE;
	for (guint32 b = 0; b < in->n_bounds; b++)
		if (bound_min(&in->bounds[b], p) > count_members(in, &in->bounds[b], p, people, n))
			return FALSE;
	return TRUE;
}

/* --- the first legal panel ---------------------------------------------------------------------------------------- */

typedef struct {
	const VeilInstance *in;
	const guint32 *bound; /* the projects whose rules bind the panel: p, or its whole team */
	guint32 n_bound, want;
	const guint32 *people;
	guint32 n;
	guint32 *chosen; /* people, in order */
	guint8 *taken;	 /* by position */
} Search;

/* Whether the minima of p could still be met, each by itself, with c chosen and everybody from position i on to choose from. */
static gboolean
can_still(const Search *s, guint32 p, guint32 i, guint32 c)
{
	for (guint32 b = 0; b < s->in->n_bounds; b++) {
		const VeilPanelBound *bound = &s->in->bounds[b];
		guint32 min = bound_min(bound, p), have;

		if (min == 0)
			continue;
		have = count_members(s->in, bound, p, s->chosen, c);
		if (have < min && (min - have > s->want - c || min - have > count_members(s->in, bound, p, s->people + i, s->n - i)))
			return FALSE;
	}
	return TRUE;
}

static gboolean
choose(Search *s, guint32 i, guint32 c)
{
	gboolean fits = TRUE;

	if (s->n - i < s->want - c)
		return FALSE;
	for (guint32 k = 0; k < s->n_bound; k++)
		if (!can_still(s, s->bound[k], i, c))
			return FALSE;
	if (c == s->want)
		return TRUE;
	s->chosen[c] = s->people[i];
	s->taken[i] = 1;
	for (guint32 k = 0; k < s->n_bound && fits; k++)
		fits = last_fits(s->in, s->bound[k], s->chosen, c + 1);
	if (fits && choose(s, i + 1, c + 1))
		return TRUE;
	s->taken[i] = 0;
	return choose(s, i + 1, c);
}

typedef struct {
	guint64 ticket;
	const char *code;
	guint32 reviewer;
} Ticket;

static int
compare_tickets(gconstpointer a, gconstpointer b)
{
	const Ticket *x = a, *y = b;

	if (x->ticket != y->ticket)
		return x->ticket < y->ticket ? -1 : 1;
	return strcmp(x->code, y->code);
}

gboolean
veil_draw_panel(const VeilInstance *in, guint32 p, const guint8 seed[32], const char *project, const char *const *codes, guint32 *people, guint32 n)
{
	g_autofree Ticket *tickets = g_new(Ticket, (gsize)n + 1);
	g_autofree guint32 *chosen = g_new0(guint32, (gsize)n + 1), *sorted = g_new0(guint32, (gsize)n + 1);
	g_autofree guint8 *taken = g_new0(guint8, (gsize)n + 1);
	g_autoptr(GArray) bound = g_array_new(FALSE, FALSE, sizeof(guint32));
	Search search = {.in = in, .want = in->demand[p], .people = sorted, .n = n, .chosen = chosen, .taken = taken};
	guint32 at = 0;
	gboolean found;

	for (guint32 q = 0; q < in->n_projects; q++)
		if (q == p || (in->team != NULL && in->team[p] != 0 && in->team[q] == in->team[p]))
			g_array_append_val(bound, q);
	search.bound = (const guint32 *)(gpointer)bound->data;
	search.n_bound = bound->len;
	for (guint32 i = 0; i < n; i++)
		tickets[i] = (Ticket){veil_draw_ticket(seed, project, codes[people[i]]), codes[people[i]], people[i]};
	qsort(tickets, n, sizeof *tickets, compare_tickets);
	for (guint32 i = 0; i < n; i++)
		sorted[i] = tickets[i].reviewer;
	found = choose(&search, 0, 0);
	for (guint pass = 0; pass < 2; pass++)
		for (guint32 i = 0; i < n; i++)
			if (!found ? pass == 0 : taken[i] == (pass == 0))
				people[at++] = sorted[i];
	return found;
}
