/* What a picture shows, said inside it: Description of PNG (iTXt, W3C PNG 11.3.4), <title> of SVG (W3C SVG 2, 5.7).  Screen readers
 * and file browsers show it, and a page that takes the picture up has its caption.  (PDF: the title of the document, by the canvas.) */
#ifndef NVC_PLOT_DESCRIPTION_H
#define NVC_PLOT_DESCRIPTION_H

#include "base/status.h"
#include "base/text.h"
#include "plot/canvas.h"

/* Append the n bytes of a picture with the text in it.  PDF is appended as it is.  NVC_ESYS. */
int nvc_description_put(struct nvc_text *out, enum nvc_picture kind, const char *bytes, size_t n, const char *text,
                        struct nvc_error *err) NVC_CHECKED;

/* Append the text that n bytes of any PNG or SVG hold; nothing where there is none.  NVC_ESYS. */
int nvc_description_get(struct nvc_text *out, enum nvc_picture kind, const char *bytes, size_t n, struct nvc_error *err) NVC_CHECKED;

#endif
