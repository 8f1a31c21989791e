/* bound.c - what no legal assignment can exceed. For any prices y of the reviewers and z of the batch-wide shares
 *
 *     best total <= sum over panels V(y, z) + sum over reviewers max(max_load y, min_load y) + sum over shares max(max z, min z)
 *
 * where V is the best legal panel of a project (or team, summed over its projects) at score minus prices. Nothing has to be solved: prices that prove an optimum prove it to
 * whoever adds up. V is exact. Every panel rule becomes needs of the form "at least so many of this class" (a maximum is a need of the others) and
 * caps "at most so many of one value". Candidates whom better ones of the same class can always replace are dropped, the rest is searched, best first.
 * The unlisted of a project who share one score come cheapest first and only as far as needed, so no table of projects times reviewers is ever built.
 */
#include <string.h>

#include "judge/judge.h"

enum { MAX_NEEDS = 60, MAX_STEPS = 50000000, MAX_SEARCHED_PANEL = 500 };

typedef struct {
	guint32 reviewer; /* NONE: a dummy */
	Wide profit;
	guint64 class; /* bit q: he counts for need q */
} Candidate;

typedef struct {
	const Bound *bound;
	gint64 max;
	gint64 *count;	/* a value: candidates kept, or chosen */
	guint32 *stamp; /* of count */
} Cap;

typedef struct {
	const Bound *bound;
	gboolean others; /* those that the rule does not count */
	gint64 left;
} Need;

typedef struct {
	const Instance *x;
	const Dual *dual;
	gint64 *price;			 /* with the shares' */
	guint32 *by_price, *type_start;	 /* reviewers by type (who counts for which rule), cheapest first; start of each type */
	guint n_types;
	guint32 *member_of, *seen, unit; /* by reviewer: how many lists of the unit name him (where seen is its number) */
	Wide *sum;			 /* by reviewer: of his scores as counted */
	guint8 *mark;			 /* by reviewer: of his pairs with the unit, all of them */
	guint32 stamp;			 /* of the caps' counts */
	Cap *caps, *all_caps;
	Need needs[MAX_NEEDS];
	guint n_caps, n_needs;
	gint64 places;
	GArray *candidates;		/* Candidate */
	/* the search */
	Wide *prefix, best, *class_prefix[MAX_NEEDS];
	guint32 *class_from[MAX_NEEDS]; /* of place i: how many of the class stand before it */
	gboolean found;
	guint64 steps;
} Search;

gboolean
fits_int64(Wide value)
{
	return value >= G_MININT64 && value <= G_MAXINT64;
}

Wide
ceil_div(Wide a, Wide b)
{
	return a / b + (a % b > 0);
}

Wide
floor_div(Wide a, Wide b)
{
	return -ceil_div(-a, b);
}

/* What a score of project p counts. */
static Wide
counted(const Dual *dual, guint32 p, gint64 score)
{
	if (dual->blank)
		return 0;
	if (dual->lambda)
		return ceil_div((Wide)(MILLION + dual->lambda[p]) * score, MILLION);
	return (Wide)(dual->weight ? dual->weight[p] : 1) * score;
}

static int
best_first(gconstpointer a, gconstpointer b)
{
	const Candidate *x = a, *y = b;

	return x->profit != y->profit ? (x->profit < y->profit ? 1 : -1) : (x->reviewer > y->reviewer) - (x->reviewer < y->reviewer);
}

static int
by_class(gconstpointer a, gconstpointer b)
{
	guint64 x = ((const Candidate *)a)->class, y = ((const Candidate *)b)->class;

	return x != y ? (x > y ? 1 : -1) : best_first(a, b);
}

/* --- rules of one panel ------------------------------------------------------------------------------------------- */

static gboolean
in_class(const Search *s, const Need *need, guint32 reviewer)
{
	gboolean counts = need->bound->mark ? (s->mark[reviewer] & need->bound->mark) != 0 : need->bound->label[reviewer] != 0;

	return counts != need->others;
}

