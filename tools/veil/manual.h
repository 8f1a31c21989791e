/* manual.h - help texts and man pages, printed from the command table. */
#pragma once

#include <stdio.h>

#include "command.h"

int veil_manual_overview(FILE *out);
int veil_manual_help(FILE *out, const VeilCommand *command);
/* `veil batch --help`: lists the commands of a group; FALSE if there is no such group or no --help. */
gboolean veil_manual_help_for_group(int argc, char **argv);
/* `veil manual list` prints every command a line; `veil manual page NAME...` one man page as roff. */
int veil_manual_print(int argc, char **argv);
