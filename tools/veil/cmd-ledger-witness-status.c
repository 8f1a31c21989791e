/* cmd-ledger-witness-status.c - what a witness saw last. */
#include <stdio.h>

#include <json-glib/json-glib.h>

#include "commands.h"
#include "site/rows.h"
#include "witness/witness-cosign.h"

static char *state_dir;
static int silence = VEIL_WITNESS_SILENCE_S / 3600;

static const GOptionEntry options[] = {
	{"state", 0, 0, G_OPTION_ARG_FILENAME, &state_dir, "the witness's folder (or VEIL_WITNESS)", "DIR"},
	{"silence", 0, 0, G_OPTION_ARG_INT, &silence, "how many hours may pass without a checkpoint (48)", "HOURS"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static void
print_json(const VeilWitnessState *state, const char *root)
{
	JsonBuilder *json = json_builder_new();

	json_builder_begin_object(json);
	json_builder_set_member_name(json, "log");
	json_builder_add_string_value(json, state->log);
	json_builder_set_member_name(json, "witness");
	json_builder_add_string_value(json, state->vkey);
	json_builder_set_member_name(json, "size");
	json_builder_add_int_value(json, (gint64)state->size);
	json_builder_set_member_name(json, "root");
	json_builder_add_string_value(json, root);
	json_builder_set_member_name(json, "time");
	json_builder_add_int_value(json, state->time);
	json_builder_set_member_name(json, "cosignatures");
	json_builder_add_int_value(json, (gint64)state->count);
	json_builder_end_object(json);
	veil_json_print(json);
}

static int
run(const VeilContext *context, GError **error)
{
	const char *dir = state_dir != NULL ? state_dir : g_getenv("VEIL_WITNESS");
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	g_autoptr(VeilWitnessState) state = NULL;
	char root[65];

	if (dir == NULL || *dir == '\0') {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE, "name the witness's folder: --state DIR or VEIL_WITNESS");
		return VEIL_EXIT_USAGE;
	}
	if ((state = veil_witness_open(dir, TRUE, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	veil_hex_encode(state->root, 32, root);
	if (context->json)
		print_json(state, root);
	else if (state->begun)
		printf("log        %s\nwitness    %s\nrecords    %" G_GUINT64_FORMAT "\nroot       %s\nhours ago  %" G_GINT64_FORMAT "\ncosigned   %" G_GUINT64_FORMAT " times\n",
		       state->log, state->vkey, state->size, root, (now - state->time) / 3600, state->count);
	else
		printf("log        %s\nwitness    %s\nnothing was cosigned yet\n", state->log, state->vkey);
	if (state->begun && now - state->time > (gint64)silence * 3600) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_VERIFY,
			    "SILENCE: the last checkpoint came %" G_GINT64_FORMAT " hours ago; ask the site for one, with the proof from %" G_GUINT64_FORMAT, (now - state->time) / 3600,
			    state->size);
		return VEIL_EXIT_VERIFY;
	}
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_ledger_witness_status = {
	.name = "ledger witness status",
	.role = "anyone",
	.opens = VEIL_OPENS_NOTHING,
	.arguments = "[--state DIR] [--silence HOURS]",
	.summary = "what a witness cosigned last",
	.description = "Prints which checkpoint the witness cosigned last and when; the number of records is what the site's next proof has to start from. Fails when nothing has "
		       "come for longer than --silence, so that a timer can call somebody.",
	.options = options,
	.max_args = 0,
	.exit_notes = "5  nothing came for too long, or the state is damaged",
	.run = run,
};
