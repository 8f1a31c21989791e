/* freeze-audit.c - the auditor's view of a freeze: the facts that bear on the batch, and no others.
 *
 * An exclusion needs a person behind a project, or an organisation on a project's side; facts that touch neither cannot make one and stay in the
 * registry. What is kept is renumbered in the order of codes and tokens, so that the auditor's file has no trace of the registry's order.
 */
#include <string.h>

#include "freeze/freeze.h"

typedef struct {
	const VeilFreezeInput *input;
	const VeilFacts *from;
	gboolean *behind;	/* person stands behind a project */
	gboolean *near;		/* organisation is on some project's side */
	gboolean *keep_person, *keep_org, *keep_work;
	guint32 *person, *org, *project, *work; /* old index -> new, VEIL_NONE = left out */
} View;

static gboolean *
flags(guint32 n)
{
	return g_new0(gboolean, MAX(n, 1));
}

static void
view_init(View *view, const VeilFreezeInput *input)
{
	const VeilFacts *from = input->facts;

	*view = (View){.input = input, .from = from};
	view->behind = flags(from->persons->len);
	view->keep_person = flags(from->persons->len);
	view->near = flags(from->orgs->len);
	view->keep_org = flags(from->orgs->len);
	view->keep_work = flags(from->n_works);
}

static void
view_clear(View *view)
{
	g_free(view->behind);
	g_free(view->near);
	g_free(view->keep_person);
	g_free(view->keep_org);
	g_free(view->keep_work);
	g_free(view->person);
	g_free(view->org);
	g_free(view->project);
	g_free(view->work);
}

/* --- what is kept ------------------------------------------------------------------------------------------------ */

static gboolean
keeps_post(const View *view, const VeilPost *post)
{
	return view->behind[post->person] ||
	       (view->near[post->org] && veil_facts_at(view->from->persons, VeilPerson, post->person)->in_pool);
}

static gboolean
keeps_relation(const View *view, const VeilRelation *relation)
{
	return view->behind[relation->a] || view->behind[relation->b];
}

static gboolean
keeps_avoid(const View *view, const VeilAvoid *avoid)
{
	return view->near[avoid->org];
}

static void
mark_project_side(View *view)
{
	const VeilFacts *from = view->from;

	for (guint i = 0; i < from->project_people->len; i++) {
		const VeilProjectPerson *row = veil_facts_at(from->project_people, VeilProjectPerson, i);

		view->behind[row->person] = view->keep_person[row->person] = TRUE;
		if (row->org != VEIL_NONE)
			view->near[row->org] = TRUE;
	}
	for (guint i = 0; i < from->project_orgs->len; i++)
		view->near[veil_facts_at(from->project_orgs, VeilProjectOrg, i)->org] = TRUE;
	for (guint i = 0; i < from->posts->len; i++) {
		const VeilPost *post = veil_facts_at(from->posts, VeilPost, i);

		if (view->behind[post->person])
			view->near[post->org] = TRUE;
	}
}

static void
mark_kept(View *view)
{
	const VeilFacts *from = view->from;

	for (guint i = 0; i < from->persons->len; i++)
		view->keep_person[i] |= veil_facts_at(from->persons, VeilPerson, i)->in_pool;
	for (guint i = 0; i < from->authorships->len; i++) {
		const VeilAuthorship *row = veil_facts_at(from->authorships, VeilAuthorship, i);

		view->keep_work[row->work] |= view->behind[row->person];
	}
	for (guint i = 0; i < from->authorships->len; i++) {
		const VeilAuthorship *row = veil_facts_at(from->authorships, VeilAuthorship, i);

		view->keep_person[row->person] |= view->keep_work[row->work];
	}
	for (guint i = 0; i < from->relations->len; i++) {
		const VeilRelation *row = veil_facts_at(from->relations, VeilRelation, i);

		if (keeps_relation(view, row))
			view->keep_person[row->a] = view->keep_person[row->b] = TRUE;
	}
	for (guint i = 0; i < from->project_excludes->len; i++)
		view->keep_person[veil_facts_at(from->project_excludes, VeilProjectExclude, i)->person] = TRUE;
	for (guint i = 0; i < from->orgs->len; i++)
		view->keep_org[i] = view->near[i];
	for (guint i = 0; i < from->posts->len; i++) {
		const VeilPost *post = veil_facts_at(from->posts, VeilPost, i);

		if (keeps_post(view, post))
			view->keep_org[post->org] = TRUE;
	}
}

/* --- new numbers --------------------------------------------------------------------------------------------------- */

static int
compare_texts(gconstpointer a, gconstpointer b, gpointer data)
{
	char *const *texts = data;

	return strcmp(texts[*(const guint32 *)a], texts[*(const guint32 *)b]);
}

