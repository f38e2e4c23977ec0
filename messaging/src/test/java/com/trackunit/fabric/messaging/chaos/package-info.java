// SPDX-License-Identifier: Apache-2.0
/** Publishers and consumers under faults that a seed decides: {@code script/chaos messaging}. */
@NullMarked
package com.trackunit.fabric.messaging.chaos;

import org.jspecify.annotations.NullMarked;
