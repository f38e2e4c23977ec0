// SPDX-License-Identifier: Apache-2.0
/** A Spring Integration flow beside the bridge, in a process of its own. */
@NullMarked
package com.trackunit.fabric.benchmarks.bridge.spring;

import org.jspecify.annotations.NullMarked;
