/* What the searches of a BIDS dataset share. */
#ifndef NVC_IO_BIDS_PRIVATE_H
#define NVC_IO_BIDS_PRIVATE_H

#include "io/bids.h"

#include <dirent.h>
#include <stdbool.h>

struct bids_folder {
    struct dirent **entries; /* bytewise */
    size_t n;
};
/* The names in a folder; what is not there or not a folder has none. */
int bids_folder_read(struct bids_folder *f, const char *path, struct nvc_error *err) NVC_CHECKED;
void bids_folder_release(struct bids_folder *f);

/* The name of a sibling: the pieces of an image's name (a path without its ending) less those that begin with one of `drop` and less
 * the suffix, then `tail`. */
char *bids_sibling(const char *stem, const char *const *drop, const char *tail, struct nvc_error *err);
/* *to is the sibling if there is such a file; it stays when it was found before. */
int bids_find_sibling(char **to, const char *stem, const char *const *drop, const char *tail, struct nvc_error *err) NVC_CHECKED;

/* The files that belong to a perfusion image. */
int bids_perfusion_parts(struct nvc_bids_run *run, struct nvc_error *err) NVC_CHECKED;
/* Whether a file of a folder perf holds no flow, or another stands for it. */
int bids_is_outdone(bool *outdone, const struct bids_folder *f, const char *name, struct nvc_error *err) NVC_CHECKED;

#endif
