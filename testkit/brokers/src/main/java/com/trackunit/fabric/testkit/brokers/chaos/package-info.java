// SPDX-License-Identifier: Apache-2.0
/**
 * Runs under faults that a seed decides, judged by ledgers: what the chaos of every module shares.
 * {@link com.trackunit.fabric.testkit.brokers.chaos.ChaosProgram} is where to begin.
 */
@NullMarked
package com.trackunit.fabric.testkit.brokers.chaos;

import org.jspecify.annotations.NullMarked;
