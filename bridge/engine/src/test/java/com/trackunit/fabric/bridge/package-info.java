// SPDX-License-Identifier: Apache-2.0
/** Tests of the bridge engine: the core under a simulated world, the driver under real brokers. */
@NullMarked
package com.trackunit.fabric.bridge;

import org.jspecify.annotations.NullMarked;
