/* Names of regions in atlases: which side they say, and which of them a request means. */
#ifndef NVC_MODEL_ROI_NAME_H
#define NVC_MODEL_ROI_NAME_H

#include "base/status.h"

#include <stddef.h>

/* Side in a label ("lAMY-lh", "Left-Amygdala", "rh.BLA", "GM Amygdala_laterobasal group L"; any case) and the region
 * without it; blanks become '_'.  side: "L", "R" or "n/a".  Longer names are cut to fit. */
void nvc_label_side(const char *label, char region[static 96], char side[static 8]);

/* One label of an atlas as it can be asked for. */
struct nvc_part {
    const char *name;         /* as the atlas writes it; borrowed */
    char region[96], side[8]; /* of nvc_label_side, or set by the caller */
    long value;               /* label value, or number of the volume */
    size_t image;             /* of an atlas in two files, one a hemisphere: which; else 0 */
};

struct nvc_member {
    size_t part;
    double weight;
};
/* What a request asks for: a region made of parts on one side. */
struct nvc_group {
    char region[96], side[8];
    struct nvc_member *members;
    size_t n;
};
struct nvc_groups {
    struct nvc_group *items;
    size_t n;
};
void nvc_groups_release(struct nvc_groups *g);

/* An atlas' own names for a common one: alias "BLA", terms "Lateral-nucleus+Basal-nucleus". */
struct nvc_alias {
    const char *name, *terms;
};

/* Append what `request` means:
 *   PATTERN                    glob or exact, against the label, the region without its side, and <region>_<side>:
 *                              every region and side it matches
 *   ALIAS                      a name of `aliases`, unless a label matches exactly
 *   NAME=TERM+TERM...          one region per side, the union of its terms; TERM is PATTERN or WEIGHT*PATTERN
 * Sides never mix.  0; NVC_EUSAGE (grammar); NVC_EDATA: nothing matches (a near miss is named); NVC_ESYS. */
int nvc_select(struct nvc_groups *out, const struct nvc_part *parts, size_t n_parts, const struct nvc_alias *aliases,
               size_t n_aliases, const char *request, struct nvc_error *err) NVC_CHECKED;

#endif
