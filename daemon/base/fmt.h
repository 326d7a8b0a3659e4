/* SPDX-License-Identifier: MIT */
/*
 * fmt.h — numbers for people, for screens and tables alike.
 *
 * Each comment says unit in → columns out.  Widths are kept so that columns do not dance.
 * Unknown is "-", never 0.
 */
#ifndef BASE_FMT_H
#define BASE_FMT_H

#include <stdint.h>

#define FMT_TEXT 24
#define FMT_UNKNOWN INT64_MIN

/* Nano-dollars → up to 9 columns: "$0.000129", "$4.10", "$1,902.10", "$1.2M"; what
 * rounds to no millionth is "<$.000001"; unknown "-". A minus sign is one column more. */
const char *fmt_money(int64_t nusd, char out[FMT_TEXT]);

/* Nano-dollars → whole or two-place dollars for columns headed by the sign: "1,902", "4.10", "0.00". */
const char *fmt_dollars(int64_t nusd, char out[FMT_TEXT]);

/* A count → up to 5 columns: "912", "18.2k", "4.1M". */
const char *fmt_count(int64_t n, char out[FMT_TEXT]);

/* Microseconds → up to 5 columns: "812us", "0.6ms", "31ms", "4.1s", "2m05", "1h40". */
const char *fmt_latency(int64_t us, char out[FMT_TEXT]);

/* Milliseconds of age → up to 4 columns: "0s", "41s", "3m", "22h", "41d". */
const char *fmt_age(int64_t ms, char out[FMT_TEXT]);

/* Thousandths → "0.6", "12", "100": percent with one place below ten. */
const char *fmt_percent(int64_t per_mille, char out[FMT_TEXT]);

#endif
