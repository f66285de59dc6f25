/* The quality of a cohort at a glance: one line for each participant, with the worst of their regions and runs. */
#ifndef NVC_PLOT_QUALITY_PLOT_H
#define NVC_PLOT_QUALITY_PLOT_H

#include "base/status.h"
#include "base/text.h"
#include "plot/canvas.h"

#include <stddef.h>

struct nvc_quality_line {
    const char *label, *verdict;             /* verdict: pass, flag, fail or n/a */
    double coverage, tsnr, fd_mm;            /* smallest, smallest, largest; NaN: not known, no mark */
};

/* Appends the picture.  limits: where coverage, tSNR and FD are flagged, drawn as lines; NaN: none.  NVC_EUSAGE: no line; NVC_ESYS. */
int nvc_quality_plot(struct nvc_text *out, enum nvc_picture kind, const struct nvc_quality_line *lines, size_t n, const double limits[3],
                     struct nvc_error *err) NVC_CHECKED;

#endif
