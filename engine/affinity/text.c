/* text.c - tf-idf vectors and their cosines, over an inverted index.
 *
 *   weight(term in a text) = (1 + log2 tf) x idf,   idf = log2((n + 1) / df)
 *
 * over the n reviewers; a word that the pool does not know is left out of a project's vector (it would make every cosine of the
 * project smaller alike); every vector is scaled to length 65,535 (components rounded down, the length rounded up, so that by
 * Cauchy-Schwarz no sum of products passes 65,535^2 and 32 bits hold it, whatever the weights were). A row of cosines is the sum,
 * over the project's terms, of the lists of reviewers who have the term: nothing is looked at where nothing is shared. Only terms
 * that some project of the batch has get a list.
 *
 * A term that more than a quarter of the reviewers have (and more than 64 of them) is dropped: its idf is under 2 where a
 * topic's is 10, so it would move a cosine by hundredths, and its list would be the longest of all.
 */
#include <string.h>

#include "affinity-internal.h"

#define LENGTH 65535
#define DROP_SHARE 4 /* dropped when df > n / DROP_SHARE ... */
#define DROP_FROM 64 /* ... and df > DROP_FROM */
#define TERMS_MAX (1 << 20)

static guint64
slot_of(guint64 term, guint64 n_slots)
{
	/* Terms are keyed hashes already; mixing keeps other numberings (a test's) from clustering. */
	term ^= term >> 32;
	term *= G_GUINT64_CONSTANT(0x9E3779B97F4A7C15);
	return (term ^ term >> 29) & (n_slots - 1);
}

static guint32
table_find(const VeilTermTable *t, guint64 term)
{
	for (guint64 s = slot_of(term, t->n_slots); t->slot[s]; s = (s + 1) & (t->n_slots - 1))
		if (t->key[s] == term)
			return t->slot[s] - 1;
	return VEIL_NONE;
}

static void
table_put(VeilTermTable *t, guint64 term, guint32 id)
{
	guint64 s = slot_of(term, t->n_slots);

	while (t->slot[s])
		s = (s + 1) & (t->n_slots - 1);
	t->key[s] = term;
	t->slot[s] = id + 1;
}

static void
table_grow(VeilTermTable *t)
{
	VeilTermTable bigger = {.n_slots = MAX(t->n_slots * 4, 1024), .n_terms = t->n_terms};

	bigger.key = g_new(guint64, bigger.n_slots);
	bigger.slot = g_new0(guint32, bigger.n_slots);
	for (guint64 s = 0; s < t->n_slots; s++)
		if (t->slot[s])
			table_put(&bigger, t->key[s], t->slot[s] - 1);
	g_free(t->key);
	g_free(t->slot);
	*t = bigger;
}

static guint32
table_add(VeilTermTable *t, guint64 term)
{
	guint32 id;

	if ((guint64)t->n_terms * 2 >= t->n_slots)
		table_grow(t);
	if ((id = table_find(t, term)) == VEIL_NONE)
		table_put(t, term, id = t->n_terms++);
	return id;
}

static const VeilTermCount *
row_of(GArray *offset, GArray *terms, guint32 i, guint64 *out_n)
{
	guint64 start = g_array_index(offset, guint64, i);

	*out_n = g_array_index(offset, guint64, i + 1) - start;
	return (const VeilTermCount *)(const void *)terms->data + start;
}

static guint32
tf_weight(guint32 count)
{
	return count == 0 ? 0 : 256 + veil_fixed_log2_q8(count);
}

/* At most (33 x 2^8) x (32 x 2^8) < 2^27; with five bits fewer, the squares of TERMS_MAX of them stay below 2^64. */
static guint32
term_weight(guint32 count, guint32 idf)
{
	return tf_weight(count) * idf >> 5;
}

static guint64
square(guint32 x)
{
	return (guint64)x * x;
}

static gboolean
complain(GError **error, const char *what)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "features: %s, rebuild them from the registry", what);
	return FALSE;
}

static gboolean
check_row(const VeilTermCount *terms, guint64 n, GError **error)
{
	if (n > TERMS_MAX)
		return complain(error, "a text has more than a million terms");
	for (guint64 i = 1; i < n; i++)
		if (terms[i - 1].term >= terms[i].term)
			return complain(error, "terms of a text are not ascending");
	return TRUE;
}

static gboolean
check_projects(const VeilFeatures *f, GError **error)
{
	for (guint32 p = 0; p + 1 < f->project_offset->len; p++) {
		guint64 n;
		const VeilTermCount *terms = row_of(f->project_offset, f->project_terms, p, &n);

		if (!check_row(terms, n, error))
			return FALSE;
	}
	return TRUE;
}

/* Pass 1: a number for each term of a reviewer, in the order met; df. */
static gboolean
number_terms(VeilTextIndex *x, const guint32 *reviewers, guint32 n, GArray *ids, GArray *df, GError **error)
{
	const VeilFeatures *f = x->features;

	for (guint32 r = 0; r < n; r++) {
		guint64 n_terms;
		const VeilTermCount *terms = row_of(f->person_offset, f->person_terms, reviewers[r], &n_terms);

		if (!check_row(terms, n_terms, error))
			return FALSE;
		for (guint64 i = 0; i < n_terms; i++) {
			guint32 id = table_add(&x->table, terms[i].term);

			if (id >= df->len)
				g_array_set_size(df, id + 1);
			g_array_index(df, guint32, id)++;
			g_array_append_val(ids, id);
		}
	}
	return TRUE;
}

