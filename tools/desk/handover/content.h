/* content.h - desk/NAME.content: what the registrar hands over to the requester at a freeze. Texts under codes; nothing about applicants, nothing about reviewers but two codes each.
 *
 * Format veil-content/1, byte-exact in docs/design/handover.md. Its SHA-256 stands in the ledger (batch.content), so what goes out is what was frozen.
 */
#pragma once

#include <veil/leak.h>

#include "site/log.h"
#include "site/site.h"

/* A place in a text that gives somebody away. */
typedef struct {
	VeilLeakKind kind;
	guint32 text; /* place in the project's texts */
	guint32 line, column;
} VeilContentLeak;

typedef struct {
	char *where, *text; /* title, abstract, keywords, text-1, ... */
} VeilContentText;

/* The drawer's code and the one experts see. */
typedef struct {
	char drawer[VEIL_CODE_CHARS + 1], expert[VEIL_CODE_CHARS + 1];
} VeilCodePair;

typedef struct {
	VeilCodePair code;
	GArray *texts; /* VeilContentText */
	GArray *leaks; /* VeilContentLeak by text, line, column, kind: what only the registry could find */
} VeilContentProject;

typedef struct {
	char *batch, *freeze_id;
	GArray *reviewers; /* VeilCodePair by drawer's code */
	GArray *projects;  /* VeilContentProject by drawer's code */
} VeilContent;

VeilContent *veil_content_new(const char *batch, const char *freeze_id);
void veil_content_free(VeilContent *content);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilContent, veil_content_free)
/* (transfer none) the project, appended. */
VeilContentProject *veil_content_add_project(VeilContent *content, const char *drawer, const char *expert);
void veil_content_add_text(VeilContentProject *project, const char *where, const char *text);
/* Once each, sorted. */
void veil_content_sort_leaks(GArray *leaks);

char *veil_content_format(const VeilContent *content, gsize *out_len);
/* VEIL_ERROR_VERIFY when damaged. */
VeilContent *veil_content_parse(const char *text, gsize len, GError **error);

/* The content of a frozen batch, held against the ledger. VEIL_ERROR_NOT_AVAILABLE: none here; VEIL_ERROR_VERIFY: not what was frozen. */
VeilContent *veil_content_open(const VeilSite *site, const char *name, VeilLog *log, GError **error);

/* NULL when nobody bears the code. */
const VeilCodePair *veil_content_reviewer(const VeilContent *content, const char *drawer);
const VeilContentProject *veil_content_project(const VeilContent *content, const char *drawer);
