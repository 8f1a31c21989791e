/* test-cycles.c - rings of favours, counted against every ordered choice of people, on random small batches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "draw/cycles.h"

enum { MOST = 9 };

typedef struct {
	VeilBatch *batch;
	VeilAudit *audit;
	guint32 n_reviewers, n_projects;
	gboolean behind[MOST][MOST]; /* reviewer, project */
	gboolean sits[MOST][MOST], listed[MOST][MOST];
} Case;

static void
fill_batch(Case *c, GRand *rand)
{
	VeilBatch *batch = c->batch = veil_batch_new();
	GArray *places = g_array_new(FALSE, FALSE, sizeof(VeilBatchPlace));
	GArray *list = g_array_new(FALSE, FALSE, sizeof(guint32));

	veil_batch_set(batch, "freeze_id", "f");
	batch->n_reviewers = c->n_reviewers;
	batch->reviewers = g_new0(VeilBatchReviewer, c->n_reviewers + 1);
	batch->n_projects = c->n_projects;
	batch->projects = g_new0(VeilBatchProject, c->n_projects + 1);
	batch->offset = g_new0(guint64, c->n_projects + 1);
	for (guint32 r = 0; r < c->n_reviewers; r++)
		g_snprintf(batch->reviewers[r].code, sizeof batch->reviewers[r].code, "R%u", r);
	for (guint32 p = 0; p < c->n_projects; p++) {
		g_snprintf(batch->projects[p].code, sizeof batch->projects[p].code, "P%u", p);
		for (guint32 r = 0; r < c->n_reviewers; r++) {
			VeilBatchPlace place = {.project = p, .reviewer = r, .draw = 1, .seat = g_rand_int_range(rand, 0, 4) ? VEIL_SEAT_SITTING : (VeilSeat)g_rand_int_range(rand, 0, 4)};

			c->listed[r][p] = g_rand_int_range(rand, 0, 3) > 0;
			if (c->listed[r][p])
				g_array_append_val(list, r);
			if (c->listed[r][p] && g_rand_boolean(rand)) {
				g_array_append_val(places, place);
				c->sits[r][p] = place.seat == VEIL_SEAT_SITTING;
			}
		}
		batch->offset[p + 1] = list->len;
	}
	batch->n_places = places->len;
	batch->places = (VeilBatchPlace *)(gpointer)g_array_free(places, FALSE);
	batch->reviewer = (guint32 *)(gpointer)g_array_free(list, FALSE);
	batch->score = g_new0(gint64, batch->offset[c->n_projects] + 1);
}

/* Persons of the audit file: one stub in front, then the reviewers backwards, so that no index of one file is that of the other. */
static void
fill_audit(Case *c, const char *freeze_id, GRand *rand)
{
	VeilAudit *audit = c->audit = veil_audit_new();

	veil_audit_set(audit, "freeze_id", freeze_id);
	audit->policy = veil_policy_parse("", 0, "p", NULL);
	audit->persons = g_new0(VeilAuditPerson, c->n_reviewers + 2);
	for (guint32 i = 0; i <= c->n_reviewers; i++) {
		VeilPerson person = {.in_pool = i > 0, .province = VEIL_NONE, .rank = VEIL_NONE, .kind = VEIL_NONE, .city = VEIL_NONE};

		g_array_append_val(audit->facts->persons, person);
		if (i > 0)
			g_snprintf(audit->persons[i].reviewer, sizeof audit->persons[i].reviewer, "R%u", c->n_reviewers - i);
	}
	for (guint32 p = 0; p < c->n_projects; p++) {
		VeilProject project = {.province = VEIL_NONE, .project_class = VEIL_NONE, .demand = 1};

		g_array_append_val(audit->facts->projects, project);
		for (guint32 i = 0; i <= c->n_reviewers; i++) {
			VeilProjectPerson row = {p, i, VEIL_PERSON_APPLICANT, VEIL_NONE};

			if (g_rand_int_range(rand, 0, 4) > 0)
				continue;
			g_array_append_val(audit->facts->project_people, row);
			if (i > 0)
				c->behind[c->n_reviewers - i][p] = TRUE;
		}
	}
	assert_true(veil_facts_finish(audit->facts, NULL));
}

static gboolean
favours(const Case *c, const gboolean table[MOST][MOST], guint32 e, guint32 f)
{
	for (guint32 p = 0; p < c->n_projects; p++)
		if (e != f && table[e][p] && c->behind[f][p] && !c->behind[e][p])
			return TRUE;
	return FALSE;
}

/* Every ordered choice of `length` people that is a ring is met once for each of its members. */
static guint64
naive_rings(const Case *c, guint length)
{
	guint64 rings = 0;
	guint32 all = 1;

	for (guint i = 0; i < length; i++)
		all *= c->n_reviewers;
	for (guint32 k = 0; k < all; k++) {
		guint32 who[4], rest = k;
		gboolean ring = TRUE;

		for (guint i = 0; i < length; i++, rest /= c->n_reviewers)
			who[i] = rest % c->n_reviewers;
		for (guint i = 0; i < length; i++) {
			for (guint j = 0; j < i; j++)
				ring = ring && who[i] != who[j];
			ring = ring && favours(c, c->sits, who[i], who[(i + 1) % length]);
		}
		rings += ring;
	}
	assert_int_equal(rings % length, 0);
	return rings / length;
}

