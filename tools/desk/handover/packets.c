/* packets.c - one folder, one file a reviewer, nothing in it that is not meant.
 *
 * A packet is a text that is read as it stands: a head of codes for `veil answer`, then the projects in the order of their codes, filled up with line feeds to 4 KiB times a power of two. The
 * folder is made beside and renamed; files bear one date, so neither clock nor size tells a packet from another.
 */
#include "handover/packets.h"

#include <string.h>

#include "site/batch-files.h"
#include "site/fixed-file.h"
#include "handover/leaks.h"
#include "handover/handed.h"
#include "handover/panels.h"

typedef struct {
	char code[VEIL_CODE_CHARS + 1]; /* the experts' */
	GPtrArray *projects;		/* const VeilContentProject *, by the experts' code */
} Packet;

typedef struct {
	const VeilStep *step;
	VeilLog *log;
	VeilContent *content;
	VeilDeskKey *key;
	GPtrArray *packets; /* Packet, by code */
} Packets;

static void
packet_free(gpointer data)
{
	Packet *packet = data;

	g_ptr_array_unref(packet->projects);
	g_free(packet);
}

VeilDeskKey *
veil_desk_key_open(const VeilSite *site, const char *name, const char *freeze_id, gboolean make, GError **error)
{
	g_autofree char *path = veil_batch_path(site, VEIL_FOLDER_DESK, name, "key"), *text = NULL;
	g_autoptr(VeilDeskKey) key = NULL;
	gboolean other = TRUE;
	gsize len;

	if (g_file_get_contents(path, &text, &len, NULL)) {
		key = veil_desk_key_parse(text, len, freeze_id, &other, error);
		memset(text, 0, len);
		if (key != NULL || !other)
			return g_steal_pointer(&key);
	}
	if (!make) {
		g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_NOT_AVAILABLE, "this batch has no packets yet; run `veil batch packets`");
		return NULL;
	}
	g_clear_pointer(&text, g_free);
	key = veil_desk_key_new(veil_random_system, NULL);
	text = veil_desk_key_format(key, freeze_id);
	return veil_file_put(path, text, strlen(text), 0600, error) ? g_steal_pointer(&key) : NULL;
}

void
veil_packet_token(const VeilDeskKey *key, const char *packet, guint8 out[32])
{
	veil_desk_key_mac(key, "veil/packet token/1", packet, strlen(packet), out);
}

/* --- who gets what ------------------------------------------------------------------------------------------------ */

static int
compare_projects(const void *a, const void *b)
{
	return strcmp((*(const VeilContentProject *const *)a)->code.expert, (*(const VeilContentProject *const *)b)->code.expert);
}

static int
compare_packets(const void *a, const void *b)
{
	return strcmp((*(const Packet *const *)a)->code, (*(const Packet *const *)b)->code);
}

static gboolean
contradicts(GError **error)
{
	g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_VERIFY, "the list of panels and the handed-over content do not belong together");
	return FALSE;
}

static gboolean
collect(Packets *p, GPtrArray *lines, GError **error)
{
	g_autoptr(GHashTable) by_code = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < lines->len; i++) {
		char *line = g_ptr_array_index(lines, i), *blank = strchr(line, ' ');
		const VeilContentProject *project;
		const VeilCodePair *reviewer;
		Packet *packet;

		if (blank == NULL)
			return contradicts(error);
		*blank = '\0';
		project = veil_content_project(p->content, line);
		reviewer = veil_content_reviewer(p->content, blank + 1);
		if (project == NULL || reviewer == NULL)
			return contradicts(error);
		packet = g_hash_table_lookup(by_code, reviewer->expert);
		if (packet == NULL) {
			packet = g_new0(Packet, 1);
			g_strlcpy(packet->code, reviewer->expert, sizeof packet->code);
			packet->projects = g_ptr_array_new();
			g_ptr_array_add(p->packets, packet);
			g_hash_table_insert(by_code, packet->code, packet);
		}
		g_ptr_array_add(packet->projects, (gpointer)project);
	}
	for (guint i = 0; i < p->packets->len; i++)
		g_ptr_array_sort(((Packet *)g_ptr_array_index(p->packets, i))->projects, compare_projects);
	g_ptr_array_sort(p->packets, compare_packets);
	return TRUE;
}

/* Which packet a slip belongs to; one answer for every slip that belongs to none. */
static gboolean
keep_those_of_slips(Packets *p, char **slips, GError **error)
{
	g_autoptr(GHashTable) wanted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; slips[i] != NULL; i++) {
		g_autofree char *sealed = veil_fixed_file_get(slips[i], VEIL_LETTER_MAX, NULL);
		g_autofree char *text = sealed ? veil_letter_open(sealed, strlen(sealed), p->key) : NULL;
		gboolean known = FALSE;
		VeilSlip slip;

		if (text != NULL && veil_slip_parse(text, &slip) && strcmp(slip.freeze_id, p->content->freeze_id) == 0)
			for (guint k = 0; k < p->packets->len; k++)
				known |= strcmp(((Packet *)g_ptr_array_index(p->packets, k))->code, slip.packet) == 0;
		if (!known) {
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_INPUT, "a slip is not taken: it is damaged, or there is no packet for it");
			return FALSE;
		}
		g_hash_table_add(wanted, g_strdup(slip.packet));
	}
	for (guint i = p->packets->len; i-- > 0;)
		if (!g_hash_table_contains(wanted, ((Packet *)g_ptr_array_index(p->packets, i))->code))
			g_ptr_array_remove_index(p->packets, i);
	return TRUE;
}

