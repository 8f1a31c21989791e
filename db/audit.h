/* audit.h - what the reading and the writing half of the audit file share. */
#pragma once

#include <veil/audit.h>

#include "db.h"
#include "root.h"

extern const VeilDbSchema veil_audit_schema;
