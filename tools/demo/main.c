/* main.c - veil-demo: writes the lists of an invented bureau, and what a correct freeze must find in them.
 *
 *   veil-demo --out DIR [--seed N] [--experts 40296] [--projects 2000]
 *
 * The same numbers give the same bytes. Nobody in the lists exists.
 */
#include <errno.h>
#include <string.h>

#include "demo.h"

static const char readme[] =
	"Lists of a bureau that does not exist, written by veil-demo. Nobody in them is real: names are put together from\n"
	"syllables, places are invented, id numbers have the region 00xxxx, organisation codes the registering authority G.\n"
	"\n"
	"disciplines.csv    the tree DEMO:, three levels          UTF-8\n"
	"organisations.csv  employers, aliases, parents           GB18030, CRLF\n"
	"experts.csv        the pool                              UTF-8 with BOM, CRLF, line breaks inside cells\n"
	"posts.csv          part-time posts, former employers     UTF-8\n"
	"works.csv.gz       papers, patents; one row a person     UTF-8, gzip\n"
	"relations.csv      advisors, collaborators, kin          UTF-8 with BOM\n"
	"bans.csv           who may not be drawn, and when        UTF-8, CRLF\n"
	"projects.csv       what is to be reviewed                UTF-8 with BOM, line breaks inside cells\n"
	"people.csv         who stands behind the projects        UTF-8\n"
	"policy.ini         the rules of the batch\n"
	"experts_bad.csv    ten rows, four of them spoilt         to see what an import says; not part of the pool\n"
	"\n"
	"For checking, never to be imported. All hold for a freeze as of 2026-03-01 with policy.ini:\n"
	"\n"
	"answer_key.csv     every excluded pair: project, expert, rules (C01 C04 C05 C12 C13 C18 C19)\n"
	"banned.csv         experts out of the whole batch (E04)\n"
	"planted.csv        pairs put there on purpose, each with its trick; rule `none`: looks like a conflict and is none\n"
	"\n"
	"Spellings that mean the same are all over the lists: aliases, full-width letters and digits, blanks in names,\n"
	"capitals, decomposed accents, wide and narrow brackets.\n";

static const char policy[] =
	"# The policy of the demo batch; what is not here is as in `standard` (veil policy show).\n"
	"[batch]\n"
	"demand=5\n"
	"reserves=2\n"
	"max_load=8\n"
	"candidates=300\n"
	"\n"
	"[conflict.C13]\n"
	"window_months=36\n"
	"citation=沪科规〔2025〕5号 第十五条(二)\n"
	"\n"
	"[panel.employer]\n"
	"attribute=employer\n"
	"max=1\n";

int
main(int argc, char **argv)
{
	g_autofree char *out = NULL;
	gint64 seed = 1;
	int experts = 40296, projects = 2000;
	const GOptionEntry options[] = {
		{"out", 'o', 0, G_OPTION_ARG_FILENAME, &out, "the folder to write into; it is made", "DIR"},
		{"seed", 0, 0, G_OPTION_ARG_INT64, &seed, "another seed is another bureau (1)", "N"},
		{"experts", 0, 0, G_OPTION_ARG_INT, &experts, "how many experts (40296), at least 200", "N"},
		{"projects", 0, 0, G_OPTION_ARG_INT, &projects, "how many projects (2000), at least 5", "N"},
		{NULL, 0, 0, 0, NULL, NULL, NULL},
	};
	g_autoptr(GOptionContext) parser = g_option_context_new("- write the lists of an invented bureau");
	g_autoptr(GError) error = NULL;
	DemoWorld *world;
	gboolean written;

	g_option_context_add_main_entries(parser, options, NULL);
	if (!g_option_context_parse(parser, &argc, &argv, &error)) {
		fprintf(stderr, "veil-demo: %s\n", error->message);
		return 2;
	}
	if (out == NULL || argc > 1 || experts < 200 || experts > 300000 || projects < 5 || projects > 40000) {
		fprintf(stderr, "veil-demo: usage: veil-demo --out DIR [--seed N] [--experts 200..300000] [--projects 5..40000]\n");
		return 2;
	}
	if (g_mkdir_with_parents(out, 0777) != 0) {
		fprintf(stderr, "veil-demo: cannot make the folder: %s\n", g_strerror(errno));
		return 1;
	}
	world = demo_world_new((guint64)seed, (guint)experts, (guint)projects);
	written = demo_write_lists(world, out, &error) && demo_write_answer(world, out, &error) &&
		  demo_write_text(out, "policy.ini", policy, &error) && demo_write_text(out, "README", readme, &error);
	demo_world_free(world);
	if (!written) {
		fprintf(stderr, "veil-demo: %s\n", error->message);
		return 1;
	}
	return 0;
}
