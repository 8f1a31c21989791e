/* route.c - see route.h.
 *
 * The reader of an outbox trusts its writer as far as the ledger goes: what is taken is a plain file, copied whole before it is looked at, and its rows have
 * the root that the freeze's record names. A second look at a file that has not changed costs one stat.
 */
#include "site/route.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <veil/batch.h>
#include <veil/ledger-store.h>

#include "site/batch-files.h"
#include "site/history.h"

#define MAX_BATCH_BYTES ((gsize)1 << 34)

const VeilRouteRow veil_routes[VEIL_N_ROUTES] = {
	[VEIL_ROUTE_BATCH] = {VEIL_USER_REGISTRAR, VEIL_USER_DRAWER, VEIL_FOLDER_DRAW, "registrar-drawer"},
	[VEIL_ROUTE_AUDIT] = {VEIL_USER_REGISTRAR, VEIL_USER_AUDITOR, VEIL_FOLDER_AUDIT, "registrar-auditor"},
	[VEIL_ROUTE_DRAWN] = {VEIL_USER_DRAWER, VEIL_USER_REGISTRAR, VEIL_FOLDER_NOTIFY, "drawer-registrar"},
	[VEIL_ROUTE_RESULT] = {VEIL_USER_DRAWER, VEIL_USER_AUDITOR, VEIL_FOLDER_DRAW, "drawer-auditor"},
	[VEIL_ROUTE_PLACES] = {VEIL_USER_DRAWER, VEIL_USER_REQUESTER, VEIL_FOLDER_DESK, "drawer-requester"},
	[VEIL_ROUTE_CONTACTS] = {VEIL_USER_REGISTRAR, VEIL_USER_NOTIFIER, VEIL_FOLDER_NOTIFY, "registrar-notifier"},
	[VEIL_ROUTE_CONTENT] = {VEIL_USER_REGISTRAR, VEIL_USER_REQUESTER, VEIL_FOLDER_DESK, "registrar-requester"},
	[VEIL_ROUTE_REQUESTS] = {VEIL_USER_REQUESTER, VEIL_USER_REGISTRAR, VEIL_FOLDER_DESK, "requester-registrar"},
	[VEIL_ROUTE_ANSWERS] = {VEIL_USER_NOTIFIER, VEIL_USER_REQUESTER, VEIL_FOLDER_NOTIFY, "notifier-requester"},
	[VEIL_ROUTE_VACANCIES] = {VEIL_USER_REQUESTER, VEIL_USER_DRAWER, VEIL_FOLDER_DRAW, "requester-drawer"},
};

char *
veil_route_path(const VeilSite *site, VeilRoute route, const char *name)
{
	if (site->users == NULL)
		return veil_site_path(site, veil_routes[route].folder, name);
	return g_build_filename(site->dir, "handover", veil_routes[route].outbox, name, NULL);
}

int
veil_route_mode(const VeilSite *site)
{
	return site->users == NULL ? 0600 : 0640;
}

/* --- the drawer's side --------------------------------------------------------------------------------------------------- */

/* Which file that was, as far as it can be told without reading it. NULL: there is none. */
static char *
mark_of(const char *path)
{
	struct stat info;

	if (lstat(path, &info) != 0)
		return NULL;
	return g_strdup_printf("%llu %lld %lld.%09ld\n", (unsigned long long)info.st_ino, (long long)info.st_size, (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

static gboolean
is_marked(const char *mark_path, const char *mark)
{
	g_autofree char *text = NULL;

	return g_file_get_contents(mark_path, &text, NULL, NULL) && g_strcmp0(text, mark) == 0;
}

static gboolean
put_mark(const char *mark_path, const char *mark, GError **error)
{
	return veil_file_put(mark_path, mark, strlen(mark), 0600, error);
}

static gboolean
refuse_false(const char *name, GError **error)
{
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "%s.veil that was handed over is not the file of the latest freeze in the ledger: ask the registrar for it", name);
	return FALSE;
}

/* Is this the latest freeze of the batch, row by row? */
static gboolean
check_taken(const VeilSite *site, const char *name, const char *path, const VeilBatch *batch, GError **error)
{
	g_autofree char *dir = veil_site_path(site, VEIL_FOLDER_LEDGER, NULL);
	g_autoptr(VeilLedger) ledger = veil_ledger_open_read(dir, error);
	const char *id = veil_batch_get(batch, "freeze_id");
	guint8 root[32];
	char hex[65];
	VeilRecord record;
	gpointer storage = NULL;

	if (ledger == NULL || !veil_batch_roots(path, 0, root, NULL, error))
		return FALSE;
	veil_hex_encode(root, 32, hex);
	if (id == NULL || batch->n_draws > 0)
		return refuse_false(name, error);
	if (!veil_ledger_find_last(ledger, "batch.freeze", "freeze-id", id, &record, &storage, error))
		return FALSE;
	gboolean same = storage != NULL && g_strcmp0(veil_record_get(&record, "batch"), name) == 0 && g_strcmp0(veil_record_get(&record, "batch-root"), hex) == 0;
	veil_record_storage_free(storage);
	return same ? veil_history_check_latest(ledger, name, id, error) : refuse_false(name, error);
}

static gboolean
move(const char *from, const char *to, GError **error)
{
	g_autofree char *name = g_path_get_basename(to);

	if (access(from, F_OK) != 0)
		return TRUE;
	if (access(to, F_OK) == 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "%s is in the way of the earlier freeze's file: move it elsewhere, then run this again", name);
		return FALSE;
	}
	if (rename(from, to) == 0)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot keep the earlier freeze's file %s: %s", name, g_strerror(errno));
	return FALSE;
}

/* NAME.veil and NAME.drawn of the freeze before become NAME.Fn.*. */
static gboolean
keep_own(const VeilSite *site, const char *name, const char *own, const VeilBatch *before, GError **error)
{
	g_autofree char *older = g_strdup_printf("%s.F%s", name, veil_batch_get(before, "freeze")), *older_drawn = g_strconcat(older, ".drawn", NULL);
	g_autofree char *drawn_name = g_strconcat(name, ".drawn", NULL), *drawn = veil_route_path(site, VEIL_ROUTE_DRAWN, drawn_name);
	g_autofree char *drawn_to = veil_route_path(site, VEIL_ROUTE_DRAWN, older_drawn), *to = veil_batch_path(site, VEIL_FOLDER_DRAW, older, "veil");
	g_autofree char *journal = g_strconcat(own, "-journal", NULL);
	struct stat info;

	if (stat(journal, &info) == 0 && info.st_size > 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "a step of the earlier freeze was interrupted and left %s.veil-journal: a later freeze cannot take its place", name);
		return FALSE;
	}
	return move(drawn, drawn_to, error) && move(own, to, error);
}

