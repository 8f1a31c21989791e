/* relaxation.h - why there is no assignment and what would help, in words and in JSON: one wording for `veil match` and `veil batch check`. */
#pragma once

#include <json-glib/json-glib.h>

#include <veil/match.h>

/* Whose ids the numbers mean. */
typedef struct {
	gpointer data;
	const char *(*id)(gpointer data, gboolean project, guint32 index);
	const char *(*rule)(gpointer data, guint32 bound); /* nullable */
} VeilNaming;

/* raise, max-load, fewer-places, min-loads, min-load, rule, longer-lists. */
const char *veil_relaxation_name(VeilRelaxationKind kind);
/* An array of objects; docs/design/formats.md, 4. The member name must have been set. */
void veil_relaxations_json(JsonBuilder *builder, const GArray *relaxations, const VeilNaming *naming);
/* One line each: what could be done, whom it concerns (the first five), and whether that is enough. (transfer full) */
/* How many places cannot be filled in the whole instance, or (loads) how much of the minimum loads cannot be met: a witness shows a smallest group, which
 * may lack far less. 0: not known. */
guint64 veil_relaxations_shortage(const GArray *relaxations, gboolean loads);
/* "1 place", "3 places". To be freed. */
char *veil_count_words(guint64 n, const char *one, const char *many);
char *veil_relaxation_text(const VeilRelaxation *relaxation, const VeilNaming *naming);
