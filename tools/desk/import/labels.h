/* labels.h - names that are kept as keyed tokens only: whoever knows one can ask for it, nobody can read it. */
#pragma once

#include <veil/blind.h>

/* Of the name of a city; 深圳市 and 深圳 are one. */
void veil_city_token(const VeilKeys *keys, const char *name, guint8 out[16]);
