/* commands.c - the table of commands, in the order of the manual. Adding one: HACKING.md. */
#include "commands.h"

const VeilCommand *const veil_commands[] = {
	&veil_command_init,
	&veil_command_import,
	&veil_command_expert_find,
	&veil_command_expert_show,
	&veil_command_expert_suspend,
	&veil_command_expert_merge,
	&veil_command_batch_new,
	&veil_command_batch_freeze,
	&veil_command_batch_status,
	&veil_command_batch_check,
	&veil_command_batch_draw,
	&veil_command_batch_show,
	&veil_command_batch_conflicts,
	&veil_command_batch_explain,
	&veil_command_batch_codes,
	&veil_command_batch_minutes,
	&veil_command_ledger_checkpoint,
	&veil_command_ledger_prove,
	&veil_command_ledger_export,
	&veil_command_match,
	&veil_command_policy_show,
	NULL,
};
