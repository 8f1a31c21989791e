/* peers.c - whom rules on peer level count: the marks of listed pairs, worked out again from the disciplines that the audit file commits to.
 *
 * docs/design/formats.md 1.1 has the definition, 1.2 the facts (meta `peers` of the audit file). Every mark must be exactly what follows: one too many would let somebody
 * fill a minimum who is no peer, one too few keeps a peer from it, or tells of a pair what fewer than five share.
 */
#include <string.h>

#include <json-glib/json-glib.h>

#include "freeze/freeze.h"

enum { MOST_DISCIPLINES = 1 << 20, CELL = 5 };

typedef struct {
	const Check *c;
	guint n_disciplines;
	guint8 *leaf;	 /* a discipline: it has nothing below it */
	gint64 *parent;	 /* -1: none, or of no matter */
	GArray **expert; /* a reviewer: guint32, NULL where none of the disciplines is his */
	GArray **project;
	guint8 *asked;	 /* a project: marks that minima ask for */
	guint8 *flag;	 /* a discipline: marks of whoever has it, for the project at hand */
	guint8 *mark;	 /* a reviewer */
	guint32 *barred, stamp; /* a reviewer: by the unit with this stamp */
	guint64 marked;
} Peers;

/* --- the facts ---------------------------------------------------------------------------------------------------- */

static JsonArray *
member_array(JsonObject *object, const char *name, guint length)
{
	JsonNode *node = json_object_get_member(object, name);
	JsonArray *array = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

	return array && (length == NONE || json_array_get_length(array) == length) ? array : NULL;
}

static gboolean
whole(JsonArray *array, guint i, gint64 least, gint64 most, gint64 *out)
{
	JsonNode *node = json_array_get_element(array, i);

	if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_INT64)
		return FALSE;
	*out = json_node_get_int(node);
	return *out >= least && *out <= most;
}

/* [leaf, parent] each. */
static gboolean
read_tree(Peers *x, JsonArray *rows)
{
	x->n_disciplines = rows ? json_array_get_length(rows) : 0;
	if (rows == NULL || x->n_disciplines > MOST_DISCIPLINES)
		return FALSE;
	x->leaf = g_new0(guint8, x->n_disciplines + 1);
	x->parent = g_new0(gint64, x->n_disciplines + 1);
	x->flag = g_new0(guint8, x->n_disciplines + 1);
	for (guint i = 0; i < x->n_disciplines; i++) {
		JsonNode *node = json_array_get_element(rows, i);
		JsonArray *row = JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
		gint64 leaf;

		if (row == NULL || json_array_get_length(row) != 2 || !whole(row, 0, 0, 1, &leaf) || !whole(row, 1, -1, (gint64)x->n_disciplines - 1, &x->parent[i]) ||
		    x->parent[i] == i)
			return FALSE;
		x->leaf[i] = (guint8)leaf;
	}
	for (guint i = 0; i < x->n_disciplines; i++)
		if (x->parent[i] >= 0 && x->leaf[x->parent[i]])
			return FALSE;
	return TRUE;
}

/* Ascending numbers of disciplines, each. */
static gboolean
read_lists(const Peers *x, JsonArray *rows, GArray **out)
{
	for (guint i = 0; rows && i < json_array_get_length(rows); i++) {
		JsonNode *node = json_array_get_element(rows, i);
		JsonArray *row = JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
		gint64 before = -1, value;

		if (row == NULL)
			return FALSE;
		for (guint k = 0; k < json_array_get_length(row); k++) {
			guint32 discipline;

			if (!whole(row, k, before + 1, (gint64)x->n_disciplines - 1, &value))
				return FALSE;
			before = value;
			discipline = (guint32)value;
			if (out[i] == NULL)
				out[i] = g_array_new(FALSE, FALSE, sizeof(guint32));
			g_array_append_val(out[i], discipline);
		}
	}
	return rows != NULL;
}

static gboolean
read_facts(Peers *x, const char *text)
{
	g_autoptr(JsonParser) parser = json_parser_new_immutable();
	JsonNode *root;
	JsonObject *object;

	if (!json_parser_load_from_data(parser, text, -1, NULL) || (root = json_parser_get_root(parser)) == NULL || !JSON_NODE_HOLDS_OBJECT(root))
		return FALSE;
	object = json_node_get_object(root);
	return json_object_get_size(object) == 3 && read_tree(x, member_array(object, "disciplines", NONE)) &&
	       read_lists(x, member_array(object, "experts", x->c->batch.x.reviewers->len), x->expert) &&
	       read_lists(x, member_array(object, "projects", x->c->batch.x.projects->len), x->project);
}

/* --- the marks ---------------------------------------------------------------------------------------------------- */

/* x->flag for one project: its own disciplines; the field around each (itself, where it is no leaf), and what lies in that field. */
static void
flag_disciplines(Peers *x, const GArray *own)
{
	memset(x->flag, 0, x->n_disciplines);
	for (guint i = 0; own && i < own->len; i++) {
		guint32 d = g_array_index(own, guint32, i);
		gint64 field = x->leaf[d] ? x->parent[d] : d;

		x->flag[d] |= x->leaf[d] ? MARK_LEAF | MARK_NEAR : MARK_NEAR;
		for (guint e = 0; field >= 0 && e < x->n_disciplines; e++)
			if (e == field || x->parent[e] == field)
				x->flag[e] |= MARK_NEAR;
	}
}

