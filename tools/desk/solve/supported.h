/* supported.h - whether a batch can be frozen and drawn by a policy at all. */
#pragma once

#include <veil/policy.h>

/* VEIL_ERROR_REFUSED names the first thing of a policy that this version cannot freeze by. */
gboolean veil_policy_check_supported(const VeilPolicy *policy, GError **error);
