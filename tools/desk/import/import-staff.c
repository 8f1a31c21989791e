/* import-staff.c - which operator is which person, so that nobody acts in a batch in which he has a stake.
 *
 * A handle stands in the ledger for everybody to see; whose it is, stands here and nowhere else. One handle is one person; a person may have several, one after
 * the other.
 */
#include <string.h>

#include "import/import-private.h"
#include "site/operator.h"

enum { S_HANDLE, S_PERSON };

typedef struct {
	char *handle;
	VeilId entry;
	gboolean dirty;
	guint32 file; /* number + 1; 0: known from before */
	guint64 line;
} Staff;

static void
free_staff(gpointer data)
{
	Staff *staff = data;

	g_free(staff->handle);
	g_free(staff);
}

static Staff *
find_staff(const GPtrArray *all, const char *handle)
{
	for (guint i = 0; i < all->len; i++)
		if (strcmp(((Staff *)all->pdata[i])->handle, handle) == 0)
			return all->pdata[i];
	return NULL;
}

static Staff *
add_staff(GPtrArray *all, const char *handle)
{
	Staff *staff = g_new0(Staff, 1);

	staff->handle = g_strdup(handle);
	g_ptr_array_add(all, staff);
	return staff;
}

static gboolean
note_staff(const char *handle, const VeilId *entry, gpointer data, GError **error)
{
	(void)error;
	add_staff(data, handle)->entry = *entry;
	return TRUE;
}

static gboolean
begin_staff(Import *import, GError **error)
{
	GPtrArray *all = g_ptr_array_new_with_free_func(free_staff);

	import->state[VEIL_KIND_STAFF] = all;
	return veil_import_load_people(import, FALSE, error) && veil_registry_each_staff(import->registry, note_staff, all, error);
}

static gboolean
row_staff(Import *import, GError **error)
{
	GPtrArray *all = import->state[VEIL_KIND_STAFF];
	g_autofree char *handle = g_strstrip(g_strdup(veil_import_cell(import, S_HANDLE)));
	gboolean is_new;

	(void)error;
	if (!veil_operator_check_handle(handle, NULL))
		return veil_import_reject(import, "handle", "is no operator's handle: letters, digits, '.', '_', ':' and '-'");
	guint32 person = veil_import_person(import, "person", veil_import_cell(import, S_PERSON), &is_new);
	if (person == VEIL_NONE)
		return TRUE;
	const VeilId *entry = &veil_import_entry(import, person)->row.id;
	Staff *staff = find_staff(all, handle);
	if (staff != NULL && staff->file > 0) {
		g_autofree char *place = veil_import_place(import, staff->file, staff->line);

		if (!veil_id_equal(&staff->entry, entry))
			return veil_import_reject(import, "person", "the handle is another person's in %s", place);
		veil_import_decide(import, ROW_DUPLICATE);
		return TRUE;
	}
	gboolean known = staff != NULL, same = known && veil_id_equal(&staff->entry, entry);
	if (!known)
		staff = add_staff(all, handle);
	else if (!same)
		veil_import_changes(import, "person");
	staff->entry = *entry;
	staff->dirty = !same;
	staff->file = import->file, staff->line = import->row->line;
	veil_import_decide(import, !known ? ROW_NEW : same ? ROW_UNCHANGED : ROW_CHANGED);
	return TRUE;
}

static gboolean
write_staff(Import *import, GError **error)
{
	GPtrArray *all = import->state[VEIL_KIND_STAFF];

	for (guint i = 0; i < all->len; i++) {
		const Staff *staff = all->pdata[i];

		if (staff->dirty && !veil_registry_put_staff(import->registry, staff->handle, &staff->entry, error))
			return FALSE;
	}
	return TRUE;
}

static void
clear_staff(Import *import)
{
	g_ptr_array_unref(g_steal_pointer(&import->state[VEIL_KIND_STAFF]));
}

const KindOps veil_import_staff = {.begin = begin_staff, .row = row_staff, .write = write_staff, .clear = clear_staff};
