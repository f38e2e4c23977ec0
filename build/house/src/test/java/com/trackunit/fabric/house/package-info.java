// SPDX-License-Identifier: Apache-2.0
/** The rules of the house as tests. */
@NullMarked
package com.trackunit.fabric.house;

import org.jspecify.annotations.NullMarked;
