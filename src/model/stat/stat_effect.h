/* Sizes of effects of two groups, and what a null finding is worth.
 * Differences are case minus control; a is the case, b the control sample. */
#ifndef NVC_MODEL_STAT_EFFECT_H
#define NVC_MODEL_STAT_EFFECT_H

#include "model/stat/stat_sample.h"

/* gamma(m/2) / (sqrt(m/2) gamma((m-1)/2)): the exact small-sample factor (Hedges 1981,
 * doi:10.3102/10769986006002107); NaN below m = 2. */
double nvc_hedges_j(double dof);

struct nvc_effect {
    double d, d_low, d_high; /* Cohen: difference over pooled sd */
    double g, g_low, g_high; /* Hedges: J d, limits by inverting the noncentral t, times J */
    double glass;            /* difference over the sd of the controls */
};
struct nvc_effect nvc_effect_size(const struct nvc_sample *a, const struct nvc_sample *b, double level);

/* Two one-sided Welch tests against -+bound in units of the index; p is the larger (Schuirmann 1987). */
double nvc_tost(const struct nvc_sample *a, const struct nvc_sample *b, double bound);
/* Bounds -+bound_g in standard deviations are as random as the sd: equivalence is shown at level alpha when
 * the 1 - 2 alpha interval of g lies inside.  The smallest such alpha, by the noncentral t. */
double nvc_tost_standardised(const struct nvc_sample *a, const struct nvc_sample *b, double bound_g);

/* JZS Bayes factor BF10 of Student's t with a Cauchy prior of scale r on the effect (Rouder et al. 2009,
 * doi:10.3758/PBR.16.2.225): above 1 speaks for a difference. */
double nvc_bayes_factor(double t, double n1, double n0, double r);

/* The g that a two-sided test at alpha finds with this power at these numbers, by the noncentral t. */
double nvc_minimum_detectable_g(double n1, double n0, double alpha, double power);

#endif
