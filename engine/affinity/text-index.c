/* text-index.c - tf-idf in integers over keyed terms.
 *
 * weight of a term in a text = (1 + log2 count) x log2((N + 1) / df); a text is the unit vector of its weights; the score of two texts is their
 * cosine. Logarithms keep a word said twenty times from counting twenty times, and a word everybody uses from counting at all. df is counted over
 * the pool. A term that more than an eighth of a large pool uses says nothing about who fits; it is left out, which also bounds the longest
 * list. Only terms that some project of the batch uses get a list.
 *
 * Order: reviewers ascending within a list, because they are visited in that order; sums are integers, so no order matters to them.
 */
#include <string.h>

#include "fixed.h"
#include "text-index.h"

enum {
	UNIT_BITS = 15,
	COMMON_SHARE = 8,    /* a term of more than 1/8 of the pool ... */
	COMMON_FLOOR = 2000, /* ... and of more than so many reviewers is common */
};

#define NO_TERM G_MAXUINT32

static guint32
find(const VeilTextIndex *index, guint64 term)
{
	for (guint64 slot = term & index->mask;; slot = (slot + 1) & index->mask) {
		if (index->numbers[slot] == NO_TERM)
			return NO_TERM;
		if (index->keys[slot] == term)
			return index->numbers[slot];
	}
}

static void
resize(VeilTextIndex *index, guint64 slots)
{
	guint64 *old_keys = index->keys;
	guint32 *old_numbers = index->numbers;
	guint64 old_slots = old_keys ? index->mask + 1 : 0;

	index->mask = slots - 1;
	index->keys = g_new(guint64, slots);
	index->numbers = g_new(guint32, slots);
	memset(index->numbers, 0xff, sizeof(guint32) * slots);
	for (guint64 i = 0; i < old_slots; i++) {
		guint64 slot;

		if (old_numbers[i] == NO_TERM)
			continue;
		for (slot = old_keys[i] & index->mask; index->numbers[slot] != NO_TERM; slot = (slot + 1) & index->mask)
			;
		index->keys[slot] = old_keys[i];
		index->numbers[slot] = old_numbers[i];
	}
	g_free(old_keys);
	g_free(old_numbers);
}

static guint32
intern(VeilTextIndex *index, guint64 term)
{
	guint64 slot;

	for (slot = term & index->mask; index->numbers[slot] != NO_TERM; slot = (slot + 1) & index->mask)
		if (index->keys[slot] == term)
			return index->numbers[slot];
	index->keys[slot] = term;
	index->numbers[slot] = index->n_terms;
	if (2 * (guint64)(index->n_terms + 1) > index->mask) {
		resize(index, 2 * (index->mask + 1));
		return index->n_terms++;
	}
	return index->n_terms++;
}

static const VeilTermCount *
terms_of(const GArray *offset, const GArray *terms, guint32 row, guint64 *out_n)
{
	guint64 start = g_array_index(offset, guint64, row), end = g_array_index(offset, guint64, row + 1);

	*out_n = end - start;
	return end > start ? &g_array_index(terms, VeilTermCount, start) : NULL;
}

static gboolean
is_common(const VeilTextIndex *index, guint32 number)
{
	return index->document_count[number] > MAX(COMMON_FLOOR, index->n_documents / COMMON_SHARE);
}

static guint32
term_weight(const VeilTextIndex *index, guint32 number, guint32 count)
{
	guint64 tf = VEIL_FIXED_ONE + veil_fixed_log2(MAX(count, 1));
	guint64 idf = veil_fixed_log2((guint64)index->n_documents + 1) - veil_fixed_log2(index->document_count[number]);

	return (guint32)(tf * idf >> VEIL_FIXED_BITS);
}

/* Numbers of all terms of all reviewers, and how many reviewers use each. */
static guint32 *
count_documents(VeilTextIndex *index, const VeilFeatures *features, const guint32 *reviewers, guint32 n_reviewers, guint64 total)
{
	guint32 *numbers = g_new(guint32, MAX(total, 1)), capacity = 1024;
	guint64 k = 0;

	index->document_count = g_new0(guint32, capacity);
	resize(index, 1 << 16);
	for (guint32 r = 0; r < n_reviewers; r++) {
		guint64 n;
		const VeilTermCount *terms = terms_of(features->person_offset, features->person_terms, reviewers[r], &n);

		for (guint64 i = 0; i < n; i++) {
			guint32 number = intern(index, terms[i].term);

			if (number >= capacity) {
				index->document_count = g_renew(guint32, index->document_count, 2 * capacity);
				memset(index->document_count + capacity, 0, sizeof(guint32) * capacity);
				capacity *= 2;
			}
			index->document_count[number]++;
			numbers[k++] = number;
		}
	}
	return numbers;
}

