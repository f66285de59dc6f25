/* The picture that lets a person judge a mask in five seconds: for each region three planes through its centre on the run's
 * mean image with its outline, and the same planes of the tSNR map. */
#ifndef NVC_PLOT_MASK_PLOT_H
#define NVC_PLOT_MASK_PLOT_H

#include "base/grid.h"
#include "base/status.h"
#include "base/text.h"
#include "model/region/roi.h"
#include "plot/canvas.h"

struct nvc_mask_picture {
    const struct nvc_mask *mask;
    size_t n_regions;          /* the first of the mask are drawn, 8 at most */
    const float *mean, *tsnr;  /* one value a voxel; NaN is left white */
    double level;              /* the brain's median signal: mid grey; NaN: taken from the image */
    const char *title;
    const char *const *captions; /* n_regions lines under the name of the region */
};

/* Left is drawn left; one panel shows 70 x 70 mm, sampled trilinearly every 0.7 mm; the outline is weight 0.5. */
int nvc_mask_plot(struct nvc_text *out, enum nvc_picture kind, const struct nvc_mask_picture *p, struct nvc_error *err) NVC_CHECKED;

#endif
