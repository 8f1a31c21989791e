/* contacts.c - from codes to the people who are to be called.
 *
 * The only list with names that leaves the registry. It is sorted by the invitation number, which is a code of its own audience: neither the number nor the place in the list tells which
 * code of the drawer's or which packet somebody has. How many projects somebody got is not in it. An e-mail address is given where there is no phone.
 */
#include "handover/contacts.h"

#include <string.h>

#include <veil/handover.h>
#include <veil/idmap.h>

#include "custody/custody.h"
#include "handover/drawn.h"
#include "site/fixed-file.h"
#include "site/found.h"
#include "handover/handed.h"
#include "import/import-private.h"

typedef struct {
	char invitation[VEIL_CODE_CHARS + 1], packet[VEIL_CODE_CHARS + 1];
	GArray *entries; /* VeilId, in the order of ids */
	char *name, *phone, *email;
} Contact;

typedef struct {
	const VeilStep *step;
	VeilRegistry *registry;
	VeilKeys *keys;
	VeilLog *log;
	VeilBatchRow *row;
	VeilBatchKey *key;
	GHashTable *seal_keys;
	GHashTable *wanted; /* drawer's code -> Contact */
	GHashTable *by_person; /* VeilId -> Contact */
	GPtrArray *contacts;
} Contacts;

static void
contact_free(gpointer data)
{
	Contact *c = data;
	char *texts[] = {c->name, c->phone, c->email};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		if (texts[i] != NULL)
			memset(texts[i], 0, strlen(texts[i]));
	g_free(c->name);
	g_free(c->phone);
	g_free(c->email);
	g_array_unref(c->entries);
	g_free(c);
}

static int
compare_contacts(const void *a, const void *b)
{
	return strcmp((*(const Contact *const *)a)->invitation, (*(const Contact *const *)b)->invitation);
}

/* --- who is meant -------------------------------------------------------------------------------------------------- */

static gboolean
take_entry(const VeilEntry *entry, gpointer data, GError **error)
{
	Contacts *c = data;
	Contact *contact = g_hash_table_lookup(c->by_person, &entry->person);
	char code[VEIL_CODE_CHARS + 1];

	(void)error;
	if (!entry->in_pool)
		return TRUE;
	if (contact == NULL) {
		veil_code(c->key, VEIL_CODE_REVIEWER, VEIL_AUDIENCE_DRAWER, &entry->person, code);
		if ((contact = g_hash_table_lookup(c->wanted, code)) == NULL)
			return TRUE;
		veil_code(c->key, VEIL_CODE_REVIEWER, VEIL_AUDIENCE_NOTIFIER, &entry->person, contact->invitation);
		veil_code(c->key, VEIL_CODE_REVIEWER, VEIL_AUDIENCE_EXPERT, &entry->person, contact->packet);
		g_hash_table_insert(c->by_person, g_memdup2(&entry->person, sizeof entry->person), contact);
	}
	g_array_append_val(contact->entries, entry->id);
	return TRUE;
}

static gboolean
find_people(Contacts *c, const GArray *lines, gint64 since, guint64 *out_last, GError **error)
{
	*out_last = 0;
	for (guint i = 0; i < lines->len; i++) {
		const VeilDrawnLine *line = &g_array_index(lines, VeilDrawnLine, i);
		Contact *contact;

		*out_last = MAX(*out_last, line->event);
		if (since >= 0 && line->event <= (guint64)since)
			continue;
		contact = g_new0(Contact, 1);
		contact->entries = g_array_new(FALSE, FALSE, sizeof(VeilId));
		g_ptr_array_add(c->contacts, contact);
		g_hash_table_insert(c->wanted, g_strdup(line->code), contact);
	}
	if (!veil_registry_each_entry(c->registry, take_entry, c, error))
		return FALSE;
	for (guint i = 0; i < c->contacts->len; i++)
		if (((Contact *)g_ptr_array_index(c->contacts, i))->entries->len == 0) {
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the list of those drawn is not of this batch's freeze; the drawer hands it over anew");
			return FALSE;
		}
	g_ptr_array_sort(c->contacts, compare_contacts);
	return TRUE;
}

