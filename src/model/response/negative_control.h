/* Negative controls of a task run: columns to which nothing can respond, each fitted beside the whole model of the run, the
 * responses to its own conditions included.
 *
 * before   one box 6 to 2 s before the onsets of a condition: an effect that comes before its cause is none.  Events that follow
 *          each other within gap_s are one onset.
 * shifted  the onsets moved round the run, those at its end coming in at its beginning, and convolved with the canonical response.
 *          Several shifts, those that the conditions of the run explain least of; the coefficient is the mean of those of the
 *          single shifts (by ordinary least squares exactly; under serial correlation the same contrast of the data, weighted).
 *
 * The model should hold the responses with their derivatives: what the canonical form alone misses of a response that is earlier,
 * later or wider leaks into both, up to an eighth of it; with the derivatives hardly a twentieth (tests/bench/null_rows). */
#ifndef NVC_MODEL_NEGATIVE_CONTROL_H
#define NVC_MODEL_NEGATIVE_CONTROL_H

#include "base/status.h"
#include "model/design/design.h"
#include "model/design/events.h"

#include <stddef.h>

enum { NVC_SHIFTS_MOST = 16 };

struct nvc_negative_control {
    double *x;                       /* one value per row of the design, whose coefficient is the effect in units of the signal; NULL: undefined */
    const char *why;                 /* undefined: "few_onsets", "overlap"; else "" */
    double own;                      /* share of its variance that the model leaves it; of shifts the smallest */
    size_t n;                        /* onsets or shifts */
    double shift_s[NVC_SHIFTS_MOST]; /* ascending */
};
void nvc_negative_control_release(struct nvc_negative_control *c);

/* The run: its whole design, how it was sampled (n_volumes, tr_s, n_dummy, slice times, microtime; its events, confounds and
 * columns are not looked at), its events. */
struct nvc_negative_run {
    const struct nvc_design *design;
    const struct nvc_design_spec *spec;
    const struct nvc_events *events;
};

/* few_onsets: fewer than three have their time before within the run.  overlap: the model explains more than nine tenths.  NVC_EDATA, NVC_ESYS. */
int nvc_negative_before(struct nvc_negative_control *c, const struct nvc_negative_run *run, size_t condition, double gap_s,
                        struct nvc_error *err) NVC_CHECKED;
/* Up to n_shifts shifts at least 10 s from each other and from none, none of which shares more than three quarters of its variance with the
 * conditions (drift apart); duration_s: the event that the effect refers to.  few_onsets: none in the run.  overlap: there is no such
 * shift, or the confounds explain more than nine tenths of one.  NVC_EDATA, NVC_ESYS. */
int nvc_negative_shifted(struct nvc_negative_control *c, const struct nvc_negative_run *run, size_t condition, double duration_s,
                         size_t n_shifts, struct nvc_error *err) NVC_CHECKED;

#endif
