/* answer-make.c - the expert's side: from the head of his packet to a sealed answer. */
#include <string.h>

#include "handover/answer.h"
#include "site/fixed-file.h"

#define PACKET_MAX (64u << 20)

typedef struct {
	VeilAnswer answer;
	guint8 to[32];
} Making;

static gboolean
read_head(const char *path, Making *m, GError **error)
{
	g_autofree char *text = veil_fixed_file_get(path, PACKET_MAX, NULL);
	char *end = text ? strstr(text, "\n\n") : NULL;
	g_auto(GStrv) lines = NULL;
	gboolean good;

	if (end != NULL)
		*end = '\0';
	lines = g_strsplit(end ? text : "", "\n", -1);
	good = g_strv_length(lines) >= 6 && strcmp(lines[0], "veil-packet/1") == 0 && g_str_has_prefix(lines[1], "packet ") &&
	       veil_code_parse(lines[1] + 7, VEIL_CODE_REVIEWER, m->answer.packet) && g_str_has_prefix(lines[2], "freeze-id ") && strlen(lines[2]) == 10 + 32 &&
	       g_str_has_prefix(lines[3], "desk-key ") && veil_desk_public_parse(lines[3] + 9, m->to) && g_str_has_prefix(lines[4], "token ") &&
	       veil_hex_decode(lines[4] + 6, m->answer.token, 32);
	if (good)
		g_strlcpy(m->answer.freeze_id, lines[2] + 10, sizeof m->answer.freeze_id);
	for (guint i = 5; good && lines[i] != NULL; i++) {
		VeilAnswerLine line = {.word = VEIL_N_ANSWERS};

		good = g_str_has_prefix(lines[i], "project ") && veil_code_parse(lines[i] + 8, VEIL_CODE_PROJECT, line.project);
		g_array_append_val(m->answer.lines, line);
	}
	if (!good)
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_INPUT, "the file is no packet; give the file as it was received");
	return good;
}

static gboolean
choose_one(Making *m, const char *typed, VeilAnswerWord word, GError **error)
{
	char code[VEIL_CODE_CHARS + 1];
	gboolean is_code = veil_code_parse(typed, VEIL_CODE_PROJECT, code);

	for (guint i = 0; is_code && i < m->answer.lines->len; i++) {
		VeilAnswerLine *line = &g_array_index(m->answer.lines, VeilAnswerLine, i);

		if (strcmp(line->project, code) != 0)
			continue;
		if (line->word == VEIL_N_ANSWERS) {
			line->word = word;
			return TRUE;
		}
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_USAGE, "project %s is answered twice", code);
		return FALSE;
	}
	g_set_error(error, VEIL_ERROR, VEIL_ERROR_USAGE, "%s is no project of this packet", is_code ? code : "what was typed");
	return FALSE;
}

static gboolean
choose(Making *m, const VeilAnswerChoice *choice, GError **error)
{
	int rest = -1;

	for (int word = 0; word < VEIL_N_ANSWERS; word++)
		for (guint i = 0; choice->projects[word] != NULL && choice->projects[word][i] != NULL; i++) {
			if (strcmp(choice->projects[word][i], "all") != 0) {
				if (!choose_one(m, choice->projects[word][i], (VeilAnswerWord)word, error))
					return FALSE;
			} else if (rest >= 0 && rest != word) {
				g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "all projects can have one answer only");
				return FALSE;
			} else {
				rest = word;
			}
		}
	for (guint i = 0; i < m->answer.lines->len; i++) {
		VeilAnswerLine *line = &g_array_index(m->answer.lines, VeilAnswerLine, i);

		if (line->word == VEIL_N_ANSWERS && rest >= 0)
			line->word = (VeilAnswerWord)rest;
		if (line->word == VEIL_N_ANSWERS) {
			g_set_error(error, VEIL_ERROR, VEIL_ERROR_USAGE, "project %s has no answer; give --accept, --decline or --tie with its code, or with `all`", line->project);
			return FALSE;
		}
	}
	return TRUE;
}

gboolean
veil_answer_make(const char *packet, const VeilAnswerChoice *choice, const char *out, GError **error)
{
	Making m = {.answer.lines = g_array_new(FALSE, FALSE, sizeof(VeilAnswerLine))};
	g_autofree char *text = NULL, *sealed = NULL;
	gboolean done = read_head(packet, &m, error) && choose(&m, choice, error);

	if (done) {
		text = veil_answer_format(&m.answer);
		sealed = veil_letter_seal(text, m.to, veil_random_system, NULL);
		if (sealed == NULL || strlen(sealed) > VEIL_LETTER_MAX) {
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_INPUT, "the file is no packet; give the file as it was received");
			done = FALSE;
		}
	}
	done = done && veil_file_put_new(out, sealed, strlen(sealed), 0600, error);
	if (text != NULL)
		memset(text, 0, strlen(text));
	veil_answer_clear(&m.answer);
	return done;
}
