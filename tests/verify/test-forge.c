/* test-forge.c - certificates of `veil match` and what must not pass for one: named forgeries, each refused for its own reason, and random mutations.
 *
 * The true results come from the engine, the files are written here. A forger controls the certificate and the assignment, digests included; the lists and options are the checker's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <glib/gstdio.h>

#include <json-glib/json-glib.h>

#include <veil/draw.h>
#include <veil/odds.h>

#include "verify.h"

enum { N_P = 5, N_R = 9, DEMAND = 2, LOAD = 2 };

typedef enum { TOTAL, FAIR, DRAW, SHORT } Kind;

/* A result as the certificate tells it. */
typedef struct {
	Kind kind;
	const char *format, *method, *status;
	gint64 objective, bound, price[N_R], share_price, lambda[N_P];
	gint64 minimum, minimum_bound, min_weight[N_P], min_price[N_R], min_share_price;
	gint64 odds_cap, band, perturbation, expected, drawn_total;
	guint32 odds[N_P][N_R];
	char seed[65];
	gboolean in[N_P][N_R];	 /* assigned */
	gint64 score_off[N_P][N_R]; /* what the assignment's score is off by */
	int twice;		 /* a row written twice: its number + 1 */
	const char *digest;	 /* in place of the true one */
	const char *extra;	 /* text put in front of the certificate's last brace */
	const char *witness;
} Model;

static gint64 score[N_P][N_R];
static const char *const employer_names[] = {"", "e", "f", "g"};
static guint32 town[N_R], employer[N_R], finance[N_R];
static Model truth[4];
static char *dir;

static const char *const policies[] = {
	[TOTAL] = "[panel.employer]\nattribute=employer\nmax=1\n[panel.town]\nattribute=town\nvalue=1\nmin=1\n[share.f]\nattribute=finance\nvalue=1\nmin_share=0.2\nmax_share=0.7\n",
	[FAIR] = "[panel.employer]\nattribute=employer\nmax=1\n[panel.town]\nattribute=town\nvalue=1\nmin=1\n[share.f]\nattribute=finance\nvalue=1\nmin_share=0.2\nmax_share=0.7\n",
	[DRAW] = "[panel.employer]\nattribute=employer\nmax=1\n[batch]\nodds=0.6\n[draw]\nband=0\nperturbation=0.3\n",
	[SHORT] = "[panel.employer]\nattribute=employer\nmax=1\n[panel.town]\nattribute=town\nvalue=2\nmin=2\n",
};

/* --- files -------------------------------------------------------------------------------------------------------- */

static void
put(const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	FILE *file = g_fopen(path, "w");

	g_assert_true(fputs(text, file) >= 0 && fclose(file) == 0); /* not made durable: there are many */
}

static char *
path_of(const char *name)
{
	return g_build_filename(dir, name, NULL);
}

static void
put_lists(void)
{
	g_autoptr(GString) scores = g_string_new("project,reviewer,score\n"), loads = g_string_new("reviewer,min,max\n"), people = g_string_new("reviewer,employer,town,finance\n");
	static const char *const names[] = {[TOTAL] = "total.policy", "fair.policy", "draw.policy", "short.policy"};

	for (guint p = 0; p < N_P; p++)
		for (guint r = 0; r < N_R; r++)
			g_string_append_printf(scores, "p%u,r%u,0.%06d\n", p, r, (int)score[p][r]);
	for (guint r = 0; r < N_R; r++) {
		g_string_append_printf(loads, "r%u,0,%d\n", r, LOAD);
		g_string_append_printf(people, "r%u,%s,%u,%u\n", r, employer_names[employer[r]], town[r], finance[r]);
	}
	put("scores.csv", scores->str);
	put("loads.csv", loads->str);
	put("people.csv", people->str);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		put(names[i], policies[i]);
}

static void
add_map(GString *out, const char *name, const char *letter, const gint64 *value, guint n)
{
	const char *comma = "";

	g_string_append_printf(out, ",\"%s\":{", name);
	for (guint i = 0; i < n; i++)
		if (value[i] != 0) {
			g_string_append_printf(out, "%s\"%s%u\":%" G_GINT64_FORMAT, comma, letter, i, value[i]);
			comma = ",";
		}
	g_string_append(out, "}");
}

static char *
assignment_text(const Model *m)
{
	GString *out = g_string_new("project,reviewer,score\n");
	int row = 0;

	for (guint p = 0; p < N_P; p++)
		for (guint r = 0; r < N_R; r++) {
			if (!m->in[p][r])
				continue;
			row++;
			for (int k = 0; k < (row == m->twice ? 2 : 1); k++)
				g_string_append_printf(out, "p%u,r%u,0.%06d\n", p, r, (int)(score[p][r] + m->score_off[p][r]));
		}
	return g_string_free(out, FALSE);
}

