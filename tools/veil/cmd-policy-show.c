/* cmd-policy-show.c - prints a policy whole: what a batch made from it would commit to. */
#include <stdio.h>

#include <veil/policy.h>

#include "commands.h"

static int
run(const VeilContext *context, GError **error)
{
	g_autoptr(VeilPolicy) policy = veil_policy_load(context->argc > 0 ? context->argv[0] : "standard", error);

	if (policy == NULL)
		return VEIL_EXIT_FAILURE;
	fputs(policy->canonical, stdout);
	return VEIL_EXIT_DONE;
}

const VeilCommand veil_command_policy_show = {
	.name = "policy show",
	.role = "anyone",
	.opens = VEIL_OPENS_NOTHING,
	.arguments = "[FILE]",
	.summary = "print a policy whole, defaults filled in",
	.description = "Prints the policy in FILE, or the shipped policy `standard`, with every key it may have, its value and its citation. "
		       "The output is a policy file itself and is what a freeze commits to.",
	.max_args = 1,
	.run = run,
};