/* Rules of a project and of those that share its panel. FALSE: they contradict one another. */
static gboolean
take_rules(Search *s, guint32 leader, guint32 last)
{
	s->n_caps = s->n_needs = 0;
	for (guint b = 0; b < s->x->bounds->len; b++) {
		const Bound *bound = &g_array_index(s->x->bounds, Bound, b);
		gint64 min = 0, max = s->places;

		for (guint32 p = leader; p <= last; p++)
			if (PROJECT(s->x, p)->leader == leader) {
				min = MAX(min, bound->min[p]);
				max = MIN(max, bound->max[p]);
			}
		if (min > s->places)
			return FALSE;
		if (bound->each && max < s->places) {
			s->caps[s->n_caps] = s->all_caps[b];
			s->caps[s->n_caps++].max = max;
		}
		if (!bound->each && min > 0)
			s->needs[s->n_needs++] = (Need){bound, FALSE, min};
		if (!bound->each && max < s->places)
			s->needs[s->n_needs++] = (Need){bound, TRUE, s->places - max};
	}
	return TRUE;
}

static guint64
class_of(const Search *s, guint32 reviewer)
{
	guint64 class = 0;

	for (guint q = 0; q < s->n_needs; q++)
		class |= (guint64)(reviewer == NONE || in_class(s, &s->needs[q], reviewer)) << q;
	return class;
}

/* --- candidates --------------------------------------------------------------------------------------------------- */

static gint64 *
cap_count(const Search *s, const Cap *cap, guint32 reviewer)
{
	guint32 value = reviewer == NONE ? 0 : cap->bound->label[reviewer];

	if (value == 0)
		return NULL;
	if (cap->stamp[value] != s->stamp) {
		cap->stamp[value] = s->stamp;
		cap->count[value] = 0;
	}
	return &cap->count[value];
}

static gboolean
same_values(const Search *s, guint32 a, guint32 b)
{
	for (guint c = 0; c < s->n_caps; c++)
		if (a == NONE || b == NONE || s->caps[c].bound->label[a] == 0 || s->caps[c].bound->label[a] != s->caps[c].bound->label[b])
			return FALSE;
	return TRUE;
}

/* Of one class, best first: may the next be dropped? Either there are as many better ones with all his capped values as a cap allows, so one of them is free
 * wherever he sits; or so many better ones with no value in common that his fellows, of whom each can stand in the way of one a cap, cannot block them all. */
static gboolean
keep_class(Search *s, const Candidate *candidate, guint n, GArray *kept)
{
	gint64 wanted = (s->places - 1) * MAX(s->n_caps, 1) + 1, apart = 0, least_cap = s->places;
	guint first = kept->len;

	s->stamp++;
	for (guint c = 0; c < s->n_caps; c++)
		least_cap = MIN(least_cap, s->caps[c].max);
	for (guint i = 0; i < n && apart < wanted; i++) {
		gboolean barred = FALSE, alone = TRUE;
		gint64 alike = 0;

		for (guint c = 0; c < s->n_caps; c++) {
			const gint64 *count = cap_count(s, &s->caps[c], candidate[i].reviewer);

			barred = barred || (count && s->caps[c].max == 0) || (count && s->n_caps == 1 && *count >= s->caps[c].max);
			alone = alone && (count == NULL || *count == 0);
		}
		for (guint k = first; s->n_caps > 1 && k < kept->len; k++)
			alike += same_values(s, g_array_index(kept, Candidate, k).reviewer, candidate[i].reviewer);
		if (barred || alike >= MAX(least_cap, 1))
			continue;
		for (guint c = 0; c < s->n_caps; c++) {
			gint64 *count = cap_count(s, &s->caps[c], candidate[i].reviewer);

			if (count)
				++*count;
		}
		apart += alone;
		g_array_append_val(kept, candidate[i]);
	}
	return apart >= wanted; /* nobody worse is needed */
}