static void
rings_are_those_of_the_naive_count(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(3);
	guint64 seen[3] = {0};

	(void)state;
	for (int round = 0; round < 800; round++) {
		Case c = {.n_reviewers = (guint32)g_rand_int_range(rand, 1, MOST), .n_projects = (guint32)g_rand_int_range(rand, 1, MOST)};
		guint32 seekers = 0;
		guint64 reviews = 0, possible = 0;
		VeilCycles got;

		fill_batch(&c, rand);
		fill_audit(&c, "f", rand);
		assert_true(veil_cycles_count(c.batch, c.audit, &got, NULL));
		for (guint32 r = 0; r < c.n_reviewers; r++) {
			gboolean seeks = FALSE;

			for (guint32 p = 0; p < c.n_projects; p++) {
				gboolean on_seeker = FALSE;

				seeks |= c.behind[r][p];
				for (guint32 f = 0; f < c.n_reviewers; f++)
					on_seeker |= f != r && c.behind[f][p];
				if (c.sits[r][p] && on_seeker && !c.behind[r][p]) {
					gboolean himself = FALSE;

					for (guint32 q = 0; q < c.n_projects; q++)
						himself |= c.behind[r][q];
					reviews += himself;
				}
			}
			seekers += seeks;
			for (guint32 f = 0; f < r; f++)
				possible += favours(&c, c.listed, r, f) && favours(&c, c.listed, f, r);
		}
		assert_int_equal(got.seekers, seekers);
		assert_int_equal(got.reviews, reviews);
		assert_int_equal(got.possible, possible);
		for (guint length = 2; length <= 4; length++) {
			assert_int_equal(got.cycles[length - 2], naive_rings(&c, length));
			seen[length - 2] += got.cycles[length - 2];
		}
		assert_false(got.has_odds);
		veil_batch_free(c.batch);
		veil_audit_free(c.audit);
	}
	if (seen[0] < 100 || seen[1] < 100 || seen[2] < 100) /* the test must have seen some */
		fail_msg("rings: %u %u %u", (guint)seen[0], (guint)seen[1], (guint)seen[2]);
}

static void
files_of_two_freezes_are_refused(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(4);
	g_autoptr(GError) error = NULL;
	Case c = {.n_reviewers = 3, .n_projects = 3};
	VeilCycles got = {.seekers = 77};

	(void)state;
	fill_batch(&c, rand);
	fill_audit(&c, "g", rand);
	assert_false(veil_cycles_count(c.batch, c.audit, &got, &error));
	assert_int_equal(error->code, VEIL_ERROR_VERIFY);
	assert_int_equal(got.seekers, 77);
	veil_batch_free(c.batch);
	veil_audit_free(c.audit);
}

/* The highest odds are those of somebody behind a project, not of anybody. */
static void
odds_of_those_who_ask(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(5);
	Case c = {.n_reviewers = 4, .n_projects = 2};
	VeilBatchDraw draw = {.n = 1, .odds_offset = g_new0(guint64, 3), .odds_reviewer = g_new0(guint32, 2), .odds = g_new0(guint32, 2)};
	guint32 seeker = 4, other = 4;
	VeilCycles got;

	(void)state;
	do {
		veil_batch_free(c.batch);
		veil_audit_free(c.audit);
		c = (Case){.n_reviewers = 4, .n_projects = 2};
		fill_batch(&c, rand);
		fill_audit(&c, "f", rand);
		seeker = other = 4;
		for (guint32 r = 0; r < 4; r++)
			*(c.behind[r][0] || c.behind[r][1] ? &seeker : &other) = r;
	} while (seeker == 4 || other == 4);
	draw.odds_offset[1] = draw.odds_offset[2] = 2;
	draw.odds_reviewer[0] = MIN(seeker, other);
	draw.odds_reviewer[1] = MAX(seeker, other);
	draw.odds[seeker > other] = 1200;
	draw.odds[seeker < other] = 2000;
	c.batch->draws = g_memdup2(&draw, sizeof draw);
	c.batch->n_draws = 1;
	assert_true(veil_cycles_count(c.batch, c.audit, &got, NULL));
	assert_true(got.has_odds);
	assert_int_equal(got.highest, 1200);
	assert_int_equal(got.cap, 2000);
	veil_batch_free(c.batch);
	veil_audit_free(c.audit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rings_are_those_of_the_naive_count),
		cmocka_unit_test(files_of_two_freezes_are_refused),
		cmocka_unit_test(odds_of_those_who_ask),
	};

	return cmocka_run_group_tests_name("cycles", tests, NULL, NULL);
}
