/* veil/batch.h - the batch file draw/NAME.veil: an immutable freeze and its append-only draw.
 *
 * Format: docs/design/formats.md 1.1. Everything is in code order; indexes are positions in that order.
 * Blinding: pseudonymous; what the drawer holds.
 */
#pragma once

#include <veil/base.h>

G_BEGIN_DECLS

#define VEIL_BATCH_FORMAT "veil-batch/1"
#define VEIL_BATCH_CODE_BYTES 24

typedef struct {
	char code[VEIL_BATCH_CODE_BYTES];
	guint32 min_load, max_load;
	char employer[20];		   /* opaque token, "" = none or alone with it */
	const char *kind, *province, *rank; /* coarse attributes in cells of at least five, NULL = not said */
} VeilBatchReviewer;

typedef struct {
	char code[VEIL_BATCH_CODE_BYTES];
	guint32 demand;
	gint32 cut; /* -1: the list is complete */
} VeilBatchProject;

typedef struct {
	guint32 n; /* 0: not drawn yet */
	char seed[65];
	char seed_source[16]; /* system, given */
	char method[16];
	char time[24];
	char *operator_handle;
	gint64 objective, bound;
	gint64 *prices;	   /* n_reviewers */
	guint64 *offset;   /* n_projects + 1 */
	guint32 *reviewer; /* the panel of each project, ascending */
} VeilBatchDraw;

typedef struct {
	GPtrArray *meta_keys, *meta_values; /* char*, parallel, ascending keys */
	VeilBatchReviewer *reviewers;
	guint32 n_reviewers;
	VeilBatchProject *projects;
	guint32 n_projects;
	guint64 *offset; /* n_projects + 1: candidates, ascending reviewer index */
	guint32 *reviewer;
	gint64 *score;
	VeilBatchDraw draw;
	GStringChunk *strings; /* owns attribute texts */
} VeilBatch;

VeilBatch *veil_batch_new(void);
void veil_batch_free(VeilBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilBatch, veil_batch_free)
void veil_batch_set(VeilBatch *batch, const char *key, const char *value);
const char *veil_batch_get(const VeilBatch *batch, const char *key); /* NULL if absent */

/* The listed score of a pair, 0 if it is not listed. */
gint64 veil_batch_score(const VeilBatch *batch, guint32 project, guint32 reviewer);

/* Writes a new file (must not exist), synced, mode 0600; draw is not written. out_root: batch_root. */
gboolean veil_batch_write(const char *path, const VeilBatch *batch, guint8 out_root[32], GError **error);
/* VEIL_ERROR_NOT_AVAILABLE: no such batch; VEIL_ERROR_VERIFY: damaged; VEIL_ERROR_REFUSED: newer format. */
VeilBatch *veil_batch_read(const char *path, GError **error);
/* Roots over what stands in the file now. out_draw_root may be NULL. */
gboolean veil_batch_roots(const char *path, guint8 out_root[32], guint8 out_draw_root[32], GError **error);
/* One transaction: draw n and its panels (role `panel`). VEIL_ERROR_REFUSED if this draw exists. */
gboolean veil_batch_store_draw(const char *path, const VeilBatch *batch, const VeilBatchDraw *draw, GError **error);

G_END_DECLS