static void
add_candidate(const Search *s, GArray *into, guint32 reviewer, Wide score, guint n_members)
{
	Candidate candidate = {reviewer, score - (Wide)s->price[reviewer] * n_members, class_of(s, reviewer)};

	if (REVIEWER(s->x, reviewer)->max_load >= n_members) /* each of a team's projects is a load */
		g_array_append_val(into, candidate);
}

/* Those that no list of the unit names but all may have, at one score: of each type no more than could ever be chosen. */
static void
add_rest(Search *s, Wide score, const GArray *members)
{
	g_autoptr(GArray) type = g_array_new(FALSE, FALSE, sizeof(Candidate)), kept = g_array_new(FALSE, FALSE, sizeof(Candidate));

	for (guint t = 0; t < s->n_types; t++) {
		gint64 enough = s->places;

		g_array_set_size(type, 0);
		g_array_set_size(kept, 0);
		for (guint32 i = s->type_start[t]; i < s->type_start[t + 1]; i++) {
			guint32 r = s->by_price[i];
			gboolean out = s->seen[r] == s->unit;

			for (guint m = 0; !out && m < members->len; m++)
				out = project_bars(PROJECT(s->x, g_array_index(members, guint32, m)), r);
			if (!out)
				add_candidate(s, type, r, score, members->len);
			if (out || (gint64)type->len < enough)
				continue;
			g_array_set_size(kept, 0);
			if (keep_class(s, (const Candidate *)(gpointer)type->data, type->len, kept))
				break;
			enough *= 2;
		}
		g_array_append_vals(s->candidates, type->data, type->len);
	}
}

static void
add_dummies(Search *s, Wide score, guint n_members)
{
	Candidate dummy = {NONE, 0, class_of(s, NONE)};
	gboolean any = FALSE;
	gint64 cheapest = G_MAXINT64;

	for (guint t = 0; t < s->n_types; t++)
		for (guint32 i = s->type_start[t]; i < s->type_start[t + 1]; i++)
			if (s->seen[s->by_price[i]] != s->unit || s->member_of[s->by_price[i]] < n_members) {
				cheapest = MIN(cheapest, s->price[s->by_price[i]]);
				any = TRUE;
				break;
			}
	dummy.profit = score - (Wide)cheapest * n_members;
	for (gint64 i = 0; any && i < s->places; i++)
		g_array_append_val(s->candidates, dummy);
}

/* Everybody who may sit on the unit's panel, then without those who are never needed. */
static void
gather(Search *s, const GArray *members)
{
	g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(Candidate)), named = g_array_new(FALSE, FALSE, sizeof(guint32));
	guint n = members->len;
	Wide rest_sum = 0;
	Rest rest = REST_NONE;

	s->unit++;
	for (guint m = 0; m < n; m++) {
		guint32 p = g_array_index(members, guint32, m);
		const Project *project = PROJECT(s->x, p);
		Wide base = project->rest == REST_REAL ? counted(s->dual, p, project->rest_score) : 0;

		rest = MAX(rest, project->rest);
		rest_sum += counted(s->dual, p, project->rest_score);
		for (guint32 i = 0; i < project->n_offers; i++) {
			guint32 r = project->offer[i].reviewer;

			if (s->seen[r] != s->unit) {
				s->seen[r] = s->unit, s->member_of[r] = 0, s->sum[r] = 0, s->mark[r] = G_MAXUINT8;
				g_array_append_val(named, r);
			}
			s->member_of[r]++;
			s->mark[r] &= project->offer[i].mark;
			s->sum[r] += counted(s->dual, p, project->offer[i].score) - base;
		}
	}
	g_array_set_size(s->candidates, 0);
	for (guint i = 0; i < named->len; i++) {
		guint32 r = g_array_index(named, guint32, i);
		gboolean out = s->member_of[r] < n && rest != REST_REAL;

		for (guint m = 0; !out && m < n && s->member_of[r] < n; m++)
			out = project_bars(PROJECT(s->x, g_array_index(members, guint32, m)), r);
		if (!out)
			add_candidate(s, s->candidates, r, s->sum[r] + (rest == REST_REAL ? rest_sum : 0), n);
	}
	if (rest == REST_REAL)
		add_rest(s, rest_sum, members);
	if (rest == REST_DUMMIES)
		add_dummies(s, rest_sum, n);
	g_array_sort(s->candidates, by_class);
	for (guint i = 0, end; i < s->candidates->len; i = end) {
		const Candidate *from = &g_array_index(s->candidates, Candidate, i);

		for (end = i; end < s->candidates->len && g_array_index(s->candidates, Candidate, end).class == from->class; end++)
			;
		keep_class(s, from, end - i, kept);
	}
	g_array_sort(kept, best_first);
	g_array_set_size(s->candidates, 0);
	g_array_append_vals(s->candidates, kept->data, kept->len);
}

