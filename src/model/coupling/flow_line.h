/* How much more (or less) a region fluctuates than the subject's own flow line predicts: the coupling residual.
 *
 * Over P >= 50 grey-matter parcels (not the region's neighbours) with c = ln CBF and a = ln ALFF, the line a = abar + b (c - cbar)
 * is fitted with the noise of c taken out of its variance (errors in variables), and the region's departure from it is
 *     e = (a_B - abar) - b (c_B - cbar),
 *     var e = se_a^2 + b^2 se_c^2 + s_r^2 (1/P + (c_B - cbar)^2 / S_cc),   z = e / (s_r sqrt(1 + h)).
 * 100 (exp(e) - 1) is percent more fluctuation than predicted.
 *
 * Why not the log-ratio ln(CBF) - ln(ALFF) against grey matter: it supposes a slope of 1.  With a true slope of .4, patients whose
 * flow is 20 % less ON the same line "differ" in half of the studies. */
#ifndef NVC_MODEL_FLOW_LINE_H
#define NVC_MODEL_FLOW_LINE_H

#include "base/status.h"

#include <stddef.h>

struct nvc_flow_line_point { double ln_cbf, ln_cbf_se, ln_alff, ln_alff_se; }; /* se NaN: unknown, taken as 0 */

struct nvc_flow_line {
    double slope, slope_se, reliability; /* of c: share of its variance that is not noise */
    double residual, se, z, dof;   /* of the region; dof P - 2 */
    double residual_sd;
    size_t n_parcels;
    const char *why_not;           /* word of the note when there is no line: few_parcels, flow_unreliable, flow_below_3_errors; NULL */
};

/* NVC_EDATA: fewer than 50 parcels, flow no more variable than its noise, or the region's CBF below three of its errors; *out then
 * holds NaN and why_not. */
int nvc_flow_line_fit(const struct nvc_flow_line_point *parcels, size_t n, const struct nvc_flow_line_point *region,
                      struct nvc_flow_line *out, struct nvc_error *err) NVC_CHECKED;

/* Slope of y on x when both carry noise, variance of the noise of y over that of x = ratio (Deming); weights w or NULL.
 * Weighted least squares would be attenuated by the noise of x.  *r2: squared correlation.  NaN when x does not vary. */
double nvc_deming_of_moments(double xx, double yy, double xy, double ratio);
double nvc_deming_slope(const double *x, const double *y, const double *w, size_t n, double ratio, double *r2);

#endif