/* What cells of fewer than five would tell is not said. */
static void
coarsen(Peers *x, guint n)
{
	guint cell[4] = {0}, near = 0;
	gboolean few;

	for (guint r = 0; r < n; r++)
		cell[x->mark[r]]++;
	few = (cell[MARK_LEAF] > 0 && cell[MARK_LEAF] < CELL) || (cell[MARK_LEAF | MARK_NEAR] > 0 && cell[MARK_LEAF | MARK_NEAR] < CELL);
	for (guint r = 0; r < n; r++) {
		x->mark[r] &= few ? MARK_NEAR : MARK_LEAF | MARK_NEAR;
		near += x->mark[r] == MARK_NEAR;
	}
	for (guint r = 0; r < n && near < CELL; r++)
		x->mark[r] = x->mark[r] == MARK_NEAR ? 0 : x->mark[r];
}

static void
bar(Peers *x, guint32 p)
{
	const GArray *pairs = x->c->audit.exclusions[p];

	for (guint i = 0; pairs && i < pairs->len; i++) {
		guint32 r = x->c->person_reviewer[g_array_index(pairs, Exclusion, i).person];

		if (r != NONE)
			x->barred[r] = x->stamp;
	}
}

/* A project, or the projects of a team: who counts for one that asks counts for each that asks. */
static void
mark_unit(Peers *x, const GArray *members)
{
	guint n = x->c->batch.x.reviewers->len;
	guint8 asked = 0;

	memset(x->mark, MARK_LEAF | MARK_NEAR, n);
	x->stamp++;
	for (guint m = 0; m < members->len; m++) {
		guint32 p = g_array_index(members, guint32, m);

		bar(x, p);
		asked |= x->asked[p];
		if (x->asked[p] == 0)
			continue;
		flag_disciplines(x, x->project[p]);
		for (guint r = 0; r < n; r++) {
			guint8 has = 0;

			for (guint i = 0; x->expert[r] && i < x->expert[r]->len; i++)
				has |= x->flag[g_array_index(x->expert[r], guint32, i)];
			x->mark[r] &= has | ~x->asked[p];
		}
	}
	for (guint r = 0; r < n; r++)
		x->mark[r] = x->barred[r] == x->stamp ? 0 : x->mark[r] & asked;
	if (asked)
		coarsen(x, n);
}

static gboolean
unit_check(Peers *x, guint32 leader)
{
	const Instance *in = &x->c->batch.x;
	g_autoptr(GArray) members = g_array_new(FALSE, FALSE, sizeof(guint32));

	for (guint32 p = leader; p < (PROJECT(in, leader)->team ? in->projects->len : leader + 1); p++)
		if (PROJECT(in, p)->leader == leader)
			g_array_append_val(members, p);
	mark_unit(x, members);
	for (guint m = 0; m < members->len; m++) {
		const Project *project = PROJECT(in, g_array_index(members, guint32, m));

		for (guint32 i = 0; i < project->n_offers; i++) {
			if (project->offer[i].mark != x->mark[project->offer[i].reviewer])
				return verdict_reject("batch file: project %s: reviewer %s is marked as a peer otherwise than the disciplines in the audit file make him",
						      project->id, REVIEWER(in, project->offer[i].reviewer)->id);
			x->marked += project->offer[i].mark != 0;
		}
	}
	return TRUE;
}

static void
clear(Peers *x)
{
	for (guint r = 0; r < x->c->batch.x.reviewers->len; r++)
		g_clear_pointer(&x->expert[r], g_array_unref);
	for (guint p = 0; p < x->c->batch.x.projects->len; p++)
		g_clear_pointer(&x->project[p], g_array_unref);
	g_free(x->expert), g_free(x->project), g_free(x->leaf), g_free(x->parent), g_free(x->flag), g_free(x->mark), g_free(x->asked), g_free(x->barred);
}

gboolean
marks_check(const Check *c)
{
	const Instance *in = &c->batch.x;
	const char *facts = g_hash_table_lookup(c->audit.meta, "peers");
	Peers x = {.c = c, .expert = g_new0(GArray *, in->reviewers->len + 1), .project = g_new0(GArray *, in->projects->len + 1),
		   .asked = g_new0(guint8, in->projects->len + 1), .mark = g_new0(guint8, in->reviewers->len + 1), .barred = g_new0(guint32, in->reviewers->len + 1)};
	gboolean any = FALSE, ok = TRUE;

	for (guint b = 0; b < in->bounds->len; b++) {
		const Bound *bound = &g_array_index(in->bounds, Bound, b);

		for (guint p = 0; p < in->projects->len && bound->mark; p++) {
			x.asked[p] |= bound->min[p] > 0 ? bound->mark : 0;
			any = any || bound->min[p] > 0;
		}
	}
	if (any != (facts != NULL))
		ok = verdict_reject(any ? "audit file: it has no disciplines, and a panel rule asks for peers" : "audit file: it has disciplines that no panel rule asks for");
	else if (any && !read_facts(&x, facts))
		ok = verdict_reject("audit file: what it says of disciplines (meta `peers`) is malformed");
	for (guint32 p = 0; ok && p < in->projects->len; p++)
		if (PROJECT(in, p)->leader == p)
			ok = unit_check(&x, p);
	if (ok && any)
		verdict_ok("peers", "%" G_GUINT64_FORMAT " listed pairs are marked as of the project's discipline or field: exactly those whom the committed disciplines make so",
			   x.marked);
	clear(&x);
	return ok;
}
