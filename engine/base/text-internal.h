/* text-internal.h - what text.c and terms.c share: UTF-16 buffers for ICU and the script test. */
#pragma once

#include <unicode/utypes.h>

#include <veil/text.h>

/* ICU works on UTF-16; this is a buffer that is reused and grows. */
typedef struct {
	UChar *s;
	int32_t n, size;
} VeilU16;

#define VEIL_TEXT_MAX (1 << 29) /* bytes; ICU counts in 32 bits and folding may lengthen a text */

void veil_u16_reserve(VeilU16 *buffer, int32_t size);
void veil_u16_append(VeilU16 *buffer, UChar32 c);
void veil_u16_clear(VeilU16 *buffer);
/* Bytes that are no UTF-8 become U+FFFD. */
void veil_u16_set_utf8(VeilU16 *buffer, const char *text, gsize len);
char *veil_u16_dup_utf8(const VeilU16 *buffer);

typedef enum { VEIL_FORM_NFC, VEIL_FORM_NFD, VEIL_FORM_NFKC_FOLDED } VeilForm;
void veil_u16_normalise(const VeilU16 *in, VeilForm form, VeilU16 *out);
/* Removes combining accents (U+0300..U+036F) in place; uses scratch. The marks of other scripts, which spell vowels, stay. */
void veil_u16_strip_accents(VeilU16 *buffer, VeilU16 *scratch);

/* Han, kana, Hangul, bopomofo: scripts in which a blank inside a name or an employer says nothing. */
gboolean veil_char_is_cjk(UChar32 c);

/* The path for text of any script, for tests: veil_text_terms takes a short cut for ASCII, and both must agree. */
void veil_text__terms_icu(const char *text, VeilTermFunc func, gpointer data);
