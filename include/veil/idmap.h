/* veil/idmap.h - random 128-bit values (ids, tokens) to small numbers.
 *
 * Open addressing; the values are random, so their first bytes are their hash. Iteration is not offered: nothing may depend on its order.
 */
#pragma once

#include <veil/base.h>

G_BEGIN_DECLS

#define VEIL_ID_MAP_NONE G_MAXUINT32

typedef struct {
	VeilId *id;
	guint32 *value;
	guint32 mask, n;
} VeilIdMap;

void veil_id_map_init(VeilIdMap *map, gsize expected);
void veil_id_map_clear(VeilIdMap *map);
/* Replaces the value of an id that is there. value != VEIL_ID_MAP_NONE. */
void veil_id_map_put(VeilIdMap *map, const VeilId *id, guint32 value);
/* VEIL_ID_MAP_NONE if absent. */
guint32 veil_id_map_get(const VeilIdMap *map, const VeilId *id);

/* For a GHashTable whose keys are VeilId and whose values are more than a number. */
guint veil_id_table_hash(gconstpointer id);
gboolean veil_id_table_equal(gconstpointer a, gconstpointer b);

G_END_DECLS
