/* commands.c - the table of commands, in the order of the manual. Adding one: HACKING.md. */
#include "commands.h"

const VeilCommand *const veil_commands[] = {
	&veil_command_policy_show,
	NULL,
};
