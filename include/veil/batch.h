/* veil/batch.h - the batch file draw/NAME.veil: an immutable freeze, draws that are only added, and a journal of what became of their places.
 *
 * Format: docs/design/formats.md 1.1. Everything is in code order; indexes are positions in that order. A file of format veil-batch/1 is read as it
 * stands and can be drawn once; everything else asks for format 2.
 * Blinding: pseudonymous; what the drawer holds.
 */
#pragma once

#include <veil/base.h>

G_BEGIN_DECLS

#define VEIL_BATCH_FORMAT "veil-batch/2"
#define VEIL_BATCH_FORMAT_1 "veil-batch/1"
#define VEIL_BATCH_CODE_BYTES 24
#define VEIL_ODDS_WHOLE 10000 /* odds are integers over this */
/* Marks of a listed pair: the reviewer's discipline is the project's own, or of the field around it (peer level, RULES K08). */
#define VEIL_MARK_LEAF 1
#define VEIL_MARK_NEAR 2
#define VEIL_MARK_ALL (VEIL_MARK_LEAF | VEIL_MARK_NEAR)

typedef struct {
	char code[VEIL_BATCH_CODE_BYTES];
	guint32 min_load, max_load;
	char employer[20];		   /* opaque token, "" = none or alone with it */
	const char *kind, *province, *rank; /* coarse attributes in cells of at least five, NULL = not said */
	const char *attributes;		   /* further columns that panel rules use, {"column":"value"}, sorted, no blanks; NULL = none */
} VeilBatchReviewer;

typedef struct {
	char code[VEIL_BATCH_CODE_BYTES];
	guint32 demand;
	const char *project_class; /* what panel rules call it; NULL = none */
	const char *team;	   /* opaque token: projects of one team have the very same panel (K03); NULL = by itself */
	gint32 cut;		   /* -1: the list is complete */
} VeilBatchProject;

typedef enum { VEIL_ROLE_PANEL, VEIL_ROLE_RESERVE } VeilRole;
/* What became of a place: a pure function of the journal. Released: its project was withdrawn. */
typedef enum { VEIL_SEAT_SITTING, VEIL_SEAT_WAITING, VEIL_SEAT_VACATED, VEIL_SEAT_RELEASED } VeilSeat;

/* A place as it was drawn, which never changes, and its seat, which does. */
typedef struct {
	guint32 project, reviewer;
	gint64 score;
	VeilRole role;	/* as drawn */
	guint32 place;	/* 1, 2, ... among those of its project, role and draw: the order in which reserves are promoted */
	guint32 draw;	/* 1, 2, ... */
	VeilSeat seat;
	guint32 since;	/* the event that made the seat what it is; 0: the draw itself */
} VeilBatchPlace;

/* One draw: the first, a top-up after reserves ran out, a further round. */
typedef struct {
	guint32 n; /* 1, 2, ... */
	char kind[12];	      /* draw, top-up, round */
	char seed[65];
	char seed_source[16]; /* system, given, ceremony */
	char method[16];      /* total, fair, draw */
	char time[24];
	char *operator_handle;
	gint64 objective, bound;
	char *certificate;	/* canonical JSON, "{}" for total */
	char *request;		/* canonical JSON: what a top-up or a round was asked for; NULL for the first draw */
	gint64 *prices;		/* n_reviewers */
	guint64 *odds_offset;	/* n_projects + 1, or NULL: no odds */
	guint32 *odds_reviewer; /* ascending within a project */
	guint32 *odds;		/* over VEIL_ODDS_WHOLE, above 0 */
	guint32 n_lottery;	/* 0: no lottery */
	guint64 lottery_places; /* of one ticket: the sum of demands of this draw */
	guint32 *lottery_weight;   /* n_lottery, the sum is VEIL_ODDS_WHOLE */
	guint32 *lottery_reviewer; /* n_lottery x lottery_places, projects in code order */
} VeilBatchDraw;

void veil_batch_draw_clear(VeilBatchDraw *draw);

/* One line of the journal. Every line is a ledger record `batch.vacancy` that was there before it. */
typedef struct {
	guint32 seq;  /* 1, 2, ... */
	char kind[20]; /* vacate, strike, withdraw, withdraw-project */
	char project[VEIL_BATCH_CODE_BYTES];  /* "" for withdraw: the whole batch */
	char reviewer[VEIL_BATCH_CODE_BYTES]; /* "" for withdraw-project */
	char reason[16];
	char promoted[VEIL_BATCH_CODE_BYTES]; /* "": nobody */
	char *record; /* what it rests on */
	char time[24];
	char *operator_handle;
} VeilBatchEvent;

void veil_batch_event_clear(VeilBatchEvent *event);

typedef struct {
	GPtrArray *meta_keys, *meta_values; /* char*, parallel, ascending keys */
	VeilBatchReviewer *reviewers;
	guint32 n_reviewers;
	VeilBatchProject *projects;
	guint32 n_projects;
	guint64 *offset; /* n_projects + 1: candidates, ascending reviewer index */
	guint32 *reviewer;
	gint64 *score;
	guint8 *mark; /* by candidate, VEIL_MARK_*; NULL: nobody has any */
	VeilBatchDraw *draws; /* in order of n */
	guint32 n_draws;      /* 0: not drawn yet */
	VeilBatchPlace *places; /* by project, then reviewer */
	guint64 n_places;
	guint64 *place_offset; /* n_projects + 1 */
	VeilBatchEvent *events; /* in order of seq */
	guint32 n_events;
	GStringChunk *strings; /* owns attribute texts */
} VeilBatch;

