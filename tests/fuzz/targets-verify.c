/* targets-verify.c - what veil-verify reads from a stranger's hand, for the same two drivers as targets.c.
 *
 * A target returns TRUE for the very bytes that were made. Other bytes may be well-formed and say something else (a list of other files, a record of another minute); what
 * must never happen is asserted: two readers that disagree, a second spelling of the same, a proof of another record.
 */
#include "targets.h"

#include <string.h>

#include <veil/ledger.h>

#include "verify.h"

#define ORIGIN "kjj.example.gov/veil"

static GString *record, *proof, *list, *statement, *procedure, *certificate, *request;
static guint8 leaf[32];
static NoteKey key;
static Instance problem;

static gboolean
is_good(const GString *good, const guint8 *bytes, gsize len)
{
	return len == good->len && memcmp(bytes, good->str, len) == 0;
}

static char *
text_of(const guint8 *bytes, gsize len)
{
	return g_strndup((const char *)bytes, len); /* as read_whole_file gives it: a zero behind */
}

/* The engine's parser and the checker's take the same bytes. */
static gboolean
target_record(const guint8 *bytes, gsize len)
{
	const char *why = NULL;
	VeilRecord ours;
	gpointer storage = NULL;
	Record *parsed = record_parse(bytes, len, &why);
	gboolean taken = veil_record_parse(bytes, len, &ours, &storage, NULL);

	if (taken != (parsed != NULL))
		g_error("the two parsers of records disagree: the checker says %s", why ? why : "good");
	veil_record_storage_free(storage);
	record_free(parsed);
	return taken && is_good(record, bytes, len);
}

static gboolean
target_proof(const guint8 *bytes, gsize len)
{
	InclusionProof said = {0};
	Checkpoint point = {0};
	g_autofree char *text = text_of(bytes, len);
	gboolean ok;

	verdict_forget();
	ok = inclusion_parse("proof", text, len, &said) && checkpoint_open("proof", said.note, strlen(said.note), &key, NULL, &point) && inclusion_holds("proof", &said, leaf, &point);
	if (ok && (said.index != 2 || point.size != 5))
		g_error("a proof of another record holds");
	inclusion_clear(&said);
	checkpoint_clear(&point);
	return ok && is_good(proof, bytes, len);
}

static gboolean
target_bundle(const guint8 *bytes, gsize len)
{
	g_autofree char *text = text_of(bytes, len);
	g_autoptr(GString) again = g_string_new("veil-bundle/1\n");
	g_autoptr(GArray) files = NULL;

	verdict_forget();
	files = bundle_list_parse(text, len);
	for (guint i = 0; files && i < files->len; i++) {
		const BundleFile *file = &g_array_index(files, BundleFile, i);

		if (strstr(file->path, "..") == file->path || file->path[0] == '/' || strstr(file->path, "/../"))
			g_error("a path that leads out of the bundle");
		g_string_append_printf(again, "%" G_GUINT64_FORMAT " %s %s\n", file->length, file->sha256, file->path);
	}
	if (files && !is_good(again, bytes, len))
		g_error("a list has two spellings");
	return files != NULL && is_good(list, bytes, len);
}

static gboolean
target_statement(const guint8 *bytes, gsize len)
{
	g_autofree char *text = text_of(bytes, len);
	Statement said = {0};
	Checkpoint point = {0};
	gboolean ok;

	verdict_forget();
	ok = statement_parse("statement", text, len, ORIGIN, &said) && checkpoint_open("statement", said.note, strlen(said.note), &key, NULL, &point);
	if (ok && point.size != 5)
		g_error("a checkpoint of another size holds");
	statement_clear(&said);
	checkpoint_clear(&point);
	return ok && is_good(statement, bytes, len);
}

static gboolean
target_procedure(const guint8 *bytes, gsize len)
{
	g_autofree char *text = text_of(bytes, len), *note = NULL;

	verdict_forget();
	note = procedure_note("procedure", text, len);
	return note != NULL && is_good(procedure, bytes, len);
}

static gboolean
target_certificate(const guint8 *bytes, gsize len)
{
	g_autofree char *text = text_of(bytes, len);
	Names names = {problem.project_index, problem.reviewer_index};
	Certificate said = {0};
	gboolean ok;

	verdict_forget();
	ok = certificate_parse(text, len, &problem, &names, &said);
	certificate_clear(&said);
	return ok && is_good(certificate, bytes, len);
}

static gboolean
target_request(const guint8 *bytes, gsize len)
{
	g_autofree char *text = text_of(bytes, len);
	gint64 after = 0, *panel = NULL, *reserves = NULL;
	gboolean ok;

	verdict_forget();
	ok = request_parse(text, &problem, &after, &panel, &reserves);
	g_free(panel);
	g_free(reserves);
	return ok && is_good(request, bytes, len);
}

/* --- good ones ---------------------------------------------------------------------------------------------------------- */

