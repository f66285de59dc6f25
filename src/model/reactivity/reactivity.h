/* How strongly a series follows a stimulus of the vessels, and how late: regression over a grid of lags.
 *
 * At every lag the general linear model (ARMA(1,1) noise averaged over its posterior, model/glm/glm.h) gives the slope, its variance
 * and the restricted likelihood.  With a flat prior the lags have the posterior w = exp(log likelihood) / sum, and
 *     slope = sum w b,   variance = sum w [v + (b - slope)^2],
 * so that the error of the slope holds that of the lag; picking the lag of the highest R2 alone would bias the slope of a weak
 * response away from 0.  The lag is the mode, its interval the 2.5 and 97.5 % points; a side whose tail runs into the end of
 * the grid is open (NaN).  Practice: Moia et al. 2021, doi 10.1016/j.neuroimage.2021.117914. */
#ifndef NVC_MODEL_REACTIVITY_H
#define NVC_MODEL_REACTIVITY_H

#include "base/status.h"
#include "model/glm/glm.h"
#include "model/design/trace.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_reactivity_spec {
    const struct nvc_trace *stimulus;
    const double *frame_s;         /* n: when each volume was taken */
    size_t n;
    const double *nuisance;        /* n x n_nuisance, the constant included */
    size_t n_nuisance;
    double lag_low_s, lag_high_s, lag_step_s; /* the series is the stimulus of lag_s before */
};

struct nvc_reactivity {
    double slope, se, dof, ci_low, ci_high; /* per unit of the stimulus; NaN: no signal */
    double lag_s, lag_ci_low_s, lag_ci_high_s; /* NaN interval of a grid of one */
    bool lag_at_edge;              /* the mode is an end of the grid */
};

/* Fit n_series of the source.  tick(with, lags done, of) after each lag, or NULL.  NVC_EDATA: the stimulus does not vary in
 * the run at some lag beside the nuisance. */
int nvc_reactivity_fit(const struct nvc_reactivity_spec *spec, const struct nvc_glm_source *source, size_t n_series, int n_threads,
                       struct nvc_reactivity *out, void (*tick)(void *with, size_t done, size_t of), void *with,
                       struct nvc_error *err) NVC_CHECKED;

#endif
