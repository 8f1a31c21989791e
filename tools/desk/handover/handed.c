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

static char *
digest_of_drawn(const GArray *lines, const char *salt)
{
	g_autoptr(GString) text = g_string_new("veil/drawn/2\n");

	g_string_append_printf(text, "%s\n", salt);
	for (guint i = 0; i < lines->len; i++) {
		const VeilDrawnLine *line = &g_array_index(lines, VeilDrawnLine, i);

		g_string_append_printf(text, "%s %" G_GUINT64_FORMAT "\n", line->code, line->event);
	}
	return digest_of(text);
}

static char *
digest_of_panels(const GPtrArray *lines, const char *salt)
{
	g_autoptr(GString) text = g_string_new("veil/panels/2\n");

	g_string_append_printf(text, "%s\n", salt);
	for (guint i = 0; i < lines->len; i++)
		g_string_append_printf(text, "%s\n", (const char *)g_ptr_array_index(lines, i));
	return digest_of(text);
}

gboolean
veil_handed_log(VeilLog *log, const VeilSite *site, const char *name, const char *freeze_id, GError **error)
{
	char salt_drawn[65] = "", salt_panels[65] = "";
	g_autoptr(GArray) drawn = veil_drawn_read(site, name, salt_drawn, error);
	g_autoptr(GPtrArray) panels = drawn != NULL ? veil_panels_read(site, name, freeze_id, salt_panels, error) : NULL;
	g_autofree char *drawn_digest = panels != NULL ? digest_of_drawn(drawn, salt_drawn) : NULL;
	g_autofree char *panels_digest = panels != NULL ? digest_of_panels(panels, salt_panels) : NULL;
	g_autoptr(VeilFound) last = NULL;

	if (panels == NULL || !veil_log_find(log, "batch.handover", "freeze-id", freeze_id, &last, error))
		return FALSE;
	if (last != NULL && g_strcmp0(veil_found_get(last, "drawn-sha256"), drawn_digest) == 0 && g_strcmp0(veil_found_get(last, "panels-sha256"), panels_digest) == 0)
		return TRUE;
	return veil_log_append(log, "drawer", "batch.handover", error, "batch", name, "freeze-id", freeze_id, "drawn-sha256", drawn_digest, "panels-sha256", panels_digest, NULL);
}

static gboolean
is_signed(VeilLog *log, const char *name, const char *freeze_id, const char *field, const char *digest, const char *what, GError **error)
{
	g_autoptr(VeilFound) last = NULL;

	if (!veil_log_find(log, "batch.handover", "freeze-id", freeze_id, &last, error))
		return FALSE;
	if (last != NULL && g_strcmp0(veil_found_get(last, field), digest) == 0)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY,
		    "the list of %s of batch %s is not the one that the drawer handed over last; nothing was done: let the drawer run his last command again, and ask who changed the list",
		    what, name);
	return FALSE;
}

GArray *
veil_handed_drawn(VeilLog *log, const VeilSite *site, const char *name, const char *freeze_id, GError **error)
{
	char salt[65] = "";
	g_autoptr(GArray) lines = veil_drawn_read(site, name, salt, error);
	g_autofree char *digest = lines != NULL ? digest_of_drawn(lines, salt) : NULL;

	return lines != NULL && is_signed(log, name, freeze_id, "drawn-sha256", digest, "those drawn", error) ? g_steal_pointer(&lines) : NULL;
}

GPtrArray *
veil_handed_panels(VeilLog *log, const VeilSite *site, const char *name, const char *freeze_id, GError **error)
{
	char salt[65] = "";
	g_autoptr(GPtrArray) lines = veil_panels_read(site, name, freeze_id, salt, error);
	g_autofree char *digest = lines != NULL ? digest_of_panels(lines, salt) : NULL;

	return lines != NULL && is_signed(log, name, freeze_id, "panels-sha256", digest, "panels", error) ? g_steal_pointer(&lines) : NULL;
}
