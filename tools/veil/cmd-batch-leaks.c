/* cmd-batch-leaks.c - does a text that is about to go out say who wrote it? */
#include "batch-command.h"
#include "commands.h"
#include "handover/leaks.h"

static char **waive, *reason;

static const GOptionEntry options[] = {
	{"waive", 0, 0, G_OPTION_ARG_STRING_ARRAY, &waive, "let a finding stand (again for further ones), or `all`", "FINDING"},
	{"reason", 0, 0, G_OPTION_ARG_STRING, &reason, "why; logged, no place for a name", "TEXT"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);
	guint standing;
	VeilStep step;

	if (site == NULL)
		return VEIL_EXIT_FAILURE;
	step = veil_context_step(context, site);
	if (!veil_step_leaks(&step, context->argv[0], waive, reason, veil_context_print(context), &standing, error))
		return VEIL_EXIT_FAILURE;
	if (!context->quiet)
		g_printerr("veil: %u findings stand%s\n", standing, standing > 0 ? ": no packets until each is mended or waived" : "");
	return standing > 0 ? VEIL_EXIT_VERIFY : VEIL_EXIT_DONE;
}

const VeilCommand veil_command_batch_leaks = {
	.name = "batch leaks",
	.role = "requester",
	.opens = VEIL_OPENS_DESK | VEIL_OPENS_LEDGER,
	.arguments = "NAME [--waive FINDING|all]... [--reason TEXT]",
	.summary = "scan what is about to go out for who wrote it",
	.description =
		"Looks through title, abstract, keywords and attached texts of every project, in Chinese and English, and prints finding, project, where, line, column, reason, waived: a place and a reason, never what "
		"stands there. Reasons: person, organisation, phone, e-mail, id-number (of a person or a unit), grant, link, self-reference (\"our earlier work [3]\").\n\n"
		"Names are found by the registry at the freeze: everybody and every organisation behind the project, and the longer names of those behind the batch's other projects. The rest is found by its look. Both "
		"find too much rather than too little.\n\n"
		"A finding stands until the list is mended and the batch frozen again, or until it is waived with a reason. A waiver is a signed record that names the place; it holds for this freeze. "
		"`veil batch packets` writes nothing while a finding stands.",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "0  nothing stands\n5  findings stand\n6  the batch is not frozen, or a finding that is to be waived is none",
	.run = run,
};
