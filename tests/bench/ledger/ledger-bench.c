/* ledger-bench.c - what an append, an opening and a proof cost. `ledger.py` runs it and prints the ratios.
 *
 * ledger-bench append SITE ROUNDS       appends one by one, in groups of 16, and SQLite's own insert loops in turns, so that a busy machine is busy for all
 * ledger-bench fill SITE N              N signed records, in large groups
 * ledger-bench open SITE TIMES          what a command that appends reads before it does anything
 * ledger-bench prove SITE TIMES         consistency proofs between random sizes and the latest
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <sqlite3.h>

#include <veil/blind.h>

#include "site/log.h"
#include "site/operator.h"
#include "site/staff.h"

#define GROUP 16

static G_NORETURN void
die(const char *what, GError *error)
{
	fprintf(stderr, "ledger-bench: %s: %s\n", what, error != NULL ? error->message : "failed");
	exit(1);
}

static double
now_ms(void)
{
	return (double)g_get_monotonic_time() / 1000;
}

/* --- appending ------------------------------------------------------------------------------------------------------- */

typedef struct {
	const char *name;
	const char *mode; /* of SQLite's own loop; NULL: ours, or the bare sync */
	sqlite3 *db;
	int fd;
	double ms;
	guint n;
} Way;

static void
sql(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		die(text, NULL);
}

static void
open_way(Way *way, const char *folder)
{
	g_autofree char *path = g_build_filename(folder, way->name, NULL), *pragma = NULL;

	if (way->mode == NULL) {
		way->fd = open(path, O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0600);
		return;
	}
	if (sqlite3_open(path, &way->db) != SQLITE_OK)
		die(path, NULL);
	pragma = g_strdup_printf("PRAGMA journal_mode = %s; PRAGMA synchronous = FULL", way->mode);
	sql(way->db, pragma);
	sql(way->db, "CREATE TABLE leaf(seq INTEGER PRIMARY KEY, record BLOB NOT NULL)");
}

static void
one(Way *way)
{
	static const char bytes[400] = "x";

	if (way->mode != NULL)
		sql(way->db, "INSERT INTO leaf(record) VALUES (randomblob(400))");
	else if (write(way->fd, bytes, sizeof bytes) != sizeof bytes || fdatasync(way->fd) != 0)
		die("fdatasync", NULL);
}

static void
append_one(VeilLog *log)
{
	g_autoptr(GError) error = NULL;

	if (!veil_log_append(log, "drawer", "batch.explain", &error, "batch", "2026A", "freeze-id", "0123456789abcdef0123456789abcdef", "asked",
			     "P0123456789ABCDEF0 R0123456789ABCDEF0", NULL))
		die("append", error);
}

static void
bench_append(const char *site, guint rounds)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *folder = g_build_filename(site, "bench", NULL);
	g_autoptr(VeilLog) log = veil_log_open(site, "op1", &error);
	Way ways[] = {{.name = "fdatasync"}, {.name = "sqlite-truncate", .mode = "TRUNCATE"}, {.name = "sqlite-wal", .mode = "WAL"}};
	double single = 0, group = 0;

	if (log == NULL)
		die("open", error);
	g_mkdir(folder, 0700);
	for (gsize i = 0; i < G_N_ELEMENTS(ways); i++)
		open_way(&ways[i], folder);
	append_one(log); /* names the operator */
	for (guint round = 0; round < rounds; round++) {
		for (gsize i = 0; i < G_N_ELEMENTS(ways); i++) {
			double from = now_ms();
			for (guint k = 0; k < 4; k++)
				one(&ways[i]);
			ways[i].ms += now_ms() - from;
		}
		double from = now_ms();
		for (guint k = 0; k < 4; k++)
			append_one(log);
		single += now_ms() - from;
		from = now_ms();
		if (!veil_log_group_begin(log, &error))
			die("group", error);
		for (guint k = 0; k < GROUP; k++)
			append_one(log);
		if (!veil_log_group_end(log, &error))
			die("group", error);
		group += now_ms() - from;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(ways); i++) {
		printf("%s %.3f\n", ways[i].name, ways[i].ms / (4.0 * rounds));
		sqlite3_close(ways[i].db);
	}
	printf("append %.3f\nappend-group %.3f\n", single / (4.0 * rounds), group / ((double)GROUP * rounds));
}

