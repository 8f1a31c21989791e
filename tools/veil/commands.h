/* commands.h - every command's entry. */
#pragma once

#include "command.h"

extern const VeilCommand veil_command_policy_show;
