/* labels.c - see labels.h. */
#include <string.h>

#include <veil/text.h>

#include "import/labels.h"

void
veil_city_token(const VeilKeys *keys, const char *name, guint8 out[16])
{
	static const char suffix[] = "市";
	g_autofree char *folded = veil_text_fold_id("id", name);
	gsize len = strlen(folded), tail = strlen(suffix);

	if (len > 2 * tail && strcmp(folded + len - tail, suffix) == 0)
		len -= tail;
	veil_token(keys, "city", folded, len, out);
}
