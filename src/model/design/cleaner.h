/* Nuisance, trend and frequencies out of band, taken out of series in ONE projection: filtering after regression (or before)
 * brings back what the other took out.  Lindquist et al. 2019, doi 10.1002/hbm.24528; Hallquist et al. 2013, doi
 * 10.1016/j.neuroimage.2013.05.116. */
#ifndef NVC_MODEL_CLEANER_H
#define NVC_MODEL_CLEANER_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_cleaner_spec {
    size_t n;                  /* volumes */
    double tr_s;
    int trend;                 /* degree of the polynomial: 0 mean, 1 linear, 2 quadratic */
    const double *confounds;   /* n x n_confounds or NULL */
    size_t n_confounds;
    double low_hz, high_hz;    /* keep low <= f <= high; NaN: no limit on that side */
    const bool *keep;          /* per volume; false: censored; NULL: all kept */
};

struct nvc_cleaner;
/* NVC_EDATA: no degree of freedom is left (says how many columns of which kind), or an empty band. */
int nvc_cleaner_new(struct nvc_cleaner **c, const struct nvc_cleaner_spec *spec, struct nvc_error *err) NVC_CHECKED;
void nvc_cleaner_free(struct nvc_cleaner *c);
size_t nvc_cleaner_dof(const struct nvc_cleaner *c); /* kept volumes less columns */
/* Y: n x k, column-major; each column becomes its residual, censored volumes 0.  work: n x k or more. */
void nvc_cleaner_apply(const struct nvc_cleaner *c, double *Y, size_t k, double *work);
/* The same of a cleaner with a band in single precision, for ranks and correlations of whole images: to some 1e-5 of the series' sd.  What
 * stands at censored volumes means nothing. */
void nvc_cleaner_band(const struct nvc_cleaner *c, float *Y, size_t k, float *work);

#endif
