/* cmd-batch-check.c - can the batch be filled? */
#include "batch-command.h"
#include "draw/check.h"
#include "commands.h"

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilSite) site = veil_context_open_site(context, error);

	if (site == NULL || !veil_check_print(site, context->argv[0], veil_context_print(context), error))
		return VEIL_EXIT_FAILURE;
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_batch_check = {
	.name = "batch check",
	.role = "drawer",
	.opens = VEIL_OPENS_BATCH,
	.arguments = "NAME",
	.summary = "compare supply and demand of a frozen batch",
	.description = "Solves the batch without drawing it and shows supply and demand, by class of projects where there are classes. When there is no legal assignment it names a "
		       "witness, of which nothing can be left out: which projects depend on which reviewers, and how many places short they are. Then the "
		       "cheapest changes that would help: the fewest units of load and who could take them, the maximum load that would do for all, the fewest places "
		       "given up, minimum loads to let people off, longer lists. It says of each whether it is enough by itself. A weaker conflict rule is "
		       "never among them. --json has them as `witness` and `relaxations`, --csv as rows what,item,code,number. Nothing is written.\n\n"
		       "feasible means that panels exist which keep loads and panel rules. Method draw wants more: [batch] smallest_set candidates a project, and so "
		       "many that the odds cap leaves everybody's places to somebody. Projects that have fewer are listed under `draw` (--json `too_few_to_draw`); "
		       "`veil batch draw` refuses them unless an exception holds (`veil batch exception`).",
	.min_args = 1,
	.max_args = 1,
	.exit_notes = "4  there is no legal assignment",
	.run = run,
};
