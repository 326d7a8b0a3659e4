/* SPDX-License-Identifier: MIT */
/* chain_text.h — a chain's tiers as lines for people. */
#ifndef CLI_CHAIN_TEXT_H
#define CLI_CHAIN_TEXT_H

#include <jansson.h>

struct buf;

/*
 * A line per target, from the chain's targets: its tier, its share of the tier in percent, and what
 * stands in its way (off, cooling, no price).  Appends to out; what comes from outside is cleaned.
 */
void chain_text(const json_t *chain, struct buf *out);

#endif
