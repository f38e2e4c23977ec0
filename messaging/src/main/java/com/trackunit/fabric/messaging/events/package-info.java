// SPDX-License-Identifier: Apache-2.0
/**
 * The typed layer beside the raw one: events and commands as Java values, told apart by the header
 * {@code x-schema}. It adds no guarantee and takes none away.
 */
@NullMarked
package com.trackunit.fabric.messaging.events;

import org.jspecify.annotations.NullMarked;
