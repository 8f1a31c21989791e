/* status.c - the state of a batch, and whether it can be filled.
 *
 * A draft has no file yet on the drawer's side, and where roles are users of the system nobody but the drawer can open it, so the ledger is asked: it is the one
 * thing all roles share.
 */
#include <stdio.h>
#include <string.h>

#include "site/batch-files.h"
#include "site/found.h"
#include "site/history.h"
#include "site/route.h"
#include "solve/solve.h"
#include "draw/status.h"

typedef struct {
	const char *state, *next;
	char *as_of;
	guint32 draws;
	VeilHistory history; /* over all freezes */
} Status;

static const char after_draw[] = "veil batch minutes NAME --out FILE, veil-verify batch, veil batch settle NAME";

static const char *
before_draw(const VeilSite *site)
{
	return site->rehearsal ? "veil batch check NAME, then veil batch draw NAME" :
				 "veil batch check NAME, veil batch seed NAME plan, and when the seed is made veil batch draw NAME";
}

static gboolean
has_empty_seat(const VeilBatch *batch)
{
	for (guint32 p = 0; p < batch->n_projects; p++) {
		guint32 sitting = 0, released = 0;

		for (guint64 i = batch->place_offset[p]; i < batch->place_offset[p + 1]; i++) {
			sitting += batch->places[i].seat == VEIL_SEAT_SITTING;
			released += batch->places[i].seat == VEIL_SEAT_RELEASED;
		}
		if (released == 0 && sitting < veil_batch_seats(batch, p))
			return TRUE;
	}
	return FALSE;
}

/* What the ledger says has become of a freeze: the latest of these that there is. */
static gboolean
find_end(VeilLedger *ledger, const char *freeze_id, Status *out, GError **error)
{
	static const struct {
		const char *act, *state, *next;
	} ends[] = {
		{"escrow.destroy", "erased", "nothing: the codes mean nobody any more"},
		{"batch.close", "closed", "after the years of retention, veil escrow destroy NAME"},
		{"batch.settle", "settled", "after the term for complaints, veil batch close NAME"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
		gpointer storage = NULL;
		VeilRecord record;

		if (!veil_ledger_find_last(ledger, ends[i].act, "freeze-id", freeze_id, &record, &storage, error))
			return FALSE;
		if (storage == NULL)
			continue;
		veil_record_storage_free(storage);
		out->state = ends[i].state;
		out->next = ends[i].next;
		return TRUE;
	}
	return TRUE;
}

/* Without the batch file: FALSE in *out_frozen where the ledger has no freeze of it. */
static gboolean
find_in_ledger(VeilLedger *ledger, const VeilSite *site, const char *name, Status *out, gboolean *out_frozen, GError **error)
{
	VeilRecord record;
	gpointer storage = NULL;

	if (!veil_ledger_find_last(ledger, "batch.freeze", "batch", name, &record, &storage, error))
		return FALSE;
	*out_frozen = storage != NULL;
	if (storage == NULL)
		return TRUE;
	g_autofree char *id = g_strdup(veil_record_get(&record, "freeze-id"));
	out->as_of = g_strdup(veil_record_get(&record, "as-of"));
	veil_record_storage_free(storage);
	out->draws = (guint32)(out->history.draws - out->history.earlier_draws);
	out->state = out->draws > 0 ? "drawn" : "frozen";
	out->next = out->draws > 0 ? after_draw : before_draw(site);
	return id == NULL || find_end(ledger, id, out, error);
}

static gboolean
find_status(const VeilSite *site, const char *name, Status *out, GError **error)
{
	g_autofree char *path = veil_batch_path(site, VEIL_FOLDER_DRAW, name, "veil");
	g_autofree char *dir = veil_site_path(site, VEIL_FOLDER_LEDGER, NULL);
	g_autoptr(VeilLedger) ledger = NULL;
	VeilRecord record;
	gpointer storage = NULL;
	gboolean begun, frozen = FALSE;

	if (!veil_handover_sync(site, name, error) || (ledger = veil_ledger_open_read(dir, error)) == NULL || !veil_history_read(ledger, name, &out->history, error))
		return FALSE;
	if (g_file_test(path, G_FILE_TEST_EXISTS)) {
		g_autoptr(VeilBatch) batch = veil_batch_read(path, error);

		if (batch == NULL)
			return FALSE;
		out->as_of = g_strdup(veil_batch_get(batch, "as_of"));
		out->draws = batch->n_draws;
		out->state = batch->n_draws > 0 ? "drawn" : "frozen";
		out->next = batch->n_draws == 0	  ? before_draw(site) :
			    has_empty_seat(batch) ? "veil batch draw NAME --top-up (seats are empty that no reserve can take)" :
						    after_draw;
		return find_end(ledger, veil_batch_get(batch, "freeze_id"), out, error);
	}
	if (site->users != NULL && !veil_users_is(site->users, VEIL_USER_DRAWER) && (!find_in_ledger(ledger, site, name, out, &frozen, error) || frozen))
		return frozen;
	if (!veil_ledger_find_last(ledger, "batch.new", "batch", name, &record, &storage, error))
		return FALSE;
	if (storage == NULL) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "batch %s is not available here; `veil batch new` makes one", name);
		return FALSE;
	}
	veil_record_storage_free(storage);
	storage = NULL;
	if (!veil_ledger_find_last(ledger, "batch.freeze.intent", "batch", name, &record, &storage, error))
		return FALSE;
	begun = storage != NULL;
	veil_record_storage_free(storage);
	out->state = "draft";
	out->next = begun ? "veil batch freeze NAME (an interrupted freeze is completed)" : "veil batch freeze NAME";
	return TRUE;
}

