/* import-works.c - who shares a work with whom: the bulk of a registry, one row a person.
 *
 * Rows are gathered, sorted by (work, person) and merged with what the registry has in the same order: repeats lie side by side, and new rows go
 * into their table in the order of its key. Title and abstract belong to the work, whichever of its rows gives them.
 */
#include <string.h>

#include <veil/text.h>

#include "import/import-private.h"

enum { WORK, PERSON, DATE, KIND, TITLE, ABSTRACT, N_COLUMNS };
static const char *const columns[N_COLUMNS] = {"work", "person", "date", "kind", "title", "abstract"};
static const char *const kind_words[VEIL_N_WORKS] = {"paper|论文|文章|著作|专著", "patent|专利", "award|奖励|获奖|奖项", "project|项目|课题"};

typedef struct {
	VeilWorkRow row;
	gboolean is_new, known_read;
	struct {
		guint32 file;
		guint64 line, hash;
	} text[2]; /* where title and abstract were given in this run */
} WorkState;

typedef struct {
	guint32 work, entry;
	guint32 file;
	guint64 line;
	guint64 text_hash; /* of title and abstract */
	VeilInterval when;
	gint8 kind; /* -1: not said */
	guint8 text_changed; /* this row changes its work's texts: bit 0 title, bit 1 abstract */
} Share;

typedef struct {
	GArray *works; /* WorkState */
	VeilIdMap by_token;
	char *last_id; /* rows of a work mostly stand together */
	guint32 last_work;
	GArray *shares; /* Share */
	GArray *known;	/* KnownCell */
	GArray *write;	/* VeilAuthorshipRow, in order */
	const Share *next; /* while merging */
} Works;

static gboolean
add_known(const VeilWorkRow *row, gpointer data, GError **error)
{
	Works *works = ((Import *)data)->state[VEIL_KIND_WORKS];
	WorkState state = {.row = *row};

	(void)error;
	state.row.source = NULL; /* a known work is not written again */
	state.row.sealed_id.bytes = NULL;
	veil_id_map_put(&works->by_token, (const VeilId *)&row->token, works->works->len);
	g_array_append_val(works->works, state);
	return TRUE;
}

static gboolean
begin(Import *import, GError **error)
{
	Works *works = g_new0(Works, 1);

	import->state[VEIL_KIND_WORKS] = works;
	works->works = g_array_new(FALSE, TRUE, sizeof(WorkState));
	works->shares = g_array_new(FALSE, TRUE, sizeof(Share));
	works->known = g_array_new(FALSE, FALSE, sizeof(KnownCell));
	works->write = g_array_new(FALSE, FALSE, sizeof(VeilAuthorshipRow));
	veil_id_map_init(&works->by_token, 4096);
	return veil_import_load_people(import, FALSE, error) && veil_registry_each_work(import->registry, add_known, import, error);
}

static void
clear(Import *import)
{
	Works *works = g_steal_pointer(&import->state[VEIL_KIND_WORKS]);

	g_array_unref(works->works);
	g_array_unref(works->shares);
	g_array_unref(works->known);
	g_array_unref(works->write);
	veil_id_map_clear(&works->by_token);
	g_free(works->last_id);
	g_free(works);
}

static WorkState *
work_at(const Works *works, guint32 work)
{
	return &g_array_index(works->works, WorkState, work);
}

/* VEIL_NONE when the row was rejected. */
static guint32
find_work(Import *import, Works *works)
{
	const char *typed = veil_import_cell(import, WORK);
	g_autofree char *folded = NULL;
	WorkState state = {.is_new = TRUE};

	if (works->last_id != NULL && strcmp(works->last_id, typed) == 0)
		return works->last_work;
	folded = veil_text_fold_id("id", typed);
	if (*folded == '\0' || veil_import_cell_state(typed) != CELL_TEXT) {
		veil_import_reject(import, "work", "is empty");
		return VEIL_NONE;
	}
	if (veil_text_is_ruined_id(typed)) {
		veil_import_reject(import, "work", "is an id that a spreadsheet has ruined; export the column as text");
		return VEIL_NONE;
	}
	veil_token(import->keys, import->work_domain, folded, strlen(folded), state.row.token.b);
	g_free(works->last_id);
	works->last_id = g_strdup(typed);
	works->last_work = veil_id_map_get(&works->by_token, (const VeilId *)&state.row.token);
	if (works->last_work != VEIL_NONE)
		return works->last_work;
	veil_import_new_id(import, &state.row.id);
	state.row.source = import->source;
	state.row.key = import->key;
	state.row.sealed_id = veil_import_seal_id(import, "work", &state.row.id, typed);
	works->last_work = works->works->len;
	veil_id_map_put(&works->by_token, (const VeilId *)&state.row.token, works->last_work);
	g_array_append_val(works->works, state);
	return works->last_work;
}

