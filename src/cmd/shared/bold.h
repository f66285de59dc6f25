/* A run as commands meet it: the image, the sidecar beside it, its repetition time and whose it is. */
#ifndef NVC_CMD_BOLD_H
#define NVC_CMD_BOLD_H

#include "cli/provenance.h"
#include "io/nifti.h"
#include "model/region/series.h"

#include <jansson.h>
#include <stdbool.h>

struct bold {
    const char *path;        /* "-": standard input */
    struct nvc_nifti *image;
    json_t *meta;            /* the sidecar; NULL: none */
    double tr_s;
    enum nvc_orientation orientation; /* set before bold_open; 0: as the rules of io/nifti.h decide */
};

/* The option that decides when sform and qform of a header disagree, of an int field of a command's options. */
extern const char *const bold_orientations[]; /* "auto", "sform", "qform", in the order of enum nvc_orientation */
#define OPT_ORIENTATION(S, FIELD) \
    OPT_CHOICE(S, FIELD, 0, "orientation", "FORM", bold_orientations, "which orientation to believe when sform and qform of the header disagree")

/* An image or a table, told by the first bytes.  A regular file is opened anew by its reader; *stream stays open for what can be
 * read only once, else it is NULL. */
int bold_tell_kind(struct nvc_stream **stream, bool *image, const char *path, struct nvc_error *err) NVC_CHECKED;

/* Open `path` (b zeroed but for its orientation), or read on from `stream` if it is not NULL (it then belongs to b, also after a failure), saying
 * the remarks on the header as warnings.  tr: which repetition time to believe, or NULL (io/repetition.h). */
int bold_open(struct bold *b, const char *path, struct nvc_stream *stream, const char *tr, struct nvc_error *err) NVC_CHECKED;
void bold_release(struct bold *b);

/* NVC_EDATA when the mask at mask_path has another grid. */
int bold_check_grid(const struct bold *b, const struct nvc_grid *mask, const char *mask_path, struct nvc_error *err) NVC_CHECKED;

/* After the last volume: the whole file was good; what follows it is said as a warning. */
int bold_finish(struct bold *b, struct nvc_error *err) NVC_CHECKED;
struct nvc_input_mark bold_mark(const struct bold *b);

/* Who, from the BIDS name (bids_name, or the path), and what the sidecar says of slice timing. */
int bold_identify(const struct bold *b, const char *bids_name, struct nvc_series *s, struct nvc_error *err) NVC_CHECKED;

#endif
