/* test-match.c - `veil-verify match`: a small instance whose optimum is known by hand, and what must not pass for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <glib/gstdio.h>

#include "site.h"

/* a and b both want r1; r1 takes one project. Optimum: a r2 0.5, b r1 0.9, c r3 0.3 (r4 in conflict), and one more place each for b: r3 0.2.
 * Price of r1: 0.3 lets a take r2; of r3: 0.1 lets c and b share him at load 2. */
#define SCORES "project,reviewer,score\na,r1,0.8\na,r2,0.5\nb,r1,0.9\nb,r3,2e-1\nb,r2,0.1\nc,r3,0.3\nc,r4,0.9\n"
#define CONFLICTS "project,reviewer\nc,r4\nnowhere,r1\n"
#define LOADS "reviewer,min,max\nr1,0,1\nr2,0,2\nr3,1,2\nr4,0,2\n"
#define DEMANDS "project,k\na,1\nb,2\nc,1\n"
#define ASSIGNMENT "project,reviewer,score\na,r2,0.500000\nb,r1,0.900000\nb,r3,0.200000\nc,r3,0.300000\n"
#define CERTIFICATE \
	"{\"format\":\"veil-certificate/1\",\"method\":\"total\",\"status\":\"optimal\",\"objective\":1900000,\"bound\":1900000," \
	"\"assignment_sha256\":\"@\",\"prices\":{\"r1\":300000}}"

typedef struct {
	const char *name;
	const char *file, *from, *to; /* edit of one file; NULL: none */
	gboolean reseal;	      /* the certificate names the digest of the edited assignment */
	const char *option, *value;
	const char *reason; /* NULL: verified */
	const char *certificate; /* instead of the usual */
	gboolean nested;	 /* behind it two hundred thousand lists in one another */
} Case;

