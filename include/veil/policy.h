/* veil/policy.h - what a batch's policy file says, typed.
 *
 * A policy is a GLib key file (CONTRACT "Policy file"). Unknown groups and keys are refused by name; what is
 * left out takes the default of the shipped policy `standard`. The canonical text (every group and key, fixed order)
 * is what a freeze commits to; `veil policy show` prints it, and read as a policy it gives itself. A method nobody asked for
 * is a comment in it, not a key.
 *
 * Inherited key by key: a file that sets [panel.X] keeps [panel.employer] of `standard` unless it says `[panel.employer] enabled=false`.
 * Shares may be fractions (2/3): min_share is rounded down, max_share up, so that exactly two of three pass. A rule whose
 * severity, window or cap a file changes without a citation says so in its citation.
 * A panel rule with odd=true refuses an even demand when it is read; a class no project has binds nobody.
 */
#pragma once

#include <veil/base.h>

G_BEGIN_DECLS

typedef enum {
	VEIL_SEVERITY_FORBID,
	VEIL_SEVERITY_FORBID_WAIVABLE, /* forbid* : two persons may waive it with a reason; excluded until then */
	VEIL_SEVERITY_FLAG,	       /* assignable, listed in the minutes */
} VeilSeverity;

/* The rule's number is its bit in every mask and its place in every file; never renumber. */
typedef enum {
	VEIL_RULE_C01, /* behind the project himself */
	VEIL_RULE_C02, /* kin of someone behind the project */
	VEIL_RULE_C04, /* same legal person now, part-time posts included */
	VEIL_RULE_C05, /* former employment inside the window */
	VEIL_RULE_C06, /* director of the unit inside the window */
	VEIL_RULE_C07, /* shareholder of the unit inside the window */
	VEIL_RULE_C09, /* adviser of the unit inside the window */
	VEIL_RULE_C12, /* teacher and student, either direction */
	VEIL_RULE_C13, /* collaboration inside the window: shared work or declared */
	VEIL_RULE_C16, /* nominator */
	VEIL_RULE_C17, /* dispute inside the window */
	VEIL_RULE_C18, /* named by the applicant */
	VEIL_RULE_C19, /* the expert's own list of units to avoid */
	VEIL_RULE_E04, /* banned on as_of: falls out of the whole batch */
	VEIL_RULE_R05, /* of two people behind projects of the batch, one may review the other's projects, not both */
	VEIL_N_RULES
} VeilRuleId;

const char *veil_rule_name(VeilRuleId rule); /* "C01" */
/* FALSE if there is no such rule. */
gboolean veil_rule_from_name(const char *name, VeilRuleId *out_rule);

typedef struct {
	gboolean enabled;
	VeilSeverity severity;
	int window_months; /* -1: no limit; 0: on as_of itself */
	int max_authors;   /* C13 only: works with more authors do not count; 0: no cap */
	char *citation;
	char *effective_from; /* informative, may be "" */
} VeilRule;

typedef enum { VEIL_METHOD_TOTAL, VEIL_METHOD_FAIR, VEIL_METHOD_DRAW } VeilMethod;

typedef struct {
	char *name;	 /* "employer", from [panel.employer] */
	char **classes;	 /* NULL-terminated, ascending bytes: binds projects of these classes only; empty: all projects */
	char *attribute; /* a column: employer, province, city, kind, rank, ... */
	char *value;	 /* "" any value, "广东", "!广东": said, and another */
	int max;	 /* -1: none */
	int min;	 /* -1: none */
	gint64 min_share_micro; /* -1: none */
	gint64 max_share_micro; /* -1: none */
	gboolean odd;	 /* the panel's size is odd */
	gboolean given;	 /* the file speaks of it; FALSE: inherited from `standard` */
} VeilPanelRule;

/* Places of the whole batch held by reviewers of this attribute and value. */
typedef struct {
	char *name; /* from [share.NAME] */
	char *attribute, *value; /* as above; the value is never "" */
	gint64 min_share_micro, max_share_micro; /* -1: none; one of them is set */
} VeilShareRule;

/* Which projects share one panel. */
typedef enum {
	VEIL_TEAM_NONE,
	VEIL_TEAM_COLUMN,     /* the column `team` of the list of projects */
	VEIL_TEAM_DISCIPLINE, /* the same disciplines, in teams of at most team_size */
} VeilTeamBy;

typedef struct {
	int demand, reserves, max_load, min_load, candidates;
	VeilMethod method;
	gboolean method_given; /* FALSE: `standard` chose; stand-alone `veil match` solves by total then */
	gint64 odds_micro;
	int smallest_set; /* -1: max(30, 6 k) */
	VeilRule rules[VEIL_N_RULES];
	VeilPanelRule *panel; /* n_panel, in order of name */
	guint n_panel;
	VeilShareRule *share; /* n_share, in order of name */
	guint n_share;
	gint64 band_micro;	   /* [draw] scores count in steps of this, so that equally fit people get equal odds; 0: as they are */
	gint64 perturbation_micro; /* [draw] weight of the perturbation, 0 to 1: how far odds are spread below the cap */
	gboolean equity;	   /* [fair] the smallest cap on loads, before the total */
	VeilTeamBy team_by;
	int team_size; /* most projects of a team; -1: max_load */
	gint64 text_micro, discipline_micro; /* [affinity] */
	gint64 step_micro;		     /* scores are rounded down to a multiple of this before they leave the registry */
	gint64 discipline_decay_micro;	     /* fit lost by each step up the discipline tree */
	int complaint_days;  /* [close] from settlement to closing at the earliest */
	int retention_years; /* [close] from closing to the end of the escrow at the earliest */
	char *canonical; /* canonical text, UTF-8, LF */
} VeilPolicy;

/* (transfer full) Policy of a file, "standard" for the shipped one, or of bytes. VEIL_ERROR_INPUT names group, key and what is allowed. */
VeilPolicy *veil_policy_load(const char *path_or_standard, GError **error);
VeilPolicy *veil_policy_parse(const char *text, gsize len, const char *name_for_messages, GError **error);
void veil_policy_free(VeilPolicy *policy);

/* The method a batch is drawn by. */
VeilMethod veil_policy_method(const VeilPolicy *policy);
/* Whether a panel rule binds projects of this class (nullable: the project has none). */
gboolean veil_panel_rule_binds(const VeilPanelRule *rule, const char *project_class);
/* A panel rule's bounds for panels of this size: shares become counts, min rounded up, max down. *out_max: G_MAXUINT32, none. */
void veil_panel_rule_counts(const VeilPanelRule *rule, guint32 demand, guint32 *out_min, guint32 *out_max);
/* The same for a share of all places of a batch. */
void veil_share_rule_counts(const VeilShareRule *rule, guint64 places, guint64 *out_min, guint64 *out_max);
/* Whether somebody whose attribute says `said` (nullable: not said) counts for a rule's value; for "" whoever said anything. */
gboolean veil_rule_value_counts(const char *value, const char *said);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VeilPolicy, veil_policy_free)

G_END_DECLS
