// SPDX-License-Identifier: Apache-2.0
/**
 * The words every module shares: errors, states of long-lived resources, health, correlation,
 * clocks, deadlines and backoff. It depends on no other module and on no client library.
 */
@NullMarked
package com.trackunit.fabric.core;

import org.jspecify.annotations.NullMarked;