static char *
certificate_text(const Model *m, const char *assignment)
{
	g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, assignment, -1);
	GString *out = g_string_new(NULL);
	const char *comma = "";

	g_string_printf(out, "{\"format\":\"%s\",\"method\":\"%s\",\"status\":\"%s\"", m->format, m->method, m->status);
	if (m->kind == SHORT) {
		g_string_append_printf(out, ",\"witness\":%s%s}", m->witness, m->extra ? m->extra : "");
		return g_string_free(out, FALSE);
	}
	g_string_append_printf(out, ",\"objective\":%" G_GINT64_FORMAT ",\"bound\":%" G_GINT64_FORMAT ",\"assignment_sha256\":\"%s\"", m->objective, m->bound,
			       m->digest ? m->digest : digest);
	add_map(out, "prices", "r", m->price, N_R);
	if (m->kind != DRAW)
		g_string_append_printf(out, ",\"share_prices\":{\"f\":%" G_GINT64_FORMAT "}", m->share_price);
	if (m->kind == FAIR) {
		add_map(out, "weights", "p", m->lambda, N_P);
		g_string_append_printf(out, ",\"minimum\":{\"value\":%" G_GINT64_FORMAT ",\"bound\":%" G_GINT64_FORMAT, m->minimum, m->minimum_bound);
		add_map(out, "weights", "p", m->min_weight, N_P);
		add_map(out, "prices", "r", m->min_price, N_R);
		g_string_append_printf(out, ",\"share_prices\":{\"f\":%" G_GINT64_FORMAT "}}", m->min_share_price);
	}
	if (m->kind == DRAW) {
		g_string_append_printf(out, ",\"seed\":\"%s\",\"odds_cap\":%" G_GINT64_FORMAT ",\"band\":%" G_GINT64_FORMAT ",\"perturbation\":%" G_GINT64_FORMAT
				       ",\"expected\":%" G_GINT64_FORMAT ",\"drawn_total\":%" G_GINT64_FORMAT ",\"odds\":[", m->seed, m->odds_cap, m->band, m->perturbation,
				       m->expected, m->drawn_total);
		for (guint p = 0; p < N_P; p++)
			for (guint r = 0; r < N_R; r++)
				if (m->odds[p][r]) {
					g_string_append_printf(out, "%s[\"p%u\",\"r%u\",%u]", comma, p, r, m->odds[p][r]);
					comma = ",";
				}
		g_string_append(out, "]");
	}
	g_string_append_printf(out, "%s}", m->extra ? m->extra : "");
	return g_string_free(out, FALSE);
}

static gboolean
verified(const Model *m, const char *certificate)
{
	static const char *const names[] = {[TOTAL] = "total.policy", "fair.policy", "draw.policy", "short.policy"};
	g_autofree char *assignment = assignment_text(m), *told = certificate ? g_strdup(certificate) : certificate_text(m, assignment);
	MatchOptions o = {.scores = path_of("scores.csv"), .loads = path_of("loads.csv"), .attributes = path_of("people.csv"), .policy = path_of(names[m->kind]),
			  .assignment = m->kind == SHORT ? NULL : path_of("assignment.csv"), .certificate = path_of("certificate.json"), .demand = (char *)"2",
			  .method = (char *)(m->kind == FAIR ? "fair" : m->kind == DRAW ? "draw" : "total"), .seed = m->kind == DRAW ? truth[DRAW].seed : NULL};
	gboolean ok;

	put("assignment.csv", assignment);
	put("certificate.json", told);
	verdict_forget();
	ok = match_verify(&o) && verdict_reason() == NULL;
	g_free(o.scores), g_free(o.loads), g_free(o.attributes), g_free(o.policy), g_free(o.assignment), g_free(o.certificate);
	return ok;
}

/* --- the true results --------------------------------------------------------------------------------------------- */