static guint64
text_hash(const char *text)
{
	guint64 h = 0xcbf29ce484222325u;

	for (; *text != '\0'; text++)
		h = (h ^ (guint8)*text) * 0x100000001b3u;
	return h;
}

/* Two rows of one work that give it different titles: FALSE, the later is rejected. */
static gboolean
check_text(Import *import, const WorkState *state, int which)
{
	const char *typed = veil_import_cell(import, TITLE + which);
	g_autofree char *place = NULL;

	if (state->text[which].file == 0 || veil_import_cell_state(typed) == CELL_EMPTY || state->text[which].hash == text_hash(typed))
		return TRUE;
	place = veil_import_place(import, state->text[which].file, state->text[which].line);
	veil_import_reject(import, columns[TITLE + which], "differs from that of the same work in %s", place);
	return FALSE;
}

static gboolean
take_text(Import *import, Works *works, WorkState *state, int which, Share *share, GError **error)
{
	const char *typed = veil_import_cell(import, TITLE + which), *field = columns[TITLE + which];

	if (veil_import_cell_state(typed) == CELL_EMPTY || state->text[which].file > 0)
		return TRUE;
	state->text[which].file = import->file;
	state->text[which].line = import->row->line;
	state->text[which].hash = text_hash(typed);
	if (!state->is_new && !veil_import_known_cells(import, &state->row.id, works->known, error))
		return FALSE;
	if (!veil_import_put_cell(import, &state->row.id, state->is_new ? NULL : works->known, field, typed))
		return TRUE;
	share->text_changed |= (guint8)(1 << which);
	if (!import->options->dry_run)
		veil_terms_add(import->terms, &state->row.id, field, veil_import_cell_state(typed) == CELL_TEXT ? typed : "");
	return TRUE;
}

static gboolean
row(Import *import, GError **error)
{
	Works *works = import->state[VEIL_KIND_WORKS];
	Share share = {.file = import->file, .line = import->row->line, .kind = -1};
	gboolean given, is_new;
	WorkState *state;

	if (!veil_import_interval(import, DATE, "date", &share.when, &given))
		return TRUE;
	if (!given)
		return veil_import_reject(import, "date", "is empty");
	if (veil_import_cell_state(veil_import_cell(import, KIND)) == CELL_TEXT) {
		share.kind = (gint8)veil_import_word(veil_import_cell(import, KIND), kind_words, VEIL_N_WORKS);
		if (share.kind < 0)
			return veil_import_reject(import, "kind", "is unknown; write paper, patent, award or project");
	}
	/* The person is checked before the work is made, and made after it was checked: a rejected row leaves neither. */
	if (veil_import_cell_state(veil_import_cell(import, PERSON)) != CELL_TEXT)
		return veil_import_reject(import, "person", "is empty: the row names nobody");
	if (veil_text_is_ruined_id(veil_import_cell(import, PERSON)))
		return veil_import_reject(import, "person", "is an id that a spreadsheet has ruined; export the column as text");
	share.work = find_work(import, works);
	if (share.work == VEIL_NONE)
		return TRUE;
	state = work_at(works, share.work);
	if (!check_text(import, state, 0) || !check_text(import, state, 1))
		return TRUE;
	share.entry = veil_import_person(import, "person", veil_import_cell(import, PERSON), &is_new);
	if (share.entry == VEIL_NONE)
		return TRUE;
	if (is_new)
		veil_import_warn(import, "persons outside the pool were added as stubs");
	if (!take_text(import, works, state, 0, &share, error) || !take_text(import, works, state, 1, &share, error))
		return FALSE;
	g_array_append_val(works->shares, share);
	import->row_decided = TRUE; /* counted when the rows are sorted */
	return TRUE;
}

/* --- merging ------------------------------------------------------------------------------------------------------- */

typedef struct {
	VeilId work, entry;
	guint32 index; /* of the share: line order */
} Key;

static int
compare_keys(const void *a, const void *b)
{
	const Key *x = a, *y = b;
	int order = memcmp(x->work.b, y->work.b, sizeof x->work.b);

	if (order == 0)
		order = memcmp(x->entry.b, y->entry.b, sizeof x->entry.b);
	return order != 0 ? order : x->index < y->index ? -1 : x->index > y->index;
}

static void
decide(Import *import, const Share *share, RowOutcome outcome)
{
	VeilRow row = {.line = share->line};

	import->file = share->file;
	import->row = &row;
	veil_import_decide(import, outcome);
	import->row = NULL;
}