/* Kept old indexes in the order of their texts; *out_new_of_old tells each one's place. */
static guint32 *
number_by_text(char **texts, const gboolean *keep, guint32 n, guint32 **out_new_of_old, guint32 *out_n)
{
	guint32 *order = g_new(guint32, MAX(n, 1)), *place = g_new(guint32, MAX(n, 1)), k = 0;

	for (guint32 i = 0; i < n; i++) {
		place[i] = VEIL_NONE;
		if (keep[i])
			order[k++] = i;
	}
	g_qsort_with_data(order, (gint)k, sizeof *order, compare_texts, texts);
	for (guint32 i = 0; i < k; i++)
		place[order[i]] = i;
	*out_new_of_old = place;
	*out_n = k;
	return order;
}

static void
number_persons(View *view, const VeilPlaces *places, VeilAudit *audit)
{
	guint32 n = view->from->persons->len, kept;
	g_autofree char(*codes)[VEIL_CODE_CHARS + 1] = g_malloc0_n(MAX(n, 1), VEIL_CODE_CHARS + 1);
	g_autofree char **texts = g_new0(char *, MAX(n, 1));
	g_autofree guint32 *order = NULL;

	for (guint32 i = 0; i < n; i++) {
		if (view->keep_person[i])
			veil_code(view->input->key, VEIL_CODE_PERSON, VEIL_AUDIENCE_AUDITOR,
				  &veil_facts_at(view->from->persons, VeilPerson, i)->id, codes[i]);
		texts[i] = codes[i];
	}
	order = number_by_text(texts, view->keep_person, n, &view->person, &kept);
	audit->persons = g_new0(VeilAuditPerson, MAX(kept, 1));
	for (guint32 i = 0; i < kept; i++) {
		VeilPerson person = *veil_facts_at(view->from->persons, VeilPerson, order[i]);

		memset(&person.id, 0, sizeof person.id); /* the registry's ids stay in the registry */
		g_array_append_val(audit->facts->persons, person);
		g_strlcpy(audit->persons[i].code, codes[order[i]], sizeof audit->persons[i].code);
		g_strlcpy(audit->persons[i].reviewer, places->reviewer_code[order[i]], sizeof audit->persons[i].reviewer);
	}
}

static void
number_orgs(View *view, VeilAudit *audit)
{
	guint32 n = view->from->orgs->len, kept;
	g_autofree char(*tokens)[17] = g_malloc0_n(MAX(n, 1), 17);
	g_autofree char **texts = g_new0(char *, MAX(n, 1));
	g_autofree guint32 *order = NULL;

	for (guint32 i = 0; i < n; i++) {
		if (view->keep_org[i])
			veil_org_token(view->input->key, &veil_facts_at(view->from->orgs, VeilOrg, i)->id, tokens[i]);
		texts[i] = tokens[i];
	}
	order = number_by_text(texts, view->keep_org, n, &view->org, &kept);
	audit->orgs = g_malloc0_n(MAX(kept, 1), sizeof *audit->orgs);
	for (guint32 i = 0; i < kept; i++) {
		VeilOrg org = {.parent = VEIL_NONE};

		g_array_append_val(audit->facts->orgs, org);
		g_strlcpy(audit->orgs[i], tokens[order[i]], sizeof *audit->orgs);
	}
}

static void
number_projects(View *view, const VeilPlaces *places, VeilAudit *audit)
{
	view->project = g_new(guint32, MAX(places->n_projects, 1));
	audit->projects = g_malloc0_n(MAX(places->n_projects, 1), sizeof *audit->projects);
	for (guint32 i = 0; i < places->n_projects; i++) {
		VeilProject project = *veil_facts_at(view->from->projects, VeilProject, places->project_fact[i]);

		memset(&project.id, 0, sizeof project.id);
		if (project.demand < 0)
			project.demand = view->input->policy->demand;
		g_array_append_val(audit->facts->projects, project);
		g_strlcpy(audit->projects[i], places->project_code[places->project_fact[i]], sizeof *audit->projects);
		view->project[places->project_fact[i]] = i;
	}
}

static void
number_works(View *view, VeilAudit *audit)
{
	view->work = g_new(guint32, MAX(view->from->n_works, 1));
	for (guint32 w = 0; w < view->from->n_works; w++)
		view->work[w] = view->keep_work[w] ? audit->facts->n_works++ : VEIL_NONE;
}

/* --- the facts ------------------------------------------------------------------------------------------------------ */