static void
solve(Kind kind)
{
	Model *m = &truth[kind];
	guint32 demand[N_P], load[N_R], reviewer[N_P * N_R], town_min[N_P], each_max[N_P], town_label[N_R];
	guint64 offset[N_P + 1] = {0};
	VeilPanelBound bounds[] = {{employer, TRUE, NULL, each_max, 0}, {town_label, FALSE, town_min, NULL, 0}};
	VeilBatchShare share = {finance, 2, 7};
	VeilInstance in = {.n_projects = N_P, .n_reviewers = N_R, .demand = demand, .max_load = load, .offset = offset, .reviewer = reviewer, .score = &score[0][0],
			   .bounds = bounds, .n_bounds = kind == DRAW ? 1 : 2, .shares = kind == DRAW ? NULL : &share, .n_shares = kind != DRAW};
	g_autoptr(GError) error = NULL;

	*m = (Model){.kind = kind, .format = "veil-certificate/2", .method = kind == FAIR ? "fair" : kind == DRAW ? "draw" : "total", .status = "optimal"};
	for (guint32 p = 0; p < N_P; p++) {
		demand[p] = DEMAND, town_min[p] = 1, each_max[p] = 1, offset[p + 1] = (p + 1) * N_R;
		for (guint32 r = 0; r < N_R; r++)
			reviewer[p * N_R + r] = r;
	}
	for (guint32 r = 0; r < N_R; r++)
		load[r] = LOAD, town_label[r] = town[r] == 1;
	if (kind == DRAW) {
		VeilOddsOptions options = {.cap = 6000, .perturbation = 300000};
		g_autoptr(VeilOdds) odds = veil_odds_solve(&in, &options, &error);
		guint8 seed[32] = {1, 2, 3};
		guint64 drawn_offset[N_P + 1];
		guint32 drawn[N_P * DEMAND];

		g_assert_no_error(error);
		hex_of(seed, 32, m->seed);
		m->status = "feasible";
		m->odds_cap = options.cap, m->perturbation = options.perturbation, m->objective = m->expected = odds->expected, m->bound = odds->bound;
		memcpy(m->price, odds->price, sizeof m->price);
		memcpy(m->odds, odds->odds, sizeof m->odds);
		g_assert_true(veil_draw_round(&in, odds->odds, seed, drawn_offset, drawn, NULL));
		for (guint32 p = 0; p < N_P; p++)
			for (guint64 i = drawn_offset[p]; i < drawn_offset[p + 1]; i++) {
				m->in[p][drawn[i]] = TRUE;
				m->drawn_total += score[p][drawn[i]];
			}
		return;
	}
	g_autoptr(VeilMatch) match = kind == FAIR ? veil_match_fair(&in, NULL, &error) : veil_match_total(&in, NULL, &error);

	g_assert_no_error(error);
	m->objective = match->objective, m->bound = match->bound;
	m->status = match->objective == match->bound && match->minimum == match->minimum_bound ? "optimal" : "feasible";
	memcpy(m->price, match->price, sizeof m->price);
	m->share_price = match->share_price[0];
	for (guint32 p = 0; p < N_P; p++)
		for (guint64 i = match->assigned_offset[p]; i < match->assigned_offset[p + 1]; i++)
			m->in[p][match->assigned[i]] = TRUE;
	if (kind == FAIR) {
		m->minimum = match->minimum, m->minimum_bound = match->minimum_bound;
		memcpy(m->lambda, match->weight, sizeof m->lambda);
		memcpy(m->min_weight, match->min_weight, sizeof m->min_weight);
		memcpy(m->min_price, match->min_price, sizeof m->min_price);
		m->min_share_price = match->min_share_price ? match->min_share_price[0] : 0;
	}
}

static int
set_up(void **state)
{
	GRand *random = g_rand_new_with_seed(21);

	(void)state;
	dir = g_dir_make_tmp("veil-forge-XXXXXX", NULL);
	for (guint r = 0; r < N_R; r++)
		town[r] = r % 3, employer[r] = r < 6 ? r / 2 + 1 : 0, finance[r] = r % 4 == 0;
	for (guint p = 0; p < N_P; p++)
		for (guint r = 0; r < N_R; r++)
			score[p][r] = g_rand_int_range(random, 100000, 899999) + (r == 4 ? 100000 : 0); /* whom everybody wants */
	g_rand_free(random);
	put_lists();
	for (Kind kind = TOTAL; kind <= DRAW; kind++)
		solve(kind);
	truth[SHORT] = (Model){.kind = SHORT, .format = "veil-certificate/2", .method = "total", .status = "infeasible",
			       .witness = "{\"kind\":\"rule\",\"rule\":\"town\",\"projects\":[\"p0\",\"p1\",\"p2\",\"p3\",\"p4\"],\"reviewers\":[\"r2\",\"r5\",\"r8\"],\"short_by\":4}"};
	return 0;
}

static int
tear_down(void **state)
{
	GDir *open = g_dir_open(dir, 0, NULL);
	const char *name;

	(void)state;
	while ((name = g_dir_read_name(open)) != NULL) {
		g_autofree char *path = path_of(name);

		g_remove(path);
	}
	g_dir_close(open);
	g_rmdir(dir);
	g_free(dir);
	return 0;
}

/* --- named forgeries ---------------------------------------------------------------------------------------------- */

static guint
nth(const Model *m, guint p, gboolean in, guint k)
{
	for (guint r = 0; r < N_R; r++)
		if (m->in[p][r] == in && k-- == 0)
			return r;
	return N_R - 1;
}

static void
replace(Model *m, guint p, guint from, guint to)
{
	m->in[p][from] = FALSE;
	m->in[p][to] = TRUE;
	m->objective += m->kind == DRAW ? 0 : score[p][to] - score[p][from];
	m->drawn_total += score[p][to] - score[p][from];
}

