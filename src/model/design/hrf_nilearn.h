/* nilearn's response and its way from events to regressors (glm/first_level/hemodynamic_models.py), for parity: the
 * first sample lies one fine bin before 0, the grid is stretched by N/(N - 1), a box of d seconds has d/dt bins, an
 * event one bin of height 1, and values at the time of a volume are interpolated. */
#ifndef NVC_MODEL_HRF_NILEARN_H
#define NVC_MODEL_HRF_NILEARN_H

#include "model/design/design_internal.h"

enum { NVC_NILEARN_BINS = 50 };           /* per volume */
static const double nvc_nilearn_past_s = 24; /* earlier events are left out */

bool nvc_hrf_is_nilearn(const struct nvc_hrf *hrf);
/* Function j sampled at n points. */
void nvc_nilearn_kernel(const struct nvc_hrf *hrf, double *h, size_t n, double dt_s, size_t j);
/* x[n_rows]: the regressor at first_s + n * tr_s. */
int nvc_nilearn_regress(double *x, size_t n_rows, double tr_s, double first_s, const struct nvc_stimulus *s, const double *u,
                        const double *B, size_t n_B, struct nvc_error *err) NVC_CHECKED;

#endif