static gboolean
take_file(const VeilSite *site, const char *name, const char *from, const char *own, GError **error)
{
	g_autofree char *part = g_strconcat(own, ".part", NULL);
	g_autoptr(GBytes) bytes = veil_file_get(from, "batch file that was handed over", MAX_BATCH_BYTES, error);
	g_autoptr(VeilBatch) batch = NULL, before = NULL;
	gsize len = 0;

	if (bytes == NULL)
		return FALSE;
	gconstpointer data = g_bytes_get_data(bytes, &len);
	if (!veil_file_put(part, data, len, 0600, error) || (batch = veil_batch_read(part, error)) == NULL)
		return FALSE;
	if (access(own, F_OK) == 0) {
		if ((before = veil_batch_read(own, error)) == NULL)
			return FALSE;
		if (g_strcmp0(veil_batch_get(before, "freeze_id"), veil_batch_get(batch, "freeze_id")) == 0) {
			unlink(part); /* taken already; what was drawn since is in our own */
			return TRUE;
		}
	}
	if (!check_taken(site, name, part, batch, error) || (before != NULL && !keep_own(site, name, own, before, error)))
		return FALSE;
	if (rename(part, own) == 0)
		return TRUE;
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot take the batch file: %s", g_strerror(errno));
	return FALSE;
}

static gboolean
take(const VeilSite *site, const char *name, const char *own, GError **error)
{
	g_autofree char *file = g_strconcat(name, ".veil", NULL), *from = veil_route_path(site, VEIL_ROUTE_BATCH, file), *mark = mark_of(from);
	g_autofree char *mark_path = veil_batch_path(site, VEIL_FOLDER_DRAW, name, "taken");

	if (mark == NULL || (access(own, F_OK) == 0 && is_marked(mark_path, mark)))
		return TRUE;
	return take_file(site, name, from, own, error) && put_mark(mark_path, mark, error);
}

static gboolean
give(const VeilSite *site, const char *name, const char *own, GError **error)
{
	g_autofree char *file = g_strconcat(name, ".veil", NULL), *to = veil_route_path(site, VEIL_ROUTE_RESULT, file);
	g_autofree char *mark = mark_of(own), *mark_path = veil_batch_path(site, VEIL_FOLDER_DRAW, name, "given");
	gsize len = 0;

	if (mark == NULL || (access(to, F_OK) == 0 && is_marked(mark_path, mark)))
		return TRUE;
	g_autoptr(GBytes) bytes = veil_batch_snapshot(own, error);
	if (bytes == NULL)
		return FALSE;
	gconstpointer data = g_bytes_get_data(bytes, &len);
	return veil_file_put(to, data, len, veil_route_mode(site), error) && put_mark(mark_path, mark, error);
}

gboolean
veil_handover_sync(const VeilSite *site, const char *name, GError **error)
{
	g_autofree char *own = NULL;

	if (site->users == NULL || !veil_users_is(site->users, VEIL_USER_DRAWER))
		return TRUE;
	own = veil_batch_path(site, VEIL_FOLDER_DRAW, name, "veil");
	return take(site, name, own, error) && give(site, name, own, error);
}