/* Project 0: somebody of an employer that stays, or whatever `want` says. */
static void f_none(Model *m) { (void)m; }
static void f_drop(Model *m) { m->in[0][nth(m, 0, TRUE, 0)] = FALSE; }
static void f_add(Model *m) { m->in[0][nth(m, 0, FALSE, 0)] = TRUE; }
static void f_twice(Model *m) { m->twice = 1; }
static void f_swap(Model *m) { guint a = nth(m, 0, TRUE, 0), b = nth(m, 1, TRUE, 0); replace(m, 0, a, b); replace(m, 1, b, a); }
static void f_employer(Model *m) { for (guint r = 0; r < N_R; r++) m->in[0][r] = r == 2 || r == 3; }
static void f_town(Model *m) { for (guint r = 0; r < N_R; r++) m->in[0][r] = r == 0 || r == 8; }
static void f_load(Model *m) { for (guint p = 0; p < N_P; p++) for (guint r = 0; r < N_R; r++) m->in[p][r] = r == 7 || r == 1 + p % 2 * 3; }
static void
f_share(Model *m)
{
	static const guint panels[N_P][DEMAND] = {{1, 6}, {1, 3}, {7, 5}, {7, 2}, {4, 6}};

	memset(m->in, 0, sizeof m->in);
	for (guint p = 0; p < N_P; p++)
		m->in[p][panels[p][0]] = m->in[p][panels[p][1]] = TRUE;
}
static void f_score(Model *m) { m->score_off[0][nth(m, 0, TRUE, 0)] = 1; }
static void f_objective(Model *m) { m->objective++; }
static void f_bound_up(Model *m) { m->bound++; }
static void f_bound_down(Model *m) { m->bound--; }
static void f_both_down(Model *m) { m->bound--, m->objective--; }
static void f_price(Model *m) { m->price[1] += 30000; }
static void f_price_negative(Model *m) { m->price[1] = -900000; }
static void f_price_huge(Model *m) { m->price[1] = G_MAXINT64; }
static void f_prices_gone(Model *m) { memset(m->price, 0, sizeof m->price); m->share_price = 0; }
static void f_share_price(Model *m) { m->share_price += 77777; }
static void f_digest(Model *m) { m->digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; }
static void f_format_old(Model *m) { m->format = "veil-certificate/1"; }
static void f_format_new(Model *m) { m->format = "veil-certificate/3"; }
static void f_method(Model *m) { m->method = "total"; }
static void f_status(Model *m) { m->status = "splendid"; }
static void f_infeasible(Model *m) { m->status = "infeasible"; }
static void f_minimum(Model *m) { m->minimum++; }
static void f_minimum_bound(Model *m) { m->minimum_bound--; }
static void f_minimum_bound_up(Model *m) { m->minimum_bound++; }
static void f_weight(Model *m) { for (guint p = 0; p < N_P; p++) if (m->min_weight[p] > 1) { m->min_weight[p]--; return; } }
static void f_weight_moved(Model *m) { for (guint p = 0; p < N_P; p++) if (m->min_weight[p] > 100000) { m->min_weight[p] -= 100000, m->min_weight[(p + 1) % N_P] += 100000; return; } }
static void f_weight_negative(Model *m) { m->min_weight[0] -= 2000000, m->min_weight[1] += 2000000; }
static void f_weights_doubled(Model *m) { for (guint p = 0; p < N_P; p++) m->min_weight[p] *= 2; }
static void f_lambda(Model *m) { for (guint p = 0; p < N_P; p++) m->lambda[p] += 500000; }
static void f_lambda_negative(Model *m) { m->lambda[0] = -1; }
static void f_min_price(Model *m) { m->min_price[1] += (gint64)40000 * MILLION; }
static void f_worse_minimum(Model *m) { guint a = nth(m, 0, TRUE, 0), b = nth(m, 0, TRUE, 1), c = nth(m, 1, TRUE, 0), d = nth(m, 1, TRUE, 1); for (guint r = 0; r < N_R; r++) m->in[0][r] = r == c || r == d, m->in[1][r] = r == a || r == b; }
static void f_seed(Model *m) { m->seed[0] = m->seed[0] == 'f' ? '0' : 'f'; }
static void f_seed_short(Model *m) { m->seed[63] = '\0'; }
static void f_cap(Model *m) { m->odds_cap = 7000; }
static void f_band(Model *m) { m->band = 1000; }
static void f_perturbation(Model *m) { m->perturbation += 1000; }
static void f_expected(Model *m) { m->expected++, m->objective++; }
static void f_drawn_total(Model *m) { m->drawn_total--; }
static void f_draw_bound(Model *m) { m->bound += 5; }
static void
f_odds_moved(Model *m)
{
	for (guint a = 0; a < N_R; a++)
		for (guint b = 0; b < N_R; b++) {
			guint32 load = 0;

			for (guint p = 0; p < N_P; p++)
				load += m->odds[p][b];
			if (a == b || m->odds[0][a] < 300 || m->odds[0][b] < 300 || m->odds[0][b] > 5000 || load > LOAD * 10000 - 200 || (employer[b] && employer[a] != employer[b]))
				continue;
			m->odds[0][a] -= 200, m->odds[0][b] += 200;
			return;
		}
}
static void f_odds_dropped(Model *m) { for (guint r = 0; r < N_R; r++) if (m->odds[0][r]) { m->odds[0][r] = 0; return; } }
static void f_odds_capped(Model *m) { guint a = 0; for (guint r = 0; r < N_R; r++) a = m->odds[0][r] > m->odds[0][a] ? r : a; for (guint r = 0; r < N_R; r++) if (r != a && m->odds[0][r] > 0) { guint32 move = MIN(m->odds[0][r], 6001 - MIN(m->odds[0][a], 6000)); m->odds[0][a] += move, m->odds[0][r] -= move; } }
static void f_odds_given(Model *m) { for (guint r = 0; r < N_R; r++) if (!m->odds[0][r]) { m->odds[0][r] = 10000; return; } m->odds[0][0] += 10000; }
static void f_odds_other(Model *m) { guint a = nth(m, 0, TRUE, 0); for (guint r = 0; r < N_R; r++) if (!m->in[0][r] && m->odds[0][r] && employer[r] != employer[nth(m, 0, TRUE, 1)]) { replace(m, 0, a, r); return; } }
static void f_odds_certain(Model *m) { for (guint p = 0; p < N_P; p++) for (guint r = 0; r < N_R; r++) m->odds[p][r] = m->in[p][r] ? 10000 : 0; }
static void f_draw_price(Model *m) { m->price[0] += 250000000; }
static void f_both_ways(Model *m) { m->extra = ",\"lottery\":[]"; }
static void f_lottery_of_none(Model *m) { memset(m->odds, 0, sizeof m->odds); }
static void f_short_more(Model *m) { m->witness = "{\"kind\":\"rule\",\"rule\":\"town\",\"projects\":[\"p0\",\"p1\",\"p2\",\"p3\",\"p4\"],\"reviewers\":[\"r2\",\"r5\",\"r8\"],\"short_by\":5}"; }
static void f_short_fewer(Model *m) { m->witness = "{\"kind\":\"rule\",\"rule\":\"town\",\"projects\":[\"p0\",\"p1\",\"p2\",\"p3\"],\"reviewers\":[\"r2\",\"r5\",\"r8\"],\"short_by\":4}"; }
static void f_short_rule(Model *m) { m->witness = "{\"kind\":\"rule\",\"rule\":\"city\",\"projects\":[\"p0\"],\"reviewers\":[],\"short_by\":1}"; }
static void f_short_people(Model *m) { m->witness = "{\"kind\":\"rule\",\"rule\":\"town\",\"projects\":[\"p0\",\"p1\",\"p2\",\"p3\",\"p4\"],\"reviewers\":[\"r2\",\"r5\"],\"short_by\":4}"; }
static void f_short_panel(Model *m) { m->witness = "{\"kind\":\"panel\",\"projects\":[\"p0\"],\"reviewers\":[],\"short_by\":1}"; }
static void f_short_prices(Model *m) { m->witness = "{\"kind\":\"prices\",\"projects\":[],\"reviewers\":[],\"prices\":{\"r0\":5},\"short_by\":10}"; }
static void f_short_prices_true(Model *m) { m->witness = "{\"kind\":\"prices\",\"projects\":[],\"reviewers\":[],\"prices\":{\"r2\":1000,\"r5\":1000,\"r8\":1000},\"short_by\":4000}"; }
static void f_short_places(Model *m) { m->witness = "{\"kind\":\"places\",\"projects\":[\"p0\",\"p1\"],\"reviewers\":[\"r0\"],\"short_by\":1}"; }
static void f_short_minimum(Model *m) { m->witness = "{\"kind\":\"minimum\",\"projects\":[],\"reviewers\":[\"r0\"],\"short_by\":1}"; }
static void f_short_nothing(Model *m) { m->witness = "[]"; }
static void f_short_stranger(Model *m) { m->witness = "{\"kind\":\"places\",\"projects\":[\"p9\"],\"reviewers\":[],\"short_by\":1}"; }

