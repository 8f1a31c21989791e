/* cmd-answer.c - the expert's answer to a packet, sealed past whoever carries it. */
#include "handover/answer.h"
#include "commands.h"

static char **accept_, **decline, **tie, *out;

static const GOptionEntry options[] = {
	{"accept", 0, 0, G_OPTION_ARG_STRING_ARRAY, &accept_, "a project that is accepted, or `all`", "CODE"},
	{"decline", 0, 0, G_OPTION_ARG_STRING_ARRAY, &decline, "a project that is declined, or `all`", "CODE"},
	{"tie", 0, 0, G_OPTION_ARG_STRING_ARRAY, &tie, "a project to whose people or units there is a tie, or `all`", "CODE"},
	{"out", 0, 0, G_OPTION_ARG_FILENAME, &out, "the file to write", "FILE"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	VeilAnswerChoice choice = {{accept_, decline, tie}};

	if (out == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "say where the answer goes: --out FILE");
		return VEIL_EXIT_USAGE;
	}
	return veil_answer_make(context->argv[0], &choice, out, error) ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_answer = {
	.name = "answer",
	.role = "anyone",
	.opens = VEIL_OPENS_NOTHING,
	.arguments = "PACKET --out FILE [--accept CODE|all]... [--decline CODE|all]... [--tie CODE|all]...",
	.summary = "answer a packet: accept, decline or a tie, project by project",
	.description =
		"For the expert, on his own machine: needs the packet and no site. Each project of the packet gets one answer; `all` means every one that is not named otherwise. The answer is sealed to the requester's key in the packet "
		"and of the same size whatever it says, so the notifier may carry it. It is never written over a file.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "2  a project that is not in the packet, answered twice or not at all\n3  the file is no packet\n6  FILE is there already",
	.run = run,
};
