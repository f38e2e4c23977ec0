// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core;

/** Something that knows whether it works, such as a connection. */
@FunctionalInterface
public interface HealthSource {
  /**
   * The answer now, from what is known already: it opens nothing, calls no peer and does not block.
   *
   * @return never null
   */
  Health health();
}
