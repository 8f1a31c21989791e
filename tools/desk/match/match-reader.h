/* match-reader.h - what the lists of a published instance said, row by row, before it is a problem. Inside tools/desk/match only. */
#pragma once

#include "match/match.h"

enum { UNSET = -1 };

typedef struct {
	GHashTable *index; /* id -> number + 1 */
	GPtrArray *ids;
	GStringChunk *text;
	char *last; /* rows of one project mostly stand together */
	guint32 last_number;
} Ids;

typedef struct {
	guint32 reviewer;
	guint32 line; /* of its list; G_MAXUINT32 beyond */
	gint64 score;
} Pair;

typedef struct {
	guint32 project;
	Pair pair;
} Row;

typedef struct {
	const VeilMatchOptions *options;
	Ids projects, reviewers;
	GArray *rows, *conflicts;	      /* Row */
	GArray *demand, *min_load, *max_load; /* gint64 by number, UNSET where no row said so */
	GPtrArray *project_class, *team;      /* by project, "" or NULL none */
	GPtrArray *columns;		      /* attributes that rules speak of */
	GPtrArray *values;		      /* by reviewer number, then column; NULL where no row said so */
	GByteArray *described;		      /* by reviewer number: a row had his attributes */
	VeilPolicy *policy;		      /* NULL: none */
	gint64 default_demand, default_min, default_max;
} Reader;

/* The problem: ids in the order of their bytes, pairs by project and reviewer, without conflicts; then its rules. VEIL_ERROR_INPUT: a pair with two scores;
 * VEIL_ERROR_USAGE: somebody without a demand or a load. */
gboolean veil_published_build(VeilPublished *x, const Reader *reader, GError **error);