static gboolean *
mark_wanted(const VeilTextIndex *index, const VeilFeatures *features)
{
	gboolean *wanted = g_new0(gboolean, MAX(index->n_terms, 1));

	for (guint i = 0; i < features->project_terms->len; i++) {
		guint32 number = find(index, g_array_index(features->project_terms, VeilTermCount, i).term);

		if (number != NO_TERM && !is_common(index, number))
			wanted[number] = TRUE;
	}
	return wanted;
}

/* 2^15 x weight / norm, at most 2^15. */
static guint16
unit(guint64 weight, guint64 norm)
{
	return norm ? (guint16)MIN((weight << UNIT_BITS) / norm, 1u << UNIT_BITS) : 0;
}

static void
fill_lists(VeilTextIndex *index, const VeilFeatures *features, const guint32 *reviewers, guint32 n_reviewers, const guint32 *numbers,
	   const gboolean *wanted)
{
	g_autofree guint64 *next = g_new(guint64, index->n_terms + 1);
	const guint32 *number = numbers;

	index->offset = g_new0(guint64, index->n_terms + 1);
	for (guint32 t = 0; t < index->n_terms; t++)
		index->offset[t + 1] = index->offset[t] + (wanted[t] ? index->document_count[t] : 0);
	memcpy(next, index->offset, sizeof(guint64) * (index->n_terms + 1));
	index->reviewer = g_new(guint32, index->offset[index->n_terms] + 1);
	index->weight = g_new(guint16, index->offset[index->n_terms] + 1);
	for (guint32 r = 0; r < n_reviewers; r++) {
		guint64 n, square = 0, norm;
		const VeilTermCount *terms = terms_of(features->person_offset, features->person_terms, reviewers[r], &n);

		for (guint64 i = 0; i < n; i++) {
			guint64 w = is_common(index, number[i]) ? 0 : term_weight(index, number[i], terms[i].weight);

			square += w * w;
		}
		norm = veil_fixed_sqrt(square);
		for (guint64 i = 0; i < n; i++) {
			if (!wanted[number[i]])
				continue;
			index->reviewer[next[number[i]]] = r;
			index->weight[next[number[i]]++] = unit(term_weight(index, number[i], terms[i].weight), norm);
		}
		number += n;
	}
}

void
veil_text_index_init(VeilTextIndex *index, const VeilFeatures *features, const guint32 *reviewers, guint32 n_reviewers)
{
	g_autofree guint32 *numbers = NULL;
	g_autofree gboolean *wanted = NULL;
	guint64 total = 0, n;

	memset(index, 0, sizeof *index);
	index->n_documents = n_reviewers;
	for (guint32 r = 0; r < n_reviewers; r++) {
		terms_of(features->person_offset, features->person_terms, reviewers[r], &n);
		total += n;
	}
	numbers = count_documents(index, features, reviewers, n_reviewers, total);
	wanted = mark_wanted(index, features);
	fill_lists(index, features, reviewers, n_reviewers, numbers, wanted);
}

void
veil_text_index_clear(VeilTextIndex *index)
{
	g_free(index->keys);
	g_free(index->numbers);
	g_free(index->document_count);
	g_free(index->offset);
	g_free(index->reviewer);
	g_free(index->weight);
	memset(index, 0, sizeof *index);
}

gboolean
veil_text_index_row(const VeilTextIndex *index, const VeilFeatures *features, guint32 project, guint32 *out_sums)
{
	guint64 n, square = 0, norm;
	const VeilTermCount *terms = terms_of(features->project_offset, features->project_terms, project, &n);
	g_autofree guint32 *numbers = g_new(guint32, MAX(n, 1));

	for (guint64 i = 0; i < n; i++) {
		numbers[i] = find(index, terms[i].term);
		if (numbers[i] != NO_TERM && is_common(index, numbers[i]))
			numbers[i] = NO_TERM;
		if (numbers[i] != NO_TERM) {
			guint64 w = term_weight(index, numbers[i], terms[i].weight);

			square += w * w;
		}
	}
	norm = veil_fixed_sqrt(square);
	if (norm == 0)
		return FALSE;
	for (guint64 i = 0; i < n; i++) {
		guint32 ours;

		if (numbers[i] == NO_TERM)
			continue;
		ours = unit(term_weight(index, numbers[i], terms[i].weight), norm);
		for (guint64 k = index->offset[numbers[i]]; k < index->offset[numbers[i] + 1]; k++)
			out_sums[index->reviewer[k]] += ours * index->weight[k];
	}
	return TRUE;
}
