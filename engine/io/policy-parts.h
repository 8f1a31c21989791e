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
