/* import-private.h - what the files of the import share.
 *
 * An import reads all rows first and decides what each means (new, changed, unchanged, rejected, duplicate); what is to be
 * written is staged in memory and goes into the database at the end, sorted by key, in one transaction. So a dry run is the same
 * without the last step, and bulk rows go into their tables in order.
 */
#pragma once

#include <veil/idmap.h>

#include "import/import.h"

/* Bytes that live as long as the import. */
typedef struct {
	GPtrArray *blocks;
	gsize used, size;
} Arena;

guint8 *veil_arena_take(Arena *arena, gsize len);
char *veil_arena_text(Arena *arena, const char *text);

typedef struct Terms Terms;

/* Warnings of one sort are counted and shown once with their first lines. */
typedef struct {
	const char *text; /* static, "persons outside the pool were added as stubs" */
	guint64 n;
	guint64 lines[5];
	const char *file;
} Warning;

typedef struct {
	VeilId owner;
	const char *field; /* static */
	guint64 digest;
	guint8 *text, *typed; /* sealed, in the arena; text NULL: drop the cell */
	guint32 n_text, n_typed;
} StagedCell;

/* An entry in memory. */
typedef struct {
	VeilEntry row; /* texts in the arena or interned */
	gboolean is_new, dirty;
	gboolean shares; /* another entry may have this one's person */
	guint32 file;	/* where this run first spoke of it: file number + 1, 0 not yet */
	guint64 line, row_hash;
} EntryState;

typedef struct {
	VeilOrgRow row;
	gboolean is_new, dirty;
	guint32 file;
	guint64 line, row_hash;
} OrgState;

/* Many entries may bear one token. */
typedef struct {
	VeilIdMap first; /* token -> link */
	GArray *links;	 /* TokenLink */
} TokenIndex;

typedef struct {
	guint32 entry, next;
} TokenLink;

typedef struct {
	VeilId entry;
	VeilTokenKind kind;
	VeilToken token;
} StagedToken;

typedef struct {
	VeilId entry;
	VeilTokenKind kind;
} DroppedToken;

typedef struct {
	VeilOrgTokenKind kind;
	VeilToken token;
	VeilId org;
} StagedOrgToken;

typedef struct {
	VeilId owner;
	GArray *shares; /* VeilDisciplineShare */
} StagedDisciplines;

typedef struct {
	VeilId entry;
	GArray *orgs; /* VeilId */
} StagedAvoids;

typedef struct {
	const VeilSite *site;
	const VeilImportOptions *options;
	VeilImportResult *result;
	VeilRegistry *registry;
	VeilKeys *keys;
	VeilSealKey *seal;
	guint8 sealed_key[VEIL_SEALED_KEY_BYTES];
	gint64 key;
	gboolean key_used; /* else it is not kept: a delivery that changes nothing writes nothing */
	const char *source;
	const char *path; /* of the list that is read, as it was given */
	char *person_domain, *work_domain, *org_domain;

	/* where we are */
	VeilKind kind;
	const VeilMapping *mapping;
	const VeilRow *row;
	guint32 file; /* number + 1 */
	gboolean row_decided;
	GString *columns; /* that this row changes */

	Arena arena;
	guint8 pool[4096]; /* random bytes in stock */
	gsize pool_left;
	GArray *warnings;

	/* people */
	GArray *entries; /* EntryState */
	VeilIdMap entry_by_token, entry_by_id;
	GHashTable *entry_by_text; /* an id as typed -> entry + 1 */
	TokenIndex tokens[VEIL_N_TOKENS];
	gboolean tokens_loaded;
	GArray *staged_tokens, *dropped_tokens;
	GArray *staged_avoids, *staged_disciplines;
	GHashTable *known_disciplines; /* "scheme\ncode" */

	/* organisations */
	GArray *orgs; /* OrgState */
	VeilIdMap org_by_id, org_by_code, org_by_name;
	GHashTable *org_by_text; /* a name as typed -> org + 1, VEIL_NONE for a filler */
	GArray *staged_org_tokens;
	gboolean orgs_loaded;

	GArray *staged_cells;
	Terms *terms;
	gpointer state[VEIL_N_KINDS];
} Import;

