/* What nvc-balloon says beyond the indices: the posterior of every parameter, its covariance, and curves. */
#ifndef NVC_TABLE_BALLOON_H
#define NVC_TABLE_BALLOON_H

#include "base/column.h"
#include "base/status.h"
#include "base/text.h"
#include "model/response/balloon_fit.h"
#include "model/coupling/coupling.h"
#include "model/region/series.h"

extern const struct nvc_column nvc_posterior_columns[], nvc_covariance_columns[], nvc_balloon_curve_columns[];

/* One region's inversion. */
struct nvc_balloon_result {
    const struct nvc_series *series;
    size_t region;
    const char *const *conditions; /* one per input */
    const struct nvc_balloon_problem *problem;
    const struct nvc_balloon_fit *fit;
};

/* Append the rows of one region; the caller writes the headers with nvc_columns_header. */
int nvc_posterior_rows(struct nvc_text *out, const struct nvc_balloon_result *r, struct nvc_error *err) NVC_CHECKED;
int nvc_covariance_rows(struct nvc_text *out, const struct nvc_balloon_result *r, struct nvc_error *err) NVC_CHECKED;
int nvc_balloon_curve_rows(struct nvc_text *out, const struct nvc_balloon_result *r, struct nvc_error *err) NVC_CHECKED;

/* Indices of class model: balloon_efficacy per condition, balloon_decay, balloon_autoregulation, balloon_transit, balloon_alpha,
 * balloon_e0.  se: posterior sd.  Notes: prior_dominated where the data took less than half of the prior variance away,
 * not_converged. */
int nvc_balloon_indices(struct nvc_coupling *c, const struct nvc_balloon_result *r, struct nvc_error *err) NVC_CHECKED;

#endif
