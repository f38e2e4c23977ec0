// SPDX-License-Identifier: Apache-2.0
/** Millions of messages through one publisher and one consumer: {@code script/soak messaging}. */
@NullMarked
package com.trackunit.fabric.messaging.soak;

import org.jspecify.annotations.NullMarked;
