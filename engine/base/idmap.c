/* idmap.c - an open-addressing table keyed by random 128-bit values: no hash function, no allocation per entry. */
#include <veil/idmap.h>

#include <string.h>

void
veil_id_map_init(VeilIdMap *map, gsize expected)
{
	guint32 size = 64;

	while (size < expected * 2 && size < (1u << 30))
		size <<= 1;
	map->id = g_new(VeilId, size);
	map->value = g_new(guint32, size);
	memset(map->value, 0xff, size * sizeof *map->value);
	map->mask = size - 1;
	map->n = 0;
}

void
veil_id_map_clear(VeilIdMap *map)
{
	g_clear_pointer(&map->id, g_free);
	g_clear_pointer(&map->value, g_free);
	map->mask = map->n = 0;
}

static guint32
slot_of(const VeilIdMap *map, const VeilId *id)
{
	guint32 slot = veil_get_u32(id->b) & map->mask;

	while (map->value[slot] != VEIL_ID_MAP_NONE && memcmp(map->id[slot].b, id->b, sizeof id->b) != 0)
		slot = (slot + 1) & map->mask;
	return slot;
}

static void
grow(VeilIdMap *map)
{
	VeilIdMap bigger;

	veil_id_map_init(&bigger, (gsize)map->mask + 1);
	for (guint32 i = 0; i <= map->mask; i++)
		if (map->value[i] != VEIL_ID_MAP_NONE)
			veil_id_map_put(&bigger, &map->id[i], map->value[i]);
	veil_id_map_clear(map);
	*map = bigger;
}

void
veil_id_map_put(VeilIdMap *map, const VeilId *id, guint32 value)
{
	guint32 slot = slot_of(map, id);

	if (map->value[slot] == VEIL_ID_MAP_NONE)
		map->n++;
	map->id[slot] = *id;
	map->value[slot] = value;
	if (map->n > map->mask / 4 * 3)
		grow(map);
}

guint32
veil_id_map_get(const VeilIdMap *map, const VeilId *id)
{
	return map->value != NULL ? map->value[slot_of(map, id)] : VEIL_ID_MAP_NONE;
}

guint
veil_id_table_hash(gconstpointer id)
{
	return veil_get_u32(((const VeilId *)id)->b);
}

gboolean
veil_id_table_equal(gconstpointer a, gconstpointer b)
{
	return veil_id_equal(a, b);
}