/* What a kind does. row returns FALSE with an error only for what ends the import; a bad row is rejected and TRUE. */
typedef struct {
	gboolean (*begin)(Import *import, GError **error);
	gboolean (*row)(Import *import, GError **error);
	gboolean (*end)(Import *import, GError **error);   /* all rows are read; may reject rows still */
	gboolean (*write)(Import *import, GError **error); /* inside the transaction, after people and organisations */
	void (*clear)(Import *import);
} KindOps;

extern const KindOps veil_import_disciplines, veil_import_organisations, veil_import_experts, veil_import_posts, veil_import_works,
	veil_import_relations, veil_import_bans, veil_import_staff, veil_import_projects, veil_import_people;

/* --- rows (import-rows.c) ----------------------------------------------------------------------------------------------- */

/* The cell of a column by its place in the kind's table, as typed. */
const char *veil_import_cell(const Import *import, int column);
typedef enum { CELL_EMPTY, CELL_CLEAR, CELL_TEXT } CellState;
/* Empty (blank), '-' alone, or a text. */
CellState veil_import_cell_state(const char *typed);
guint64 veil_import_row_hash(const Import *import);

typedef enum { ROW_NEW, ROW_CHANGED, ROW_UNCHANGED, ROW_DUPLICATE } RowOutcome;
void veil_import_decide(Import *import, RowOutcome outcome);
/* Notes that this row changes a column. */
void veil_import_changes(Import *import, const char *column);
/* Rejects the present row. TRUE, so that a handler can return it. */
gboolean veil_import_reject(Import *import, const char *column, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* The same for a row that was read before. */
void veil_import_reject_at(Import *import, guint32 file, guint64 line, const char *column, const char *format, ...) G_GNUC_PRINTF(5, 6);
/* A row read before turns out to be something else than was counted. */
void veil_import_recount(Import *import, RowOutcome was, RowOutcome is);
void veil_import_warn(Import *import, const char *text);
/* The basename of a file by its number + 1. */
const char *veil_import_file_name(const Import *import, guint32 file);
/* "line 12" or "line 12 of other.csv". (transfer full) */
char *veil_import_place(const Import *import, guint32 file, guint64 line);
void veil_import_new_id(Import *import, VeilId *out);
/* Dates: FALSE when the row was rejected. An empty cell leaves *out untouched and sets *given FALSE. */
gboolean veil_import_interval(Import *import, int column, const char *name, VeilInterval *out, gboolean *given);
/* since and until columns; '-' clears to unknown. known: what stands for empty cells. FALSE when rejected. */
gboolean veil_import_since_until(Import *import, int since, int until, const VeilInterval *known, VeilInterval *out);
/* The place of a word in a closed list ("employee", "在职"): -1 unknown. Words of one value are separated by '|'. */
int veil_import_word(const char *typed, const char *const *words, int n);

/* --- cells (import-cells.c) ----------------------------------------------------------------------------------------- */

/* Digests of the cells an owner has: GArray of KnownCell. */
typedef struct {
	const char *field; /* interned */
	guint64 digest;
} KnownCell;
gboolean veil_import_known_cells(Import *import, const VeilId *owner, GArray *out, GError **error);
/* Stages what a typed cell changes; known NULL: a new owner. TRUE if it changes anything. Empty keeps, '-' clears. */
gboolean veil_import_put_cell(Import *import, const VeilId *owner, const GArray *known, const char *field, const char *typed);
void veil_import_drop_cell(Import *import, const VeilId *owner, const char *field);
/* Seals a source's own id for a row of this table. */
VeilSealed veil_import_seal_id(Import *import, const char *table, const VeilId *row, const char *typed);
gboolean veil_import_write_cells(Import *import, GError **error);
/* (transfer full) Opens a cell of this registry. */
char *veil_cell_open(VeilRegistry *registry, const VeilKeys *keys, GHashTable *seal_keys, gint64 key, const char *table, const char *column,
		     const VeilId *row, VeilSealed sealed, GError **error);

/* --- attached texts (import-files.c) ----------------------------------------------------------------------------------- */

/* The texts that a cell of names means: (transfer full) of char*, NULL when the row was rejected. Plain names of files that lie beside the list; plain text or Markdown in UTF-8 only. */
GPtrArray *veil_import_read_files(Import *import, const char *column, const char *typed);

/* --- terms (import-terms.c) ------------------------------------------------------------------------------------------ */

Terms *veil_terms_new(const VeilKeys *keys);
void veil_terms_add(Terms *terms, const VeilId *owner, const char *field, const char *text);
/* Waits for the rest and writes the vectors in the order of owners. */
gboolean veil_terms_write(Terms *terms, VeilRegistry *registry, GError **error);
void veil_terms_free(Terms *terms);

/* --- people (import-people.c) ---------------------------------------------------------------------------------------- */

gboolean veil_import_load_people(Import *import, gboolean with_tokens, GError **error);
/* The entry of a source's id, or a new stub. VEIL_NONE when the id is no id: the row is rejected then. */
guint32 veil_import_person(Import *import, const char *column, const char *typed, gboolean *out_new);
/* The same without making a stub: VEIL_NONE, not rejected, when unknown. */
guint32 veil_import_find_person(Import *import, const char *typed);
guint32 veil_import_add_entry(Import *import, const char *typed_id, const VeilToken *token);
EntryState *veil_import_entry(Import *import, guint32 entry);
/* FALSE when the text gives no token of this kind (fillers, too short). */
gboolean veil_import_token(Import *import, VeilTokenKind kind, const char *typed, VeilToken *out);
void veil_import_stage_token(Import *import, guint32 entry, VeilTokenKind kind, const VeilToken *token);
void veil_import_drop_tokens(Import *import, guint32 entry, VeilTokenKind kind);
/* First link of a token, VEIL_NONE if nobody bears it. */
guint32 veil_import_token_first(const Import *import, VeilTokenKind kind, const VeilToken *token);
gboolean veil_import_write_people(Import *import, GError **error);
/* Reads "SCHEME:CODE=WEIGHT;..."; FALSE when the row was rejected. */
gboolean veil_import_read_disciplines(Import *import, const char *typed, GArray **out_shares);
void veil_import_stage_disciplines(Import *import, const VeilId *owner, GArray *shares);

/* --- organisations (import-orgs.c) ------------------------------------------------------------------------------------ */

gboolean veil_import_load_orgs(Import *import, GError **error);
/* By code, else by name or alias, else a new organisation known by its text. VEIL_NONE for fillers and empty cells. */
guint32 veil_import_org(Import *import, const char *code, const char *name);
const VeilId *veil_import_org_id(const Import *import, guint32 org);
gboolean veil_import_write_orgs(Import *import, GError **error);

/* --- the frame (import.c), also used by intake.c ------------------------------------------------------------------------ */

/* Opens registry and keys and begins the transaction (a read-only view when dry). */
Import *veil_import_new(const VeilSite *site, const VeilImportOptions *options, GError **error);
void veil_import_free(Import *import);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Import, veil_import_free)
/* Reads the files of one kind; what they say is staged in memory. */
gboolean veil_import_read(Import *import, VeilKind kind, const KindOps *ops, const char *const *files, GError **error);
/* Sorts and writes down the rejects; VEIL_ERROR_INPUT when strict and there are any. */
gboolean veil_import_settle(Import *import, GError **error);
/* Key, organisations, people; then the caller's kinds; then cells and terms. */
gboolean veil_import_write_first(Import *import, GError **error);
gboolean veil_import_write_last(Import *import, GError **error);
/* (transfer full) Keyed digests of the lists from..to-1 as read, 32 hex digits each, joined by ",": HMAC under the registry's token key of the SHA-256 in hex. */
char *veil_import_macs(const Import *import, guint from, guint to);
