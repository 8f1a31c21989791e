/* cmd-match.c - stand-alone matching of published instances. */
#include <string.h>

#include "commands.h"
#include "match/match.h"

static VeilMatchOptions match;

static const GOptionEntry options[] = {
	{"scores", 0, 0, G_OPTION_ARG_FILENAME, &match.scores, "project,reviewer,score", "FILE"},
	{"conflicts", 0, 0, G_OPTION_ARG_FILENAME, &match.conflicts, "project,reviewer: pairs that are not allowed", "FILE"},
	{"loads", 0, 0, G_OPTION_ARG_FILENAME, &match.loads, "reviewer,min,max", "FILE"},
	{"demands", 0, 0, G_OPTION_ARG_FILENAME, &match.demands, "project,k, and class or team where rules need them", "FILE"},
	{"attributes", 0, 0, G_OPTION_ARG_FILENAME, &match.attributes, "reviewer, then attributes for panel rules", "FILE"},
	{"missing-score", 0, 0, G_OPTION_ARG_STRING, &match.missing_score, "allow every pair without a score, at this one", "S"},
	{"demand", 0, 0, G_OPTION_ARG_STRING, &match.demand, "reviewers of a project that --demands does not name", "K"},
	{"max-load", 0, 0, G_OPTION_ARG_STRING, &match.max_load, "projects of a reviewer that --loads does not name, at most", "U"},
	{"min-load", 0, 0, G_OPTION_ARG_STRING, &match.min_load, "the same, at least (0)", "L"},
	{"method", 0, 0, G_OPTION_ARG_STRING, &match.method, "total (the default), fair or draw", "METHOD"},
	{"odds", 0, 0, G_OPTION_ARG_STRING, &match.odds, "--method draw: no pair is drawn with a higher chance (0.2)", "Q"},
	{"band", 0, 0, G_OPTION_ARG_STRING, &match.band, "--method draw: scores count in steps of this, 0 as they are", "B"},
	{"perturbation", 0, 0, G_OPTION_ARG_STRING, &match.perturbation, "--method draw: 0.01 to 1, how far odds are spread below Q (0.1)", "B"},
	{"seed", 0, 0, G_OPTION_ARG_STRING, &match.seed, "64 hex digits: decides between equally good assignments, or who is drawn", "HEX"},
	{"policy", 0, 0, G_OPTION_ARG_FILENAME, &match.policy, "panel rules, demand and loads from a policy file", "FILE"},
	{"out", 0, 0, G_OPTION_ARG_FILENAME, &match.out, "assignment.csv: project,reviewer,score", "FILE"},
	{"certificate", 0, 0, G_OPTION_ARG_FILENAME, &match.certificate, "what `veil-verify match` needs to prove the optimum", "FILE"},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int
run(const VeilContext *context, GError **error)
{
	match.json = context->json;
	match.quiet = context->quiet;
	return veil_match_run(&match, error) ? VEIL_EXIT_DONE : VEIL_EXIT_FAILURE;
}

const VeilCommand veil_command_match = {
	.name = "match",
	.role = "anyone",
	.opens = VEIL_OPENS_NOTHING,
	.arguments = "--scores FILE --out FILE [options]",
	.summary = "assign reviewers of a published instance, with proof",
	.description =
		"Finds the assignment of the largest total score in which each project gets its demand of distinct reviewers and each reviewer between "
		"his minimum and maximum load. The result is optimal; prices prove it: with --certificate FILE anybody can check it by `veil-verify match` without a solver.\n\n"
		"All lists are CSV with a header line, plain or gzip. Scores are decimal, exponents allowed, rounded half away from zero to 0.000001, at most "
		"1000000 in size; negative ones are allowed. A pair without a score is not allowed, unless --missing-score gives it one. Whoever stands in "
		"--scores, --loads or --attributes is a reviewer, whatever stands in --scores or --demands a project; conflicts with anybody else are ignored. "
		"Ids are taken byte for byte. One row that cannot be right rejects the whole, naming file, line and column.\n\n"
		"Demands and maximum loads have no default: they come from the lists, from --demand and --max-load, or from --policy. "
		"A default minimum load above a reviewer's maximum counts as the maximum.\n\n"
		"With --policy a file may ask for panel rules, [panel.NAME], on any column of --attributes, for all projects or those of a class (column class of --demands), and "
		"for shares of the whole batch, [share.NAME]; an empty cell counts nowhere. Projects with the same text in the column team of --demands share one panel: whoever may not have one of them has none. "
		"Rules that nest are met with an optimal result. Where rules cut across each other the result may stay below the bound; the gap is printed, and --certificate proves the bound.\n\n"
		"Method fair lifts the worst-served project as far as it can, prints what no assignment could exceed there, and then maximises the total. With [fair] equity=true in the policy the smallest cap on loads that leaves that project as much comes before the total, with a proof that a smaller one does not.\n\n"
		"Method draw finds odds for every pair: no more than --odds, the best expected score but for a perturbation that spreads them, equal (to 0.0001) for equally fit reviewers of a project unless "
		"their loads or panel rules make them give way; then it draws one assignment that has exactly these odds and obeys every rule. Objective and bound speak of the expected score, drawn_total of what was drawn. "
		"Where rules cut across each other, with teams and with shares, odds alone do not say who may sit together: then it draws one of a lottery of legal assignments by weight; no pair passes --odds, "
		"equal odds are aimed at and not promised. "
		"Without --seed the system's randomness makes a seed, which is printed. With --policy its odds, [draw] band and perturbation count, and its smallest_set if the file gives one.\n\n"
		"The order of rows never matters. When no assignment exists the exit status is 4, nothing is written to --out, and --json and the certificate "
		"name a witness: projects that cannot all be filled, reviewers who cannot all have their minimum load, or the rule that cannot be kept.",
	.options = options,
	.max_args = 0,
	.exit_notes = "3  a list was rejected, nothing was written\n4  no assignment exists\n6  no odds under --odds exist, a project has too few candidates to draw from, no lottery of legal assignments was found, or rules are too entangled to find an assignment or a proof that there is none",
	.run = run,
};