static GString *
record_bytes(guint seq)
{
	VeilField fields[] = {{"batch", "2026A"}, {"reason", "复核 50%"}};
	g_autofree char *handle = g_strdup_printf("op%u", seq);
	VeilRecord r = {.seq = seq, .time = "2026-03-02T01:22Z", .origin = ORIGIN, .actor = handle, .role = "registrar", .act = "batch.explain", .fields = fields, .n_fields = 2, .is_signed = seq % 2};
	g_autoptr(GBytes) bytes = NULL;

	memset(r.blind, (int)seq + 1, sizeof r.blind);
	memset(r.signature, 7, sizeof r.signature);
	bytes = veil_record_encode(&r, NULL);
	g_assert(bytes);
	return g_string_new_len(g_bytes_get_data(bytes, NULL), (gssize)g_bytes_get_size(bytes));
}

static GString *
proof_of(guint index, guint size, const char *note, guint8 *leaves)
{
	GString *out = g_string_new("c2sp.org/tlog-proof@v1\n");
	g_autoptr(GByteArray) path = veil_tree_prove_inclusion(leaves, size, index);

	g_string_append_printf(out, "index %u\n", index);
	for (guint i = 0; i < path->len / 32; i++) {
		g_autofree char *base64 = g_base64_encode(path->data + 32 * i, 32);

		g_string_append_printf(out, "%s\n", base64);
	}
	g_string_append_printf(out, "\n%s", note);
	return out;
}

void
fuzz_set_up(void)
{
	guint8 seed[32], leaves[5 * 32], root[32];
	g_autoptr(VeilTree) tree = veil_tree_new();
	g_autofree char *note = NULL, *vkey = NULL, *quoted = NULL;
	static const char hex[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

	memset(seed, 3, sizeof seed);
	for (guint i = 0; i < 5; i++) {
		GString *bytes = record_bytes(i);

		veil_tree_leaf(bytes->str, bytes->len, leaves + 32 * (gsize)i);
		veil_tree_add(tree, leaves + 32 * (gsize)i);
		if (i == 2)
			record = bytes;
		else
			g_string_free(bytes, TRUE);
	}
	memcpy(leaf, leaves + 64, 32);
	veil_tree_root(tree, root);
	note = veil_checkpoint_sign(ORIGIN, 5, root, seed);
	vkey = veil_note_vkey(ORIGIN, seed);
	g_assert(note_key_parse(vkey, NOTE_LOG, &key));
	proof = proof_of(2, 5, note, leaves);
	list = g_string_new("veil-bundle/1\n");
	g_string_append_printf(list, "257 %s audit/评审.openings\n155648 %s draw/评审.veil\n186 %s ledger/checkpoint\n190 %s ledger/checkpoints/12.note\n20480 %s ledger/ledger.db\n", hex, hex, hex, hex, hex);
	statement = g_string_new(NULL);
	g_string_printf(statement, "veil-openings/1\norigin " ORIGIN "\nbatch 2026A\nsize 5\nopenings 0\n\n%s", note);
	quoted = g_strescape(note, "\xe2\x80\x94");
	procedure = g_string_new(NULL);
	g_string_printf(procedure, "{\n\"format\":\"veil-procedure/1\",\n\"project\":\"P1\",\n\"checkpoint\":\"%s\"\n}\n", quoted);
	instance_init(&problem);
	for (guint i = 0; i < 2; i++) {
		g_autofree char *p = g_strdup_printf("P%u", i), *r = g_strdup_printf("R%u", i);

		instance_project(&problem, p);
		instance_reviewer(&problem, r);
	}
	certificate = g_string_new("{\"format\":\"veil-certificate/1\",\"method\":\"total\",\"status\":\"optimal\",\"objective\":5,\"bound\":5,\"assignment_sha256\":\"");
	g_string_append_printf(certificate, "%s\",\"prices\":{\"R0\":-345,\"R1\":17}}", hex);
	request = g_string_new("{\"after\":3,\"places\":{\"P0\":[1,0],\"P1\":[2,1]},\"reason\":\"declined\"}");
}

static void seed_record(GByteArray *out) { g_byte_array_append(out, (const guint8 *)record->str, (guint)record->len); }
static void seed_proof(GByteArray *out) { g_byte_array_append(out, (const guint8 *)proof->str, (guint)proof->len); }
static void seed_bundle(GByteArray *out) { g_byte_array_append(out, (const guint8 *)list->str, (guint)list->len); }
static void seed_statement(GByteArray *out) { g_byte_array_append(out, (const guint8 *)statement->str, (guint)statement->len); }
static void seed_procedure(GByteArray *out) { g_byte_array_append(out, (const guint8 *)procedure->str, (guint)procedure->len); }
static void seed_certificate(GByteArray *out) { g_byte_array_append(out, (const guint8 *)certificate->str, (guint)certificate->len); }
static void seed_request(GByteArray *out) { g_byte_array_append(out, (const guint8 *)request->str, (guint)request->len); }

const FuzzKind fuzz_kinds[] = {
	{"record", target_record, seed_record, FALSE},		{"proof", target_proof, seed_proof, FALSE},		      {"bundle", target_bundle, seed_bundle, FALSE},
	{"statement", target_statement, seed_statement, FALSE}, {"procedure", target_procedure, seed_procedure, FALSE}, {"certificate", target_certificate, seed_certificate, FALSE},
	{"request", target_request, seed_request, FALSE},	{NULL, NULL, NULL, FALSE},
};
