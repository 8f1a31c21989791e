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

/* A row without an id: name and employer only. */
typedef struct {
	guint32 project, org;
	VeilId stub;
	gboolean exclude;
	VeilPersonRole role;
	gboolean found;
} NamedRow;

/* Adds what the rows mean to the facts, whose posts must be complete. */
gboolean veil_registry__resolve_names(Load *load, GArray *named, GError **error);

/* Reads terms and disciplines; facts must be finished. */
gboolean veil_registry__load_features(Load *load, VeilFeatures **out_features, GError **error);
