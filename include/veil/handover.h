/* veil/handover.h - the requester's key of a batch, and the two sealed texts that pass through the notifier's hands: the slip to an expert, his answer back.
 *
 * Both are boxes that only the requester's key opens (X25519, crypto_box_seal), padded to 4 KiB times a power of two; byte-exact in docs/design/handover.md. Whoever carries one learns
 * neither what is in it nor how much.
 */
#pragma once

#include <veil/blind.h>

G_BEGIN_DECLS

/* 32 random bytes; an X25519 pair and a key for tokens are derived from them. Held in guarded memory. */
typedef struct VeilDeskKey VeilDeskKey;

VeilDeskKey *veil_desk_key_new(VeilRandomFunc random, gpointer data);
/* "veil-desk-key/1", the freeze, 64 hex digits. */
char *veil_desk_key_format(const VeilDeskKey *key, const char *freeze_id);
/* NULL with VEIL_ERROR_VERIFY when damaged; *out_other TRUE and NULL without *error when it is of another freeze. */
VeilDeskKey *veil_desk_key_parse(const char *text, gsize len, const char *freeze_id, gboolean *out_other, GError **error);
/* (transfer full) 44 characters of base 64; FALSE for another spelling. */
char *veil_desk_public_format(const VeilDeskKey *key);
gboolean veil_desk_public_parse(const char *text, guint8 out[32]);
/* HMAC-SHA-256 under a key derived for this label: tokens of packets, digests of answers. */
void veil_desk_key_mac(const VeilDeskKey *key, const char *label, const void *bytes, gsize len, guint8 out[32]);
void veil_desk_key_free(VeilDeskKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilDeskKey, veil_desk_key_free)

/* Bytes filled up to the bucket of size 4096 x 2^n that takes len and extra. */
gsize veil_bucket(gsize len, gsize extra);

/* (transfer full) "veil-sealed/1", base 64, 76 characters a line. FALSE key of small order: NULL. */
char *veil_letter_seal(const char *text, const guint8 to[32], VeilRandomFunc random, gpointer data);
/* (transfer full) The text, or NULL: not byte for byte what the writer writes, not for this key, altered. There is one answer for all of these. */
char *veil_letter_open(const char *sealed, gsize len, const VeilDeskKey *key);
#define VEIL_LETTER_MAX (256u << 10) /* no sealed text is longer */

typedef enum { VEIL_ANSWER_ACCEPT, VEIL_ANSWER_DECLINE, VEIL_ANSWER_TIE, VEIL_N_ANSWERS } VeilAnswerWord;
extern const char *const veil_answer_words[VEIL_N_ANSWERS]; /* "accept", "decline", "tie" */

/* What is on the slip: which packet belongs to an invitation. */
typedef struct {
	char freeze_id[33], invitation[VEIL_CODE_CHARS + 1], packet[VEIL_CODE_CHARS + 1];
} VeilSlip;
char *veil_slip_format(const VeilSlip *slip);
gboolean veil_slip_parse(const char *text, VeilSlip *out);

typedef struct {
	char project[VEIL_CODE_CHARS + 1];
	VeilAnswerWord word;
} VeilAnswerLine;

typedef struct {
	char freeze_id[33], packet[VEIL_CODE_CHARS + 1];
	guint8 token[32];
	GArray *lines; /* VeilAnswerLine, ascending projects, no repeats */
} VeilAnswer;
char *veil_answer_format(const VeilAnswer *answer);
gboolean veil_answer_parse(const char *text, VeilAnswer *out);
void veil_answer_clear(VeilAnswer *answer);

G_END_DECLS
