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
char *veil_relaxation_text(const VeilRelaxation *relaxation, const VeilNaming *naming);
