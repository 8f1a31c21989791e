/* freeze-looks.c - what the drawer sees of a reviewer beside his load: what panel rules ask for, and no more.
 *
 * An attribute that no rule names is not written. Of one that rules name, only the values they tell apart are: with `value=!广东` alone, a person is of
 * 广东 or of somewhere else, and thirty provinces are two. So cells of five are easily filled, little has to be given up, and what a
 * reader of the batch file learns of a person is what the rule had to know. A city reaches it only as the name that the policy itself spells.
 */
#include <string.h>

#include <json-glib/json-glib.h>

#include "freeze/cells.h"
#include "freeze/freeze-looks.h"
#include "solve/instance.h"
#include "import/labels.h"

/* In the order in which they are given up: kind last, because rules ask for it oftenest. */
enum { CITY, RANK, PROVINCE, KIND, N_LOOKS };
static const char *const names[N_LOOKS] = {"city", "rank", "province", "kind"};

typedef struct {
	gboolean used[N_LOOKS], each[N_LOOKS]; /* each: some rule looks at every value by itself */
	gboolean employer;
	GHashTable *named[N_LOOKS];	       /* values that rules name -> themselves */
} Needs;

static int
look_of(const char *attribute)
{
	for (int c = 0; c < N_LOOKS; c++)
		if (strcmp(names[c], attribute) == 0)
			return c;
	return -1;
}

static void
need(Needs *needs, VeilBatch *batch, const char *attribute, const char *value)
{
	int c = look_of(attribute);

	needs->employer |= strcmp(attribute, "employer") == 0;
	if (c < 0)
		return;
	needs->used[c] = TRUE;
	if (*value == '\0')
		needs->each[c] = TRUE;
	else
		g_hash_table_add(needs->named[c], (gpointer)g_string_chunk_insert_const(batch->strings, *value == '!' ? value + 1 : value));
}

static void
needs_init(Needs *needs, const VeilPolicy *policy, VeilBatch *batch)
{
	*needs = (Needs){{FALSE}, {FALSE}, FALSE, {NULL}};
	for (int c = 0; c < N_LOOKS; c++)
		needs->named[c] = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < policy->n_panel; i++) {
		const VeilPanelRule *rule = &policy->panel[i];

		if (rule->max >= 0 || rule->min >= 0 || rule->min_share_micro >= 0 || rule->max_share_micro >= 0)
			need(needs, batch, rule->attribute, rule->value);
	}
	for (guint i = 0; i < policy->n_share; i++)
		need(needs, batch, policy->share[i].attribute, policy->share[i].value);
}

static void
needs_clear(Needs *needs)
{
	for (int c = 0; c < N_LOOKS; c++)
		g_hash_table_unref(needs->named[c]);
}

/* --- employers ---------------------------------------------------------------------------------------------------- */

/* The employer that panel rules mean: the employer of the expert's own row, else a current post as an employee. */
static guint32
main_employer(const VeilFreezeInput *input, guint32 person, const guint64 *post_start)
{
	guint32 found = VEIL_NONE;

	for (guint64 i = post_start[person]; i < post_start[person + 1]; i++) {
		const VeilPost *post = veil_facts_at(input->facts->posts, VeilPost, i);

		if (post->kind == VEIL_POST_EMPLOYER)
			return post->org;
		if (post->kind == VEIL_POST_EMPLOYEE && found == VEIL_NONE && post->when.since <= input->as_of &&
		    post->when.until >= input->as_of)
			found = post->org;
	}
	return found;
}

static guint64 *
index_posts(const VeilFacts *facts)
{
	guint64 *start = g_new0(guint64, facts->persons->len + 1);

	for (guint i = 0; i < facts->posts->len; i++)
		start[veil_facts_at(facts->posts, VeilPost, i)->person + 1]++;
	for (guint32 p = 0; p < facts->persons->len; p++)
		start[p + 1] += start[p];
	return start;
}

/* Tokens only where a rule can bite: an employer with a single reviewer would be a fingerprint for nothing. */
static void
fill_employers(const VeilFreezeInput *input, const VeilPlaces *places, VeilBatch *batch)
{
	const VeilFacts *facts = input->facts;
	g_autofree guint64 *post_start = index_posts(facts);
	g_autofree guint32 *employer = g_new(guint32, MAX(places->n_reviewers, 1));
	g_autofree guint32 *staff = g_new0(guint32, MAX(facts->orgs->len, 1));

	for (guint32 r = 0; r < places->n_reviewers; r++) {
		employer[r] = main_employer(input, places->reviewer_person[r], post_start);
		if (employer[r] != VEIL_NONE)
			staff[employer[r]]++;
	}
	for (guint32 r = 0; r < places->n_reviewers; r++)
		if (employer[r] != VEIL_NONE && staff[employer[r]] > 1)
			veil_org_token(input->key, &veil_facts_at(facts->orgs, VeilOrg, employer[r])->id,
				       batch->reviewers[r].employer);
}

