/* A quantity that was recorded beside a run, or that events make, as a function of time: end-tidal carbon dioxide, a block of
 * inhaled gas, a breath-hold. */
#ifndef NVC_MODEL_TRACE_H
#define NVC_MODEL_TRACE_H

#include "base/status.h"
#include "model/design/events.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_trace {
    size_t n;
    double *time_s, *value;    /* time ascending, 0 is the start of the first volume; values finite */
};
int nvc_trace_init(struct nvc_trace *t, size_t n, struct nvc_error *err) NVC_CHECKED;
void nvc_trace_release(struct nvc_trace *t);
/* NVC_EDATA: fewer than two samples, times that do not ascend, values that are not finite or all the same: says which. */
int nvc_trace_check(const struct nvc_trace *t, struct nvc_error *err) NVC_CHECKED;

/* Linear between samples; before the first and after the last their values. */
double nvc_trace_at(const struct nvc_trace *t, double at_s);

/* Does it rise and fall with every breath (6 to 60 a minute, down to less than half of its top)?  Then it is what a capnograph
 * records, not end-tidal. */
bool nvc_trace_breathes(const struct nvc_trace *t);
/* The highest value of every breath, at its time.  NVC_EDATA: fewer than five breaths. */
int nvc_trace_end_tidal(struct nvc_trace *out, const struct nvc_trace *capnogram, struct nvc_error *err) NVC_CHECKED;

enum nvc_shape_of_events { NVC_EVENTS_BOX, NVC_EVENTS_RAMP };
/* The events of one condition between two times, every dt_s: box: 1 while one lasts; ramp: rising from 0 at its onset by
 * 1 in unit_s, 0 again at its end.  NVC_EDATA: no event of the condition lasts. */
int nvc_trace_of_events(struct nvc_trace *t, const struct nvc_events *e, size_t condition, enum nvc_shape_of_events shape, double unit_s,
                        double from_s, double to_s, double dt_s, struct nvc_error *err) NVC_CHECKED;

/* Put on an even grid and convolve with SPM's canonical response of unit area; what was before from_s is taken to have been the
 * first value for ever. */
int nvc_trace_respond(struct nvc_trace *out, const struct nvc_trace *t, double from_s, double to_s, double dt_s, struct nvc_error *err) NVC_CHECKED;

#endif
