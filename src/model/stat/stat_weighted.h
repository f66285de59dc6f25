/* Means weighted by precision or trimmed, and effects pooled over studies or sites. */
#ifndef NVC_MODEL_STAT_WEIGHTED_H
#define NVC_MODEL_STAT_WEIGHTED_H

#include "model/stat/stat_lm.h"

#include <stddef.h>

struct nvc_pooled {
    double mean, se, dof, tau2, i2;         /* se after Knapp & Hartung; i2 in percent, of the typical variance */
    double prediction_low, prediction_high; /* of a new unit: t with k - 2 degrees of freedom */
};
/* y_i ~ N(mean, tau2 + v_i): tau2 by restricted maximum likelihood, the standard error of Knapp & Hartung
 * (2003, doi:10.1002/sim.1482) with k - 1 degrees of freedom.  One unit: its own v, no tau2.  All v > 0. */
struct nvc_pooled nvc_pool_effects(const double *y, const double *v, size_t k, double level);

/* Difference of two groups whose values carry standard errors: each group has its own tau2; Satterthwaite's
 * degrees of freedom.  NaN when a group has fewer than two values. */
struct nvc_estimate nvc_precision_difference(const double *y1, const double *v1, size_t n1, const double *y0,
                                             const double *v0, size_t n0, double level);

/* Difference of weighted means with the HC3 error of the weighted regression on the group. */
struct nvc_estimate nvc_weighted_difference(const double *y1, const double *w1, size_t n1, const double *y0,
                                            const double *w0, size_t n0, double level);

/* Difference of 20 % trimmed means with winsorised variances (Yuen 1974, doi:10.1093/biomet/61.1.165).  Sorted; NaN when fewer
 * than three values of a group are left. */
struct nvc_estimate nvc_trimmed_difference(const double *y1, size_t n1, const double *y0, size_t n0, double level);

#endif
