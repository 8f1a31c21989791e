/* escrow-private.h - what the two files of escrow share: the sealed parts and their texts. */
#pragma once

#include "private.h"

#define VEIL_PART_BOX_BYTES (16 + VEIL_KEYS_SECRET_BYTES + crypto_box_SEALBYTES)

struct VeilEscrowPart {
	guint32 mask;
	guint custodian;
	guint8 check[32];
	guint8 box[VEIL_PART_BOX_BYTES]; /* the first 16 + n_secret + crypto_box_SEALBYTES */
};

/* What one custodian hands over, as it stands in the file. */
typedef struct {
	VeilEscrowKind kind;
	char *batch, *id, *handle;
	guint8 commitment[32], to[32];
	guint8 *box;
	gsize n_box;
} VeilPart;

gsize veil_escrow__n_secret(VeilEscrowKind kind);
/* k times the number of k-subsets of n. */
guint veil_escrow__n_parts(guint k, guint n);
char *veil_escrow__text(const VeilEscrow *escrow);
char *veil_part__text(const VeilEscrow *escrow, guint custodian, const guint8 to[32], const guint8 *box, gsize n_box);
VeilPart *veil_part__parse(const char *text, gsize len, const char *name, GError **error);
void veil_part__free(VeilPart *part);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilPart, veil_part__free)
