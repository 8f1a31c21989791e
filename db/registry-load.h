/* registry-load.h - what reading facts and reading features share: ids to dense indexes. */
#pragma once

#include <veil/idmap.h>

#include "registry-private.h"

typedef struct {
	VeilRegistry *registry;
	const char *batch;
	VeilFacts *facts;
	VeilIdMap entry_person; /* entry -> person */
	VeilIdMap org;	    /* organisation -> index of the one it stands for */
	VeilIdMap project;
	VeilIdMap work;
	gint64 *attribute_key; /* per person: the import whose attributes stand */
} Load;

/* Reads terms and disciplines; facts must be finished. */
gboolean veil_registry__load_features(Load *load, VeilFeatures **out_features, GError **error);
