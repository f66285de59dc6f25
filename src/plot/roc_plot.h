/* ROC curves. */
#ifndef NVC_PLOT_ROC_PLOT_H
#define NVC_PLOT_ROC_PLOT_H

#include "base/status.h"
#include "base/text.h"
#include "plot/canvas.h"

#include <stddef.h>

struct nvc_roc_line {
    const char *label; /* with its area and interval */
    const double *x, *y; /* 1 - specificity and sensitivity, n corners from (0, 0) to (1, 1) */
    size_t n;
};

/* At most eight curves in one square; appends the picture.  NVC_EUSAGE: none or more; NVC_ESYS. */
int nvc_roc_plot(struct nvc_text *out, enum nvc_picture kind, const struct nvc_roc_line *lines, size_t n,
                 struct nvc_error *err) NVC_CHECKED;

#endif