VeilBatch *veil_batch_new(void);
void veil_batch_free(VeilBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilBatch, veil_batch_free)
void veil_batch_set(VeilBatch *batch, const char *key, const char *value);
const char *veil_batch_get(const VeilBatch *batch, const char *key); /* NULL if absent */
/* FALSE for a file of format 1, which knows no odds, reserves, events and further draws. */
gboolean veil_batch_is_current(const VeilBatch *batch);

/* The listed score of a pair, 0 if it is not listed. */
gint64 veil_batch_score(const VeilBatch *batch, guint32 project, guint32 reviewer);
/* Is it? */
gboolean veil_batch_lists(const VeilBatch *batch, guint32 project, guint32 reviewer);
/* Seats of a project's panel: its demand and what rounds added. */
guint32 veil_batch_seats(const VeilBatch *batch, guint32 project);
/* Positions of codes, -1 if there is no such code. */
int veil_batch_find_project(const VeilBatch *batch, const char *code);
int veil_batch_find_reviewer(const VeilBatch *batch, const char *code);

/* Writes a new file (must not exist), synced, mode 0600; draws and events are not written. out_root: batch_root. */
gboolean veil_batch_write(const char *path, const VeilBatch *batch, guint8 out_root[32], GError **error);
/* VEIL_ERROR_NOT_AVAILABLE: no such batch; VEIL_ERROR_VERIFY: damaged; VEIL_ERROR_REFUSED: newer format. */
VeilBatch *veil_batch_read(const char *path, GError **error);
/* Roots over what stands in the file now; out_draw_root (nullable) is that of draw n. */
gboolean veil_batch_roots(const char *path, guint32 draw, guint8 out_root[32], guint8 out_draw_root[32], GError **error);
/* (transfer full) The whole file as it stands between two transactions: a copy that somebody else can be given. */
GBytes *veil_batch_snapshot(const char *path, GError **error);
/* One transaction: draw n and its places (project, reviewer, score, role, place are read). VEIL_ERROR_REFUSED if this draw exists, or if the journal
 * has gone on since batch was read. */
gboolean veil_batch_store_draw(const char *path, const VeilBatch *batch, const VeilBatchDraw *draw, const VeilBatchPlace *places, guint64 n_places,
			       GError **error);

/* --- one project at a time ------------------------------------------------------------------------------------------
 * A vacancy reads one project's places and writes one line: it must not load the lists of ten thousand others. A desk holds the file in one write
 * transaction, so that two commands at once come one after the other; what is not committed is undone. */

typedef struct VeilBatchDesk VeilBatchDesk;

/* VEIL_ERROR_REFUSED: a file of format 1, or in use. Else as veil_batch_read. */
VeilBatchDesk *veil_batch_desk_open(const char *path, GError **error);
void veil_batch_desk_free(VeilBatchDesk *desk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilBatchDesk, veil_batch_desk_free)
gboolean veil_batch_desk_commit(VeilBatchDesk *desk, GError **error);
/* meta; NULL if absent. Valid as long as the desk. */
const char *veil_batch_desk_get(VeilBatchDesk *desk, const char *key);
/* How many draws and events the file has. */
guint32 veil_batch_desk_draws(VeilBatchDesk *desk);
guint32 veil_batch_desk_events(VeilBatchDesk *desk);

/* A batch of that one project: n_projects is 1, reviewers are those with a place in it (ascending codes), candidates are not read (offset is {0, 0})
 * but for the same reviewers where a list has marks; of draws only n and kind; places and the events of this project are there. NULL without *error when there is no such project. */
VeilBatch *veil_batch_desk_project(VeilBatchDesk *desk, const char *code, GError **error);
/* Codes of the projects of a team, ascending; of the projects where the reviewer has a place of any seat; char*. */
GPtrArray *veil_batch_desk_team(VeilBatchDesk *desk, const char *team, GError **error);
GPtrArray *veil_batch_desk_places_of(VeilBatchDesk *desk, const char *reviewer, GError **error);
/* Is the code a reviewer of the freeze? Has he withdrawn? Is he listed as a candidate of the project? */
gboolean veil_batch_desk_has_reviewer(VeilBatchDesk *desk, const char *code, gboolean *out_has, gboolean *out_withdrawn, GError **error);
gboolean veil_batch_desk_lists(VeilBatchDesk *desk, const char *project, const char *reviewer, gboolean *out_lists, GError **error);
/* (transfer full) Line seq of the journal; NULL without *error when there is none. */
VeilBatchEvent *veil_batch_desk_event(VeilBatchDesk *desk, guint32 seq, GError **error);
/* event->seq must be the next. */
gboolean veil_batch_desk_add(VeilBatchDesk *desk, const VeilBatchEvent *event, GError **error);

G_END_DECLS
