/* policy-parts.h - what the files of the policy reader share. Inside engine/io only. */
#pragma once

#include <veil/policy.h>

/* Every group and key of the file is one that exists, and none stands twice. */
gboolean veil_policy_check_keys(GKeyFile *file, const char *text, gsize len, const char *name, GError **error);
/* All keys typed and in range. The file holds every key of `standard`. */
VeilPolicy *veil_policy_read(GKeyFile *file, const char *name, GError **error);
/* The canonical text. disabled: names of panel rules of `standard` that the policy took away (NULL-terminated). */
char *veil_policy_text(const VeilPolicy *policy, const char *const *disabled);
/* Rules that look at no date: their window is always -1. */
gboolean veil_rule_is_undated(VeilRuleId rule);

/* --- one value; policy-values.c ------------------------------------------------------------------------------------- */

typedef struct {
	GKeyFile *file;
	const char *name;
	const char *group;
	GError **error;
} VeilPolicyReader;

gboolean veil_policy__refuse(const VeilPolicyReader *reader, const char *key, const char *allowed);
/* (transfer full) NULL when the key is absent or its text cannot be read; the latter is caught by veil_policy__text. */
char *veil_policy__dup(const VeilPolicyReader *reader, const char *key);
/* *out stays as it is where the key is absent. */
gboolean veil_policy__int(const VeilPolicyReader *reader, const char *key, int least, int most, int *out);
gboolean veil_policy__bool(const VeilPolicyReader *reader, const char *key, gboolean *out);
/* A fraction such as 2/3 is rounded up or down to millionths. */
gboolean veil_policy__share(const VeilPolicyReader *reader, const char *key, gboolean up, gint64 least, const char *allowed, gint64 *out);
/* "-1" for none, as everywhere; absent is none. */
gboolean veil_policy__bound_share(const VeilPolicyReader *reader, const char *key, gboolean up, gint64 *out);
/* *out becomes "" where the key is absent. */
gboolean veil_policy__text(const VeilPolicyReader *reader, const char *key, glong most, char **out);

/* --- rules on panels and shares; policy-panel.c -------------------------------------------------------------------------- */

gboolean veil_policy__panels(VeilPolicyReader *reader, VeilPolicy *policy);
gboolean veil_policy__shares(VeilPolicyReader *reader, VeilPolicy *policy);
void veil_policy__clear_rules(VeilPolicy *policy);
