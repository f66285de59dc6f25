/* The picture of response curves. */
#ifndef NVC_PLOT_CURVE_PLOT_H
#define NVC_PLOT_CURVE_PLOT_H

#include "base/status.h"
#include "base/text.h"
#include "model/response/shape.h"
#include "plot/canvas.h"

enum { NVC_CURVE_PANELS = 24 };
struct nvc_curve_panel {
    const char *title;
    const struct nvc_shape_band *bands; /* one per curve */
    const bool *seen;      /* one per curve: false is drawn dashed, without its band */
};

/* One panel for each region, at most NVC_CURVE_PANELS, all on one scale: the curves of the conditions (names[n_curves]) with their
 * intervals as bands, time in s, and a word on the dashed ones.  The bytes are appended to out.  NVC_ESYS. */
int nvc_curve_plot(struct nvc_text *out, const struct nvc_curve_panel *panels, size_t n_panels, const char *const *names,
                   size_t n_curves, enum nvc_picture kind, struct nvc_error *err) NVC_CHECKED;

#endif
