/* bundle.c - `veil-verify bundle`: a folder that an auditor was handed, as a whole (docs/design/bundle.md).
 *
 * A bundle is a small site without secrets: ledger/, draw/, audit/, and at its top the list of what belongs to it. The list adds no authority: who forges a
 * file forges the list as well, and what convicts him is the log. It says what was handed over, so that nothing is lost or slipped in on the way, and its
 * digest is one line by which two people know that they speak of the same files.
 */
#include <string.h>

#include "bundle/bundle.h"

enum { MAX_LIST = 1 << 20, MAX_FILES = 10000 };

/* A folder's name and what may lie in it; the name in front of the suffix is a batch's, or a number. */
static const struct {
	const char *folder, *suffix, *kind;
} places[] = {
	{"ledger/checkpoints/", ".note", "checkpoint"}, {"ledger/", "ledger.db", "ledger"}, {"ledger/", "checkpoint", "checkpoint"}, {"ledger/", "vkey", "key"},
	{"draw/", ".veil", "batch"},			{"audit/", ".audit", "facts"},	    {"audit/", ".openings", "statement"},
};

/* Letters, digits, '.', '_', '-' and what is no ASCII; no dot in front. */
static gboolean
name_plain(const char *name, gsize len)
{
	if (len == 0 || len > 64 || name[0] == '.')
		return FALSE;
	for (gsize i = 0; i < len; i++)
		if ((guchar)name[i] < 0x80 && !g_ascii_isalnum(name[i]) && strchr("._-", name[i]) == NULL)
			return FALSE;
	return TRUE;
}

/* What a path of the list is; NULL: nothing that may be in a bundle. */
const char *
bundle_kind(const char *path)
{
	for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
		const char *name = path + strlen(places[i].folder);
		gsize stem;

		if (!g_str_has_prefix(path, places[i].folder) || strchr(name, '/') || !g_str_has_suffix(name, places[i].suffix))
			continue;
		stem = strlen(name) - strlen(places[i].suffix);
		if (places[i].suffix[0] == '.' ? name_plain(name, stem) : stem == 0)
			return places[i].kind;
	}
	return NULL;
}

static void
clear_file(gpointer data)
{
	g_free(((BundleFile *)data)->path);
}

/* veil-bundle/1, then "LENGTH SHA-256 PATH" a file, ascending by the bytes of the path. */
GArray *
bundle_list_parse(const char *text, gsize len)
{
	g_autoptr(GArray) files = g_array_new(FALSE, TRUE, sizeof(BundleFile));
	g_autoptr(GString) again = g_string_new("veil-bundle/1\n");
	g_auto(GStrv) line = NULL;

	g_array_set_clear_func(files, clear_file);
	if (len > MAX_LIST || !g_utf8_validate(text, (gssize)len, NULL))
		return verdict_reject("BUNDLE: it is no list of files (too long, or no UTF-8 text)"), NULL;
	line = g_strsplit(text, "\n", -1);
	if (g_strcmp0(line[0], "veil-bundle/1") != 0)
		return verdict_reject("BUNDLE: it does not begin with veil-bundle/1"), NULL;
	for (guint i = 1; line[i] && line[i + 1]; i++) {
		g_auto(GStrv) part = g_strsplit(line[i], " ", 3);
		BundleFile file = {0};

		if (g_strv_length(part) != 3 || !g_ascii_string_to_unsigned(part[0], 10, 0, G_MAXINT64, &file.length, NULL) || !is_hex(part[1], 64))
			return verdict_reject("BUNDLE: line %u is not a length, a digest and a path", i + 1), NULL;
		if (bundle_kind(part[2]) == NULL)
			return verdict_reject("BUNDLE: line %u names a file that belongs in no bundle", i + 1), NULL;
		if (files->len > 0 && strcmp(g_array_index(files, BundleFile, files->len - 1).path, part[2]) >= 0)
			return verdict_reject("BUNDLE: line %u is out of order, or names a file twice", i + 1), NULL;
		if (files->len == MAX_FILES)
			return verdict_reject("BUNDLE: it lists more than %d files", MAX_FILES), NULL;
		file.path = g_strdup(part[2]);
		g_strlcpy(file.sha256, part[1], sizeof file.sha256);
		g_array_append_val(files, file);
		g_string_append_printf(again, "%" G_GUINT64_FORMAT " %s %s\n", file.length, file.sha256, file.path);
	}
	if (again->len != len || memcmp(again->str, text, len) != 0)
		return verdict_reject("BUNDLE: it is not written as a list must be"), NULL;
	return g_steal_pointer(&files);
}

static const BundleFile *
listed(const GArray *files, const char *path)
{
	for (guint i = 0; i < files->len; i++)
		if (strcmp(g_array_index(files, BundleFile, i).path, path) == 0)
			return &g_array_index(files, BundleFile, i);
	return NULL;
}

/* Everything below dir/below is listed; links lead elsewhere and are none of it. */
static gboolean
nothing_more(const char *dir, const char *below, const GArray *files, guint depth)
{
	g_autofree char *folder = g_build_filename(dir, below, NULL);
	GDir *open = g_dir_open(folder, 0, NULL);
	const char *name;
	gboolean ok = TRUE;

	if (open == NULL)
		return verdict_unreadable("cannot read the folder %s", folder);
	while (ok && (name = g_dir_read_name(open)) != NULL) {
		g_autofree char *path = below[0] ? g_strconcat(below, "/", name, NULL) : g_strdup(name), *full = g_build_filename(dir, path, NULL);

		if (strcmp(path, "BUNDLE") == 0 && !g_file_test(full, G_FILE_TEST_IS_SYMLINK))
			continue;
		if (g_file_test(full, G_FILE_TEST_IS_SYMLINK))
			ok = verdict_reject("bundle: %s is a link", path);
		else if (g_file_test(full, G_FILE_TEST_IS_DIR))
			ok = depth < 3 ? nothing_more(dir, path, files, depth + 1) : verdict_reject("bundle: the folder %s lies too deep", path);
		else if (listed(files, path) == NULL)
			ok = verdict_reject("bundle: %s is not in its list", path);
	}
	g_dir_close(open);
	return ok;
}

