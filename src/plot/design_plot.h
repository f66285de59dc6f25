/* The picture of a design matrix. */
#ifndef NVC_PLOT_DESIGN_PLOT_H
#define NVC_PLOT_DESIGN_PLOT_H

#include "base/status.h"
#include "base/text.h"
#include "model/design/design.h"
#include "plot/canvas.h"

/* Columns in shades of grey, each scaled to its own range, grouped by role, time downwards in s; beside it
 * the correlations between the columns.  The bytes are appended to out.  NVC_ESYS. */
int nvc_design_plot(struct nvc_text *out, const struct nvc_design *d, enum nvc_picture kind, const char *title,
                    struct nvc_error *err) NVC_CHECKED;

#endif
