/* Atlases as they come: an image and a list of names.  Label images (3-D, one value a region) and probability images
 * (4-D, one volume a region, 0..1 or 0..100), with any label table of io/labels.h; the built-in ellipsoids without files. */
#ifndef NVC_TABLE_ATLAS_H
#define NVC_TABLE_ATLAS_H

#include "base/status.h"
#include "base/text.h"
#include "io/labels.h"
#include "model/region/roi.h"
#include "model/region/roi_name.h"
#include "model/region/roi_sample.h"

#include <stdbool.h>
#include <stdint.h>

struct nvc_atlas {
    char name[96], space[96];      /* "n/a" when unknown */
    char *image, *table;           /* paths; NULL: built in */
    char *other;                   /* image of the other hemisphere, once joined; NULL: none */
    bool builtin, probability;
    struct nvc_labels labels, other_labels;
    struct nvc_part *parts;        /* what can be asked for; names point into labels */
    size_t n_parts;
    struct nvc_atlas_image *loaded;/* label images: one, or two hemispheres; probability images: one a part, empty where not asked for */
    size_t n_loaded;
    struct { uint32_t crc32; uint64_t bytes; } mark[2]; /* of the image and of the other, once loaded */
};

/* The built-in ellipsoids. */
int nvc_atlas_builtin(struct nvc_atlas *a, struct nvc_error *err) NVC_CHECKED;

/* Names of an atlas on file.  image: .nii[.gz], or an FSL .xml (its 4-D image, or its summary image when there is no
 * other).  table: NULL looks beside the image for X.tsv, X.txt, X_label.txt, X.nii.txt, X.xml, then for FSL's.  name: NULL takes the atlas- entity or
 * the stem.  The space is that of a tpl- or space- entity.  NVC_EDATA when no table is found: regions are chosen by name. */
int nvc_atlas_open(struct nvc_atlas *a, const char *image, const char *table, const char *name,
                   struct nvc_error *err) NVC_CHECKED;
void nvc_atlas_release(struct nvc_atlas *a);
/* Add the label image of the other hemisphere (table: as above), so that regions of both can be asked for at once. */
int nvc_atlas_join(struct nvc_atlas *a, const char *other, const char *table, struct nvc_error *err) NVC_CHECKED;
/* What the other hemisphere's file would be called (lh.X and rh.X, _lh_ and _rh_, hemi-L and hemi-R), whether it is there
 * or not; NULL when the name says no hemisphere. */
int nvc_atlas_hemisphere(const char *image, char **other, struct nvc_error *err) NVC_CHECKED;

/* Read the parts that `groups` need from the image: memory is one volume and the boxes that hold them. */
int nvc_atlas_load(struct nvc_atlas *a, const struct nvc_groups *groups, struct nvc_error *err) NVC_CHECKED;

struct nvc_atlas_sampling {
    enum nvc_sampling how;
    double threshold; /* smaller weights are left out; 0: keep all above 0 */
};
/* Sample a group on the grid of m and append it: one region, or two when names without a side cover both hemispheres
 * (split at x = 0).  Regions are measured, their sides not yet checked. */
int nvc_atlas_region(struct nvc_mask *m, const struct nvc_atlas *a, const struct nvc_group *g,
                     const struct nvc_atlas_sampling *s, struct nvc_error *err) NVC_CHECKED;

/* For nvc_atlas_open: the table beside an image, or, as FSL has it, the .xml one folder above that names it; the image that an
 * .xml names; labels or probabilities, by the number of volumes. */
int nvc_atlas_find_table(const char *image, char **table, struct nvc_error *err) NVC_CHECKED;
int nvc_atlas_image_of_xml(const struct nvc_labels *l, const char *xml, char **image, struct nvc_error *err) NVC_CHECKED;
int nvc_atlas_kind(struct nvc_atlas *a, struct nvc_error *err) NVC_CHECKED;

#endif
