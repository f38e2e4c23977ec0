// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import java.util.stream.Stream;

/** Something that must hold in every overlay. */
@FunctionalInterface
interface Rule {
  /** A finding for each breach. */
  Stream<Finding> check(Overlay overlay);
}
