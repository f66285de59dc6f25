/* The picture of a fit: how the model follows the series of each region. */
#ifndef NVC_PLOT_FIT_PLOT_H
#define NVC_PLOT_FIT_PLOT_H

#include "base/status.h"
#include "base/text.h"
#include "model/glm/diagnosis.h"
#include "plot/canvas.h"

/* For each region three panels over time: the series without confounds and drift, in percent of its mean, with the fit; the
 * part of each condition; the whitened residuals in standard deviations with what Cook's distance points at (above 4/n).
 * Censored volumes are grey.  The bytes are appended to out.  NVC_EDATA: no region has a fit, or more than 40 have; NVC_ESYS. */
int nvc_fit_plot(struct nvc_text *out, enum nvc_picture kind, const struct nvc_diagnoses *l, struct nvc_error *err) NVC_CHECKED;

#endif