static void
copy_person_facts(const View *view, VeilFacts *to)
{
	const VeilFacts *from = view->from;

	for (guint i = 0; i < from->posts->len; i++) {
		VeilPost row = *veil_facts_at(from->posts, VeilPost, i);

		if (!keeps_post(view, &row))
			continue;
		row.person = view->person[row.person];
		row.org = view->org[row.org];
		g_array_append_val(to->posts, row);
	}
	for (guint i = 0; i < from->authorships->len; i++) {
		VeilAuthorship row = *veil_facts_at(from->authorships, VeilAuthorship, i);

		if (!view->keep_work[row.work])
			continue;
		row.work = view->work[row.work];
		row.person = view->person[row.person];
		g_array_append_val(to->authorships, row);
	}
	for (guint i = 0; i < from->relations->len; i++) {
		VeilRelation row = *veil_facts_at(from->relations, VeilRelation, i);

		if (!keeps_relation(view, &row))
			continue;
		row.a = view->person[row.a];
		row.b = view->person[row.b];
		g_array_append_val(to->relations, row);
	}
	for (guint i = 0; i < from->bans->len; i++) {
		VeilBan row = *veil_facts_at(from->bans, VeilBan, i);

		row.person = view->person[row.person];
		if (row.person != VEIL_NONE)
			g_array_append_val(to->bans, row);
	}
	for (guint i = 0; i < from->avoids->len; i++) {
		VeilAvoid row = *veil_facts_at(from->avoids, VeilAvoid, i);

		if (!keeps_avoid(view, &row) || view->person[row.person] == VEIL_NONE)
			continue;
		row.person = view->person[row.person];
		row.org = view->org[row.org];
		g_array_append_val(to->avoids, row);
	}
}

static void
copy_project_facts(const View *view, VeilFacts *to)
{
	const VeilFacts *from = view->from;

	for (guint i = 0; i < from->project_people->len; i++) {
		VeilProjectPerson row = *veil_facts_at(from->project_people, VeilProjectPerson, i);

		row.project = view->project[row.project];
		row.person = view->person[row.person];
		row.org = row.org == VEIL_NONE ? VEIL_NONE : view->org[row.org];
		g_array_append_val(to->project_people, row);
	}
	for (guint i = 0; i < from->project_orgs->len; i++) {
		VeilProjectOrg row = *veil_facts_at(from->project_orgs, VeilProjectOrg, i);

		row.project = view->project[row.project];
		row.org = view->org[row.org];
		g_array_append_val(to->project_orgs, row);
	}
	for (guint i = 0; i < from->project_excludes->len; i++) {
		VeilProjectExclude row = *veil_facts_at(from->project_excludes, VeilProjectExclude, i);

		row.project = view->project[row.project];
		row.person = view->person[row.person];
		g_array_append_val(to->project_excludes, row);
	}
	for (guint i = 0; i < from->labels->len; i++)
		g_ptr_array_add(to->labels, g_strdup(g_ptr_array_index(from->labels, i)));
}

/* --- the exclusions ------------------------------------------------------------------------------------------------ */

static int
compare_person(gconstpointer a, gconstpointer b)
{
	guint32 x = ((const VeilExclusion *)a)->person, y = ((const VeilExclusion *)b)->person;

	return x < y ? -1 : x > y;
}

static void
renumber(const View *view, const VeilPlaces *places, const guint64 *offset, const VeilExclusion *pairs, guint64 **out_offset,
	 VeilExclusion **out_pairs)
{
	guint32 n = places->n_projects;
	guint64 *to_offset = g_new0(guint64, n + 1), k = 0;
	VeilExclusion *to = g_new(VeilExclusion, offset[n] + 1);

	for (guint32 i = 0; i < n; i++) {
		guint32 p = places->project_fact[i];
		guint64 start = k;

		for (guint64 j = offset[p]; j < offset[p + 1]; j++)
			to[k++] = (VeilExclusion){view->person[pairs[j].person], pairs[j].mask};
		qsort(to + start, k - start, sizeof *to, compare_person);
		to_offset[i + 1] = k;
	}
	*out_offset = to_offset;
	*out_pairs = to;
}

static VeilExclusions *
renumber_exclusions(const View *view, const VeilPlaces *places, const VeilExclusions *from)
{
	VeilExclusions *to = g_new0(VeilExclusions, 1);

	to->n_projects = from->n_projects;
	renumber(view, places, from->offset, from->pairs, &to->offset, &to->pairs);
	renumber(view, places, from->flag_offset, from->flags, &to->flag_offset, &to->flags);
	to->n_everywhere = from->n_everywhere;
	to->everywhere = g_new(VeilExclusion, from->n_everywhere + 1);
	for (guint32 i = 0; i < from->n_everywhere; i++)
		to->everywhere[i] = (VeilExclusion){view->person[from->everywhere[i].person], from->everywhere[i].mask};
	qsort(to->everywhere, to->n_everywhere, sizeof *to->everywhere, compare_person);
	return to;
}

VeilAudit *
veil_freeze_audit(const VeilFreezeInput *input, const VeilExclusions *exclusions, const VeilPlaces *places, GError **error)
{
	g_autoptr(VeilAudit) audit = veil_audit_new();
	gboolean sound;
	View view;

	view_init(&view, input);
	mark_project_side(&view);
	mark_kept(&view);
	number_persons(&view, places, audit);
	number_orgs(&view, audit);
	number_projects(&view, places, audit);
	number_works(&view, audit);
	copy_person_facts(&view, audit->facts);
	copy_project_facts(&view, audit->facts);
	audit->exclusions = renumber_exclusions(&view, places, exclusions);
	sound = veil_facts_finish(audit->facts, error);
	view_clear(&view);
	return sound ? g_steal_pointer(&audit) : NULL;
}
