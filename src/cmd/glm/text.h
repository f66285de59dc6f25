/* The words of the page of nvc-glm. */
#ifndef NVC_CMD_GLM_TEXT_H
#define NVC_CMD_GLM_TEXT_H

#include "cli/cmd.h"

extern const char *const nvc_glm_description[];
extern const struct nvc_section nvc_glm_sections[];
extern const struct nvc_example nvc_glm_examples[];
extern const char *const nvc_glm_references[];
extern const char *const nvc_glm_see_also[];

#endif