/* --- the rest ------------------------------------------------------------------------------------------------------- */

/* The text of each city as rules may say it: the policy's own spelling, an opaque token where a rule looks at each, else "another". */
static const char **
city_texts(const VeilFreezeInput *input, const Needs *needs, VeilBatch *batch)
{
	const VeilFacts *facts = input->facts;
	const char **texts = g_new0(const char *, MAX(facts->cities->len, 1));
	GHashTableIter iter;
	gpointer value;

	for (guint32 i = 0; i < facts->cities->len; i++) {
		const VeilId *token = veil_facts_at(facts->cities, VeilId, i);
		char opaque[24];

		g_snprintf(opaque, sizeof opaque, "%016" G_GINT64_MODIFIER "x", veil_batch_number(input->key, "city", token));
		texts[i] = needs->each[CITY] ? g_string_chunk_insert_const(batch->strings, opaque) : VEIL_LOOK_OTHER;
	}
	g_hash_table_iter_init(&iter, needs->named[CITY]);
	while (g_hash_table_iter_next(&iter, &value, NULL)) {
		VeilId token;

		veil_city_token(input->keys, value, token.b);
		for (guint32 i = 0; i < facts->cities->len; i++)
			if (veil_id_equal(&token, veil_facts_at(facts->cities, VeilId, i)))
				texts[i] = value;
	}
	return texts;
}

static const char *
label_text(const VeilFreezeInput *input, const Needs *needs, VeilBatch *batch, int look, guint32 label)
{
	const char *text;

	if (label == VEIL_NONE)
		return NULL;
	text = g_ptr_array_index(input->facts->labels, label);
	if (!needs->each[look] && !g_hash_table_contains(needs->named[look], text))
		return VEIL_LOOK_OTHER;
	return g_string_chunk_insert_const(batch->strings, text);
}

static const char *
json_text(VeilBatch *batch, const char *column, const char *said)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_autoptr(JsonNode) root = NULL;
	g_autofree char *text = NULL;

	if (said == NULL)
		return NULL;
	json_builder_begin_object(builder);
	json_builder_set_member_name(builder, column);
	json_builder_add_string_value(builder, said);
	json_builder_end_object(builder);
	root = json_builder_get_root(builder);
	text = json_to_string(root, FALSE);
	return g_string_chunk_insert_const(batch->strings, text);
}

static const char *
said_of(const VeilFreezeInput *input, const Needs *needs, VeilBatch *batch, const char *const *cities, int look, const VeilPerson *p)
{
	switch (look) {
	case CITY:
		return p->city == VEIL_NONE ? NULL : cities[p->city];
	case RANK:
		return label_text(input, needs, batch, look, p->rank);
	case PROVINCE:
		return label_text(input, needs, batch, look, p->province);
	default:
		return label_text(input, needs, batch, look, p->kind);
	}
}

void
veil_freeze_looks(const VeilFreezeInput *input, const VeilPlaces *places, VeilBatch *batch)
{
	guint32 n = batch->n_reviewers, n_columns = 0, column[N_LOOKS];
	g_autofree guint32 *load = g_new(guint32, MAX(n, 1));
	g_autofree const char **said = NULL, **cities = NULL;
	Needs needs;

	needs_init(&needs, input->policy, batch);
	for (int c = 0; c < N_LOOKS; c++)
		column[c] = needs.used[c] ? n_columns++ : VEIL_NONE;
	said = g_new0(const char *, (gsize)n * n_columns + 1);
	cities = needs.used[CITY] ? city_texts(input, &needs, batch) : NULL;
	for (guint32 r = 0; r < n; r++) {
		const VeilPerson *p = veil_facts_at(input->facts->persons, VeilPerson, places->reviewer_person[r]);

		load[r] = batch->reviewers[r].max_load;
		for (int c = 0; c < N_LOOKS; c++)
			if (needs.used[c])
				said[(gsize)r * n_columns + column[c]] = said_of(input, &needs, batch, cities, c, p);
	}
	veil_cells_coarsen(load, said, n, n_columns);
	for (guint32 r = 0; r < n; r++) {
		const char **row = said + (gsize)r * n_columns;

		batch->reviewers[r].kind = needs.used[KIND] ? row[column[KIND]] : NULL;
		batch->reviewers[r].province = needs.used[PROVINCE] ? row[column[PROVINCE]] : NULL;
		batch->reviewers[r].rank = needs.used[RANK] ? row[column[RANK]] : NULL;
		batch->reviewers[r].attributes = needs.used[CITY] ? json_text(batch, names[CITY], row[column[CITY]]) : NULL;
	}
	if (needs.employer)
		fill_employers(input, places, batch);
	needs_clear(&needs);
}