/* --- search ------------------------------------------------------------------------------------------------------- */

/* The most that `places` more from candidate i on can bring; FALSE: the needs cannot be met. */
static gboolean
upper_bound(const Search *s, guint i, gint64 places, Wide *out)
{
	*out = s->prefix[i + places] - s->prefix[i];
	for (guint q = 0; q < s->n_needs; q++) {
		gint64 left = MAX(s->needs[q].left, 0);
		guint32 from = s->class_from[q][i];

		if (left > places || from + left > s->class_from[q][s->candidates->len])
			return FALSE;
		*out = MIN(*out, s->class_prefix[q][from + left] - s->class_prefix[q][from] + s->prefix[i + places - left] - s->prefix[i]);
	}
	return TRUE;
}

static void
search(Search *s, guint from, gint64 places, Wide value)
{
	if (places == 0) {
		for (guint q = 0; q < s->n_needs; q++)
			if (s->needs[q].left > 0)
				return;
		s->best = s->found ? MAX(s->best, value) : value;
		s->found = TRUE;
		return;
	}
	for (guint i = from; i + places <= s->candidates->len && s->steps < MAX_STEPS; i++) {
		const Candidate *candidate = &g_array_index(s->candidates, Candidate, i);
		gboolean capped = FALSE;
		Wide more;

		s->steps++;
		if (!upper_bound(s, i, places, &more) || (s->found && value + more <= s->best))
			return;
		for (guint c = 0; c < s->n_caps; c++) {
			const gint64 *count = cap_count(s, &s->caps[c], candidate->reviewer);

			capped = capped || (count && *count >= s->caps[c].max);
		}
		if (capped)
			continue;
		for (int step = 1; step >= -1; step -= 2) {
			for (guint q = 0; q < s->n_needs; q++)
				s->needs[q].left -= candidate->class >> q & 1 ? step : 0;
			for (guint c = 0; c < s->n_caps; c++) {
				gint64 *count = cap_count(s, &s->caps[c], candidate->reviewer);

				if (count)
					*count += step;
			}
			if (step == 1)
				search(s, i + 1, places - 1, value + candidate->profit);
		}
	}
}

static void
prepare(Search *s)
{
	guint n = s->candidates->len;

	s->prefix = g_renew(Wide, s->prefix, n + 1);
	s->prefix[0] = 0;
	for (guint i = 0; i < n; i++)
		s->prefix[i + 1] = s->prefix[i] + g_array_index(s->candidates, Candidate, i).profit;
	for (guint q = 0; q < s->n_needs; q++) {
		guint32 members = 0;

		s->class_prefix[q] = g_renew(Wide, s->class_prefix[q], n + 1);
		s->class_from[q] = g_renew(guint32, s->class_from[q], n + 1);
		s->class_prefix[q][0] = 0;
		for (guint i = 0; i < n; i++) {
			s->class_from[q][i] = members;
			if (!(g_array_index(s->candidates, Candidate, i).class >> q & 1))
				continue;
			s->class_prefix[q][members + 1] = s->class_prefix[q][members] + g_array_index(s->candidates, Candidate, i).profit;
			members++;
		}
		s->class_from[q][n] = members;
	}
}

