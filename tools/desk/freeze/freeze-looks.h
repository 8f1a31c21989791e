/* freeze-looks.h - what the drawer sees of a reviewer beside his load: what panel rules ask for, and no more. */
#pragma once

#include "freeze/freeze.h"

/* "said, but nothing that a rule names": provinces that no rule tells apart are one. */
#define VEIL_LOOK_OTHER "*"

/* Fills kind, province, rank, attributes and employer of the batch's reviewers, whose loads are merged. */
void veil_freeze_looks(const VeilFreezeInput *input, const VeilPlaces *places, VeilBatch *batch);
