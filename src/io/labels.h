/* Label tables of atlases: which voxel value is which region.  Eight dialects, told apart by content:
 *
 *   one name per line    the line number is the value (Tian); a list whose lines begin with numbers is refused
 *   TSV                  columns `index` and `name` (BIDS, TemplateFlow) or `label` (AtlasPack)
 *   FSL XML              value = index of a "Label" atlas, index + 1 of a "Probabilistic" one (its maximum-probability
 *                        summary image; the volume of the 4-D image is value - 1, from 0)
 *   SPM XML              <label><index>4201</index><name>Amygdala_L</name></label> (AAL.xml, AAL3v1.xml): value = index
 *   Julich-Brain XML     <Structure grayvalue="75">LB (Amygdala)</Structure>
 *   FreeSurfer LUT       id name R G B A, with # comments
 *   ITK-SNAP             id R G B opacity visible mesh "name", with # comments; 0 is background
 *   AAL list             id name number, or abbreviation name id (ROI_MNI_V4.txt)
 *
 * Names come as they stand (blanks around them dropped): finding the side in a name is model/roi's.  Refused, with
 * the line: a value that is not an integer or comes twice, an empty name, no label at all, XML with a DOCTYPE that
 * declares entities, a name over 4 KiB, a file over 16 MiB. */
#ifndef NVC_IO_LABELS_H
#define NVC_IO_LABELS_H

#include "base/status.h"

#include <stddef.h>

enum nvc_label_kind { NVC_LABELS_LINES, NVC_LABELS_TSV, NVC_LABELS_FSL_XML, NVC_LABELS_FREESURFER, NVC_LABELS_ITKSNAP, NVC_LABELS_AAL, NVC_LABELS_JULICH_XML,
                      NVC_LABELS_SPM_XML };

struct nvc_label {
    long value;
    char *name;
};
struct nvc_labels {
    enum nvc_label_kind kind;
    struct nvc_label *items;   /* in the order of the file */
    size_t n, cap;
    char *atlas_name;          /* FSL XML header name, or NULL */
    int probabilistic;         /* FSL XML type: volumes are probabilities in % */
    char *image, *summary;     /* FSL XML: imagefile and summaryimagefile (the first of each), or NULL */
};
/* Returns 0, NVC_EDATA or NVC_ESYS; l is the caller's to release after 0 and empty otherwise. */
int nvc_labels_read(struct nvc_labels *l, const char *path, struct nvc_error *err) NVC_CHECKED;
void nvc_labels_release(struct nvc_labels *l);

/* For the readers of the dialects: append a label (name: n bytes, blanks around them dropped), and read XML. */
int nvc_labels_add(struct nvc_labels *l, long value, const char *name, size_t n, struct nvc_error *err) NVC_CHECKED;
int nvc_labels_parse_xml(struct nvc_labels *l, const char *text, size_t n, struct nvc_error *err) NVC_CHECKED;

#endif
