/* inclusion.c - `veil-verify proof`: one record is in the log, for somebody who has not the log (C2SP tlog-proof, RFC 9162 2.1.3.2).
 *
 * The proof is the hashes beside the record's path to the root; the root is the one that the checkpoint signs. There is one spelling of it.
 */
#include <string.h>

#include "log/log.h"

enum { MAX_HASHES = 63 };

gboolean
inclusion_parse(const char *file, const char *text, gsize len, InclusionProof *out)
{
	g_auto(GStrv) line = NULL;
	guint i = 2;

	out->hashes = g_array_new(FALSE, FALSE, 32);
	if (len > 1 << 20 || !g_utf8_validate(text, (gssize)len, NULL))
		return verdict_reject("%s: it is no proof (too long, or no UTF-8 text)", file);
	line = g_strsplit(text, "\n", -1);
	if (g_strcmp0(line[0], "c2sp.org/tlog-proof@v1") != 0)
		return verdict_reject("%s: it does not begin with c2sp.org/tlog-proof@v1", file);
	if (line[1] == NULL || !g_str_has_prefix(line[1], "index ") || !g_ascii_string_to_unsigned(line[1] + 6, 10, 0, G_MAXINT64, &out->index, NULL) ||
	    (line[1][6] == '0' && line[1][7]) || !g_ascii_isdigit(line[1][6]))
		return verdict_reject("%s: its index is not a decimal number", file);
	for (; line[i] && line[i][0]; i++) {
		gsize n = 0;
		g_autofree guint8 *hash = base64_strict(line[i], &n);

		if (hash == NULL || n != 32)
			return verdict_reject("%s: line %u is not 32 bytes in base64", file, i + 1);
		if (out->hashes->len == MAX_HASHES)
			return verdict_reject("%s: more than %d hashes", file, MAX_HASHES);
		g_array_append_vals(out->hashes, hash, 1);
	}
	if (line[i] == NULL || line[i + 1] == NULL)
		return verdict_reject("%s: no empty line and checkpoint behind the hashes", file);
	out->note = g_strjoinv("\n", line + i + 1);
	return TRUE;
}

void
inclusion_clear(InclusionProof *proof)
{
	g_clear_pointer(&proof->hashes, g_array_unref);
	g_clear_pointer(&proof->note, g_free);
}

static void
node(const guint8 *left, const guint8 *right, guint8 out[32])
{
	guint8 both[65] = {1};

	memcpy(both + 1, left, 32);
	memcpy(both + 33, right, 32);
	sha256(both, sizeof both, out);
}

gboolean
inclusion_holds(const char *file, const InclusionProof *proof, const guint8 leaf[32], const Checkpoint *point)
{
	guint64 at = proof->index, last = point->size - 1;
	guint8 root[32];

	if (proof->index >= point->size)
		return verdict_reject("%s: record %" G_GUINT64_FORMAT " is not among the %" G_GUINT64_FORMAT " that the checkpoint signs", file, proof->index, point->size);
	memcpy(root, leaf, 32);
	for (guint i = 0; i < proof->hashes->len; i++) {
		const guint8 *hash = (const guint8 *)proof->hashes->data + 32 * (gsize)i;

		if (last == 0)
			return verdict_reject("%s: it has more hashes than the path to the root", file);
		if (at & 1 || at == last) {
			node(hash, root, root);
			for (; !(at & 1) && at != 0; at >>= 1)
				last >>= 1;
		} else {
			node(root, hash, root);
		}
		at >>= 1, last >>= 1;
	}
	if (last != 0)
		return verdict_reject("%s: it has fewer hashes than the path to the root", file);
	return memcmp(root, point->root, 32) == 0 || verdict_reject("%s: the record is not the one under this root", file);
}

/* The record is canonical, and bears the number that the proof is for. */
gboolean
inclusion_verify(const char *path, const char *record_path, const char *vkey)
{
	g_autofree char *text = NULL, *bytes = NULL, *file = g_path_get_basename(path), *given = NULL;
	InclusionProof proof = {0};
	Checkpoint point = {0};
	NoteKey key = {0};
	Record *record = NULL;
	gsize len = 0, n = 0;
	const char *why = NULL;
	guint8 leaf[32];
	gboolean ok = read_whole_file(path, &text, &len) && read_whole_file(record_path, &bytes, &n) &&
		      (!g_file_test(vkey, G_FILE_TEST_IS_REGULAR) || read_whole_file(vkey, &given, NULL)) && note_key_parse(given ? given : vkey, NOTE_LOG, &key) &&
		      inclusion_parse(file, text, len, &proof) && checkpoint_open(file, proof.note, strlen(proof.note), &key, NULL, &point);

	if (ok && (record = record_parse((const guint8 *)bytes, n, &why)) == NULL)
		ok = verdict_reject("%s: it is no canonical record: %s", record_path, why);
	if (ok && record->seq != proof.index)
		ok = verdict_reject("%s: the proof is for record %" G_GUINT64_FORMAT ", this one bears the number %" G_GUINT64_FORMAT, file, proof.index, record->seq);
	if (ok && strcmp(record->origin, key.name) != 0)
		ok = verdict_reject("%s: the record is of another log than the key", file);
	leaf_hash(bytes ? bytes : "", n, leaf);
	ok = ok && inclusion_holds(file, &proof, leaf, &point);
	if (ok)
		verdict_ok("inclusion", "record %" G_GUINT64_FORMAT " (%s, %s) is among the first %" G_GUINT64_FORMAT " records of %s", record->seq, record->act, record->time, point.size, key.name);
	record_free(record);
	inclusion_clear(&proof);
	checkpoint_clear(&point);
	g_free(key.name);
	return ok;
}
