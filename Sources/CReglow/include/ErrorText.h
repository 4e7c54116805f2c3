#ifndef REGLOW_ERROR_TEXT_H
#define REGLOW_ERROR_TEXT_H

/* The text of reglow_last_error: a buffer of each thread's own, so that it needs no release. Cut after 2047 bytes. */
void reglow_set_error_text(const char *message);
const char *reglow_error_text(void);

#endif
