/* veil/leak.h - does a text say who wrote it? Names and organisations that are known, and whatever has the look of a contact, a number, a link or a self-reference.
 *
 * Texts are UTF-8 and are compared folded (ICU: NFKC, case, accents, invisible characters), so that full-width letters, blanks inside a Chinese name or a line break inside a word hide
 * nothing. A finding is a place and a kind, never the text: whoever reads it has the text already, and logs and lists must not have it.
 * Cost: linear in the text, however many names are looked for.
 */
#pragma once

#include <veil/base.h>

G_BEGIN_DECLS

typedef enum {
	VEIL_LEAK_PERSON,
	VEIL_LEAK_ORGANISATION,
	VEIL_LEAK_PHONE,
	VEIL_LEAK_EMAIL,
	VEIL_LEAK_ID_NUMBER, /* of a person (18 digits, ORCID, passport) or of a unit (unified social credit code) */
	VEIL_LEAK_GRANT,
	VEIL_LEAK_LINK,
	VEIL_LEAK_SELF_REFERENCE,
	VEIL_N_LEAKS
} VeilLeakKind;

/* "person", "organisation", "phone", "e-mail", "id-number", "grant", "link", "self-reference". */
const char *veil_leak_kind_name(VeilLeakKind kind);
/* -1: none of these. */
int veil_leak_kind_parse(const char *name);

typedef struct {
	VeilLeakKind kind;
	guint32 line, column; /* from 1; column in characters as typed */
	guint32 tag;	      /* of the term; 0 for a pattern */
} VeilLeak;

typedef void (*VeilLeakFunc)(const VeilLeak *leak, gpointer data);

/* --- what is known: names and organisations, one automaton for all (Aho-Corasick) */

typedef struct VeilLeakTerms VeilLeakTerms;

VeilLeakTerms *veil_leak_terms_new(void);
/* FALSE: too short to mean anybody (one Chinese character, one word of a Western name, an abbreviation of an organisation of less than five letters or three Chinese characters);
 * it is not looked for. The name of a person in Western letters is looked for in both orders. */
gboolean veil_leak_terms_add(VeilLeakTerms *terms, VeilLeakKind kind, const char *text, guint32 tag);
/* Characters of the folded name that the tag's last term has; so that a caller can ask more of short ones. */
guint veil_leak_weight(const char *text);
/* After the last add, before the first scan. */
void veil_leak_terms_ready(VeilLeakTerms *terms);
/* Every occurrence of every term, in the order of their ends. Western words only whole, Chinese anywhere. */
void veil_leak_scan_terms(const VeilLeakTerms *terms, const char *text, VeilLeakFunc func, gpointer data);
void veil_leak_terms_free(VeilLeakTerms *terms);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilLeakTerms, veil_leak_terms_free)

/* --- what has the look of it: needs no list, so whoever has the text can ask. By line and column; one a place and kind. */
void veil_leak_scan_patterns(const char *text, VeilLeakFunc func, gpointer data);

/* --- what is taken at all: texts (docs/design/handover.md, "Attached files"). NULL when the bytes are plain text or Markdown in UTF-8; else what they are and what to do,
 * recognised by content: a suffix is anybody's word. */
const char *veil_text_refusal(const guint8 *bytes, gsize len);

G_END_DECLS
