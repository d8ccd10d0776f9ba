#pragma once
// The header wants to know the width of a character before it is read; 8 is bytes, thus UTF-8.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