/* --- opening what is needed ------------------------------------------------------------------------------------------ */

typedef struct {
	Contacts *all;
	Contact *contact;
	const char *field;
	gint64 key;
	guint8 *sealed;
	gsize len;
} Wanted;

static gboolean
take_cell(const VeilCell *cell, gpointer data, GError **error)
{
	Wanted *w = data;

	(void)error;
	if (strcmp(cell->field, w->field) == 0) {
		w->key = cell->key;
		w->sealed = g_memdup2(cell->text.bytes, cell->text.len);
		w->len = cell->text.len;
	}
	return TRUE;
}

/* The first entry of the person that has the field. */
static gboolean
open_field(Contacts *c, Contact *contact, const char *field, char **out, GError **error)
{
	for (guint i = 0; *out == NULL && i < contact->entries->len; i++) {
		const VeilId *entry = &g_array_index(contact->entries, VeilId, i);
		Wanted w = {c, contact, field, 0, NULL, 0};

		if (!veil_registry_each_cell(c->registry, entry, take_cell, &w, error))
			return FALSE;
		if (w.sealed == NULL)
			continue;
		*out = veil_cell_open(c->registry, c->keys, c->seal_keys, w.key, "cell", field, entry, (VeilSealed){w.sealed, w.len}, error);
		g_free(w.sealed);
		if (*out == NULL)
			return FALSE;
	}
	return TRUE;
}

static gboolean
open_contacts(Contacts *c, GError **error)
{
	guint unreachable = 0;

	for (guint i = 0; i < c->contacts->len; i++) {
		Contact *contact = g_ptr_array_index(c->contacts, i);

		if (!open_field(c, contact, "name", &contact->name, error) || !open_field(c, contact, "phone", &contact->phone, error) ||
		    (contact->phone == NULL && !open_field(c, contact, "email", &contact->email, error)))
			return FALSE;
		unreachable += contact->phone == NULL && contact->email == NULL;
	}
	if (unreachable > 0 && !c->step->quiet)
		g_printerr("veil: %u of them have neither phone nor e-mail in the registry\n", unreachable);
	return TRUE;
}

/* --- what goes out ---------------------------------------------------------------------------------------------------- */

static gboolean
write_list(const Contacts *c, const VeilContactsOptions *options, GError **error)
{
	static const char *const columns[] = {"invitation", "name", "phone", "email"};
	g_autofree char *file = NULL;
	VeilWriter *writer = veil_writer_open(options->out, options->for_spreadsheet ? VEIL_CSV_SPREADSHEET : VEIL_CSV_PLAIN, error);

	if (writer == NULL)
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(columns); i++)
		veil_writer_field(writer, columns[i]);
	veil_writer_end_row(writer);
	for (guint i = 0; i < c->contacts->len; i++) {
		const Contact *contact = g_ptr_array_index(c->contacts, i);

		veil_writer_field(writer, contact->invitation);
		veil_writer_field(writer, contact->name ? contact->name : "");
		veil_writer_field(writer, contact->phone ? contact->phone : "");
		veil_writer_field(writer, contact->email ? contact->email : "");
		veil_writer_end_row(writer);
	}
	file = g_strdup(veil_writer_path(writer));
	return veil_writer_close(writer, error) && (file == NULL || (veil_fixed_readers(file, error) && veil_fixed_time(file, error)));
}

/* The requester's key, as his record of this freeze's packets says. */
static gboolean
desk_key(Contacts *c, guint8 out[32], GError **error)
{
	g_autoptr(VeilFound) found = NULL;

	if (!veil_log_find(c->log, "batch.packets", "freeze-id", c->row->freeze_id, &found, error))
		return FALSE;
	if (found == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "slips are sealed to the requester's key, and there is none yet: `veil batch packets` makes it");
		return FALSE;
	}
	if (veil_desk_public_parse(veil_found_get(found, "desk-key"), out))
		return TRUE;
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the requester's key in the ledger is none");
	return FALSE;
}