static void f_remark(Model *m) { m->extra = ",\"remark\":\"well done\""; }
static void f_prices_twice(Model *m) { m->extra = ",\"prices\":{}"; }
static void f_minimum_of_total(Model *m) { m->extra = ",\"weights\":{}"; }
static void f_short_remark(Model *m) { m->witness = "{\"kind\":\"rule\",\"rule\":\"town\",\"projects\":[\"p0\",\"p1\",\"p2\",\"p3\",\"p4\"],\"reviewers\":[\"r2\",\"r5\",\"r8\"],\"short_by\":4,\"x\":1}"; }

typedef struct {
	const char *name;
	Kind kind;
	void (*forge)(Model *m);
	const char *reason; /* NULL: it holds */
} Forgery;

static const Forgery forgeries[] = {
	{"good: total", TOTAL, f_none, NULL}, {"good: fair", FAIR, f_none, NULL}, {"good: draw", DRAW, f_none, NULL}, {"good: short", SHORT, f_none, NULL},
	{"good: short, by prices", SHORT, f_short_prices_true, NULL},
	{"total: a place dropped", TOTAL, f_drop, "its demand is 2"},
	{"total: a place added", TOTAL, f_add, "has 3 reviewers"},
	{"total: a row twice", TOTAL, f_twice, "give the same pair"},
	{"total: two of one employer", TOTAL, f_employer, "two reviewers of one employer"},
	{"total: a minimum missed", TOTAL, f_town, "rule town counts, which asks for 1"},
	{"total: a load exceeded", TOTAL, f_load, "the load bounds are 0 and 2"},
	{"total: a share missed", TOTAL, f_share, "are of share f"},
	{"total: a score raised", TOTAL, f_score, "not that of the inputs"},
	{"total: objective raised", TOTAL, f_objective, "objective is not the sum"},
	{"total: bound raised", TOTAL, f_bound_up, "prices do not give its bound"},
	{"total: bound lowered", TOTAL, f_bound_down, "prices do not give its bound"},
	{"total: objective and bound lowered", TOTAL, f_both_down, "objective is not the sum"},
	{"total: a price shifted", TOTAL, f_price, "prices do not give its bound"},
	{"total: a price below 0", TOTAL, f_price_negative, "prices do not give its bound"},
	{"total: a price beyond reason", TOTAL, f_price_huge, "makes no sense"},
	{"total: prices dropped", TOTAL, f_prices_gone, "prices do not give its bound"},
	{"total: a share's price shifted", TOTAL, f_share_price, "prices do not give its bound"},
	{"total: another assignment's", TOTAL, f_digest, "another assignment"},
	{"total: an unknown status", TOTAL, f_status, "status is not known"},
	{"total: infeasible without a witness", TOTAL, f_infeasible, "a member that is not known"},
	{"total: a format to come", TOTAL, f_format_new, "veil-certificate/2"},
	{"fair: told as total", FAIR, f_method, "a member that is not known"},
	{"fair: in the old format", FAIR, f_format_old, "veil-certificate/2"},
	{"fair: the minimum raised", FAIR, f_minimum, "not the total of the worst-served"},
	{"fair: its bound lowered", FAIR, f_minimum_bound, "do not give the bound of its minimum"},
	{"fair: its bound raised", FAIR, f_minimum_bound_up, "do not give the bound of its minimum"},
	{"fair: a weight lost", FAIR, f_weight, "do not sum to a million"},
	{"fair: a weight moved", FAIR, f_weight_moved, "do not give the bound of its minimum"},
	{"fair: a weight below 0", FAIR, f_weight_negative, "a weight of project p0"},
	{"fair: weights doubled", FAIR, f_weights_doubled, "a weight of project"},
	{"fair: floors' weights shifted", FAIR, f_lambda, "prices do not give its bound"},
	{"fair: a floor's weight below 0", FAIR, f_lambda_negative, "a weight of project p0"},
	{"fair: a price of the minimum shifted", FAIR, f_min_price, "do not give the bound of its minimum"},
	{"fair: two panels exchanged", FAIR, f_worse_minimum, ""},
	{"fair: objective raised", FAIR, f_objective, "objective is not the sum"},
	{"fair: bound lowered", FAIR, f_bound_down, "prices do not give its bound"},
	{"draw: another seed", DRAW, f_seed, "another seed than --seed"},
	{"draw: no seed", DRAW, f_seed_short, "seed is not 64 hex digits"},
	{"draw: another cap", DRAW, f_cap, "not the one that was asked for"},
	{"draw: another band", DRAW, f_band, "band or perturbation"},
	{"draw: another perturbation", DRAW, f_perturbation, "band or perturbation"},
	{"draw: more expected", DRAW, f_expected, "expected total is not the one"},
	{"draw: another total drawn", DRAW, f_drawn_total, "total of the people drawn"},
	{"draw: the bound raised", DRAW, f_draw_bound, "do not give the bound"},
	{"draw: odds moved between two", DRAW, f_odds_moved, "not those of one level"},
	{"draw: somebody's odds dropped", DRAW, f_odds_dropped, "do not add up"},
	{"draw: odds above the cap", DRAW, f_odds_capped, "the cap is 6000"},
	{"draw: somebody drawn for certain", DRAW, f_odds_given, "the cap is"},
	{"draw: everybody drawn for certain", DRAW, f_odds_certain, "the cap is 6000"},
	{"draw: no odds", DRAW, f_lottery_of_none, "do not add up"},
	{"draw: another person than was drawn", DRAW, f_odds_other, "not the people that odds and seed give"},
	{"draw: two projects' people exchanged", DRAW, f_swap, ""},
	{"draw: a price bent", DRAW, f_draw_price, "odds: "},
	{"draw: odds and a lottery", DRAW, f_both_ways, "odds and a lottery"},
	{"draw: a remark", DRAW, f_remark, "a member that is not known"},
	{"total: a remark", TOTAL, f_remark, "a member that is not known"},
	{"total: a price twice", TOTAL, f_prices_twice, "no JSON object"},
	{"total: a minimum", TOTAL, f_minimum_of_total, "a member that is not known"},
	{"short: a remark", SHORT, f_remark, "a member that is not known"},
	{"short: a remark in the witness", SHORT, f_short_remark, "its witness has a member"},
	{"draw: a place dropped", DRAW, f_drop, "its demand is 2"},
	{"draw: a score raised", DRAW, f_score, "not that of the inputs"},
	{"short: more than there is", SHORT, f_short_more, "counted again, 4 places are missing"},
	{"short: with projects that are not", SHORT, f_short_fewer, "does not show"},
	{"short: a rule that is not there", SHORT, f_short_rule, "a rule city that is not there"},
	{"short: somebody left out", SHORT, f_short_people, "does not show"},
	{"short: a panel that exists", SHORT, f_short_panel, "has a legal panel"},
	{"short: prices that show nothing", SHORT, f_short_prices, "do not bound below 0"},
	{"short: places that are there", SHORT, f_short_places, "does not show"},
	{"short: loads that can be met", SHORT, f_short_minimum, "does not show"},
	{"short: no witness", SHORT, f_short_nothing, "shows no witness"},
	{"short: a stranger", SHORT, f_short_stranger, "not in the inputs"},
};

