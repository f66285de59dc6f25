/* Mask images: ours (4-D weights or, with --binary, a 3-D label image; names in the header extension or in X.tsv beside)
 * and anybody's (a 3-D label image: mask_<value>; a 3-D weight image: the stem of the file; sides from the sign of x). */
#ifndef NVC_TABLE_MASK_H
#define NVC_TABLE_MASK_H

#include "base/status.h"
#include "io/labels.h"
#include "io/nifti.h"
#include "model/region/roi.h"

#include <stdbool.h>
#include <stdint.h>

struct nvc_mask_source { /* what was read, for messages and provenance */
    uint32_t crc32;
    uint64_t bytes;
    bool foreign;        /* no region table was found */
};

/* Read a mask ("-": standard input).  labels: names of the values of a label image, or NULL.
 * NVC_EDATA: not a mask (values that are neither labels nor weights, a region table that does not fit), NVC_ESYS. */
int nvc_mask_read(struct nvc_mask *m, const char *path, const struct nvc_labels *labels, struct nvc_mask_source *source,
                  struct nvc_error *err) NVC_CHECKED;

/* The same with the orientation that was decided for the run. */
int nvc_mask_read_as(struct nvc_mask *m, const char *path, enum nvc_orientation how, const struct nvc_labels *labels,
                     struct nvc_mask_source *source, struct nvc_error *err) NVC_CHECKED;

/* A brain mask on grid g: true where the value is > 0.  NVC_EDATA when the grids differ.  The caller frees *inside. */
int nvc_brain_read(bool **inside, const char *path, const struct nvc_grid *g, struct nvc_mask_source *source,
                   struct nvc_error *err) NVC_CHECKED;

int nvc_brain_read_as(bool **inside, const char *path, enum nvc_orientation how, const struct nvc_grid *g,
                      struct nvc_mask_source *source, struct nvc_error *err) NVC_CHECKED;

/* Write the image; binary: one 3-D uint16 label image (NVC_EDATA where regions overlap), else 4-D float32.  The table
 * beside it is the caller's to write. */
int nvc_mask_write(const struct nvc_mask *m, const char *path, bool binary, struct nvc_error *err) NVC_CHECKED;

#endif
