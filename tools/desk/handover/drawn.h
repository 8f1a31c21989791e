/* drawn.h - notify/NAME.drawn: whom the notifier contacts. Codes only, and no project. */
#pragma once

#include <veil/batch.h>

#include "site/site.h"

typedef struct {
	char *code;
	guint64 event; /* how many lines the journal had when he came in */
} VeilDrawnLine;

/* (transfer full) of VeilDrawnLine, in the order in which they came in. VEIL_ERROR_NOT_AVAILABLE when nothing was handed over. */
GArray *veil_drawn_read(const VeilSite *site, const char *name, GError **error);
/* Everybody who sits on a panel now. Who was in the file keeps his event. */
gboolean veil_drawn_write(const VeilSite *site, const char *name, const VeilBatch *batch, GError **error);
/* What was handed over is not believed any more: the next veil_drawn_write makes it anew from the batch alone. */
void veil_drawn_forget(const VeilSite *site, const char *name);
/* After one event: who came in (nullable), who has no seat left (nullable). */
gboolean veil_drawn_change(const VeilSite *site, const char *name, guint32 event, const char *came, const char *left, GError **error);
