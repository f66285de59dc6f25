/* Stimulus timing files of FSL and AFNI, as text: when, how long, how strong.  A file holds one condition; its name
 * is the caller's to give.
 *
 *   FSL 3-column  a line an event: onset, duration, weight, separated by blanks.  The single line "0 0 0", by which FSL
 *                 writes that there is no event, gives none.
 *   AFNI          a line a run: times separated by blanks, each `t`, `t*amplitude`, `t:duration` or
 *                 `t*amplitude:duration`; `*` stands for no event (and marks times as local).  # begins a comment line.
 *                 As in 3dDeconvolve, a file of several lines with one time each and no `*` holds times since the
 *                 start of the first run (`global`).
 *
 * Numbers are strict, and refused with the line: n/a, a negative duration, a second amplitude of an event, blank
 * lines between others, for AFNI times below 0 (in old files a filler where `*` belongs), and files over 16 MiB. */
#ifndef NVC_IO_TIMING_H
#define NVC_IO_TIMING_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_timing_event {
    double onset_s, duration_s; /* duration NaN: the file does not say (AFNI) */
    double weight;              /* 1 unless the file says otherwise */
    size_t run;                 /* from 0; FSL: 0 */
};
struct nvc_timing {
    struct nvc_timing_event *events; /* in the order of the file */
    size_t n, cap;
    size_t n_runs;                   /* FSL: 1 */
    bool global;                     /* AFNI: times since the start of the first run, in one run here */
};

/* `path` may be "-".  0, NVC_EDATA or NVC_ESYS; t is the caller's to release after 0 and empty otherwise. */
int nvc_timing_read_fsl(struct nvc_timing *t, const char *path, struct nvc_error *err) NVC_CHECKED;
int nvc_timing_read_afni(struct nvc_timing *t, const char *path, struct nvc_error *err) NVC_CHECKED;
void nvc_timing_release(struct nvc_timing *t);

#endif
