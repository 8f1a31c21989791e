/* heap.c - the priority queue of the searches: a binary heap of (distance, node) with stale entries left in.
 *
 * Equal distances leave in the order of node number, so that a search does not depend on how the heap happens to lie.
 */
#include "solver.h"

static inline gboolean
before(HeapItem a, HeapItem b)
{
	return a.key < b.key || (a.key == b.key && a.node < b.node);
}

void
veil_match__heap_push(Solver *s, gint64 key, guint32 node)
{
	HeapItem item = {key, node};
	gsize i = s->heap_n++;

	if (i == s->heap_room) {
		s->heap_room = s->heap_room ? s->heap_room * 2 : 1024;
		s->heap = g_renew(HeapItem, s->heap, s->heap_room);
	}
	while (i > 0) {
		gsize up = (i - 1) / 2;

		if (!before(item, s->heap[up]))
			break;
		s->heap[i] = s->heap[up];
		i = up;
	}
	s->heap[i] = item;
}

HeapItem
veil_match__heap_pop(Solver *s)
{
	HeapItem top = s->heap[0], last = s->heap[--s->heap_n];
	gsize n = s->heap_n, i = 0;

	for (;;) {
		gsize down = 2 * i + 1;

		if (down >= n)
			break;
		if (down + 1 < n && before(s->heap[down + 1], s->heap[down]))
			down++;
		if (!before(s->heap[down], last))
			break;
		s->heap[i] = s->heap[down];
		i = down;
	}
	if (n > 0)
		s->heap[i] = last;
	return top;
}