static void
check_forgery(void **state)
{
	const Forgery *f = *state;
	Model m = truth[f->kind];
	gboolean ok;

	f->forge(&m);
	ok = verified(&m, NULL);
	if (ok != (f->reason == NULL) || (f->reason && strstr(verdict_reason(), f->reason) == NULL))
		fail_msg("%s: wanted \"%s\", got: %s", f->name, f->reason ? f->reason : "verified", ok ? "verified" : verdict_reason());
}

/* --- random mutations --------------------------------------------------------------------------------------------- */

static guint n_mutations = 3000;

/* One number of the certificate's text changed, one id exchanged, a member cut out or written twice, a byte flipped. */
static char *
mutated_text(const char *text, GRand *random)
{
	GString *out = g_string_new(text);
	gsize at = (gsize)g_rand_int_range(random, 0, (gint32)out->len), end;

	switch (g_rand_int_range(random, 0, 5)) {
	case 0: /* a number */
		while (at < out->len && !g_ascii_isdigit(out->str[at]))
			at++;
		if (at < out->len)
			out->str[at] = (char)('0' + (out->str[at] - '0' + g_rand_int_range(random, 1, 10)) % 10);
		break;
	case 1: /* a number longer or shorter */
		while (at < out->len && !g_ascii_isdigit(out->str[at]))
			at++;
		if (at < out->len && g_rand_boolean(random))
			g_string_erase(out, (gssize)at, 1);
		else if (at < out->len)
			g_string_insert_c(out, (gssize)at, (char)('0' + g_rand_int_range(random, 1, 10)));
		break;
	case 2: /* a piece cut out between two commas */
	case 3: /* or written twice */
		while (at < out->len && out->str[at] != ',')
			at++;
		for (end = at + 1; end < out->len && out->str[end] != ',' && out->str[end] != '}' && out->str[end] != ']'; end++)
			;
		if (end < out->len && g_rand_boolean(random)) {
			g_string_erase(out, (gssize)at, (gssize)(end - at));
		} else if (end < out->len) {
			g_autofree char *piece = g_strndup(out->str + at, end - at);

			g_string_insert(out, (gssize)end, piece);
		}
		break;
	default:
		out->str[at] = (char)(out->str[at] ^ (1 << g_rand_int_range(random, 0, 7)));
	}
	return g_string_free(out, FALSE);
}