typedef enum { PANEL_FOUND, PANEL_CONTRADICTION, PANEL_TOO_FEW, PANEL_NONE, PANEL_TANGLED } Outcome;

/* The best legal panel of the unit that this project leads. */
static Outcome
best_panel(Search *s, guint32 leader, const GArray *members, Wide *out)
{
	s->places = PROJECT(s->x, leader)->demand;
	*out = 0;
	if (s->places == 0)
		return PANEL_FOUND;
	if (!take_rules(s, leader, g_array_index(members, guint32, members->len - 1)))
		return PANEL_CONTRADICTION;
	gather(s, members);
	if (s->candidates->len < s->places)
		return PANEL_TOO_FEW;
	prepare(s);
	if (s->n_needs == 0 && s->n_caps <= 1) { /* whoever was kept goes together, best first, and makes the best panel */
		*out = s->prefix[s->places];
		return PANEL_FOUND;
	}
	if (s->places > MAX_SEARCHED_PANEL)
		return PANEL_TANGLED;
	s->stamp++;
	s->found = FALSE;
	s->steps = 0;
	search(s, 0, s->places, 0);
	*out = s->best;
	return s->steps >= MAX_STEPS ? PANEL_TANGLED : s->found ? PANEL_FOUND : PANEL_NONE;
}

