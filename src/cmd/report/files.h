/* What nvc-report is given: outputs of the other commands, told apart by their endings and columns. */
#ifndef NVC_CMD_REPORT_FILES_H
#define NVC_CMD_REPORT_FILES_H

#include "base/text.h"
#include "cli/provenance.h"
#include "io/tsv.h"

#include <stdbool.h>

enum report_kind {
    REPORT_SKIP,     /* nothing to show: images, series, designs, sidecars, the same table in another form */
    REPORT_INDICES,  /* coupling rows */
    REPORT_QUALITY,  /* of nvc-qc */
    REPORT_OVERLAP,  /* of masks */
    REPORT_GLM,      /* for the methods */
    REPORT_GROUP,    /* case-control table */
    REPORT_TABLE,    /* any other table */
    REPORT_MARKDOWN, /* a table of nvc-group as .md */
    REPORT_TEXT, REPORT_PNG, REPORT_SVG
};

struct report_file {
    const char *path, *name; /* name: without folders */
    enum report_kind kind;
    struct nvc_table table;  /* of the kinds that are tables */
    char *bytes;             /* of the others */
    size_t n;
};

struct report_files {
    struct report_file *items;
    size_t n;
    struct nvc_input_mark *marks;
};
/* Read them; NVC_EDATA or NVC_ESYS with the name of the one that cannot be read, NVC_EDATA when none can be shown. */
int report_files_read(struct report_files *f, char **paths, int n, struct nvc_error *err) NVC_CHECKED;
void report_files_release(struct report_files *f);

#endif
