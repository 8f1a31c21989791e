/* targets-handover.c - what passes through the notifier's hands, and the requester's key file: see targets.h.
 *
 * What is taken says the same in the writer's own words, byte for byte; an altered letter does not open, whatever was altered.
 */
#include "targets.h"

#include <stdlib.h>
#include <string.h>

#include <veil/handover.h>

#define FREEZE "00112233445566778899aabbccddeeff"

static VeilDeskKey *key;
static char *key_text, *letter, *slip_text, *answer_text;

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(((const VeilAnswerLine *)a)->project, ((const VeilAnswerLine *)b)->project);
}

static void
make_answer(VeilBatchKey *codes)
{
	VeilAnswer answer = {.freeze_id = FREEZE, .lines = g_array_new(FALSE, FALSE, sizeof(VeilAnswerLine))};
	VeilAnswerLine line[3];

	for (guint i = 0; i < 3; i++) {
		VeilId id = {{(guint8)(i + 9)}};

		veil_code(codes, VEIL_CODE_PROJECT, VEIL_AUDIENCE_EXPERT, &id, line[i].project);
		line[i].word = (VeilAnswerWord)i;
	}
	qsort(line, G_N_ELEMENTS(line), sizeof *line, compare_lines);
	g_array_append_vals(answer.lines, line, 3);
	memset(answer.token, 0x5a, sizeof answer.token);
	veil_code(codes, VEIL_CODE_REVIEWER, VEIL_AUDIENCE_EXPERT, &(VeilId){{7}}, answer.packet);
	answer_text = veil_answer_format(&answer);
	veil_answer_clear(&answer);
}

void
fuzz_set_up(void)
{
	guint64 state = 42;
	guint8 to[32];
	VeilSlip slip = {.freeze_id = FREEZE};

	g_assert(veil_blind_init(NULL));
	VeilBatchKey *codes = veil_batch_key_new(fuzz_seeded, &state);
	key = veil_desk_key_new(fuzz_seeded, &state);
	key_text = veil_desk_key_format(key, FREEZE);
	g_autofree char *public = veil_desk_public_format(key);
	g_assert(veil_desk_public_parse(public, to));
	veil_code(codes, VEIL_CODE_REVIEWER, VEIL_AUDIENCE_NOTIFIER, &(VeilId){{7}}, slip.invitation);
	veil_code(codes, VEIL_CODE_REVIEWER, VEIL_AUDIENCE_EXPERT, &(VeilId){{7}}, slip.packet);
	slip_text = veil_slip_format(&slip);
	make_answer(codes);
	letter = veil_letter_seal(answer_text, to, fuzz_seeded, &state);
	veil_batch_key_free(codes);
}

static void
seed_of(GByteArray *out, const char *text)
{
	g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text));
}

static void
seed_desk(GByteArray *out)
{
	seed_of(out, key_text);
}

static void
seed_letter(GByteArray *out)
{
	seed_of(out, letter);
}

static void
seed_slip(GByteArray *out)
{
	seed_of(out, slip_text);
}

static void
seed_answer(GByteArray *out)
{
	seed_of(out, answer_text);
}

/* These read texts that end with a zero; one inside is told by the length, or ends the text. */
static gboolean
same(const char *again, const guint8 *bytes, gsize len)
{
	return strlen(again) == len && memcmp(again, bytes, len) == 0;
}

static gboolean
target_desk(const guint8 *bytes, gsize len)
{
	g_autofree char *text = g_strndup(len > 0 ? (const char *)bytes : "", len);
	g_autoptr(GError) error = NULL;
	gboolean other = FALSE;

	g_autoptr(VeilDeskKey) parsed = veil_desk_key_parse(text, len, FREEZE, &other, &error);
	g_assert((parsed != NULL) + other + (error != NULL) == 1);
	g_assert(error == NULL || (error->domain == VEIL_ERROR && strchr(error->message, '\n') == NULL));
	if (parsed == NULL)
		return FALSE;
	g_autofree char *again = veil_desk_key_format(parsed, FREEZE);
	g_assert(g_ascii_strcasecmp(again, text) == 0);
	return TRUE;
}

static gboolean
target_letter(const guint8 *bytes, gsize len)
{
	g_autofree char *text = g_strndup(len > 0 ? (const char *)bytes : "", len);

	g_autofree char *opened = veil_letter_open(text, len, key);
	g_assert(opened == NULL || (strcmp(opened, answer_text) == 0 && same(letter, bytes, len)));
	return opened != NULL;
}

static gboolean
target_slip(const guint8 *bytes, gsize len)
{
	g_autofree char *text = g_strndup(len > 0 ? (const char *)bytes : "", len);
	VeilSlip slip;

	if (strlen(text) != len || !veil_slip_parse(text, &slip))
		return FALSE;
	g_autofree char *again = veil_slip_format(&slip);
	g_assert(same(again, bytes, len));
	return TRUE;
}

static gboolean
target_answer(const guint8 *bytes, gsize len)
{
	g_autofree char *text = g_strndup(len > 0 ? (const char *)bytes : "", len);
	VeilAnswer answer = {0};

	if (strlen(text) != len || !veil_answer_parse(text, &answer))
		return FALSE;
	g_autofree char *again = veil_answer_format(&answer);
	g_assert(same(again, bytes, len));
	veil_answer_clear(&answer);
	return TRUE;
}

const FuzzKind fuzz_kinds[] = {
	{"desk-key", target_desk, seed_desk, TRUE}, {"letter", target_letter, seed_letter, FALSE}, {"slip", target_slip, seed_slip, TRUE}, {"answer", target_answer, seed_answer, TRUE},
	{NULL, NULL, NULL, FALSE},
};