/* What the certificate claims, without what proves it: numbers of these names, the digest, seed and odds. */
static char *
claims(const char *text)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	static const char *const kept[] = {"method", "status", "objective", "bound", "assignment_sha256", "seed", "odds_cap", "band", "perturbation", "expected", "drawn_total", "odds"};
	static const char *const witness_kept[] = {"kind", "rule", "projects", "reviewers", "short_by", "prices", "share_prices"};
	GString *out = g_string_new(NULL);
	JsonObject *object;

	if (!json_parser_load_from_data(parser, text, -1, NULL) || !JSON_NODE_HOLDS_OBJECT(json_parser_get_root(parser)))
		return g_string_free(out, FALSE);
	object = json_node_get_object(json_parser_get_root(parser));
	for (guint i = 0; i < G_N_ELEMENTS(kept); i++) {
		JsonNode *node = json_object_get_member(object, kept[i]);
		g_autofree char *value = node ? json_to_string(node, FALSE) : NULL;

		g_string_append_printf(out, "%s=%s\n", kept[i], value ? value : "");
	}
	for (guint i = 0; json_object_has_member(object, "witness") && i < G_N_ELEMENTS(witness_kept); i++) {
		JsonNode *node = json_object_get_member(json_object_get_object_member(object, "witness"), witness_kept[i]);
		g_autofree char *value = node ? json_to_string(node, FALSE) : NULL;

		g_string_append_printf(out, "%s=%s\n", witness_kept[i], value ? value : "");
	}
	if (json_object_has_member(object, "minimum")) {
		JsonObject *minimum = json_object_get_object_member(object, "minimum");

		g_string_append_printf(out, "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, json_object_get_int_member(minimum, "value"), json_object_get_int_member(minimum, "bound"));
	}
	return g_string_free(out, FALSE);
}

