/* main.c - the command line of veil-verify. */
#include <stdio.h>
#include <string.h>

#include "bundle/bundle.h"
#include "match/match.h"

static const char usage[] =
	"usage: veil-verify ledger FILE [--checkpoint NOTE]... [--key VKEY] [--witness VKEY]... [--quorum K]\n"
	"                          [--statement FILE]... [--checked NOTE]\n"
	"       veil-verify batch FILE [--audit FILE [--audit-key FILE] | --without-audit]\n"
	"                         [--ledger FILE] [--procedure FILE] [the options of ledger]\n"
	"       veil-verify bundle DIR [--audit-key FILE] [--checkpoint NOTE]... [--key VKEY] [--witness VKEY]... [--quorum K] [--lines]\n"
	"       veil-verify proof FILE --record FILE --key VKEY\n"
	"       veil-verify match --scores FILE [the options of `veil match`] --assignment FILE --certificate FILE\n"
	"\n"
	"Checks, offline, what veil wrote: that the log is whole and continues every checkpoint; that a batch file and an audit file are the\n"
	"committed ones, that every exclusion follows from the facts and every rule was applied, that the panels obey the policy and the prices\n"
	"prove the total; the same of all that `veil audit bundle` hands over, in words for a reader who is no programmer; that an assignment of published scores is as good as its certificate says. Needs no key that opens an identity.\n"
	"VKEY is a verifier key (name+id+base64) or a file that holds one; without it the site's own is used, and said to be.\n"
	"A witness's VKEY is of type 4; K of them (all, if not said) must have cosigned a checkpoint: how far the log is held by outsiders is said.\n"
	"--checked: a checkpoint that you kept when you last verified this log; the log is held to it, and signatures under it are not verified again.\n"
	"A procedure is the certificate of one project that `veil audit project` wrote (its .json).\n"
	"A proof is what `veil ledger prove` printed; --record is the record's bytes.\n"
	"A statement is what `veil audit opened --statement` wrote: that nobody's identity was opened.\n"
	"An audit file is sealed to the auditor: --audit-key (or VEIL_AUDITOR_KEY) names the key that he made with `veil auditor key`.\n"
	"What is not named is looked for in the folders beside FILE. --json prints one object.\n"
	"\n"
	"Exit status: 0 verified, 5 not verified (the reason is printed), 1 a file cannot be read, 2 usage.\n";

static int
usage_error(const char *text)
{
	fprintf(stderr, "veil-verify: %s\n%s", text, usage);
	return EXIT_USAGE;
}

static char *audit, *audit_key, *ledger, *key, *procedure, *record, *checked, **checkpoints, **witnesses, **statements;
static int quorum;
static gboolean json, lines, without_audit;
static MatchOptions match;

static const GOptionEntry json_entry[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, NULL, NULL}, G_OPTION_ENTRY_NULL};
static const GOptionEntry ledger_entries[] = {
	{"checkpoint", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &checkpoints, NULL, NULL},
	{"key", 0, 0, G_OPTION_ARG_FILENAME, &key, NULL, NULL},
	{"witness", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &witnesses, NULL, NULL},
	{"quorum", 0, 0, G_OPTION_ARG_INT, &quorum, NULL, NULL},
	{"checked", 0, 0, G_OPTION_ARG_FILENAME, &checked, NULL, NULL},
	G_OPTION_ENTRY_NULL,
};
static const GOptionEntry statement_entries[] = {
	{"statement", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &statements, NULL, NULL},
	G_OPTION_ENTRY_NULL,
};
static const GOptionEntry batch_entries[] = {
	{"audit", 0, 0, G_OPTION_ARG_FILENAME, &audit, NULL, NULL},
	{"audit-key", 0, 0, G_OPTION_ARG_FILENAME, &audit_key, NULL, NULL},
	{"procedure", 0, 0, G_OPTION_ARG_FILENAME, &procedure, NULL, NULL},
	{"without-audit", 0, 0, G_OPTION_ARG_NONE, &without_audit, NULL, NULL},
	{"statement", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &statements, NULL, NULL},
	{"ledger", 0, 0, G_OPTION_ARG_FILENAME, &ledger, NULL, NULL},
	G_OPTION_ENTRY_NULL,
};
static const GOptionEntry proof_entries[] = {
	{"key", 0, 0, G_OPTION_ARG_FILENAME, &key, NULL, NULL},
	{"record", 0, 0, G_OPTION_ARG_FILENAME, &record, NULL, NULL},
	G_OPTION_ENTRY_NULL,
};
static const GOptionEntry bundle_entries[] = {
	{"audit-key", 0, 0, G_OPTION_ARG_FILENAME, &audit_key, NULL, NULL},
	{"lines", 0, 0, G_OPTION_ARG_NONE, &lines, NULL, NULL},
	G_OPTION_ENTRY_NULL,
};
static const GOptionEntry match_entries[] = {
	{"scores", 0, 0, G_OPTION_ARG_FILENAME, &match.scores, NULL, NULL},
	{"conflicts", 0, 0, G_OPTION_ARG_FILENAME, &match.conflicts, NULL, NULL},
	{"loads", 0, 0, G_OPTION_ARG_FILENAME, &match.loads, NULL, NULL},
	{"demands", 0, 0, G_OPTION_ARG_FILENAME, &match.demands, NULL, NULL},
	{"attributes", 0, 0, G_OPTION_ARG_FILENAME, &match.attributes, NULL, NULL},
	{"missing-score", 0, 0, G_OPTION_ARG_STRING, &match.missing_score, NULL, NULL},
	{"demand", 0, 0, G_OPTION_ARG_STRING, &match.demand, NULL, NULL},
	{"max-load", 0, 0, G_OPTION_ARG_STRING, &match.max_load, NULL, NULL},
	{"min-load", 0, 0, G_OPTION_ARG_STRING, &match.min_load, NULL, NULL},
	{"method", 0, 0, G_OPTION_ARG_STRING, &match.method, NULL, NULL},
	{"odds", 0, 0, G_OPTION_ARG_STRING, &match.odds, NULL, NULL},
	{"band", 0, 0, G_OPTION_ARG_STRING, &match.band, NULL, NULL},
	{"perturbation", 0, 0, G_OPTION_ARG_STRING, &match.perturbation, NULL, NULL},
	{"seed", 0, 0, G_OPTION_ARG_STRING, &match.seed, NULL, NULL},
	{"policy", 0, 0, G_OPTION_ARG_FILENAME, &match.policy, NULL, NULL},
	{"out", 0, 0, G_OPTION_ARG_FILENAME, &match.out, NULL, NULL},
	{"assignment", 0, 0, G_OPTION_ARG_FILENAME, &match.assignment, NULL, NULL},
	{"certificate", 0, 0, G_OPTION_ARG_FILENAME, &match.certificate, NULL, NULL},
	G_OPTION_ENTRY_NULL,
};