static const Case cases[] = {
	{"good", .reason = NULL},
	{"good: rows in another order", "scores.csv", "a,r1,0.8\na,r2,0.5\n", "a,r2,0.5\na,r1,0.8\n"},
	{"good: a score rounded half away from zero", "scores.csv", "a,r2,0.5", "a,r2,0.4999995"},
	{"good: a score written otherwise", "scores.csv", "a,r2,0.5", "a,r2,+5000e-4"},
	{"good: semicolons", "loads.csv", LOADS, "reviewer;min;max\nr1;0;1\nr2;0;2\nr3;1;2\nr4;0;2\n"},
	{"good: byte order mark, CRLF, quotes", "demands.csv", DEMANDS, "\357\273\277project,k\r\n\"a\",1\r\nb,\"2\"\r\nc,1\r\n"},
	{"good: a conflict twice", "conflicts.csv", "c,r4\n", "c,r4\nc,r4\n"},
	{"good: another price that proves it", "certificate.json", "\"r1\":300000", "\"r1\":350000"},
	{"good: a zero price said", "certificate.json", "\"r1\":300000", "\"r1\":300000,\"r4\":0"},
	{"good: feasible with a gap of nothing", "certificate.json", "optimal", "feasible"},

	{"a reviewer moved", "assignment.csv", "a,r2,0.500000", "a,r1,0.800000", TRUE, .reason = "a reviewer has 2 projects"},
	{"equally good but not the certified one", "assignment.csv", "a,r2,0.500000\nb,r1,0.900000\n", "b,r1,0.900000\na,r2,0.500000\n", .reason = "another assignment"},
	{"a place dropped", "assignment.csv", "b,r3,0.200000\n", "", TRUE, .reason = "project b has 1 reviewers, its demand is 2"},
	{"a place twice", "assignment.csv", "b,r3,0.200000\n", "b,r3,0.200000\nb,r3,0.200000\n", TRUE, .reason = "give the same pair"},
	{"a project too many", "assignment.csv", "a,r2,0.500000\n", "a,r2,0.500000\nz,r2,0.5\n", TRUE, .reason = "not in the inputs"},
	{"a reviewer unknown", "assignment.csv", "a,r2", "a,r9", TRUE, .reason = "row 2 names a project or a reviewer"},
	{"a pair in conflict", "assignment.csv", "c,r3,0.300000", "c,r4,0.900000", TRUE, .reason = "row 5 (project c): this pair is in conflict"},
	{"a pair without a score", "assignment.csv", "a,r2,0.500000", "a,r3,0.500000", TRUE, .reason = "not allowed"},
	{"a score raised", "assignment.csv", "a,r2,0.500000", "a,r2,0.500001", TRUE, .reason = "score is not that of the inputs"},
	{"a score that is no number", "assignment.csv", "a,r2,0.500000", "a,r2,half", TRUE, .reason = "is no number"},
	{"worse, certificate's objective changed too", "assignment.csv", "b,r3,0.200000", "b,r2,0.100000", TRUE, .reason = "objective is not the sum"},
	{"a minimum load missed", "loads.csv", "r4,0,2", "r4,1,2", .reason = "a reviewer has 0 projects; the load bounds are 1 and 2"},
	{"a demand raised", "demands.csv", "a,1", "a,2", .reason = "project a has 1 reviewers, its demand is 2"},
	{"good: a score lowered that nobody was given", "scores.csv", "a,r1,0.8", "a,r1,0.7"},
	{"good: a score raised by less than counts", "scores.csv", "a,r1,0.8", "a,r1,0.8000004"},
	{"a score raised beyond the price", "scores.csv", "a,r1,0.8", "a,r1,0.8000005", .reason = "prices do not give its bound"},
	{"a conflict lifted", "conflicts.csv", "c,r4\n", "", .reason = "prices do not give its bound"},
	{"objective raised", "certificate.json", "\"objective\":1900000", "\"objective\":1900001", .reason = "objective is not the sum"},
	{"bound raised", "certificate.json", "\"bound\":1900000", "\"bound\":1900001", .reason = "prices do not give its bound"},
	{"bound lowered", "certificate.json", "\"bound\":1900000", "\"bound\":1899999", .reason = "prices do not give its bound"},
	{"a price shifted", "certificate.json", "\"r1\":300000", "\"r1\":299999", .reason = "prices do not give its bound"},
	{"the prices dropped", "certificate.json", "\"r1\":300000", "", .reason = "prices do not give its bound"},
	{"optimal with a gap", .certificate = "{\"format\":\"veil-certificate/1\",\"method\":\"total\",\"status\":\"optimal\",\"objective\":1900000,\"bound\":2000000,\"assignment_sha256\":\"@\",\"prices\":{\"r1\":200000}}", .reason = "leave a gap"},
	{"good: feasible with that gap", .certificate = "{\"format\":\"veil-certificate/1\",\"method\":\"total\",\"status\":\"feasible\",\"objective\":1900000,\"bound\":2000000,\"assignment_sha256\":\"@\",\"prices\":{\"r1\":200000}}"},
	{"a price of nobody", "certificate.json", "\"r1\":300000", "\"r1\":300000,\"r9\":5", .reason = "nobody in the inputs"},
	{"a price that is no integer", "certificate.json", "\"r1\":300000", "\"r1\":300000.5", .reason = "not a whole number"},
	{"a price that is too large", "certificate.json", "\"r1\":300000", "\"r1\":9223372036854775807", .reason = "makes no sense"},
	{"an objective that is no integer", "certificate.json", "\"objective\":1900000", "\"objective\":1.9e6", .reason = "not a whole number"},
	{"another format", "certificate.json", "certificate/1", "certificate/3", .reason = "veil-certificate/2"},
	{"another method", "certificate.json", "\"total\"", "\"fair\"", .reason = "veil-certificate/1 of method total"},
	{"an unknown method", .certificate = "{\"format\":\"veil-certificate/2\",\"method\":\"luck\",\"status\":\"optimal\"}", .reason = "methods total, fair and draw only"},
	{"--method says otherwise", .option = "--method", .value = "fair", .reason = "another method than --method"},
	{"an unknown status", "certificate.json", "optimal", "splendid", .reason = "status is not known"},
	{"certificate cut off", "certificate.json", ",\"prices\":{\"r1\":300000}}", "", .reason = "no JSON object"},
	{"certificate with garbage behind", "certificate.json", "300000}}", "300000}} x", .reason = "no JSON object"},
	{"certificate that is a list", .certificate = "[1, 2]", .reason = "no JSON object"},
	{"a certificate of brackets only", .nested = TRUE, .reason = "no JSON object"},
	{"brackets hidden behind what is no JSON", .certificate = "'\"'", .nested = TRUE, .reason = "no JSON object"},
	{"no prices at all", "certificate.json", ",\"prices\":{\"r1\":300000}", "", .reason = "no prices"},
	{"digest of nothing", "certificate.json", "@", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", .reason = "another assignment"},
	{"a score twice", "scores.csv", "a,r2,0.5\n", "a,r2,0.5\na,r2,0.5\n", .reason = "give the same pair"},
	{"a row too short", "scores.csv", "a,r2,0.5", "a,r2", .reason = "row 3 has 2 cells"},
	{"a score that is NaN", "scores.csv", "a,r2,0.5", "a,r2,nan", .reason = "row 3 does not make sense"},
	{"a score out of range", "scores.csv", "a,r2,0.5", "a,r2,1000000.000001", .reason = "row 3 does not make sense"},
	{"a hexadecimal score", "scores.csv", "a,r2,0.5", "a,r2,0x1", .reason = "row 3 does not make sense"},
	{"no score column", "scores.csv", "score\n", "scores\n", .reason = "no column score"},
	{"a column twice", "scores.csv", "project,reviewer,score\n", "project,project,score\n", .reason = "stands twice"},
	{"an empty id", "scores.csv", "a,r2,", ",r2,", .reason = "row 3 does not make sense"},
	{"text that is no UTF-8", "scores.csv", "a,r2", "a\377,r2", .reason = "no UTF-8"},
	{"a quote inside a cell", "scores.csv", "a,r2", "a\"x,r2", .reason = "malformed CSV"},
	{"an unclosed quote", "scores.csv", "c,r4,0.9\n", "c,r4,\"0.9", .reason = "malformed CSV"},
	{"an empty file", "scores.csv", SCORES, "", .reason = "it is empty"},
	{"a negative load", "loads.csv", "r4,0,2", "r4,-1,2", .reason = "loads.csv: row 5"},
	{"a minimum above the maximum", "loads.csv", "r4,0,2", "r4,3,2", .reason = "loads.csv: row 5"},
	{"a reviewer's loads twice", "loads.csv", "r4,0,2\n", "r4,0,2\nr4,0,2\n", .reason = "loads.csv: row 6"},
	{"a demand that is no number", "demands.csv", "a,1", "a,one", .reason = "demands.csv: row 2"},
	{"a demand not given", "demands.csv", "a,1\n", "", .reason = "a project's demand is given neither"},
	{"good: a demand by option", "demands.csv", "a,1\n", "", .option = "--demand", .value = "1"},

	/* The pair a r4 at 0.45 changes nothing; at 0.6 it would beat r2. */
	{"good: missing scores that change nothing", .option = "--missing-score", .value = "-5", .reason = NULL},
	{"missing scores that the price leaves out", .option = "--missing-score", .value = "0.6", .reason = "prices do not give its bound"},

	{"good: a panel rule that holds", .option = "--policy", .value = "[panel.x]\nattribute=employer\nmax=1\n"},
	{"a panel rule that does not hold", "reviewers.csv", "r3,e2", "r3,e1", .option = "--policy", .value = "[panel.x]\nattribute=employer\nmax=1\n", .reason = "project b has two reviewers of one employer"},
	{"good: without the policy nobody asks", "reviewers.csv", "r3,e2", "r3,e1"},
	{"good: missing attributes equal nobody", "reviewers.csv", "r1,e1\nr2,e2\nr3,e2", "r1,\nr2,e2\nr3,", .option = "--policy", .value = "[panel.x]\nattribute=employer\nmax=1\n"},
	{"a panel rule on an unknown column", .option = "--policy", .value = "[panel.x]\nattribute=city\nmax=1\n", .reason = "no column city"},
	{"a panel rule of another kind", .option = "--policy", .value = "[panel.x]\nattribute=employer\nmin_share=0.5\n", .reason = "minimum of no value"},
	{"two panel rules", .option = "--policy", .value = "[panel.x]\nattribute=employer\nmax=1\n[panel.y]\nattribute=city\nmax=1\n", .reason = "no column city"},
};

static char *
replaced(const char *text, const char *from, const char *to)
{
	g_auto(GStrv) parts = g_strsplit(text, from, -1);

	if (g_strv_length(parts) < 2)
		g_error("test: nothing to replace: %s", from);
	return g_strjoinv(to, parts);
}

static const struct {
	const char *name, *text;
} files[] = {{"scores.csv", SCORES}, {"conflicts.csv", CONFLICTS}, {"loads.csv", LOADS}, {"demands.csv", DEMANDS},
	     {"assignment.csv", ASSIGNMENT}, {"reviewers.csv", "reviewer,employer\nr1,e1\nr2,e2\nr3,e2\nr4,\n"}};

static void
check_case(void **state)
{
	const Case *c = *state;
	g_autofree char *dir = g_dir_make_tmp("veil-match-XXXXXX", NULL), *digest = NULL, *certificate = NULL, *text = NULL, *policy = NULL;
	char *path[G_N_ELEMENTS(files)], *certificate_path = g_build_filename(dir, "certificate.json", NULL);
	const char *option = c->option, *value = c->value;
	int status;

	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *content = g_strdup(files[i].text);

		if (c->file && strcmp(c->file, files[i].name) == 0) {
			char *edited = replaced(content, c->from, c->to);

			g_free(content);
			content = edited;
		}
		if (i == 4)
			digest = sha256_text(c->reseal ? content : files[4].text, strlen(c->reseal ? content : files[4].text));
		write_file(dir, files[i].name, content);
		path[i] = g_build_filename(dir, files[i].name, NULL);
	}
	certificate = g_strdup(c->certificate ? c->certificate : CERTIFICATE);
	if (c->file && strcmp(c->file, "certificate.json") == 0) {
		char *edited = replaced(certificate, c->from, c->to);

		g_free(certificate);
		certificate = edited;
	}
	if (strchr(certificate, '@')) {
		char *edited = replaced(certificate, "@", digest);

		g_free(certificate);
		certificate = edited;
	}
	if (c->nested) {
		g_autofree char *brackets = g_strnfill(200000, '[');
		char *deep = g_strconcat(c->certificate ? certificate : "", brackets, NULL);

		g_free(certificate);
		certificate = deep;
	}
	write_file(dir, "certificate.json", certificate);
	if (option && strcmp(option, "--policy") == 0) {
		write_file(dir, "policy", value);
		value = policy = g_build_filename(dir, "policy", NULL);
	}
	status = run_verify(&text, "match", "--scores", path[0], "--conflicts", path[1], "--loads", path[2], "--demands", path[3], "--assignment", path[4],
			    "--attributes", path[5], "--certificate", certificate_path, option, value, NULL);
	if (status != (c->reason ? 5 : 0) || (c->reason && strstr(text, c->reason) == NULL))
		fail_msg("%s: exit %d, wanted \"%s\", got:\n%s", c->name, status, c->reason ? c->reason : "VERIFIED", text);
	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		g_remove(path[i]);
		g_free(path[i]);
	}
	g_remove(certificate_path);
	g_free(certificate_path);
	if (policy)
		g_remove(policy);
	g_rmdir(dir);
}

