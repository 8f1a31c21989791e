/* record.h - one record of a list: its fields. Inside engine/io only. */
#pragma once

#include <csv.h>

#include <veil/base.h>

typedef enum { VEIL_RECORD_MORE, VEIL_RECORD_DONE, VEIL_RECORD_BAD } VeilRecordState;

typedef struct {
	guint n_fields; /* as written, also beyond what is kept */
	guint n_kept;
	const char **field;
	gsize *length;
	guint max_kept, capacity;
	/* Fields that libcsv made: copied behind one another, with a NUL after each. */
	GByteArray *bytes;
	struct csv_parser csv;
	gboolean csv_fresh, done;
	guchar delimiter;
} VeilRecord;

void veil_record_init(VeilRecord *record, guchar delimiter, guint max_kept);
void veil_record_clear(VeilRecord *record);
/* A line without a quote. Cuts text in place: text[length] and every delimiter become NUL. */
void veil_record_plain(VeilRecord *record, char *text, gsize length);
/* Starts a record that may span lines, then takes one physical line a call. MORE: the line ends inside quotes. */
void veil_record_begin(VeilRecord *record);
VeilRecordState veil_record_feed(VeilRecord *record, const char *text, gsize length, gboolean crlf);
/* After BAD: in words, the column (from 1) included. out: 96 bytes. */
void veil_record_why(const VeilRecord *record, char *out);
