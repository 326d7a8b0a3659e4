/* SPDX-License-Identifier: MIT */
/* GET /metrics: what the workers counted, added up, in Prometheus' text format. */
#include <inttypes.h>

#include "base/buf.h"
#include "base/mem.h"
#include "gateway/call.h"

#define METRICS_MAX 16384

static const char *const stray_names[STRAY_NUM] = {
	[STRAY_NO_KEY] = "no_key",
	[STRAY_MALFORMED_KEY] = "malformed_key",
	[STRAY_UNKNOWN_KEY] = "unknown_key",
	[STRAY_NO_ROUTE] = "no_route",
};

const char *stray_cause_name(enum stray_cause cause)
{
	return stray_names[cause];
}

/* Everything there is to count, over all workers. */
struct sums {
	uint64_t calls, errors, storage_refusals, strays[STRAY_NUM];
	int64_t open;
};

static void add_worker(struct sums *sums, const struct worker_stats *s)
{
	sums->calls += atomic_load_explicit(&s->calls, memory_order_relaxed);
	sums->errors += atomic_load_explicit(&s->errors, memory_order_relaxed);
	sums->open += atomic_load_explicit(&s->open, memory_order_relaxed);
	sums->storage_refusals += atomic_load_explicit(&s->storage_refusals, memory_order_relaxed);
	for (size_t i = 0; i < STRAY_NUM; i++)
		sums->strays[i] += atomic_load_explicit(&s->strays[i], memory_order_relaxed);
}

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void counter(struct buf *out, const char *name, const char *help, uint64_t n)
{
	head(out, name, "counter", help);
	buf_printf(out, "%s %" PRIu64 "\n", name, n);
}

void stats_write(struct stats_table *table, struct buf *out)
{
	struct sums sums = {0};

	for (size_t i = 0; i < ARRAY_LEN(table->of); i++) {
		const struct worker_stats *s = atomic_load(&table->of[i]);

		if (s != NULL)
			add_worker(&sums, s);
	}
	head(out, "tollgate_info", "gauge", "The version that runs.");
	buf_puts(out, "tollgate_info{version=\"" TOLLGATE_VERSION "\"} 1\n");
	counter(out, "tollgate_calls_total", "Calls with a known key, begun.", sums.calls);
	counter(out, "tollgate_call_errors_total", "Calls that ended with a status of 400 or above, or broke.", sums.errors);
	head(out, "tollgate_open_calls", "gauge", "Calls begun and not settled.");
	buf_printf(out, "tollgate_open_calls %" PRId64 "\n", sums.open);
	head(out, "tollgate_strays_total", "counter", "Requests that were no call, because of their key or path.");
	for (size_t i = 0; i < STRAY_NUM; i++)
		buf_printf(out, "tollgate_strays_total{cause=\"%s\"} %" PRIu64 "\n", stray_names[i], sums.strays[i]);
	counter(out, "tollgate_storage_refusals_total", "Calls refused because the ledger could not take them.",
		sums.storage_refusals);
}

void answer_metrics(struct gateway *g, struct httpd_request *request)
{
	struct buf text;

	buf_init(&text, METRICS_MAX);
	stats_write(g->all_stats, &text);
	httpd_reply(request, 200, "text/plain; version=0.0.4; charset=utf-8", text.data, text.len);
	buf_release(&text);
}
