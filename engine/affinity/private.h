/* private.h - shared inside engine/affinity only. */
#pragma once

#include <veil/affinity.h>

guint32 veil_affinity__n_reviewers(const VeilAffinity *affinity);
