/* JSON through Jansson: strict reading with limits, and writing in which numbers have the fewest digits
 * that read back equal (Jansson's own writer prints 17). */
#ifndef NVC_IO_JSON_H
#define NVC_IO_JSON_H

#include "base/status.h"
#include "base/text.h"

#include <jansson.h>
#include <stddef.h>

/* Parse a file (duplicate keys, trailing text, more than 64 MiB, and depth over 200 are refused).
 * *root is the caller's: json_decref. */
int nvc_json_read(json_t **root, const char *path, struct nvc_error *err) NVC_CHECKED;
int nvc_json_parse(json_t **root, const char *text, size_t n, const char *what, struct nvc_error *err) NVC_CHECKED;
/* Append `value`: compact in one line (indent 0) or indented; members keep their order. */
int nvc_json_write(struct nvc_text *out, const json_t *value, int indent, struct nvc_error *err) NVC_CHECKED;
/* A number or null (NaN): facts hold null where something is unknown. */
json_t *nvc_json_real(double v);
/* Member as number (NaN when absent or null; NVC_EDATA when of another kind). */
int nvc_json_get_real(const json_t *object, const char *key, double *value, struct nvc_error *err) NVC_CHECKED;
/* Member as text, or `otherwise` when absent or null. */
const char *nvc_json_get_text(const json_t *object, const char *key, const char *otherwise);

#endif
