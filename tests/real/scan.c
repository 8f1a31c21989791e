/* scan.c - which of many byte strings occur in which files. scan NEEDLES FILE...: prints file, offset, line number of the needle, tab-separated.
 *
 * The first six bytes of every position are looked up in a bit map, then in a table: a hundred thousand names in a hundred megabytes take a second.
 * Exit status 0 when nothing was found, 1 when something was, 2 when a file cannot be read or the list has no needle.
 */
#include <stdio.h>
#include <string.h>

#include <glib.h>

enum { HEAD = 6, MAP_BITS = 24 };

static guint32
slot_of(const guint8 *p)
{
	guint64 h = 0;

	memcpy(&h, p, HEAD);
	return (guint32)(h * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15) >> (64 - MAP_BITS));
}

static guint64
head_of(const guint8 *p)
{
	guint64 h = 0;

	memcpy(&h, p, HEAD);
	return h;
}

int
main(int argc, char **argv)
{
	g_autofree char *list = NULL;
	g_auto(GStrv) needles = NULL;
	g_autofree guint8 *map = g_malloc0(1u << (MAP_BITS - 3));
	g_autoptr(GHashTable) heads = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_array_unref);
	gsize n_needles = 0;
	int found = 0;

	if (argc < 3 || !g_file_get_contents(argv[1], &list, NULL, NULL))
		return 2;
	needles = g_strsplit(list, "\n", -1);
	for (guint i = 0; needles[i] != NULL; i++) {
		const guint8 *needle = (const guint8 *)needles[i];
		guint64 head;
		GArray *lines;

		if (strlen(needles[i]) < HEAD)
			continue;
		head = head_of(needle);
		lines = g_hash_table_lookup(heads, &head);
		if (lines == NULL)
			g_hash_table_insert(heads, g_memdup2(&head, sizeof head), lines = g_array_new(FALSE, FALSE, sizeof(guint)));
		g_array_append_val(lines, i);
		map[slot_of(needle) >> 3] |= (guint8)(1 << (slot_of(needle) & 7));
		n_needles++;
	}
	if (n_needles == 0)
		return 2;
	for (int f = 2; f < argc; f++) {
		g_autofree char *bytes = NULL;
		gsize len;

		if (!g_file_get_contents(argv[f], &bytes, &len, NULL))
			return 2;
		for (gsize i = 0; i + HEAD <= len; i++) {
			const guint8 *p = (const guint8 *)bytes + i;
			guint32 slot = slot_of(p);
			guint64 head;
			GArray *lines;

			if (!(map[slot >> 3] >> (slot & 7) & 1))
				continue;
			head = head_of(p);
			lines = g_hash_table_lookup(heads, &head);
			for (guint k = 0; lines != NULL && k < lines->len; k++) {
				const char *needle = needles[g_array_index(lines, guint, k)];

				if (strlen(needle) <= len - i && memcmp(p, needle, strlen(needle)) == 0) {
					printf("%s\t%" G_GSIZE_FORMAT "\t%u\n", argv[f], i, g_array_index(lines, guint, k));
					found = 1;
				}
			}
		}
	}
	return found;
}
