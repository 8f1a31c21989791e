/* match.c - `veil-verify match`: does this assignment obey the published instance, and does the certificate prove what it says? */
#include <string.h>

#include "match/match.h"

typedef struct {
	Instance x;
	Policy policy;
	Certificate certificate;
	GArray *places; /* Place */
} Match;

static gboolean
place_row(char **field, guint64 row, gpointer data)
{
	Match *m = data;
	Place place = {.project = instance_find(m->x.project_index, field[0]), .reviewer = instance_find(m->x.reviewer_index, field[1]), .row = row};
	const Project *project;
	const Offer *offer;

	if (place.project == NONE || place.reviewer == NONE)
		return verdict_reject("assignment: row %" G_GUINT64_FORMAT " names a project or a reviewer that is not in the inputs", row);
	if (!micro_parse(field[2], &place.score))
		return verdict_reject("assignment: row %" G_GUINT64_FORMAT ": its score is no number", row);
	project = PROJECT(&m->x, place.project);
	offer = project_offer(project, place.reviewer);
	if (project_bars(project, place.reviewer))
		return verdict_reject("assignment: row %" G_GUINT64_FORMAT " (project %s): this pair is in conflict", row, field[0]);
	if (offer == NULL && project->rest != REST_REAL)
		return verdict_reject("assignment: row %" G_GUINT64_FORMAT " (project %s): this pair is not allowed, it has no score", row, field[0]);
	if (place.score != (offer ? offer->score : project->rest_score))
		return verdict_reject("assignment: row %" G_GUINT64_FORMAT " (project %s): the score is not that of the inputs", row, field[0]);
	g_array_append_val(m->places, place);
	return TRUE;
}

/* What the user asked for is what the certificate is of. */
static gboolean
asked_for(const Match *m, const MatchOptions *o)
{
	const Certificate *c = &m->certificate;
	gint64 odds = m->policy.odds, band = o->policy ? m->policy.band : 0, perturbation = o->policy ? m->policy.perturbation : MILLION / 10;

	if (o->method && strcmp(o->method, c->method) != 0)
		return verdict_reject("certificate: it is of another method than --method says");
	if (c->status[0] != 'i' && !cap_asked_for(&m->policy, c))
		return FALSE;
	if (strcmp(c->method, "draw") != 0 || c->status[0] == 'i')
		return TRUE;
	if ((o->odds && !micro_parse(o->odds, &odds)) || (o->band && !micro_parse(o->band, &band)) || (o->perturbation && !micro_parse(o->perturbation, &perturbation)))
		return verdict_reject("--odds, --band or --perturbation is not a number that makes sense");
	if (c->odds_cap != odds / (MILLION / ODDS_ONE))
		return verdict_reject("certificate: its cap on odds is not the one that was asked for");
	if (c->band != band || c->perturbation != perturbation)
		return verdict_reject("certificate: its band or perturbation is not the one that was asked for");
	if (o->seed && g_ascii_strcasecmp(o->seed, c->seed) != 0)
		return verdict_reject("certificate: it is of another seed than --seed says");
	return TRUE;
}

static gboolean
verify_assignment(Match *m, const MatchOptions *o)
{
	static const char *const columns[] = {"project", "reviewer", "score", NULL};
	g_autofree char *bytes = NULL;
	gsize len = 0;
	char digest[65];

	if (o->assignment == NULL)
		return verdict_reject("the certificate is that of an assignment: give --assignment");
	if (!read_whole_file(o->assignment, &bytes, &len) || !csv_each(o->assignment, columns, place_row, m))
		return FALSE;
	g_array_sort(m->places, place_compare);
	if (!places_legal(&m->x, m->places))
		return FALSE;
	verdict_ok("assignment", "%u places: every project has its demand, loads hold, no pair is in conflict, scores are those of the inputs%s",
		   m->places->len, m->x.bounds->len + m->x.shares->len ? ", panel rules hold" : "");
	sha256_hex(bytes, len, digest);
	if (strcmp(digest, m->certificate.digest) != 0)
		return verdict_reject("certificate: it is that of another assignment");
	return strcmp(m->certificate.method, "draw") == 0 ? proof_draw(&m->x, &m->certificate, m->places)
							  : proof_total(&m->x, &m->certificate, m->places);
}

static gboolean
verify_certificate(Match *m, const MatchOptions *o)
{
	g_autofree char *text = NULL;
	gsize len = 0;
	const Names names = {m->x.project_index, m->x.reviewer_index};

	if (!read_whole_file(o->certificate, &text, &len) || !certificate_parse(text, len, &m->x, &names, &m->certificate) || !asked_for(m, o))
		return FALSE;
	if (strcmp(m->certificate.status, "infeasible") != 0)
		return verify_assignment(m, o);
	if (o->assignment && g_file_test(o->assignment, G_FILE_TEST_EXISTS))
		return verdict_reject("certificate: it says infeasible, and yet there is an assignment");
	return proof_infeasible(&m->x, &m->certificate.witness);
}

gboolean
match_verify(const MatchOptions *o)
{
	Match m = {.places = g_array_new(FALSE, FALSE, sizeof(Place))};
	ListCounts counts = {0};
	gboolean ok;

	instance_init(&m.x);
	ok = lists_read(o, &m.x, &m.policy, &counts);
	if (ok)
		verdict_ok("inputs", "%u projects, %u reviewers, %" G_GUINT64_FORMAT " scores, %" G_GUINT64_FORMAT " conflicts", m.x.projects->len,
			   m.x.reviewers->len, counts.scores, counts.conflicts);
	ok = ok && verify_certificate(&m, o);
	if (ok) {
		verdict_number("projects", m.x.projects->len);
		verdict_number("reviewers", m.x.reviewers->len);
	}
	g_array_unref(m.places);
	certificate_clear(&m.certificate);
	instance_clear(&m.x);
	policy_clear(&m.policy);
	return ok;
}