static void
weigh_terms(VeilTextIndex *x, GArray *df, guint32 n)
{
	guint32 all = veil_fixed_log2_q8((guint64)n + 1);

	x->idf = g_new(guint16, x->table.n_terms + 1);
	for (guint32 t = 0; t < x->table.n_terms; t++) {
		guint32 count = g_array_index(df, guint32, t);

		x->idf[t] = count > DROP_FROM && count > n / DROP_SHARE ? 0 : (guint16)(all - veil_fixed_log2_q8(count));
	}
}

/* Pass 2: weights of each reviewer scaled to LENGTH; 0 for what is dropped. */
static void
scale_reviewers(const VeilTextIndex *x, const guint32 *reviewers, guint32 n, const guint32 *ids, guint16 *scaled)
{
	const VeilFeatures *f = x->features;

	for (guint32 r = 0; r < n; r++) {
		guint64 n_terms, sum = 0, length;
		const VeilTermCount *terms = row_of(f->person_offset, f->person_terms, reviewers[r], &n_terms);

		for (guint64 i = 0; i < n_terms; i++)
			sum += square(term_weight(terms[i].weight, x->idf[ids[i]]));
		length = MAX(veil_fixed_sqrt_up(sum), 1);
		for (guint64 i = 0; i < n_terms; i++)
			scaled[i] = (guint16)((guint64)term_weight(terms[i].weight, x->idf[ids[i]]) * LENGTH / length);
		ids += n_terms;
		scaled += n_terms;
	}
}

static guint8 *
mark_wanted(const VeilTextIndex *x)
{
	guint8 *wanted = g_new0(guint8, x->table.n_terms + 1);

	for (guint i = 0; i < x->features->project_terms->len; i++) {
		guint32 id = table_find(&x->table, g_array_index(x->features->project_terms, VeilTermCount, i).term);

		if (id != VEIL_NONE)
			wanted[id] = 1;
	}
	return wanted;
}

/* Pass 3: lists by term, reviewers ascending. */
static void
invert(VeilTextIndex *x, const guint32 *reviewers, guint32 n, const guint32 *ids, guint64 n_ids, const guint16 *scaled)
{
	guint32 n_terms = x->table.n_terms;
	g_autofree guint64 *at = g_new0(guint64, (gsize)n_terms + 1);
	g_autofree guint8 *wanted = mark_wanted(x);
	guint64 k = 0;

	for (guint64 i = 0; i < n_ids; i++)
		at[ids[i] + 1] += wanted[ids[i]] && scaled[i];
	for (guint32 t = 0; t < n_terms; t++)
		at[t + 1] += at[t];
	x->offset = g_memdup2(at, ((gsize)n_terms + 1) * sizeof *at);
	x->reviewer = g_new(guint32, at[n_terms] + 1);
	x->weight = g_new(guint16, at[n_terms] + 1);
	for (guint32 r = 0; r < n; r++) {
		guint64 count;

		row_of(x->features->person_offset, x->features->person_terms, reviewers[r], &count);
		for (guint64 i = 0; i < count; i++, k++) {
			if (!wanted[ids[k]] || !scaled[k])
				continue;
			x->reviewer[at[ids[k]]] = r;
			x->weight[at[ids[k]]++] = scaled[k];
		}
	}
}

gboolean
veil_text_index_build(VeilTextIndex *x, const VeilFeatures *features, const guint32 *reviewers, guint32 n_reviewers, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autoptr(GArray) df = g_array_new(FALSE, TRUE, sizeof(guint32));
	g_autofree guint16 *scaled = NULL;

	x->features = features;
	table_grow(&x->table);
	if (!check_projects(features, error) || !number_terms(x, reviewers, n_reviewers, ids, df, error))
		return FALSE;
	weigh_terms(x, df, n_reviewers);
	scaled = g_new(guint16, ids->len + 1);
	scale_reviewers(x, reviewers, n_reviewers, (const guint32 *)(const void *)ids->data, scaled);
	invert(x, reviewers, n_reviewers, (const guint32 *)(const void *)ids->data, ids->len, scaled);
	return TRUE;
}

void
veil_text_index_clear(VeilTextIndex *x)
{
	g_free(x->table.key);
	g_free(x->table.slot);
	g_free(x->idf);
	g_free(x->offset);
	g_free(x->reviewer);
	g_free(x->weight);
}

gboolean
veil_text_index_row(const VeilTextIndex *x, guint32 project, guint32 *sums)
{
	guint64 n, sum = 0, length;
	const VeilTermCount *terms = row_of(x->features->project_offset, x->features->project_terms, project, &n);
	g_autofree guint32 *ids = g_new(guint32, n + 1), *weights = g_new(guint32, n + 1);

	for (guint64 i = 0; i < n; i++) {
		ids[i] = table_find(&x->table, terms[i].term);
		weights[i] = ids[i] == VEIL_NONE ? 0 : term_weight(terms[i].weight, x->idf[ids[i]]);
		sum += square(weights[i]);
	}
	if (sum == 0)
		return FALSE;
	length = veil_fixed_sqrt_up(sum);
	for (guint64 i = 0; i < n; i++) {
		guint32 weight = (guint32)((guint64)weights[i] * LENGTH / length);

		if (weight == 0)
			continue;
		for (guint64 k = x->offset[ids[i]], end = x->offset[ids[i] + 1]; k < end; k++)
			sums[x->reviewer[k]] += x->weight[k] * weight;
	}
	return TRUE;
}
