/* What the files of the NIfTI reader share.  Private to io. */
#ifndef NVC_IO_NIFTI_PRIVATE_H
#define NVC_IO_NIFTI_PRIVATE_H

#include "base/text.h"
#include "io/nifti.h"

enum { NVC_NIFTI1_SIZE = 348, NVC_NIFTI2_SIZE = 540, NVC_NIFTI_EXTENDER = 4 };

/* The fields of either version as they stand in the file, in native numbers: nothing judged yet. */
struct nvc_nifti_fields {
    int version;         /* 1 or 2 */
    bool big_endian, swap, pair;
    int64_t dim[8];
    double pixdim[8], vox_offset, slope, inter;
    int datatype, bitpix, intent_code, xyzt_units, qform_code, sform_code;
    double quatern[3], qoffset[3], srow[3][4];
    char descrip[81];
};

struct nvc_buffer { /* grows with what arrives, never with what a header claims */
    unsigned char *data;
    size_t cap;
};

struct nvc_nifti {
    struct nvc_stream *stream;      /* where the voxels are: x.img of a pair */
    struct nvc_nifti_fields fields;
    struct nvc_nifti_header header;
    struct nvc_text remarks;
    uint64_t vox_offset;
    size_t voxel_bytes, volume_voxels, volume_bytes, next;
    struct nvc_buffer volume;       /* also scratch before the first volume */
    struct nvc_ahead *ahead;        /* the thread that reads the next volume, or NULL */
    char warning[256];
};

/* Unsigned number of 2, 4 or 8 bytes. */
uint64_t nvc_nifti_bits(const unsigned char *at, size_t width, bool swap);

/* Size of the header that starts with these four bytes, or 0; *swap and *big_endian are set. */
size_t nvc_nifti_header_size(const unsigned char head[4], bool *swap, bool *big_endian);
/* Decode `size` bytes field by field.  NVC_EDATA when the magic is not that of its version. */
int nvc_nifti_fields_decode(struct nvc_nifti_fields *f, const unsigned char *bytes, size_t size,
                            struct nvc_error *err) NVC_CHECKED;
/* Say what a file that is not NIfTI seems to be.  Returns NVC_EDATA. */
int nvc_nifti_refuse(const unsigned char *head, size_t n, struct nvc_error *err);

/* At most n bytes of s into `b`; fewer only at the end of the data. */
int nvc_buffer_read(struct nvc_buffer *b, struct nvc_stream *s, size_t n, size_t *got, struct nvc_error *err) NVC_CHECKED;
/* Volume `v` of n, whose turn it is, into `b`. */
int nvc_nifti_read_volume(struct nvc_nifti *n, size_t v, struct nvc_buffer *b, struct nvc_error *err) NVC_CHECKED;

/* Reading ahead: a thread decodes volume v + 1 while the caller works on v.  nvc_ahead_start leaves
 * n->ahead NULL where that would not pay or no thread is to be had; the same bytes come either way. */
void nvc_ahead_start(struct nvc_nifti *n);
int nvc_ahead_next(struct nvc_ahead *a, const void **bytes, struct nvc_error *err) NVC_CHECKED;
void nvc_ahead_stop(struct nvc_nifti *n); /* afterwards the stream is the caller's again */

/* Judge the fields and fill n's header and sizes. */
int nvc_nifti_judge(struct nvc_nifti *n, enum nvc_orientation how, struct nvc_error *err) NVC_CHECKED;
/* Voxel to world from sform, qform or pixdim. */
int nvc_nifti_space(const struct nvc_nifti_fields *f, enum nvc_orientation how, struct nvc_nifti_header *h,
                    struct nvc_text *remarks, struct nvc_error *err) NVC_CHECKED;
/* Do the two place every corner voxel within half a voxel of `a` from each other? */
bool nvc_nifti_forms_agree(const struct nvc_grid *a, const struct nvc_grid *b);

#endif