typedef struct {
	Import *import;
	Works *works;
	Key *keys;
	guint n, at;
} Merge;

/* All rows of one (work, person), the first of which counts. known: what the registry has, or NULL. */
static void
settle(Merge *merge, const VeilAuthorshipRow *known)
{
	Import *import = merge->import;
	const Key *key = &merge->keys[merge->at];
	const Share *first = &g_array_index(merge->works->shares, Share, key->index);
	VeilAuthorshipRow row = {key->work, key->entry, first->kind >= 0 ? (VeilWorkKind)first->kind : known ? known->kind : VEIL_WORK_PAPER,
				 first->when};

	g_string_truncate(import->columns, 0);
	if (known != NULL && (known->when.since != row.when.since || known->when.until != row.when.until))
		veil_import_changes(import, "date");
	if (known != NULL && known->kind != row.kind)
		veil_import_changes(import, "kind");
	if (known == NULL || import->columns->len > 0)
		g_array_append_val(merge->works->write, row);
	for (int which = 0; which < 2; which++)
		if (first->text_changed & 1 << which)
			veil_import_changes(import, columns[TITLE + which]);
	decide(import, first, known == NULL ? ROW_NEW : import->columns->len > 0 ? ROW_CHANGED : ROW_UNCHANGED);
	for (merge->at++; merge->at < merge->n && memcmp(&merge->keys[merge->at], key, 2 * sizeof(VeilId)) == 0; merge->at++) {
		const Share *repeat = &g_array_index(merge->works->shares, Share, merge->keys[merge->at].index);

		if (repeat->when.since == first->when.since && repeat->when.until == first->when.until && repeat->kind == first->kind) {
			decide(import, repeat, ROW_DUPLICATE);
		} else {
			g_autofree char *place = NULL;

			import->file = repeat->file;
			place = veil_import_place(import, first->file, first->line);
			veil_import_reject_at(import, repeat->file, repeat->line, "work", "this work and person stand in %s with another date or kind", place);
		}
	}
}

static int
compare_with(const Key *key, const VeilAuthorshipRow *row)
{
	int order = memcmp(key->work.b, row->work.b, sizeof row->work.b);

	return order != 0 ? order : memcmp(key->entry.b, row->entry.b, sizeof row->entry.b);
}

static gboolean
meet_known(const VeilAuthorshipRow *known, gpointer data, GError **error)
{
	Merge *merge = data;

	(void)error;
	while (merge->at < merge->n && compare_with(&merge->keys[merge->at], known) < 0)
		settle(merge, NULL);
	if (merge->at < merge->n && compare_with(&merge->keys[merge->at], known) == 0)
		settle(merge, known);
	return TRUE;
}

static gboolean
end(Import *import, GError **error)
{
	Works *works = import->state[VEIL_KIND_WORKS];
	g_autofree Key *keys = g_new(Key, works->shares->len + 1);
	Merge merge = {import, works, keys, works->shares->len, 0};

	for (guint i = 0; i < merge.n; i++) {
		const Share *share = &g_array_index(works->shares, Share, i);

		keys[i].work = work_at(works, share->work)->row.id;
		keys[i].entry = veil_import_entry(import, share->entry)->row.id;
		keys[i].index = i;
	}
	qsort(keys, merge.n, sizeof *keys, compare_keys);
	if (!veil_registry_each_authorship(import->registry, meet_known, &merge, error))
		return FALSE;
	while (merge.at < merge.n)
		settle(&merge, NULL);
	return TRUE;
}

static int
compare_works(const void *a, const void *b)
{
	return memcmp((*(WorkState *const *)a)->row.id.b, (*(WorkState *const *)b)->row.id.b, sizeof(VeilId));
}

static gboolean
write_rows(Import *import, GError **error)
{
	Works *works = import->state[VEIL_KIND_WORKS];
	g_autoptr(GPtrArray) fresh = g_ptr_array_new();

	for (guint i = 0; i < works->works->len; i++)
		if (work_at(works, i)->is_new)
			g_ptr_array_add(fresh, work_at(works, i));
	g_ptr_array_sort(fresh, compare_works);
	for (guint i = 0; i < fresh->len; i++)
		if (!veil_registry_put_work(import->registry, &((WorkState *)g_ptr_array_index(fresh, i))->row, error))
			return FALSE;
	for (guint i = 0; i < works->write->len; i++)
		if (!veil_registry_put_authorship(import->registry, &g_array_index(works->write, VeilAuthorshipRow, i), error))
			return FALSE;
	return TRUE;
}

const KindOps veil_import_works = {.begin = begin, .row = row, .end = end, .write = write_rows, .clear = clear};
