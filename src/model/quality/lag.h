/* How much later one series is than another, from the slow part that they share (0.01 to 0.1 Hz): as lag maps do it that look for
 * blood on its way to the veins (Tong et al. 2012, doi 10.1117/1.JBO.17.10.106004).
 *
 * After a parabola is taken out, C(tau) = sum_k Re(conj(R_k) Y_k exp(i w_k tau)) over the Fourier bins of the band, at steps of 0.05 s;
 * the lag is where it is largest, r is C there over the root of the powers.  Where r is below 3.3 / sqrt(2 bins), no more than the
 * search finds in unrelated series, there is none.  Its error follows from what the shifted reference leaves: var = s2 / (2 h^2 sum
 * w^2 |R|^2), s2 the mean power of the rest in a bin, h the gain (intervals hold planted lags in 95 +- 3.5 %: tests/unit/test_qc). */
#ifndef NVC_MODEL_LAG_H
#define NVC_MODEL_LAG_H

#include "base/status.h"

#include <stddef.h>

struct nvc_lag { double lag_s, se_s, r; }; /* positive: y is later.  NaN: shared no more than by chance, or the end of the range */

struct nvc_lag_finder; /* opaque; of one reference; may be used by many threads */
/* reference[n] every tr_s; lags up to most_s either way.  NVC_EDATA: fewer than 8 bins in the band, or a reference that is constant or
 * not finite. */
int nvc_lag_finder_new(struct nvc_lag_finder **f, const double *reference, size_t n, double tr_s, double most_s, struct nvc_error *err) NVC_CHECKED;
void nvc_lag_finder_free(struct nvc_lag_finder *f);
/* Of y[n]; NaN for a y that is constant or not finite. */
int nvc_lag_find(const struct nvc_lag_finder *f, const double *y, struct nvc_lag *out, struct nvc_error *err) NVC_CHECKED;

#endif