/* The next step with the batch's name in it, to be typed as it stands. */
static char *
name_next(const char *next, const char *name)
{
	g_auto(GStrv) parts = g_strsplit(next, "NAME", -1);

	return g_strjoinv(name, parts);
}

gboolean
veil_status_print(const VeilSite *site, const char *name, VeilPrint how, GError **error)
{
	Status status = {0};
	g_autofree char *next = NULL;

	if (!veil_site_check_name(name, "batch", error) || !find_status(site, name, &status, error))
		return FALSE;
	next = name_next(status.next, name);
	if (how == VEIL_PRINT_JSON) {
		JsonBuilder *json = json_builder_new();

		json_builder_begin_object(json);
		json_builder_set_member_name(json, "batch");
		json_builder_add_string_value(json, name);
		json_builder_set_member_name(json, "state");
		json_builder_add_string_value(json, status.state);
		json_builder_set_member_name(json, "next");
		json_builder_add_string_value(json, next);
		json_builder_set_member_name(json, "draws");
		json_builder_add_int_value(json, status.draws);
		json_builder_set_member_name(json, "freezes");
		json_builder_add_int_value(json, (gint64)status.history.freezes);
		json_builder_set_member_name(json, "draws_of_earlier_freezes");
		json_builder_add_int_value(json, (gint64)status.history.earlier_draws);
		json_builder_set_member_name(json, "rehearsal");
		json_builder_add_boolean_value(json, site->rehearsal);
		if (status.as_of != NULL) {
			json_builder_set_member_name(json, "as_of");
			json_builder_add_string_value(json, status.as_of);
		}
		json_builder_end_object(json);
		veil_json_print(json);
	} else {
		printf("batch  %s%s\nstate  %s", name, site->rehearsal ? " (REHEARSAL)" : "", status.state);
		if (status.as_of != NULL)
			printf(", facts as of %s", status.as_of);
		if (status.history.freezes > 1)
			printf("\nfreeze %" G_GUINT64_FORMAT "; the freezes before it were drawn %" G_GUINT64_FORMAT " times", status.history.freezes,
			       status.history.earlier_draws);
		printf("\nnext   %s\n", next);
	}
	veil_history_clear(&status.history);
	g_free(status.as_of);
	return TRUE;
}
