/* handed.c - see handed.h. Digests are over what the lists say and not over their bytes, so that a copy in another folder is the same list. */
#include "handover/handed.h"

#include <string.h>

#include "handover/drawn.h"
#include "site/found.h"
#include "handover/panels.h"

static char *
digest_of(GString *text)
{
	guint8 digest[32];
	char *hex = g_malloc(65);

	veil_sha256(text->str, text->len, digest);
	veil_hex_encode(digest, sizeof digest, hex);
	return hex;
}

/* (transfer full) "CODE EVENT" lines in the order in which they came in. */
static char *
digest_of_drawn(const VeilSite *site, const char *name, GError **error)
{
	g_autoptr(GArray) lines = veil_drawn_read(site, name, error);
	g_autoptr(GString) text = g_string_new("veil/drawn/1\n");

	for (guint i = 0; lines != NULL && i < lines->len; i++) {
		const VeilDrawnLine *line = &g_array_index(lines, VeilDrawnLine, i);

		g_string_append_printf(text, "%s %" G_GUINT64_FORMAT "\n", line->code, line->event);
	}
	return lines != NULL ? digest_of(text) : NULL;
}

static char *
digest_of_panels(const VeilSite *site, const char *name, const char *freeze_id, GError **error)
{
	g_autoptr(GPtrArray) lines = veil_panels_read(site, name, freeze_id, error);
	g_autoptr(GString) text = g_string_new("veil/panels/1\n");

	for (guint i = 0; lines != NULL && i < lines->len; i++)
		g_string_append_printf(text, "%s\n", (const char *)g_ptr_array_index(lines, i));
	return lines != NULL ? digest_of(text) : NULL;
}

gboolean
veil_handed_log(VeilLog *log, const VeilSite *site, const char *name, const char *freeze_id, GError **error)
{
	g_autofree char *drawn = digest_of_drawn(site, name, error), *panels = drawn ? digest_of_panels(site, name, freeze_id, error) : NULL;
	g_autoptr(VeilFound) last = NULL;

	if (panels == NULL || !veil_log_find(log, "batch.handover", "freeze-id", freeze_id, &last, error))
		return FALSE;
	if (last != NULL && strcmp(veil_found_get(last, "drawn-sha256"), drawn) == 0 && strcmp(veil_found_get(last, "panels-sha256"), panels) == 0)
		return TRUE;
	return veil_log_append(log, "drawer", "batch.handover", error, "batch", name, "freeze-id", freeze_id, "drawn-sha256", drawn, "panels-sha256", panels, NULL);
}

gboolean
veil_handed_check(VeilLog *log, const VeilSite *site, const char *name, const char *freeze_id, VeilHanded which, GError **error)
{
	g_autofree char *digest = which == VEIL_HANDED_DRAWN ? digest_of_drawn(site, name, error) : digest_of_panels(site, name, freeze_id, error);
	g_autoptr(VeilFound) last = NULL;

	if (digest == NULL || !veil_log_find(log, "batch.handover", "freeze-id", freeze_id, &last, error))
		return FALSE;
	if (last != NULL && strcmp(veil_found_get(last, which == VEIL_HANDED_DRAWN ? "drawn-sha256" : "panels-sha256"), digest) == 0)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY,
		    "the list of %s of batch %s is not the one that the drawer handed over last; nothing was done: let the drawer run his last command again, and ask who changed the list",
		    which == VEIL_HANDED_DRAWN ? "those drawn" : "panels", name);
	return FALSE;
}