/* (transfer full) Not closed: it gets its name when the list is there, so that a list cut off half-way, which has names in it, is written by the next run. */
static VeilFixedFolder *
write_slips(Contacts *c, const char *path, const guint8 to[32], GError **error)
{
	g_autoptr(VeilFixedFolder) folder = veil_fixed_folder_new(path, error);

	for (guint i = 0; folder != NULL && i < c->contacts->len; i++) {
		const Contact *contact = g_ptr_array_index(c->contacts, i);
		g_autofree char *name = g_strconcat(contact->invitation, ".slip", NULL), *text = NULL, *sealed = NULL;
		VeilSlip slip;

		g_strlcpy(slip.freeze_id, c->row->freeze_id, sizeof slip.freeze_id);
		g_strlcpy(slip.invitation, contact->invitation, sizeof slip.invitation);
		g_strlcpy(slip.packet, contact->packet, sizeof slip.packet);
		text = veil_slip_format(&slip);
		sealed = veil_letter_seal(text, to, veil_random_system, NULL);
		if (sealed == NULL) {
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the requester's key in the ledger is none");
			return NULL;
		}
		if (!veil_fixed_folder_put(folder, name, sealed, strlen(sealed), error))
			return NULL;
	}
	return g_steal_pointer(&folder);
}

static gboolean
log_contacts(Contacts *c, const char *name, const VeilContactsOptions *options, GError **error)
{
	g_autofree char *since = options->since >= 0 ? g_strdup_printf("%" G_GINT64_FORMAT, options->since) : NULL;
	char count[16];

	/* Whoever reads the ledger must not learn which event brought one person. */
	g_snprintf(count, sizeof count, c->contacts->len < 5 ? "<5" : "%u", c->contacts->len);
	return veil_log_append(c->log, "registrar", "batch.contacts", error, "batch", name, "freeze-id", c->row->freeze_id, "people", count, "since", since, "slips",
			       options->slips ? "1" : NULL, NULL);
}

static gboolean
run(Contacts *c, const char *name, const VeilContactsOptions *options, guint64 *out_last, GError **error)
{
	const VeilSite *site = c->step->site;
	g_autoptr(GArray) lines = NULL;
	g_autoptr(VeilFixedFolder) slips = NULL;
	guint8 to[32];

	if (!veil_site_check_name(name, "batch", error) || (c->keys = veil_site_open_keys(site, error)) == NULL ||
	    (c->registry = veil_site_open_registry(site, VEIL_REGISTRY_READ, error)) == NULL ||
	    (c->row = veil_registry_batch_get(c->registry, name, error)) == NULL || (c->log = veil_log_open(site->dir, c->step->operator_handle, error)) == NULL)
		return FALSE;
	veil_log_set_now(c->log, c->step->now_unix_s);
	if ((c->key = veil_live_key_open(site, c->keys, c->row, error)) == NULL || (options->slips != NULL && !desk_key(c, to, error)) ||
	    !veil_registry_begin(c->registry, error) ||
	    (lines = veil_handed_drawn(c->log, site, name, c->row->freeze_id, error)) == NULL || !find_people(c, lines, options->since, out_last, error) || !log_contacts(c, name, options, error))
		return FALSE;
	if (!open_contacts(c, error) || (options->slips != NULL && (slips = write_slips(c, options->slips, to, error)) == NULL))
		return FALSE;
	return write_list(c, options, error) && (slips == NULL || veil_fixed_folder_close(slips, error));
}

gboolean
veil_step_contacts(const VeilStep *step, const char *name, const VeilContactsOptions *options, guint64 *out_last, GError **error)
{
	Contacts c = {
		.step = step,
		.seal_keys = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)veil_seal_key_free),
		.wanted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
		.by_person = g_hash_table_new_full(veil_id_table_hash, veil_id_table_equal, g_free, NULL),
		.contacts = g_ptr_array_new_with_free_func(contact_free),
	};
	gboolean done = run(&c, name, options, out_last, error);

	g_hash_table_unref(c.by_person);
	g_hash_table_unref(c.wanted);
	g_ptr_array_unref(c.contacts);
	g_hash_table_unref(c.seal_keys);
	veil_batch_key_free(c.key);
	veil_batch_row_free(c.row);
	veil_log_free(c.log);
	veil_registry_free(c.registry);
	veil_keys_free(c.keys);
	return done;
}