/* Infeasible: a and b need two each; only r1 (load 1), r2 (load 2) and, for b alone, r3. */
#define WITNESS "{\"format\":\"veil-certificate/1\",\"method\":\"total\",\"status\":\"infeasible\",\"witness\":{\"kind\":\"%s\",\"projects\":[%s],\"reviewers\":[%s],\"short_by\":%d}}"

typedef struct {
	const char *name, *kind, *projects, *reviewers;
	int short_by;
	const char *min_load, *missing, *reason;
} Witness;

static const Witness witnesses[] = {
	{"places", "places", "\"a\",\"b\"", "\"r1\",\"r2\"", 1, "0", NULL, NULL},
	{"places: one project alone", "places", "\"a\"", "\"r1\",\"r2\"", 1, "0", NULL, "does not show"},
	{"places: too many claimed", "places", "\"a\",\"b\"", "\"r1\",\"r2\"", 2, "0", NULL, "counted again, 1 places are missing"},
	{"places: a reviewer left out", "places", "\"a\",\"b\"", "\"r1\"", 1, "0", NULL, "does not show"},
	{"places: a stranger", "places", "\"a\",\"b\"", "\"r1\",\"r9\"", 1, "0", NULL, "not in the inputs"},
	{"places: a reviewer twice", "places", "\"a\",\"b\"", "\"r1\",\"r1\"", 1, "0", NULL, "or twice"},
	{"places: nothing short", "places", "\"a\",\"b\"", "\"r1\",\"r2\"", 0, "0", NULL, "does not show"},
	{"places: missing scores fill them", "places", "\"a\",\"b\"", "\"r1\",\"r2\"", 1, "0", "0", "does not show"},
	{"an unknown kind", "luck", "\"a\"", "\"r1\"", 1, "0", NULL, "not known"},
	{"minimum", "minimum", "\"b\"", "\"r3\"", 1, "2", NULL, NULL},
	{"minimum: too many claimed", "minimum", "\"b\"", "\"r3\"", 2, "2", NULL, "does not show"},
	{"minimum: loads are met", "minimum", "\"b\"", "\"r3\"", 1, "1", NULL, "does not show"},
};

