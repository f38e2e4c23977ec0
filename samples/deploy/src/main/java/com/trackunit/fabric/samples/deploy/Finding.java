// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

/**
 * Something that is not as it must be.
 *
 * @param object which one, as {@code kind: Deployment api-gateway/kong}
 * @param rule a word or two
 * @param sentence what is wrong, and what was expected
 */
record Finding(String object, String rule, String sentence) {
  @Override
  public String toString() {
    return object + ": " + sentence + " [" + rule + "]";
  }
}
