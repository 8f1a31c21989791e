/* table-parts.h - what the two halves of a table share. Inside engine/io only. */
#pragma once

#include <unicode/ucnv.h>

#include <veil/io.h>

#include "lines.h"
#include "record.h"

enum { VEIL_DEFECT_BYTES = 240 };

struct VeilTable {
	VeilSource *source;
	VeilLines *lines;
	VeilEncoding encoding;
	UConverter *gb;	    /* only for GB18030 */
	GArray *utf16;	    /* UChar, scratch */
	GByteArray *text;   /* scratch: a decoded line */
	VeilRecord record, trial;
	GPtrArray *columns; /* char* */
	guint64 private_rows, private_line;
	char defect[VEIL_DEFECT_BYTES];
	VeilLine line; /* the last one read, decoded: text and length are UTF-8 */
};

/* The next record that is not a blank line, into table->record. 1 (table->defect may say why there is none), 0 the end, -1 an error. */
int veil_table_read_record(VeilTable *table, GError **error);
