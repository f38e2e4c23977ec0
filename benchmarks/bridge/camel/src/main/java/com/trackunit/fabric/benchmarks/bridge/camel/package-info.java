// SPDX-License-Identifier: Apache-2.0
/** A Camel route beside the bridge, in a process of its own. */
@NullMarked
package com.trackunit.fabric.benchmarks.bridge.camel;

import org.jspecify.annotations.NullMarked;
