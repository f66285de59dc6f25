/* Template spaces: what it means when an atlas and a run name different ones. */
#ifndef NVC_MODEL_ROI_SPACE_H
#define NVC_MODEL_ROI_SPACE_H

enum nvc_space_verdict {
    NVC_SPACE_SAME,
    NVC_SPACE_UNKNOWN, /* one of them does not say */
    NVC_SPACE_NEAR,    /* two templates of the MNI family: usable with a warning */
    NVC_SPACE_OTHER    /* one person's space against a template, or two families */
};

/* Compare the names of two spaces (BIDS names; "n/a" or "": unknown; "subject", "T1w", "native" ...: one person's own;
 * "MNI152": some template of it, as NIfTI code 4 says).
 * *moved_mm is how far the centre of the lateral amygdala may move between them, NaN when nobody measured it:
 * MNI152NLin6Asym and MNI152NLin2009cAsym differ by 3.2 mm on the left and 2.5 mm on the right in the Melbourne Subcortex
 * Atlas (Tian 2020, doi:10.1038/s41593-020-00711-6), which is published in both. */
enum nvc_space_verdict nvc_space_compare(const char *atlas, const char *run, double *moved_mm);

#endif
