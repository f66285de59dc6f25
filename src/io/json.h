/* JSON through Jansson: strict reading with limits, and writing in which numbers have the fewest digits
 * that read back equal (Jansson's own writer prints 17). */
#ifndef NVC_IO_JSON_H
#define NVC_IO_JSON_H

#include "base/status.h"
#include "base/text.h"

#include <jansson.h>
#include <stddef.h>

/* Parse a file ("-": standard input; gzip or plain) or n bytes of text, where `what` stands in messages.
 * Strict: one object or array; duplicate keys, trailing text, NaN, invalid UTF-8, \u0000, numbers that
 * overflow, more than 64 MiB and more than 200 levels are refused with line and column; a BOM is dropped.
 * *root is the caller's: json_decref.  Returns 0, NVC_EDATA or NVC_ESYS; *root is NULL on failure. */
int nvc_json_read(json_t **root, const char *path, struct nvc_error *err) NVC_CHECKED;
int nvc_json_parse(json_t **root, const char *text, size_t n, const char *what, struct nvc_error *err) NVC_CHECKED;

/* Append `value`: compact in one line (indent 0) or with `indent` blanks a level and '\n' between members
 * (none at the end); members keep their order.  The same value gives the same bytes.  Refused (NVC_ESYS) when
 * an allocation of Jansson's has failed before and nobody has told: the value may lack a member. */
int nvc_json_write(struct nvc_text *out, const json_t *value, int indent, struct nvc_error *err) NVC_CHECKED;

/* Jansson answers NULL alike when memory is out and when text is not UTF-8, and a parser without memory
 * with a syntax error.  nvc_main calls nvc_json_watch before there is any JSON; then nvc_json_fail tells
 * which it was: "WHAT: out of memory" (NVC_ESYS) or "WHAT: holds text that is not UTF-8" (NVC_EDATA). */
void nvc_json_watch(void);
int nvc_json_fail(struct nvc_error *err, const char *what);

/* A new number or null (NaN, infinities): facts hold null where something is unknown. */
json_t *nvc_json_real(double v);
/* Member as number (NaN when absent or null; NVC_EDATA when of another kind, *value is NaN then, too). */
int nvc_json_get_real(const json_t *object, const char *key, double *value, struct nvc_error *err) NVC_CHECKED;
/* Member as text (borrowed), or `otherwise` when absent, null or of another kind. */
const char *nvc_json_get_text(const json_t *object, const char *key, const char *otherwise);

#endif