static gboolean
told(Outcome outcome, const char *id)
{
	switch (outcome) {
	case PANEL_CONTRADICTION:
		return verdict_reject("the panel rules of project %s contradict one another", id);
	case PANEL_TOO_FEW:
		return verdict_reject("project %s has fewer allowed reviewers than its demand", id);
	case PANEL_NONE:
		return verdict_reject("project %s has no legal panel among its allowed reviewers", id);
	case PANEL_TANGLED:
		return verdict_reject("project %s: its panel rules cross in more ways than this checker can search", id);
	default:
		return TRUE;
	}
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

/* Reviewers by the rules that count them, then by price. */
static int
by_type(gconstpointer a, gconstpointer b, gpointer data)
{
	const Search *s = data;
	guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;

	for (guint i = 0; i < s->x->bounds->len; i++) {
		const Bound *bound = &g_array_index(s->x->bounds, Bound, i);

		if (!bound->each && !bound->mark && bound->label[x] != bound->label[y])
			return bound->label[x] > bound->label[y] ? 1 : -1;
	}
	return s->price == NULL ? 0 : (s->price[x] > s->price[y]) - (s->price[x] < s->price[y]);
}

static gboolean
search_init(Search *s, const Instance *x, const Dual *dual)
{
	guint n = x->reviewers->len, needs = 0;

	*s = (Search){.x = x, .dual = dual, .price = g_new(gint64, n + 1), .by_price = g_new(guint32, n + 1), .type_start = g_new(guint32, n + 2),
		      .member_of = g_new0(guint32, n + 1), .seen = g_new0(guint32, n + 1), .sum = g_new(Wide, n + 1), .mark = g_new0(guint8, n + 1),
		      .caps = g_new0(Cap, x->bounds->len + 1), .all_caps = g_new0(Cap, x->bounds->len + 1)};
	s->candidates = g_array_new(FALSE, FALSE, sizeof(Candidate));
	for (guint b = 0; b < x->bounds->len; b++) {
		const Bound *bound = &g_array_index(x->bounds, Bound, b);
		guint32 most = 0;

		needs += bound->each ? 0 : 2;
		for (guint r = 0; r < n && !bound->mark; r++)
			most = MAX(most, bound->label[r]);
		s->all_caps[b] = (Cap){bound, 0, g_new(gint64, (gsize)most + 1), g_new0(guint32, (gsize)most + 1)};
	}
	if (needs > MAX_NEEDS)
		return verdict_reject("there are more panel rules than this checker can hold");
	for (guint32 r = 0; r < n; r++) {
		Wide price = dual->price[r];

		for (guint i = 0; dual->share && i < x->shares->len; i++)
			price += g_array_index(x->shares, Share, i).label[r] ? dual->share[i] : 0;
		if (price > MAX_PRICE || price < -MAX_PRICE)
			return verdict_reject("a price makes no sense: it is beyond 2^61");
		s->price[r] = (gint64)price;
		s->by_price[r] = r;
	}
	g_qsort_with_data(s->by_price, (gint)n, sizeof(guint32), by_type, s);
	for (guint32 i = 0; i < n; i++) {
		gint64 *price = s->price;

		s->price = NULL; /* the type alone */
		if (i == 0 || by_type(&s->by_price[i - 1], &s->by_price[i], s) != 0)
			s->type_start[s->n_types++] = i;
		s->price = price;
	}
	s->type_start[s->n_types] = n;
	return TRUE;
}

static void
search_clear(Search *s)
{
	for (guint b = 0; b < s->x->bounds->len; b++)
		g_free(s->all_caps[b].count), g_free(s->all_caps[b].stamp);
	for (guint q = 0; q < MAX_NEEDS; q++)
		g_free(s->class_prefix[q]), g_free(s->class_from[q]);
	g_free(s->price), g_free(s->by_price), g_free(s->type_start), g_free(s->member_of), g_free(s->seen), g_free(s->sum), g_free(s->mark);
	g_free(s->caps), g_free(s->all_caps), g_free(s->prefix);
	g_array_unref(s->candidates);
}

/* The projects of the team that this one leads, itself first. */
static void
team_of(const Instance *x, guint32 leader, GArray *members)
{
	g_array_set_size(members, 0);
	for (guint32 p = leader; p < (PROJECT(x, leader)->team ? x->projects->len : leader + 1); p++)
		if (PROJECT(x, p)->leader == leader)
			g_array_append_val(members, p);
}

gboolean
dual_bound(const Instance *x, const Dual *dual, Wide *out_bound)
{
	Search s;
	gboolean ok = search_init(&s, x, dual);
	g_autoptr(GArray) members = g_array_new(FALSE, FALSE, sizeof(guint32));
	Wide bound = 0, value = 0;

	for (guint32 p = 0; ok && p < x->projects->len; p++) {
		if (PROJECT(x, p)->leader != p)
			continue;
		team_of(x, p, members);
		ok = told(best_panel(&s, p, members, &value), PROJECT(x, p)->id);
		bound += value;
	}
	for (guint r = 0; ok && r < x->reviewers->len; r++)
		bound += MAX((Wide)dual->price[r] * REVIEWER(x, r)->max_load, (Wide)dual->price[r] * REVIEWER(x, r)->min_load);
	for (guint i = 0; ok && dual->share && i < x->shares->len; i++) {
		const Share *share = &g_array_index(x->shares, Share, i);

		bound += MAX((Wide)dual->share[i] * share->max, (Wide)dual->share[i] * share->min);
	}
	search_clear(&s);
	*out_bound = bound;
	return ok;
}

gboolean
panel_impossible(const Instance *x, guint32 project)
{
	g_autofree gint64 *price = g_new0(gint64, x->reviewers->len + 1);
	g_autoptr(GArray) members = g_array_new(FALSE, FALSE, sizeof(guint32));
	Search s;
	Outcome outcome = PANEL_TANGLED;
	Wide value;

	if (search_init(&s, x, &(Dual){.price = price, .blank = TRUE})) {
		team_of(x, PROJECT(x, project)->leader, members);
		outcome = best_panel(&s, PROJECT(x, project)->leader, members, &value);
	}
	search_clear(&s);
	return outcome == PANEL_CONTRADICTION || outcome == PANEL_TOO_FEW || outcome == PANEL_NONE;
}
