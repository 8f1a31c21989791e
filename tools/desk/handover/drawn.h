/* drawn.h - notify/NAME.drawn: whom the notifier contacts. Codes only, and no project. */
#pragma once

#include <veil/batch.h>

#include "site/site.h"

typedef struct {
	char *code;
	guint64 event; /* when he came in: lines of the journal and later draws until then */
} VeilDrawnLine;

/* What the digests in the ledger take in besides a list (handed.h), in hex: a hash of every code of the freeze. Whoever has the batch file, or the content, can work it out; whoever
 * reads the ledger alone cannot, so he cannot try out which list of a small batch fits. */
void veil_handover_salt(const VeilBatch *batch, char out[65]);

/* (transfer full) of VeilDrawnLine, in the order in which they came in. out_salt: as the file says. VEIL_ERROR_NOT_AVAILABLE when nothing was handed over; VEIL_ERROR_REFUSED: what lies
 * there is no plain file (its writer is another user: it is read once, without following a link or waiting). */
GArray *veil_drawn_read(const VeilSite *site, const char *name, char out_salt[65], GError **error);
/* Everybody who sits on a panel now. Who was in the file keeps his event. */
gboolean veil_drawn_write(const VeilSite *site, const char *name, const VeilBatch *batch, GError **error);
/* What was handed over is not believed any more: the next veil_drawn_write makes it anew from the batch alone. */
void veil_drawn_forget(const VeilSite *site, const char *name);
/* After a line of the journal, which had n_draws draws before it: who came in (nullable), who has no seat left (nullable). */
gboolean veil_drawn_change(const VeilSite *site, const char *name, guint32 line, guint32 n_draws, const char *came, const char *left, GError **error);
