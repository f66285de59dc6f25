/* Label tables of atlases: which value is which region.  Four dialects, told apart by content:
 * one name per line (line number = value, Tian), TSV with index and name (BIDS/TemplateFlow), FSL XML
 * (value = index + 1 in max-probability images), FreeSurfer LUT (id name R G B A). */
#ifndef NVC_IO_LABELS_H
#define NVC_IO_LABELS_H

#include "base/status.h"

#include <stddef.h>

enum nvc_label_kind { NVC_LABELS_LINES, NVC_LABELS_TSV, NVC_LABELS_FSL_XML, NVC_LABELS_FREESURFER };

struct nvc_label { long value; char *name; };
struct nvc_labels {
    enum nvc_label_kind kind;
    struct nvc_label *items;
    size_t n;
    char *atlas_name;          /* FSL XML header name, or NULL */
    int probabilistic;         /* FSL XML type: volumes are probabilities in %, volume = index */
    char *image, *summary;     /* FSL XML: imagefile and summaryimagefile (the first of each), or NULL */
};
int nvc_labels_read(struct nvc_labels *l, const char *path, struct nvc_error *err) NVC_CHECKED;
void nvc_labels_release(struct nvc_labels *l);

#endif
