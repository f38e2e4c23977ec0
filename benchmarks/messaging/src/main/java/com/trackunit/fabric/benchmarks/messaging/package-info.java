// SPDX-License-Identifier: Apache-2.0
/** What a confirmed message and an acked delivery cost, beside their peers. */
@NullMarked
package com.trackunit.fabric.benchmarks.messaging;

import org.jspecify.annotations.NullMarked;
