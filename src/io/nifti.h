/* NIfTI-1 and -2 images, streamed volume by volume.  Headers are hostile until proven otherwise: the
 * rules of reading stand in nvctools(7), Images.  nifticlib gives definitions and geometry, never the bytes. */
#ifndef NVC_IO_NIFTI_H
#define NVC_IO_NIFTI_H

#include "base/grid.h"
#include "base/status.h"
#include "io/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nvc_orientation { NVC_ORIENT_AUTO, NVC_ORIENT_SFORM, NVC_ORIENT_QFORM };

struct nvc_nifti_header {
    struct nvc_grid grid;
    size_t n_volumes;
    double tr_s;           /* NaN: the header does not know (0, NaN, Hz, implausible) */
    bool tr_ms_suspect;    /* the value looks like ms: 100 to 20000, with unit s or unknown; tr_s is NaN */
    bool tr_unit_guessed;  /* unit unknown, value taken as s: the caller warns */
    int version;           /* 1 or 2 */
    bool big_endian;
    int datatype;          /* DT_* of nifti1.h */
    double slope, inter;   /* 1, 0 when unscaled */
    double voxel_mm[3];
    char *region_table;    /* text of a header extension with ecode 6 (comment) that starts with '{', or NULL */
    char descrip[81];
};

struct nvc_nifti; /* an image being read; opaque */

/* Open and check the header.  `path` may be "-"; x.hdr opens x.img or x.img.gz beside it.
 * Returns 0, NVC_EDATA or NVC_ESYS with a message that names the file, the field, what was found and
 * what was wanted.  Close with nvc_nifti_close. */
int nvc_nifti_open(struct nvc_nifti **n, const char *path, enum nvc_orientation how, enum nvc_inflater inflater,
                   struct nvc_error *err) NVC_CHECKED;
/* The same on a stream whose bytes were only peeked at (standard input told apart by content).  s belongs
 * to the image, also after a failure. */
int nvc_nifti_open_stream(struct nvc_nifti **n, struct nvc_stream *s, enum nvc_orientation how, enum nvc_inflater inflater,
                          struct nvc_error *err) NVC_CHECKED;
/* Do the first n (>= 4) decoded bytes of a file look like a NIfTI header of either version and byte order? */
bool nvc_nifti_sniff(const void *head, size_t n);

const struct nvc_nifti_header *nvc_nifti_header(const struct nvc_nifti *n);
const char *nvc_nifti_name(const struct nvc_nifti *n); /* of the file with the voxels: for messages */
/* Remarks on the header worth a warning (not an error), '\n' between them, or "". */
const char *nvc_nifti_remarks(const struct nvc_nifti *n);

/* The next volume as stored (bytes of the file's datatype and byte order), valid until the next call;
 * NULL reads past it.  From a packed file a thread of the image's own decodes the volume after this one
 * in the meantime; bytes and messages are the same without it.
 * Raw bytes are for callers that need few voxels: decode those with nvc_nifti_decode. */
int nvc_nifti_next_raw(struct nvc_nifti *n, const void **bytes, struct nvc_error *err) NVC_CHECKED;
/* Decode `count` voxels at the given linear indices (NULL: 0..count-1) of a raw volume into doubles,
 * scaled.  NaN and infinities are kept. */
void nvc_nifti_decode(const struct nvc_nifti *n, const void *bytes, const size_t *index, size_t count, double *out);
/* The same to float32 for contiguous voxels [first, first + count): the fast path of whole images. */
void nvc_nifti_decode_float(const struct nvc_nifti *n, const void *bytes, size_t first, size_t count, float *out);
/* The next volume as doubles (dim0*dim1*dim2). */
int nvc_nifti_next(struct nvc_nifti *n, double *out, struct nvc_error *err) NVC_CHECKED;
/* Read what is left, to the end of the file, check CRC and length, judge what follows the last volume.
 * *warning is "" or a remark.  An image is only good once this has returned 0. */
int nvc_nifti_finish(struct nvc_nifti *n, const char **warning, struct nvc_error *err) NVC_CHECKED;
/* Of the decoded bytes of the file with the voxels; complete after nvc_nifti_finish. */
uint32_t nvc_nifti_crc32(const struct nvc_nifti *n);
uint64_t nvc_nifti_bytes(const struct nvc_nifti *n);
void nvc_nifti_close(struct nvc_nifti *n);

/* Writing: little-endian NIfTI-1 (NIfTI-2 when a dimension exceeds 32767) of float32, uint16 or int16.  The
 * sform is the grid; the qform too, where a quaternion can say it to half a voxel.  Both carry the grid's
 * space_code. */
struct nvc_nifti_spec {
    struct nvc_grid grid;
    size_t n_volumes;      /* 1: a 3-D image */
    double tr_s;           /* NaN: no time axis unit */
    int datatype;          /* DT_FLOAT32, DT_UINT16, DT_INT16 */
    double slope, inter;   /* integer types: value = slope * stored + inter; 0 slope means unscaled */
    const char *region_table; /* ecode-6 extension text or NULL */
    const char *descrip;   /* at most 79 bytes are kept; NULL: none */
    int intent_code;       /* 0: none; NIFTI_INTENT_TTEST ... */
    double intent_p[3];
};
struct nvc_nifti_writer; /* opaque */
/* `path` ends in .nii or .nii.gz, or is "-" (plain bytes) or a device; otherwise NVC_EUSAGE. */
int nvc_nifti_create(struct nvc_nifti_writer **w, const char *path, const struct nvc_nifti_spec *spec,
                     struct nvc_error *err) NVC_CHECKED;
/* One volume of dim0*dim1*dim2 values, in order; integer types are rounded to even and clamped, and refuse
 * NaN (NVC_EDATA). */
int nvc_nifti_put(struct nvc_nifti_writer *w, const float *volume, struct nvc_error *err) NVC_CHECKED;
/* All volumes must have come.  w is released in any case. */
int nvc_nifti_commit(struct nvc_nifti_writer *w, struct nvc_error *err) NVC_CHECKED;
void nvc_nifti_abandon(struct nvc_nifti_writer *w);

#endif
