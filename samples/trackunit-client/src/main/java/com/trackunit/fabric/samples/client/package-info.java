// SPDX-License-Identifier: Apache-2.0
/**
 * The reference client: sends a photo of a machine into the fabric and waits for the recognised
 * answer. {@link com.trackunit.fabric.samples.client.TrackunitClient} is the library, {@link
 * com.trackunit.fabric.samples.client.TrackunitClientCommand} the command.
 */
@NullMarked
package com.trackunit.fabric.samples.client;

import org.jspecify.annotations.NullMarked;
