/* commands.h - every command's entry. */
#pragma once

#include "command.h"

extern const VeilCommand veil_command_approve;
extern const VeilCommand veil_command_approve_list;
extern const VeilCommand veil_command_audit_opened;
extern const VeilCommand veil_command_audit_bundle;
extern const VeilCommand veil_command_audit_tie;
extern const VeilCommand veil_command_batch_check;
extern const VeilCommand veil_command_batch_close;
extern const VeilCommand veil_command_batch_codes;
extern const VeilCommand veil_command_batch_conflicts;
extern const VeilCommand veil_command_batch_cycles;
extern const VeilCommand veil_command_batch_draw;
extern const VeilCommand veil_command_batch_exception;
extern const VeilCommand veil_command_batch_explain;
extern const VeilCommand veil_command_batch_freeze;
extern const VeilCommand veil_command_batch_minutes;
extern const VeilCommand veil_command_batch_new;
extern const VeilCommand veil_command_batch_seed;
extern const VeilCommand veil_command_batch_settle;
extern const VeilCommand veil_command_batch_replace;
extern const VeilCommand veil_command_batch_strike;
extern const VeilCommand veil_command_batch_withdraw;
extern const VeilCommand veil_command_batch_show;
extern const VeilCommand veil_command_batch_status;
extern const VeilCommand veil_command_batch_waive;
extern const VeilCommand veil_command_custodian_add;
extern const VeilCommand veil_command_custodian_key;
extern const VeilCommand veil_command_custodian_list;
extern const VeilCommand veil_command_custodian_replace;
extern const VeilCommand veil_command_escrow_destroy;
extern const VeilCommand veil_command_escrow_open;
extern const VeilCommand veil_command_escrow_part;
extern const VeilCommand veil_command_expert_find;
extern const VeilCommand veil_command_expert_merge;
extern const VeilCommand veil_command_expert_show;
extern const VeilCommand veil_command_expert_suspend;
extern const VeilCommand veil_command_import;
extern const VeilCommand veil_command_init;
extern const VeilCommand veil_command_keys_escrow;
extern const VeilCommand veil_command_keys_passphrase;
extern const VeilCommand veil_command_keys_recover;
extern const VeilCommand veil_command_keys_rotate;
extern const VeilCommand veil_command_ledger_checkpoint;
extern const VeilCommand veil_command_ledger_export;
extern const VeilCommand veil_command_ledger_prove;
extern const VeilCommand veil_command_ledger_witnesses;
extern const VeilCommand veil_command_match;
extern const VeilCommand veil_command_operator_add;
extern const VeilCommand veil_command_operator_key;
extern const VeilCommand veil_command_operator_list;
extern const VeilCommand veil_command_operator_revoke;
extern const VeilCommand veil_command_policy_show;
extern const VeilCommand veil_command_unmask_open;
extern const VeilCommand veil_command_unmask_request;
