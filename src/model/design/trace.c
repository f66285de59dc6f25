#include "model/design/trace.h"

#include "base/memory.h"
#include "model/design/hrf.h"

#include <math.h>
#include <stdlib.h>

int nvc_trace_init(struct nvc_trace *t, size_t n, struct nvc_error *err)
{
    *t = (struct nvc_trace){ .n = n };
    if ((t->time_s = nvc_array(n, sizeof *t->time_s, err)) && (t->value = nvc_array(n, sizeof *t->value, err)))
        return 0;
    nvc_trace_release(t);
    return NVC_ESYS;
}

void nvc_trace_release(struct nvc_trace *t)
{
    free(t->time_s);
    free(t->value);
    *t = (struct nvc_trace){ 0 };
}

int nvc_trace_check(const struct nvc_trace *t, struct nvc_error *err)
{
    double low = INFINITY, high = -INFINITY;
    if (t->n < 2)
        return nvc_fail(err, NVC_EDATA, "%zu samples: want a trace through the run", t->n);
    for (size_t i = 0; i < t->n; i++) {
        if (!isfinite(t->time_s[i]) || !isfinite(t->value[i]))
            return nvc_fail(err, NVC_EDATA, "sample %zu is n/a: fill the gap or leave the row out", i + 1);
        if (i && !(t->time_s[i] > t->time_s[i - 1]))
            return nvc_fail(err, NVC_EDATA, "sample %zu at %g s does not come after the one at %g s", i + 1, t->time_s[i], t->time_s[i - 1]);
        low = fmin(low, t->value[i]), high = fmax(high, t->value[i]);
    }
    return high > low ? 0 : nvc_fail(err, NVC_EDATA, "every one of the %zu samples is %g: nothing to react to", t->n, low);
}

double nvc_trace_at(const struct nvc_trace *t, double at_s)
{
    size_t low = 0, high = t->n - 1;
    if (at_s <= t->time_s[0])
        return t->value[0];
    if (at_s >= t->time_s[high])
        return t->value[high];
    while (high - low > 1) {
        const size_t middle = (low + high) / 2;
        *(t->time_s[middle] <= at_s ? &low : &high) = middle;
    }
    return t->value[low] + (t->value[high] - t->value[low]) * (at_s - t->time_s[low]) / (t->time_s[high] - t->time_s[low]);
}

/* Breaths: stretches above half of the way from the lowest to the highest value, parted by such below a quarter of it.  Fills the
 * highest sample of each when out is not NULL. */
static size_t breaths(const struct nvc_trace *t, struct nvc_trace *out)
{
    double low = INFINITY, high = -INFINITY;
    size_t n = 0, top = 0;
    bool inside = false;
    for (size_t i = 0; i < t->n; i++)
        low = fmin(low, t->value[i]), high = fmax(high, t->value[i]);
    for (size_t i = 0; i <= t->n; i++) {
        const bool end = i == t->n || t->value[i] < low + 0.25 * (high - low);
        if (inside && end) {
            if (out)
                out->time_s[n] = t->time_s[top], out->value[n] = t->value[top];
            n++;
            inside = false;
        } else if (!inside && !end && t->value[i] > low + 0.5 * (high - low)) {
            inside = true;
            top = i;
        } else if (inside && t->value[i] > t->value[top]) {
            top = i;
        }
    }
    return n;
}

bool nvc_trace_breathes(const struct nvc_trace *t)
{
    const double minutes = (t->time_s[t->n - 1] - t->time_s[0]) / 60, rate = (double)breaths(t, NULL) / minutes;
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < t->n; i++)
        low = fmin(low, t->value[i]), high = fmax(high, t->value[i]);
    return rate >= 6 && rate <= 60 && low < 0.5 * high;
}

int nvc_trace_end_tidal(struct nvc_trace *out, const struct nvc_trace *capnogram, struct nvc_error *err)
{
    const size_t n = breaths(capnogram, NULL);
    *out = (struct nvc_trace){ 0 };
    if (n < 5)
        return nvc_fail(err, NVC_EDATA, "%zu breaths in %g s: not what a capnograph records", n,
                        capnogram->time_s[capnogram->n - 1] - capnogram->time_s[0]);
    int status = nvc_trace_init(out, n, err);
    if (!status)
        (void)breaths(capnogram, out);
    return status;
}

static int even(struct nvc_trace *t, double from_s, double to_s, double dt_s, struct nvc_error *err)
{
    int status = nvc_trace_init(t, (size_t)ceil((to_s - from_s) / dt_s) + 2, err);
    for (size_t i = 0; i < t->n && !status; i++)
        t->time_s[i] = from_s + (double)i * dt_s;
    return status;
}

int nvc_trace_of_events(struct nvc_trace *t, const struct nvc_events *e, size_t condition, enum nvc_shape_of_events shape, double unit_s,
                        double from_s, double to_s, double dt_s, struct nvc_error *err)
{
    size_t lasting = 0;
    int status = even(t, from_s, to_s, dt_s, err);
    for (size_t k = 0; k < e->n && !status; k++) {
        if (e->condition[k] != condition || !(e->duration_s[k] > 0))
            continue;
        lasting++;
        for (size_t i = 0; i < t->n; i++) {
            const double since = t->time_s[i] - e->onset_s[k];
            if (since >= 0 && since < e->duration_s[k])
                t->value[i] += shape == NVC_EVENTS_RAMP ? since / unit_s : 1;
        }
    }
    if (!status && !lasting)
        status = nvc_fail(err, NVC_EDATA, "no event of condition '%s' lasts: its durations are 0", e->conditions[condition]);
    if (status)
        nvc_trace_release(t);
    return status;
}

int nvc_trace_respond(struct nvc_trace *out, const struct nvc_trace *t, double from_s, double to_s, double dt_s, struct nvc_error *err)
{
    const size_t n_h = nvc_hrf_spm_length(dt_s, NULL);
    struct nvc_trace in = { 0 };
    double *h = nvc_array(n_h, sizeof *h, err);
    int status = h ? even(out, from_s, to_s, dt_s, err) : NVC_ESYS;
    if (!status && (status = even(&in, from_s - (double)n_h * dt_s, to_s, dt_s, err)))
        nvc_trace_release(out);
    if (!status)
        nvc_hrf_spm(h, dt_s, NULL);
    for (size_t i = 0; !status && i < out->n + n_h - 1; i++)
        in.value[i] = nvc_trace_at(t, from_s + ((double)i - (double)(n_h - 1)) * dt_s);
    for (size_t i = 0; !status && i < out->n; i++)
        for (size_t k = 0; k < n_h; k++)
            out->value[i] += h[k] * in.value[i + n_h - 1 - k];
    nvc_trace_release(&in);
    free(h);
    return status;
}
