/* SPDX-License-Identifier: MIT */
/* embeddings.h — OpenAI's embeddings, from and to the internal form. */
#ifndef DIALECTS_EMBEDDINGS_H
#define DIALECTS_EMBEDDINGS_H

#include "dialects/message.h"

int embeddings_read_request(struct jspan body, struct arena *arena, struct conversation *ret, struct err *err);
void embeddings_write_answer(const struct writing *w, const struct answer *a, int64_t cost_nusd, struct buf *out);

#endif