/* --- a long log ------------------------------------------------------------------------------------------------------ */

static void
fill(const char *site, guint64 n)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VeilLog) log = veil_log_open(site, "op1", &error);
	double from = now_ms();

	if (log == NULL)
		die("open", error);
	append_one(log);
	for (guint64 i = 0; i < n;) {
		guint64 end = MIN(n, i + 20000);
		if (!veil_log_group_begin(log, &error))
			die("group", error);
		for (; i < end; i++) {
			gboolean ok = i % 4 != 0 || veil_log_append(log, "anyone", "ledger.heartbeat", &error, "next", "2099-01-01T00:00Z", "tally", "-", NULL);
			if (i % 4 != 0)
				append_one(log);
			if (!ok)
				die("append", error);
		}
		if (!veil_log_group_end(log, &error))
			die("group", error);
	}
	printf("fill %.1f\n", now_ms() - from);
}

static void
bench_open(const char *site, guint times)
{
	double best = G_MAXDOUBLE, sum = 0;

	for (guint i = 0; i < times; i++) {
		g_autoptr(GError) error = NULL;
		double from = now_ms();
		g_autoptr(VeilLog) log = veil_log_open(site, "op1", &error);
		g_autoptr(VeilOperators) operators = log != NULL ? veil_operators_read(veil_log_ledger(log), &error) : NULL;
		if (operators == NULL || !veil_staff_check(veil_log_ledger(log), "2026A", "op1", &error))
			die("open", error);
		double took = now_ms() - from;
		sum += took;
		best = MIN(best, took);
	}
	printf("open %.3f\nopen-best %.3f\n", sum / times, best);
}

static void
bench_prove(const char *site, guint times)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *dir = g_build_filename(site, "ledger", NULL);
	g_autoptr(VeilLedger) ledger = veil_ledger_open(dir, &error);
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	guint64 size = 0;
	guint most = 0;

	if (ledger == NULL || !veil_ledger_size(ledger, &size, NULL, &error))
		die("open", error);
	double from = now_ms();
	for (guint i = 0; i < times; i++) {
		guint64 old = 1 + (guint64)(g_rand_double(rand) * (double)(size - 1));
		g_autofree char *proof = veil_ledger_prove_consistency(ledger, old, 0, &error);
		guint lines = 0;
		if (proof == NULL)
			die("prove", error);
		for (const char *at = strchr(proof, '\n'); at[1] != '\n'; at = strchr(at + 1, '\n'))
			lines++;
		most = MAX(most, lines);
	}
	printf("size %" G_GUINT64_FORMAT "\nprove %.3f\nprove-hashes %u\n", size, (now_ms() - from) / times, most);
}

int
main(int argc, char **argv)
{
	guint64 n;

	if (argc != 4 || !veil_blind_init(NULL) || !g_ascii_string_to_unsigned(argv[3], 10, 1, 100000000, &n, NULL)) {
		fprintf(stderr, "usage: ledger-bench append|fill|open|prove SITE N\n");
		return 2;
	}
	if (strcmp(argv[1], "append") == 0)
		bench_append(argv[2], (guint)n);
	else if (strcmp(argv[1], "fill") == 0)
		fill(argv[2], n);
	else if (strcmp(argv[1], "open") == 0)
		bench_open(argv[2], (guint)n);
	else if (strcmp(argv[1], "prove") == 0)
		bench_prove(argv[2], (guint)n);
	else
		return 2;
	return 0;
}
