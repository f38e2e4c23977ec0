// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

/**
 * What was really sent to the object store. Immutable.
 *
 * @param bytes how many
 * @param checksum {@code sha256:} and 64 hexadecimal digits
 */
record StoredPhoto(long bytes, String checksum) {}
