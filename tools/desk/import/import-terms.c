/* import-terms.c - texts to keyed term vectors, on a second core beside sealing and reading.
 *
 * Breaking 23 MB of text into words costs about as much as everything else of an import. Texts go in chunks to one worker; when
 * it lags behind, the reading thread counts a chunk itself, so that both cores stay busy and memory stays bounded.
 */
#include <string.h>

#include <veil/text.h>

#include "import/import-private.h"

#define CHUNK_BYTES (64u << 10)
#define MAX_WAITING 16

typedef struct {
	VeilId owner;
	const char *field; /* static */
	guint32 start, end; /* in the chunk's text, then in its vectors */
} Item;

typedef struct {
	const VeilKeys *keys;
	GArray *items;	     /* Item */
	GString *text;	     /* each text NUL-terminated */
	GByteArray *vectors; /* filled by the worker */
} Chunk;

struct Terms {
	const VeilKeys *keys;
	GAsyncQueue *queue; /* chunks for the worker; the Terms itself means the end */
	GThread *worker;
	GPtrArray *chunks; /* all of them, for the end */
	Chunk *open;
};

typedef struct {
	const VeilKeys *keys;
	GArray *terms; /* guint64 */
} Counting;

static void
add_term(const char *term, gsize len, gpointer data)
{
	Counting *counting = data;
	guint64 hash = veil_term_token(counting->keys, term, len);

	g_array_append_val(counting->terms, hash);
}

static int
compare_hashes(const void *a, const void *b)
{
	guint64 x = *(const guint64 *)a, y = *(const guint64 *)b;

	return x < y ? -1 : x > y;
}

static void
append_vector(GByteArray *out, GArray *terms)
{
	guint8 entry[VEIL_TERM_BYTES];

	if (terms->len > 1)
		qsort(terms->data, terms->len, sizeof(guint64), compare_hashes);
	for (guint i = 0, n; i < terms->len; i += n) {
		guint64 hash = g_array_index(terms, guint64, i);

		for (n = 1; i + n < terms->len && g_array_index(terms, guint64, i + n) == hash; n++)
			;
		veil_put_u64(entry, hash);
		entry[8] = (guint8)MIN(n, 65535u);
		entry[9] = (guint8)(MIN(n, 65535u) >> 8);
		g_byte_array_append(out, entry, sizeof entry);
	}
}

static void
count_chunk(Chunk *chunk)
{
	g_autoptr(GArray) terms = g_array_new(FALSE, FALSE, sizeof(guint64));
	Counting counting = {chunk->keys, terms};

	chunk->vectors = g_byte_array_new();
	for (guint i = 0; i < chunk->items->len; i++) {
		Item *item = &g_array_index(chunk->items, Item, i);

		g_array_set_size(terms, 0);
		veil_text_terms(chunk->text->str + item->start, add_term, &counting);
		item->start = chunk->vectors->len;
		append_vector(chunk->vectors, terms);
		item->end = chunk->vectors->len;
	}
	g_string_free(g_steal_pointer(&chunk->text), TRUE);
}

static gpointer
work(gpointer data)
{
	Terms *terms = data;
	gpointer next;

	while ((next = g_async_queue_pop(terms->queue)) != terms)
		count_chunk(next);
	return NULL;
}

static void
free_chunk(gpointer data)
{
	Chunk *chunk = data;

	g_array_unref(chunk->items);
	if (chunk->text != NULL)
		g_string_free(chunk->text, TRUE);
	if (chunk->vectors != NULL)
		g_byte_array_unref(chunk->vectors);
	g_free(chunk);
}

Terms *
veil_terms_new(const VeilKeys *keys)
{
	Terms *terms = g_new0(Terms, 1);

	terms->keys = keys;
	terms->queue = g_async_queue_new();
	terms->chunks = g_ptr_array_new_with_free_func(free_chunk);
	return terms;
}

static void
close_chunk(Terms *terms)
{
	Chunk *chunk = g_steal_pointer(&terms->open);

	if (chunk == NULL)
		return;
	if (terms->worker == NULL) /* a thread of its own: GLib's shared pool does not outlive a fork */
		terms->worker = g_thread_new("terms", work, terms);
	if (g_async_queue_length(terms->queue) >= MAX_WAITING)
		count_chunk(chunk);
	else
		g_async_queue_push(terms->queue, chunk);
}

void
veil_terms_add(Terms *terms, const VeilId *owner, const char *field, const char *text)
{
	Item item = {.owner = *owner, .field = field};

	if (terms->open == NULL) {
		terms->open = g_new0(Chunk, 1);
		terms->open->keys = terms->keys;
		terms->open->items = g_array_new(FALSE, FALSE, sizeof(Item));
		terms->open->text = g_string_sized_new(CHUNK_BYTES);
		g_ptr_array_add(terms->chunks, terms->open);
	}
	item.start = (guint32)terms->open->text->len;
	g_string_append_len(terms->open->text, text, (gssize)strlen(text) + 1);
	g_array_append_val(terms->open->items, item);
	if (terms->open->text->len >= CHUNK_BYTES)
		close_chunk(terms);
}

typedef struct {
	const Chunk *chunk;
	const Item *item;
	guint place; /* later texts of one field replace earlier ones */
} Reference;

static int
compare_references(const void *a, const void *b)
{
	const Reference *x = a, *y = b;
	int order = memcmp(x->item->owner.b, y->item->owner.b, sizeof x->item->owner.b);

	if (order == 0)
		order = strcmp(x->item->field, y->item->field);
	return order != 0 ? order : x->place < y->place ? -1 : 1;
}

static void
wait_all(Terms *terms)
{
	close_chunk(terms);
	if (terms->worker == NULL)
		return;
	g_async_queue_push(terms->queue, terms);
	g_thread_join(g_steal_pointer(&terms->worker));
}

gboolean
veil_terms_write(Terms *terms, VeilRegistry *registry, GError **error)
{
	g_autoptr(GArray) references = g_array_new(FALSE, FALSE, sizeof(Reference));

	wait_all(terms);
	for (guint c = 0; c < terms->chunks->len; c++) {
		const Chunk *chunk = g_ptr_array_index(terms->chunks, c);

		for (guint i = 0; i < chunk->items->len; i++) {
			Reference reference = {chunk, &g_array_index(chunk->items, Item, i), references->len};

			g_array_append_val(references, reference);
		}
	}
	g_array_sort(references, compare_references);
	for (guint i = 0; i < references->len; i++) {
		const Reference *r = &g_array_index(references, Reference, i);

		if (!veil_registry_put_terms(registry, &r->item->owner, r->item->field, r->chunk->vectors->data + r->item->start,
					     r->item->end - r->item->start, error))
			return FALSE;
	}
	return TRUE;
}

void
veil_terms_free(Terms *terms)
{
	if (terms == NULL)
		return;
	wait_all(terms);
	g_async_queue_unref(terms->queue);
	g_ptr_array_unref(terms->chunks);
	g_free(terms);
}
