/* The shape of the response to a task from models that are linear in it: for comparison with the parametric fit of shape.h,
 * and where its family does not hold.
 *
 *   FIR       free heights every bin_s from 0 to length_s (0 there), a cubic spline between: events need not fall on volumes;
 *             where they do, these are the indicators of a finite impulse response.
 *   smooth    the same heights under a Gaussian process with K = v exp(-lag^2 / (2 l^2)) pinned to 0 at both ends; v, l and the
 *             noise by restricted maximum likelihood.  Goutte et al. 2000, doi 10.1109/42.897811, with the smoothness estimated.
 *             Shrinks: times to peak are late by .1-.2 s, widths have slope .8 at a peak of once the noise: a picture.
 *   informed  canonical response with its time and dispersion derivatives; latency -b2 / b1 s (within .03 s for shifts up to
 *             1 s, .11 s at 2 s).  Friston et al. 1998, doi 10.1006/nimg.1997.0306; the logistic of Henson et al. 2002 holds for
 *             unit-norm columns only.
 *
 * FIR and smooth describe the response to the events as they were, from their onsets; informed, as shape.h, the response to an
 * impulse.  Intervals are percentiles of normal draws from the distribution of the coefficients. */
#ifndef NVC_MODEL_LINEAR_SHAPE_H
#define NVC_MODEL_LINEAR_SHAPE_H

#include "model/response/shape.h"

enum nvc_linear_kind { NVC_LINEAR_FIR, NVC_LINEAR_SMOOTH, NVC_LINEAR_INFORMED };
struct nvc_linear_spec {
    enum nvc_linear_kind kind;
    double bin_s, length_s;        /* FIR, smooth */
};

struct nvc_linear; /* the columns for one design: read-only while fitting, so shareable */
/* NVC_EDATA: fewer than 3 events, too few volumes, bins that the events cannot tell apart. */
int nvc_linear_new(struct nvc_linear **l, const struct nvc_linear_spec *spec, const struct nvc_shape_problem *p,
                   struct nvc_error *err) NVC_CHECKED;
void nvc_linear_free(struct nvc_linear *l);
/* As nvc_shape_estimate; fit: lobe_* and undershoot_share are NaN, amplitude is the peak of the curve with its standard error,
 * misfit only of informed (tents beyond it). */
int nvc_linear_estimate(const struct nvc_linear *l, const double *y, const struct nvc_shape_bootstrap *how, struct nvc_shape_fit *fit,
                        struct nvc_shape_band *band, struct nvc_error *err) NVC_CHECKED;

#endif