static void
check_witness(void **state)
{
	const Witness *w = *state;
	g_autofree char *dir = g_dir_make_tmp("veil-match-XXXXXX", NULL), *text = NULL, *nowhere = g_build_filename(dir, "assignment.csv", NULL);
	g_autofree char *certificate = g_strdup_printf(WITNESS, w->kind, w->projects, w->reviewers, w->short_by);
	g_autofree char *loads = g_strdup_printf("reviewer,min,max\nr1,0,1\nr2,0,1\nr3,%s,2\n", w->min_load);
	g_autofree char *paths[3] = {NULL};
	static const char *const names[] = {"scores.csv", "loads.csv", "certificate.json"};
	const char *const texts[] = {"project,reviewer,score\na,r1,1\na,r2,1\nb,r1,1\nb,r2,1\nb,r3,1\n", loads, certificate};
	int status;

	for (guint i = 0; i < 3; i++) {
		write_file(dir, names[i], texts[i]);
		paths[i] = g_build_filename(dir, names[i], NULL);
	}
	status = run_verify(&text, "match", "--demand", "2", "--scores", paths[0], "--loads", paths[1], "--certificate", paths[2], "--assignment", nowhere,
			    w->missing ? "--missing-score" : NULL, w->missing, NULL);
	if (status != (w->reason ? 5 : 0) || (w->reason && strstr(text, w->reason) == NULL))
		fail_msg("%s: exit %d, wanted \"%s\", got:\n%s", w->name, status, w->reason ? w->reason : "VERIFIED", text);
	for (guint i = 0; i < 3; i++) {
		g_remove(paths[i]);
		g_free(g_steal_pointer(&paths[i]));
	}
	g_rmdir(dir);
}

static void
test_missing_files_and_usage(void **state)
{
	g_autofree char *a = NULL, *b = NULL, *c = NULL;

	(void)state;
	assert_int_equal(run_verify(&a, "match", "--scores", "/nowhere/scores.csv", "--certificate", "/nowhere/c", NULL), 1);
	assert_int_equal(run_verify(&b, "match", "--scores", "/nowhere/scores.csv", NULL), 2);
	assert_int_equal(run_verify(&c, "match", "--scores", "/", "--certificate", "/nowhere/c", NULL), 1);
}

int
main(void)
{
	struct CMUnitTest tests[G_N_ELEMENTS(cases) + G_N_ELEMENTS(witnesses) + 1];
	guint n = 0;

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		tests[n++] = (struct CMUnitTest){cases[i].name, check_case, NULL, NULL, (void *)&cases[i]};
	for (guint i = 0; i < G_N_ELEMENTS(witnesses); i++)
		tests[n++] = (struct CMUnitTest){witnesses[i].name, check_witness, NULL, NULL, (void *)&witnesses[i]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_missing_files_and_usage);
	return _cmocka_run_group_tests("match", tests, n, NULL, NULL);
}
