/* Figures of group comparisons: every point, its density, mean and interval by group. */
#ifndef NVC_PLOT_GROUP_PLOT_H
#define NVC_PLOT_GROUP_PLOT_H

#include "base/status.h"
#include "base/text.h"
#include "plot/canvas.h"

#include <stddef.h>

enum { NVC_PANEL_GROUPS = 8 };

struct nvc_panel_group {
    const char *label;
    const double *x; /* sorted, n values */
    size_t n;
    double mean, low, high; /* NaN: not drawn */
};

struct nvc_panel {
    const char *title, *caption; /* caption below the title; NULL: none */
    const char *axis;            /* label of the values with their unit */
    struct nvc_panel_group groups[NVC_PANEL_GROUPS];
    size_t n_groups;
};

/* Panels in rows of at most three, 180 mm wide (a double column of a journal): per group the points (spread
 * sideways, never up or down), a half violin (Gaussian kernel, Silverman's width; from five values on) and
 * mean with interval.  Panels of one axis share its scale; names that are too long are cut in the middle.  A dotted
 * line marks 0 where it is in range.  Appends the picture to out.
 * NVC_EUSAGE: no panel; NVC_ESYS. */
int nvc_group_plot(struct nvc_text *out, enum nvc_picture kind, const struct nvc_panel *panels, size_t n,
                   struct nvc_error *err) NVC_CHECKED;

#endif
