/* veil/report.h - the minutes of a batch: one self-contained HTML file for A4, and its charts (inline SVG).
 *
 * Codes only. Counts under five are printed as "<5". Same input, same bytes. No script, no outside reference; every text escaped.
 */
#pragma once

#include <veil/base.h>

G_BEGIN_DECLS

typedef struct {
	const char *label;
	guint64 count;
} VeilCount;

typedef struct {
	const char *label, *value;
} VeilLine;

typedef struct {
	const char *project; /* code */
	const char *reviewer;
	gint64 score_micro;
	const char *role; /* panel, reserve */
} VeilMinutesPlace;

/* A line of the journal. */
typedef struct {
	guint64 number;
	const char *time, *project, *reviewer, *reason, *promoted, *remark; /* "" where there is none */
} VeilMinutesEvent;

typedef struct {
	const char *batch;
	gboolean rehearsal;
	const char *state;	       /* "drawn" or "frozen, not drawn" */
	const VeilLine *facts;	       /* as_of, method, seed and how it was made, roots, versions, draw count, freeze count, ledger place ... in order */
	guint n_facts;
	const VeilLine *rules;	       /* rule and its severity, window, citation */
	guint n_rules;
	const VeilCount *exclusions;   /* by rule, for the whole batch; under five suppressed when printed */
	guint n_exclusions;
	const VeilCount *loads;	       /* load 0,1,2.. -> reviewers */
	guint n_loads;
	const VeilCount *fit;	       /* score bands -> places */
	guint n_fit;
	const VeilCount *odds;	       /* bands of odds -> pairs; empty but for method draw */
	guint n_odds;
	const VeilMinutesEvent *events; /* in order: who left, who came */
	guint n_events;
	guint64 n_reserves;	       /* reserve places that were drawn; counted, never listed */
	const VeilCount *mix;	       /* attribute values among the drawn; may be empty */
	guint n_mix;
	const VeilMinutesPlace *places; /* sorted by project code, role, reviewer code */
	guint n_places;
	guint64 n_projects, n_reviewers;
	const char *policy_text; /* canonical policy, printed as an annex */
} VeilMinutes;

/* (transfer full) UTF-8 HTML. */
char *veil_minutes_html(const VeilMinutes *minutes);

G_END_DECLS