/* Another witness that holds proves the same, that there is no assignment: of rule town, counted here again. */
static gboolean
witness_counts(const char *text)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	JsonObject *witness;
	JsonArray *projects, *reviewers;
	gint64 missing;
	guint others = 0;

	if (!json_parser_load_from_data(parser, text, -1, NULL))
		return FALSE;
	witness = json_object_get_object_member(json_node_get_object(json_parser_get_root(parser)), "witness");
	if (strcmp(json_object_get_string_member(witness, "kind"), "rule") != 0 || strcmp(json_object_get_string_member(witness, "rule"), "town") != 0)
		return FALSE;
	projects = json_object_get_array_member(witness, "projects");
	reviewers = json_object_get_array_member(witness, "reviewers");
	for (guint r = 0; r < N_R; r++)
		others += town[r] == 2;
	for (guint i = 0; i < json_array_get_length(reviewers); i++)
		if (town[json_array_get_string_element(reviewers, i)[1] - '0'] != 2)
			return FALSE;
	others -= json_array_get_length(reviewers);
	missing = (gint64)json_array_get_length(projects) * 2 - (gint64)json_array_get_length(reviewers) * LOAD - (gint64)json_array_get_length(projects) * others;
	return missing > 0 && missing == json_object_get_int_member(witness, "short_by");
}

/* An accepted mutation claims exactly what the true one claims (other prices may prove it); an accepted assignment is the true one, or, where only a total is claimed, has it. */
static void
test_random_mutations(void **state)
{
	GRand *random = g_rand_new_with_seed(99);
	guint rejected = 0, equal = 0;

	(void)state;
	for (guint i = 0; i < n_mutations; i++) {
		Model m = truth[i % 4];
		g_autofree char *assignment = assignment_text(&m), *text = certificate_text(&m, assignment), *told = NULL;

		if (i % 3 == 0 && m.kind != SHORT) { /* the assignment, digest and sums written anew */
			guint p = (guint)g_rand_int_range(random, 0, N_P), q = (guint)g_rand_int_range(random, 0, N_P);

			replace(&m, p, nth(&m, p, TRUE, (guint)g_rand_int_range(random, 0, 2)), nth(&m, p, FALSE, (guint)g_rand_int_range(random, 0, N_R - 2)));
			if (g_rand_boolean(random))
				replace(&m, q, nth(&m, q, TRUE, 0), nth(&m, q, FALSE, (guint)g_rand_int_range(random, 0, N_R - 2)));
			if (verified(&m, NULL)) {
				if (m.kind == DRAW ? memcmp(m.in, truth[DRAW].in, sizeof m.in) != 0 : m.objective != truth[m.kind].objective && strcmp(m.status, "optimal") == 0)
					fail_msg("mutation %u: another assignment is accepted", i);
				equal++;
				continue;
			}
		} else {
			told = mutated_text(text, random);
			if (g_rand_int_range(random, 0, 4) == 0) {
				char *again = mutated_text(told, random);

				g_free(told);
				told = again;
			}
			if (verified(&m, told)) {
				g_autofree char *was = claims(text), *is = claims(told);

				if (strcmp(was, is) != 0 && (m.kind != SHORT || !witness_counts(told)))
					fail_msg("mutation %u: accepted, and claims something else:\n%s\ninstead of\n%s", i, told, text);
				equal++;
				continue;
			}
		}
		rejected++;
		assert_non_null(verdict_reason());
	}
	print_message("# %u mutations: %u rejected, %u claim the same\n", n_mutations, rejected, equal);
	assert_true(rejected > n_mutations / 2);
	g_rand_free(random);
}

int
main(int argc, char **argv)
{
	struct CMUnitTest tests[G_N_ELEMENTS(forgeries) + 1];
	guint n = 0;

	n_mutations = argc > 1 ? (guint)atoi(argv[1]) : n_mutations;
	for (guint i = 0; i < G_N_ELEMENTS(forgeries); i++)
		tests[n++] = (struct CMUnitTest){forgeries[i].name, check_forgery, NULL, NULL, (void *)&forgeries[i]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_random_mutations);
	return _cmocka_run_group_tests("forge", tests, n, set_up, tear_down);
}
