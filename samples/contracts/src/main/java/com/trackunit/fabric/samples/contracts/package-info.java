// SPDX-License-Identifier: Apache-2.0
/**
 * What the reference services share: the messages as records with one JSON codec, the names on the
 * wire, and how a service reads its environment.
 */
@NullMarked
package com.trackunit.fabric.samples.contracts;

import org.jspecify.annotations.NullMarked;
