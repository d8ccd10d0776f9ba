#pragma once
// mallopt(3): not in the Glibc module.
#include <malloc.h>
