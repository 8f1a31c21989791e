/* leak-internal.h - the folded form in which terms are looked for. */
#pragma once

#include <veil/leak.h>

typedef struct {
	guint32 c;	      /* ' ' between words; else a letter, digit or ideograph, folded */
	guint32 line, column; /* where it stands in the text */
	guint8 han, upper;    /* upper: the text has a capital here */
} VeilFolded;

/* (transfer full) of VeilFolded. */
GArray *veil_leak__fold(const char *text);
/* (transfer full) NFKC of each character, as it stands otherwise, line breaks as blanks; out_places: of VeilFolded, `c` being the byte of the result at which this character's form begins. */
char *veil_leak__plain(const char *text, GArray **out_places);