/* Length and digest, read in pieces: a ledger may be large. */
static gboolean
file_holds(const char *dir, const BundleFile *file)
{
	g_autofree char *path = g_build_filename(dir, file->path, NULL);
	guint64 length = 0;
	char digest[65];

	if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
		return verdict_reject("bundle: %s is in its list and not there", file->path);
	if (!sha256_file(path, &length, digest))
		return verdict_unreadable("cannot read %s", path);
	if (length != file->length)
		return verdict_reject("bundle: %s has not the length that the list states", file->path);
	return strcmp(digest, file->sha256) == 0 || verdict_reject("bundle: %s has not the digest that the list states", file->path);
}

static GArray *
list_check(const char *dir)
{
	g_autofree char *path = g_build_filename(dir, "BUNDLE", NULL), *text = NULL;
	g_autoptr(GArray) files = NULL;
	gsize len = 0;
	char digest[65];

	if (!read_whole_file(path, &text, &len) || (files = bundle_list_parse(text, len)) == NULL || !nothing_more(dir, "", files, 0))
		return NULL;
	for (guint i = 0; i < files->len; i++)
		if (!file_holds(dir, &g_array_index(files, BundleFile, i)))
			return NULL;
	if (listed(files, "ledger/ledger.db") == NULL || listed(files, "ledger/checkpoint") == NULL)
		return verdict_reject("BUNDLE: it lists no ledger with a checkpoint"), NULL;
	sha256_hex(text, len, digest);
	verdict_ok("bundle", "%u files; the SHA-256 of its list is %s", files->len, digest);
	return g_steal_pointer(&files);
}

/* What the log says of openings, whether there is a statement or not. */
static void
tell_openings(const Ledger *ledger, const char *batch)
{
	guint n = ledger_openings(ledger, batch, G_MAXUINT64, NULL);

	if (n > 0)
		verdict_note("the log has %u opening(s), by which a name was put beside a code, or could have been: `veil audit opened` lists them", n);
}

static gboolean
batches_check(const char *dir, const GArray *files, const Ledger *ledger, const char *audit_key)
{
	guint n = 0;

	for (guint i = 0; i < files->len; i++) {
		const BundleFile *file = &g_array_index(files, BundleFile, i);
		g_autofree char *name = g_path_get_basename(file->path), *path = g_build_filename(dir, file->path, NULL), *facts = NULL, *facts_path = NULL;
		LedgerOptions none = {0};

		if (strcmp(bundle_kind(file->path), "batch") != 0)
			continue;
		n++;
		name[strlen(name) - strlen(".veil")] = '\0';
		facts = g_strconcat("audit/", name, ".audit", NULL);
		facts_path = g_build_filename(dir, facts, NULL);
		verdict_about(name);
		if (!batch_verify(&(BatchFiles){path, facts_path, audit_key, listed(files, facts) == NULL}, &none, ledger))
			return FALSE;
		tell_openings(ledger, name);
		verdict_about(NULL);
	}
	if (n == 0)
		verdict_open("The bundle holds no batch: the log alone was checked.");
	return TRUE;
}

/* A file of facts without its batch file is no use, and one more thing that could be slipped in. */
static gboolean
pairs_check(const GArray *files)
{
	for (guint i = 0; i < files->len; i++) {
		const char *path = g_array_index(files, BundleFile, i).path;
		g_autofree char *stem = g_path_get_basename(path), *batch = NULL;

		if (strcmp(bundle_kind(path), "facts") != 0)
			continue;
		stem[strlen(stem) - strlen(".audit")] = '\0';
		batch = g_strconcat("draw/", stem, ".veil", NULL);
		if (listed(files, batch) == NULL)
			return verdict_reject("BUNDLE: %s is there without its batch file", path);
	}
	return TRUE;
}

gboolean
bundle_verify(const char *dir, const char *audit_key, LedgerOptions *options)
{
	g_autoptr(GArray) files = list_check(dir);
	g_autofree char *ledger = g_build_filename(dir, "ledger", "ledger.db", NULL);
	g_autoptr(GPtrArray) statements = g_ptr_array_new_with_free_func(g_free);
	Ledger log = {0};
	gboolean ok = files != NULL && pairs_check(files);

	for (guint i = 0; ok && i < files->len; i++)
		if (strcmp(bundle_kind(g_array_index(files, BundleFile, i).path), "statement") == 0)
			g_ptr_array_add(statements, g_build_filename(dir, g_array_index(files, BundleFile, i).path, NULL));
	g_ptr_array_add(statements, NULL);
	options->ledger = ledger;
	options->statements = (char **)statements->pdata;
	ok = ok && ledger_verify(options, &log) && batches_check(dir, files, &log, audit_key);
	if (ok && options->witnesses == NULL)
		verdict_open("No witness was named (--witness): that the log's owner did not rewrite records before the earliest checkpoint that you hold rests on his word.");
	if (ok)
		verdict_limits();
	options->ledger = NULL;
	options->statements = NULL;
	ledger_clear(&log);
	return ok;
}
