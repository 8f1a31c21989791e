/* registry-load.h - what reading facts and reading features share: ids to dense indexes. */
#pragma once

#include "registry-private.h"

/* Ids are random, so their first bytes are their hash. */
typedef struct {
	VeilId *id;
	guint32 *value;
	guint32 mask, n;
} IdMap;

void veil_registry__map_init(IdMap *map, gsize expected);
void veil_registry__map_clear(IdMap *map);
void veil_registry__map_put(IdMap *map, const VeilId *id, guint32 value);
/* VEIL_NONE if absent. */
guint32 veil_registry__map_get(const IdMap *map, const VeilId *id);

typedef struct {
	VeilRegistry *registry;
	const char *batch;
	VeilFacts *facts;
	IdMap entry_person; /* entry -> person */
	IdMap org;	    /* organisation -> index of the one it stands for */
	IdMap project;
	IdMap work;
	gint64 *attribute_key; /* per person: the import whose attributes stand */
} Load;

/* Reads terms and disciplines; facts must be finished. */
gboolean veil_registry__load_features(Load *load, VeilFeatures **out_features, GError **error);
