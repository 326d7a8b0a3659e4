/* SPDX-License-Identifier: MIT */
/*
 * call.h — one client request, from key to invoice.
 *
 *   authenticate → (body) → admit → attempt … → relay → settle
 *
 * A call is made when a request with a known key arrives, and ends twice: it is *settled* once,
 * whatever became of it (settle.c is the only place), and it is *closed* when its HTTP request is
 * gone.  It is freed at the end of the turn in which both are true.
 *
 * A call has at most one live attempt.  What outlives an attempt is here; what does not is in
 * struct attempt.
 */
#ifndef GATEWAY_CALL_H
#define GATEWAY_CALL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/list.h"
#include "dialects/dialect.h"
#include "gateway/attempt.h"
#include "gateway/reply.h"
#include "gateway/stats.h"
#include "ledger/journal.h"
#include "loop/fetch.h"
#include "loop/httpd.h"
#include "loop/loop.h"
#include "routing/plan.h"
#include "routing/publish.h"

/* Team, key, gateway, with a budget per window and model each; more are refused when they are made. */
#define CALL_RESERVATIONS 24

/* Where a call is.  call_goto() is the only setter. */
enum call_step {
	STEP_BODY,              /* its head is known, its body arrives */
	STEP_ATTEMPT,           /* a target was asked; nothing has gone to the client */
	STEP_RELAY,             /* bytes of the answer have gone to the client */
	STEP_SETTLED,           /* its record is in the journal; the rest of the answer goes out */
};

/* What one worker's calls share; all on its thread. */
struct gateway {
	struct loop *loop;
	struct httpd *httpd;
	struct fetch_pool *fetches;
	struct google_tokens *tokens;   /* NULL until one is needed */
	struct view_seat *seat;
	struct journal *journal;
	struct writer *writer;
	struct id_source ids;
	struct worker_stats *stats;
	struct stats_table *all_stats;  /* every worker's */
	bool power_safe;
	_Atomic bool draining;          /* set from outside: in force before worker_drain() returns */
	struct list calls;              /* open ones */
	struct list spare;              /* structs to use again */
	struct loop_task sweep;         /* frees what ended this turn */
	struct list ended;
	struct loop_task sync;          /* answer.c: hands records to the disk, then lets answers go */
	struct list unsynced;           /* calls whose answer waits for that */
	int64_t usual_output[256];      /* moving average of output tokens, by hash of the asked model; 0: none yet */
};

struct call {
	struct list_node node;          /* on gateway.calls, .ended or .spare */
	struct gateway *gateway;
	struct httpd_request *request;  /* NULL once closed */
	const struct view *view;
	const struct view_key *key;
	const struct dialect *dialect;  /* the client's */
	enum call_step step;
	uint64_t started_us;            /* monotonic; durations of a call are read off the clock itself, deadlines off the loop's */
	uint64_t step_us;               /* when this step began */

	struct request_facts facts;
	const struct view_chain *chain;
	struct view_chain *owned_chain; /* when the model is no configured chain */
	struct plan plan;
	bool no_fallback, explain, drop_params;
	int64_t max_output;             /* enforced by a strict budget, or -1 */
	int64_t timeout_ms;             /* the caller's own, or 0 */
	struct loop_timer deadline;

	struct attempt attempt;         /* the live one, when attempt.live */
	uint64_t upstream_us;           /* spent waiting for attempts that ended */

	/* Held from admission to settlement. */
	struct journal_slot *slot;
	struct reservation reservations[CALL_RESERVATIONS];
	unsigned num_reservations;
	struct limit *limits[2];        /* that admitted it: key's, team's */
	uint64_t admitted_us;
	int64_t reserved_tokens;
	int64_t expected_nusd;

	/* What waits to be sent; its bytes are in attempt.out. */
	struct {
		struct list_node node;          /* on gateway.unsynced */
		unsigned status;                /* 0: the end of a stream */
		const char *content_type;
	} answer;

	bool may_bill;                  /* a failed attempt may be charged by its provider */
	struct upstream_error last_error;       /* of the attempt that failed last */
	int last_status;
	enum attempt_reason last_reason;
	int64_t retry_after_ms;         /* the shortest any target asked for; 0: none */
	char failure[400];              /* "openai: overloaded (HTTP 529)" */
	struct budget *used_up;         /* a provider's, for which a target was passed over; the view's */

	struct call_record record;
};

/* -- call.c: the life of a call, from httpd's callbacks -- */
extern const struct httpd_ops call_http_ops;    /* for httpd_new(); the owner is a struct gateway */
void gateway_init(struct gateway *);
void gateway_release(struct gateway *);         /* after httpd_free(): no call is left */
void call_goto(struct call *, enum call_step);

/* -- authenticate.c -- */
/* The caller's key, by what the request carries.  NULL: *ret_error says what to answer, and *ret_cause
 * what to count. */
const struct view_key *authenticate(const struct view *, const struct httpd_request *,
				    enum reply_error *ret_error, enum stray_cause *ret_cause);
/* Why a known key may not be used now; REPLY_NONE when it may. */
enum reply_error key_objection(const struct view_key *, int64_t wall_ms);

/* -- admit.c -- */
/* Model, permission, price, limits, budgets.  False: the call was refused and has been answered. */
bool call_admit(struct call *);
/* Answers with what the budget has spent and when it resets; the limits the call used are free again. */
void call_refuse_budget(struct call *, struct budget *, enum reply_error);

/* Whether nobody charges for it, whatever the price of a token: it holds no budget and uses no tokens up. */
bool call_is_free(const struct call *);

/* -- own.c -- */
/* Answers the call without asking the target, where it has no way to be asked and none is needed: tokens
 * are counted by us.  False: it has to be asked. */
bool call_answer_itself(struct call *, const struct view_target *);
/* The same for a target that was asked, and has turned out not to count. */
void call_answer_count(struct call *, const struct view_target *);

/* -- settle.c -- */
/* Ends the call's accounting, once: cost, reservations, limits, the record. */
void call_settle(struct call *, enum call_result, int status, enum reply_error);

/* -- answer.c -- */
void gateway_init_answers(struct gateway *);
/* Sends attempt.out: as the whole answer, or as the last bytes of a stream.  The call is settled, and
 * with durability: power its record reaches the disk first. */
void call_send_answer(struct call *, int status, const char *content_type);
void call_send_end(struct call *);
void call_forget_answer(struct call *);         /* its request is gone */

/* -- models.c -- */
void answer_models(struct gateway *, struct httpd_request *);

/* -- metrics.c -- */
void answer_metrics(struct gateway *, struct httpd_request *);

/* What output this gateway has usually seen for the model, in tokens. */
int64_t usual_output(const struct gateway *, const char *model);
void usual_output_learn(struct gateway *, const char *model, int64_t tokens);

#endif
