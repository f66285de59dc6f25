/* What nvc-hrf writes: rows of the coupling table of class bold-shape, and curves. */
#ifndef NVC_TABLE_HRF_H
#define NVC_TABLE_HRF_H

#include "base/column.h"
#include "base/status.h"
#include "base/text.h"
#include "model/coupling/coupling.h"
#include "model/rest/rest_hrf.h"
#include "model/rest/rest_width.h"
#include "model/region/series.h"
#include "model/response/shape.h"
#include "model/response/task_shape.h"

extern const struct nvc_column nvc_hrf_curve_columns[], nvc_lag_columns[];

/* Indices of one region and condition (fit in percent): hrf_height, ttp, fwhm, hrf_onset, undershoot, undershoot_time, hrf_auc, hrf_z,
 * hrf_misfit, and hrf_latency where the fit has one.  n/a with no_response, weak_response, fwhm_censored, ttp_censored where they may not be printed. */
int nvc_shape_indices(struct nvc_coupling *c, const struct nvc_series *s, size_t region, const char *condition,
                      const struct nvc_shape_fit *fit, const struct nvc_shape_print *print, struct nvc_error *err) NVC_CHECKED;

/* Indices of one resting region: hrf_rest_fwhm_s, with hrf_rest_events, hrf_rest_z_event (sparse).  other: the estimate of the other
 * method, whose disagreement by more than two standard errors is noted (input_not_white). */
int nvc_width_indices(struct nvc_coupling *c, const struct nvc_series *s, size_t region, enum nvc_width_method method,
                      const struct nvc_width *w, const struct nvc_width *other, struct nvc_error *err) NVC_CHECKED;

/* Indices of the published estimator: rshrf_height, rshrf_ttp, rshrf_fwhm, rshrf_events; each noted shape_not_identified. */
int nvc_rest_indices(struct nvc_coupling *c, const struct nvc_series *s, size_t region, const struct nvc_rest_hrf *h,
                     struct nvc_error *err) NVC_CHECKED;

/* Slope of the height per unit of a modulator: hrf_slope, contrast `face_x_intensity`; seen: the
 * condition has a response at all, else noted no_response. */
int nvc_slope_index(struct nvc_coupling *c, const struct nvc_series *s, size_t region, const char *condition, const char *modulator,
                    const struct nvc_slope *slope, bool seen, struct nvc_error *err) NVC_CHECKED;

/* Rows of a curve every dt_s; low, high: its interval, or NULL. */
struct nvc_hrf_samples { size_t n; double dt_s; const double *value, *low, *high; };
int nvc_hrf_curve_rows(struct nvc_text *out, const struct nvc_region_facts *region, const char *condition, const struct nvc_hrf_samples *h,
                       struct nvc_error *err) NVC_CHECKED;
int nvc_lag_rows(struct nvc_text *out, const struct nvc_region_facts *region, const struct nvc_rest_hrf *h, struct nvc_error *err) NVC_CHECKED;

#endif
