/* SPDX-License-Identifier: MIT */
/* csv.h — comma-separated values on stdout, as RFC 4180 has them. */
#ifndef CLI_CSV_H
#define CLI_CSV_H

#include <stdbool.h>

/* One field, and what ends it: a comma, or the line after the last. */
void csv_put(const char *text, bool last);

#endif
