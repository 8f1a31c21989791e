/* veil/text.h - Unicode text: what is stored, what is compared, what is counted.
 *
 * Uses ICU. All texts are UTF-8. Results depend on the input alone, not on the locale.
 * Blinding: identifying texts pass through; nothing is kept or logged.
 */
#pragma once

#include <veil/base.h>

G_BEGIN_DECLS

/* NFC with white space trimmed at both ends; control characters other than tab and newline are dropped. What is stored. */
char *veil_text_nfc(const char *text);

/* For looking a person's name up: NFKC case folding, all white space inside CJK names removed, runs of other
 * white space one space, the dot family (· • ・ ．) one dot, accents kept off (é = e). Empty when nothing is left. */
char *veil_text_fold_name(const char *text);

/* For comparing employers: NFKC case folding, white space, punctuation variants and full-width forms unified;
 * the content of brackets is KEPT (中国地质大学（武汉） and （北京） are different universities).
 * Fillers ("0", "无", "-", "n/a", "none", "null", "未知") fold to the empty string: they make nobody colleagues. */
char *veil_text_fold_org(const char *text);

/* For exact ids (id number, ORCID, phone, e-mail, a source's id). kind: "id", "phone", "email", "orcid", "id_number".
 * NFKC (full-width digits), trimmed; phones lose spaces, dashes and +86; e-mails fold case; ORCID loses its URL. */
char *veil_text_fold_id(const char *kind, const char *text);

/* TRUE for 1.23E+17 and the like: an id that a spreadsheet has ruined. */
gboolean veil_text_is_ruined_id(const char *text);

/* Splits at ';' and '；' (NULL-terminated; pieces trimmed, empty ones dropped). */
char **veil_text_split_list(const char *text);

typedef void (*VeilTermFunc)(const char *term, gsize len, gpointer data);

/**
 * veil_text_terms:
 * Calls func for every term of the text, in order, repeats included. Words by ICU's word boundaries, folded (NFKC,
 * case, a light plural stemmer for ASCII words), stop words of English and Chinese function words left out; a CJK run gives its ICU
 * dictionary words and, because names of methods are seldom in a dictionary, its overlapping bigrams.
 * TeX commands, URLs and numbers give nothing.
 * Cost: linear in the text; an opened word iterator is kept per thread.
 */
void veil_text_terms(const char *text, VeilTermFunc func, gpointer data);

G_END_DECLS