/* `--missing-score -1` and the like: GOption would take -1 for an option, so a value that begins with - is joined to its name. */
static char **
join_negative(int argc, char **argv)
{
	GPtrArray *out = g_ptr_array_new();

	for (int i = 0; i < argc; i++) {
		gboolean joins = strcmp(argv[i], "--missing-score") == 0 && i + 1 < argc && argv[i + 1][0] == '-';

		g_ptr_array_add(out, joins ? g_strconcat(argv[i], "=", argv[i + 1], NULL) : g_strdup(argv[i]));
		i += joins;
	}
	g_ptr_array_add(out, NULL);
	return (char **)g_ptr_array_free(out, FALSE);
}

static gboolean
parse(const GOptionEntry *a, const GOptionEntry *b, char ***args)
{
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;

	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_add_main_entries(context, json_entry, NULL);
	g_option_context_add_main_entries(context, a, NULL);
	if (b)
		g_option_context_add_main_entries(context, b, NULL);
	if (g_option_context_parse_strv(context, args, &error))
		return TRUE;
	usage_error(error->message);
	return FALSE;
}

static int
run(const char *command, char ***args)
{
	gboolean is_match = strcmp(command, "match") == 0, is_batch = strcmp(command, "batch") == 0, is_bundle = strcmp(command, "bundle") == 0;
	gboolean is_proof = strcmp(command, "proof") == 0;
	g_autofree char *name = g_strconcat("veil-verify ", command, NULL);
	LedgerOptions options;
	Ledger log = {0};

	if (!parse(is_match ? match_entries : is_proof ? proof_entries : ledger_entries, is_batch ? batch_entries : is_bundle ? bundle_entries : is_match || is_proof ? NULL : statement_entries, args))
		return EXIT_USAGE;
	if (is_match) {
		if (g_strv_length(*args) != 1 || match.scores == NULL || match.certificate == NULL)
			return usage_error("match needs --scores and --certificate, and takes no other file");
		if (match.assignment == NULL)
			match.assignment = match.out;
		match_verify(&match);
		return verdict_print(name, json ? PRINT_JSON : PRINT_LINES);
	}
	if (g_strv_length(*args) != 2)
		return usage_error("give one file");
	if (is_proof && (key == NULL || record == NULL))
		return usage_error("proof needs --record and --key");
	options = (LedgerOptions){is_batch ? ledger : (*args)[1], key, checkpoints, witnesses, quorum, statements, procedure, checked};
	if (is_proof)
		inclusion_verify((*args)[1], record, key);
	else if (is_bundle)
		bundle_verify((*args)[1], audit_key, &options);
	else if (is_batch)
		batch_verify(&(BatchFiles){.file = (*args)[1], .audit = audit, .audit_key = audit_key, .without_audit = without_audit}, &options, NULL);
	else
		ledger_verify(&options, &log);
	ledger_clear(&log);
	return verdict_print(name, json ? PRINT_JSON : is_bundle && !lines ? PRINT_SENTENCES : PRINT_LINES);
}

int
main(int argc, char **argv)
{
	g_auto(GStrv) args = join_negative(argc - 1, argv + 1); /* args[0] is the command: GOption takes it for a program's name */

	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return fputs(usage, stdout) < 0 || fflush(stdout) != 0;
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return puts("veil-verify " VEIL_VERSION) < 0;
	if (args[0] == NULL)
		return usage_error("say what to verify");
	if (strcmp(args[0], "ledger") != 0 && strcmp(args[0], "batch") != 0 && strcmp(args[0], "bundle") != 0 && strcmp(args[0], "proof") != 0 && strcmp(args[0], "match") != 0)
		return usage_error("it is ledger, batch, bundle, proof or match");
	{
		g_autofree char *command = g_strdup(args[0]);

		return run(command, &args);
	}
}
