/* cmd-unmask-request.c - asks who is behind one code. */
#include <stdio.h>

#include "batch-command.h"
#include "commands.h"
#include "custody/unmask.h"

static char *batch, *project, *reviewer, *field, *purpose, *reference;

static const GOptionEntry options[] = {
	{"batch", 0, 0, G_OPTION_ARG_STRING, &batch, "the batch", "NAME"},
	{"project", 0, 0, G_OPTION_ARG_STRING, &project, "a project's code", "CODE"},
	{"reviewer", 0, 0, G_OPTION_ARG_STRING, &reviewer, "a reviewer's code", "CODE"},
	{"field", 0, 0, G_OPTION_ARG_STRING, &field, "what is to be shown: id, title, name, organisation, phone, email", "FIELD"},
	{"purpose", 0, 0, G_OPTION_ARG_STRING, &purpose, "complaint, misconduct, court, audit-sample or emergency", "P"},
	{"reference", 0, 0, G_OPTION_ARG_STRING, &reference, "the file number of the case", "TEXT"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = NULL;
	VeilUnmaskRequest request = {batch, project, reviewer, field, purpose, reference};
	char id[VEIL_REQUEST_ID_BYTES];
	VeilStep step;

	if (batch == NULL || (project == NULL) == (reviewer == NULL) || field == NULL || purpose == NULL || reference == NULL) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_USAGE,
				    "give --batch, one of --project and --reviewer, --field, --purpose and --reference");
		return VEIL_EXIT_USAGE;
	}
	if ((site = veil_context_open_site(context, error)) == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (!veil_unmask_request(&step, &request, id, error))
		return VEIL_EXIT_FAILURE;
	printf("%s\n", id);
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_unmask_request = {
	.name = "unmask request",
	.role = "anyone",
	.opens = VEIL_OPENS_LEDGER,
	.arguments = "--batch NAME --project CODE|--reviewer CODE --field FIELD --purpose P --reference TEXT",
	.summary = "ask who is behind one code",
	.description = "Writes a request for one field of one project or reviewer and prints its id. For a project, organisation and title are its own, name, phone and e-mail "
		       "its applicant's. The purpose is one of a closed list; the reference is the file number of the case (letters, digits, ./_-()[]), never a name: the ledger "
		       "knows nobody.\n\n"
		       "Then `veil approve ID` by another operator who neither asked nor took the batch in, froze or drew it; a checkpoint cosigned by the site's "
		       "witnesses; and `veil unmask open ID`, once. How often one officer may ask within an hour and of one batch within a day stands in site.ini, "
		       "[unmask] officer_per_hour (2) and batch_per_day (10). Each refusal is logged.",
	.options = options,
	.exit_notes = "6  purpose, field, reference or code is none; too many requests; no such batch",
	.run = run,
};
