/* veil/base.h - errors, ids, days and byte order: the words every room shares.
 *
 * Blinding: nothing here identifies anybody.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * VeilErrorCode:
 * One domain, few codes; tools/veil maps each to one exit status (in brackets).
 * Messages are one line, lower case, no full stop, and never quote the content of an identifying cell:
 * they name file, line, column and what to do.
 */
typedef enum {
	VEIL_ERROR_FAILED,	  /* something outside gave way: I/O, disk full, no terminal [1] */
	VEIL_ERROR_DB,		  /* SQLite said no [1] */
	VEIL_ERROR_USAGE,	  /* the command line is wrong [2] */
	VEIL_ERROR_INPUT,	  /* an input file is rejected, nothing was taken [3] */
	VEIL_ERROR_INFEASIBLE,	  /* no legal assignment; there is a witness [4] */
	VEIL_ERROR_VERIFY,	  /* a commitment, signature or proof does not hold [5] */
	VEIL_ERROR_REFUSED,	  /* policy, state, role, newer format, wrong passphrase [6] */
	VEIL_ERROR_NOT_AVAILABLE, /* missing, forbidden and conflicting answer alike [6] */
} VeilErrorCode;

#define VEIL_ERROR (veil_error_quark())
GQuark veil_error_quark(void);

/* A random 128-bit id. It says nothing about whom it names; order by bytes is therefore a random order. */
typedef struct {
	guint8 b[16];
} VeilId;

#define VEIL_ID_HEX_CHARS 32

int veil_id_compare(const VeilId *a, const VeilId *b);
gboolean veil_id_equal(const VeilId *a, const VeilId *b);
/* out: VEIL_ID_HEX_CHARS + 1 bytes. */
void veil_hex_encode(const guint8 *bytes, gsize n, char *out);
/* FALSE unless text is exactly 2n lower or upper case hex digits. */
gboolean veil_hex_decode(const char *text, guint8 *out, gsize n);

/* Days since 1970-01-01, proleptic Gregorian. The two ends mean "unknown on this side". */
typedef gint32 VeilDay;
#define VEIL_DAY_MIN ((VeilDay)G_MININT32)
#define VEIL_DAY_MAX ((VeilDay)G_MAXINT32)

/* Closed interval of days. A date of less precision covers its whole year or month, so it is widened,
 * never narrowed; an unknown side is open. */
typedef struct {
	VeilDay since;
	VeilDay until;
} VeilInterval;

VeilDay veil_day_from_civil(int year, int month, int day);
void veil_day_to_civil(VeilDay day, int *out_year, int *out_month, int *out_day);
/* "2024-01-31"; "-" for an unknown side. out: 12 bytes at least. */
void veil_day_format(VeilDay day, char *out);

/**
 * veil_interval_parse:
 * Reads 2024, 2024-05, 2024-05-01, 2024/5/1, 2024.5, 20240501 or 2024年5月1日 as the closed interval it covers. A time of day
 * behind a whole date (2024-05-01 00:00:00, as databases export it) is passed over.
 * Years 1000 to 2999; an impossible date (2014-11-00, 2023-02-30) is FALSE, and *out_interval untouched.
 */
gboolean veil_interval_parse(const char *text, VeilInterval *out_interval);
gboolean veil_interval_overlaps(VeilInterval a, VeilInterval b);
/* The window [as_of - months, as_of]; a day that the target month lacks becomes its last day.
 * months < 0 means no limit: (-inf, as_of]. */
VeilInterval veil_window(VeilDay as_of, int months);

/* Little-endian, for every blob in every file. */
static inline void
veil_put_u32(guint8 *p, guint32 v)
{
	p[0] = (guint8)v, p[1] = (guint8)(v >> 8), p[2] = (guint8)(v >> 16), p[3] = (guint8)(v >> 24);
}
static inline guint32
veil_get_u32(const guint8 *p)
{
	return (guint32)p[0] | (guint32)p[1] << 8 | (guint32)p[2] << 16 | (guint32)p[3] << 24;
}
static inline void
veil_put_u64(guint8 *p, guint64 v)
{
	veil_put_u32(p, (guint32)v), veil_put_u32(p + 4, (guint32)(v >> 32));
}
static inline guint64
veil_get_u64(const guint8 *p)
{
	return (guint64)veil_get_u32(p) | (guint64)veil_get_u32(p + 4) << 32;
}

/* Scores are integers in millionths. "-1.5e-3" and the like, rounded half away from zero; |score| <= 10^6.
 * FALSE for anything else (empty, NaN, infinities, garbage behind the number, out of range).
 * Exact: no binary floating point in between. */
gboolean veil_micro_parse(const char *text, gsize len, gint64 *out_micro);
/* "-0.001500": always six decimals. out: 32 bytes at least. */
void veil_micro_format(gint64 micro, char *out);

/* Writes bytes to path whole or not at all (temporary beside it, fsync, rename, fsync of the folder), mode as given.
 * VEIL_ERROR_FAILED leaves what was there before and no temporary; VEIL_ERROR_REFUSED: a device, pipe or socket stands there (or a link leads to one),
 * which a rename would destroy. Messages name the basename only. */
gboolean veil_file_put(const char *path, const void *bytes, gsize len, int mode, GError **error);
/* The same, but VEIL_ERROR_REFUSED if path exists already: for keys, which nothing may ever overwrite. */
gboolean veil_file_put_new(const char *path, const void *bytes, gsize len, int mode, GError **error);
/* veil_file_put for a path that somebody typed after --out: see veil_target_find. */
gboolean veil_file_put_out(const char *path, const void *bytes, gsize len, int mode, GError **error);
/* Makes the names in path's folder lasting: after a rename, before anything that says it has happened. VEIL_ERROR_FAILED otherwise. */
gboolean veil_file_sync_folder(const char *path, GError **error);
/* veil_file_put without the fsyncs: another process sees the old file or the new one, but after a power cut its bytes may be missing. For what can be made again. */
gboolean veil_file_put_unsynced(const char *path, const void *bytes, gsize len, int mode, GError **error);
/* What a path behind --out is. Standard output (NULL, "-", or a link to it), a device or a pipe: fd to write to, path NULL. Else fd -1 and path: the place for
 * a file, links followed. Close it either way. VEIL_ERROR_REFUSED: a link, pipe or device of another user (root's are taken), or a link that leads nowhere;
 * VEIL_ERROR_FAILED: cannot be opened. Messages name the basename only. */
typedef struct {
	int fd;
	gboolean owns_fd;
	char *path;
	char *name; /* for messages */
} VeilTarget;
gboolean veil_target_find(const char *path, VeilTarget *out, GError **error);
/* VEIL_ERROR_FAILED if what was written did not arrive. Closed is closed, whatever is returned; once more does no harm. */
gboolean veil_target_close(VeilTarget *target, GError **error);
/* (transfer full) A whole plain file, of max bytes at most. Not through a symbolic link at its end, nor from a FIFO or device: the file may be somebody else's.
 * what: for messages. VEIL_ERROR_NOT_AVAILABLE: none there, or not for this user; VEIL_ERROR_REFUSED: no plain file, or too large. */
GBytes *veil_file_get(const char *path, const char *what, gsize max, GError **error);

G_END_DECLS