/* --- the files ---------------------------------------------------------------------------------------------------- */

static void
put_project(GString *out, const VeilContentProject *project)
{
	g_string_append_printf(out, "\n# %s\n", project->code.expert);
	for (guint i = 0; i < project->texts->len; i++) {
		const VeilContentText *text = &g_array_index(project->texts, VeilContentText, i);

		g_string_append_printf(out, "\n## %s\n\n%s\n", text->where, text->text);
	}
}

static GString *
packet_text(const Packets *p, const Packet *packet)
{
	GString *out = g_string_new("veil-packet/1\n");
	g_autofree char *base64 = veil_desk_public_format(p->key);
	guint8 token[32];
	char hex[65];
	gsize size;

	veil_packet_token(p->key, packet->code, token);
	veil_hex_encode(token, 32, hex);
	g_string_append_printf(out, "packet %s\nfreeze-id %s\ndesk-key %s\ntoken %s\n", packet->code, p->content->freeze_id, base64, hex);
	for (guint i = 0; i < packet->projects->len; i++)
		g_string_append_printf(out, "project %s\n", ((const VeilContentProject *)g_ptr_array_index(packet->projects, i))->code.expert);
	if (p->step->site->rehearsal)
		g_string_append(out, "\nREHEARSAL: not to be reviewed\n");
	for (guint i = 0; i < packet->projects->len; i++)
		put_project(out, g_ptr_array_index(packet->projects, i));
	size = veil_bucket(out->len, 0);
	while (out->len < size)
		g_string_append_c(out, '\n');
	return out;
}

/* (transfer full) SHA-256 over "CODE DIGEST" of every packet written; NULL with *error. */
static char *
write_packets(const Packets *p, VeilFixedFolder *folder, GError **error)
{
	g_autoptr(GChecksum) all = g_checksum_new(G_CHECKSUM_SHA256);

	for (guint i = 0; i < p->packets->len; i++) {
		const Packet *packet = g_ptr_array_index(p->packets, i);
		g_autoptr(GString) text = packet_text(p, packet);
		g_autofree char *name = g_strconcat(packet->code, ".txt", NULL), *line = NULL;
		guint8 digest[32];
		char hex[65];

		veil_sha256(text->str, text->len, digest);
		veil_hex_encode(digest, 32, hex);
		line = g_strdup_printf("%s %s\n", packet->code, hex);
		g_checksum_update(all, (const guchar *)line, -1);
		if (!veil_fixed_folder_put(folder, name, text->str, text->len, error))
			return NULL;
	}
	return g_strdup(g_checksum_get_string(all));
}

static gboolean
log_packets(const Packets *p, const char *digest, GError **error)
{
	g_autofree char *base64 = veil_desk_public_format(p->key);
	char count[16];

	g_snprintf(count, sizeof count, p->packets->len < 5 ? "<5" : "%u", p->packets->len);
	return veil_log_append(p->log, "requester", "batch.packets", error, "batch", p->content->batch, "freeze-id", p->content->freeze_id, "desk-key", base64,
			       "packets", count, "packets-sha256", digest, NULL);
}

static gboolean
print(const Packets *p, VeilPrint how, GError **error)
{
	static const char *const columns[] = {"packet", "project"};
	VeilRows rows;

	if (!veil_rows_begin(&rows, how, "packets", columns, G_N_ELEMENTS(columns), error))
		return FALSE;
	for (guint i = 0; i < p->packets->len; i++) {
		const Packet *packet = g_ptr_array_index(p->packets, i);

		for (guint k = 0; k < packet->projects->len; k++)
			veil_rows_add(&rows, (const char *const[]){packet->code, ((const VeilContentProject *)g_ptr_array_index(packet->projects, k))->code.expert});
	}
	return veil_rows_end(&rows, error);
}

static gboolean
run(Packets *p, const char *name, const char *out, char **slips, VeilPrint how, GError **error)
{
	const VeilSite *site = p->step->site;
	g_autoptr(GPtrArray) lines = NULL;
	g_autoptr(VeilFixedFolder) folder = NULL;
	g_autofree char *digest = NULL;

	if ((p->log = veil_log_open(site->dir, p->step->operator_handle, error)) == NULL || (p->content = veil_content_open(site, name, p->log, error)) == NULL)
		return FALSE;
	veil_log_set_now(p->log, p->step->now_unix_s);
	if (!veil_leaks_check(p->content, p->log, error) ||
	    (lines = veil_handed_panels(p->log, site, name, p->content->freeze_id, error)) == NULL ||
	    (p->key = veil_desk_key_open(site, name, p->content->freeze_id, TRUE, error)) == NULL || !collect(p, lines, error) ||
	    (slips != NULL && !keep_those_of_slips(p, slips, error)))
		return FALSE;
	return (folder = veil_fixed_folder_new(out, error)) != NULL && (digest = write_packets(p, folder, error)) != NULL && log_packets(p, digest, error) &&
	       veil_fixed_folder_close(folder, error) && print(p, how, error);
}

gboolean
veil_step_packets(const VeilStep *step, const char *name, const char *out, char **slips, VeilPrint how, GError **error)
{
	Packets p = {.step = step, .packets = g_ptr_array_new_with_free_func(packet_free)};
	gboolean done = run(&p, name, out, slips, how, error);

	g_ptr_array_unref(p.packets);
	veil_desk_key_free(p.key);
	veil_content_free(p.content);
	veil_log_free(p.log);
	return done;
}
