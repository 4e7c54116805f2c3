#include "ErrorText.h"

#include <string.h>

enum { capacity = 2048 };

static _Thread_local char text[capacity];

void reglow_set_error_text(const char *message) {
    size_t length = strnlen(message, capacity - 1);
    // A character is not cut in the middle: the bytes that continue one are 10xxxxxx.
    if (message[length] != 0) {
        while (length > 0 && ((unsigned char)message[length] & 0xC0) == 0x80) length--;
    }
    memcpy(text, message, length);
    text[length] = 0;
}

const char *reglow_error_text(void) { return text; }
